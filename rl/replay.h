/* replay.h - a replay: the last transitions in a ring, from which batches are drawn uniformly with
 * replacement (Lin 1992; Mnih et al. 2015).
 *
 * A transition is stored before learning from its step, so that the newest can be drawn at once:
 * with buffer 1 and batch 1 each step learns from its own transition, the incremental limit.
 */
#ifndef SG_REPLAY_H
#define SG_REPLAY_H

#include "autograd/graph.h"
#include "envs/env.h"
#include "rl/settings.h"

/* A member `sg_replay_config replay` of an algorithm's config. */
typedef struct {
    int buffer;          /* transitions kept */
    int batch;           /* transitions drawn at each update */
    int learning_starts; /* L: nothing is learned at steps t = 0..L */
} sg_replay_config;

/* clang-format off */
/* Its settings, with an algorithm's defaults. */
#define SG_REPLAY_SETTINGS(config, buffer_, batch_, learning_starts_) \
    SG_INT_LINE(NULL, "buffer", config, replay.buffer, buffer_, 1, 100000000, \
        "transitions kept for replay; 1: the last alone"), \
    SG_INT_LINE(NULL, "batch", config, replay.batch, batch_, 1, 65536, \
        "transitions drawn, with replacement, at each update; if not set, at most buffer"), \
    SG_INT_LINE(NULL, "learning_starts", config, replay.learning_starts, learning_starts_, 0, \
        1000000000, "the first update comes after this many steps")
/* clang-format on */

/* Called with a config that has its defaults, preset and `sets` (sg_algorithm_config). A batch that
 * `sets` does not write becomes no larger than the ring. One that it writes may be, since it is
 * drawn with replacement, but false with a line where the ring's size is then not written too. */
bool sg_replay_settle(sg_replay_config *config, const char *const *sets, int set_count,
                      sg_error *error);

/* The incremental limit: each step learns from its own transition alone. */
#define SG_LAST_TRANSITION "buffer=1,batch=1,learning_starts=0"

/* ---- the batch as inputs of a graph; B transitions, one a row ---- */
typedef struct {
    sg_node S;          /* "batch.obs" [B, obs_size] */
    sg_node A;          /* "batch.action" [B, action_size], as the algorithm gave it */
    sg_node R;          /* "batch.reward" [B, 1] */
    sg_node S_next;     /* "batch.next_obs" [B, obs_size]; at an episode's end its last one */
    sg_node terminated; /* "batch.terminated" [B, 1]; 0 where an episode was only cut off */
} sg_batch;
sg_batch sg_batch_inputs(sg_graph *g, const sg_env_spec *spec, const sg_replay_config *config);

/* ---- the ring ---- */
enum {
    SG_BATCH_OBS,
    SG_BATCH_ACTION,
    SG_BATCH_REWARD,
    SG_BATCH_NEXT_OBS,
    SG_BATCH_TERMINATED,
    SG_BATCH_PARTS
};
/* "batch.obs", ...: the names of the inputs. */
extern const char *const sg_batch_names[SG_BATCH_PARTS];

typedef struct sg_replay sg_replay;

/* All memory is reserved here, and used as the ring fills. Numbers are kept as `dtype`. NULL with a
 * line if there is not enough memory. */
sg_replay *sg_replay_new(const sg_replay_config *config, const sg_env_spec *spec, sg_dtype dtype,
                         uint64_t seed, sg_error *error);
void sg_replay_free(sg_replay *replay);
/* Stores a transition over the oldest one. */
void sg_replay_add(sg_replay *replay, const double *obs, const double *action,
                   const sg_transition *t, const double *next_obs);
/* The number of transitions in the ring. */
int sg_replay_count(const sg_replay *replay);
/* Draws a batch. Misuse while the ring is empty. */
void sg_replay_draw(sg_replay *replay);
/* Takes the batch from these slots instead: for replaying a recorded run. */
void sg_replay_take(sg_replay *replay, const int *slots);
/* A part of the batch, one transition after the other; valid until the next draw. */
const double *sg_replay_part(const sg_replay *replay, int part);
/* Visits the transitions, their number and the random stream. */
void sg_replay_state(sg_replay *replay, sg_archive *archive);

#endif
