/* init.c - starting values of parameters. */
#include "autograd/init.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

sg_init sg_init_constant(double value) { return (sg_init){SG_INIT_CONSTANT, value, 0}; }
sg_init sg_init_uniform(double low, double high) { return (sg_init){SG_INIT_UNIFORM, low, high}; }
sg_init sg_init_normal(double mean, double deviation)
{
    return (sg_init){SG_INIT_NORMAL, mean, deviation};
}
sg_init sg_init_orthogonal(double gain) { return (sg_init){SG_INIT_ORTHOGONAL, gain, 0}; }
sg_init sg_init_lecun_uniform(void) { return (sg_init){SG_INIT_LECUN_UNIFORM, 0, 0}; }
sg_init sg_init_lecun_normal(void) { return (sg_init){SG_INIT_LECUN_NORMAL, 0, 0}; }
sg_init sg_init_kaiming_uniform(void) { return (sg_init){SG_INIT_KAIMING_UNIFORM, 0, 0}; }
sg_init sg_init_kaiming_normal(void) { return (sg_init){SG_INIT_KAIMING_NORMAL, 0, 0}; }
sg_init sg_init_xavier_uniform(void) { return (sg_init){SG_INIT_XAVIER_UNIFORM, 0, 0}; }
sg_init sg_init_xavier_normal(void) { return (sg_init){SG_INIT_XAVIER_NORMAL, 0, 0}; }
sg_init sg_init_fan_in_uniform(void) { return (sg_init){SG_INIT_FAN_IN_UNIFORM, 0, 0}; }

/* Shares are shares, in structs made by hand too. */
static sg_init checked(sg_init init)
{
    if (init.kind == SG_INIT_SPARSE && !(init.a >= 0 && init.a < 1))
        sg_misuse("sparse init: sparsity %g is not in [0, 1)", init.a);
    if (init.kind == SG_INIT_SCATTERED && !(init.a > 0 && init.a <= 1))
        sg_misuse("scattered init: density %g is not in (0, 1]", init.a);
    return init;
}

sg_init sg_init_sparse(double sparsity) { return checked((sg_init){SG_INIT_SPARSE, sparsity, 0}); }
sg_init sg_init_scattered(double density)
{
    return checked((sg_init){SG_INIT_SCATTERED, density, 0});
}

/* Fan-out is the first dimension; all others make the fan-in ([out, in], [out, in, height, width]).
 */
static void fans(sg_shape shape, double *fan_in, double *fan_out)
{
    double size = (double)sg_shape_size(shape);
    *fan_in = shape.rank > 1 ? size / shape.dim[0] : size;
    *fan_out = shape.rank > 1 ? shape.dim[0] : size;
}

static void fill_uniform(double low, double high, size_t n, sg_random *random, double *values)
{
    for (size_t i = 0; i < n; i++)
        values[i] = sg_random_uniform(random, low, high);
}

static void fill_normal(double mean, double deviation, size_t n, sg_random *random, double *values)
{
    for (size_t i = 0; i < n; i++)
        values[i] = mean + deviation * sg_random_normal(random);
}

/* Takes from v[n] its components along `count` orthonormal vectors, twice for accuracy, and makes
 * it of length 1. */
static void orthonormalize(double *v, const double *basis, size_t count, size_t n)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t b = 0; b < count; b++) {
            double along = 0;
            for (size_t i = 0; i < n; i++)
                along += v[i] * basis[b * n + i];
            for (size_t i = 0; i < n; i++)
                v[i] -= along * basis[b * n + i];
        }
    double length = 0;
    for (size_t i = 0; i < n; i++)
        length += v[i] * v[i];
    for (size_t i = 0; i < n; i++)
        v[i] /= sqrt(length);
}

/* Normal vectors made orthonormal one after the other: uniform over orthogonal matrices. The
 * shorter side gives the vectors. */
static void fill_orthogonal(double gain, sg_shape shape, sg_random *random, double *values)
{
    size_t rows = shape.rank > 1 ? (size_t)shape.dim[0] : 1;
    size_t cols = sg_shape_size(shape) / rows;
    bool by_rows = rows <= cols;
    size_t count = by_rows ? rows : cols, n = by_rows ? cols : rows;
    double *basis = sg_alloc(count * n * sizeof *basis);
    fill_normal(0, 1, count * n, random, basis);
    for (size_t b = 0; b < count; b++)
        orthonormalize(&basis[b * n], basis, b, n);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            values[i * cols + j] = gain * (by_rows ? basis[i * n + j] : basis[j * n + i]);
    free(basis);
}

/* U(+-1/sqrt(fan_in)), then so many entries of each run of n set to zero. */
static void fill_with_zeros(size_t zeros, size_t n, sg_shape shape, sg_random *random,
                            double *values)
{
    double fan_in, fan_out;
    int64_t *order = sg_alloc(n * sizeof *order);
    fans(shape, &fan_in, &fan_out);
    fill_uniform(-1 / sqrt(fan_in), 1 / sqrt(fan_in), sg_shape_size(shape), random, values);
    for (size_t row = 0; row < sg_shape_size(shape) / n; row++) {
        sg_random_permutation(random, n, order);
        for (size_t k = 0; k < zeros; k++)
            values[row * n + (size_t)order[k]] = 0;
    }
    free(order);
}

/* ceil(sparsity fan_in) zeros in each row. */
static void fill_sparse(double sparsity, sg_shape shape, sg_random *random, double *values)
{
    double fan_in, fan_out;
    fans(shape, &fan_in, &fan_out);
    fill_with_zeros((size_t)ceil(sparsity * fan_in), (size_t)fan_in, shape, random, values);
}

/* Zeros anywhere but in a share of the whole tensor. */
static void fill_scattered(double density, sg_shape shape, sg_random *random, double *values)
{
    size_t n = sg_shape_size(shape), kept = (size_t)fmax(1, round(density * (double)n));
    fill_with_zeros(n - kept, n, shape, random, values);
}

/* A given variance, as a uniform or a normal distribution. */
static void fill_variance(double variance, bool uniform, size_t n, sg_random *random,
                          double *values)
{
    if (uniform)
        fill_uniform(-sqrt(3 * variance), sqrt(3 * variance), n, random, values);
    else
        fill_normal(0, sqrt(variance), n, random, values);
}

void sg_init_fill(sg_init init, sg_shape shape, sg_random *random, double *values)
{
    double fan_in, fan_out;
    size_t n = sg_shape_size(shape);
    bool uniform = init.kind == SG_INIT_LECUN_UNIFORM || init.kind == SG_INIT_KAIMING_UNIFORM ||
                   init.kind == SG_INIT_XAVIER_UNIFORM;
    fans(shape, &fan_in, &fan_out);
    switch (checked(init).kind) {
    case SG_INIT_CONSTANT:
        for (size_t i = 0; i < n; i++)
            values[i] = init.a;
        break;
    case SG_INIT_UNIFORM: fill_uniform(init.a, init.b, n, random, values); break;
    case SG_INIT_NORMAL: fill_normal(init.a, init.b, n, random, values); break;
    case SG_INIT_ORTHOGONAL: fill_orthogonal(init.a, shape, random, values); break;
    case SG_INIT_SPARSE: fill_sparse(init.a, shape, random, values); break;
    case SG_INIT_FAN_IN_UNIFORM:
        fill_uniform(-1 / sqrt(fan_in), 1 / sqrt(fan_in), n, random, values);
        break;
    case SG_INIT_SCATTERED: fill_scattered(init.a, shape, random, values); break;
    case SG_INIT_LECUN_UNIFORM:
    case SG_INIT_LECUN_NORMAL: fill_variance(1 / fan_in, uniform, n, random, values); break;
    case SG_INIT_KAIMING_UNIFORM:
    case SG_INIT_KAIMING_NORMAL: fill_variance(2 / fan_in, uniform, n, random, values); break;
    case SG_INIT_XAVIER_UNIFORM:
    case SG_INIT_XAVIER_NORMAL:
        fill_variance(2 / (fan_in + fan_out), uniform, n, random, values);
        break;
    }
}
