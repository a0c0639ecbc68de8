/* distribution.h - policies as distributions over actions of either kind: asked for a draw at one
 * state, and for the probability of recorded actions at many.
 *
 *   continuous  A ~ N(mu(S), sigma^2), log sigma a parameter that does not depend on S;
 *               unbounded: the environment clips
 *   discrete    A ~ softmax(logits(S)); an action is the index, one number
 *
 * Shapes: S [..., obs_size], A [..., action_size] (discrete: [..., 1]), others [..., 1].
 */
#ifndef SG_DISTRIBUTION_H
#define SG_DISTRIBUTION_H

#include "rl/network.h"

/* Parameters "<name>.phi...", "<name>.mu..." or "<name>.logits...", and "<name>.log_std". */
typedef struct {
    const char *name;
    bool discrete;
    sg_mlp trunk;
    sg_linear_layer head; /* mu or logits */
    sg_node log_std;      /* [action_size], starts at 0; continuous only */
    sg_nodes params;
} sg_action_policy;
sg_action_policy sg_action_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec,
                                      sg_mlp_config config);

/* pi(. | S). */
typedef struct {
    const sg_action_policy *policy;
    sg_node at; /* mu, or log probabilities [..., n] */
} sg_distribution;
sg_distribution sg_action_policy_at(const sg_action_policy *pi, sg_node S);

/* A draw, a constant to gradients; its random node is "<name>.noise": normal draws of the action's
 * shape, or one uniform u for an index, which is the first with u < the cumulative probability. */
sg_node sg_distribution_draw(sg_distribution pi);
/* log pi(A | S) of a given action. */
sg_node sg_distribution_log_prob(sg_distribution pi, sg_node A);
sg_node sg_distribution_entropy(sg_distribution pi);
/* The likeliest action: mu, or the first index of the largest probability. */
sg_node sg_distribution_mode(sg_distribution pi);

#endif
