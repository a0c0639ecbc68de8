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
 * streaming: sample mean and sample variance (Elsayed et al. 2024), first output 0.
 * A variance that overflows, from about 1e150 on, is an error. */
typedef enum {
    SG_NORMALIZE_NONE,
    SG_NORMALIZE_GYMNASIUM,
    SG_NORMALIZE_STREAMING,
    SG_NORMALIZE_STREAMING_THROUGH /* as streaming; for rewards */
} sg_normalizer;
sg_env *sg_normalize_observation(sg_env *inner, sg_normalizer kind);

/* Reward divided by the spread of the discounted return.
 * gymnasium: NormalizeReward (mask at termination only); streaming: ScaleReward (mask at any
 * end); streaming_through: the same with the mask at termination only (Sharifnassab et al. 2026).
 * A variance that overflows is an error here, too. */
sg_env *sg_scale_reward(sg_env *inner, sg_normalizer kind, double gamma);
/* Gymnasium's name for the first of them. */
static inline sg_env *sg_normalize_reward(sg_env *inner, double gamma)
{
    return sg_scale_reward(inner, SG_NORMALIZE_GYMNASIUM, gamma);
}

/* Observations, or rewards, limited to [-limit, limit]: Gymnasium's TransformObservation and
 * TransformReward with a clip, which CleanRL's PPO puts around the normalisers. */
sg_env *sg_clip_observation(sg_env *inner, double limit);
sg_env *sg_clip_reward(sg_env *inner, double limit);

/* Appends the time in the episode, from -0.5 in steps of 1/limit (Elsayed et al. 2024). */
sg_env *sg_time_feature(sg_env *inner, int limit);

/* The latest `count` observations as one, oldest first; at a reset the first one fills them all.
 * In memory [count, observation], as Gymnasium's FrameStackObservation. A vector of n values
 * becomes one of count * n; an image [c, h, w] becomes [count * c, h, w], the oldest frame's
 * channels first. */
sg_env *sg_frame_stack(sg_env *inner, int count);

/* Each observed value as its exponential average over the episode so far, whose weights decay by
 * beta a step and are divided by their sum (Elsayed et al. 2024, for prediction). Any end of an
 * episode clears the averages. */
sg_env *sg_observation_traces(sg_env *inner, double beta);

/* Fails, with a line that names the environment and the value, where an observation or a reward is
 * NaN or infinite, or where an observation is written beyond its obs_size: around the task, before
 * wrappers and learning carry it on. */
sg_env *sg_require_valid(sg_env *inner);

/* Adds up the rewards and steps of the episode, as they are at this layer: around the task itself,
 * the returns that are reported; around wrappers that scale rewards, those that the agent gets. */
sg_env *sg_record_episode_statistics(sg_env *inner);
/* What the outermost such layer of env holds: the current episode, and after its last step until
 * the reset the finished one. Without such a layer: misuse. */
double sg_episode_return(const sg_env *env);
int64_t sg_episode_length(const sg_env *env);

/* Keeps what the task at the bottom of `env` observes, before any wrapper changes it: a layer is
 * put directly around the task, and *obs will hold its last observation. The result is the
 * outermost layer: `env`, unless that is the task itself. */
sg_env *sg_watch_task(sg_env *env, const double **obs);

#endif
