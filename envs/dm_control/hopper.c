/* hopper.c - DeepMind Control's hopper: a planar leg stands, or hops (2 m/s).
 *
 * Observation: position (6: all but x), touch (2: log(1 + force) on toe and heel), velocity (7).
 * Reward: 1 while the torso is 0.6 to 2 m above the foot, multiplied by speed (hop) or by little
 * force (stand).
 */
#include <math.h>

#include "envs/dm_control/suite.h"
#include "envs/tasks.h"

/* Numbers of bodies in the model. */
enum { TORSO = 1, FOOT = 5 };

/* Sensors, in the model's order. */
enum { VELOCITY, TOUCH_TOE, TOUCH_HEEL };

static double *observe(const sg_mujoco *env, double *obs)
{
    obs = sg_dm_put_positions(env, obs);
    obs = sg_dm_put_touch(env, obs, TOUCH_TOE);
    obs = sg_dm_put_touch(env, obs, TOUCH_HEEL);
    return sg_dm_put_velocities(env, obs);
}

/* ---- rewards ---- */

/* Between the centres of mass. */
static double standing(const sg_mujoco *env)
{
    static const sg_tolerance high = {.low = 0.6, .high = 2};
    const double *center = env->data->xipos;
    return sg_tolerate(center[3 * TORSO + 2] - center[3 * FOOT + 2], &high);
}

static void reward_hop(const sg_mujoco *env, sg_transition *t)
{
    static const sg_tolerance fast = {.low = 2,
                                      .high = INFINITY,
                                      .margin = 1,
                                      .sigmoid = SG_SIGMOID_LINEAR,
                                      .value_at_margin = 0.5};
    t->reward = standing(env) * sg_tolerate(sg_dm_sensor(env, VELOCITY)[0], &fast);
}

/* The mean over the controls, with a floor of 0.8. */
static void reward_stand(const sg_mujoco *env, sg_transition *t)
{
    static const sg_tolerance gentle = {.margin = 1, .sigmoid = SG_SIGMOID_QUADRATIC};
    double sum = 0;
    for (int i = 0; i < env->model->nu; i++)
        sum += sg_tolerate(env->data->ctrl[i], &gentle);
    t->reward = standing(env) * (sum / env->model->nu + 4) / 5;
}

/* ---- the tasks ---- */

static const sg_mujoco_task stand = {
    .place = sg_dm_draw_joints,
    .observe = observe,
    .reward = reward_stand,
    .defaults = {.xml_file = "dm_control/hopper.xml", .frame_skip = 4}};

sg_env *sg_dm_hopper_make(const char *id, const char *options, sg_error *error)
{
    sg_mujoco_task task = stand;
    if (sg_dm_is(id, "hop"))
        task.reward = reward_hop;
    return sg_dm_make(&task, id, options, error);
}
