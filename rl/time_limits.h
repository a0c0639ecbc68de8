/* time_limits.h - what the end of an episode does to targets and traces, where it was the task's
 * own and where a time limit cut it off. */
#ifndef SG_TIME_LIMITS_H
#define SG_TIME_LIMITS_H

#include "autograd/graph.h"

/* bootstrap  through time limits the target goes on, the traces end: what both mean
 * end        a time limit is taken for the task's own end (Stream-X of 2024, whose time feature
 *            makes up for it)
 * carry      bootstrapped through, and the traces live on into the next episode (the first
 *            published Intentional AC) */
typedef enum { SG_TIME_LIMITS_BOOTSTRAP, SG_TIME_LIMITS_END, SG_TIME_LIMITS_CARRY } sg_time_limits;

/* A choice of an algorithm's settings: `int time_limits` in its config. */
/* clang-format off */
#define SG_TIME_LIMITS_SETTING(config, initial)                                                    \
    {"time_limits", SG_SETTING_CHOICE, SG_MEMBER(config, time_limits, int), initial, 0, 0,         \
     "bootstrap|end|carry", "targets go on through them, stop there, or traces go on too",         \
     "gamma=0"}
/* clang-format on */

/* Both [1], 1 or 0. */
typedef struct {
    sg_node final; /* nothing follows: no bootstrapping */
    sg_node cut;   /* traces end after this step */
} sg_ending;
/* Of the episode's two ends, the inputs "terminated" and "episode_end" (sg_input). */
sg_ending sg_ending_of(sg_node terminated, sg_node episode_end, int time_limits);

#endif
