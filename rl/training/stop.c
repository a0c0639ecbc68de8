/* stop.c - being asked to stop: SIGINT and SIGTERM as something to look at between two steps. */
#include "rl/training/stop.h"

#include <stddef.h>

static volatile sig_atomic_t stop_signal;

/* All that a signal handler may safely do. */
static void on_stop(int signal_number) { stop_signal = signal_number; }

/* The handler is gone after the first signal, so a second one ends the process. */
sg_stop_handlers sg_stop_watch(void)
{
    sg_stop_handlers before;
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    stop_signal = 0;
    sigaction(SIGINT, &action, &before.interrupt);
    sigaction(SIGTERM, &action, &before.terminate);
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
    sigaction(SIGINT, &before->interrupt, NULL);
    sigaction(SIGTERM, &before->terminate, NULL);
}
