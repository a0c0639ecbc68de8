/* walker.c - DeepMind Control's walker: a planar pair of legs stands, walks (1 m/s) or runs (8
 * m/s).
 *
 * Observation: height (1: the torso's), orientations (14: two entries of each body's rotation
 * matrix), velocity (9). Reward: standing upright; for walk and run multiplied by 1/6 at rest up to
 * 1 at full speed.
 */
#include <math.h>

#include "envs/dm_control/suite.h"
#include "envs/tasks.h"

/* Numbers in the model: a body, a sensor. */
enum { TORSO = 1, VELOCITY = 0 };

static double height(const sg_mujoco *env) { return env->data->xpos[3 * TORSO + 2]; }

/* The cosine of each body's angle and its sine: where x and z of the body point along x. */
static double *observe(const sg_mujoco *env, double *obs)
{
    *obs++ = height(env);
    for (int i = TORSO; i < env->model->nbody; i++) {
        *obs++ = env->data->xmat[9 * i];
        *obs++ = env->data->xmat[9 * i + 2];
    }
    return sg_dm_put_velocities(env, obs);
}

/* Three parts for being high enough, one for holding the torso upright. */
static double standing(const sg_mujoco *env)
{
    static const sg_tolerance high = SG_GAUSSIAN_TOLERANCE(1.2, INFINITY, 0.6);
    double upright = (1 + env->data->xmat[9 * TORSO + 8]) / 2;
    return (3 * sg_tolerate(height(env), &high) + upright) / 4;
}

/* The speed is that of the whole figure's centre of mass. */
static double moving(const sg_mujoco *env, double speed)
{
    sg_tolerance fast = {.low = speed,
                         .high = INFINITY,
                         .margin = speed / 2,
                         .sigmoid = SG_SIGMOID_LINEAR,
                         .value_at_margin = 0.5};
    return standing(env) * (5 * sg_tolerate(sg_dm_sensor(env, VELOCITY)[0], &fast) + 1) / 6;
}

static void reward_stand(const sg_mujoco *env, sg_transition *t) { t->reward = standing(env); }

static void reward_walk(const sg_mujoco *env, sg_transition *t) { t->reward = moving(env, 1); }

static void reward_run(const sg_mujoco *env, sg_transition *t) { t->reward = moving(env, 8); }

static const sg_mujoco_task stand = {
    .place = sg_dm_draw_joints,
    .observe = observe,
    .reward = reward_stand,
    .defaults = {.xml_file = "dm_control/walker.xml", .frame_skip = 10}};

sg_env *sg_dm_walker_make(const char *id, const char *options, sg_error *error)
{
    sg_mujoco_task task = stand;
    if (sg_dm_is(id, "walk"))
        task.reward = reward_walk;
    if (sg_dm_is(id, "run"))
        task.reward = reward_run;
    return sg_dm_make(&task, id, options, error);
}
