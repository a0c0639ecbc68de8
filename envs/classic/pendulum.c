/* pendulum.c - Pendulum-v1: swing a pendulum up and hold it there with a weak motor. Never ends.
 *
 * State: angle (0 is up), speed. Observation: cos, sin, speed. Action: torque within +-2.
 * Reward: -(angle^2 + 0.1 speed^2 + 0.001 torque^2), of the state before the step.
 */
#include <math.h>

#include "envs/classic/classic.h"
#include "envs/tasks.h"

/* The angle as a point on the circle. */
static void observe(const sg_classic *env, double *obs)
{
    obs[0] = cos(env->s[0]);
    obs[1] = sin(env->s[0]);
    obs[2] = env->s[1];
}

/* The same angle within -pi..pi. */
static double wrap(double angle)
{
    double turn = fmod(angle + M_PI, 2 * M_PI);
    return (turn < 0 ? turn + 2 * M_PI : turn) - M_PI;
}

/* Mass and length are 1; the speed is limited to 8. */
static void step(sg_classic *env, double action, sg_transition *t)
{
    const double dt = 0.05;
    const int numpy = env->config.numpy;
    double angle = env->s[0], speed = env->s[1];
    double torque = sg_limit(action, -2, 2);
    double error = wrap(angle);
    double square = numpy == SG_NUMPY_1 ? sg_numpy_square(torque) : sg_numpy_square32(torque);
    double effort = sg_numpy_times(numpy, 0.001, square);
    t->reward = -(sg_numpy_square(error) + 0.1 * sg_numpy_square(speed) + effort);

    double acceleration = 3 * env->config.g / 2 * sin(angle) + sg_numpy_times(numpy, 3, torque);
    env->s[1] = sg_limit(speed + acceleration * dt, -8, 8);
    env->s[0] = angle + env->s[1] * dt;
}

static const sg_option known[] = {
    {"g", SG_OPTION_NUMBER, offsetof(sg_classic_config, g), -1e3, 1e3},
    SG_CLASSIC_NUMPY,
};

static const sg_classic_task task = {.state_size = 2,
                                     .obs_size = 3,
                                     .action_bound = 2,
                                     .time_limit = 200,
                                     .drawn = 2,
                                     .start_low = {-M_PI, -1},
                                     .start_high = {M_PI, 1},
                                     .defaults = {.g = 10, .numpy = SG_NUMPY_1},
                                     .options = known,
                                     .option_count = 2,
                                     .observe = observe,
                                     .step = step,
                                     .picture = sg_pendulum_picture,
                                     .step_seconds = 0.05};

sg_env *sg_pendulum_make(const char *id, const char *options, sg_error *error)
{
    return sg_classic_make(&task, id, options, error);
}
