/* call.h - which function of which environment is running, so that an environment that ends the
 * program can be named.
 *
 * Environments may be anybody's. One that calls exit would end a run as if all were well, and one
 * that crashes would not say where.
 */
#ifndef SG_ENV_CALL_H
#define SG_ENV_CALL_H

/* Around every call into an environment, per thread. `id` and `function` ("step") must outlive the
 * call; calls do not nest. */
void sg_env_call_begin(const char *id, const char *function);
void sg_env_call_end(void);

/* From now on the end of the program inside of such a call is told in one line on stderr: exit,
 * which becomes exit code 1, and the signals of crashes, which go on as before where nobody else
 * has taken them. Done when the first plugin is loaded. */
void sg_env_call_watch(void);

#endif
