/* call.c - environments that end the program are named. */
#include "envs/call.h"

#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The innermost call of this thread; NULL outside of calls. */
static _Thread_local const sg_env_call *running;

/* ---- numbers ---- */

/* Whether plugins may be there, which may do anything. */
static atomic_bool watched;

/* The first byte of what this thread writes in front of decimals. */
static char decimal_point(void) { return *nl_langinfo(RADIXCHAR); }

/* A locale of the program's own stays; one that a call has set must not reach into our numbers. */
static void restore_point(const sg_env_call *call)
{
    if (call->point == '.' && decimal_point() != '.')
        setlocale(LC_NUMERIC, "C");
}

/* ---- calls ---- */

/* What is found in `error` after the call is its reason. */
void sg_env_call_begin(sg_env_call *call, const char *id, const char *function, sg_error *error)
{
    if (error)
        error->text[0] = '\0';
    bool watch_point = atomic_load_explicit(&watched, memory_order_relaxed);
    *call = (sg_env_call){id, function, running, watch_point ? decimal_point() : 0};
    running = call;
}

/* A reason that is somebody's own may not say whose it is. */
static void name_source(const sg_env_call *call, sg_error *error)
{
    if (strncmp(error->text, call->id, strlen(call->id)) == 0)
        return;
    sg_error reason = *error;
    sg_fail(error, "%s: its %s function failed%s%s", call->id, call->function,
            reason.text[0] ? ": " : " and gave no reason", reason.text);
}

bool sg_env_call_end(const sg_env_call *call, bool ok, sg_error *error)
{
    running = call->outer;
    restore_point(call);
    if (!ok && error)
        name_source(call, error);
    return ok;
}

/* ---- ends of the program ---- */

/* Whatever the status was, the program has not done what it should. */
static void tell_end(void)
{
    if (!running)
        return;
    fflush(stdout);
    fprintf(stderr, "streamgrad: %s: its %s function ended the program\n", running->id,
            running->function);
    fflush(NULL);
    _exit(1);
}

static void on_end(int status, void *unused)
{
    (void)status, (void)unused;
    tell_end();
}

/* In a signal's handler there is little more than write. */
static void say(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

bool sg_env_call_crashed(void)
{
    if (!running)
        return false;
    say("streamgrad: ");
    say(running->id);
    say(": its ");
    say(running->function);
    say(" function crashed\n");
    return true;
}

/* What to do about misuse outside of calls; NULL: the default. */
static sg_error_handler *other_misuse;

/* The one line that there is of it: the end that follows is not told as a crash. */
static void on_misuse(const char *text)
{
    char line[700];
    if (running) {
        snprintf(line, sizeof line, "%s: its %s function: %s", running->id, running->function,
                 text);
        text = line;
    }
    if (other_misuse)
        other_misuse(text);
    if (!running)
        return;
    fprintf(stderr, "streamgrad: %s\n", line);
    running = NULL;
    abort();
}

/* The signal's own action is back, and comes next. */
static void on_crash(int number)
{
    sg_env_call_crashed();
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
    atomic_store(&watched, true);
    on_exit(on_end, NULL);
    at_quick_exit(tell_end);
    other_misuse = sg_on_misuse(on_misuse);
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++)
        watch_signal(crashes[i]);
}

void sg_env_call_watch(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch);
}
