/* distribution.c - draws, probabilities and entropies of normal and of softmax policies. */
#include "rl/distribution.h"

#include <stdio.h>

sg_action_policy sg_action_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec,
                                      sg_mlp_config config)
{
    char full[SG_NAME_SIZE];
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

sg_node sg_distribution_draw(sg_distribution pi)
{
    if (pi.policy->discrete)
        return sg_draw_index(pi.policy->name, sg_exp(pi.at));
    sg_node z = sg_policy_noise(pi.policy->name, pi.at);
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
