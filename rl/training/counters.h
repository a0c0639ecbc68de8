/* counters.h - how far a run has come, and its last episodes. */
#ifndef SG_COUNTERS_H
#define SG_COUNTERS_H

#include "rl/training/records.h"

/* Means are taken over this many episodes, as is customary. */
enum { SG_RECENT_EPISODES = 100 };

typedef struct {
    int64_t step;    /* steps taken */
    int64_t episode; /* episodes finished */
    double seconds;  /* spent training, over all parts of a resumed run */
    double returns[SG_RECENT_EPISODES];
    double lengths[SG_RECENT_EPISODES];
    sg_record_positions positions;
    bool evaluation_due; /* that of `step` was abandoned, and is played when the run goes on */
} sg_counters;

/* An episode is over: its return and its steps. */
void sg_counters_add_episode(sg_counters *counters, double episode_return, int64_t length);
/* Finite rewards may have a sum that is not: false then, with a line. */
bool sg_counters_check_return(const char *environment, double episode_return, sg_error *error);
/* How many episodes the means are over. */
int sg_counters_recent(const sg_counters *counters);
/* Means of the recent episodes; 0 before the first. */
double sg_counters_mean_return(const sg_counters *counters);
double sg_counters_mean_length(const sg_counters *counters);
void sg_counters_state(sg_counters *counters, sg_archive *archive);

#endif
