/* reacher.c - DeepMind Control's reacher: the finger of a planar arm goes to a target of 1.5 cm
 * (hard) or 5 cm (easy).
 *
 * Observation: position (2), to_target (2: target - finger), velocity (2). Reward: 1 where finger
 * and target overlap, else 0.
 */
#include <math.h>

#include "envs/dm_control/suite.h"
#include "envs/tasks.h"

/* Numbers of geoms in the model. */
enum { TARGET = 6, FINGER = 9 };

/* ---- the start ---- */

static bool small_target(sg_mujoco *env, sg_error *error)
{
    (void)error;
    env->model->geom_size[3 * TARGET] = 0.015;
    return true;
}

/* The target lies in a ring around the arm's axis. */
static void place(sg_mujoco *env)
{
    sg_dm_draw_joints(env);
    double angle = sg_random_uniform(&env->random, 0, 2 * M_PI);
    double radius = sg_random_uniform(&env->random, 0.05, 0.2);
    env->model->geom_pos[3 * TARGET] = radius * sin(angle);
    env->model->geom_pos[3 * TARGET + 1] = radius * cos(angle);
}

/* The target's place is part of the model. */
static void state(sg_mujoco *env, sg_archive *archive)
{
    sg_archive_f64(archive, "target", env->model->geom_pos + 3 * TARGET, 3);
    sg_dm_state(env, archive);
}

/* ---- observation and reward ---- */

static double *put_to_target(const sg_mujoco *env, double *obs)
{
    const double *target = env->data->geom_xpos + 3 * TARGET;
    const double *finger = env->data->geom_xpos + 3 * FINGER;
    for (int i = 0; i < 2; i++)
        obs[i] = target[i] - finger[i];
    return obs + 2;
}

static double *observe(const sg_mujoco *env, double *obs)
{
    obs = sg_mujoco_put(obs, env->data->qpos, env->model->nq);
    obs = put_to_target(env, obs);
    return sg_dm_put_velocities(env, obs);
}

static void reward(const sg_mujoco *env, sg_transition *t)
{
    const double *size = env->model->geom_size;
    double to_target[2];
    put_to_target(env, to_target);
    sg_tolerance touching = {.high = size[3 * TARGET] + size[3 * FINGER]};
    t->reward = sg_tolerate(mju_norm(to_target, 2), &touching);
}

/* ---- the tasks ---- */

static const sg_mujoco_task easy = {
    .place = place,
    .observe = observe,
    .reward = reward,
    .state = state,
    .defaults = {.xml_file = "dm_control/reacher.xml", .frame_skip = 1}};

sg_env *sg_dm_reacher_make(const char *id, const char *options, sg_error *error)
{
    sg_mujoco_task task = easy;
    if (sg_dm_is(id, "hard"))
        task.prepare = small_target;
    return sg_dm_make(&task, id, options, error);
}
