/* network.c - policies and value functions. */
#include "rl/network.h"

#include <math.h>
#include <stdio.h>

static sg_linear_layer head(sg_graph *g, const char *network, const char *name, const sg_mlp *trunk,
                            int out)
{
    char full[160];
    int features = trunk->config.hidden[trunk->config.depth - 1];
    snprintf(full, sizeof full, "%s.%s", network, name);
    return sg_linear_layer_new(g, full, features, out, trunk->config.init);
}

/* ---- squashed Gaussian ---- */

sg_policy sg_gaussian_policy(sg_graph *g, const char *name, const sg_env_spec *spec,
                             sg_mlp_config config)
{
    sg_policy pi = {.name = name, .action_size = spec->action_size};
    pi.trunk = sg_mlp_new(g, name, spec->obs_size, config);
    pi.mu = head(g, name, "mu", &pi.trunk, pi.action_size);
    pi.log_std = head(g, name, "log_std", &pi.trunk, pi.action_size);
    sg_nodes heads = sg_list(pi.mu.weight, pi.mu.bias, pi.log_std.weight, pi.log_std.bias);
    pi.params = sg_nodes_join(pi.trunk.parameters, heads);
    return pi;
}

sg_gaussian sg_policy_at(const sg_policy *pi, sg_node S)
{
    sg_node features = sg_mlp_apply(&pi->trunk, S);
    return (sg_gaussian){sg_linear_layer_apply(pi->mu, features),
                         sg_clamp(sg_linear_layer_apply(pi->log_std, features), -20, 2)};
}

sg_node sg_log_normal(sg_node z, sg_node log_variance)
{
    sg_node terms = sg_offset(sg_add(sg_square(z), log_variance), log(2 * M_PI));
    return sg_scale(sg_sum_last(terms), -0.5);
}

/* log |dA / du| = sum 2 (log 2 - u - softplus(-2 u)), stable for large |u|. */
static sg_node log_squash(sg_node u)
{
    sg_node terms = sg_sub(sg_affine(u, -1, log(2)), sg_softplus(sg_scale(u, -2)));
    return sg_scale(sg_sum_last(terms), 2);
}

/* The entropy of independent normals: (1 + log 2 pi + log_variance) / 2 each. */
static sg_node normal_entropy(sg_node log_variance)
{
    return sg_scale(sg_sum_last(sg_offset(log_variance, 1 + log(2 * M_PI))), 0.5);
}

static sg_node standard_noise(const char *policy, sg_node mu)
{
    char name[160];
    snprintf(name, sizeof name, "%s.noise", policy);
    return sg_normal(mu.graph, name, sg_node_shape(mu));
}

sg_draw sg_policy_draw(const sg_policy *pi, sg_node S)
{
    sg_gaussian at = sg_policy_at(pi, S);
    sg_node noise = standard_noise(pi->name, at.mu);
    sg_node u = sg_add(at.mu, sg_mul(sg_exp(sg_scale(at.log_std, 0.5)), noise));
    return (sg_draw){.noise = noise,
                     .pre_squash = u,
                     .action = sg_tanh(u),
                     .log_prob = sg_sub(sg_log_normal(noise, at.log_std), log_squash(u)),
                     .entropy = normal_entropy(at.log_std)};
}

sg_draw sg_policy_sample(const sg_policy *pi, sg_node S)
{
    sg_gaussian at = sg_policy_at(pi, S);
    sg_node noise = standard_noise(pi->name, at.mu), sigma = sg_exp(sg_scale(at.log_std, 0.5));
    sg_node u = sg_stop_grad(sg_add(at.mu, sg_mul(sigma, noise)));
    sg_node deviation = sg_div(sg_sub(u, at.mu), sigma); /* the noise again, but with a gradient */
    return (sg_draw){.noise = noise,
                     .pre_squash = u,
                     .action = sg_tanh(u),
                     .log_prob = sg_sub(sg_log_normal(deviation, at.log_std), log_squash(u)),
                     .entropy = normal_entropy(at.log_std)};
}

sg_node sg_policy_centre(const sg_policy *pi, sg_node S) { return sg_tanh(sg_policy_at(pi, S).mu); }

/* ---- unbounded normal ---- */

sg_normal_policy sg_normal_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec,
                                      sg_mlp_config config)
{
    sg_normal_policy pi = {.name = name, .action_size = spec->action_size};
    pi.trunk = sg_mlp_new(g, name, spec->obs_size, config);
    pi.mu = head(g, name, "mu", &pi.trunk, pi.action_size);
    pi.std = head(g, name, "std", &pi.trunk, pi.action_size);
    sg_nodes heads = sg_list(pi.mu.weight, pi.mu.bias, pi.std.weight, pi.std.bias);
    pi.params = sg_nodes_join(pi.trunk.parameters, heads);
    return pi;
}

sg_normal_draw sg_normal_policy_sample(const sg_normal_policy *pi, sg_node S)
{
    sg_node features = sg_mlp_apply(&pi->trunk, S);
    sg_normal_draw at = {.mu = sg_linear_layer_apply(pi->mu, features),
                         .sigma = sg_softplus(sg_linear_layer_apply(pi->std, features))};
    at.noise = standard_noise(pi->name, at.mu);
    at.action = sg_stop_grad(sg_add(at.mu, sg_mul(at.sigma, at.noise)));
    sg_node log_variance = sg_scale(sg_log(at.sigma), 2);
    at.log_prob = sg_log_normal(sg_div(sg_sub(at.action, at.mu), at.sigma), log_variance);
    at.entropy = normal_entropy(log_variance);
    return at;
}

/* ---- values ---- */

static sg_value value(sg_graph *g, const char *name, const char *head_name, int in, int out,
                      sg_mlp_config config)
{
    sg_value v = {.trunk = sg_mlp_new(g, name, in, config)};
    v.head = head(g, name, head_name, &v.trunk, out);
    v.params = sg_nodes_join(v.trunk.parameters, sg_list(v.head.weight, v.head.bias));
    return v;
}

sg_value sg_action_value(sg_graph *g, const char *name, const sg_env_spec *spec,
                         sg_mlp_config config)
{
    return value(g, name, "q", spec->obs_size + spec->action_size, 1, config);
}

sg_node sg_q(const sg_value *q, sg_node S, sg_node A)
{
    return sg_linear_layer_apply(q->head, sg_mlp_apply(&q->trunk, sg_concat(S, A)));
}

sg_value sg_action_values(sg_graph *g, const char *name, const sg_env_spec *spec,
                          sg_mlp_config config)
{
    return value(g, name, "q", spec->obs_size, spec->action_count, config);
}

sg_node sg_q_all(const sg_value *q, sg_node S)
{
    return sg_linear_layer_apply(q->head, sg_mlp_apply(&q->trunk, S));
}

sg_value sg_state_value(sg_graph *g, const char *name, const sg_env_spec *spec,
                        sg_mlp_config config)
{
    return value(g, name, "v", spec->obs_size, 1, config);
}

sg_node sg_v(const sg_value *v, sg_node S)
{
    return sg_linear_layer_apply(v->head, sg_mlp_apply(&v->trunk, S));
}
