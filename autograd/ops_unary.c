/* ops_unary.c - element-wise ops of one input. Each section: formula, kernel, gradient. */
#include "autograd/op.h"

static const sg_attributes none = {.integer = {0}};

/* eval and builder of an op whose kernel in the table has its name. */
#define SG_UNARY_KERNEL(name)                                                             \
    SG_EVAL(name) { call->kernels->name((size_t)call->size, call->in[0], call->out[0]); } \
    sg_node sg_##name(sg_node x) { return sg_apply_like(SG_OP_##name, x, none); }

/* The same for a kernel with two numbers, attr.number[0] and [1]. */
#define SG_PARAM_EVAL(name)                                                         \
    SG_EVAL(name)                                                                   \
    {                                                                               \
        call->kernels->name((size_t)call->size, call->in[0], call->attr->number[0], \
                            call->attr->number[1], call->out[0]);                   \
    }

/* An example of an op with numbers: variants of a few shapes. */
static sg_node example_of_shape(sg_graph *g, int variant, sg_domain domain)
{
    sg_shape shapes[] = {sg_vector(1), sg_vector(9), sg_matrix(2, 5)};
    if (variant >= (int)(sizeof shapes / sizeof shapes[0]))
        return (sg_node){0};
    return sg_example_input(g, variant == SG_BENCH ? sg_vector(4096) : shapes[variant], domain);
}

/* abs: y = |x|;  dx = dy sign(x) */
SG_UNARY_KERNEL(abs)
SG_VJP(abs) { dx[0] = sg_mul(dy, sg_sign(x[0])); }

/* sign: y = -1, 0 or 1 */
SG_UNARY_KERNEL(sign)

/* positive: y = x > 0 ? 1 : 0 */
SG_UNARY_KERNEL(positive)

/* square: y = x^2;  dx = 2 x dy */
SG_UNARY_KERNEL(square)
SG_VJP(square) { dx[0] = sg_mul(dy, sg_scale(x[0], 2)); }

/* sqrt: dx = dy / (2 y) */
SG_UNARY_KERNEL(sqrt)
SG_VJP(sqrt) { dx[0] = sg_div(dy, sg_scale(y, 2)); }

/* reciprocal: y = 1 / x;  dx = -dy y^2 */
SG_UNARY_KERNEL(reciprocal)
SG_VJP(reciprocal) { dx[0] = sg_mul(dy, sg_neg(sg_square(y))); }

/* exp: dx = dy y */
SG_UNARY_KERNEL(exp)
SG_VJP(exp) { dx[0] = sg_mul(dy, y); }

/* log: dx = dy / x */
SG_UNARY_KERNEL(log)
SG_VJP(log) { dx[0] = sg_div(dy, x[0]); }

/* tanh: dx = dy (1 - y^2) */
SG_UNARY_KERNEL(tanh)
SG_VJP(tanh) { dx[0] = sg_mul(dy, sg_one_minus(sg_square(y))); }

/* sigmoid: dx = dy y (1 - y) */
SG_UNARY_KERNEL(sigmoid)
SG_VJP(sigmoid) { dx[0] = sg_mul(dy, sg_mul(y, sg_one_minus(y))); }

/* softplus: y = log(1 + e^x);  dx = dy sigmoid(x), and exactly dy above 20, where PyTorch's
 * softplus, and with it every published trace, goes over to y = x (the values there differ by 2e-9
 * at most) */
SG_UNARY_KERNEL(softplus)
SG_VJP(softplus)
{
    sg_node is_linear = sg_positive(sg_offset(x[0], -20));
    dx[0] = sg_mul(dy, sg_maximum(sg_sigmoid(x[0]), is_linear));
}

/* sin: dx = dy cos x */
SG_UNARY_KERNEL(sin)
SG_VJP(sin) { dx[0] = sg_mul(dy, sg_cos(x[0])); }

/* cos: dx = -dy sin x */
SG_UNARY_KERNEL(cos)
SG_VJP(cos) { dx[0] = sg_neg(sg_mul(dy, sg_sin(x[0]))); }

/* affine: y = a x + b;  dx = a dy. Two in a row are one; of a constant it is a constant. */
SG_PARAM_EVAL(affine)
SG_VJP(affine) { dx[0] = sg_scale(dy, sg_node_attributes(y)->number[0]); }
SG_EXAMPLE(affine)
{
    sg_node x = example_of_shape(g, variant, SG_DOMAIN_REAL);
    return x.graph ? sg_affine(x, -1.5, 0.25) : x;
}

sg_node sg_affine(sg_node x, double a, double b)
{
    sg_require_node("affine", x);
    if (a == 1 && b == 0)
        return x;
    const double *number = sg_node_attributes(x)->number;
    if (sg_node_op(x) == SG_OP_affine)
        return sg_affine(sg_node_input(x, 0), a * number[0], a * number[1] + b);
    if (sg_is_constant(x, number[0]))
        return sg_constant_like(x, sg_node_shape(x), a * number[0] + b);
    return sg_apply_like(SG_OP_affine, x, (sg_attributes){.number = {a, b}});
}

/* clamp: y = min(max(x, low), high);  dx = dy where low <= x <= high */
SG_PARAM_EVAL(clamp)
SG_VJP(clamp)
{
    const double *limit = sg_node_attributes(y)->number;
    dx[0] = sg_mul(dy, sg_inside(x[0], limit[0], limit[1]));
}
SG_EXAMPLE(clamp)
{
    sg_node x = example_of_shape(g, variant, SG_DOMAIN_AWAY);
    return x.graph ? sg_clamp(x, -0.1, 0.1 + 0.9 * (variant == 1)) : x;
}

sg_node sg_clamp(sg_node x, double low, double high)
{
    if (!(low <= high))
        sg_misuse("clamp: low %g is above high %g", low, high);
    return sg_apply_like(SG_OP_clamp, x, (sg_attributes){.number = {low, high}});
}

/* inside: y = low <= x <= high ? 1 : 0 */
SG_PARAM_EVAL(inside)
SG_EXAMPLE(inside)
{
    sg_node x = example_of_shape(g, variant, SG_DOMAIN_AWAY);
    return x.graph ? sg_inside(x, -0.1, 1.0) : x;
}

sg_node sg_inside(sg_node x, double low, double high)
{
    return sg_apply_like(SG_OP_inside, x, (sg_attributes){.number = {low, high}});
}

/* leaky_relu: y = x > 0 ? x : slope x;  dx = dy leaky_slope(x) */
SG_PARAM_EVAL(leaky_relu)
SG_VJP(leaky_relu) { dx[0] = sg_mul(dy, sg_leaky_slope(x[0], sg_node_attributes(y)->number[0])); }
SG_EXAMPLE(leaky_relu)
{
    sg_node x = example_of_shape(g, variant, SG_DOMAIN_AWAY);
    return x.graph ? sg_leaky_relu(x, 0.01) : x;
}

sg_node sg_leaky_relu(sg_node x, double slope)
{
    return sg_apply_like(SG_OP_leaky_relu, x, (sg_attributes){.number = {slope}});
}

/* leaky_slope: y = x > 0 ? 1 : slope */
SG_PARAM_EVAL(leaky_slope)
SG_EXAMPLE(leaky_slope)
{
    sg_node x = example_of_shape(g, variant, SG_DOMAIN_AWAY);
    return x.graph ? sg_leaky_slope(x, 0.01) : x;
}

sg_node sg_leaky_slope(sg_node x, double slope)
{
    return sg_apply_like(SG_OP_leaky_slope, x, (sg_attributes){.number = {slope}});
}

/* ---- compositions ---- */

sg_node sg_neg(sg_node x) { return sg_affine(x, -1, 0); }
sg_node sg_scale(sg_node x, double c) { return sg_affine(x, c, 0); }
sg_node sg_offset(sg_node x, double c) { return sg_affine(x, 1, c); }
sg_node sg_one_minus(sg_node x) { return sg_affine(x, -1, 1); }
sg_node sg_relu(sg_node x) { return sg_leaky_relu(x, 0); }
