/* test_act_greedy.c - an agent can be asked for its greedy action at any moment, between acting and
 * learning too: what it learns and does stays the same to the bit. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/trial.h"

enum { OBS = 4, STEPS = 60 };

static sg_agent *make(const sg_algorithm *a, const sg_env_spec *spec)
{
    sg_error error = {""};
    const char *sets[] = {trial_settings(a)};
    void *config = sg_algorithm_config(a, NULL, sets, 1, &error);
    cr_assert(config, "%s: %s", a->name, error.text);
    sg_agent *agent = sg_agent_new(a, config, spec, sg_agent_options_default(), &error);
    cr_assert(agent, "%s: %s", a->name, error.text);
    free(config);
    return agent;
}

/* Noise in place of a task; every seventh step ends an episode, one in two by its time limit. */
static sg_transition draw_answer(sg_random *random, int step, double *next_obs)
{
    sg_transition t = {.reward = sg_random_unit(random)};
    for (int i = 0; i < OBS; i++)
        next_obs[i] = sg_random_uniform(random, -1, 1);
    t.terminated = step % 14 == 13;
    t.truncated = step % 14 == 6;
    return t;
}

/* Two agents see the same; one of them is also asked at an observation of another kind. */
static void compare(const sg_algorithm *a, bool discrete)
{
    const sg_env_spec spec = {.id = "test",
                              .obs_rank = 1,
                              .obs_size = OBS,
                              .obs_dim = {OBS},
                              .discrete = discrete,
                              .action_count = discrete ? 3 : 0,
                              .action_size = discrete ? 1 : 2,
                              .action_low = {-1, -1},
                              .action_high = {1, 1}};
    sg_agent *plain = make(a, &spec), *asked = make(a, &spec);
    const double elsewhere[OBS] = {3, -2, 0.5, 7};
    double obs[OBS] = {0.1, 0.2, 0.3, 0.4}, action[2], same[2], greedy[2];
    sg_error error = {""};
    sg_random random;
    sg_random_seed_named(&random, 3, "answers");
    for (int step = 0; step < STEPS; step++) {
        sg_agent_act(plain, obs, action);
        sg_agent_act(asked, obs, same);
        cr_assert(!memcmp(action, same, (size_t)spec.action_size * sizeof *action),
                  "%s: another action at step %d", a->name, step);
        sg_agent_act_greedy(asked, elsewhere, greedy);
        sg_transition t = draw_answer(&random, step, obs);
        cr_assert(sg_agent_learn(plain, &t, obs, &error), "%s: %s", a->name, error.text);
        cr_assert(sg_agent_learn(asked, &t, obs, &error), "%s: %s", a->name, error.text);
        for (int i = 0; i < sg_agent_metric_count(plain); i++)
            cr_assert(sg_agent_metric(plain, i) == sg_agent_metric(asked, i),
                      "%s: another %s at step %d", a->name, sg_agent_metric_name(plain, i), step);
        sg_agent_act_greedy(asked, elsewhere, greedy);
    }
    sg_agent_free(plain);
    sg_agent_free(asked);
}

/* Without a phase "act_greedy", asking in between is not allowed (agent.h). */
static bool has_greedy(const sg_algorithm *a)
{
    return strcmp(a->name, "td") && strcmp(a->name, "stream_td");
}

Test(act_greedy, learning_does_not_notice)
{
    int compared = 0;
    for (int i = 0; i < sg_algorithm_count(); i++)
        for (int kind = 0; kind < TRIAL_KINDS; kind++) {
            const sg_algorithm *a = sg_algorithm_at(i);
            if (!trial_suits(a, (trial_kind)kind) || !has_greedy(a))
                continue;
            compare(a, kind == TRIAL_DISCRETE);
            compared++;
        }
    cr_expect(compared >= 20, "%d compared", compared);
}
