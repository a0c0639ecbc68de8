/* runs.h - small training runs for tests, and whether two of them ended the same. */
#ifndef SG_TEST_RUNS_H
#define SG_TEST_RUNS_H

#include "rl/training/loop.h"

enum { RUNS_STEPS = 3000 };

/* AVG with small layers on Pendulum-v1; release it. */
sg_experiment runs_small(uint64_t seed, int64_t steps);
/* Any algorithm and environment, with these settings. */
sg_experiment runs_of(const char *algorithm, const char *environment, const char *set,
                      uint64_t seed, int64_t steps);
/* Trains in `folder`, quietly and with checkpoints only as asked; fails the test unless it is done.
 */
void runs_train(const sg_experiment *run, const char *folder, sg_folder_mode mode,
                int64_t checkpoint_every);

/* Trains seed 3 for RUNS_STEPS without interruption into a new folder "name"; its path. */
const char *runs_train_whole(const char *folder, const char *name);

/* Fails the test unless both folders hold the same episodes, but for the seconds, and the same
 * state, to the bit: agent, environment and counters. */
void runs_assert_same(const char *folder, const char *other);
/* The same for the scalars that TensorBoard draws, but for speed and evaluations. */
void runs_assert_same_scalars(const char *folder, const char *other);
/* episodes.csv without its last column (free it). */
char *runs_episodes(const char *folder);

#endif
