/* box_policy.h - policies whose actions fill the environment's bounds, and twin critics: the
 * networks of DDPG, TD3 and SAC. Hidden layers are ReLU, weights and biases start as PyTorch's do.
 */
#ifndef SG_BOX_POLICY_H
#define SG_BOX_POLICY_H

#include "rl/action_box.h"
#include "rl/network.h"

/* Two ReLU layers of that width. */
sg_mlp_config sg_relu_mlp(int hidden);

/* ---- deterministic: mu(S) = centre + half_width tanh(head "mu") ---- */
typedef struct {
    sg_action_box box;
    sg_mlp trunk;
    sg_linear_layer mu;
    sg_nodes params;
} sg_deterministic_policy;

/* Parameters are called "<name>....". S is [..., obs_size], actions [..., action_size]. */
sg_deterministic_policy sg_deterministic_policy_new(sg_graph *g, const char *name,
                                                    const sg_env_spec *spec, sg_mlp_config config);
/* mu(S) */
sg_node sg_deterministic_action(const sg_deterministic_policy *pi, sg_node S);

/* ---- squashed Gaussian: u ~ N(mu(S), sigma(S)^2), A = centre + half_width tanh(u) ----
 * log sigma = -5 + 3.5 (tanh(head "log_std") + 1), a smooth map onto [-5, 2]. */
typedef struct {
    sg_action_box box;
    sg_policy gaussian; /* trunk and heads */
} sg_box_policy;

/* One draw, reparameterised. log_prob is that of A in the box: the change of variables is
 * log(half_width (1 - tanh(u)^2) + 1e-6). */
typedef struct {
    sg_node noise, action;
    sg_node log_prob; /* [..., 1] */
} sg_box_draw;

sg_box_policy sg_box_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec,
                                sg_mlp_config config);
/* Each call has draws of its own: "<name>.noise", "<name>.noise.2", ... */
sg_box_draw sg_box_policy_draw(const sg_box_policy *pi, sg_node S);
/* The action of mu(S). */
sg_node sg_box_policy_centre(const sg_box_policy *pi, sg_node S);

/* ---- two critics that start apart (Fujimoto et al. 2018): "<name>1", "<name>2" ---- */
typedef struct {
    sg_value first, second;
    sg_nodes params; /* of both */
} sg_twin_values;
sg_twin_values sg_twin_action_values(sg_graph *g, const char *name, const sg_env_spec *spec,
                                     sg_mlp_config config);
/* min(q1, q2)(S, A), [..., 1] */
sg_node sg_twin_q(const sg_twin_values *q, sg_node S, sg_node A);
/* mean (q1 - y)^2 + mean (q2 - y)^2 */
sg_node sg_twin_loss(const sg_twin_values *q, sg_node S, sg_node A, sg_node y);

#endif
