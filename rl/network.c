/* network.c - policies and value functions. */
#include "rl/network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "autograd/sparse.h"

sg_linear_layer sg_head(sg_graph *g, const char *network, const char *name, const sg_mlp *trunk,
                        int out)
{
    char full[SG_NAME_SIZE];
    snprintf(full, sizeof full, "%s.%s", network, name);
    double gain = trunk->config.head_gain;
    sg_init init = gain > 0 ? sg_init_orthogonal(gain) : trunk->config.init;
    return sg_linear_layer_new(g, full, trunk->features, out, init);
}

/* ---- trunks ---- */

sg_mlp_config sg_critic_mlp(sg_mlp_config mlp, int critic_hidden)
{
    for (int i = 0; i < mlp.depth && critic_hidden; i++)
        mlp.hidden[i] = critic_hidden;
    return mlp;
}

sg_mlp_config sg_stream_mlp(const sg_env_spec *spec, int hidden, sg_sparsity sparsity)
{
    sg_mlp_config mlp = sg_mlp_config_default();
    bool image = spec->obs_rank == 3 && hidden;
    mlp.depth = !hidden ? 0 : image ? 1 : 2;
    if (image)
        mlp.image = (sg_image_config){.channels = spec->obs_dim[0],
                                      .height = spec->obs_dim[1],
                                      .width = spec->obs_dim[2],
                                      .filters = 16,
                                      .window = {.kernel = 3, .stride = 1}};
    mlp.hidden[0] = mlp.hidden[1] = hidden;
    mlp.layer_norm = true;
    mlp.init = sg_init_sparse(sparsity.share);
    return mlp;
}

void sg_spread_zeros(sg_nodes params, sg_sparsity sparsity)
{
    if (sparsity.erdos_renyi)
        sg_start_sparse(params, 1 - sparsity.share);
}

/* ---- squashed Gaussian ---- */

sg_policy sg_gaussian_policy(sg_graph *g, const char *name, const sg_env_spec *spec,
                             sg_mlp_config config)
{
    sg_policy pi = {.name = name, .action_size = spec->action_size};
    pi.trunk = sg_mlp_new(g, name, spec->obs_size, config);
    pi.mu = sg_head(g, name, "mu", &pi.trunk, pi.action_size);
    pi.log_std = sg_head(g, name, "log_std", &pi.trunk, pi.action_size);
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

sg_node sg_normal_entropy(sg_node log_variance)
{
    return sg_scale(sg_sum_last(sg_offset(log_variance, 1 + log(2 * M_PI))), 0.5);
}

static const char *noise_name(const char *policy, char name[SG_NAME_SIZE])
{
    snprintf(name, SG_NAME_SIZE, "%s.noise", policy);
    return name;
}

sg_node sg_policy_noise(const char *policy, sg_node mu)
{
    char name[SG_NAME_SIZE];
    return sg_normal(mu.graph, noise_name(policy, name), sg_node_shape(mu));
}

sg_draw sg_policy_draw(const sg_policy *pi, sg_node S)
{
    sg_gaussian at = sg_policy_at(pi, S);
    sg_node noise = sg_policy_noise(pi->name, at.mu);
    sg_node u = sg_add(at.mu, sg_mul(sg_exp(sg_scale(at.log_std, 0.5)), noise));
    return (sg_draw){.noise = noise,
                     .pre_squash = u,
                     .action = sg_tanh(u),
                     .log_prob = sg_sub(sg_log_normal(noise, at.log_std), log_squash(u)),
                     .entropy = sg_normal_entropy(at.log_std)};
}

sg_draw sg_policy_sample(const sg_policy *pi, sg_node S)
{
    sg_gaussian at = sg_policy_at(pi, S);
    sg_node noise = sg_policy_noise(pi->name, at.mu), sigma = sg_exp(sg_scale(at.log_std, 0.5));
    sg_node u = sg_stop_grad(sg_add(at.mu, sg_mul(sigma, noise)));
    sg_node deviation = sg_div(sg_sub(u, at.mu), sigma); /* the noise again, but with a gradient */
    return (sg_draw){.noise = noise,
                     .pre_squash = u,
                     .action = sg_tanh(u),
                     .log_prob = sg_sub(sg_log_normal(deviation, at.log_std), log_squash(u)),
                     .entropy = sg_normal_entropy(at.log_std)};
}

sg_node sg_policy_centre(const sg_policy *pi, sg_node S) { return sg_tanh(sg_policy_at(pi, S).mu); }

/* ---- unbounded normal ---- */

sg_normal_policy sg_normal_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec,
                                      sg_mlp_config config)
{
    sg_normal_policy pi = {.name = name, .action_size = spec->action_size};
    pi.trunk = sg_mlp_new(g, name, spec->obs_size, config);
    pi.mu = sg_head(g, name, "mu", &pi.trunk, pi.action_size);
    pi.std = sg_head(g, name, "std", &pi.trunk, pi.action_size);
    sg_nodes heads = sg_list(pi.mu.weight, pi.mu.bias, pi.std.weight, pi.std.bias);
    pi.params = sg_nodes_join(pi.trunk.parameters, heads);
    return pi;
}

sg_normal_draw sg_normal_policy_sample(const sg_normal_policy *pi, sg_node S)
{
    sg_node features = sg_mlp_apply(&pi->trunk, S);
    sg_normal_draw at = {.mu = sg_linear_layer_apply(pi->mu, features),
                         .sigma = sg_softplus(sg_linear_layer_apply(pi->std, features))};
    at.noise = sg_policy_noise(pi->name, at.mu);
    at.action = sg_stop_grad(sg_add(at.mu, sg_mul(at.sigma, at.noise)));
    sg_node log_variance = sg_scale(sg_log(at.sigma), 2);
    at.log_prob = sg_log_normal(sg_div(sg_sub(at.action, at.mu), at.sigma), log_variance);
    at.entropy = sg_normal_entropy(log_variance);
    return at;
}

/* ---- softmax ---- */

sg_softmax_policy sg_softmax_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec,
                                        sg_mlp_config config)
{
    sg_softmax_policy pi = {.name = name, .action_count = spec->action_count};
    pi.trunk = sg_mlp_new(g, name, spec->obs_size, config);
    pi.logits = sg_head(g, name, "logits", &pi.trunk, pi.action_count);
    pi.params = sg_nodes_join(pi.trunk.parameters, sg_list(pi.logits.weight, pi.logits.bias));
    return pi;
}

/* p_0, p_0 + p_1, ... of n probabilities: all but the last, which is 1. A product with a triangle
 * of ones. */
static sg_node cumulated(sg_node p, int n)
{
    double *ones = sg_alloc((size_t)(n - 1) * (size_t)n * sizeof *ones);
    for (int i = 0; i < n - 1; i++)
        for (int k = 0; k <= i; k++)
            ones[i * n + k] = 1;
    sg_node triangle = sg_constant_array(p.graph, sg_matrix(n - 1, n), ones);
    free(ones);
    return sg_linear(triangle, p);
}

sg_node sg_draw_index(const char *policy, sg_node p)
{
    char name[SG_NAME_SIZE];
    sg_shape one = sg_node_shape(p);
    int n = sg_shape_cols(one);
    one.dim[one.rank - 1] = 1;
    if (n == 1)
        return sg_fill(p.graph, one, 0);
    sg_node u = sg_uniform(p.graph, noise_name(policy, name), one);
    return sg_stop_grad(sg_sum_last(sg_greater_equal(u, cumulated(p, n))));
}

static sg_sample draw_softmax(const sg_softmax_policy *pi, sg_node S)
{
    sg_node logits = sg_linear_layer_apply(pi->logits, sg_mlp_apply(&pi->trunk, S));
    sg_node p = sg_softmax(logits), log_p = sg_log_softmax(logits);
    sg_sample a = {.action = sg_draw_index(pi->name, p), .greedy = sg_argmax_last(logits)};
    a.log_prob = sg_gather(log_p, a.action);
    a.entropy = sg_neg(sg_sum_last(sg_mul(p, log_p)));
    return a;
}

/* ---- normal or softmax ---- */

sg_sampled_policy sg_sampled_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec,
                                        sg_mlp_config config)
{
    sg_sampled_policy pi = {.discrete = spec->discrete};
    if (pi.discrete)
        pi.softmax = sg_softmax_policy_new(g, name, spec, config);
    else
        pi.normal = sg_normal_policy_new(g, name, spec, config);
    pi.params = pi.discrete ? pi.softmax.params : pi.normal.params;
    return pi;
}

sg_sample sg_sampled_policy_draw(const sg_sampled_policy *pi, sg_node S)
{
    if (pi->discrete)
        return draw_softmax(&pi->softmax, S);
    sg_normal_draw a = sg_normal_policy_sample(&pi->normal, S);
    return (sg_sample){a.action, a.mu, a.log_prob, a.entropy};
}

/* ---- values ---- */

static sg_value value(sg_graph *g, const char *name, const char *head_name, int in, int out,
                      sg_mlp_config config)
{
    sg_value v = {.trunk = sg_mlp_new(g, name, in, config)};
    v.head = sg_head(g, name, head_name, &v.trunk, out);
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

sg_value sg_discrete_action_value(sg_graph *g, const char *name, const sg_env_spec *spec,
                                  sg_mlp_config config)
{
    return value(g, name, "q", spec->obs_size, spec->action_count, config);
}

sg_node sg_q_values(const sg_value *q, sg_node S)
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
