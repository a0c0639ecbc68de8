/* wrap_watch.c - keeps the task's own observation for whoever looks on from outside. */
#include <string.h>

#include "envs/wrap.h"
#include "envs/wrappers.h"

typedef struct {
    sg_env env;
    double obs[];
} watch;

static void keep(watch *self, const double *obs)
{
    memcpy(self->obs, obs, (size_t)self->env.spec.obs_size * sizeof *obs);
}

/* Passes everything on as it is. */
static bool reset(sg_env *env, double *obs, sg_error *error)
{
    if (!sg_wrap_reset(env, obs, error))
        return false;
    keep((watch *)env, obs);
    return true;
}

static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    if (!sg_wrap_step(env, action, obs, t, error))
        return false;
    keep((watch *)env, obs);
    return true;
}

/* No state: what it keeps decides nothing. */
static const sg_env_functions functions = {
    .name = "watch", .reset = reset, .step = step, .close = sg_wrap_close};

sg_env *sg_watch_task(sg_env *env, const double **obs)
{
    sg_env **task = &env;
    while ((*task)->inner)
        task = &(*task)->inner;
    size_t bytes = (size_t)(*task)->spec.obs_size * sizeof **obs;
    watch *self = sg_wrap_new(sizeof *self + bytes, &functions, *task);
    *task = &self->env;
    *obs = self->obs;
    return env;
}
