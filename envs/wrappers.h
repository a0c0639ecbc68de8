/* wrappers.h - environments around environments. Each takes ownership of `inner`.
 *
 * Names and arithmetic follow Gymnasium and the streaming papers' published wrappers; the recorded
 * traces of both are reproduced. All arithmetic is double.
 */
#ifndef SG_WRAPPERS_H
#define SG_WRAPPERS_H

#include "envs/env.h"

/* Sets truncated when `limit` steps were taken since the reset. */
sg_env *sg_time_limit(sg_env *inner, int limit);

/* The action limited to the bounds before it is used. */
sg_env *sg_clip_action(sg_env *inner);
/* Actions in [-1, 1] mapped linearly onto the bounds (and clipped). Bounds must be finite. */
sg_env *sg_rescale_action(sg_env *inner);

/* (x - mean) / sqrt(var + 1e-8), statistics updated first, at reset and step.
 * gymnasium: RunningMeanStd (mean 0, var 1, count 1e-4 at the start), as AVG uses.
 * streaming: sample mean and sample variance (Elsayed et al. 2024), first output 0. */
typedef enum {
    SG_NORMALIZE_NONE,
    SG_NORMALIZE_GYMNASIUM,
    SG_NORMALIZE_STREAMING,
    SG_NORMALIZE_STREAMING_THROUGH /* as streaming; for rewards */
} sg_normalizer;
sg_env *sg_normalize_observation(sg_env *inner, sg_normalizer kind);

/* Reward divided by the spread of the discounted return.
 * gymnasium: NormalizeReward (mask at termination only); streaming: ScaleReward (mask at any
 * end); streaming_through: the same with the mask at termination only (Sharifnassab et al. 2026). */
sg_env *sg_scale_reward(sg_env *inner, sg_normalizer kind, double gamma);

/* Appends the time in the episode, from -0.5 in steps of 1/limit (Elsayed et al. 2024). */
sg_env *sg_time_feature(sg_env *inner, int limit);

#endif
