/* wrap_action.c - actions brought into the bounds: clipped, or mapped from [-1, 1]. */
#include <math.h>

#include "envs/arithmetic.h"
#include "envs/wrap.h"
#include "envs/wrappers.h"

typedef struct {
    sg_env env;
    double action[SG_MAX_ACTIONS]; /* what the inner environment gets */
} action_wrapper;

/* Indices have nothing to clip or scale. */
static void require_continuous(const sg_env *inner, const char *function)
{
    if (inner && inner->spec.discrete) {
        sg_misuse("%s: %s has discrete actions", function, inner->spec.id);
    }
}

/* ---- clip ---- */

/* The caller's action is left alone. */
static bool clip_step(sg_env *env, const double *action, double *obs, sg_transition *t,
                      sg_error *error)
{
    action_wrapper *self = (action_wrapper *)env;
    const sg_env_spec *spec = &env->inner->spec;
    for (int i = 0; i < spec->action_size; i++) {
        self->action[i] = sg_limit(action[i], spec->action_low[i], spec->action_high[i]);
    }
    return sg_wrap_step(env, self->action, obs, t, error);
}

static const sg_env_functions clip_functions = {
    .name = "clip_action", .reset = sg_wrap_reset, .step = clip_step, .close = sg_wrap_close};

/* The spec keeps the bounds, which agents want to know. */
sg_env *sg_clip_action(sg_env *inner)
{
    require_continuous(inner, "sg_clip_action");
    action_wrapper *self = sg_wrap_new(sizeof *self, &clip_functions, inner);
    return &self->env;
}

/* ---- rescale ---- */

/* -1 becomes the low bound, 1 the high one; both are met exactly. */
static bool rescale_step(sg_env *env, const double *action, double *obs, sg_transition *t,
                         sg_error *error)
{
    action_wrapper *self = (action_wrapper *)env;
    const sg_env_spec *spec = &env->inner->spec;
    for (int i = 0; i < spec->action_size; i++) {
        double low = spec->action_low[i], high = spec->action_high[i];
        self->action[i] = sg_limit(low + (high - low) * (0.5 * (action[i] + 1)), low, high);
    }
    return sg_wrap_step(env, self->action, obs, t, error);
}

static const sg_env_functions rescale_functions = {
    .name = "rescale_action", .reset = sg_wrap_reset, .step = rescale_step, .close = sg_wrap_close};

/* Nothing maps onto an infinite range. */
static void require_bounds(const sg_env *inner, const char *function)
{
    for (int i = 0; inner && i < inner->spec.action_size; i++) {
        const sg_env_spec *spec = &inner->spec;
        if (!isfinite(spec->action_low[i]) || !isfinite(spec->action_high[i])) {
            sg_misuse("%s: action[%d] of %s has no finite bounds", function, i, spec->id);
        }
    }
}

/* To the agent every action reaches from -1 to 1. */
sg_env *sg_rescale_action(sg_env *inner)
{
    require_continuous(inner, "sg_rescale_action");
    require_bounds(inner, "sg_rescale_action");
    action_wrapper *self = sg_wrap_new(sizeof *self, &rescale_functions, inner);
    sg_env_spec *spec = &self->env.spec;
    for (int i = 0; i < spec->action_size; i++) {
        spec->action_low[i] = -1;
        spec->action_high[i] = 1;
    }
    return &self->env;
}
