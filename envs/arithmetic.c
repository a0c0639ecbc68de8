/* arithmetic.c - operations of the published environments' numbers, to the last digit. */
#include "envs/arithmetic.h"

#include <math.h>

double sg_double(double x) { return x; }

/* Volatile, because GCC 12 drops the rounding of two neighbours in memory (wrongly). */
double sg_float32(double x)
{
    volatile float rounded = (float)x;
    return rounded;
}

double sg_limit(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

/* The product of two float32 is exact in double, so that it is rounded once. */
double sg_numpy_times(int numpy, double number, double x)
{
    return numpy == SG_NUMPY_1 ? number * x : sg_float32(sg_float32(number) * x);
}

/* Volatile, because the compiler would make a product of it. */
static const volatile float two = 2;

double sg_numpy_square(double x) { return pow(x, (double)two); }

double sg_numpy_square32(double x) { return (double)powf((float)x, two); }

/* A sum of terms i, i + 1, ... */
typedef struct {
    sg_numpy_term *term;
    const void *context;
    sg_rounding *to;
} series;

/* Eight sums side by side, joined in pairs. */
static double add_eights(const series *s, int first, int end)
{
    double part[8];
    for (int k = 0; k < 8; k++)
        part[k] = s->term(s->context, first + k);
    for (int i = first + 8; i < end; i += 8) {
        for (int k = 0; k < 8; k++)
            part[k] = s->to(part[k] + s->term(s->context, i + k));
    }
    for (int width = 1; width < 8; width *= 2) {
        for (int k = 0; k < 8; k += 2 * width)
            part[k] = s->to(part[k] + part[k + width]);
    }
    return part[0];
}

/* Up to 128 terms in eights, the rest of them one by one; more are halved first. */
static double add(const series *s, int first, int count)
{
    enum { BLOCK = 128 };
    if (count > BLOCK) {
        int half = count / 2 - count / 2 % 8;
        return s->to(add(s, first, half) + add(s, first + half, count - half));
    }
    int eights = first + count - count % 8;
    double sum = count < 8 ? 0 : add_eights(s, first, eights);
    for (int i = eights; i < first + count; i++)
        sum = s->to(sum + s->term(s->context, i));
    return sum;
}

double sg_numpy_sum(int count, sg_numpy_term *term, const void *context, sg_rounding *to)
{
    return add(&(series){term, context, to}, 0, count);
}
