/* call.c - environments that end the program are named. */
#include "envs/call.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* NULL outside of calls. */
static _Thread_local const char *running_id, *running_function;

void sg_env_call_begin(const char *id, const char *function)
{
    running_id = id;
    running_function = function;
}

void sg_env_call_end(void) { running_id = NULL; }

/* Whatever the status was, the program has not done what it should. */
static void on_end(int status, void *unused)
{
    (void)status, (void)unused;
    if (!running_id)
        return;
    fflush(stdout);
    fprintf(stderr, "streamgrad: %s: its %s function ended the program\n", running_id,
            running_function);
    fflush(NULL);
    _exit(1);
}

/* In a signal's handler there is little more than write. */
static void say(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

/* The signal's own action is back, and comes next. */
static void on_crash(int number)
{
    if (running_id) {
        say("streamgrad: ");
        say(running_id);
        say(": its ");
        say(running_function);
        say(" function crashed\n");
    }
    raise(number);
}

/* A debugger or sanitizer that was there first has more to say. */
static void watch_signal(int number)
{
    struct sigaction before, now = {.sa_handler = on_crash, .sa_flags = SA_RESETHAND};
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
        sigaction(number, &now, NULL);
}

static void watch(void)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    on_exit(on_end, NULL);
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++)
        watch_signal(crashes[i]);
}

void sg_env_call_watch(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch);
}
