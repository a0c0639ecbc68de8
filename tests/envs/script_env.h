/* script_env.h - a fake environment that plays back what a test gives it. */
#ifndef SCRIPT_ENV_H
#define SCRIPT_ENV_H

#include "envs/env.h"

enum { SCRIPT_MOST = 16 };

/* What the next reset or step answers, and the last action that came in. */
typedef struct {
    sg_env env;
    double obs[SCRIPT_MOST];
    sg_transition transition;
    double action[SG_MAX_ACTIONS];
    int closed; /* counts; the struct is the test's, not freed */
} script_env;

/* Fills `script`: a task with obs_size observed values and two actions bounded by [-2, 1] and [0,
 * 4]. */
sg_env *script_env_init(script_env *script, int obs_size);

#endif
