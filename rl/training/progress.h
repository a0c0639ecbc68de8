/* progress.h - what a person watching sees: one live line on a terminal, now and then a plain line
 * anywhere else. */
#ifndef SG_PROGRESS_H
#define SG_PROGRESS_H

#include <stdio.h>

#include "rl/training/counters.h"

typedef struct {
    FILE *out;           /* NULL: quiet, or it can no longer be written */
    bool live;           /* a terminal: redraw one line */
    bool drawn;          /* the live line stands there */
    int64_t steps;       /* of the whole run */
    int64_t first_step;  /* where this part of the run began */
    double start, shown; /* clock readings: of the beginning, of the last line */
} sg_progress;

/* Seconds on a clock that only goes forward. */
double sg_clock(void);

/* The clock starts now, at step `first_step` of `steps`. */
sg_progress sg_progress_start(bool quiet, int64_t steps, int64_t first_step);
/* Shows where things are if it is time to. Call it as often as you like. */
void sg_progress_update(sg_progress *progress, const sg_counters *counters, double now);
/* A last line, whatever the time, and an end to the live line. */
void sg_progress_finish(sg_progress *progress, const sg_counters *counters);
/* Prints a message on a line of its own, above the live line; names in it cannot end that line. */
void sg_progress_note(sg_progress *progress, const char *format, ...) SG_PRINTF(2, 3);

/* "2:05:09", "0:42". */
const char *sg_duration_text(double seconds, char text[32]);

#endif
