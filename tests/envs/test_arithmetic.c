/* test_arithmetic.c - NumPy's order of addition, and what its promotion of scalars does: compared
 * with what NumPy 1.24 and 2.4 print. */
#include "envs/arithmetic.h"

#include <criterion/criterion.h>
#include <math.h>

static double harmonic(const void *context, int i)
{
    sg_rounding *to = *(sg_rounding *const *)context;
    return to(1.0 / (i + 1));
}

/* 1 + 1/2 + ... + 1/n, of doubles and of float32. */
Test(arithmetic, sums)
{
    static const struct {
        int n;
        double sum;
        float sum32;
    } sums[] = {
        {5, 2.2833333333333332, 2.28333354f},   {8, 2.7178571428571425, 2.71785736f},
        {14, 3.2515623265623268, 3.25156236f},  {17, 3.4395525226407582, 3.43955278f},
        {84, 5.0139730345849278, 5.01397324f},  {129, 5.4408990305736689, 5.44089985f},
        {300, 6.2826638802995038, 6.28266478f}, {1000, 7.4854708605503451, 7.48547173f},
    };
    sg_rounding *real = sg_double, *real32 = sg_float32;
    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        double sum = sg_numpy_sum(sums[i].n, harmonic, &real, sg_double);
        double sum32 = sg_numpy_sum(sums[i].n, harmonic, &real32, sg_float32);
        cr_expect_eq(sum, sums[i].sum, "%d terms: %.17g", sums[i].n, sum);
        cr_expect_eq(sum32, (double)sums[i].sum32, "%d float32 terms: %.9g", sums[i].n, sum32);
    }
    cr_expect_eq(sg_numpy_sum(0, harmonic, &real, sg_double), 0);
}

/* The product with a Python number: 0.1 as it is, or as a float32. */
Test(arithmetic, products)
{
    cr_expect_eq(sg_numpy_times(SG_NUMPY_1, 0.1, 3), 0.1 * 3);
    cr_expect_eq(sg_numpy_times(SG_NUMPY_2, 0.1, 3), (double)(0.1f * 3.0f));
    cr_expect_neq(sg_numpy_times(SG_NUMPY_2, 0.1, 3), 0.1 * 3);
}

/* Numbers whose power is not their product with themselves, as the C library has it. */
Test(arithmetic, squares)
{
    const double x = 0x1.600e93b8381b4p+1;
    const float y = 0x1.1e5bdep+2f;
    volatile double two = 2;
    volatile float two32 = 2;
    cr_expect_eq(sg_numpy_square(x), pow(x, two));
    cr_expect_eq(sg_numpy_square32((double)y), (double)powf(y, two32));
    cr_expect(fabs(sg_numpy_square(x) - x * x) <= 2e-15);
    cr_expect_eq(sg_numpy_square(-3), 9);
    cr_expect_eq(sg_numpy_square32(0.5), 0.25);
}

Test(arithmetic, limits)
{
    cr_expect(sg_limit(-2, -1, 1) == -1 && sg_limit(2, -1, 1) == 1 && sg_limit(0.5, -1, 1) == 0.5);
    cr_expect(isnan(sg_limit(NAN, -1, 1)));
    cr_expect_eq(sg_float32(0.1), (double)0.1f);
}
