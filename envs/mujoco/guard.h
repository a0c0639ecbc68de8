/* guard.h - runs MuJoCo calls so that its errors come back as sg_error instead of ending the
 * program.
 *
 * MuJoCo reports a fatal error through a global callback that must not return, and a warning
 * through another. Inside a guard (per thread) both are caught; outside, whatever was installed
 * before runs.
 */
#ifndef SG_MUJOCO_GUARD_H
#define SG_MUJOCO_GUARD_H

#include "tensor/error.h"

/* Puts the callbacks in place, once. Done before a model is compiled, because the compiler swaps
 * the callbacks while it works and puts back what it found. */
void sg_mujoco_guard_install(void);

typedef void sg_guarded(void *argument);

/* Calls f(argument), in which no guard may be called. False, with "<id>: MuJoCo: <message>", if
 * MuJoCo raised an error in it. */
bool sg_mujoco_guard(const char *id, sg_guarded *f, void *argument, sg_error *error);

/* MuJoCo's last warning in this thread's last guard; NULL if there was none. */
const char *sg_mujoco_guard_warning(void);

/* MuJoCo's messages may have several lines, ours have one: joins them in place. */
void sg_mujoco_one_line(char *message);

#endif
