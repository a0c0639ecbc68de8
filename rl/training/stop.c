/* stop.c - being asked to stop: SIGINT, SIGTERM and SIGHUP as something to look at between two
 * steps.
 */
#include "rl/training/stop.h"

#include <stddef.h>

static const int SIGNALS[SG_STOP_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

static volatile sig_atomic_t stop_signal;

/* All that a signal handler may safely do. */
static void on_stop(int signal_number) { stop_signal = signal_number; }

/* The handler is gone after the first signal, so a second one ends the process. */
sg_stop_handlers sg_stop_watch(void)
{
    sg_stop_handlers before;
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    stop_signal = 0;
    for (int i = 0; i < SG_STOP_SIGNALS; i++) {
        sigaction(SIGNALS[i], NULL, &before.action[i]);
        if (before.action[i].sa_handler != SIG_IGN)
            sigaction(SIGNALS[i], &action, NULL);
    }
    return before;
}

/* A write beyond the limit then fails with EFBIG. */
struct sigaction sg_stop_ignore_file_limit(void)
{
    struct sigaction before, action = {.sa_handler = SIG_IGN};
    sigaction(SIGXFSZ, &action, &before);
    return before;
}

bool sg_stop_asked(void) { return stop_signal != 0; }

void sg_stop_unwatch(const sg_stop_handlers *before)
{
    for (int i = 0; i < SG_STOP_SIGNALS; i++)
        sigaction(SIGNALS[i], &before->action[i], NULL);
}
