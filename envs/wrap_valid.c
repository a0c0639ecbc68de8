/* wrap_finite.c - stops where an environment answers with a number that is not finite. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "envs/wrap.h"
#include "envs/wrappers.h"

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
static bool check(const sg_env *env, const double *obs, sg_error *error)
{
    if (all_finite(obs, env->spec.obs_size))
        return true;
    int i = 0;
    while (isfinite(obs[i]))
        i++;
    return sg_fail(error, "%s: observation[%d] is %g%s", env->spec.id, i, obs[i],
                   isnan(obs[i]) ? ", or not written" : "");
}

/* What comes from inside is looked at and passed on as it is. */
static bool reset(sg_env *env, double *obs, sg_error *error)
{
    return sg_wrap_reset(env, obs, error) && check(env, obs, error);
}

static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    if (!sg_wrap_step(env, action, obs, t, error) || !check(env, obs, error))
        return false;
    return isfinite(t->reward) || sg_fail(error, "%s: the reward is %g%s", env->spec.id, t->reward,
                                          isnan(t->reward) ? ", or not written" : "");
}

/* No state: what it has seen decides nothing. */
static const sg_env_functions functions = {
    .name = "finite", .reset = reset, .step = step, .close = sg_wrap_close};

sg_env *sg_require_finite(sg_env *inner) { return sg_wrap_new(sizeof(sg_env), &functions, inner); }
