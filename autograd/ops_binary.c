/* ops_binary.c - element-wise ops of two inputs, with NumPy's broadcasting, and select. */
#include "autograd/op.h"

static const sg_attributes none = {.integer = {0}};

/* ---- broadcasting: as many of the last dimensions as are alike are one kernel call, the others
 * are counted through ---- */

/* Elements to move on in x for one step in each of the output's dimensions: 0 where x repeats. */
static void broadcast_steps(const sg_shape *x, const sg_shape *out, size_t step[SG_MAX_RANK])
{
    size_t size = 1;
    for (int d = out->rank - 1, k = x->rank - 1; d >= 0; d--, k--) {
        int n = k >= 0 ? x->dim[k] : 1;
        step[d] = n == 1 ? 0 : size;
        size *= (size_t)n;
    }
}

/* True if going on from the end of dimension d + 1 to the next of d is a step like those before. */
static bool goes_on(const sg_shape *out, const size_t step[SG_MAX_RANK], int d, size_t last_step,
                    size_t count)
{
    return step[d] == last_step * count || out->dim[d] == 1;
}

/* The offset in x of row number `row` of the output: the first `rank` dimensions counted through.
 */
static size_t row_offset(const sg_shape *out, int rank, const size_t step[SG_MAX_RANK], size_t row)
{
    size_t offset = 0;
    for (int d = rank - 1; d >= 0; d--) {
        offset += row % (size_t)out->dim[d] * step[d];
        row /= (size_t)out->dim[d];
    }
    return offset;
}

/* Out of line: run_binary would save its registers for every number. */
__attribute__((noinline)) static void run_broadcast(const sg_call *call, sg_binary_kernel *kernel)
{
    const sg_shape *out = call->out_shape;
    size_t a_step[SG_MAX_RANK] = {0}, b_step[SG_MAX_RANK] = {0};
    broadcast_steps(call->in_shape[0], out, a_step);
    broadcast_steps(call->in_shape[1], out, b_step);
    int rank = out->rank - 1;
    size_t a_last = a_step[rank], b_last = b_step[rank], cols = (size_t)out->dim[rank];
    while (rank > 0 && goes_on(out, a_step, rank - 1, a_last, cols) &&
           goes_on(out, b_step, rank - 1, b_last, cols))
        cols *= (size_t)out->dim[--rank];
    size_t rows = (size_t)call->size / cols;
    for (size_t r = 0; r < rows; r++)
        kernel(cols, sg_call_at(call, call->in[0], row_offset(out, rank, a_step, r)), a_last,
               sg_call_at(call, call->in[1], row_offset(out, rank, b_step, r)), b_last,
               sg_call_at(call, call->out[0], r * cols));
}

static void run_binary(const sg_call *call, sg_binary_kernel *kernel)
{
    bool a_full = call->in_size[0] == call->size, b_full = call->in_size[1] == call->size;
    bool a_plain = a_full || call->in_size[0] == 1, b_plain = b_full || call->in_size[1] == 1;
    if (a_plain && b_plain && (a_full || b_full))
        kernel((size_t)call->size, call->in[0], a_full, call->in[1], b_full, call->out[0]);
    else
        run_broadcast(call, kernel);
}

static sg_node apply_binary(int op, sg_node a, sg_node b)
{
    const char *name = sg_op_get(op)->name;
    sg_require_same_type(name, a, b);
    sg_shape shape = sg_broadcast_shape(name, sg_node_shape(a), sg_node_shape(b));
    return sg_apply(op, (sg_node[]){a, b}, 2, shape, sg_node_dtype(a), none);
}

#define SG_BINARY_EVAL(name) \
    SG_EVAL(name) { run_binary(call, call->kernels->name); }
#define SG_BINARY_KERNEL(name) \
    SG_BINARY_EVAL(name)       \
    sg_node sg_##name(sg_node a, sg_node b) { return apply_binary(SG_OP_##name, a, b); }

/* True if x already has the shape that x and other broadcast to. */
static bool spans(sg_node x, sg_node other)
{
    sg_shape shape = sg_node_shape(x);
    return sg_shape_equal(shape, sg_broadcast_shape("broadcast", shape, sg_node_shape(other)));
}

/* add: y = a + b;  da = dy, db = dy. Zero adds nothing. */
SG_BINARY_EVAL(add)
SG_VJP(add) { dx[0] = dx[1] = dy; }

sg_node sg_add(sg_node a, sg_node b)
{
    sg_require_same_type("add", a, b);
    if (sg_is_constant(b, 0) && spans(a, b))
        return a;
    if (sg_is_constant(a, 0) && spans(b, a))
        return b;
    return apply_binary(SG_OP_add, a, b);
}

/* sub: y = a - b;  da = dy, db = -dy */
SG_BINARY_KERNEL(sub)
SG_VJP(sub)
{
    dx[0] = dy;
    dx[1] = sg_neg(dy);
}

/* mul: y = a b;  da = dy b, db = dy a. A constant number becomes a scale. */
SG_BINARY_EVAL(mul)
SG_VJP(mul)
{
    dx[0] = sg_mul(dy, x[1]);
    dx[1] = sg_mul(dy, x[0]);
}

sg_node sg_mul(sg_node a, sg_node b)
{
    sg_require_same_type("mul", a, b);
    double ca = sg_node_attributes(a)->number[0], cb = sg_node_attributes(b)->number[0];
    if (sg_is_constant(b, cb) && spans(a, b))
        return sg_scale(a, cb);
    if (sg_is_constant(a, ca) && spans(b, a))
        return sg_scale(b, ca);
    return apply_binary(SG_OP_mul, a, b);
}

/* div: y = a / b;  da = dy / b, db = -dy y / b */
SG_BINARY_KERNEL(div)
SG_VJP(div)
{
    dx[0] = sg_div(dy, x[1]);
    dx[1] = sg_neg(sg_mul(dy, sg_div(y, x[1])));
}

/* maximum: the gradient goes to the larger, to a where equal */
SG_BINARY_KERNEL(maximum)
SG_VJP(maximum)
{
    sg_node first = sg_greater_equal(x[0], x[1]);
    dx[0] = sg_mul(dy, first);
    dx[1] = sg_mul(dy, sg_one_minus(first));
}

/* minimum: the gradient goes to the smaller, to a where equal */
SG_BINARY_KERNEL(minimum)
SG_VJP(minimum)
{
    sg_node first = sg_greater_equal(x[1], x[0]);
    dx[0] = sg_mul(dy, first);
    dx[1] = sg_mul(dy, sg_one_minus(first));
}

/* pow: y = a^b;  da = dy b a^(b-1), db = dy y log a */
SG_BINARY_KERNEL(pow)
SG_VJP(pow)
{
    dx[0] = sg_mul(dy, sg_mul(x[1], sg_pow(x[0], sg_offset(x[1], -1))));
    dx[1] = sg_mul(dy, sg_mul(y, sg_log(x[0])));
}

/* greater, greater_equal, equal: 1 or 0 */
SG_BINARY_KERNEL(greater)
SG_BINARY_KERNEL(greater_equal)
SG_BINARY_KERNEL(equal)

/* select: y = c != 0 ? a : b;  da = c ? dy : 0, db = c ? 0 : dy */
SG_EVAL(select)
{
    call->kernels->select((size_t)call->size, call->in[0], call->in[1], call->in[2], call->out[0]);
}
SG_VJP(select)
{
    sg_node zero = sg_scale(dy, 0);
    dx[1] = sg_select(x[0], dy, zero);
    dx[2] = sg_select(x[0], zero, dy);
}
SG_EXAMPLE(select)
{
    if (variant > 1)
        return (sg_node){0};
    sg_shape shape = variant == SG_BENCH ? sg_vector(4096)
                     : variant           ? sg_matrix(2, 3)
                                         : sg_vector(5);
    sg_node condition = sg_positive(sg_example_input(g, shape, SG_DOMAIN_AWAY));
    return sg_select(condition, sg_example_input(g, shape, SG_DOMAIN_REAL),
                     sg_example_input(g, shape, SG_DOMAIN_REAL));
}

sg_node sg_select(sg_node condition, sg_node a, sg_node b)
{
    sg_require_alike("select", a, b);
    sg_require_alike("select", a, condition);
    return sg_apply(SG_OP_select, (sg_node[]){condition, a, b}, 3, sg_node_shape(a),
                    sg_node_dtype(a), none);
}
