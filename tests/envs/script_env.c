/* script_env.c - a fake environment that plays back what a test gives it. */
#include "tests/envs/script_env.h"

#include <string.h>

static bool reset(sg_env *env, double *obs, sg_error *error)
{
    (void)error;
    memcpy(obs, ((script_env *)env)->obs, (size_t)env->spec.obs_size * sizeof *obs);
    return true;
}

static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    script_env *script = (script_env *)env;
    memcpy(script->action, action, (size_t)env->spec.action_size * sizeof *action);
    *t = script->transition;
    return reset(env, obs, error);
}

static void close_script(sg_env *env) { ((script_env *)env)->closed++; }

static const sg_env_functions functions = {
    .name = "script", .reset = reset, .step = step, .close = close_script};

sg_env *script_env_init(script_env *script, int obs_size)
{
    *script = (script_env){.env = {.functions = &functions}};
    script->env.spec = (sg_env_spec){.id = "Script-v0",
                                     .obs_size = obs_size,
                                     .obs_rank = 1,
                                     .obs_dim = {obs_size},
                                     .action_size = 2,
                                     .action_low = {-2, 0},
                                     .action_high = {1, 4}};
    return &script->env;
}
