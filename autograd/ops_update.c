/* ops_update.c - the kernels of optimisers. Their matrix input (the gradient) may be an outer
 * product that is never formed (rewrite.c), and what they update is updated in place
 * (plan_update.c). */
#include <string.h>

#include "autograd/graph_internal.h"
#include "autograd/op.h"
#include "autograd/parallel.h"

/* Rows and columns of what is updated: a vector is one row. */
static size_t cols_of(const sg_call *call) { return (size_t)sg_shape_cols(*call->out_shape); }
static size_t rows_of(const sg_call *call) { return (size_t)sg_shape_rows(*call->out_shape); }

/* The rows operand from row `begin` on. */
static sg_rows rows_from(const sg_call *call, size_t begin)
{
    sg_rows x = sg_call_rows(call);
    x.scale = x.scale ? sg_call_at(call, x.scale, begin) : NULL;
    x.row = sg_call_at(call, x.row, begin * x.row_step);
    return x;
}

static void *row_at(const sg_call *call, const void *base, size_t row)
{
    return base ? sg_call_at(call, base, row * cols_of(call)) : NULL;
}

/* Examples are a vector, a matrix of so many rows, a large one for SG_BENCH; false for others. */
static bool example_shape(int variant, int rows, sg_shape *shape)
{
    *shape = variant == SG_BENCH ? sg_matrix(256, 256)
             : variant           ? sg_matrix(rows, 4)
                                 : sg_vector(5);
    return variant <= 1;
}

/* A further output is a node without a call of its own: the op's call writes it. */
static void declare_output(sg_node x, int index, sg_shape shape)
{
    sg_apply(SG_OP_output, &x, 1, shape, sg_node_dtype(x), (sg_attributes){.integer = {index}});
}

/* The backward product that the plan has put into this call (plan_merge.c), NULL: none. Such a call
 * is made by one thread. */
static const sg_product *product_of(const sg_call *call, sg_product *product)
{
    *product = (sg_product){call->also_in[0], call->also_out};
    return call->also_out ? product : NULL;
}

/* add_scaled: y = a + c x, what SGD does;  da = dy, dx = c dy */
static void add_scaled_part(const void *context, size_t begin, size_t end)
{
    const sg_call *call = context;
    sg_rows x = rows_from(call, begin);
    call->kernels->add_scaled(end - begin, cols_of(call), row_at(call, call->in[0], begin),
                              call->attr->number[0], &x, row_at(call, call->out[0], begin),
                              product_of(call, &(sg_product){0}));
}
SG_EVAL(add_scaled)
{
    sg_parallel(call->threads, rows_of(call), (size_t)call->size, add_scaled_part, call);
}
SG_VJP(add_scaled)
{
    dx[0] = dy;
    dx[1] = sg_scale(dy, sg_node_attributes(y)->number[0]);
}
SG_EXAMPLE(add_scaled)
{
    sg_shape shape;
    if (!example_shape(variant, 3, &shape))
        return (sg_node){0};
    return sg_add_scaled(sg_example_input(g, shape, SG_DOMAIN_REAL), -0.3,
                         sg_example_input(g, shape, SG_DOMAIN_REAL));
}
sg_node sg_add_scaled(sg_node a, double c, sg_node x)
{
    sg_require_alike("add_scaled", a, x);
    return sg_apply(SG_OP_add_scaled, (sg_node[]){a, x}, 2, sg_node_shape(a), sg_node_dtype(a),
                    (sg_attributes){.number = {c}});
}

/* approach: y = a + c (x - a), a target network's update;  da = (1 - c) dy, dx = c dy. The
 * difference is made in pieces that stay in the L1 cache. */
static void approach_part(const void *context, size_t begin, size_t end)
{
    enum { PIECE = 512 };
    const sg_call *call = context;
    double difference[PIECE]; /* or as many floats */
    for (size_t i = begin; i < end; i += PIECE) {
        size_t n = end - i < PIECE ? end - i : PIECE;
        const void *a = sg_call_at(call, call->in[0], i), *x = sg_call_at(call, call->in[1], i);
        sg_rows row = {.factor = 1, .row = difference, .row_step = n};
        call->kernels->sub(n, x, 1, a, 1, difference);
        call->kernels->add_scaled(1, n, a, call->attr->number[0], &row,
                                  sg_call_at(call, call->out[0], i), NULL);
    }
}
SG_EVAL(approach)
{
    sg_parallel(call->threads, (size_t)call->size, (size_t)call->size, approach_part, call);
}
SG_VJP(approach)
{
    double c = sg_node_attributes(y)->number[0];
    dx[0] = sg_scale(dy, 1 - c);
    dx[1] = sg_scale(dy, c);
}
SG_EXAMPLE(approach)
{
    sg_shape shape;
    if (!example_shape(variant, 260, &shape))
        return (sg_node){0};
    return sg_approach(sg_example_input(g, shape, SG_DOMAIN_REAL), 0.3,
                       sg_example_input(g, shape, SG_DOMAIN_REAL));
}
sg_node sg_approach(sg_node a, double c, sg_node x)
{
    sg_require_alike("approach", a, x);
    return sg_apply(SG_OP_approach, (sg_node[]){a, x}, 2, sg_node_shape(a), sg_node_dtype(a),
                    (sg_attributes){.number = {c}});
}

/* trace_step: z' = decay z + g; output 1 has the sum of |z'| over every SG_TRACE_ROWS rows. Equals
 * add(scale(z, decay), g) and the sum of its absolute values. */
static void trace_part(const void *context, size_t begin, size_t end)
{
    const sg_call *call = context;
    sg_rows g = rows_from(call, begin);
    call->kernels->trace(end - begin, cols_of(call), call->attr->number[0], &g,
                         row_at(call, call->in[0], begin), row_at(call, call->out[0], begin),
                         sg_call_at(call, call->out[1], begin / SG_TRACE_ROWS));
}
SG_EVAL(trace_step)
{
    sg_parallel(call->threads, rows_of(call), (size_t)call->size, trace_part, call);
}
SG_EXAMPLE(trace_step)
{
    sg_shape shape;
    if (!example_shape(variant, 35, &shape))
        return (sg_node){0};
    return sg_trace_step(sg_example_input(g, shape, SG_DOMAIN_REAL),
                         sg_example_input(g, shape, SG_DOMAIN_REAL), 0.8);
}
sg_node sg_trace_step(sg_node z, sg_node g, double decay)
{
    sg_require_alike("trace_step", z, g);
    sg_shape shape = sg_node_shape(z);
    sg_node next = sg_apply(SG_OP_trace_step, (sg_node[]){z, g}, 2, shape, sg_node_dtype(z),
                            (sg_attributes){.number = {decay}});
    declare_output(next, 1, sg_vector((sg_shape_rows(shape) - 1) / SG_TRACE_ROWS + 1));
    return next;
}

/* clear: y = flag ? 0 : x;  dx = clear(dy, flag). Nothing is done where x stays where it is. */
static void clear_part(const void *context, size_t begin, size_t end)
{
    const sg_call *call = context;
    void *y = row_at(call, call->out[0], begin);
    size_t bytes = (end - begin) * cols_of(call) * sg_dtype_size(call->kernels->dtype);
    if (sg_call_number(call, 1) != 0)
        memset(y, 0, bytes);
    else
        memcpy(y, row_at(call, call->in[0], begin), bytes);
}
SG_EVAL(clear)
{
    if (sg_call_number(call, 1) != 0 || call->out[0] != call->in[0])
        sg_parallel(call->threads, rows_of(call), (size_t)call->size, clear_part, call);
}
SG_VJP(clear) { dx[0] = sg_clear(dy, x[1]); }
SG_EXAMPLE(clear)
{
    if (variant > 1)
        return (sg_node){0};
    return sg_clear(sg_example_input(g, sg_vector(variant == SG_BENCH ? 65536 : 5), SG_DOMAIN_REAL),
                    sg_constant(g, variant == 1));
}
sg_node sg_clear(sg_node x, sg_node flag)
{
    sg_require_node("clear", x);
    sg_require_number("clear: flag", flag);
    return sg_apply(SG_OP_clear, (sg_node[]){x, flag}, 2, sg_node_shape(x), sg_node_dtype(x),
                    (sg_attributes){.integer = {0}});
}

/* adam_step: p' from p, v, gradient g, the step's two numbers and (with beta1) m; see
 * sg_adam_numbers. Outputs 1 and 2 are v' and m'. Equals the composite sg_adam_plain in optim/.
 * Input order: p, v, m, g, step_size, root_scale; without a first moment m is p, unused. */
enum { ADAM_P, ADAM_V, ADAM_M, ADAM_G, ADAM_STEP_SIZE, ADAM_ROOT_SCALE };

static void adam_part(const void *context, size_t begin, size_t end)
{
    const sg_call *call = context;
    const double *number = call->attr->number;
    bool has_m = call->attr->integer[0];
    sg_rows g = rows_from(call, begin);
    sg_adam_numbers numbers = {.beta1 = number[0],
                               .beta2 = number[1],
                               .eps = number[2],
                               .l2 = number[3],
                               .decay = number[4],
                               .step_size = sg_call_number(call, ADAM_STEP_SIZE),
                               .root_scale = sg_call_number(call, ADAM_ROOT_SCALE)};
    call->kernels->adam(
        end - begin, cols_of(call), &numbers, &g, row_at(call, call->in[ADAM_P], begin),
        has_m ? row_at(call, call->in[ADAM_M], begin) : NULL, row_at(call, call->in[ADAM_V], begin),
        row_at(call, call->out[0], begin), has_m ? row_at(call, call->out[2], begin) : NULL,
        row_at(call, call->out[1], begin), product_of(call, &(sg_product){0}));
}
SG_EVAL(adam_step)
{
    sg_parallel(call->threads, rows_of(call), (size_t)call->size, adam_part, call);
}
SG_EXAMPLE(adam_step)
{
    sg_shape shape;
    if (!example_shape(variant, 3, &shape))
        return (sg_node){0};
    sg_adam_numbers numbers = {
        .beta1 = variant == 1 ? 0.9 : 0, .beta2 = 0.999, .eps = 1e-8, .decay = 1};
    sg_node p = sg_example_input(g, shape, SG_DOMAIN_REAL),
            v = sg_example_input(g, shape, SG_DOMAIN_POSITIVE);
    sg_node m = variant == 1 ? sg_example_input(g, shape, SG_DOMAIN_REAL) : (sg_node){0};
    return sg_adam_step(p, m, v, sg_example_input(g, shape, SG_DOMAIN_REAL), sg_constant(g, 1e-3),
                        sg_constant(g, 2), &numbers);
}
sg_node sg_adam_step(sg_node p, sg_node m, sg_node v, sg_node g, sg_node step_size,
                     sg_node root_scale, const sg_adam_numbers *numbers)
{
    bool has_m = m.graph != NULL;
    sg_node inputs[] = {p, v, has_m ? m : p, g, step_size, root_scale};
    for (int i = 1; i < 4; i++)
        sg_require_alike("adam_step", p, inputs[i]);
    sg_require_number("adam_step: step_size", step_size);
    sg_require_number("adam_step: root_scale", root_scale);
    sg_attributes attr = {
        .number = {numbers->beta1, numbers->beta2, numbers->eps, numbers->l2, numbers->decay},
        .integer = {has_m}};
    sg_node next = sg_apply(SG_OP_adam_step, inputs, 6, sg_node_shape(p), sg_node_dtype(p), attr);
    declare_output(next, 1, sg_node_shape(p));
    if (has_m)
        declare_output(next, 2, sg_node_shape(p));
    return next;
}

/* rms_direction: a direction divided by root mean squares. Output 1 is v', output 2 [parts,
 * SG_RMS_SUMS] has sums over every SG_TRACE_ROWS rows; see sg_kernels. Equals a chain of
 * element-wise ops. Input order: v, z, g, correction. */
enum { RMS_V, RMS_Z, RMS_G, RMS_CORRECTION };

static void rms_part(const void *context, size_t begin, size_t end)
{
    const sg_call *call = context;
    const double *number = call->attr->number;
    sg_rows g = rows_from(call, begin);
    sg_rms_numbers numbers = {.beta2 = number[0],
                              .correction = sg_call_number(call, RMS_CORRECTION),
                              .eps_inside = number[1],
                              .eps = number[2]};
    call->kernels->rms_direction(
        end - begin, cols_of(call), &numbers, &g, row_at(call, call->in[RMS_V], begin),
        row_at(call, call->in[RMS_Z], begin), row_at(call, call->out[1], begin),
        row_at(call, call->out[0], begin),
        sg_call_at(call, call->out[2], SG_RMS_SUMS * (begin / SG_TRACE_ROWS)));
}
SG_EVAL(rms_direction)
{
    sg_parallel(call->threads, rows_of(call), (size_t)call->size, rms_part, call);
}
SG_EXAMPLE(rms_direction)
{
    sg_shape shape;
    if (!example_shape(variant, 35, &shape))
        return (sg_node){0};
    sg_rms_numbers numbers = {.beta2 = 0.999, .eps_inside = 1e-8, .eps = 1e-8};
    return sg_rms_direction(
        sg_example_input(g, shape, SG_DOMAIN_POSITIVE), sg_example_input(g, shape, SG_DOMAIN_REAL),
        sg_example_input(g, shape, SG_DOMAIN_REAL), sg_constant(g, 1.5), &numbers);
}
sg_node sg_rms_direction(sg_node v, sg_node z, sg_node g, sg_node correction,
                         const sg_rms_numbers *numbers)
{
    sg_node inputs[] = {v, z, g, correction};
    sg_require_number("rms_direction: correction", correction);
    sg_shape shape = sg_node_shape(v);
    for (int i = 1; i < 3; i++)
        sg_require_alike("rms_direction", v, inputs[i]);
    sg_attributes attr = {.number = {numbers->beta2, numbers->eps_inside, numbers->eps}};
    sg_node next = sg_apply(SG_OP_rms_direction, inputs, 4, shape, sg_node_dtype(v), attr);
    int parts = (sg_shape_rows(shape) - 1) / SG_TRACE_ROWS + 1;
    declare_output(next, 1, shape);
    declare_output(next, 2, sg_matrix(parts, SG_RMS_SUMS));
    return next;
}

sg_node sg_output(sg_node x, int index)
{
    sg_node y = {x.graph, x.id + 1};
    sg_require_node("output", x);
    for (; sg_is_output_of(x.graph, y.id, x.id); y.id++)
        if (sg_node_attributes(y)->integer[0] == index)
            return y;
    sg_misuse("output: %s has no output %d", sg_op_get(sg_node_op(x))->name, index);
}
