/* trial.h - short runs of an algorithm on a made-up task, reduced to a mark that tells whether two
 * of them were the same to the bit. */
#ifndef TRIAL_H
#define TRIAL_H

#include "rl/agent.h"

/* What the task is like: its observations are noise, its rewards noise with some large ones and a
 * little of the action, its episodes end by both kinds of end. */
typedef enum { TRIAL_CONTINUOUS, TRIAL_DISCRETE, TRIAL_KINDS } trial_kind;

/* True if the algorithm can act in such a task. */
bool trial_suits(const sg_algorithm *algorithm, trial_kind kind);
/* Settings that keep an algorithm small and let it learn within a few steps. */
const char *trial_settings(const sg_algorithm *algorithm);

typedef struct {
    bool ran;      /* false: refused or stopped, with a line in the error */
    uint64_t mark; /* of all observations, actions, rewards, reports and final parameters */
    double actor_moved, others_moved; /* sums of what parameters "actor..." and others moved */
} trial;
trial trial_run(const sg_algorithm *algorithm, const void *config, trial_kind kind, int steps,
                sg_error *error);

#endif
