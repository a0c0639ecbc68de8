/* wrap_valid.c - stops where an environment answers with a number that is not finite, or with more
 * numbers than it has told. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "envs/margins.h"
#include "envs/wrap.h"
#include "envs/wrappers.h"

/* Values on either side of an observation that are looked at after every call. */
enum { NEAR = 32 };

typedef struct {
    sg_env env;
    double *obs; /* the inner environment's, between margins */
} validator;

/* Infinities and NaNs are the doubles whose exponent is all ones. Without a branch for each value,
 * so that images cost next to nothing. */
static bool all_finite(const double *values, int count)
{
    const uint64_t EXPONENT = UINT64_C(0x7ff) << 52;
    uint64_t found = 0, bits;
    for (int i = 0; i < count; i++) {
        memcpy(&bits, &values[i], sizeof bits);
        found |= (bits & EXPONENT) == EXPONENT;
    }
    return !found;
}

/* Names the first value that is not finite. */
static bool check_finite(const sg_env *env, const double *obs, sg_error *error)
{
    if (all_finite(obs, env->spec.obs_size))
        return true;
    int i = 0;
    while (isfinite(obs[i]))
        i++;
    return sg_fail(error, "%s: observation[%d] is %g%s", env->spec.id, i, obs[i],
                   isnan(obs[i]) ? ", or not written" : "");
}

/* Hands the observation on if it is one. */
static bool pass_on(const validator *self, double *obs, sg_error *error)
{
    const sg_env *env = &self->env;
    int size = env->spec.obs_size;
    if (!sg_margins_kept(self->obs, size, NEAR))
        return sg_fail(error, "%s: an observation is written beyond its %d values (spec.obs_size)",
                       env->spec.id, size);
    if (!check_finite(env, self->obs, error))
        return false;
    memcpy(obs, self->obs, (size_t)size * sizeof *obs);
    return true;
}

/* What is not written is NaN, and not the last episode's. */
static bool reset(sg_env *env, double *obs, sg_error *error)
{
    validator *self = (validator *)env;
    for (int i = 0; i < env->spec.obs_size; i++)
        self->obs[i] = NAN;
    return sg_wrap_reset(env, self->obs, error) && pass_on(self, obs, error);
}

static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    validator *self = (validator *)env;
    if (!sg_wrap_step(env, action, self->obs, t, error) || !pass_on(self, obs, error))
        return false;
    return isfinite(t->reward) || sg_fail(error, "%s: the reward is %g%s", env->spec.id, t->reward,
                                          isnan(t->reward) ? ", or not written" : "");
}

static void close_wrapper(sg_env *env)
{
    sg_margins_free(((validator *)env)->obs);
    sg_wrap_close(env);
}

/* No state: what it has seen decides nothing. */
static const sg_env_functions functions = {
    .name = "valid", .reset = reset, .step = step, .close = close_wrapper};

sg_env *sg_require_valid(sg_env *inner)
{
    validator *self = sg_wrap_new(sizeof *self, &functions, inner);
    self->obs = sg_margins_new(inner->spec.obs_size);
    return &self->env;
}
