/* policy.h - policies pi(A|S): draws of them, and what they say of actions. They differ in what
 * sigma is of a draw u ~ N(mu(S), sigma(S)^2), and in what action u becomes:
 *
 *   SG_GAUSSIAN             A = u, unbounded: the environment clips it, the update does not;
 *                           sigma = softplus(head "std"), as in Stream-X
 *   SG_GAUSSIAN_FREE_STD    A = u; sigma = exp(parameter "log_std"), which starts at 0 and does not
 *                           depend on S, as in CleanRL's PPO
 *   SG_SQUASHED_GAUSSIAN    A = tanh(u); sigma = exp(head "log_std" / 2), the head clamped to
 *                           [-20, 2]: a log variance, as the published AVG code has it
 *   SG_BOX_GAUSSIAN         A = centre + half_width tanh(u), within the bounds; sigma as above
 *   SG_BOX_GAUSSIAN_SMOOTH  the same A; log sigma = -5 + 3.5 (tanh(head "log_std") + 1), a map onto
 *                           [-5, 2], and tanh's slope in log pi is at least 1e-6, as in CleanRL's
 *                           SAC
 *
 * For discrete actions all of them are pi(a|S) = softmax(head "logits")_a (to the last bits but for
 * SG_GAUSSIAN_FREE_STD, which takes exp of its logarithm), and A is the index, one number. Shapes:
 * S [..., obs_size], A and noise [..., action_size] (discrete: [..., 1]), all else
 * [..., 1].
 */
#ifndef SG_POLICY_H
#define SG_POLICY_H

#include "rl/action_box.h"
#include "rl/network.h"

typedef enum {
    SG_GAUSSIAN,
    SG_GAUSSIAN_FREE_STD,
    SG_SQUASHED_GAUSSIAN,
    SG_BOX_GAUSSIAN,
    SG_BOX_GAUSSIAN_SMOOTH,
} sg_policy_kind;

/* Parameters are called "<name>.phi...", "<name>.mu..." or "<name>.logits...", "<name>.std..." or
 * "<name>.log_std...". `name` is kept. */
typedef struct {
    const char *name;
    sg_policy_kind kind;
    bool discrete;
    sg_mlp trunk;
    sg_linear_layer head;     /* mu or logits */
    sg_linear_layer std_head; /* what sigma is made of ... */
    sg_node log_std;          /* ... or log sigma itself, [action_size]: SG_GAUSSIAN_FREE_STD */
    sg_action_box box; /* SG_BOX_GAUSSIAN and _SMOOTH, which need bounds (sg_suits_bounded) */
    sg_nodes params;
} sg_policy;
sg_policy sg_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec, sg_policy_kind kind,
                        sg_mlp_config config);

/* A draw, and what the policy says of it. */
typedef struct {
    sg_node action;
    sg_node log_prob; /* log pi(A|S) */
    sg_node entropy;  /* of pi(.|S); where it is squashed that of u, before tanh */
    sg_node noise;    /* standard normal; discrete: graph NULL */
} sg_sample;

/* A draw that is a constant to gradients: log_prob's gradient is the score, as likelihood-ratio
 * methods need it. Each call has noise of its own: "<name>.noise", "<name>.noise.2", ... */
sg_sample sg_policy_sample(const sg_policy *pi, sg_node S);
/* The same draw reparameterised: A and log_prob can be differentiated in the parameters. Misuse of
 * a discrete one. */
sg_sample sg_policy_rsample(const sg_policy *pi, sg_node S);
/* The action without noise: that of u = mu(S), or the first of the most probable. */
sg_node sg_policy_mode(const sg_policy *pi, sg_node S);
/* log pi(A|S) of actions that were recorded. Misuse of squashed ones, whose A may be a bound. */
sg_node sg_policy_log_prob(const sg_policy *pi, sg_node S, sg_node A);
/* Of pi(.|S), as in sg_sample. */
sg_node sg_policy_entropy(const sg_policy *pi, sg_node S);

/* ---- pieces, for policies of one's own ---- */

/* Standard normal noise "<policy>.noise" of mu's shape. */
sg_node sg_policy_noise(const char *policy, sg_node mu);
/* log N(u; mu, sigma^2) from z = (u - mu) / sigma and 2 log sigma: -(z^2 + log sigma^2 + log 2 pi)
 * / 2, summed over the last dimension. */
sg_node sg_log_normal(sg_node z, sg_node log_variance);
/* The entropy of independent normals: the sum of (1 + log 2 pi + log_variance) / 2. */
sg_node sg_normal_entropy(sg_node log_variance);
/* An index drawn by probabilities p [..., n], a constant to gradients: the first whose cumulative
 * probability exceeds a uniform draw "<policy>.noise" [..., 1]. */
sg_node sg_sample_index(const char *policy, sg_node p);

#endif
