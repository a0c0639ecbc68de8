/* call.h - which function of which environment is running, so that an environment that ends the
 * program can be named.
 *
 * Environments may be anybody's. One that calls exit would end a run as if all were well, and one
 * that crashes would not say where.
 */
#ifndef SG_ENV_CALL_H
#define SG_ENV_CALL_H

#include "tensor/error.h"

/* One call, while it lasts: on the caller's stack, the innermost first. */
typedef struct sg_env_call {
    const char *id, *function; /* "step" */
    const struct sg_env_call *outer;
    char point; /* the program's decimal point, where that is watched */
} sg_env_call;

/* Around every call into an environment. The end returns `ok`; where the call failed, `error`
 * (which may be NULL) names the environment: a reason that does not begin with the id gets it in
 * front, with the function, and where there is no reason, that is told. */
void sg_env_call_begin(sg_env_call *call, const char *id, const char *function, sg_error *error);
bool sg_env_call_end(const sg_env_call *call, bool ok, sg_error *error);

/* Told from a signal's handler: one line on stderr with the function of this thread's innermost
 * call. False outside of calls. */
bool sg_env_call_crashed(void);

/* From now on the end of the program inside of such a call is told in one line on stderr: exit and
 * quick_exit, which become exit code 1, misuse of the library, and the signals of crashes, which go
 * on as before where nobody else has taken them. (What ends a process at once, as _exit does,
 * leaves nobody to tell.) And a program that writes numbers with a point goes on to do so where a
 * call has set a locale with another one. Done when the first plugin is loaded. */
void sg_env_call_watch(void);

#endif
