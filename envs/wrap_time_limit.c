/* wrap_time_limit.c - ends an episode by truncation after a number of steps. */
#include "envs/wrap.h"
#include "envs/wrappers.h"

typedef struct {
    sg_env env;
    int limit;
    int elapsed; /* steps since the reset */
} time_limit;

/* The count starts anew. */
static bool reset(sg_env *env, double *obs, sg_error *error)
{
    ((time_limit *)env)->elapsed = 0;
    return sg_wrap_reset(env, obs, error);
}

/* Stepping on past the limit stays truncated. */
static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    time_limit *self = (time_limit *)env;
    if (!sg_wrap_step(env, action, obs, t, error))
        return false;
    if (self->elapsed < self->limit)
        self->elapsed++;
    if (self->elapsed >= self->limit)
        t->truncated = true;
    return true;
}

/* The limit itself is not state: it is set by whoever builds the environment. */
static void state(sg_env *env, sg_archive *archive)
{
    sg_archive_int(archive, "elapsed", &((time_limit *)env)->elapsed);
}

static const sg_env_functions functions = {
    .name = "time_limit", .reset = reset, .step = step, .state = state, .close = sg_wrap_close};

/* Of two limits the lower one is the one that is met. */
sg_env *sg_time_limit(sg_env *inner, int limit)
{
    if (limit < 1)
        sg_misuse("sg_time_limit: limit is %d, must be at least 1", limit);
    time_limit *self = sg_wrap_new(sizeof *self, &functions, inner);
    self->limit = limit;
    int met = inner->spec.time_limit;
    self->env.spec.time_limit = met > 0 && met < limit ? met : limit;
    return &self->env;
}
