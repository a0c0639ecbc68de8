/* kernels_scalar.c - the reference set: plain loops, the oracle of every other set. Sums are kept
 * in double. Compiled once for each number type (real.h). */
#include <tgmath.h>

#include "tensor/kernel_sets.h"
#include "tensor/real.h"

#define ISA SG_ISA_SCALAR
#define SET scalar

/* ---- y[i] = f(x[i]) ---- */

#define UNARY(name, value)                                               \
    static void name##_kernel(size_t n, const void *input, void *output) \
    {                                                                    \
        const real *in = input;                                          \
        real *out = output;                                              \
        for (size_t i = 0; i < n; i++) {                                 \
            real x = in[i];                                              \
            out[i] = value;                                              \
        }                                                                \
    }

static real sigmoid_of(real x)
{
    real e = exp(-fabs(x)); /* at most 1: no overflow on either side */
    return (x >= 0 ? 1 : e) / (1 + e);
}

static real softplus_of(real x) { return (x < 0 ? 0 : x) + log1p(exp(-fabs(x))); }

UNARY(abs, fabs(x))
UNARY(sign, x > 0 ? 1 : x < 0 ? -1 : x)
UNARY(positive, x > 0)
UNARY(square, x *x)
UNARY(sqrt, sqrt(x))
UNARY(reciprocal, 1 / x)
UNARY(exp, exp(x))
UNARY(log, log(x))
UNARY(tanh, tanh(x))
UNARY(sigmoid, sigmoid_of(x))
UNARY(softplus, softplus_of(x))
UNARY(sin, sin(x))
UNARY(cos, cos(x))

/* ---- y[i] = f(a[i], b[i]) ---- */

#define BINARY(name, value)                                                                   \
    static void name##_kernel(size_t n, const void *first, size_t a_step, const void *second, \
                              size_t b_step, void *output)                                    \
    {                                                                                         \
        const real *in_a = first, *in_b = second;                                             \
        real *out = output;                                                                   \
        for (size_t i = 0; i < n; i++) {                                                      \
            real a = in_a[i * a_step], b = in_b[i * b_step];                                  \
            out[i] = value;                                                                   \
        }                                                                                     \
    }

BINARY(add, a + b)
BINARY(sub, a - b)
BINARY(mul, a *b)
BINARY(div, a / b)
BINARY(maximum, a > b || a != a ? a : b) /* NaN on either side gives NaN */
BINARY(minimum, a < b || a != a ? a : b)
BINARY(pow, pow(a, b))
BINARY(greater, a > b)
BINARY(greater_equal, a >= b)
BINARY(equal, a == b)

/* ---- y[i] = f(x[i]; a, b) ---- */

#define PARAM(name, value)                                                                 \
    static void name##_kernel(size_t n, const void *input, double param_a, double param_b, \
                              void *output)                                                \
    {                                                                                      \
        const real *in = input;                                                            \
        real *out = output;                                                                \
        const real a = (real)param_a, b = (real)param_b;                                   \
        (void)b;                                                                           \
        for (size_t i = 0; i < n; i++) {                                                   \
            real x = in[i];                                                                \
            out[i] = value;                                                                \
        }                                                                                  \
    }

PARAM(affine, a *x + b)
PARAM(clamp, x<a ? a : x> b ? b : x)
PARAM(inside, x >= a && x <= b)
PARAM(leaky_relu, x > 0 ? x : a * x)
PARAM(leaky_slope, x > 0 ? 1 : a)

/* ---- reductions ---- */

#define TOTAL(name, term)                                                \
    static void name##_kernel(size_t n, const void *input, void *output) \
    {                                                                    \
        const real *in = input;                                          \
        double total = 0;                                                \
        for (size_t i = 0; i < n; i++) {                                 \
            double x = in[i];                                            \
            total += term;                                               \
        }                                                                \
        *(real *)output = (real)total;                                   \
    }

TOTAL(sum, x)

static void max_kernel(size_t n, const void *input, void *output)
{
    const real *x = input;
    real most = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (x[i] > most || x[i] != x[i])
            most = x[i];
    *(real *)output = most;
}

static void dot_kernel(size_t n, const void *first, const void *second, void *output)
{
    const real *a = first, *b = second;
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += (double)a[i] * b[i];
    *(real *)output = (real)total;
}

/* NaN counts as the largest, as in max. */
static size_t argmax_kernel(size_t n, const void *input)
{
    const real *x = input;
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (x[i] > x[best] || (x[i] != x[i] && x[best] == x[best]))
            best = i;
    return best;
}

/* ---- others over vectors ---- */

static void select_kernel(size_t n, const void *condition, const void *first, const void *second,
                          void *output)
{
    const real *chosen = condition, *a = first, *b = second;
    real *y = output;
    for (size_t i = 0; i < n; i++)
        y[i] = chosen[i] != 0 ? a[i] : b[i];
}

static double sum_of_exp(size_t n, const real *x, real shift)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += exp(x[i] - shift);
    return total;
}

static void softmax_kernel(size_t n, const void *input, void *output)
{
    const real *x = input;
    real *y = output, most;
    max_kernel(n, x, &most);
    real total = (real)sum_of_exp(n, x, most);
    for (size_t i = 0; i < n; i++)
        y[i] = exp(x[i] - most) / total;
}

static void log_softmax_kernel(size_t n, const void *input, void *output)
{
    const real *x = input;
    real *y = output, most;
    max_kernel(n, x, &most);
    real log_total = (real)log(sum_of_exp(n, x, most));
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] - most - log_total;
}

/* Layer norm and L2 normalisation: of each c = x - mean, y = c keeps / spread. */
typedef struct {
    real mean, spread;  /* the deviation or the norm */
    real keeps, passes; /* 1 or 0: squares are above the least; are not below it */
} norm;

/* As affine, never -0. */
static real scaled(real a, real x) { return a * x + 0; }

static real sum_of_squares(size_t n, const real *x, real mean)
{
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        real c = x[i] - mean, square = c * c;
        total += square;
    }
    return (real)total;
}

static norm layer_norm_of(size_t n, const real *x, double eps)
{
    real share = (real)(1.0 / (double)n), mean;
    sum_kernel(n, x, &mean);
    mean = scaled(share, mean);
    return (norm){mean, sqrt(share * sum_of_squares(n, x, mean) + (real)eps), 1, 1};
}

static norm l2_norm_of(size_t n, const real *x, double least)
{
    real squares = sum_of_squares(n, x, 0), floor = (real)least, most;
    maximum_kernel(1, &squares, 1, &floor, 1, &most);
    return (norm){0, sqrt(most), squares > floor, squares >= floor};
}

static void normalize(size_t n, const real *x, norm r, real *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = (x[i] - r.mean) * r.keeps / r.spread;
}

static void layer_norm_kernel(size_t n, const void *x, double eps, void *y)
{
    normalize(n, x, layer_norm_of(n, x, eps), y);
}

static void l2_normalize_kernel(size_t n, const void *x, double least, void *y)
{
    normalize(n, x, l2_norm_of(n, x, least), y);
}

/* The gradient in the spread. */
static real spread_gradient(size_t n, const real *y, real spread, const real *dy)
{
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        real fall = dy[i] * (y[i] / spread);
        total -= fall;
    }
    return (real)total;
}

/* The gradient in each c, `slope` being the one in the sum of squares; returns minus its sum. */
static real centred_gradient(size_t n, const real *x, norm r, real slope, const real *dy, real *dx)
{
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        real by_spread = slope * scaled(2, x[i] - r.mean);
        dx[i] = dy[i] / r.spread * r.keeps + by_spread;
        total -= dx[i];
    }
    return (real)total;
}

static void layer_norm_grad_kernel(size_t n, const void *x, const void *y, double eps,
                                   const void *dy, void *output)
{
    norm r = layer_norm_of(n, x, eps);
    real share = (real)(1.0 / (double)n), *dx = output;
    real slope = scaled(share, spread_gradient(n, y, r.spread, dy) / scaled(2, r.spread));
    real by_mean = scaled(share, centred_gradient(n, x, r, slope, dy, dx));
    for (size_t i = 0; i < n; i++)
        dx[i] += by_mean;
}

static void l2_normalize_grad_kernel(size_t n, const void *x, const void *y, double least,
                                     const void *dy, void *dx)
{
    norm r = l2_norm_of(n, x, least);
    real slope = spread_gradient(n, y, r.spread, dy) / scaled(2, r.spread) * r.passes + 0;
    centred_gradient(n, x, r, slope, dy, dx);
}

/* ---- matrices ---- */

static void matvec_kernel(size_t rows, size_t cols, const void *matrix, const void *x,
                          const void *bias, void *output)
{
    const real *W = matrix;
    real *y = output;
    for (size_t i = 0; i < rows; i++) {
        dot_kernel(cols, W + i * cols, x, &y[i]);
        y[i] += bias ? ((const real *)bias)[i] : 0;
    }
}

static void matvec_pair_kernel(size_t rows, size_t cols, const void *matrix, const void *const x[2],
                               const void *const bias[2], void *const y[2])
{
    for (int k = 0; k < 2; k++)
        matvec_kernel(rows, cols, matrix, x[k], bias[k], y[k]);
}

static void matvec_t_kernel(size_t rows, size_t cols, const void *matrix, size_t row_step,
                            const void *input, const void *start, void *output)
{
    const real *W = matrix, *dy = input, *from = start;
    real *dx = output;
    for (size_t j = 0; j < cols; j++) {
        double total = from ? from[j] : 0;
        for (size_t i = 0; i < rows; i++)
            total += (double)W[i * row_step + j] * dy[i];
        dx[j] = (real)total;
    }
}

/* What row i of a matrix operand is multiplied by. */
static real row_factor(const sg_rows *x, size_t i)
{
    return (real)x->factor * (x->scale ? ((const real *)x->scale)[i] : 1);
}

static void materialize_kernel(size_t rows, size_t cols, const sg_rows *x, void *output)
{
    real *y = output;
    for (size_t i = 0; i < rows; i++) {
        const real *row = (const real *)x->row + i * x->row_step, factor = row_factor(x, i);
        for (size_t j = 0; j < cols; j++)
            y[i * cols + j] = factor * row[j];
    }
}

/* A product of the matrix before it is updated. */
static void take_product(size_t rows, size_t cols, const void *matrix, const sg_product *product)
{
    if (product)
        matvec_t_kernel(rows, cols, matrix, cols, product->dy, NULL, product->dx);
}

static void add_scaled_kernel(size_t rows, size_t cols, const void *input, double c,
                              const sg_rows *x, void *output, const sg_product *product)
{
    const real *a = input;
    real *y = output;
    take_product(rows, cols, a, product);
    for (size_t i = 0; i < rows; i++) {
        const real *row = (const real *)x->row + i * x->row_step;
        const real factor = (real)c * row_factor(x, i);
        for (size_t j = 0; j < cols; j++)
            y[i * cols + j] = a[i * cols + j] + factor * row[j];
    }
}

static void trace_kernel(size_t rows, size_t cols, double decay, const sg_rows *g, const void *z,
                         void *z_next, void *sums)
{
    double total = 0;
    for (size_t i = 0; i < rows; i++) {
        const real *row = (const real *)g->row + i * g->row_step, factor = row_factor(g, i);
        for (size_t j = 0; j < cols; j++) {
            size_t at = i * cols + j;
            real next = (real)decay * ((const real *)z)[at] + factor * row[j];
            ((real *)z_next)[at] = next;
            total += fabs((double)next);
        }
        if ((i + 1) % SG_TRACE_ROWS == 0 || i + 1 == rows) {
            ((real *)sums)[i / SG_TRACE_ROWS] = (real)total;
            total = 0;
        }
    }
}

static void gemm_kernel(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k,
                        const void *left, size_t a_step, const void *right, void *output)
{
    const real *A = left, *B = right;
    real *C = output;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double total = 0;
            for (size_t l = 0; l < k; l++)
                total += (double)A[transpose_a ? l * a_step + i : i * a_step + l] *
                         B[transpose_b ? j * k + l : l * n + j];
            C[i * n + j] = (real)total;
        }
}

static void adam_kernel(size_t rows, size_t cols, const sg_adam_numbers *numbers, const sg_rows *x,
                        const void *p, const void *m, const void *v, void *p_next, void *m_next,
                        void *v_next, const sg_product *product)
{
    take_product(rows, cols, p, product);
    const real beta1 = (real)numbers->beta1, rest1 = (real)(1 - numbers->beta1);
    const real beta2 = (real)numbers->beta2, rest2 = (real)(1 - numbers->beta2);
    const real eps = (real)numbers->eps, root_scale = (real)numbers->root_scale;
    const real step = (real)numbers->step_size, l2 = (real)numbers->l2,
               decay = (real)numbers->decay;
    for (size_t i = 0; i < rows; i++) {
        const real *row = (const real *)x->row + i * x->row_step, factor = row_factor(x, i);
        for (size_t j = 0; j < cols; j++) {
            size_t at = i * cols + j;
            real weight = ((const real *)p)[at];
            real g = factor * row[j] + l2 * weight;
            real first = g, second = beta2 * ((const real *)v)[at] + rest2 * (g * g);
            if (m)
                ((real *)m_next)[at] = first = beta1 * ((const real *)m)[at] + rest1 * g;
            ((real *)v_next)[at] = second;
            ((real *)p_next)[at] =
                decay * weight - step * (first / (sqrt(second) * root_scale + eps));
        }
    }
}

static void rms_direction_kernel(size_t rows, size_t cols, const sg_rms_numbers *c,
                                 const sg_rows *x, const void *v, const void *z, void *v_next,
                                 void *direction, void *sums)
{
    const real beta2 = (real)c->beta2, rest2 = (real)(1 - c->beta2);
    double total[SG_RMS_SUMS] = {0};
    for (size_t i = 0; i < rows; i++) {
        const real *row = (const real *)x->row + i * x->row_step, factor = row_factor(x, i);
        for (size_t j = 0; j < cols; j++) {
            size_t at = i * cols + j;
            real g = factor * row[j], trace = ((const real *)z)[at];
            real second = beta2 * ((const real *)v)[at] + rest2 * (g * g);
            real root = sqrt(second * (real)c->correction + (real)c->eps_inside);
            real along = trace / (root + (real)c->eps);
            ((real *)v_next)[at] = second;
            ((real *)direction)[at] = along;
            total[0] += (double)g * g / (root + (real)c->eps);
            total[1] += (double)trace * along;
            total[2] += fabs((double)along);
        }
        if ((i + 1) % SG_TRACE_ROWS && i + 1 < rows)
            continue;
        for (size_t k = 0; k < SG_RMS_SUMS; k++) {
            ((real *)sums)[i / SG_TRACE_ROWS * SG_RMS_SUMS + k] = (real)total[k];
            total[k] = 0;
        }
    }
}

#include "tensor/kernel_table.h"
