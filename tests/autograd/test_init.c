/* test_init.c - starting values have the statistics that their names promise. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "autograd/program.h"
#include "autograd/sparse.h"

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

/* Filters: the row is all that one of them reads. */
Test(init, sparse_filters_have_the_zeros_of_their_fan_in)
{
    int channels[] = {4, 6}, zeros[] = {33, 49};
    for (int c = 0; c < 2; c++) {
        int n = 9 * channels[c];
        double *W = filled(sg_init_sparse(0.9), sg_shape_make(4, (int[]){16, channels[c], 3, 3}));
        for (int row = 0; row < 16; row++) {
            int count = 0;
            for (int j = 0; j < n; j++)
                count += W[row * n + j] == 0;
            cr_expect_eq(count, zeros[c]);
        }
        free(W);
    }
}

/* One non-zero budget for a network of a convolution, a large and a small layer: the small one is
 * full, the others share the rest by (sum of dimensions) / (product of dimensions). */
Test(init, erdos_renyi_spends_its_budget)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_shape shapes[] = {sg_shape_make(4, (int[]){16, 4, 3, 3}), sg_matrix(128, 1024),
                         sg_matrix(1, 8)};
    double densities[3], all = 576 + 131072 + 8, spent = 0;
    sg_erdos_renyi(shapes, 3, 0.05, densities);
    cr_expect_eq(densities[2], 1);
    cr_expect_float_eq(densities[0] * 576 / 26, densities[1] * 131072 / 1152, 1e-9);
    for (int i = 0; i < 3; i++)
        spent += densities[i] * (double)sg_shape_size(shapes[i]);
    cr_expect_float_eq(spent, 0.05 * all, 1e-9);

    /* the same in a network, whose bias is left alone */
    sg_node W[] = {sg_parameter(g, "conv", shapes[0], sg_init_constant(0)),
                   sg_parameter(g, "large", shapes[1], sg_init_constant(0)),
                   sg_parameter(g, "small", shapes[2], sg_init_constant(0)),
                   sg_parameter(g, "bias", sg_vector(128), sg_init_constant(0))};
    sg_start_sparse(sg_nodes_of(W, 4), 0.05);
    sg_program *program = sg_compile(g, sg_compile_options_default());
    static double values[131072];
    for (int i = 0; i < 4; i++) {
        size_t n = sg_shape_size(sg_node_shape(W[i])), row = n / (size_t)sg_node_shape(W[i]).dim[0];
        size_t nonzero = 0;
        sg_get(program, W[i], values);
        for (size_t j = 0; j < n; j++) {
            nonzero += values[j] != 0;
            cr_assert(fabs(values[j]) <= 1 / sqrt((double)row));
        }
        cr_expect_eq(nonzero, i < 3 ? (size_t)round(densities[i] * (double)n) : 0);
    }
    sg_program_free(program);
    sg_graph_free(g);
}

Test(init, variances_follow_the_fans)
{
    const struct {
        sg_init init;
        double variance; /* for a [200, 300] matrix */
    } cases[] = {
        {sg_init_lecun_uniform(), 1.0 / 300},
        {sg_init_lecun_normal(), 1.0 / 300},
        {sg_init_kaiming_uniform(), 2.0 / 300},
        {sg_init_kaiming_normal(), 2.0 / 300},
        {sg_init_xavier_uniform(), 2.0 / 500},
        {sg_init_xavier_normal(), 2.0 / 500},
        {sg_init_fan_in_uniform(), 1.0 / 900},
        {sg_init_uniform(-1, 3), 16.0 / 12},
        {sg_init_normal(1, 2), 4},
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
