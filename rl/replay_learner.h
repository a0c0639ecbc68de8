/* replay_learner.h - learning from a replay: what is stored, when a batch is drawn, and which
 * phases of the graph then run.
 *
 * Phases that learn from a batch are declared alone (sg_phase_alone), so that each sees what the
 * one before has changed: the actor follows critics that are already updated.
 */
#ifndef SG_REPLAY_LEARNER_H
#define SG_REPLAY_LEARNER_H

#include "autograd/program.h"
#include "rl/replay.h"

/* One phase of an algorithm's timetable: it runs at the steps t (from 0) that are multiples of
 * `every`, an int of the config. One that is `repeated` then runs `every` times on that step's
 * batch: as many updates as one at each step, made together. Neighbours that are `repeated` and due
 * at the same step take turns, each as often as the first. */
typedef struct {
    const char *phase;
    size_t every; /* offset in the config, or SG_EACH_STEP */
    bool repeated;
} sg_timetable_line;

#define SG_EACH_STEP ((size_t)-1)
enum { SG_TIMETABLE_MAX = 8 };

typedef struct sg_replay_learner sg_replay_learner;

/* `timetable` ends with a phase NULL. Lines whose phase the graph lacks are passed over (an option
 * that is off); a phase of the graph that no line has, but act and act_greedy, is misuse. `config`
 * is the algorithm's, with its sg_replay_config at `replay_offset`. NULL with a line if the ring
 * does not fit into memory. */
sg_replay_learner *sg_replay_learner_new(sg_program *program, const sg_timetable_line *timetable,
                                         const void *config, size_t replay_offset,
                                         const sg_env_spec *spec, uint64_t seed, sg_error *error);
void sg_replay_learner_free(sg_replay_learner *learner);
/* The observation and the action chosen at it: one half of the transition to come. */
void sg_replay_learner_acted(sg_replay_learner *learner, const double *obs, const double *action);
/* Stores the transition, then runs what is due. False if a phase met a number that is not finite
 * (check_finite; sg_program_fault says where). */
bool sg_replay_learner_learn(sg_replay_learner *learner, const sg_transition *t,
                             const double *next_obs);
/* Draws a batch into the graph's inputs. */
void sg_replay_learner_draw(sg_replay_learner *learner);
/* The next batch is taken from these slots (as many as the batch has) instead of being drawn: for
 * replaying a recorded run. They are kept by the caller until then. */
void sg_replay_learner_take_next(sg_replay_learner *learner, const int *slots);
/* Told before and after each phase that is due (NULL: nobody): for replaying and watching. */
typedef void sg_phase_listener(void *context, const char *phase, int repetition, bool done);
void sg_replay_learner_listen(sg_replay_learner *learner, sg_phase_listener *listener,
                              void *context);
/* How often the phase "learn" has run since the learner was made. */
int64_t sg_replay_learner_updates(const sg_replay_learner *learner);
/* The step count, the ring and its random stream. */
void sg_replay_learner_state(sg_replay_learner *learner, sg_archive *archive);

#endif
