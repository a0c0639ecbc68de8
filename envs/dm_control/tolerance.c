/* tolerance.c - the DeepMind Control Suite's reward function and its sigmoids. */
#include "envs/dm_control/tolerance.h"

#include <math.h>
#include <stdbool.h>

#include "tensor/error.h"

/* ---- sigmoids: x is the distance in margins, v the value at x = 1 ---- */

static double gaussian(double x, double v)
{
    double sx = x * sqrt(-2 * log(v));
    return exp(-0.5 * sx * sx);
}

static double hyperbolic(double x, double v) { return 1 / cosh(x * acosh(1 / v)); }

static double long_tail(double x, double v)
{
    double sx = x * sqrt(1 / v - 1);
    return 1 / (sx * sx + 1);
}

static double reciprocal(double x, double v) { return 1 / (x * (1 / v - 1) + 1); }

static double cosine(double x, double v)
{
    double sx = x * acos(2 * v - 1) / M_PI;
    return sx < 1 ? (1 + cos(M_PI * sx)) / 2 : 0;
}

static double linear(double x, double v)
{
    double sx = x * (1 - v);
    return sx < 1 ? 1 - sx : 0;
}

static double quadratic(double x, double v)
{
    double sx = x * sqrt(1 - v);
    return sx < 1 ? 1 - sx * sx : 0;
}

static double tanh_squared(double x, double v)
{
    double t = tanh(x * atanh(sqrt(1 - v)));
    return 1 - t * t;
}

/* `reaches_0`: the value at the margin may be 0. */
static const struct {
    double (*value)(double x, double v);
    bool reaches_0;
} sigmoids[] = {
    [SG_SIGMOID_GAUSSIAN] = {gaussian, false},   [SG_SIGMOID_HYPERBOLIC] = {hyperbolic, false},
    [SG_SIGMOID_LONG_TAIL] = {long_tail, false}, [SG_SIGMOID_RECIPROCAL] = {reciprocal, false},
    [SG_SIGMOID_COSINE] = {cosine, true},        [SG_SIGMOID_LINEAR] = {linear, true},
    [SG_SIGMOID_QUADRATIC] = {quadratic, true},  [SG_SIGMOID_TANH_SQUARED] = {tanh_squared, false},
};

/* ---- the function ---- */

/* Constants of a task: wrong ones are the programmer's. */
static void check(const sg_tolerance *t)
{
    if (!(t->low <= t->high))
        sg_misuse("sg_tolerate: bounds %g to %g", t->low, t->high);
    if (!(t->margin >= 0))
        sg_misuse("sg_tolerate: margin %g; it must not be negative", t->margin);
    double v = t->value_at_margin;
    bool allowed = v < 1 && (v > 0 || (v == 0 && sigmoids[t->sigmoid].reaches_0));
    if (t->margin > 0 && !allowed)
        sg_misuse("sg_tolerate: value_at_margin %g is outside of its sigmoid's range", v);
}

double sg_tolerate(double x, const sg_tolerance *t)
{
    check(t);
    if (t->low <= x && x <= t->high)
        return 1;
    if (t->margin == 0)
        return 0;
    double distance = x < t->low ? t->low - x : x - t->high;
    return sigmoids[t->sigmoid].value(distance / t->margin, t->value_at_margin);
}
