/* trainer.h - the parts of a training run, put together and taken apart; used by loop.c only. */
#ifndef SG_TRAINER_H
#define SG_TRAINER_H

#include "rl/training/checkpoint.h"
#include "rl/training/evaluation.h"
#include "rl/training/loop.h"
#include "rl/training/progress.h"

typedef struct {
    const sg_train_config *config;
    const sg_experiment *run;
    char folder[SG_PATH_SIZE]; /* config's from the root on: an environment may go elsewhere */
    sg_training_state state;   /* agent, environment, counters and current observation */
    sg_counters counters;
    sg_env *monitor;
    sg_evaluator *evaluator; /* NULL without evaluation */
    sg_records *records;
    sg_archive *archive; /* reused for every checkpoint */
    double *next_obs, *action;
    sg_progress progress;
    bool diverged; /* learning failed: a number in the agent is not finite */
    int lock;
    double start;  /* clock reading when `counters.seconds` would have been 0 */
    double saved;  /* clock reading of the last checkpoint */
    double saving; /* seconds that it took */
    double logged; /* clock reading of the last scalars, and their step */
    int64_t logged_step;
} sg_trainer;

/* Makes every part, checks the folder, restores the checkpoint if there is one, opens the records.
 * Nothing is written before all of the input was found good. */
bool sg_trainer_open(sg_trainer *trainer, const sg_train_config *config, sg_error *error);
/* Syncs the records and writes a checkpoint that knows where they stand. */
bool sg_trainer_save(sg_trainer *trainer, sg_error *error);
/* Releases everything; false if records could not be written to the end. Also after a failed open.
 */
bool sg_trainer_close(sg_trainer *trainer, sg_error *error);

#endif
