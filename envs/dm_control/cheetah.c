/* cheetah.c - DeepMind Control's cheetah: a planar two-legged cheetah runs.
 *
 * Observation: position (8: all but x), velocity (9). Reward: horizontal speed over 10 m/s, between
 * 0 and 1.
 */
#include <math.h>

#include "envs/dm_control/suite.h"
#include "envs/tasks.h"

/* The sensor's number in the model. */
enum { VELOCITY };

/* Bends the joints, then lets the cheetah fall and come to rest: 200 physics steps, the first of
 * which still uses the forces of the initial posture. */
static void place(sg_mujoco *env)
{
    const mjModel *m = env->model;
    mj_forward(m, env->data);
    for (int i = 0; i < m->njnt; i++) {
        if (m->jnt_limited[i])
            sg_dm_draw_limited(env, i);
    }
    sg_dm_simulate(env, 200);
    env->data->time = 0;
}

static double *observe(const sg_mujoco *env, double *obs)
{
    return sg_dm_put_velocities(env, sg_dm_put_positions(env, obs));
}

static void reward(const sg_mujoco *env, sg_transition *t)
{
    static const sg_tolerance fast = {
        .low = 10, .high = INFINITY, .margin = 10, .sigmoid = SG_SIGMOID_LINEAR};
    t->reward = sg_tolerate(sg_dm_sensor(env, VELOCITY)[0], &fast);
}

static const sg_mujoco_task run = {
    .place = place,
    .observe = observe,
    .reward = reward,
    .defaults = {.xml_file = "dm_control/cheetah.xml", .frame_skip = 1}};

sg_env *sg_dm_cheetah_make(const char *id, const char *options, sg_error *error)
{
    return sg_dm_make(&run, id, options, error);
}
