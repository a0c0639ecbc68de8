/* intentional.c - steps chosen so that the output changes by a set fraction of the error
 * (Sharifnassab et al., ICML 2026, arXiv 2604.19033), in the forms for values and for policies.
 *
 * All numbers that belong to the whole network (averages, step size) are float64 whatever the graph
 * is: 1 - beta^t starts at 2e-4.
 */
#include "autograd/op.h"
#include "optim/optim.h"

/* Floors of the published code: of the denominator u, and of the mean |delta|. */
static const double least_u = 1e-8, least_size = 1e-12;

sg_intentional_config sg_intentional_value_config(void)
{
    return (sg_intentional_config){.eta = 0.5,
                                   .gamma = 0.99,
                                   .lambda = 0.8,
                                   .beta2 = 0.999,
                                   .eps = 1e-8,
                                   .clip = 20,
                                   .beta_clip = 0.9998,
                                   .beta_norm = 0.9998,
                                   .rmsprop = true,
                                   .sigma = true,
                                   .adaptive_clip = true};
}

sg_intentional_config sg_intentional_policy_config(void)
{
    sg_intentional_config config = sg_intentional_value_config();
    config.eta = 0.05;
    config.normalize_delta = true;
    return config;
}

/* ---- the network's numbers: float64 [1] ---- */

static sg_node number(sg_node like, double value)
{
    return sg_constant_of(like.graph, SG_F64, value);
}

/* A running mean of x, this one included, corrected for where it started. With beta 1, as of gamma
 * lambda 1, it is what that tends to: the mean of all. */
static sg_node average(sg_nodes parameters, const char *suffix, sg_node x, double beta,
                       double start, sg_node t, sg_updates *updates)
{
    sg_node mean = sg_number_state(parameters, suffix, start);
    sg_node next = beta == 1 ? sg_add(mean, sg_div(sg_sub(x, mean), t))
                             : sg_add(sg_scale(mean, beta), sg_scale(x, 1 - beta));
    *updates = sg_join(*updates, sg_assign(mean, next));
    return beta == 1 ? next : sg_mul(next, sg_bias_correction(t, beta));
}

/* delta limited to C root mean squares (or to +-1), and for policies divided by its mean size. */
static sg_node safe_delta(sg_nodes parameters, sg_node delta, sg_node t,
                          const sg_intentional_config *c, sg_updates *updates)
{
    sg_node d = sg_cast(delta, SG_F64), cap = number(d, 1);
    if (c->adaptive_clip) {
        sg_node square = average(parameters, "delta_squared", sg_square(d), c->beta_clip,
                                 c->clip_start, t, updates);
        cap = sg_scale(sg_sqrt(square), c->clip);
    }
    d = sg_minimum(sg_maximum(d, sg_neg(cap)), cap);
    if (!c->normalize_delta)
        return d;
    sg_node size = average(parameters, "delta_size", sg_abs(d), c->beta_norm, 0, t, updates);
    return sg_div(d, sg_maximum(size, number(d, least_size)));
}

/* eta / u: u is the output's change per unit of step, seen along the traces. */
static sg_node step_size(sg_nodes parameters, sg_node gradient_norm, sg_node trace_norm, sg_node t,
                         const sg_intentional_config *c, sg_updates *updates)
{
    sg_node u = trace_norm;
    if (c->sigma) {
        sg_node sigma =
            average(parameters, "sigma", gradient_norm, c->gamma * c->lambda, 0, t, updates);
        u = sg_sqrt(sg_mul(sigma, trace_norm));
    }
    return sg_scale(sg_reciprocal(sg_maximum(u, number(u, least_u))), c->eta);
}

/* ---- weight by weight ---- */

/* Without rmsprop rho is 1. */
static sg_directions plain_directions(sg_nodes z, sg_nodes g)
{
    return (sg_directions){
        .nodes = z, .g2_rho = sg_sum_of_squares(g), .z2_rho = sg_sum_of_squares(z)};
}

sg_updates sg_intentional(sg_nodes parameters, sg_nodes gradients, sg_node delta, sg_node reset,
                          sg_intentional_config config)
{
    const sg_intentional_config *c = &config;
    sg_updates updates = {0};
    sg_require_number("intentional: delta", delta);
    sg_node t = sg_step_count(parameters, &updates);
    sg_nodes z = sg_traces(parameters, gradients, c->gamma * c->lambda, reset, &updates);
    sg_rms_numbers rms = {.beta2 = c->beta2, .eps = c->eps};
    sg_directions along = c->rmsprop
                              ? sg_rms_directions(parameters, z, gradients,
                                                  sg_bias_correction(t, c->beta2), rms, &updates)
                              : plain_directions(z, gradients);

    sg_node alpha = step_size(parameters, sg_cast(along.g2_rho, SG_F64),
                              sg_cast(along.z2_rho, SG_F64), t, c, &updates);
    sg_node d = safe_delta(parameters, delta, t, c, &updates);
    sg_node scale = sg_cast(sg_mul(alpha, d), sg_node_dtype(delta));
    return sg_join(updates, sg_add_scaled_all(parameters, along.nodes, scale));
}
