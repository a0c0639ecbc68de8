/* subject.c - an algorithm with an environment and settings, as graph and gradcheck look at it. */
#include "cli/subject.h"

#include <stdlib.h>

/* Settings as `train` would take them, and the environment wrapped accordingly. */
static bool make_parts(sg_subject *s, const char *id, const sg_option_value *set, sg_error *error)
{
    s->config = sg_algorithm_config(s->algorithm, id, set->words, set->word_count, error);
    if (!s->config)
        return false;
    /* What learns from a replay is looked at while it learns, not while it waits. */
    if (s->algorithm->timetable)
        sg_settings_set(&s->algorithm->settings, s->config, "learning_starts", "0", NULL);
    /* From the task outwards, as in training. */
    sg_env *task = sg_env_make(id, NULL, error);
    if (!task)
        return false;
    s->env = sg_algorithm_wrap(s->algorithm, s->config, task, error);
    return s->env != NULL;
}

/* Parts that were made before a failure stay for sg_subject_close. */
bool sg_subject_open(sg_subject *s, const char *algorithm, const sg_option_value *env,
                     const sg_option_value *set, sg_dtype dtype, sg_error *error)
{
    *s = (sg_subject){0};
    if (!env->given)
        return sg_fail(error, "name an environment: --env ID (see streamgrad envs)");
    s->algorithm = sg_algorithm_find(algorithm, error);
    if (!s->algorithm || !make_parts(s, env->text, set, error))
        return false;
    const sg_env_spec *spec = &s->env->spec;
    if (s->algorithm->suits && !s->algorithm->suits(spec, s->config, error))
        return false;

    /* The same builder that training uses. */
    s->graph = sg_graph_new(dtype);
    s->algorithm->build(s->graph, spec, s->config);
    return true;
}

/* ---- playing ---- */

/* Algorithms use those inputs that they need; the others do not exist in their graph. */
static void set_input(sg_program *program, const char *name, const double *values)
{
    sg_node node = sg_find(program, name);
    if (node.graph)
        sg_set(program, node, values);
}

/* Any action within reach: bounds, or [-1, 1] where there are none. */
static void random_action(const sg_env_spec *spec, sg_random *random, double *action)
{
    if (spec->discrete) {
        action[0] = (double)sg_random_integer(random, 0, spec->action_count);
        return;
    }
    for (int i = 0; i < spec->action_size; i++) {
        double low = spec->action_low[i], high = spec->action_high[i];
        bool bounded = low > -1e6 && high < 1e6;
        action[i] =
            bounded ? sg_random_uniform(random, low, high) : sg_random_uniform(random, -1, 1);
    }
}

/* What plays: the program, and its replay if the algorithm has one (else NULL). */
typedef struct {
    sg_program *program;
    sg_replay_learner *replay;
    sg_env *env;
    sg_random random;
} player;

/* One step of the environment, shown to the program. `obs` is where it stands, before and after. */
static bool learn_once(player *p, double *obs, double *next_obs, sg_error *error)
{
    sg_program *program = p->program;
    sg_env *env = p->env;
    double action[SG_MAX_ACTIONS];
    sg_transition t;

    random_action(&env->spec, &p->random, action);
    if (p->replay)
        sg_replay_learner_acted(p->replay, obs, action);
    if (!sg_env_step(env, action, next_obs, &t, error))
        return false;
    /* Two different things: the task's end, and any end. */
    double terminated = t.terminated, episode_end = t.terminated || t.truncated;
    set_input(program, "obs", obs);
    set_input(program, "next_obs", next_obs);
    set_input(program, "reward", &t.reward);
    set_input(program, "terminated", &terminated);
    set_input(program, "episode_end", &episode_end);
    /* A step as the agent takes it; the action of "act" need not be the one taken. */
    sg_run(program, sg_phase_find(program, "act"));
    if (p->replay)
        sg_replay_learner_learn(p->replay, &t, next_obs);
    else
        sg_run(program, sg_phase_find(program, "learn"));
    /* Go on from where the environment stands. */
    if (episode_end != 0)
        return sg_env_reset(env, NULL, obs, error);
    for (int i = 0; i < env->spec.obs_size; i++)
        obs[i] = next_obs[i];
    return true;
}

/* Random actions, from a seeded beginning. */
static bool play(player *p, int64_t steps, uint64_t seed, sg_error *error)
{
    size_t bytes = (size_t)p->env->spec.obs_size * sizeof(double);
    double *obs = sg_alloc(bytes), *next_obs = sg_alloc(bytes);

    sg_random_seed_named(&p->random, seed, "play/actions");
    bool ok = sg_env_reset(p->env, &seed, obs, error);
    for (int64_t i = 0; ok && i < steps; i++)
        ok = learn_once(p, obs, next_obs, error);
    free(obs);
    free(next_obs);
    return ok;
}

bool sg_subject_play(const sg_subject *s, sg_program *program, int64_t steps, uint64_t seed,
                     sg_error *error)
{
    const sg_algorithm *a = s->algorithm;
    player p = {.program = program, .env = s->env};
    /* A ring of its own, filled as the agent would fill it. */
    if (a->timetable) {
        p.replay = sg_replay_learner_new(program, a->timetable, s->config, a->replay_offset,
                                         &s->env->spec, seed, error);
        if (!p.replay)
            return false;
    }
    bool ok = play(&p, steps, seed, error);
    sg_replay_learner_free(p.replay);
    return ok;
}

/* The graph goes first: nothing else refers to it. */
void sg_subject_close(sg_subject *s)
{
    if (s->graph)
        sg_graph_free(s->graph);
    sg_env_close(s->env);
    free(s->config);
}
