/* deterministic.c - mu(S), and noise on it. */
#include "rl/deterministic.h"

#include <math.h>

#include "autograd/ops.h"
#include "rl/exploration.h"
#include "rl/policy.h"

sg_deterministic_policy sg_deterministic_policy_new(sg_graph *g, const char *name,
                                                    const sg_env_spec *spec, sg_mlp_config config)
{
    sg_deterministic_policy pi = {.name = name,
                                  .box = sg_action_box_of(g, spec),
                                  .trunk = sg_mlp_new(g, name, spec->obs_size, config)};
    pi.mu = sg_head(g, name, "mu", &pi.trunk, spec->action_size);
    pi.params = sg_nodes_join(pi.trunk.parameters, sg_list(pi.mu.weight, pi.mu.bias));
    return pi;
}

sg_node sg_deterministic_action(const sg_deterministic_policy *pi, sg_node S)
{
    sg_node raw = sg_linear_layer_apply(pi->mu, sg_mlp_apply(&pi->trunk, S));
    return sg_box_scale(&pi->box, sg_tanh(raw));
}

sg_node sg_deterministic_explore(const sg_deterministic_policy *pi, sg_node A, double deviation)
{
    sg_node noise = sg_policy_noise(pi->name, A);
    return sg_box_clip(&pi->box, sg_box_noise(&pi->box, A, noise, deviation, INFINITY));
}
