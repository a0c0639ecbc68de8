/* cartpole.c - CartPole-v1: keep a pole upright by pushing its cart left (0) or right (1).
 *
 * State and observation: cart position and velocity, pole angle and angular velocity. Reward: 1 a
 * step, the last included; or, with sutton_barto_reward, -1 for the last and 0 before. Ends beyond
 * 2.4 from the middle or 12 degrees from upright.
 */
#include <math.h>

#include "envs/classic/classic.h"
#include "envs/tasks.h"

/* The whole state. */
static void observe(const sg_classic *env, double *obs)
{
    for (int i = 0; i < 4; i++)
        obs[i] = env->s[i];
}

/* The pole is down, or the cart has left its track. */
static bool fallen(const sg_classic *env)
{
    const double widest = 12 * 2 * M_PI / 360;
    return fabs(env->s[0]) > 2.4 || fabs(env->s[2]) > widest;
}

/* To fall again after the end earns nothing, or costs as much again. */
static double reward(const sg_classic *env, bool falls)
{
    if (env->config.sutton_barto_reward)
        return falls ? -1 : 0;
    return falls && env->over ? 0 : 1;
}

/* Barto, Sutton and Anderson 1983, with Euler steps. */
static void step(sg_classic *env, double action, sg_transition *t)
{
    const double gravity = 9.8, pole_mass = 0.1, total_mass = 1.1, half_length = 0.5, tau = 0.02;
    const double pole_moment = pole_mass * half_length;
    double *s = env->s;

    /* accelerations */
    double force = action == 1 ? 10 : -10;
    double cosine = cos(s[2]), sine = sin(s[2]);
    double common = (force + pole_moment * (s[3] * s[3]) * sine) / total_mass;
    double pole = (gravity * sine - cosine * common) /
                  (half_length * (4.0 / 3.0 - pole_mass * (cosine * cosine) / total_mass));
    double cart = common - pole_moment * pole * cosine / total_mass;

    /* positions move with the old velocities */
    s[0] += tau * s[1];
    s[1] += tau * cart;
    s[2] += tau * s[3];
    s[3] += tau * pole;

    t->terminated = fallen(env);
    t->reward = reward(env, t->terminated);
}

static const sg_option known[] = {{"sutton_barto_reward", SG_OPTION_SWITCH,
                                   offsetof(sg_classic_config, sutton_barto_reward), 0, 0}};

static const sg_classic_task task = {.state_size = 4,
                                     .obs_size = 4,
                                     .action_count = 2,
                                     .time_limit = 500,
                                     .drawn = 4,
                                     .start_low = {-0.05, -0.05, -0.05, -0.05},
                                     .start_high = {0.05, 0.05, 0.05, 0.05},
                                     .options = known,
                                     .option_count = 1,
                                     .observe = observe,
                                     .step = step,
                                     .picture = sg_cartpole_picture,
                                     .step_seconds = 0.02};

sg_env *sg_cartpole_make(const char *id, const char *options, sg_error *error)
{
    return sg_classic_make(&task, id, options, error);
}
