/* guard.c - MuJoCo's global error and warning callbacks, turned into return values. */
#include "envs/mujoco/guard.h"

#include <mujoco/mujoco.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

/* The guard that is active on this thread. */
typedef struct {
    jmp_buf escape;
    const char *id;
    sg_error *error;
} guard;

static _Thread_local guard *active;
static pthread_once_t installed = PTHREAD_ONCE_INIT;

/* What was there before; NULL for MuJoCo's own behaviour. */
static void (*other_error)(const char *message);
static void (*other_warning)(const char *message);

/* Must not return: jumps back into the guard. */
static void on_error(const char *message)
{
    if (active) {
        sg_fail(active->error, "%s: MuJoCo: %s", active->id, message);
        longjmp(active->escape, 1);
    }
    if (other_error)
        other_error(message);
    fprintf(stderr, "MuJoCo: %s\n", message);
    exit(EXIT_FAILURE);
}

/* Silent inside a guard: the warning is counted in mjData, where the caller looks for it. */
static void on_warning(const char *message)
{
    if (active)
        return;
    if (other_warning) {
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

/* Guards do not nest: f makes MuJoCo calls and nothing else. */
bool sg_mujoco_guard(const char *id, sg_guarded *f, void *argument, sg_error *error)
{
    sg_mujoco_guard_install();
    guard here = {.id = id, .error = error};
    active = &here;
    if (setjmp(here.escape) == 0) {
        f(argument);
        active = NULL;
        return true;
    }
    active = NULL;
    return false;
}
