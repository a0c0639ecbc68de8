/* mountain_car.c - MountainCar-v0 and MountainCarContinuous-v0: an underpowered car rocks itself
 * out of a valley.
 *
 * State and observation: position, velocity. v0: push left, nothing, right (0, 1, 2), reward -1 a
 * step until position 0.5. Continuous: a force within +-1, reward 100 at position 0.45 less
 * 0.1 force^2 a step; its state is float32 after every step, and so is, with NumPy 2, all that is
 * made from it.
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

/* One push, which includes the slope, within the track; the wall on the left stops the car. */
static void drive(sg_classic *env, double push, sg_rounding *to)
{
    double *position = &env->s[0], *velocity = &env->s[1];
    *velocity = sg_limit(to(*velocity + to(push)), to(-0.07), to(0.07));
    *position = sg_limit(to(*position + *velocity), to(-1.2), to(0.6));
    if (*position == to(-1.2) && *velocity < 0)
        *velocity = 0;
}

/* At the goal, and fast enough. */
static bool arrived(const sg_classic *env, double goal, sg_rounding *to)
{
    return env->s[0] >= to(goal) && env->s[1] >= to(env->config.goal_velocity);
}

/* Gravity pulls along the slope of sin(3 x). */
static void step(sg_classic *env, double action, sg_transition *t)
{
    drive(env, (action - 1) * 0.001 + cos(3 * env->s[0]) * -0.0025, sg_double);
    t->terminated = arrived(env, 0.5, sg_double);
    t->reward = -1;
}

/* NumPy 2 computes in float32 where a float32 comes in: with the state, which is one but for a
 * start (unless that happens to be one, too), and with a force, unless it was clipped. */
static sg_rounding *type_of(const sg_classic *env, bool float32)
{
    return env->config.numpy == SG_NUMPY_2 && float32 ? sg_float32 : sg_double;
}

/* The action counts unclipped in the reward; the goal is tested before rounding. */
static void step_continuous(sg_classic *env, double action, sg_transition *t)
{
    double force = sg_limit(action, -1, 1);
    sg_rounding *to = type_of(env, sg_float32(env->s[0]) == env->s[0]);
    sg_rounding *to_force = type_of(env, force == action);
    double slope = 0.0025 * cos(to(3 * env->s[0]));
    drive(env, to_force(to_force(to_force(0.0015) * force) - to_force(slope)), to);
    t->terminated = arrived(env, 0.45, to);
    t->reward = (t->terminated ? 100 : 0) - action * action * 0.1;
    env->s[0] = sg_float32(env->s[0]);
    env->s[1] = sg_float32(env->s[1]);
}

static const sg_option known[] = {
    {"goal_velocity", SG_OPTION_NUMBER, offsetof(sg_classic_config, goal_velocity), -1, 1},
    SG_CLASSIC_NUMPY,
};

static const sg_classic_task discrete = {.state_size = 2,
                                         .obs_size = 2,
                                         .action_count = 3,
                                         .time_limit = 200,
                                         .drawn = 1,
                                         .start_low = {-0.6},
                                         .start_high = {-0.4},
                                         .options = known,
                                         .option_count = 1, /* without numpy */
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
                                           .defaults = {.numpy = SG_NUMPY_1},
                                           .options = known,
                                           .option_count = 2,
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
