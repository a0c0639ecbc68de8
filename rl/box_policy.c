/* box_policy.c - policies whose actions fill the bounds. */
#include "rl/box_policy.h"

#include <math.h>

#include "autograd/ops.h"
#include "rl/exploration.h"

sg_mlp_config sg_relu_mlp(int hidden)
{
    return (sg_mlp_config){.depth = 2,
                           .hidden = {hidden, hidden},
                           .activation = SG_RELU,
                           .init = sg_init_fan_in_uniform()};
}

/* ---- deterministic ---- */

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

/* ---- squashed Gaussian ---- */

sg_box_policy sg_box_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec,
                                sg_mlp_config config, sg_log_std log_std)
{
    return (sg_box_policy){.box = sg_action_box_of(g, spec),
                           .gaussian = sg_gaussian_policy(g, name, spec, config),
                           .log_std = log_std};
}

/* log |dA / du| = sum log(half_width (1 - y^2) + 1e-6), y = tanh(u) */
static sg_node log_squash(const sg_action_box *box, sg_node y)
{
    sg_node slope = sg_mul(sg_one_minus(sg_square(y)), box->half_width);
    return sg_sum_last(sg_log(sg_offset(slope, 1e-6)));
}

static sg_box_draw smooth_draw(const sg_box_policy *pi, sg_node S)
{
    const double low = -5, high = 2, half = (high - low) / 2;
    sg_node features = sg_mlp_apply(&pi->gaussian.trunk, S);
    sg_node mu = sg_linear_layer_apply(pi->gaussian.mu, features);
    sg_node raw = sg_linear_layer_apply(pi->gaussian.log_std, features);
    sg_node log_sigma = sg_affine(sg_tanh(raw), half, low + half);
    sg_node noise = sg_policy_noise(pi->gaussian.name, mu);
    sg_node y = sg_tanh(sg_add(mu, sg_mul(sg_exp(log_sigma), noise)));
    sg_node log_normal = sg_log_normal(noise, sg_scale(log_sigma, 2));
    return (sg_box_draw){.noise = noise,
                         .action = sg_box_scale(&pi->box, y),
                         .log_prob = sg_sub(log_normal, log_squash(&pi->box, y))};
}

/* The draw in [-1, 1], whose probability the box spreads over its widths. */
static sg_box_draw clamped_draw(const sg_box_policy *pi, sg_node S)
{
    sg_draw unit = sg_policy_draw(&pi->gaussian, S);
    sg_node widths = sg_sum(sg_log(pi->box.half_width));
    return (sg_box_draw){.noise = unit.noise,
                         .action = sg_box_scale(&pi->box, unit.action),
                         .log_prob = sg_sub(unit.log_prob, widths)};
}

sg_box_draw sg_box_policy_draw(const sg_box_policy *pi, sg_node S)
{
    return pi->log_std == SG_LOG_STD_SMOOTH ? smooth_draw(pi, S) : clamped_draw(pi, S);
}

sg_node sg_box_policy_centre(const sg_box_policy *pi, sg_node S)
{
    sg_node features = sg_mlp_apply(&pi->gaussian.trunk, S);
    return sg_box_scale(&pi->box, sg_tanh(sg_linear_layer_apply(pi->gaussian.mu, features)));
}
