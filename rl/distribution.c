/* distribution.c - draws, probabilities and entropies of normal and of softmax policies. */
#include "rl/distribution.h"

#include <stdio.h>
#include <stdlib.h>

sg_action_policy sg_action_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec,
                                      sg_mlp_config config)
{
    char full[160];
    int out = spec->discrete ? spec->action_count : spec->action_size;
    sg_action_policy pi = {.name = name, .discrete = spec->discrete};
    pi.trunk = sg_mlp_new(g, name, spec->obs_size, config);
    pi.head = sg_head(g, name, pi.discrete ? "logits" : "mu", &pi.trunk, out);
    pi.params = sg_nodes_join(pi.trunk.parameters, sg_list(pi.head.weight, pi.head.bias));
    if (pi.discrete)
        return pi;
    snprintf(full, sizeof full, "%s.log_std", name);
    pi.log_std = sg_parameter(g, full, sg_vector(out), sg_init_constant(0));
    pi.params = sg_nodes_join(pi.params, sg_list(pi.log_std));
    return pi;
}

sg_distribution sg_action_policy_at(const sg_action_policy *pi, sg_node S)
{
    sg_node out = sg_linear_layer_apply(pi->head, sg_mlp_apply(&pi->trunk, S));
    return (sg_distribution){pi, pi->discrete ? sg_log_softmax(out) : out};
}

/* ---- draws ---- */

/* The shape with its last dimension replaced. */
static sg_shape with_last(sg_shape shape, int last)
{
    shape.dim[shape.rank - 1] = last;
    return shape;
}

/* Sums of the first 1, 2, ..., n - 1 of n probabilities: a product with a triangle of ones. The
 * last sum is 1 and not needed. */
static sg_node cumulative(sg_node probabilities, int n)
{
    double *ones = sg_alloc((size_t)(n - 1) * (size_t)n * sizeof *ones);
    for (int i = 0; i < n - 1; i++)
        for (int k = 0; k <= i; k++)
            ones[i * n + k] = 1;
    sg_node triangle = sg_constant_array(probabilities.graph, sg_matrix(n - 1, n), ones);
    free(ones);
    return sg_linear(triangle, probabilities);
}

/* How many of the cumulative probabilities u has reached. */
static sg_node draw_index(sg_distribution pi, const char *noise)
{
    sg_shape shape = sg_node_shape(pi.at), one = with_last(shape, 1);
    int n = shape.dim[shape.rank - 1];
    if (n == 1)
        return sg_fill(pi.at.graph, one, 0);
    sg_node u = sg_uniform(pi.at.graph, noise, one);
    return sg_sum_last(sg_greater_equal(u, cumulative(sg_exp(pi.at), n)));
}

sg_node sg_distribution_draw(sg_distribution pi)
{
    char noise[160];
    snprintf(noise, sizeof noise, "%s.noise", pi.policy->name);
    if (pi.policy->discrete)
        return sg_stop_grad(draw_index(pi, noise));
    sg_node z = sg_normal(pi.at.graph, noise, sg_node_shape(pi.at));
    return sg_stop_grad(sg_add(pi.at, sg_mul(sg_exp(pi.policy->log_std), z)));
}

/* ---- what they say of actions ---- */

sg_node sg_distribution_log_prob(sg_distribution pi, sg_node A)
{
    if (pi.policy->discrete)
        return sg_gather(pi.at, A);
    sg_node z = sg_div(sg_sub(A, pi.at), sg_exp(pi.policy->log_std));
    return sg_log_normal(z, sg_scale(pi.policy->log_std, 2));
}

sg_node sg_distribution_entropy(sg_distribution pi)
{
    if (pi.policy->discrete)
        return sg_neg(sg_sum_last(sg_mul(sg_exp(pi.at), pi.at)));
    sg_node entropy = sg_normal_entropy(sg_scale(pi.policy->log_std, 2));
    return sg_broadcast_to(entropy, with_last(sg_node_shape(pi.at), 1));
}

sg_node sg_distribution_mode(sg_distribution pi)
{
    return pi.policy->discrete ? sg_argmax_last(pi.at) : pi.at;
}
