/* acrobot.c - Acrobot-v1: swing a two-link robot up with a motor between the links.
 *
 * State: two angles, two angular velocities. Observation: cos and sin of both angles, velocities.
 * Actions: torque -1, 0, 1 (as 0, 1, 2). Reward: -1 a step, 0 when the tip is one link above the
 * base, which ends the episode.
 */
#include <math.h>

#include "envs/classic/classic.h"
#include "envs/tasks.h"

/* The start is float32 in Gymnasium. */
static void begin(sg_classic *env)
{
    for (int i = 0; i < 4; i++)
        env->s[i] = sg_float32(env->s[i]);
}

/* The angles as points on the circle. */
static void observe(const sg_classic *env, double *obs)
{
    for (int i = 0; i < 2; i++) {
        obs[2 * i] = cos(env->s[i]);
        obs[2 * i + 1] = sin(env->s[i]);
        obs[4 + i] = env->s[2 + i];
    }
}

/* Time derivative of the state (Sutton and Barto, "the book"): masses, lengths and moments of
 * inertia are 1, the centres of mass lie half-way. */
static void derivative(const double s[4], double torque, double ds[4])
{
    const double g = 9.8, centre = 0.5;
    double d1 = centre * centre + (1 + centre * centre + 2 * centre * cos(s[1])) + 2;
    double d2 = (centre * centre + centre * cos(s[1])) + 1;
    double phi2 = centre * g * cos(s[0] + s[1] - M_PI / 2);
    double phi1 = -centre * sg_numpy_square(s[3]) * sin(s[1]) -
                  2 * centre * s[3] * s[2] * sin(s[1]) + (centre + 1) * g * cos(s[0] - M_PI / 2) +
                  phi2;
    ds[0] = s[2];
    ds[1] = s[3];
    ds[3] = (torque + d2 / d1 * phi1 - centre * sg_numpy_square(s[2]) * sin(s[1]) - phi2) /
            (centre * centre + 1 - sg_numpy_square(d2) / d1);
    ds[2] = -(d2 * ds[3] + phi1) / d1;
}

/* y = s + h ds */
static void ahead(const double s[4], double h, const double ds[4], double y[4])
{
    for (int i = 0; i < 4; i++)
        y[i] = s[i] + h * ds[i];
}

/* One Runge-Kutta step of fourth order. */
static void integrate(double s[4], double torque, double dt)
{
    double k1[4], k2[4], k3[4], k4[4], y[4];
    derivative(s, torque, k1);
    ahead(s, dt / 2, k1, y);
    derivative(y, torque, k2);
    ahead(s, dt / 2, k2, y);
    derivative(y, torque, k3);
    ahead(s, dt, k3, y);
    derivative(y, torque, k4);
    for (int i = 0; i < 4; i++)
        s[i] += dt / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
}

/* The same angle within -pi..pi. */
static double wrap(double angle)
{
    while (angle > M_PI)
        angle -= 2 * M_PI;
    while (angle < -M_PI)
        angle += 2 * M_PI;
    return angle;
}

/* The last action holds over the 0.2 seconds of the step. */
static void step(sg_classic *env, double action, sg_transition *t)
{
    double *s = env->s;
    integrate(s, action - 1, 0.2);
    s[0] = wrap(s[0]);
    s[1] = wrap(s[1]);
    s[2] = sg_limit(s[2], -4 * M_PI, 4 * M_PI);
    s[3] = sg_limit(s[3], -9 * M_PI, 9 * M_PI);
    t->terminated = -cos(s[0]) - cos(s[1] + s[0]) > 1;
    t->reward = t->terminated ? 0 : -1;
}

static const sg_classic_task task = {.state_size = 4,
                                     .obs_size = 6,
                                     .action_count = 3,
                                     .time_limit = 500,
                                     .drawn = 4,
                                     .start_low = {-0.1, -0.1, -0.1, -0.1},
                                     .start_high = {0.1, 0.1, 0.1, 0.1},
                                     .begin = begin,
                                     .observe = observe,
                                     .step = step,
                                     .picture = sg_acrobot_picture,
                                     .step_seconds = 0.2};

sg_env *sg_acrobot_make(const char *id, const char *options, sg_error *error)
{
    return sg_classic_make(&task, id, options, error);
}
