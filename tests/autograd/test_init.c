/* test_init.c - starting values have the statistics that their names promise. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "autograd/init.h"

static double *filled(sg_init init, sg_shape shape)
{
    sg_random random;
    sg_random_seed(&random, 3);
    double *values = malloc(sg_shape_size(shape) * sizeof *values);
    sg_init_fill(init, shape, &random, values);
    return values;
}

/* The product of rows (or columns) i and k of a matrix. */
static double product(const double *W, int rows, int cols, int i, int k, bool of_rows)
{
    double total = 0;
    for (int j = 0; j < (of_rows ? cols : rows); j++)
        total += of_rows ? W[i * cols + j] * W[k * cols + j] : W[j * cols + i] * W[j * cols + k];
    return total;
}

Test(init, orthogonal_rows_or_columns)
{
    int shapes[][2] = {{5, 9}, {9, 5}, {7, 7}, {1, 6}};
    for (int s = 0; s < 4; s++) {
        int rows = shapes[s][0], cols = shapes[s][1], count = rows < cols ? rows : cols;
        double *W = filled(sg_init_orthogonal(2), sg_matrix(rows, cols));
        for (int i = 0; i < count; i++)
            for (int k = 0; k < count; k++)
                cr_assert_float_eq(product(W, rows, cols, i, k, rows <= cols), i == k ? 4 : 0,
                                   1e-12);
        free(W);
    }
}

Test(init, sparse_rows_have_exactly_the_zeros_of_the_published_rule)
{
    /* zeros for a fan-in, at 0.9, as recorded from the published code */
    int fan_in[] = {5, 9, 10, 11, 12, 21, 32, 36, 54, 128, 1024};
    int zeros[] = {5, 9, 9, 10, 11, 19, 29, 33, 49, 116, 922};
    for (int f = 0; f < 11; f++) {
        int n = fan_in[f];
        double *W = filled(sg_init_sparse(0.9), sg_matrix(6, n));
        for (int row = 0; row < 6; row++) {
            int count = 0;
            for (int j = 0; j < n; j++) {
                count += W[row * n + j] == 0;
                cr_assert(fabs(W[row * n + j]) <= 1 / sqrt(n));
            }
            cr_expect_eq(count, zeros[f], "fan-in %d: %d zeros", n, count);
        }
        free(W);
    }
}

Test(init, variances_follow_the_fans)
{
    const struct {
        sg_init init;
        double variance; /* for a [200, 300] matrix */
    } cases[] = {
        {sg_init_lecun_uniform(), 1.0 / 300},   {sg_init_lecun_normal(), 1.0 / 300},
        {sg_init_kaiming_uniform(), 2.0 / 300}, {sg_init_kaiming_normal(), 2.0 / 300},
        {sg_init_xavier_uniform(), 2.0 / 500},  {sg_init_xavier_normal(), 2.0 / 500},
        {sg_init_fan_in_uniform(), 1.0 / 900},   {sg_init_uniform(-1, 3), 16.0 / 12},    {sg_init_normal(1, 2), 4},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        double *W = filled(cases[c].init, sg_matrix(200, 300)), mean = 0, squares = 0;
        for (int i = 0; i < 60000; i++)
            mean += W[i] / 60000;
        for (int i = 0; i < 60000; i++)
            squares += (W[i] - mean) * (W[i] - mean) / 60000;
        cr_expect(fabs(squares / cases[c].variance - 1) < 0.03, "case %zu: variance %g, not %g", c,
                  squares, cases[c].variance);
        cr_expect(fabs(mean - (c >= 7 ? 1 : 0)) < 0.03, "case %zu: mean %g", c, mean);
        free(W);
    }
}
