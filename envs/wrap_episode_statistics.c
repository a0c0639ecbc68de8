/* wrap_episode_statistics.c - return and length of the episode, as this layer sees it. */
#include "envs/wrap.h"
#include "envs/wrappers.h"

typedef struct {
    sg_env env;
    double episode_return;
    int64_t length;
} episode_statistics;

/* A new episode starts from nothing. */
static bool reset(sg_env *env, double *obs, sg_error *error)
{
    episode_statistics *self = (episode_statistics *)env;
    self->episode_return = 0;
    self->length = 0;
    return sg_wrap_reset(env, obs, error);
}

/* A plain sum in the order of the rewards. */
static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    episode_statistics *self = (episode_statistics *)env;
    if (!sg_wrap_step(env, action, obs, t, error))
        return false;
    self->episode_return += t->reward;
    self->length++;
    return true;
}

/* A run may be saved in mid-episode. */
static void state(sg_env *env, sg_archive *archive)
{
    episode_statistics *self = (episode_statistics *)env;
    sg_archive_f64(archive, "return", &self->episode_return, 1);
    sg_archive_i64(archive, "length", &self->length, 1);
}

static const sg_env_functions functions = {.name = "episode_statistics",
                                           .reset = reset,
                                           .step = step,
                                           .state = state,
                                           .close = sg_wrap_close};

sg_env *sg_record_episode_statistics(sg_env *inner)
{
    episode_statistics *self = sg_wrap_new(sizeof *self, &functions, inner);
    return &self->env;
}

/* The outermost layer of this kind. */
static const episode_statistics *find(const sg_env *env, const char *function)
{
    const sg_env *layer = env;
    while (layer && layer->functions != &functions)
        layer = layer->inner;
    if (!layer)
        sg_misuse("%s: no layer of %s records episode statistics", function,
                  env ? env->spec.id : "NULL");
    return (const episode_statistics *)layer;
}

double sg_episode_return(const sg_env *env)
{
    return find(env, "sg_episode_return")->episode_return;
}

int64_t sg_episode_length(const sg_env *env) { return find(env, "sg_episode_length")->length; }
