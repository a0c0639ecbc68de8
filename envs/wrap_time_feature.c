/* wrap_time_feature.c - the time in the episode as one more observed value. */
#include "envs/wrap.h"
#include "envs/wrappers.h"

typedef struct {
    sg_env env;
    double increment; /* 1 / limit */
    double time;      /* added up step by step, as in the published wrapper */
} time_feature;

/* The time is the last value, behind the inner observation. */
static bool reset(sg_env *env, double *obs, sg_error *error)
{
    time_feature *self = (time_feature *)env;
    if (!sg_wrap_reset(env, obs, error))
        return false;
    self->time = -0.5;
    obs[env->spec.obs_size - 1] = self->time;
    return true;
}

/* Shown first, then advanced: the reset and the first step both show -0.5. */
static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    time_feature *self = (time_feature *)env;
    if (!sg_wrap_step(env, action, obs, t, error))
        return false;
    obs[env->spec.obs_size - 1] = self->time;
    self->time += self->increment;
    return true;
}

static void state(sg_env *env, sg_archive *archive)
{
    sg_archive_f64(archive, "time", &((time_feature *)env)->time, 1);
}

static const sg_env_functions functions = {
    .name = "time_feature", .reset = reset, .step = step, .state = state, .close = sg_wrap_close};

/* limit: steps in which the time runs from -0.5 to 0.5. */
sg_env *sg_time_feature(sg_env *inner, int limit)
{
    if (limit < 1)
        sg_misuse("sg_time_feature: limit is %d, must be at least 1", limit);
    if (inner && inner->spec.obs_rank != 1) {
        sg_misuse("sg_time_feature: %s observes an image, not a vector", inner->spec.id);
    }
    time_feature *self = sg_wrap_new(sizeof *self, &functions, inner);
    self->increment = 1.0 / limit;
    self->time = -0.5;
    self->env.spec.obs_size++;
    self->env.spec.obs_dim[0]++;
    return &self->env;
}
