/* env.c - calls on environments: the caller's side is checked, then the layers do the work. */
#include "envs/env.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "envs/call.h"
#include "tensor/error.h"

/* A NULL where there must be something is a programmer's error. */
static void require(const void *pointer, const char *function, const char *what)
{
    if (!pointer)
        sg_misuse("%s: %s is NULL", function, what);
}

/* Every layer that draws random numbers starts from the same seed, as in Gymnasium. */
static void seed_layers(sg_env *env, uint64_t seed)
{
    sg_env_call call;
    sg_env_call_begin(&call, env->spec.id, "seed", NULL);
    for (sg_env *layer = env; layer; layer = layer->inner) {
        if (layer->functions->seed)
            layer->functions->seed(layer, seed);
    }
    sg_env_call_end(&call, true, NULL);
}

sg_action_bounds sg_action_bounds_of(const sg_env_spec *spec, int index)
{
    double low = spec->action_low[index], high = spec->action_high[index];
    return (sg_action_bounds){low < -1e300 ? -INFINITY : low, high > 1e300 ? INFINITY : high};
}

/* What a task forgets to write is NaN, and not the last episode's. */
bool sg_env_reset(sg_env *env, const uint64_t *seed, double *obs, sg_error *error)
{
    require(env, "sg_env_reset", "env");
    require(obs, "sg_env_reset", "obs");
    if (seed)
        seed_layers(env, *seed);
    for (int i = 0; i < env->spec.obs_size; i++)
        obs[i] = NAN;
    sg_env_call call;
    sg_env_call_begin(&call, env->spec.id, "reset", error);
    return sg_env_call_end(&call, env->functions->reset(env, obs, error), error);
}

/* A discrete action is an index; a continuous one is any finite number, in the bounds or not. */
static bool check_action(const sg_env_spec *spec, const double *action, sg_error *error)
{
    if (spec->discrete) {
        double a = action[0];
        bool index = a >= 0 && a < spec->action_count && floor(a) == a;
        return index || sg_fail(error, "%s: action is %g; allowed are 0 to %d", spec->id, action[0],
                                spec->action_count - 1);
    }
    for (int i = 0; i < spec->action_size; i++) {
        if (!isfinite(action[i])) {
            return sg_fail(error, "%s: action[%d] is %g; every action must be a finite number",
                           spec->id, i, action[i]);
        }
    }
    return true;
}

bool sg_env_step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    require(env, "sg_env_step", "env");
    require(action, "sg_env_step", "action");
    require(obs, "sg_env_step", "obs");
    require(t, "sg_env_step", "transition");
    if (!check_action(&env->spec, action, error))
        return false;
    *t = (sg_transition){.reward = NAN};
    sg_env_call call;
    sg_env_call_begin(&call, env->spec.id, "step", error);
    return sg_env_call_end(&call, env->functions->step(env, action, obs, t, error), error);
}

/* What the layer's part of the state is called. */
static const char *layer_name(const sg_env *env)
{
    return env->functions->name ? env->functions->name : "env";
}

/* "time_limit", or "time_limit.2" where another layer of that name is further in. */
static void state_prefix(const sg_env *env, char *text, size_t size)
{
    int same = 1;
    for (const sg_env *layer = env->inner; layer; layer = layer->inner) {
        same += strcmp(layer_name(layer), layer_name(env)) == 0;
    }
    if (same == 1) {
        snprintf(text, size, "%s", layer_name(env));
    } else {
        snprintf(text, size, "%s.%d", layer_name(env), same);
    }
}

/* One layer's part, under its own name. */
static bool visit_layer(sg_env *layer, sg_archive *archive, sg_error *error)
{
    char prefix[64];
    sg_error reason;
    state_prefix(layer, prefix, sizeof prefix);
    sg_archive_guard(archive, prefix);
    layer->functions->state(layer, archive);
    return sg_archive_unguard(archive, &reason) ||
           sg_fail(error, "%s: its state function makes a mistake: %s", layer->spec.id,
                   reason.text);
}

/* Outermost layer first. After a mistake the others are visited all the same. */
bool sg_env_visit(sg_env *env, sg_archive *archive, sg_error *error)
{
    require(env, "sg_env_state", "env");
    require(archive, "sg_env_state", "archive");
    bool ok = true;
    sg_env_call call;
    sg_env_call_begin(&call, env->spec.id, "state", error);
    for (sg_env *layer = env; layer; layer = layer->inner) {
        if (layer->functions->state)
            ok = visit_layer(layer, archive, ok ? error : NULL) && ok;
    }
    return sg_env_call_end(&call, ok, error);
}

void sg_env_state(sg_env *env, sg_archive *archive)
{
    sg_error error;
    if (!sg_env_visit(env, archive, &error))
        sg_misuse("%s", error.text);
}

/* Layers without statistics have nothing to freeze. */
void sg_env_freeze(sg_env *env, bool frozen)
{
    require(env, "sg_env_freeze", "env");
    sg_env_call call;
    sg_env_call_begin(&call, env->spec.id, "freeze", NULL);
    for (sg_env *layer = env; layer; layer = layer->inner) {
        if (layer->functions->freeze)
            layer->functions->freeze(layer, frozen);
    }
    sg_env_call_end(&call, true, NULL);
}

/* A layer is gone after its close, so the next one is looked up before. */
void sg_env_close(sg_env *env)
{
    char id[sizeof env->spec.id] = "";
    if (env)
        memcpy(id, env->spec.id, sizeof id);
    sg_env_call call;
    sg_env_call_begin(&call, id, "close", NULL);
    while (env) {
        sg_env *inner = env->inner;
        env->functions->close(env);
        env = inner;
    }
    sg_env_call_end(&call, true, NULL);
}
