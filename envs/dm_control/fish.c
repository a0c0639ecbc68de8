/* fish.c - DeepMind Control's fish: rights itself in the water (upright), or swims to a target
 * (swim).
 *
 * Observation: joint_angles (7), target (3: seen from the mouth; swim only), upright (1: the cosine
 * of the torso's tilt), velocity (13). Reward of upright: a Gaussian of that cosine. Reward of
 * swim: seven parts for the mouth in the target, one for being upright.
 */
#include <math.h>

#include "envs/dm_control/suite.h"
#include "envs/tasks.h"

/* Numbers in the model: a body, geoms; and where the free torso's numbers end in qpos. */
enum { TORSO = 1, TARGET = 1, MOUTH = 3, FREE = 7 };

/* ---- the start ---- */

/* Any orientation, tail and fins nearly straight. */
static void place_upright(sg_mujoco *env)
{
    double *qpos = env->data->qpos;
    for (int i = 3; i < FREE; i++)
        qpos[i] = sg_random_normal(&env->random);
    mju_normalize4(qpos + 3);
    sg_dm_keep_quaternion(env);
    for (int i = FREE; i < env->model->nq; i++)
        qpos[i] = sg_random_uniform(&env->random, -0.2, 0.2);
}

static void place_swim(sg_mujoco *env)
{
    double *target = env->model->geom_pos + 3 * TARGET;
    place_upright(env);
    target[0] = sg_random_uniform(&env->random, -0.4, 0.4);
    target[1] = sg_random_uniform(&env->random, -0.4, 0.4);
    target[2] = sg_random_uniform(&env->random, 0.1, 0.3);
}

/* The target's place is part of the model. */
static void state_swim(sg_mujoco *env, sg_archive *archive)
{
    sg_archive_f64(archive, "target", env->model->geom_pos + 3 * TARGET, 3);
    sg_dm_state(env, archive);
}

/* ---- observations ---- */

static double upright(const sg_mujoco *env) { return env->data->xmat[9 * TORSO + 8]; }

static double *put_angles(const sg_mujoco *env, double *obs)
{
    return sg_mujoco_put(obs, env->data->qpos + FREE, env->model->nq - FREE);
}

/* From the mouth, in the mouth's own frame. */
static double *put_target(const sg_mujoco *env, double *obs)
{
    const mjData *d = env->data;
    double vector[3];
    mju_sub3(vector, d->geom_xpos + 3 * TARGET, d->geom_xpos + 3 * MOUTH);
    mju_mulMatTVec(obs, d->geom_xmat + 9 * MOUTH, vector, 3, 3);
    return obs + 3;
}

static double *observe_upright(const sg_mujoco *env, double *obs)
{
    obs = put_angles(env, obs);
    *obs++ = upright(env);
    return sg_dm_put_velocities(env, obs);
}

static double *observe_swim(const sg_mujoco *env, double *obs)
{
    obs = put_target(env, put_angles(env, obs));
    *obs++ = upright(env);
    return sg_dm_put_velocities(env, obs);
}

/* ---- rewards ---- */

static void reward_upright(const sg_mujoco *env, sg_transition *t)
{
    static const sg_tolerance right = SG_GAUSSIAN_TOLERANCE(1, 1, 1);
    t->reward = sg_tolerate(upright(env), &right);
}

static void reward_swim(const sg_mujoco *env, sg_transition *t)
{
    const double *size = env->model->geom_size;
    double radii = size[3 * MOUTH] + size[3 * TARGET], vector[3];
    sg_tolerance near = SG_GAUSSIAN_TOLERANCE(0, radii, 2 * radii);
    put_target(env, vector);
    t->reward = (7 * sg_tolerate(mju_norm3(vector), &near) + 0.5 * (upright(env) + 1)) / 8;
}

/* ---- the tasks ---- */

static const sg_mujoco_task swim = {
    .place = place_swim,
    .observe = observe_swim,
    .reward = reward_swim,
    .state = state_swim,
    .defaults = {.xml_file = "dm_control/fish.xml", .frame_skip = 10}};

static const sg_mujoco_task keep_upright = {
    .place = place_upright,
    .observe = observe_upright,
    .reward = reward_upright,
    .defaults = {.xml_file = "dm_control/fish.xml", .frame_skip = 10}};

sg_env *sg_dm_fish_make(const char *id, const char *options, sg_error *error)
{
    const sg_mujoco_task *task = sg_dm_is(id, "swim") ? &swim : &keep_upright;
    return sg_dm_make(task, id, options, error);
}
