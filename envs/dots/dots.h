/* dots.h - what the dot environments share: a dot pushed about in a square.
 *
 * The square reaches from -1 to 1 in both coordinates; an action is an acceleration for 0.2 s. The
 * published environments (Vasan et al. 2024) compute in the number type of their arrays, and so the
 * moves here are rounded operation by operation to what each task says.
 */
#ifndef SG_DOTS_H
#define SG_DOTS_H

#include "envs/env.h"
#include "envs/options.h"

enum { SG_DOT_DIM = 2 };

/* Position and velocity, within the square and without a bound. */
typedef struct {
    double position[SG_DOT_DIM];
    double velocity[SG_DOT_DIM];
} sg_dot;

/* Which of the numbers are float32; the others are double. */
typedef struct {
    bool state;
    bool action; /* also the products of the action with constants */
} sg_dot_precision;

/* The options of all these tasks. */
typedef struct {
    int timeout;          /* steps */
    bool float32_actions; /* DotSeeker: actions are rounded to float32, as most agents' are */
} sg_dots_config;

/* The option `timeout`, for a task's table. */
#define SG_DOTS_TIMEOUT                                                         \
    {                                                                           \
        "timeout", SG_OPTION_INTEGER, offsetof(sg_dots_config, timeout), 1, 1e9 \
    }

/* A task with two actions in -1..1 that observes `obs_size` values. */
void sg_dots_spec(sg_env_spec *spec, const char *id, int obs_size, int timeout);

/* One step of 0.2 s: the action, clipped to -1..1, changes position and velocity; at a wall the dot
 * bounces back with a tenth of its speed. */
void sg_dot_move(sg_dot *dot, const double *action, sg_dot_precision precision);
/* Position, then velocity. */
void sg_dot_observe(const sg_dot *dot, double *obs);
void sg_dot_state(sg_dot *dot, sg_archive *archive);
/* The square, the goal as the square in which the dot has reached it, the dot and its velocity. */
void sg_dot_render(const sg_dot *dot, const double goal[SG_DOT_DIM], double tolerance,
                   sg_picture *picture);

#endif
