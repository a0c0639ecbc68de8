/* checkpoint.h - the whole state of a training run in one file, DIR/checkpoint.safetensors.
 *
 * The arrays "agent/..." are parameters, optimiser state and random streams; "env/..." the task in
 * mid-episode and its wrappers' statistics; "loop/..." counters and where the record files stood.
 */
#ifndef SG_CHECKPOINT_H
#define SG_CHECKPOINT_H

#include "rl/agent.h"
#include "rl/training/counters.h"
#include "rl/training/experiment.h"

#define SG_CHECKPOINT_FILE "checkpoint.safetensors"

/* What is saved. To look at a policy alone, counters and obs may be NULL when loading. */
typedef struct {
    sg_agent *agent;
    sg_env *env;
    sg_counters *counters;
    double *obs;              /* the observation to act on next; spec.obs_size values */
    const sg_experiment *run; /* another run's checkpoint is refused; NULL: its key is left out */
} sg_training_state;

/* Whole or not at all. `archive` is the caller's, reused from save to save. */
bool sg_checkpoint_save(const char *folder, const sg_training_state *state, sg_archive *archive,
                        sg_error *error);
/* Whether the agent was finite as the last save gathered it; one that is not is never written. */
bool sg_checkpoint_finite(const sg_archive *archive, sg_error *error);
bool sg_checkpoint_load(const char *folder, const sg_training_state *state, sg_error *error);
/* How long the record files of the run were when it was saved, without loading anything else. */
bool sg_checkpoint_positions(const char *folder, const sg_experiment *run,
                             sg_record_positions *positions, sg_error *error);
bool sg_checkpoint_exists(const char *folder);

#endif
