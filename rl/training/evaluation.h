/* evaluation.h - episodes played for their return only, beside the training.
 *
 * An evaluator has an environment of its own. It takes over the training environment's statistics,
 * frozen, and leaves agent and training environment as it found them, so that a run's numbers do
 * not depend on when or whether it is evaluated.
 */
#ifndef SG_EVALUATION_H
#define SG_EVALUATION_H

#include "rl/training/experiment.h"
#include "rl/training/records.h"

typedef struct sg_evaluator sg_evaluator;

/* For the run's environment. NULL with a line if that cannot be made. */
sg_evaluator *sg_evaluator_new(const sg_experiment *run, sg_error *error);
void sg_evaluator_free(sg_evaluator *evaluator); /* NULL is fine */
/* The evaluator's own environment, e.g. to load a checkpoint into. */
sg_env *sg_evaluator_env(sg_evaluator *evaluator);

/* Called after each episode. */
typedef void sg_episode_report(int episode, double episode_return, int64_t length);

/* An episode of a task without a time limit is cut here, as is customary for Atari games: a policy
 * that does not learn may never end one. */
enum { SG_EVALUATION_STEPS = 108000 };

typedef struct {
    int episodes;
    uint64_t seed;             /* of the episodes' beginnings */
    bool stochastic;           /* sample actions instead of taking the deterministic ones */
    sg_episode_report *report; /* may be NULL */
} sg_evaluation_options;

typedef enum {
    SG_EVALUATION_DONE,
    SG_EVALUATION_STOPPED, /* sg_stop_asked: there is no result, and nothing was wrong */
    SG_EVALUATION_FAILED   /* with a line in `error` */
} sg_evaluation_outcome;

/* Plays episodes and fills all of `result` but its step. */
sg_evaluation_outcome sg_evaluate(sg_evaluator *evaluator, sg_agent *agent,
                                  const sg_evaluation_options *options,
                                  sg_evaluation_record *result, sg_error *error);
/* The same in the middle of training with `env`; nothing of agent and env changes. */
sg_evaluation_outcome sg_evaluate_beside(sg_evaluator *evaluator, sg_agent *agent, sg_env *env,
                                         const sg_evaluation_options *options,
                                         sg_evaluation_record *result, sg_error *error);

#endif
