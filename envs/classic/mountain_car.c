/* mountain_car.c - MountainCar-v0 and MountainCarContinuous-v0: an underpowered car rocks itself
 * out of a valley.
 *
 * State and observation: position, velocity. v0: push left, nothing, right (0, 1, 2), reward -1 a
 * step until position 0.5. Continuous: a force within +-1, reward 100 at position 0.45 less
 * 0.1 force^2 a step; its state is float32 after every step.
 */
#include <math.h>

#include "envs/classic/classic.h"
#include "envs/tasks.h"

/* The whole state. */
static void observe(const sg_classic *env, double *obs)
{
    obs[0] = env->s[0];
    obs[1] = env->s[1];
}

/* At the goal, and fast enough. */
static bool arrived(const sg_classic *env, double goal)
{
    return env->s[0] >= goal && env->s[1] >= env->config.goal_velocity;
}

/* Gravity pulls along the slope of sin(3 x). */
static void step(sg_classic *env, double action, sg_transition *t)
{
    sg_classic_drive(env, (action - 1) * 0.001 + cos(3 * env->s[0]) * -0.0025);
    t->terminated = arrived(env, 0.5);
    t->reward = -1;
}

/* The action counts unclipped in the reward; the goal is tested before rounding. */
static void step_continuous(sg_classic *env, double action, sg_transition *t)
{
    double force = sg_classic_clip(action, -1, 1);
    sg_classic_drive(env, force * 0.0015 - 0.0025 * cos(3 * env->s[0]));
    t->terminated = arrived(env, 0.45);
    t->reward = (t->terminated ? 100 : 0) - action * action * 0.1;
    env->s[0] = sg_classic_float32(env->s[0]);
    env->s[1] = sg_classic_float32(env->s[1]);
}

static const sg_option goal_velocity = {"goal_velocity", SG_OPTION_NUMBER,
                                        offsetof(sg_classic_config, goal_velocity), -1, 1};

static const sg_classic_task discrete = {.state_size = 2,
                                         .obs_size = 2,
                                         .action_count = 3,
                                         .time_limit = 200,
                                         .drawn = 1,
                                         .start_low = {-0.6},
                                         .start_high = {-0.4},
                                         .option = &goal_velocity,
                                         .observe = observe,
                                         .step = step,
                                         .picture = sg_mountain_car_picture};

/* As above, with a force for an action. */
static const sg_classic_task continuous = {.state_size = 2,
                                           .obs_size = 2,
                                           .action_bound = 1,
                                           .time_limit = 999,
                                           .drawn = 1,
                                           .start_low = {-0.6},
                                           .start_high = {-0.4},
                                           .option = &goal_velocity,
                                           .observe = observe,
                                           .step = step_continuous,
                                           .picture = sg_mountain_car_picture};

sg_env *sg_mountain_car_make(const char *id, const char *options, sg_error *error)
{
    return sg_classic_make(&discrete, id, options, error);
}

sg_env *sg_mountain_car_continuous_make(const char *id, const char *options, sg_error *error)
{
    return sg_classic_make(&continuous, id, options, error);
}
