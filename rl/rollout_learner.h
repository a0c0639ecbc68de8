/* rollout_learner.h - drives a program that learns from rollouts: collects, then passes over the
 * samples in shuffled minibatches.
 *
 * The program's side, written by the algorithm:
 *
 *   act         values: action, log probability [1], value of the state [1]
 *   next_value  alone; value [1] of the input "next_obs", where the rollout is cut
 *   learn       alone (it runs many times a step); one gradient step on the minibatch sg_minibatch;
 *               its first value, which target_kl needs, estimates the KL divergence from the policy
 *               that collected to the present one
 *
 * A minibatch has a fixed number of rows. The smaller last one of a batch that does not divide is
 * filled up with rows of zeros whose weight is 0: one program serves both, sums over rows times
 * weights are exact, and nothing is left out or seen twice.
 */
#ifndef SG_ROLLOUT_LEARNER_H
#define SG_ROLLOUT_LEARNER_H

#include "autograd/program.h"
#include "envs/env.h"
#include "rl/rollout.h"

/* A minibatch as inputs of the graph, "batch.obs" and so on; rows first, [rows, 1] but for the
 * first two. The rate is the schedule's factor of lr, [1]. With normalize_advantages, `advantage`
 * is the input standardised. */
typedef struct {
    sg_node obs, action, log_prob, value, advantage, return_, weight, rate;
} sg_minibatch;
sg_minibatch sg_minibatch_inputs(sg_graph *g, const sg_env_spec *spec,
                                 const sg_rollout_config *config);
/* The mean over the rows that count, [1], of x [rows, 1]. */
sg_node sg_minibatch_mean(const sg_minibatch *batch, sg_node x);
/* (x - mean) / (standard deviation + 1e-8) over the rows that count, with divisor rows - 1: of no
 * use for a single row. */
sg_node sg_minibatch_standardize(const sg_minibatch *batch, sg_node x);

/* False with a line where the settings leave a minibatch without samples, or with a single one,
 * whose advantage has no deviation to be divided by. */
bool sg_rollout_suits(const sg_rollout_config *config, sg_error *error);

typedef struct sg_rollout_learner sg_rollout_learner;

/* Watches or replaces parts of an update; for replays. Either may be NULL. */
typedef struct {
    void (*order)(void *context, int epoch, int64_t *order); /* instead of a permutation */
    void (*learnt)(void *context, int rows);                 /* after each minibatch */
    void *context;
} sg_rollout_watcher;

/* All memory is allocated here. Misuse unless the graph has what is described above. */
sg_rollout_learner *sg_rollout_learner_new(sg_program *program, const sg_graph *graph,
                                           const sg_rollout_config *config, double gamma,
                                           int num_envs, uint64_t seed);
void sg_rollout_learner_free(sg_rollout_learner *learner);
void sg_rollout_learner_watch(sg_rollout_learner *learner, sg_rollout_watcher watcher);

/* After "act" has run for an environment: remembers what it saw, did and thought. */
void sg_rollout_learner_acted(sg_rollout_learner *learner, int env);
/* The reward of a transition as it is to be learnt from: with bootstrap_truncated and where a time
 * limit cut the episode off, gamma v(next_obs) is added. False, as sg_run, where that is not
 * finite. */
bool sg_rollout_learner_reward(sg_rollout_learner *learner, const sg_transition *t,
                               const double *next_obs, double *reward);
/* What followed. */
void sg_rollout_learner_answered(sg_rollout_learner *learner, int env, double reward, bool end);
/* After all environments' answers: the step is complete. When the rollout is full, learns from it;
 * next_obs [num_envs, obs_size] is what would be acted on next. *learnt tells whether it did.
 * False, as sg_run, where a node was not finite. */
bool sg_rollout_learner_advance(sg_rollout_learner *learner, const double *next_obs, bool *learnt);

/* Minibatches learnt from since the learner was made. */
int64_t sg_rollout_learner_updates(const sg_rollout_learner *learner);
/* The storage, to look at; filled anew from its beginning after an update. */
const sg_rollout *sg_rollout_learner_rollout(const sg_rollout_learner *learner);
void sg_rollout_learner_state(sg_rollout_learner *learner, sg_archive *archive);

#endif
