/* wrap_limit.c - observations and rewards limited to [-limit, limit], so that normalisers in their
 * first steps let no giant through. */
#include "envs/arithmetic.h"
#include "envs/wrap.h"
#include "envs/wrappers.h"

typedef struct {
    sg_env env;
    double limit;
} limiter;

static double limited(const sg_env *env, double x)
{
    double limit = ((const limiter *)env)->limit;
    return sg_limit(x, -limit, limit);
}

static void *make(const char *function, const sg_env_functions *functions, sg_env *inner,
                  double limit)
{
    if (!(limit > 0))
        sg_misuse("%s: limit is %g, must be above 0", function, limit);
    limiter *self = sg_wrap_new(sizeof *self, functions, inner);
    self->limit = limit;
    return self;
}

/* ---- observations ---- */

static void limit_observation(const sg_env *env, double *obs)
{
    for (int i = 0; i < env->spec.obs_size; i++)
        obs[i] = limited(env, obs[i]);
}

static bool observation_reset(sg_env *env, double *obs, sg_error *error)
{
    if (!sg_wrap_reset(env, obs, error))
        return false;
    limit_observation(env, obs);
    return true;
}

static bool observation_step(sg_env *env, const double *action, double *obs, sg_transition *t,
                             sg_error *error)
{
    if (!sg_wrap_step(env, action, obs, t, error))
        return false;
    limit_observation(env, obs);
    return true;
}

static const sg_env_functions observation_functions = {.name = "clip_observation",
                                                       .reset = observation_reset,
                                                       .step = observation_step,
                                                       .close = sg_wrap_close};

sg_env *sg_clip_observation(sg_env *inner, double limit)
{
    return make("sg_clip_observation", &observation_functions, inner, limit);
}

/* ---- rewards ---- */

static bool reward_step(sg_env *env, const double *action, double *obs, sg_transition *t,
                        sg_error *error)
{
    if (!sg_wrap_step(env, action, obs, t, error))
        return false;
    t->reward = limited(env, t->reward);
    return true;
}

static const sg_env_functions reward_functions = {
    .name = "clip_reward", .reset = sg_wrap_reset, .step = reward_step, .close = sg_wrap_close};

sg_env *sg_clip_reward(sg_env *inner, double limit)
{
    return make("sg_clip_reward", &reward_functions, inner, limit);
}
