/* cartpole.c - DeepMind Control's cartpole: a cart on a rail keeps a pole upright, or swings it up
 * first.
 *
 * Observation: position (3: the cart's, cosine and sine of the pole's angle from upright), velocity
 * (2). Reward: upright, in the middle, slow and with little force, multiplied; the sparse tasks pay
 * 1 where cart and pole are near the aim.
 */
#include <math.h>

#include "envs/dm_control/suite.h"
#include "envs/tasks.h"

/* The body's number in the model. */
enum { POLE = 2 };

/* ---- the start ---- */

/* Both tasks start with a little speed. */
static void draw_velocities(sg_mujoco *env)
{
    for (int i = 0; i < env->model->nv; i++)
        env->data->qvel[i] = 0.01 * sg_random_normal(&env->random);
}

static void place_balance(sg_mujoco *env)
{
    env->data->qpos[0] = sg_random_uniform(&env->random, -0.1, 0.1);
    env->data->qpos[1] = sg_random_uniform(&env->random, -0.034, 0.034);
    draw_velocities(env);
}

/* Hanging down. */
static void place_swingup(sg_mujoco *env)
{
    env->data->qpos[0] = 0.01 * sg_random_normal(&env->random);
    env->data->qpos[1] = M_PI + 0.01 * sg_random_normal(&env->random);
    draw_velocities(env);
}

/* ---- observation and reward ---- */

/* The pole's own upward direction in the world: its z and x. */
static double pole_cosine(const sg_mujoco *env) { return env->data->xmat[9 * POLE + 8]; }

static double pole_sine(const sg_mujoco *env) { return env->data->xmat[9 * POLE + 2]; }

static double *observe(const sg_mujoco *env, double *obs)
{
    *obs++ = env->data->qpos[0];
    *obs++ = pole_cosine(env);
    *obs++ = pole_sine(env);
    return sg_dm_put_velocities(env, obs);
}

/* Each factor but the first has a floor, so that no single fault takes all. */
static void reward_smooth(const sg_mujoco *env, sg_transition *t)
{
    static const sg_tolerance middle = SG_GAUSSIAN_TOLERANCE(0, 0, 2);
    static const sg_tolerance slow = SG_GAUSSIAN_TOLERANCE(0, 0, 5);
    static const sg_tolerance gentle = {.margin = 1, .sigmoid = SG_SIGMOID_QUADRATIC};
    double upright = (pole_cosine(env) + 1) / 2;
    double centered = (1 + sg_tolerate(env->data->qpos[0], &middle)) / 2;
    double small_control = (4 + sg_tolerate(env->data->ctrl[0], &gentle)) / 5;
    double small_velocity = (1 + sg_tolerate(env->data->qvel[1], &slow)) / 2;
    t->reward = upright * small_control * small_velocity * centered;
}

static void reward_sparse(const sg_mujoco *env, sg_transition *t)
{
    static const sg_tolerance middle = {.low = -0.25, .high = 0.25};
    static const sg_tolerance upright = {.low = 0.995, .high = 1};
    t->reward = sg_tolerate(env->data->qpos[0], &middle) * sg_tolerate(pole_cosine(env), &upright);
}

/* ---- the tasks ---- */

static const sg_mujoco_task balance = {
    .place = place_balance,
    .observe = observe,
    .reward = reward_smooth,
    .defaults = {.xml_file = "dm_control/cartpole.xml", .frame_skip = 1}};

sg_env *sg_dm_cartpole_make(const char *id, const char *options, sg_error *error)
{
    sg_mujoco_task task = balance;
    if (sg_dm_is(id, "swingup") || sg_dm_is(id, "swingup_sparse"))
        task.place = place_swingup;
    if (sg_dm_is(id, "balance_sparse") || sg_dm_is(id, "swingup_sparse"))
        task.reward = reward_sparse;
    return sg_dm_make(&task, id, options, error);
}
