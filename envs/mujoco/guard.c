/* guard.c - MuJoCo's global error and warning callbacks, turned into return values. */
#include "envs/mujoco/guard.h"

#include <mujoco/mujoco.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The guard that is active on this thread. */
typedef struct {
    jmp_buf escape;
    const char *id;
    sg_error *error;
} guard;

static _Thread_local guard *active;
/* The last warning inside this thread's last guard; empty if there was none. */
static _Thread_local char warning[256];
static pthread_once_t installed = PTHREAD_ONCE_INIT;

/* What was there before; NULL for MuJoCo's own behaviour. */
static void (*other_error)(const char *message);
static void (*other_warning)(const char *message);

/* Each run of line ends becomes a space. */
void sg_mujoco_one_line(char *message)
{
    char *to = message;
    for (const char *from = message; *from; from += strspn(from, "\n")) {
        size_t length = strcspn(from, "\n");
        if (to > message && length > 0)
            *to++ = ' ';
        memmove(to, from, length);
        to += length;
        from += length;
    }
    *to = '\0';
}

/* Must not return: jumps back into the guard. */
static void on_error(const char *message)
{
    if (active) {
        char line[400];
        snprintf(line, sizeof line, "%s", message);
        sg_mujoco_one_line(line);
        sg_fail(active->error, "%s: MuJoCo: %s", active->id, line);
        longjmp(active->escape, 1);
    }
    if (other_error)
        other_error(message);
    fprintf(stderr, "MuJoCo: %s\n", message);
    exit(EXIT_FAILURE);
}

/* Kept inside a guard, for the caller to ask about. */
static void on_warning(const char *message)
{
    if (active) {
        snprintf(warning, sizeof warning, "%s", message);
        sg_mujoco_one_line(warning);
    } else if (other_warning) {
        other_warning(message);
    } else {
        fprintf(stderr, "MuJoCo warning: %s\n", message);
    }
}

/* Once in a program, on the first guard. */
static void install(void)
{
    other_error = mju_user_error;
    other_warning = mju_user_warning;
    mju_user_error = on_error;
    mju_user_warning = on_warning;
}

void sg_mujoco_guard_install(void) { pthread_once(&installed, install); }

const char *sg_mujoco_guard_warning(void) { return warning[0] ? warning : NULL; }

/* f makes MuJoCo calls and nothing else: it may be left in the middle. */
bool sg_mujoco_guard(const char *id, sg_guarded *f, void *argument, sg_error *error)
{
    sg_mujoco_guard_install();
    guard here = {.id = id, .error = error};
    warning[0] = '\0';
    active = &here;
    if (setjmp(here.escape) == 0) {
        f(argument);
        active = NULL;
        return true;
    }
    active = NULL;
    return false;
}
