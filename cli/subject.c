/* subject.c - an algorithm with an environment and settings, as graph and gradcheck look at it. */
#include "cli/subject.h"

#include <stdlib.h>
#include <string.h>

/* Settings as `train` would take them, and the environment wrapped accordingly. */
static bool make_parts(sg_subject *s, const sg_subject_words *words, sg_error *error)
{
    const char *id = words->env.text;
    const sg_cli_value *set = &words->set;
    s->config = sg_algorithm_config(s->algorithm, id, set->words, set->word_count, error);
    if (!s->config)
        return false;
    /* What learns from a replay is looked at while it learns, not while it waits. */
    if (s->algorithm->timetable)
        sg_settings_set(&s->algorithm->settings, s->config, "learning_starts", "0", NULL);
    /* From the task outwards, as in training. */
    char *options = sg_cli_join(&words->env_set);
    sg_env *task = sg_env_make(id, options, error);
    free(options);
    if (!task)
        return false;
    s->env = sg_algorithm_wrap(s->algorithm, s->config, task, error);
    return s->env != NULL;
}

/* Parts that were made before a failure stay for sg_subject_close. */
bool sg_subject_open(sg_subject *s, const sg_subject_words *words, sg_agent_options options,
                     sg_error *error)
{
    *s = (sg_subject){0};
    if (!words->env.given)
        return sg_fail(error, "name an environment: --env ID (see streamgrad envs)");
    s->algorithm = sg_algorithm_find(words->arguments.words[0], error);
    if (!s->algorithm || !make_parts(s, words, error))
        return false;
    /* The same that training uses. */
    s->agent = sg_agent_new(s->algorithm, s->config, &s->env->spec, options, error);
    s->graph = s->agent ? (sg_graph *)sg_agent_graph(s->agent) : NULL;
    return s->agent != NULL;
}

/* ---- playing ---- */

/* One step of training. `obs` is where the environment stands, before and after. */
static bool learn_once(const sg_subject *s, double *obs, double *next_obs, sg_error *error)
{
    double action[SG_MAX_ACTIONS];
    sg_transition t;

    sg_agent_act(s->agent, obs, action);
    if (!sg_env_step(s->env, action, next_obs, &t, error) ||
        !sg_agent_learn(s->agent, &t, next_obs, error))
        return false;
    /* Go on from where the environment stands. */
    if (t.terminated || t.truncated)
        return sg_env_reset(s->env, NULL, obs, error);
    memcpy(obs, next_obs, (size_t)s->env->spec.obs_size * sizeof *obs);
    return true;
}

bool sg_subject_play(const sg_subject *s, int64_t steps, int64_t updates, uint64_t seed,
                     sg_error *error)
{
    size_t size = (size_t)s->env->spec.obs_size;
    double *obs = sg_alloc(size * sizeof *obs), *next_obs = sg_alloc(size * sizeof *next_obs);

    bool ok = sg_env_reset(s->env, &seed, obs, error);
    for (int64_t i = 0; ok && (i < steps || sg_agent_updates(s->agent) < updates); i++)
        ok = learn_once(s, obs, next_obs, error);
    free(obs);
    free(next_obs);
    return ok;
}

/* What was never opened is NULL. */
void sg_subject_close(sg_subject *s)
{
    sg_agent_free(s->agent);
    sg_env_close(s->env);
    free(s->config);
}
