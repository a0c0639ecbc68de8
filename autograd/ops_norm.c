/* ops_norm.c - layer norm as one kernel forward and one backward. */
#include "autograd/layers.h"
#include "autograd/op.h"

static sg_node example_rows(sg_graph *g, int variant)
{
    sg_shape shape = variant == SG_BENCH ? sg_vector(256)
                     : variant           ? sg_matrix(3, 4)
                                         : sg_vector(5);
    return variant > 1 ? (sg_node){0} : sg_example_input(g, shape, SG_DOMAIN_REAL);
}
static const double example_eps = 0.1;

/* Rows of the last dimension. */
static size_t rows_of(const sg_call *call) { return (size_t)sg_shape_rows(*call->out_shape); }
static size_t cols_of(const sg_call *call) { return (size_t)sg_shape_cols(*call->out_shape); }

/* layer_norm: y = (x - mean) / s, s = sqrt(variance + eps);  dx = layer_norm_grad(x, dy). Equals
 * the composite sg_layer_norm_plain, to the bit. */
SG_EVAL(layer_norm)
{
    size_t n = cols_of(call);
    for (size_t r = 0; r < rows_of(call); r++)
        call->kernels->layer_norm(n, sg_call_at(call, call->in[0], r * n), call->attr->number[0],
                                  sg_call_at(call, call->out[0], r * n));
}
SG_VJP(layer_norm) { dx[0] = sg_layer_norm_grad(x[0], dy, sg_node_attributes(y)->number[0]); }
SG_EXAMPLE(layer_norm)
{
    sg_node x = example_rows(g, variant);
    return x.graph ? sg_layer_norm(x, example_eps) : x;
}
sg_node sg_layer_norm(sg_node x, double eps)
{
    sg_require_node("layer_norm", x);
    return sg_apply_like(SG_OP_layer_norm, x, (sg_attributes){.number = {eps}});
}

sg_node sg_layer_norm_plain(sg_node x, double eps)
{
    sg_node centred = sg_sub(x, sg_mean_last(x));
    sg_node variance = sg_mean_last(sg_square(centred));
    return sg_div(centred, sg_sqrt(sg_offset(variance, eps)));
}

/* layer_norm_grad: g = J dy, where J = (1 - 1/n - y y^T/n) / s is layer norm's derivative, a
 * symmetric matrix. Equals the gradient of sg_layer_norm_plain, to the bit.
 * With u = dg: d(dy) = J u, and, of K = cov(u, dy) - mean(u y) mean(dy y),
 *   dx = -(K y / s^2 + (mean(u y) J dy + mean(dy y) J u) / s). */
SG_EVAL(layer_norm_grad)
{
    size_t n = cols_of(call);
    for (size_t r = 0; r < rows_of(call); r++)
        call->kernels->layer_norm_grad(n, sg_call_at(call, call->in[0], r * n),
                                       call->attr->number[0], sg_call_at(call, call->in[1], r * n),
                                       sg_call_at(call, call->out[0], r * n));
}
SG_VJP(layer_norm_grad)
{
    double eps = sg_node_attributes(y)->number[0];
    sg_node u = dy, v = x[1], Jv = y, Ju = sg_layer_norm_grad(x[0], u, eps);
    sg_node normed = sg_layer_norm(x[0], eps);
    sg_node u_along = sg_mean_last(sg_mul(u, normed)), v_along = sg_mean_last(sg_mul(v, normed));
    sg_node centred = sg_sub(x[0], sg_mean_last(x[0]));
    sg_node s2 = sg_offset(sg_mean_last(sg_square(centred)), eps);
    sg_node K = sg_sub(sg_mean_last(sg_mul(u, v)),
                       sg_add(sg_mul(sg_mean_last(u), sg_mean_last(v)), sg_mul(u_along, v_along)));
    sg_node across = sg_add(sg_mul(u_along, Jv), sg_mul(v_along, Ju));
    dx[0] = sg_neg(sg_add(sg_mul(normed, sg_div(K, s2)), sg_div(across, sg_sqrt(s2))));
    dx[1] = Ju;
}
SG_EXAMPLE(layer_norm_grad)
{
    sg_node x = example_rows(g, variant);
    return x.graph ? sg_layer_norm_grad(x, example_rows(g, variant), example_eps) : x;
}
sg_node sg_layer_norm_grad(sg_node x, sg_node dy, double eps)
{
    sg_require_alike("layer_norm_grad", x, dy);
    return sg_apply(SG_OP_layer_norm_grad, (sg_node[]){x, dy}, 2, sg_node_shape(x),
                    sg_node_dtype(x), (sg_attributes){.number = {eps}});
}
