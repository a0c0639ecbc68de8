/* wanders.c - a plugin whose resets leave the current folder; its observation is an image. */
#include "envs/plugin.h"

#include <stdlib.h>
#include <unistd.h>

static bool reset(sg_env *env, double *obs, sg_error *error)
{
    (void)env;
    obs[0] = 1;
    return chdir("/") == 0 || sg_fail(error, "cannot leave");
}

/* Episodes of one step. */
static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    (void)env, (void)error;
    obs[0] = 0.5;
    *t = (sg_transition){.reward = action[0], .terminated = true};
    return true;
}

static void state(sg_env *env, sg_archive *archive) { (void)env, (void)archive; }

static void close_task(sg_env *env) { free(env); }

static const sg_env_functions functions = {
    .reset = reset, .step = step, .state = state, .close = close_task};

static sg_env *make(const char *id, const char *options, sg_error *error)
{
    if (!sg_options_parse(id, NULL, 0, NULL, options, error))
        return NULL;
    sg_env *env = sg_alloc(sizeof *env);
    env->functions = &functions;
    env->spec = (sg_env_spec){.obs_size = 1,
                              .obs_rank = 3,
                              .obs_dim = {1, 1, 1},
                              .action_size = 1,
                              .action_low = {-1},
                              .action_high = {1}};
    return env;
}

SG_ENV_PLUGIN("Wanders-v0", "leaves the current folder", make)
