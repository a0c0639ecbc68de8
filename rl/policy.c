/* policy.c - draws, probabilities and entropies of Gaussian and of softmax policies. */
#include "rl/policy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "autograd/ops.h"

static bool in_box(sg_policy_kind kind)
{
    return kind == SG_BOX_GAUSSIAN || kind == SG_BOX_GAUSSIAN_SMOOTH;
}

static bool is_squashed(sg_policy_kind kind)
{
    return kind == SG_SQUASHED_GAUSSIAN || in_box(kind);
}

/* What sigma is made of, for `size` dimensions. */
static void add_std(sg_graph *g, sg_policy *pi, int size)
{
    char full[SG_NAME_SIZE];
    snprintf(full, sizeof full, "%s.log_std", pi->name);
    if (pi->kind == SG_GAUSSIAN_FREE_STD) {
        pi->log_std = sg_parameter(g, full, sg_vector(size), sg_init_constant(0));
        pi->params = sg_nodes_join(pi->params, sg_list(pi->log_std));
        return;
    }
    const char *name = pi->kind == SG_GAUSSIAN ? "std" : "log_std";
    pi->std_head = sg_head(g, pi->name, name, &pi->trunk, size);
    pi->params = sg_nodes_join(pi->params, sg_list(pi->std_head.weight, pi->std_head.bias));
}

sg_policy sg_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec, sg_policy_kind kind,
                        sg_mlp_config config)
{
    int out = spec->discrete ? spec->action_count : spec->action_size;
    sg_policy pi = {.name = name, .kind = kind, .discrete = spec->discrete};
    pi.trunk = sg_mlp_new(g, name, spec->obs_size, config);
    pi.head = sg_head(g, name, pi.discrete ? "logits" : "mu", &pi.trunk, out);
    pi.params = sg_nodes_join(pi.trunk.parameters, sg_list(pi.head.weight, pi.head.bias));
    if (!pi.discrete)
        add_std(g, &pi, out);
    if (!pi.discrete && in_box(kind))
        pi.box = sg_action_box_of(g, spec);
    return pi;
}

/* ---- noise ---- */

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

/* ---- Gaussian: u ~ N(mu, sigma^2) ---- */

typedef struct {
    sg_node mu, sigma, log_variance; /* [..., action_size] */
} gaussian;

static gaussian with_log_sigma(sg_node mu, sg_node log_sigma)
{
    return (gaussian){mu, sg_exp(log_sigma), sg_scale(log_sigma, 2)};
}

static gaussian gaussian_at(const sg_policy *pi, sg_node S)
{
    sg_node features = sg_mlp_apply(&pi->trunk, S);
    sg_node mu = sg_linear_layer_apply(pi->head, features);
    if (pi->kind == SG_GAUSSIAN_FREE_STD)
        return with_log_sigma(mu, pi->log_std);

    sg_node raw = sg_linear_layer_apply(pi->std_head, features);
    if (pi->kind == SG_GAUSSIAN) {
        sg_node sigma = sg_softplus(raw);
        return (gaussian){mu, sigma, sg_scale(sg_log(sigma), 2)};
    }
    if (pi->kind == SG_BOX_GAUSSIAN_SMOOTH) {
        const double low = -5, high = 2, half = (high - low) / 2;
        return with_log_sigma(mu, sg_affine(sg_tanh(raw), half, low + half));
    }
    sg_node log_variance = sg_clamp(raw, -20, 2);
    return (gaussian){mu, sg_exp(sg_scale(log_variance, 0.5)), log_variance};
}

sg_node sg_log_normal(sg_node z, sg_node log_variance)
{
    sg_node terms = sg_offset(sg_add(sg_square(z), log_variance), log(2 * M_PI));
    return sg_scale(sg_sum_last(terms), -0.5);
}

sg_node sg_normal_entropy(sg_node log_variance)
{
    return sg_scale(sg_sum_last(sg_offset(log_variance, 1 + log(2 * M_PI))), 0.5);
}

static sg_node gaussian_entropy(const gaussian *at)
{
    sg_shape shape = sg_node_shape(at->mu);
    shape.dim[shape.rank - 1] = 1;
    return sg_broadcast_to(sg_normal_entropy(at->log_variance), shape);
}

/* ---- what becomes of u ---- */

static sg_node action_of(const sg_policy *pi, sg_node u)
{
    sg_node y = is_squashed(pi->kind) ? sg_tanh(u) : u;
    return in_box(pi->kind) ? sg_box_scale(&pi->box, y) : y;
}

/* log |dA / du|, [..., 1] */
static sg_node log_slope(const sg_policy *pi, sg_node u)
{
    if (pi->kind == SG_BOX_GAUSSIAN_SMOOTH) {
        sg_node slope = sg_mul(sg_one_minus(sg_square(sg_tanh(u))), pi->box.half_width);
        return sg_sum_last(sg_log(sg_offset(slope, 1e-6)));
    }
    /* tanh's: sum 2 (log 2 - u - softplus(-2 u)), stable for large |u| */
    sg_node terms = sg_sub(sg_affine(u, -1, log(2)), sg_softplus(sg_scale(u, -2)));
    return sg_scale(sg_sum_last(terms), 2);
}

/* log pi of what u becomes, z being (u - mu) / sigma. */
static sg_node log_prob_of(const sg_policy *pi, const gaussian *at, sg_node u, sg_node z)
{
    sg_node log_normal = sg_log_normal(z, at->log_variance);
    if (!is_squashed(pi->kind))
        return log_normal;
    sg_node log_prob = sg_sub(log_normal, log_slope(pi, u));
    if (pi->kind == SG_BOX_GAUSSIAN) /* the box spreads it over its widths */
        return sg_sub(log_prob, sg_sum(sg_log(pi->box.half_width)));
    return log_prob;
}

/* mu or logits, [..., n] */
static sg_node head_at(const sg_policy *pi, sg_node S)
{
    return sg_linear_layer_apply(pi->head, sg_mlp_apply(&pi->trunk, S));
}

/* ---- softmax ---- */

/* Both [..., n]. */
static sg_node log_probabilities(const sg_policy *pi, sg_node S)
{
    return sg_log_softmax(head_at(pi, S));
}

static sg_node probabilities(const sg_policy *pi, sg_node S)
{
    /* the same but for the last bits, as PPO's runs and those of Stream-X have them */
    if (pi->kind == SG_GAUSSIAN_FREE_STD)
        return sg_exp(log_probabilities(pi, S));
    return sg_softmax(head_at(pi, S));
}

static sg_node softmax_entropy(const sg_policy *pi, sg_node S)
{
    return sg_neg(sg_sum_last(sg_mul(probabilities(pi, S), log_probabilities(pi, S))));
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

sg_node sg_sample_index(const char *policy, sg_node p)
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

/* ---- draws ---- */

static sg_sample sample_softmax(const sg_policy *pi, sg_node S)
{
    sg_node A = sg_sample_index(pi->name, probabilities(pi, S));
    return (sg_sample){.action = A,
                       .log_prob = sg_gather(log_probabilities(pi, S), A),
                       .entropy = softmax_entropy(pi, S)};
}

sg_sample sg_policy_sample(const sg_policy *pi, sg_node S)
{
    if (pi->discrete)
        return sample_softmax(pi, S);
    gaussian at = gaussian_at(pi, S);
    sg_node noise = sg_policy_noise(pi->name, at.mu);
    sg_node u = sg_stop_grad(sg_add(at.mu, sg_mul(at.sigma, noise)));
    sg_node z = sg_div(sg_sub(u, at.mu), at.sigma); /* the noise again, but with a gradient */
    return (sg_sample){action_of(pi, u), log_prob_of(pi, &at, u, z), gaussian_entropy(&at), noise};
}

sg_sample sg_policy_rsample(const sg_policy *pi, sg_node S)
{
    if (pi->discrete)
        sg_misuse("policy '%s': a draw of discrete actions cannot be reparameterised", pi->name);
    gaussian at = gaussian_at(pi, S);
    sg_node z = sg_policy_noise(pi->name, at.mu);
    sg_node u = sg_add(at.mu, sg_mul(at.sigma, z));
    return (sg_sample){action_of(pi, u), log_prob_of(pi, &at, u, z), gaussian_entropy(&at), z};
}

/* ---- what they say ---- */

sg_node sg_policy_mode(const sg_policy *pi, sg_node S)
{
    sg_node out = head_at(pi, S);
    return pi->discrete ? sg_argmax_last(out) : action_of(pi, out);
}

sg_node sg_policy_log_prob(const sg_policy *pi, sg_node S, sg_node A)
{
    if (pi->discrete)
        return sg_gather(log_probabilities(pi, S), A);
    if (is_squashed(pi->kind))
        sg_misuse("policy '%s': log_prob of a recorded action needs a policy without tanh",
                  pi->name);
    gaussian at = gaussian_at(pi, S);
    return log_prob_of(pi, &at, A, sg_div(sg_sub(A, at.mu), at.sigma));
}

sg_node sg_policy_entropy(const sg_policy *pi, sg_node S)
{
    if (pi->discrete)
        return softmax_entropy(pi, S);
    gaussian at = gaussian_at(pi, S);
    return gaussian_entropy(&at);
}
