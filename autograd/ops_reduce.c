/* ops_reduce.c - sums, maxima and softmax, and broadcasting as an op of its own. */
#include <string.h>

#include "autograd/op.h"

static const sg_attributes none = {.integer = {0}};

/* [..., n] -> [..., 1] */
static sg_shape last_to_one(sg_shape shape) { return sg_shape_with_cols(shape, 1); }

/* The element of the smaller shape that belongs to row `row` of the larger (all but its last
 * dimension fixed), and whether the smaller repeats along the last dimension. */
static size_t small_offset(const sg_shape *large, const sg_shape *small, size_t row)
{
    size_t offset = 0, size = 1;
    for (int d = large->rank - 1, k = small->rank - 1; d >= 0; d--, k--) {
        size_t n = k >= 0 ? (size_t)small->dim[k] : 1, index = 0;
        if (d < large->rank - 1) {
            index = row % (size_t)large->dim[d];
            row /= (size_t)large->dim[d];
        }
        offset += n == 1 ? 0 : index * size;
        size *= n;
    }
    return offset;
}

static bool repeats_last(const sg_shape *large, const sg_shape *small)
{
    return sg_shape_cols(*small) == 1 && sg_shape_cols(*large) != 1;
}

static void require_broadcasts(const char *op, sg_shape small, sg_shape large)
{
    char a[64], b[64];
    if (!sg_shape_equal(sg_broadcast_shape(op, small, large), large))
        sg_misuse("%s: %s is not %s with dimensions left out or 1", op, sg_shape_text(small, a),
                  sg_shape_text(large, b));
}

/* A large array's sum is that of its blocks' sums, in their order. */
static void sum_all(const sg_call *call)
{
    const sg_kernels *k = call->kernels;
    size_t size = (size_t)call->in_size[0], block = size;
    double part[1]; /* room for either type */
    if (sg_is_summed_by_block(call->in_size[0]) && sg_shape_rows(*call->in_shape[0]) > 1) {
        int cols = sg_shape_cols(*call->in_shape[0]);
        block = (size_t)cols * (size_t)sg_block_rows(cols);
    }
    k->sum(block < size ? block : size, call->in[0], call->out[0]);
    for (size_t i = block; i < size; i += block) {
        k->sum(size - i < block ? size - i : block, sg_call_at(call, call->in[0], i), part);
        k->add(1, call->out[0], 1, part, 1, call->out[0]);
    }
}

/* sum_to: the adjoint of broadcast_to;  dx = broadcast_to(dy) */
SG_EVAL(sum_to)
{
    const sg_shape *large = call->in_shape[0], *small = call->out_shape;
    const sg_kernels *k = call->kernels;
    if (call->size == 1) {
        sum_all(call);
        return;
    }
    size_t rows = (size_t)sg_shape_rows(*large), cols = (size_t)sg_shape_cols(*large);
    memset(call->out[0], 0, (size_t)call->size * sg_dtype_size(k->dtype));
    for (size_t r = 0; r < rows; r++) {
        const void *x = sg_call_at(call, call->in[0], r * cols);
        void *y = sg_call_at(call, call->out[0], small_offset(large, small, r));
        if (repeats_last(large, small)) {
            double row_sum[1]; /* room for either type */
            k->sum(cols, x, row_sum);
            k->add(1, y, 1, row_sum, 1, y);
        } else {
            k->add(cols, y, 1, x, 1, y);
        }
    }
}
SG_VJP(sum_to) { dx[0] = sg_broadcast_to(dy, sg_node_shape(x[0])); }
SG_EXAMPLE(sum_to)
{
    sg_shape from[] = {sg_vector(5), sg_matrix(3, 4), sg_matrix(3, 4),
                       sg_shape_make(3, (int[]){2, 3, 4})};
    sg_shape to[] = {sg_vector(1), sg_vector(4), sg_matrix(3, 1), sg_matrix(3, 1)};
    if (variant == SG_BENCH)
        return sg_sum_to(sg_example_input(g, sg_matrix(64, 256), SG_DOMAIN_REAL), sg_vector(256));
    return variant > 3 ? (sg_node){0}
                       : sg_sum_to(sg_example_input(g, from[variant], SG_DOMAIN_REAL), to[variant]);
}

sg_node sg_sum_to(sg_node x, sg_shape shape)
{
    sg_require_node("sum_to", x);
    require_broadcasts("sum_to", shape, sg_node_shape(x));
    if (sg_shape_equal(shape, sg_node_shape(x)))
        return x;
    return sg_apply(SG_OP_sum_to, &x, 1, shape, sg_node_dtype(x), none);
}

/* broadcast_to: dx = sum_to(dy) */
SG_EVAL(broadcast_to)
{
    const sg_shape *small = call->in_shape[0], *large = call->out_shape;
    size_t rows = (size_t)sg_shape_rows(*large), cols = (size_t)sg_shape_cols(*large);
    static const double zero = 0; /* of either type */
    sg_rows row = {.factor = 1};
    for (size_t r = 0; r < rows; r++) {
        const void *x = sg_call_at(call, call->in[0], small_offset(large, small, r));
        void *y = sg_call_at(call, call->out[0], r * cols);
        if (repeats_last(large, small)) {
            call->kernels->add(cols, x, 0, &zero, 0, y);
        } else {
            row.row = x;
            call->kernels->materialize(1, cols, &row, y);
        }
    }
}
SG_VJP(broadcast_to) { dx[0] = sg_sum_to(dy, sg_node_shape(x[0])); }
SG_EXAMPLE(broadcast_to)
{
    sg_shape from[] = {sg_vector(1), sg_vector(4), sg_matrix(3, 1), sg_matrix(3, 1)};
    sg_shape to[] = {sg_vector(5), sg_matrix(3, 4), sg_matrix(3, 4),
                     sg_shape_make(3, (int[]){2, 3, 4})};
    if (variant == SG_BENCH)
        return sg_broadcast_to(sg_example_input(g, sg_vector(256), SG_DOMAIN_REAL),
                               sg_matrix(64, 256));
    return variant > 3
               ? (sg_node){0}
               : sg_broadcast_to(sg_example_input(g, from[variant], SG_DOMAIN_REAL), to[variant]);
}

sg_node sg_broadcast_to(sg_node x, sg_shape shape)
{
    sg_require_node("broadcast_to", x);
    require_broadcasts("broadcast_to", sg_node_shape(x), shape);
    if (sg_shape_equal(shape, sg_node_shape(x)))
        return x;
    double value = sg_node_attributes(x)->number[0];
    if (sg_is_constant(x, value))
        return sg_constant_like(x, shape, value);
    return sg_apply(SG_OP_broadcast_to, &x, 1, shape, sg_node_dtype(x), none);
}

/* ---- one row at a time ---- */

static void for_rows(const sg_call *call,
                     void (*row)(const sg_call *, size_t n, const void *x, void *y))
{
    size_t rows = (size_t)sg_shape_rows(*call->in_shape[0]);
    size_t n = (size_t)sg_shape_cols(*call->in_shape[0]),
           m = (size_t)sg_shape_cols(*call->out_shape);
    for (size_t r = 0; r < rows; r++)
        row(call, n, sg_call_at(call, call->in[0], r * n), sg_call_at(call, call->out[0], r * m));
}

static sg_node example_rows(sg_graph *g, int variant)
{
    if (variant > 1)
        return (sg_node){0};
    sg_shape shape = variant == SG_BENCH ? sg_matrix(64, 256)
                     : variant           ? sg_matrix(3, 4)
                                         : sg_vector(5);
    return sg_example_input(g, shape, SG_DOMAIN_REAL);
}

/* max_last: y = max x;  dx = dy at the first of the largest */
static void max_row(const sg_call *call, size_t n, const void *x, void *y)
{
    call->kernels->max(n, x, y);
}
SG_EVAL(max_last) { for_rows(call, max_row); }
SG_VJP(max_last)
{
    dx[0] = sg_scatter(dy, sg_argmax_last(x[0]), sg_shape_cols(sg_node_shape(x[0])));
}
SG_EXAMPLE(max_last)
{
    sg_node x = example_rows(g, variant);
    return x.graph ? sg_max_last(x) : x;
}
sg_node sg_max_last(sg_node x)
{
    sg_require_node("max_last", x);
    return sg_apply(SG_OP_max_last, &x, 1, last_to_one(sg_node_shape(x)), sg_node_dtype(x), none);
}

/* argmax_last: the first index of the largest, as a number */
static void argmax_row(const sg_call *call, size_t n, const void *x, void *y)
{
    sg_store(call->kernels->dtype, y, &(double){(double)call->kernels->argmax(n, x)}, 1);
}
SG_EVAL(argmax_last) { for_rows(call, argmax_row); }
SG_EXAMPLE(argmax_last)
{
    sg_node x = example_rows(g, variant);
    return x.graph ? sg_argmax_last(x) : x;
}
sg_node sg_argmax_last(sg_node x)
{
    sg_require_node("argmax_last", x);
    return sg_apply(SG_OP_argmax_last, &x, 1, last_to_one(sg_node_shape(x)), sg_node_dtype(x),
                    none);
}

/* softmax: y = e^x / sum e^x;  dx = y (dy - sum dy y) */
static void softmax_row(const sg_call *call, size_t n, const void *x, void *y)
{
    call->kernels->softmax(n, x, y);
}
SG_EVAL(softmax) { for_rows(call, softmax_row); }
SG_VJP(softmax) { dx[0] = sg_mul(y, sg_sub(dy, sg_sum_last(sg_mul(dy, y)))); }
SG_EXAMPLE(softmax)
{
    sg_node x = example_rows(g, variant);
    return x.graph ? sg_softmax(x) : x;
}
sg_node sg_softmax(sg_node x) { return sg_apply_like(SG_OP_softmax, x, none); }

/* log_softmax: y = x - log sum e^x;  dx = dy - e^y sum dy */
static void log_softmax_row(const sg_call *call, size_t n, const void *x, void *y)
{
    call->kernels->log_softmax(n, x, y);
}
SG_EVAL(log_softmax) { for_rows(call, log_softmax_row); }
SG_VJP(log_softmax) { dx[0] = sg_sub(dy, sg_mul(sg_exp(y), sg_sum_last(dy))); }
SG_EXAMPLE(log_softmax)
{
    sg_node x = example_rows(g, variant);
    return x.graph ? sg_log_softmax(x) : x;
}
sg_node sg_log_softmax(sg_node x) { return sg_apply_like(SG_OP_log_softmax, x, none); }

/* ---- compositions ---- */

sg_node sg_sum(sg_node x) { return sg_sum_to(x, sg_vector(1)); }
sg_node sg_sum_last(sg_node x) { return sg_sum_to(x, last_to_one(sg_node_shape(x))); }
sg_node sg_dot(sg_node a, sg_node b) { return sg_sum(sg_mul(a, b)); }
sg_node sg_l2_norm_last(sg_node x) { return sg_sqrt(sg_sum_last(sg_square(x))); }

sg_node sg_mean(sg_node x)
{
    sg_require_node("mean", x);
    return sg_scale(sg_sum(x), 1.0 / (double)sg_shape_size(sg_node_shape(x)));
}

sg_node sg_mean_last(sg_node x)
{
    sg_require_node("mean_last", x);
    return sg_scale(sg_sum_last(x), 1.0 / sg_shape_cols(sg_node_shape(x)));
}
