/* surrogate.h - losses that stop where they would carry a policy, or a value, too far from what
 * collected the samples (Schulman et al. 2017, arXiv 1707.06347, section 3), and measures of how
 * far it has come. All are one number a sample, [..., 1]; means over a minibatch are
 * sg_minibatch_mean.
 */
#ifndef SG_SURROGATE_H
#define SG_SURROGATE_H

#include "rl/rollout_learner.h"

/* pi(A|S) / pi_old(A|S) and its logarithm, from both log probabilities of A. */
typedef struct {
    sg_node ratio; /* named "ratio" */
    sg_node log;
} sg_policy_ratio;
sg_policy_ratio sg_policy_ratio_of(sg_node log_prob, sg_node old_log_prob);

/* -min(ratio A, clip(ratio, 1 - epsilon, 1 + epsilon) A), eq. 7: nothing is gained by a ratio
 * beyond. To be descended. */
sg_node sg_clipped_surrogate(sg_policy_ratio ratio, sg_node A, double epsilon);

/* (v - target)^2, or where that is larger the same with v no further than epsilon from its old
 * value (epsilon INFINITY: never). */
sg_node sg_clipped_error(sg_node v, sg_node old, sg_node target, double epsilon);

/* Estimates of KL(pi_old, pi) whose mean has no bias: (ratio - 1) - log ratio, which is never
 * negative (Schulman 2020, "Approximating KL divergence", k3). */
sg_node sg_approximate_kl(sg_policy_ratio ratio);
/* 1 where the ratio is outside of 1 +- epsilon, else 0. */
sg_node sg_ratio_beyond(sg_policy_ratio ratio, double epsilon);

/* Their means over a minibatch as reports of "learn": losses/approx_kl, which is returned, [1],
 * losses/old_approx_kl (of -log ratio) and losses/clipfrac. */
sg_node sg_report_ratio(const sg_minibatch *batch, sg_policy_ratio ratio, double epsilon);

#endif
