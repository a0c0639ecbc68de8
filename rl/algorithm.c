/* algorithm.c - the list of algorithms, their configurations and what stands around the
 * environment. */
#include "rl/algorithm.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "rl/action_box.h"
#include "rl/rollout_learner.h"
#include "tensor/nearest.h"

static const struct {
    const char *listed;
    const sg_algorithm *algorithm;
} algorithms[] = {
#define SG_ALGORITHM(name) {#name, &sg_##name##_algorithm},
#include "rl/algorithms/list.h"
#undef SG_ALGORITHM
};

int sg_algorithm_count(void) { return (int)(sizeof algorithms / sizeof algorithms[0]); }

const sg_algorithm *sg_algorithm_at(int index)
{
    if (index < 0 || index >= sg_algorithm_count())
        return NULL;
    const sg_algorithm *algorithm = algorithms[index].algorithm;
    if (strcmp(algorithm->name, algorithms[index].listed) != 0)
        sg_misuse("algorithm: what the list calls '%s' has the name '%s'", algorithms[index].listed,
                  algorithm->name);
    return algorithm;
}

const sg_algorithm *sg_algorithm_find(const char *name, sg_error *error)
{
    char known[700] = "", near[100] = "";
    sg_nearest search = sg_nearest_start(name);
    for (int i = 0; i < sg_algorithm_count(); i++) {
        const sg_algorithm *algorithm = sg_algorithm_at(i);
        if (!strcmp(algorithm->name, name))
            return algorithm;
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", algorithm->name);
        sg_nearest_offer(&search, algorithm->name);
    }
    if (search.best)
        snprintf(near, sizeof near, "did you mean %s? There are:", search.best);
    sg_fail(error, "unknown algorithm '%.60s'; %s %s", name, *near ? near : "there are:", known);
    return NULL;
}

bool sg_suits_continuous(const sg_env_spec *spec, const void *config, sg_error *error)
{
    (void)config;
    return !spec->discrete ||
           sg_fail(error, "%s has discrete actions; this algorithm needs continuous ones",
                   spec->id);
}

bool sg_suits_discrete(const sg_env_spec *spec, const void *config, sg_error *error)
{
    (void)config;
    return spec->discrete ||
           sg_fail(error, "%s has continuous actions; this algorithm needs discrete ones",
                   spec->id);
}

bool sg_suits_bounded(const sg_env_spec *spec, const void *config, sg_error *error)
{
    return sg_suits_continuous(spec, config, error) &&
           (sg_actions_are_bounded(spec) ||
            sg_fail(error, "%s has actions without bounds; this algorithm needs finite ones",
                    spec->id));
}

bool sg_algorithm_suits(const sg_algorithm *algorithm, const sg_env_spec *spec, const void *config,
                        sg_error *error)
{
    const sg_rollout_config *r = (const void *)((const char *)config + algorithm->rollout_offset);
    return (!algorithm->rollouts ||
            (sg_rollout_suits(r, error) && sg_rollout_fits(r->num_steps, spec->obs_size, error))) &&
           (!algorithm->suits || algorithm->suits(spec, config, error));
}

/* ---- what graphs share ---- */

void sg_act_greedy(sg_node action)
{
    sg_phase_alone(action.graph, "act_greedy");
    sg_phase_values(action.graph, "act_greedy", action);
}

void sg_update_alone(sg_graph *g, const char *phase, sg_updates updates)
{
    sg_phase_alone(g, phase);
    sg_phase_updates(g, phase, updates);
}

void sg_descend_alone(sg_node loss, const char *phase, sg_network_role role,
                      const sg_optimizer *optimizer, sg_nodes params)
{
    sg_lesson lesson = {role, .loss = loss};
    sg_update_alone(loss.graph, phase, sg_optimize(optimizer, params, lesson));
}

/* ---- configurations ---- */

static const char *preset_for(const sg_algorithm *algorithm, const char *env_id)
{
    for (const sg_preset *p = algorithm->presets; p && p->environments; p++)
        if (!fnmatch(p->environments, env_id ? env_id : "", 0))
            return p->settings;
    return NULL;
}

void *sg_algorithm_config(const sg_algorithm *algorithm, const char *env_id,
                          const char *const *sets, int set_count, sg_error *error)
{
    void *config = sg_alloc(algorithm->settings.config_size);
    sg_optimizers_require_slots(algorithm->name, algorithm->networks, &algorithm->settings);
    const char *preset = preset_for(algorithm, env_id);
    sg_settings_defaults(&algorithm->settings, config);
    bool ok = !preset || sg_settings_parse(&algorithm->settings, config, preset, error);
    void *unset =
        memcpy(sg_alloc(algorithm->settings.config_size), config, algorithm->settings.config_size);
    for (int i = 0; i < set_count && ok; i++)
        ok = sg_settings_parse(&algorithm->settings, config, sets[i], error);
    if (ok && algorithm->timetable)
        ok = sg_replay_settle((sg_replay_config *)((char *)config + algorithm->replay_offset), sets,
                              set_count, error);
    if (ok && algorithm->networks)
        ok = sg_optimizers_settle(algorithm->networks, &algorithm->settings, unset, config, sets,
                                  set_count, error);
    ok = ok && sg_settings_none_idle(&algorithm->settings, config, sets, set_count, error);
    free(unset);
    if (ok)
        return config;
    free(config);
    return NULL;
}

/* ---- around the environment ---- */

static const sg_pipeline *pipeline_of(const sg_algorithm *algorithm, const void *config)
{
    return (const void *)((const char *)config + algorithm->pipeline_offset);
}

/* Of discrete actions nothing can be clipped or scaled: false with a line if that was asked for. */
static bool action_is_heard(const sg_algorithm *algorithm, const sg_pipeline *p,
                            const sg_env_spec *spec, sg_error *error)
{
    void *unset = sg_algorithm_config(algorithm, spec->id, NULL, 0, error);
    bool same = unset && pipeline_of(algorithm, unset)->action == p->action;
    free(unset);
    return !spec->discrete || same ||
           sg_fail(error, "setting action has no effect here: %s has discrete actions", spec->id);
}

/* False with a line where a setting of the pipeline does not suit the environment. */
static bool pipeline_suits(const sg_pipeline *p, const sg_env_spec *spec, sg_error *error)
{
    if (p->time_feature && !spec->time_limit)
        return sg_fail(error,
                       "time_feature needs a time limit, and %s has none; leave it out with "
                       "--set time_feature=off",
                       spec->id);
    if (p->time_feature && spec->obs_rank != 1)
        return sg_fail(error,
                       "time_feature needs a vector of observations, which %s has not; leave it "
                       "out with --set time_feature=off",
                       spec->id);
    if (p->action == SG_ACTION_SCALE && !spec->discrete && !sg_actions_are_bounded(spec))
        return sg_fail(error, "action=scale needs finite action bounds, and %s has none", spec->id);
    return true;
}

/* From the inside out, in the order of the published programs. */
static sg_env *wrap(const sg_pipeline *p, double gamma, sg_env *env)
{
    bool continuous = !env->spec.discrete;
    if (p->action == SG_ACTION_CLIP && continuous)
        env = sg_clip_action(env);
    if (p->action == SG_ACTION_SCALE && continuous)
        env = sg_rescale_action(env);
    if (p->observation_traces > 0)
        env = sg_observation_traces(env, p->observation_traces);
    if (p->scale_reward != SG_NORMALIZE_NONE)
        env = sg_scale_reward(env, (sg_normalizer)p->scale_reward, gamma);
    if (p->normalize_observation != SG_NORMALIZE_NONE)
        env = sg_normalize_observation(env, (sg_normalizer)p->normalize_observation);
    if (p->clip_reward > 0)
        env = sg_clip_reward(env, p->clip_reward);
    if (p->clip_observation > 0)
        env = sg_clip_observation(env, p->clip_observation);
    if (p->frame_stack > 1)
        env = sg_frame_stack(env, p->frame_stack);
    return p->time_feature ? sg_time_feature(env, env->spec.time_limit) : env;
}

sg_env *sg_algorithm_wrap(const sg_algorithm *algorithm, const void *config, sg_env *env,
                          sg_error *error)
{
    const sg_pipeline *p = pipeline_of(algorithm, config);
    double gamma = *(const double *)((const char *)config + algorithm->gamma_offset);
    if (action_is_heard(algorithm, p, &env->spec, error) && pipeline_suits(p, &env->spec, error) &&
        sg_algorithm_suits(algorithm, &env->spec, config, error))
        return wrap(p, gamma, env);
    sg_env_close(env);
    return NULL;
}
