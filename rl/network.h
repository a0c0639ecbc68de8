/* network.h - the networks of actor-critic methods: policies and value functions over sg_mlp
 * trunks. Names and shapes: S [obs_size], A [action_size], values [1]; parameters
 * "actor.phi.0.weight", ... */
#ifndef SG_NETWORK_H
#define SG_NETWORK_H

#include "autograd/layers.h"
#include "envs/env.h"
#include "rl/settings.h"

/* ---- trunks of Stream-X and its kin ---- */

/* How weights start: a share of zeros in each row (Stream-X of 2024), or in all weights together,
 * spread by the Erdos-Renyi kernel rule (sparse.h; Stream-X of 2026). */
typedef struct {
    double share;
    bool erdos_renyi;
} sg_sparsity;

/* Settings of it in a config: sparsity, erdos_renyi. An algorithm that has them must call both
 * sg_stream_mlp, which sees to the first, and sg_spread_zeros, which sees to the second and needs
 * all networks at once: without that call erdos_renyi=on changes nothing. */
/* clang-format off */
#define SG_SPARSITY_SETTINGS(config, member) \
    SG_REAL_LINE(NULL, "sparsity", config, member.share, "0.9", 0, 0.999, \
        "share of zeros in starting weights"), \
    SG_SWITCH_LINE("sparsity=0", "erdos_renyi", config, member.erdos_renyi, "false", \
        "that share of all weights together, more of the large layers; off: of each row")
/* clang-format on */

/* A line of a settings table, for a config with `int critic_hidden`; and the network with so many
 * units in each hidden layer, or as it is where they are 0. */
#define SG_CRITIC_HIDDEN_SETTING(config)        \
    SG_INT(config, critic_hidden, "0", 0, 4096, \
           "units in each of the critic's hidden layers; 0: as many as hidden")
sg_mlp_config sg_critic_mlp(sg_mlp_config mlp, int critic_hidden);

/* Layer norm and a sparse start: two hidden layers of so many units, or for images a convolution by
 * 16 filters of 3 x 3 and one hidden layer; 0 units: nothing, for linear functions. */
sg_mlp_config sg_stream_mlp(const sg_env_spec *spec, int hidden, sg_sparsity sparsity);
/* erdos_renyi: shares the zeros out over all networks of an algorithm together, once they are made;
 * nothing where it is off. */
void sg_spread_zeros(sg_nodes params, sg_sparsity sparsity);

/* ---- squashed Gaussian policy: u ~ N(mu(S), sigma(S)^2), A = tanh(u) ----
 * The head "log_std", clamped to [-20, 2], is a log variance as the published AVG code uses it: it
 * is passed as the covariance's logarithm, so sigma = exp(log_std / 2). */
typedef struct {
    const char *name;
    int action_size;
    sg_mlp trunk;
    sg_linear_layer mu, log_std;
    sg_nodes params;
} sg_policy;

/* What the policy says of a state: both [..., action_size]. */
typedef struct {
    sg_node mu, log_std;
} sg_gaussian;

/* One draw, with its probability; action and log_prob can be differentiated in the parameters
 * (reparameterised). */
typedef struct {
    sg_node noise;      /* [action_size], standard normal */
    sg_node pre_squash; /* u */
    sg_node action;     /* A = tanh(u) */
    sg_node log_prob;   /* log pi(A | S), [..., 1] */
    sg_node entropy;    /* of u, before tanh, [..., 1] */
} sg_draw;

/* Parameters are called "<name>....". S is [obs_size], or [B, obs_size] for a batch. */
sg_policy sg_gaussian_policy(sg_graph *g, const char *name, const sg_env_spec *spec,
                             sg_mlp_config config);
sg_gaussian sg_policy_at(const sg_policy *pi, sg_node S);
/* Each call has draws of its own: "<name>.noise", "<name>.noise.2", ... */
sg_draw sg_policy_draw(const sg_policy *pi, sg_node S);
/* The same draw with the action as a constant to gradients: log_prob's gradient is the score, as
 * IAC, a likelihood-ratio method, needs it. */
sg_draw sg_policy_sample(const sg_policy *pi, sg_node S);
/* tanh(mu(S)): what the policy does without noise. */
sg_node sg_policy_centre(const sg_policy *pi, sg_node S);

/* ---- unbounded normal policy: A ~ N(mu(S), sigma(S)^2), sigma = softplus(head "std") ----
 * As in Stream-X: the environment clips the action, the update does not. */
typedef struct {
    const char *name;
    int action_size;
    sg_mlp trunk;
    sg_linear_layer mu, std;
    sg_nodes params;
} sg_normal_policy;

/* One draw whose action is a constant to gradients. noise, mu, sigma and action are
 * [..., action_size], log_prob and entropy [..., 1]. */
typedef struct {
    sg_node noise, mu, sigma, action, log_prob, entropy;
} sg_normal_draw;

sg_normal_policy sg_normal_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec,
                                      sg_mlp_config config);
sg_normal_draw sg_normal_policy_sample(const sg_normal_policy *pi, sg_node S);

/* ---- softmax policy over discrete actions: pi(a|S) = softmax(head "logits")_a ---- */
typedef struct {
    const char *name;
    int action_count;
    sg_mlp trunk;
    sg_linear_layer logits;
    sg_nodes params;
} sg_softmax_policy;

sg_softmax_policy sg_softmax_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec,
                                        sg_mlp_config config);

/* ---- a policy whose draws are constants to gradients, as score-function methods take it: normal
 * for continuous actions, softmax for discrete ones ---- */
typedef struct {
    bool discrete;
    sg_normal_policy normal;
    sg_softmax_policy softmax;
    sg_nodes params;
} sg_sampled_policy;

/* greedy: the centre, or the most probable action. action and greedy are [..., action_size]
 * (discrete: an index, [..., 1]), log_prob and entropy [..., 1]. A discrete action is the first
 * index whose cumulative probability exceeds a uniform draw "<name>.noise". */
typedef struct {
    sg_node action, greedy, log_prob, entropy;
} sg_sample;

sg_sampled_policy sg_sampled_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec,
                                        sg_mlp_config config);
sg_sample sg_sampled_policy_draw(const sg_sampled_policy *pi, sg_node S);

/* ---- pieces that policies share ---- */
/* A linear layer "<network>.<name>" on a trunk's features, started as the trunk's config says. */
sg_linear_layer sg_head(sg_graph *g, const char *network, const char *name, const sg_mlp *trunk,
                        int out);
/* Standard normal draws "<policy>.noise" of mu's shape. */
sg_node sg_policy_noise(const char *policy, sg_node mu);
/* log N(u; mu, sigma^2) from z = (u - mu) / sigma and 2 log sigma: -(z^2 + log sigma^2 + log 2 pi)
 * / 2, summed over the last dimension, [..., 1]. */
sg_node sg_log_normal(sg_node z, sg_node log_variance);
/* The entropy of independent normals: the sum of (1 + log 2 pi + log_variance) / 2. */
sg_node sg_normal_entropy(sg_node log_variance);
/* An index [..., 1] drawn by probabilities p [..., n], a constant to gradients: the first whose
 * cumulative probability exceeds a uniform draw "<policy>.noise". */
sg_node sg_draw_index(const char *policy, sg_node p);

/* ---- values ---- */
typedef struct {
    sg_mlp trunk;
    sg_linear_layer head;
    sg_nodes params;
} sg_value;

/* q(S, A): the trunk reads S and A side by side; head "q". */
sg_value sg_action_value(sg_graph *g, const char *name, const sg_env_spec *spec,
                         sg_mlp_config config);
sg_node sg_q(const sg_value *q, sg_node S, sg_node A);
/* q(S, .) for each of spec.action_count discrete actions, [..., action_count]: head "q". */
sg_value sg_discrete_action_value(sg_graph *g, const char *name, const sg_env_spec *spec,
                                  sg_mlp_config config);
sg_node sg_q_values(const sg_value *q, sg_node S);
/* v(S): head "v". */
sg_value sg_state_value(sg_graph *g, const char *name, const sg_env_spec *spec,
                        sg_mlp_config config);
sg_node sg_v(const sg_value *v, sg_node S);

#endif
