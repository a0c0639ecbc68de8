/* dots.c - a dot in a square: how it moves, and what the tasks with it have in common. */
#include "envs/dots/dots.h"

#include <stdio.h>

#include "envs/arithmetic.h"

/* ---- sizes ---- */

void sg_dots_spec(sg_env_spec *spec, const char *id, int obs_size, int timeout)
{
    snprintf(spec->id, sizeof spec->id, "%s", id);
    spec->obs_size = spec->obs_dim[0] = obs_size;
    spec->obs_rank = 1;
    spec->action_size = SG_DOT_DIM;
    for (int i = 0; i < SG_DOT_DIM; i++)
        spec->action_low[i] = -1, spec->action_high[i] = 1;
    spec->time_limit = timeout;
    spec->step_seconds = 0.2;
}

/* ---- moving ---- */

/* The product as an operation on two float32 gives it, or on two doubles. */
static double times(bool float32, double a, double b)
{
    if (!float32)
        return a * b;
    return sg_float32(sg_float32(a) * sg_float32(b));
}

/* The sum likewise. */
static double plus(bool float32, double a, double b) { return float32 ? sg_float32(a + b) : a + b; }

/* One coordinate. The bounce comes before this step's acceleration. */
static void move_along(double *position, double *velocity, double action, sg_dot_precision is)
{
    const double dt = 0.2;
    double half = times(is.action, 0.5, action);
    double moved = times(is.action, half, dt * dt);
    *position = plus(is.state, *position, times(is.state, *velocity, dt));
    *position = plus(is.state, *position, moved);

    /* the wall turns the dot back */
    if (*position < -1 || *position > 1)
        *velocity = times(is.state, *velocity, -0.1);
    *position = sg_limit(*position, -1, 1);
    *velocity = plus(is.state, *velocity, times(is.action, action, dt));
}

/* The actions are rounded before they are clipped, which makes no difference. */
void sg_dot_move(sg_dot *dot, const double *action, sg_dot_precision precision)
{
    for (int i = 0; i < SG_DOT_DIM; i++) {
        double a = precision.action ? sg_float32(action[i]) : action[i];
        a = sg_limit(a, -1, 1);
        move_along(&dot->position[i], &dot->velocity[i], a, precision);
    }
}

/* ---- seeing, saving, drawing ---- */

void sg_dot_observe(const sg_dot *dot, double *obs)
{
    for (int i = 0; i < SG_DOT_DIM; i++) {
        obs[i] = dot->position[i];
        obs[SG_DOT_DIM + i] = dot->velocity[i];
    }
}

void sg_dot_state(sg_dot *dot, sg_archive *archive)
{
    sg_archive_f64(archive, "position", dot->position, SG_DOT_DIM);
    sg_archive_f64(archive, "velocity", dot->velocity, SG_DOT_DIM);
}

void sg_dot_render(const sg_dot *dot, const double goal[SG_DOT_DIM], double tolerance,
                   sg_picture *picture)
{
    const sg_color margin = {205, 208, 212}, paper = {255, 255, 255}, green = {120, 200, 140};
    const sg_color red = {204, 77, 77}, ink = {48, 48, 52};
    const double x = dot->position[0], y = dot->position[1];
    sg_picture_fill(picture, margin);
    sg_canvas canvas = sg_canvas_fit(picture, -1.05, 1.05, -1.05, 1.05);
    sg_draw_box(&canvas, 0, 0, 0, (double[]){-1, 1}, (double[]){-1, 1}, paper);
    sg_draw_box(&canvas, goal[0], goal[1], 0, (double[]){-tolerance, tolerance},
                (double[]){-tolerance, tolerance}, green);
    /* where the velocity leads in one step */
    sg_draw_line(&canvas, x, y, x + 0.2 * dot->velocity[0], y + 0.2 * dot->velocity[1], 0.01, ink);
    sg_draw_disk(&canvas, x, y, 0.03, red);
}
