/* stop.h - being asked to stop: SIGINT, SIGTERM and SIGHUP as something to look at between two
 * steps.
 */
#ifndef SG_STOP_H
#define SG_STOP_H

#include <signal.h>
#include <stdbool.h>

enum { SG_STOP_SIGNALS = 3 };

/* What the signals did before. */
typedef struct {
    struct sigaction action[SG_STOP_SIGNALS];
} sg_stop_handlers;

/* From now on a file beyond the process's size limit fails as on a full disk, with a line, instead
 * of ending the process. What the signal did before is the answer, for sigaction. */
struct sigaction sg_stop_ignore_file_limit(void);

/* From now on the first signal only asks; a second one ends the process. One that was ignored, as
 * nohup and shells do for what runs in the background, stays so. */
sg_stop_handlers sg_stop_watch(void);
/* True once a signal has come since then. */
bool sg_stop_asked(void);
/* The signals do again what they did before. */
void sg_stop_unwatch(const sg_stop_handlers *before);

#endif
