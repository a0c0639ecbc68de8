/* ops_norm.c - layer norm and L2 normalisation, over the last dimension: a kernel forward and one
 * backward each. */
#include "autograd/op.h"

static const double EXAMPLE_EPS = 0.1;

static sg_node example_input(sg_graph *g, int variant)
{
    sg_shape shape = variant == SG_BENCH ? sg_vector(256)
                     : variant           ? sg_matrix(3, 4)
                                         : sg_vector(5);
    return variant > 1 ? (sg_node){0} : sg_example_input(g, shape, SG_DOMAIN_REAL);
}

typedef void forward_kernel(size_t n, const void *x, double number, void *y);
typedef void backward_kernel(size_t n, const void *x, const void *y, double number, const void *dy,
                             void *dx);

static void forward_rows(const sg_call *call, forward_kernel *kernel)
{
    size_t rows = (size_t)sg_shape_rows(*call->out_shape);
    size_t n = (size_t)sg_shape_cols(*call->out_shape);
    for (size_t r = 0; r < rows; r++)
        kernel(n, sg_call_at(call, call->in[0], r * n), call->attr->number[0],
               sg_call_at(call, call->out[0], r * n));
}

static void backward_rows(const sg_call *call, backward_kernel *kernel)
{
    size_t rows = (size_t)sg_shape_rows(*call->out_shape);
    size_t n = (size_t)sg_shape_cols(*call->out_shape);
    for (size_t r = 0; r < rows; r++)
        kernel(n, sg_call_at(call, call->in[0], r * n), sg_call_at(call, call->in[1], r * n),
               call->attr->number[0], sg_call_at(call, call->in[2], r * n),
               sg_call_at(call, call->out[0], r * n));
}

/* Of y = forward(x), with the same number. y is an input only so that it need not be made again:
 * all of the gradient is x's and dy's. */
static sg_node apply_backward(int op, int forward, sg_node y, sg_node dy)
{
    const char *name = sg_op_get(op)->name;
    sg_require_alike(name, y, dy);
    if (sg_node_op(y) != forward)
        sg_misuse("%s: y is the result of %s, where one of %s is needed", name,
                  sg_op_get(sg_node_op(y))->name, sg_op_get(forward)->name);
    return sg_apply(op, (sg_node[]){sg_node_input(y, 0), y, dy}, 3, sg_node_shape(y),
                    sg_node_dtype(y), *sg_node_attributes(y));
}

/* Both derivatives J are symmetric, J v = (v - y <y, v> - ...) / s, where <,> is a mean over n
 * values or, with n = 1, a sum. Of u^T J v = n common / s the gradient in v is J u; the one in x,
 * as ds/dx = y / n and d<u, y>/dx = J u / n, is
 *   -(common y / s^2 + (<u, y> J v + <v, y> J u) / s). */
static sg_node gradient_of_derivative(sg_node y, sg_node common, sg_node s2, sg_node uy, sg_node vy,
                                      sg_node Ju, sg_node Jv)
{
    sg_node by_s = sg_div(sg_mul(common, y), s2); /* in this order: 0 where y is, however small s */
    sg_node by_y = sg_div(sg_add(sg_mul(uy, Jv), sg_mul(vy, Ju)), sg_sqrt(s2));
    return sg_neg(sg_add(by_s, by_y));
}

/* layer_norm: y = (x - mean) / s, s = sqrt(variance + eps);  dx = layer_norm_grad(y, dy). Equals
 * the composite sg_layer_norm_plain, to the bit. */
SG_EVAL(layer_norm) { forward_rows(call, call->kernels->layer_norm); }
SG_VJP(layer_norm) { dx[0] = sg_layer_norm_grad(y, dy); }
SG_EXAMPLE(layer_norm)
{
    sg_node x = example_input(g, variant);
    return x.graph ? sg_layer_norm(x, EXAMPLE_EPS) : x;
}
sg_node sg_layer_norm(sg_node x, double eps)
{
    sg_require_node("layer_norm", x);
    return sg_apply_like(SG_OP_layer_norm, x, (sg_attributes){.number = {eps}});
}

/* layer_norm_grad: J dy, J = (1 - 1/n - y y^T/n) / s being layer norm's derivative. Equals the
 * gradient of sg_layer_norm_plain, to the bit. */
SG_EVAL(layer_norm_grad) { backward_rows(call, call->kernels->layer_norm_grad); }
SG_VJP(layer_norm_grad)
{
    double eps = sg_node_attributes(y)->number[0];
    sg_node normed = x[1], u = dy, v = x[2], Jv = y, Ju = sg_layer_norm_grad(normed, u);
    sg_node centred = sg_sub(x[0], sg_mean_last(x[0]));
    sg_node s2 = sg_offset(sg_mean_last(sg_square(centred)), eps);
    sg_node uy = sg_mean_last(sg_mul(u, normed)), vy = sg_mean_last(sg_mul(v, normed));
    sg_node means = sg_mul(sg_mean_last(u), sg_mean_last(v));
    sg_node common = sg_sub(sg_sub(sg_mean_last(sg_mul(u, v)), means), sg_mul(uy, vy));
    dx[0] = gradient_of_derivative(normed, common, s2, uy, vy, Ju, Jv);
    dx[2] = Ju;
}
SG_EXAMPLE(layer_norm_grad)
{
    sg_node y = sg_example_layer_norm(g, op, variant);
    return y.graph ? sg_layer_norm_grad(y, example_input(g, variant)) : y;
}
sg_node sg_layer_norm_grad(sg_node y, sg_node dy)
{
    return apply_backward(SG_OP_layer_norm_grad, SG_OP_layer_norm, y, dy);
}

/* l2_normalize: y = x / |x|, or 0 where |x|^2 is at most LEAST: neither the division nor its
 * gradient meets a norm of 0, which a network without biases has where its input is 0;
 * dx = l2_normalize_grad(y, dy). Equals the composite sg_l2_normalize_plain, to the bit. */
static const double LEAST = 1e-30;

SG_EVAL(l2_normalize) { forward_rows(call, call->kernels->l2_normalize); }
SG_VJP(l2_normalize) { dx[0] = sg_l2_normalize_grad(y, dy); }
SG_EXAMPLE(l2_normalize)
{
    sg_node x = example_input(g, variant);
    return x.graph ? sg_l2_normalize(x) : x;
}
sg_node sg_l2_normalize(sg_node x)
{
    sg_require_node("l2_normalize", x);
    return sg_apply_like(SG_OP_l2_normalize, x, (sg_attributes){.number = {LEAST}});
}

static sg_node least_of(sg_node x) { return sg_constant_of(x.graph, sg_node_dtype(x), LEAST); }

/* l2_normalize_grad: J dy, J = (1 - y y^T) / |x| being the derivative of l2_normalize, or 0. Equals
 * the gradient of sg_l2_normalize_plain, to the bit. */
SG_EVAL(l2_normalize_grad) { backward_rows(call, call->kernels->l2_normalize_grad); }
SG_VJP(l2_normalize_grad)
{
    sg_node normed = x[1], u = dy, v = x[2], Jv = y, Ju = sg_l2_normalize_grad(normed, u);
    sg_node squares = sg_sum_last(sg_square(x[0]));
    sg_node uy = sg_sum_last(sg_mul(u, normed)), vy = sg_sum_last(sg_mul(v, normed));
    sg_node common = sg_sub(sg_sum_last(sg_mul(u, v)), sg_mul(uy, vy));
    dx[0] =
        gradient_of_derivative(normed, common, sg_maximum(squares, least_of(x[0])), uy, vy, Ju, Jv);
    dx[2] = Ju;
}
SG_EXAMPLE(l2_normalize_grad)
{
    sg_node y = sg_example_l2_normalize(g, op, variant);
    return y.graph ? sg_l2_normalize_grad(y, example_input(g, variant)) : y;
}
sg_node sg_l2_normalize_grad(sg_node y, sg_node dy)
{
    return apply_backward(SG_OP_l2_normalize_grad, SG_OP_l2_normalize, y, dy);
}
