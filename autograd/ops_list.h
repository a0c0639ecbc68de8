/* ops_list.h - the list of ops. No include guard: it is included with the macros defined.
 *
 * One line makes an op: the enum, the name table, the public declaration (ops.h), the gradient
 * test, the test of every instruction set against the scalar one and the benchmark all come from
 * here. The op itself is one section of an ops_*.c file: formula, eval, vjp, builder (and, for
 * SG_OP_FULL, the examples that tests and benchmarks run).
 *
 *   SG_OP_SOURCE (name, what)                           made by graph.h, not computed from inputs
 *   SG_OP_UNARY  (name, gradient, domain, what)         sg_node sg_<name>(sg_node x)
 *   SG_OP_BINARY (name, gradient, domain, what)         sg_node sg_<name>(sg_node a, sg_node b)
 *   SG_OP_FULL   (name, (parameters), gradient, what)   sg_node sg_<name>(parameters)
 *   SG_OP_NUMBERS(the same)                             element-wise, with numbers or three inputs
 *
 * gradient: SMOOTH (has a vjp whose own gradient is checked too), KINKED (has a vjp; first order
 * only), ZERO (piecewise constant: the gradient is zero), NONE (not differentiable: an error).
 * domain: where examples are drawn: REAL, POSITIVE, AWAY (from the kink at 0).
 * `...` in a shape: any leading (batch) dimensions. Element-wise binary ops broadcast like NumPy.
 */

/* clang-format off */

#ifndef SG_OP_NUMBERS
#define SG_OP_NUMBERS SG_OP_FULL
#endif

/* ---- sources (graph.h) ---- */
SG_OP_SOURCE(input, "set by the caller")
SG_OP_SOURCE(parameter, "learned")
SG_OP_SOURCE(state, "remembered")
SG_OP_SOURCE(constant, "one number or given numbers")
SG_OP_SOURCE(normal, "standard normal draws")
SG_OP_SOURCE(uniform, "draws on [0, 1)")
SG_OP_SOURCE(output, "a further output of an op that has several")

/* ---- element-wise, one input (ops_unary.c) ---- */
SG_OP_UNARY(abs, KINKED, AWAY, "|x|")
SG_OP_UNARY(sign, ZERO, AWAY, "-1, 0 or 1")
SG_OP_UNARY(positive, ZERO, AWAY, "x > 0 ? 1 : 0")
SG_OP_UNARY(square, SMOOTH, REAL, "x^2")
SG_OP_UNARY(sqrt, SMOOTH, POSITIVE, "square root")
SG_OP_UNARY(reciprocal, SMOOTH, POSITIVE, "1 / x")
SG_OP_UNARY(exp, SMOOTH, REAL, "e^x")
SG_OP_UNARY(log, SMOOTH, POSITIVE, "natural logarithm")
SG_OP_UNARY(tanh, SMOOTH, REAL, "hyperbolic tangent")
SG_OP_UNARY(sigmoid, SMOOTH, REAL, "1 / (1 + e^-x)")
SG_OP_UNARY(softplus, SMOOTH, REAL, "log(1 + e^x)")
SG_OP_UNARY(sin, SMOOTH, REAL, "sine")
SG_OP_UNARY(cos, SMOOTH, REAL, "cosine")

/* ---- element-wise with numbers (ops_unary.c) ---- */
SG_OP_NUMBERS(affine, (sg_node x, double a, double b), SMOOTH, "a x + b")
SG_OP_NUMBERS(clamp, (sg_node x, double low, double high), KINKED,
           "x limited to [low, high]; gradient 1 inside, ends included")
SG_OP_NUMBERS(inside, (sg_node x, double low, double high), ZERO, "low <= x <= high ? 1 : 0")
SG_OP_NUMBERS(leaky_relu, (sg_node x, double slope), KINKED, "x > 0 ? x : slope x")
SG_OP_NUMBERS(leaky_slope, (sg_node x, double slope), ZERO,
           "x > 0 ? 1 : slope, the derivative of leaky_relu")

/* ---- element-wise, two or three inputs (ops_binary.c) ---- */
SG_OP_BINARY(add, SMOOTH, REAL, "a + b")
SG_OP_BINARY(sub, SMOOTH, REAL, "a - b")
SG_OP_BINARY(mul, SMOOTH, REAL, "a b")
SG_OP_BINARY(div, SMOOTH, POSITIVE, "a / b")
SG_OP_BINARY(maximum, KINKED, REAL, "the larger; the first where equal")
SG_OP_BINARY(minimum, KINKED, REAL, "the smaller; the first where equal")
SG_OP_BINARY(pow, SMOOTH, POSITIVE, "a to the b, a > 0")
SG_OP_BINARY(greater, ZERO, REAL, "a > b ? 1 : 0")
SG_OP_BINARY(greater_equal, ZERO, REAL, "a >= b ? 1 : 0")
SG_OP_BINARY(equal, ZERO, REAL, "a == b ? 1 : 0")
SG_OP_NUMBERS(select, (sg_node condition, sg_node a, sg_node b), SMOOTH,
           "condition != 0 ? a : b, equal shapes; no gradient to the condition")

/* ---- reductions (ops_reduce.c) ---- */
SG_OP_FULL(sum_to, (sg_node x, sg_shape shape), SMOOTH,
           "sum over the dimensions that shape lacks or has as 1")
SG_OP_FULL(broadcast_to, (sg_node x, sg_shape shape), SMOOTH, "x repeated to shape, as NumPy does")
SG_OP_FULL(max_last, (sg_node x), KINKED,
           "[..., n] -> [..., 1]: the largest; its gradient goes to the first of equals")
SG_OP_FULL(argmax_last, (sg_node x), ZERO, "[..., n] -> [..., 1]: the first index of the largest")
SG_OP_FULL(softmax, (sg_node x), SMOOTH, "e^x / sum e^x over the last dimension")
SG_OP_FULL(log_softmax, (sg_node x), SMOOTH, "its logarithm")

/* ---- normalisation (ops_norm.c) ---- */
SG_OP_FULL(layer_norm, (sg_node x, double eps), SMOOTH,
           "(x - mean) / sqrt(variance + eps) over the last dimension, biased variance (Ba et al. "
           "2016)")
SG_OP_FULL(layer_norm_grad, (sg_node y, sg_node dy), SMOOTH,
           "of a node y = layer_norm(x): its derivative at x, times dy")
/* No epsilon, as in AVG. Deviation: at a norm of 1e-15 and below it is 0, and so is its gradient
 * (the published code divides 0 by 0). */
SG_OP_FULL(l2_normalize, (sg_node x), SMOOTH, "x / |x| over the last dimension")
SG_OP_FULL(l2_normalize_grad, (sg_node y, sg_node dy), SMOOTH,
           "of a node y = l2_normalize(x): its derivative at x, times dy")

/* ---- linear maps (ops_linear.c) ---- */
SG_OP_FULL(linear, (sg_node W, sg_node x), SMOOTH, "W[out, in], x[..., in] -> x W^T [..., out]")
SG_OP_FULL(linear_t, (sg_node W, sg_node u), SMOOTH, "W[out, in], u[..., out] -> u W [..., in]")
SG_OP_FULL(outer, (sg_node u, sg_node x), SMOOTH,
           "u[..., m], x[..., n] -> u^T x [m, n], summed over the batch")
SG_OP_FULL(transpose, (sg_node x), SMOOTH, "[..., m, n] -> [..., n, m]")

/* ---- shape (ops_shape.c) ---- */
SG_OP_FULL(stop_grad, (sg_node x), ZERO, "x, seen as a constant by gradients")
SG_OP_FULL(reshape, (sg_node x, sg_shape shape), SMOOTH, "the same numbers under another shape")
SG_OP_FULL(cast, (sg_node x, sg_dtype dtype), SMOOTH, "x as float32 or float64")
SG_OP_FULL(concat, (sg_node a, sg_node b), SMOOTH, "[..., m], [..., n] -> [..., m + n]")
SG_OP_FULL(slice, (sg_node x, int start, int count), SMOOTH, "[..., n] -> [..., count] from start")
SG_OP_FULL(pad, (sg_node x, int start, int total), SMOOTH,
           "[..., n] -> [..., total]: x at start, zeros around")
SG_OP_FULL(gather, (sg_node x, sg_node index), SMOOTH,
           "x[..., n], index[..., k] -> x at index [..., k]; one beyond the ends counts as the end")
SG_OP_FULL(scatter, (sg_node x, sg_node index, int n), SMOOTH,
           "x[..., k], index[..., k] -> [..., n]: x added at index, zeros elsewhere")

/* ---- images (ops_image.c) ---- */
SG_OP_FULL(unfold, (sg_node x, sg_window window), SMOOTH,
           "x[..., c, h, w] -> [..., patches, c kernel kernel]: what each window holds, as a row")
SG_OP_FULL(fold, (sg_node x, sg_shape image, sg_window window), SMOOTH,
           "its adjoint: patches -> [..., c, h, w], added up where they overlap")

/* ---- optimiser kernels (ops_update.c) ---- */
SG_OP_FULL(add_scaled, (sg_node a, double c, sg_node x), SMOOTH,
           "a + c x, equal shapes, in place where it updates a state")
SG_OP_FULL(approach, (sg_node a, double c, sg_node x), SMOOTH,
           "a + c (x - a), equal shapes: a follows x; in place where it updates a state")
SG_OP_FULL(trace_step, (sg_node z, sg_node g, double decay), NONE,
           "decay z + g, an eligibility trace, in place; sg_output 1: parts of the sum of its "
           "absolute values")
SG_OP_FULL(clear, (sg_node x, sg_node flag), SMOOTH,
           "x, or zeros where flag [1] is not 0; in place; no gradient to the flag")
SG_OP_FULL(adam_step, (sg_node p, sg_node m, sg_node v, sg_node g, sg_node step_size,
           sg_node root_scale, const sg_adam_numbers *numbers), NONE,
           "one Adam step: p'; sg_output 1: v', 2: m'; m may be none")
SG_OP_FULL(rms_direction, (sg_node v, sg_node z, sg_node g, sg_node correction,
           const sg_rms_numbers *numbers), NONE,
           "z / (sqrt(correction v' + eps_inside) + eps), v' being beta2 v + (1 - beta2) g^2; "
           "sg_output 1: v', 2: parts of three sums")

#undef SG_OP_NUMBERS
