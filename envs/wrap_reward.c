/* wrap_reward.c - rewards divided by the running spread of the discounted return. */
#include <math.h>

#include "envs/running.h"
#include "envs/wrap.h"
#include "envs/wrappers.h"

static const double epsilon = 1e-8; /* added to the variance */

typedef struct {
    sg_env env;
    sg_running statistics; /* of discounted_return */
    double gamma;
    double discounted_return; /* looks back: sum of gamma^k times the reward k steps ago */
    bool frozen;
} reward_scaler;

/* The past is dropped at the ending step itself, and only where the kind counts it as an end. */
static void track(reward_scaler *self, const sg_transition *t)
{
    bool streaming = self->statistics.kind == SG_NORMALIZE_STREAMING;
    bool end = t->terminated || (streaming && t->truncated);
    double past = end ? 0 : self->discounted_return * self->gamma;
    self->discounted_return = past + t->reward;
    sg_running_update(&self->statistics, &self->discounted_return);
}

/* By the spread of the return. An infinite one would make all rewards zero. */
static bool scale(const reward_scaler *self, sg_transition *t, sg_error *error)
{
    double reward = t->reward, variance = sg_running_variance(&self->statistics, 0);
    t->reward = reward / sqrt(variance + epsilon);
    if (isfinite(variance) && isfinite(t->reward))
        return true;
    return sg_fail(error,
                   "%s: the reward %g is too large to be scaled: the variance of the discounted "
                   "return is %g; allowed are returns whose squares are finite, up to about 1e150",
                   self->env.spec.id, reward, variance);
}

/* The statistics see the return before the reward is scaled by them. */
static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    reward_scaler *self = (reward_scaler *)env;
    if (!sg_wrap_step(env, action, obs, t, error))
        return false;
    if (!self->frozen)
        track(self, t);
    return scale(self, t, error);
}

/* The return goes on over episodes, so it is state even right after a reset. */
static void state(sg_env *env, sg_archive *archive)
{
    reward_scaler *self = (reward_scaler *)env;
    sg_archive_f64(archive, "discounted_return", &self->discounted_return, 1);
    sg_running_state(&self->statistics, archive);
}

static void freeze(sg_env *env, bool frozen) { ((reward_scaler *)env)->frozen = frozen; }

static void close_wrapper(sg_env *env)
{
    sg_running_free(&((reward_scaler *)env)->statistics);
    sg_wrap_close(env);
}

static const sg_env_functions functions = {.name = "scale_reward",
                                           .reset = sg_wrap_reset,
                                           .step = step,
                                           .state = state,
                                           .freeze = freeze,
                                           .close = close_wrapper};

/* No kind: no layer. */
sg_env *sg_scale_reward(sg_env *inner, sg_normalizer kind, double gamma)
{
    if (kind == SG_NORMALIZE_NONE)
        return inner;
    if (!(gamma >= 0 && gamma <= 1))
        sg_misuse("sg_scale_reward: gamma is %g, not in 0..1", gamma);
    reward_scaler *self = sg_wrap_new(sizeof *self, &functions, inner);
    sg_running_init(&self->statistics, kind, 1);
    self->gamma = gamma;
    return &self->env;
}
