/* subject.c - an algorithm with an environment and settings, as graph and gradcheck look at it. */
#include "cli/subject.h"

#include <stdlib.h>

/* Settings as `train` would take them, and the environment wrapped accordingly. */
static bool make_parts(sg_subject *s, const char *id, const sg_option_value *env_set,
                       const sg_option_value *set, sg_error *error)
{
    s->config = sg_algorithm_config(s->algorithm, id, set->words, set->word_count, error);
    if (!s->config)
        return false;
    /* From the task outwards, as in training. */
    char *options = sg_option_join(env_set);
    sg_env *task = sg_env_make(id, options, error);
    free(options);
    if (!task)
        return false;
    s->env = sg_algorithm_wrap(s->algorithm, s->config, task, error);
    return s->env != NULL;
}

/* Parts that were made before a failure stay for sg_subject_close. */
bool sg_subject_open(sg_subject *s, const char *algorithm, const sg_option_value *env,
                     const sg_option_value *env_set, const sg_option_value *set, sg_dtype dtype,
                     sg_error *error)
{
    *s = (sg_subject){0};
    if (!env->given)
        return sg_fail(error, "name an environment: --env ID (see streamgrad envs)");
    s->algorithm = sg_algorithm_find(algorithm, error);
    if (!s->algorithm || !make_parts(s, env->text, env_set, set, error))
        return false;
    const sg_env_spec *spec = &s->env->spec;
    if (s->algorithm->suits && !s->algorithm->suits(spec, s->config, error))
        return false;

    /* The same builder that training uses. */
    s->graph = sg_graph_new(dtype);
    s->algorithm->build(s->graph, spec, s->config);
    return true;
}

/* The graph goes first: nothing else refers to it. */
void sg_subject_close(sg_subject *s)
{
    if (s->graph)
        sg_graph_free(s->graph);
    sg_env_close(s->env);
    free(s->config);
}
