/* pictures.c - what the classic control tasks look like, in the units of their equations. */
#include <math.h>

#include "envs/classic/classic.h"

static const sg_color PAPER = {255, 255, 255}, INK = {48, 48, 52}, PALE = {205, 208, 212};
static const sg_color WOOD = {202, 152, 101}, AXLE = {112, 128, 204}, ROD = {204, 77, 77};
static const sg_color FLAG = {220, 170, 30};

/* The track is 4.8 wide; the pole's end is 1 above its axle. */
void sg_cartpole_picture(const sg_classic *env, sg_picture *picture)
{
    double x = env->s[0], angle = env->s[2];
    sg_picture_fill(picture, PAPER);
    sg_canvas canvas = sg_canvas_fit(picture, -2.4, 2.4, -0.8, 1.6);
    sg_draw_line(&canvas, -9, 0, 9, 0, 0.02, PALE);
    sg_draw_box(&canvas, x, 0, 0, (double[]){-0.22, 0.22}, (double[]){-0.12, 0.12}, INK);
    sg_draw_line(&canvas, x, 0.1, x + sin(angle), 0.1 + cos(angle), 0.09, WOOD);
    sg_draw_disk(&canvas, x, 0.1, 0.035, AXLE);
}

/* Both links are 1 long; angle 0 hangs down; the tip is to rise above the line. */
void sg_acrobot_picture(const sg_classic *env, sg_picture *picture)
{
    double first = env->s[0], second = env->s[0] + env->s[1];
    double x = sin(first), y = -cos(first);
    sg_picture_fill(picture, PAPER);
    sg_canvas canvas = sg_canvas_fit(picture, -2.2, 2.2, -2.2, 2.2);
    sg_draw_line(&canvas, -9, 1, 9, 1, 0.02, PALE);
    sg_draw_line(&canvas, 0, 0, x, y, 0.2, AXLE);
    sg_draw_line(&canvas, x, y, x + sin(second), y - cos(second), 0.2, ROD);
    sg_draw_disk(&canvas, 0, 0, 0.06, INK);
    sg_draw_disk(&canvas, x, y, 0.06, INK);
}

/* The hill whose slope the car feels. */
static double hill(double x) { return 0.45 * sin(3 * x) + 0.55; }

/* Short straight lines, thick enough to close up. */
static void draw_hill(const sg_canvas *canvas)
{
    const double step = 0.02;
    for (double x = -3; x < 3; x += step)
        sg_draw_line(canvas, x, hill(x), x + step, hill(x + step), 0.012, INK);
}

/* A pole with a pennant. */
static void draw_flag(const sg_canvas *canvas, double x)
{
    double foot = hill(x), top = foot + 0.17;
    const double pennant[3][2] = {{x, top}, {x, top - 0.07}, {x + 0.09, top - 0.035}};
    sg_draw_line(canvas, x, foot, x, top, 0.008, INK);
    sg_draw_polygon(canvas, pennant, 3, FLAG);
}

/* The car stands on its wheels, along the slope. */
static void draw_car(const sg_canvas *canvas, double x)
{
    double y = hill(x), angle = atan(1.35 * cos(3 * x)), c = cos(angle), s = sin(angle);
    sg_draw_box(canvas, x, y, angle, (double[]){-0.06, 0.06}, (double[]){0.03, 0.09}, ROD);
    for (int side = -1; side <= 1; side += 2) {
        double along = 0.035 * side, up = 0.03;
        sg_draw_disk(canvas, x + c * along - s * up, y + s * along + c * up, 0.024, INK);
    }
}

/* From wall to wall; discrete pushes have their goal a little higher. */
void sg_mountain_car_picture(const sg_classic *env, sg_picture *picture)
{
    sg_picture_fill(picture, PAPER);
    sg_canvas canvas = sg_canvas_fit(picture, -1.25, 0.65, -0.05, 1.25);
    draw_hill(&canvas);
    draw_flag(&canvas, env->task->action_count > 0 ? 0.5 : 0.45);
    draw_car(&canvas, env->s[0]);
}

/* Angle 0 is up, and grows to the left. */
void sg_pendulum_picture(const sg_classic *env, sg_picture *picture)
{
    double angle = env->s[0];
    sg_picture_fill(picture, PAPER);
    sg_canvas canvas = sg_canvas_fit(picture, -1.4, 1.4, -1.4, 1.4);
    sg_draw_line(&canvas, 0, 0, -sin(angle), cos(angle), 0.2, ROD);
    sg_draw_disk(&canvas, 0, 0, 0.06, INK);
}
