/* check.h - does an environment keep the promises of envs/env.h? For `streamgrad check-env` and for
 * tests of one's own:
 *
 *     const sg_env_entry entry = {"Mine-v0", "", mine_make};
 *     sg_env_check_config config = sg_env_check_config_default();
 *     sg_env_check_result r = sg_env_check(&entry, NULL, config, NULL, NULL);
 *     assert(r.failed == 0);
 *
 * In the spirit of Gymnasium's check_env, with what streams need besides: a state that can be
 * saved and continued to the bit, and memory that does not grow.
 */
#ifndef SG_ENV_CHECK_H
#define SG_ENV_CHECK_H

#include "envs/env.h"

/* What an id must be: 1 to so many letters, none of which would end a line or speak to a terminal.
 */
enum { SG_ENV_ID_LENGTH = sizeof((sg_env_spec *)0)->id - 1 };
bool sg_env_id_is_valid(const char *id);
/* Id, sizes, bounds and time limit make sense. False with the first that does not. */
bool sg_env_spec_check(const sg_env_spec *spec, sg_error *error);

typedef struct {
    int steps; /* of each rollout; there are about ten. Fewer where an observation is very large */
    uint64_t seed;
} sg_env_check_config;

/* 1000 steps, seed 0. */
sg_env_check_config sg_env_check_config_default(void);

typedef enum {
    SG_ENV_CHECK_OK,
    SG_ENV_CHECK_NOTE, /* nothing wrong, but something to know, or that could not be seen */
    SG_ENV_CHECK_FAILED
} sg_env_check_outcome;

/* Called after each check with one line about what was seen. */
typedef void sg_env_check_report(void *context, const char *check, sg_env_check_outcome outcome,
                                 const char *text);

typedef struct {
    int ok, notes, failed;
} sg_env_check_result;

/* Makes environments of that entry and runs all checks on them. `report` may be NULL. An
 * environment that cannot be made is one failed check. */
sg_env_check_result sg_env_check(const sg_env_entry *entry, const char *options,
                                 sg_env_check_config config, sg_env_check_report *report,
                                 void *context);

#endif
