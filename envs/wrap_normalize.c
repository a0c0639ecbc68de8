/* wrap_normalize.c - observations shifted and scaled by their running mean and spread. */
#include <math.h>

#include "envs/running.h"
#include "envs/wrap.h"
#include "envs/wrappers.h"

static const double epsilon = 1e-8; /* added to the variance */

typedef struct {
    sg_env env;
    sg_running statistics;
    bool frozen;
} normalizer;

/* A variance that is infinite would make all that comes after it zero. */
static bool fail(const normalizer *self, const double *obs, sg_error *error)
{
    int i = 0;
    while (isfinite(sg_running_variance(&self->statistics, i)) && isfinite(obs[i]))
        i++;
    return sg_fail(error,
                   "%s: observation[%d] is too large to be normalised: its mean is %g, its "
                   "variance %g; allowed are values whose squares are finite, up to about 1e150",
                   self->env.spec.id, i, self->statistics.mean[i],
                   sg_running_variance(&self->statistics, i));
}

/* The statistics see the observation before it is normalised by them. */
static bool normalize(normalizer *self, double *obs, sg_error *error)
{
    bool finite = true;
    if (!self->frozen)
        sg_running_update(&self->statistics, obs);
    for (int i = 0; i < self->statistics.size; i++) {
        double variance = sg_running_variance(&self->statistics, i);
        obs[i] = (obs[i] - self->statistics.mean[i]) / sqrt(variance + epsilon);
        finite &= isfinite(variance) && isfinite(obs[i]);
    }
    return finite || fail(self, obs, error);
}

/* The first observation of an episode counts like any other. */
static bool reset(sg_env *env, double *obs, sg_error *error)
{
    return sg_wrap_reset(env, obs, error) && normalize((normalizer *)env, obs, error);
}

static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    return sg_wrap_step(env, action, obs, t, error) && normalize((normalizer *)env, obs, error);
}

/* Whether frozen is no state: it is what the program is doing now. */
static void state(sg_env *env, sg_archive *archive)
{
    sg_running_state(&((normalizer *)env)->statistics, archive);
}

static void freeze(sg_env *env, bool frozen) { ((normalizer *)env)->frozen = frozen; }

static void close_wrapper(sg_env *env)
{
    sg_running_free(&((normalizer *)env)->statistics);
    sg_wrap_close(env);
}

static const sg_env_functions functions = {.name = "normalize_observation",
                                           .reset = reset,
                                           .step = step,
                                           .state = state,
                                           .freeze = freeze,
                                           .close = close_wrapper};

/* No kind: no layer. */
sg_env *sg_normalize_observation(sg_env *inner, sg_normalizer kind)
{
    if (kind == SG_NORMALIZE_NONE)
        return inner;
    normalizer *self = sg_wrap_new(sizeof *self, &functions, inner);
    sg_running_init(&self->statistics, kind, inner->spec.obs_size);
    return &self->env;
}
