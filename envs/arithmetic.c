/* arithmetic.c - operations of the published environments' numbers, to the last digit. */
#include "envs/arithmetic.h"

double sg_limit(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

/* Volatile, because GCC 12 drops the rounding of two neighbours in memory (wrongly). */
double sg_float32(double x)
{
    volatile float rounded = (float)x;
    return rounded;
}

/* The product of two float32 is exact in double, so that it is rounded once. */
double sg_numpy_times(int numpy, double number, double x)
{
    return numpy == SG_NUMPY_1 ? number * x : sg_float32(sg_float32(number) * x);
}
