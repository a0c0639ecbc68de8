/* loop.h - training: act, step, learn, write down, save, until the steps are done.
 *
 * A run that is killed at any moment and resumed ends with the same episodes and weights as one
 * that never was: the checkpoint holds everything, and the record files are cut where it stands.
 */
#ifndef SG_LOOP_H
#define SG_LOOP_H

#include "rl/training/experiment.h"
#include "rl/training/folder.h"

/* Written beside the last good checkpoint when learning fails. */
#define SG_FAILURE_FILE "failure.txt"
/* Written at the end of a profiled run. */
#define SG_PLAN_FILE "plan.txt"

typedef struct {
    const sg_experiment *run;
    const char *folder;
    sg_folder_mode mode;
    int64_t checkpoint_every;  /* steps between checkpoints; 0: by the clock */
    double checkpoint_seconds; /* seconds between checkpoints by the clock */
    bool lost_records;         /* go on even if SG_EPISODES_FILE lost rows or is missing */
    bool quiet;                /* print nothing but warnings */
    bool profile; /* time every kernel call; the plan with times goes into SG_PLAN_FILE */
} sg_train_config;

typedef enum {
    SG_TRAIN_DONE,    /* all steps were taken */
    SG_TRAIN_STOPPED, /* SIGINT, SIGTERM or SIGHUP; saved, and can be resumed */
    SG_TRAIN_REFUSED, /* bad input: nothing was trained or overwritten */
    SG_TRAIN_FAILED   /* a disk full, a number not finite: the last checkpoint stands */
} sg_train_result;

/* A checkpoint every ten seconds. */
sg_train_config sg_train_config_default(const sg_experiment *run, const char *folder);
/* REFUSED and FAILED leave a line in `error`. */
sg_train_result sg_train(const sg_train_config *config, sg_error *error);

#endif
