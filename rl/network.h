/* network.h - trunks (sg_mlp) as the algorithms have them, and value functions on them; policies
 * are in policy.h. Names and shapes: S [..., obs_size], A [..., action_size], values [..., 1];
 * parameters "critic.phi.0.weight", ... */
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

/* Layer norm and a sparse start: two hidden layers of so many units, or for images a convolution by
 * 16 filters of 3 x 3 and one hidden layer; 0 units: nothing, for linear functions. */
sg_mlp_config sg_stream_mlp(const sg_env_spec *spec, int hidden, sg_sparsity sparsity);
/* erdos_renyi: shares the zeros out over all networks of an algorithm together, once they are made;
 * nothing where it is off. */
void sg_spread_zeros(sg_nodes params, sg_sparsity sparsity);

/* ---- other trunks, heads ---- */

/* Two ReLU layers of that width, weights and biases starting as PyTorch's do (DDPG, TD3, SAC). */
sg_mlp_config sg_relu_mlp(int hidden);

/* A line of a settings table, for a config with `int critic_hidden`; and the network with so many
 * units in each hidden layer, or as it is where they are 0. */
#define SG_CRITIC_HIDDEN_SETTING(config)        \
    SG_INT(config, critic_hidden, "0", 0, 4096, \
           "units in each of the critic's hidden layers; 0: as many as hidden")
sg_mlp_config sg_critic_mlp(sg_mlp_config mlp, int critic_hidden);

/* A linear layer "<network>.<name>" on a trunk's features, started as the trunk's config says. */
sg_linear_layer sg_head(sg_graph *g, const char *network, const char *name, const sg_mlp *trunk,
                        int out);

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
