/* rollout.h - what a policy has seen and done for some steps, and minibatches of it.
 *
 * Steps s = 0..num_steps-1 of num_envs environments; arrays are [num_steps, num_envs, ...], so that
 * a sample's index is s * num_envs + env. All memory is allocated by sg_rollout_new.
 */
#ifndef SG_ROLLOUT_H
#define SG_ROLLOUT_H

#include "rl/settings.h"
#include "tensor/archive.h"

/* How an algorithm learns from rollouts; a member of its config named `rollout`, with the settings
 * below. The batch of num_steps samples is cut into slices of num_steps / num_minibatches; what
 * remains makes one more, smaller minibatch. */
typedef struct {
    int num_steps, update_epochs, num_minibatches;
    double gae_lambda;
    double target_kl; /* 0: none */
    int anneal_steps; /* 0: no schedule */
    bool normalize_advantages;
    bool bootstrap_truncated;
} sg_rollout_config;

/* clang-format off */
#define SG_ROLLOUT_SETTINGS(config, steps_, epochs_, minibatches_, lambda_, anneal_) \
    SG_INT_LINE(NULL, "num_steps", config, rollout.num_steps, steps_, 1, 1000000, \
        "steps between updates"), \
    SG_INT_LINE(NULL, "update_epochs", config, rollout.update_epochs, epochs_, 1, 1000, \
        "passes over the steps in an update"), \
    SG_INT_LINE(NULL, "num_minibatches", config, rollout.num_minibatches, minibatches_, 1, \
        1000000, "parts of the steps, one gradient step for each"), \
    SG_REAL_LINE("num_steps=1 or gamma=0", "gae_lambda", config, rollout.gae_lambda, lambda_, 0, \
        1, "lambda of generalized advantage estimation"), \
    SG_REAL_LINE("update_epochs=1", "target_kl", config, rollout.target_kl, "0", 0, 1e6, \
        "an update ends with the epoch whose KL estimate is above it; 0: never"), \
    SG_INT_LINE(NULL, "anneal_steps", config, rollout.anneal_steps, anneal_, 0, 2000000000, \
        "steps over which lr falls linearly towards 0, to stay at its last value; 0: it stays"), \
    SG_SWITCH_LINE(NULL, "normalize_advantages", config, rollout.normalize_advantages, "true", \
        "advantages of a minibatch with mean 0 and deviation 1"), \
    SG_SWITCH_LINE("gamma=0", "bootstrap_truncated", config, rollout.bootstrap_truncated, "false", \
        "the value of what follows a time limit counts; off: the episode ends there, as in CleanRL")
/* clang-format on */

/* The incremental limit: each step learns from itself alone, whose advantage has no deviation to be
 * divided by. */
#define SG_LAST_STEP "num_steps=1,num_minibatches=1,normalize_advantages=off"

/* Samples of a full minibatch of num_samples. */
int sg_rollout_rows(const sg_rollout_config *config, int num_samples);
/* The schedule's factor of lr in update i = 0, 1, ...: 1 - i / (number of updates), the last one
 * being 1 / (number of updates), which later ones keep. num_samples: steps of an update, all
 * environments together. */
double sg_rollout_rate(const sg_rollout_config *config, int num_samples, int64_t update);

/* Generalized advantage estimation (Schulman et al. 2016, eq. 16), backwards through each
 * environment's steps:
 *   delta_s = r_s + gamma (1 - end_s) v_(s+1) - v_s
 *   A_s = delta_s + gamma lambda (1 - end_s) A_(s+1)
 * All arrays are [steps, envs], next_value [envs] is v after the last step; end is 1 where the step
 * ended an episode, by a time limit too. Where values go on beyond those (bootstrap_truncated), r_s
 * has gamma v of the last observation in it. */
typedef struct {
    int steps, envs;
    const double *reward, *value, *end, *next_value;
    double gamma, lambda;
} sg_gae;
void sg_generalized_advantages(const sg_gae *gae, double *advantage);

/* The arrays, for whoever fills or reads them. "return" is advantage + value. */
enum {
    SG_ROLLOUT_OBS,
    SG_ROLLOUT_ACTION,
    SG_ROLLOUT_LOG_PROB,
    SG_ROLLOUT_VALUE,
    SG_ROLLOUT_REWARD,
    SG_ROLLOUT_END,
    SG_ROLLOUT_ADVANTAGE,
    SG_ROLLOUT_RETURN,
    SG_ROLLOUT_ARRAYS
};
const char *sg_rollout_array_name(int array); /* "obs" */

typedef struct {
    int num_steps, num_envs, samples; /* samples = num_steps num_envs */
    int width[SG_ROLLOUT_ARRAYS];     /* numbers of one sample */
    double *arrays[SG_ROLLOUT_ARRAYS];
    int step; /* being filled; num_steps: full */
} sg_rollout;

/* False with a line where the machine's memory cannot hold num_steps observations of obs_size
 * values. */
bool sg_rollout_fits(int num_steps, int obs_size, sg_error *error);
/* Empty arrays for num_steps of num_envs environments, at least one of each. NULL may be freed. */
sg_rollout *sg_rollout_new(int num_steps, int num_envs, int obs_size, int action_size);
void sg_rollout_free(sg_rollout *rollout);
/* Where the values of an environment go at the step being filled. */
double *sg_rollout_at(const sg_rollout *rollout, int array, int env);
/* Estimates advantages and returns of a full rollout; next_value [num_envs]. */
void sg_rollout_estimate(sg_rollout *rollout, const double *next_value, double gamma,
                         double lambda);
/* Copies `count` samples of an array, in the order of `index`, to `rows`; rows beyond, up to
 * `row_count`, become 0. */
void sg_rollout_gather(const sg_rollout *rollout, int array, const int64_t *index, int count,
                       int row_count, double *rows);
/* Visits everything that has been filled in; estimates can be made again. */
void sg_rollout_state(sg_rollout *rollout, sg_archive *archive);

#endif
