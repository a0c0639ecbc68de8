/* wrap.c - what all wrappers share: construction, and plain forwarding. */
#include "envs/wrap.h"

#include <stdlib.h>

#include "tensor/tensor.h"

/* The spec is a copy: a wrapper changes its own. */
void *sg_wrap_new(size_t bytes, const sg_env_functions *functions, sg_env *inner)
{
    if (!inner)
        sg_misuse("%s: the environment to wrap is NULL", functions->name);
    sg_env *env = sg_alloc(bytes);
    env->functions = functions;
    env->spec = inner->spec;
    env->inner = inner;
    return env;
}

/* The checks of sg_env_reset and sg_env_step were done at the outermost layer. */
bool sg_wrap_reset(sg_env *env, double *obs, sg_error *error)
{
    return env->inner->functions->reset(env->inner, obs, error);
}

bool sg_wrap_step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    return env->inner->functions->step(env->inner, action, obs, t, error);
}

/* For wrappers that own nothing but themselves. */
void sg_wrap_close(sg_env *env) { free(env); }
