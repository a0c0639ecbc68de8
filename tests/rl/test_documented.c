/* test_documented.c - the worked example of docs/new-algorithm.md, as taken out of that page: its
 * gradients are right, and it learns as the page says. README.md: it quotes avg.c as it is, and
 * names every algorithm and optimiser. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/check.h"
#include "rl/agent.h"

extern const sg_algorithm sg_td_ac_algorithm;

static sg_env *make_env(const void *config)
{
    sg_error error;
    sg_env *task = sg_env_make("Hopper-v4", NULL, &error);
    sg_env *env = task ? sg_algorithm_wrap(&sg_td_ac_algorithm, config, task, &error) : NULL;
    cr_assert(env, "%s", error.text);
    return env;
}

Test(documented, gradients_of_the_worked_example)
{
    const char *sets[] = {"hidden=8"};
    void *config = sg_algorithm_config(&sg_td_ac_algorithm, "Hopper-v4", sets, 1, NULL);
    sg_env *env = make_env(config);
    sg_graph *g = sg_graph_new(SG_F64);

    sg_td_ac_algorithm.build(g, &env->spec, config);
    sg_check_report r = sg_gradcheck_graph(g, NULL, sg_check_config_default(), NULL, NULL);
    cr_expect(sg_check_passed(&r), "%d of %d failed, worst %g at %s", r.failed, r.checked, r.worst,
              r.where);
    sg_graph_free(g);
    sg_env_close(env);
    free(config);
}

/* Plays and learns for `steps` steps; returns the mean length of the episodes begun and ended. */
static double mean_length(sg_agent *agent, sg_env *env, double *obs, int steps)
{
    double action[SG_MAX_ACTIONS], next_obs[64];
    sg_transition t;
    sg_error error;
    int episodes = 0;
    for (int i = 0; i < steps; i++) {
        sg_agent_act(agent, obs, action);
        cr_assert(sg_env_step(env, action, next_obs, &t, &error), "%s", error.text);
        cr_assert(sg_agent_learn(agent, &t, next_obs, &error), "%s", error.text);
        bool end = t.terminated || t.truncated;
        episodes += end;
        for (int k = 0; k < env->spec.obs_size; k++)
            obs[k] = next_obs[k];
        cr_assert(!end || sg_env_reset(env, NULL, obs, &error));
    }
    return (double)steps / episodes;
}

/* How many times longer episodes are at the end of 30000 steps than at the beginning. */
static double growth(uint64_t seed)
{
    void *config = sg_algorithm_config(&sg_td_ac_algorithm, "Hopper-v4", NULL, 0, NULL);
    sg_env *env = make_env(config);
    sg_agent_options options = sg_agent_options_default();
    options.seed = seed;
    sg_agent *agent = sg_agent_new(&sg_td_ac_algorithm, config, &env->spec, options, NULL);
    double obs[64];

    cr_assert(env->spec.obs_size <= 64 && sg_env_reset(env, &seed, obs, NULL));
    double first = mean_length(agent, env, obs, 3000);
    mean_length(agent, env, obs, 24000);
    double last = mean_length(agent, env, obs, 3000);
    sg_agent_free(agent);
    sg_env_close(env);
    free(config);
    return last / first;
}

/* Single runs differ; rounding differs by instruction set. */
Test(documented, the_worked_example_learns)
{
    double mean = (growth(0) + growth(1) + growth(2)) / 3;
    cr_expect(mean > 1.5, "episodes became only %g times as long", mean);
}

/* ---- README.md ---- */

/* A file of the tree as text, the caller's. */
static char *text_of(const char *path)
{
    enum { MOST = 1 << 20 };
    FILE *in = fopen(path, "r");
    cr_assert(in, "%s", path);
    char *text = sg_alloc(MOST);
    text[fread(text, 1, MOST - 1, in)] = '\0';
    fclose(in);
    return text;
}

Test(documented, the_readme_quotes_avg_as_it_is)
{
    int quoted = 0;
    char *readme = text_of("README.md"), *avg = text_of("rl/algorithms/avg.c"), *rest;
    char *quote = strstr(readme, "```c\n"), *end = quote ? strstr(quote + 5, "```") : NULL;
    cr_assert(end);
    *end = '\0';
    for (char *line = strtok_r(quote + 5, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char whole[160];
        snprintf(whole, sizeof whole, "\n    %s\n", line);
        cr_expect(strstr(avg, whole), "avg.c has no line '%s'", line);
        quoted++;
    }
    cr_expect(quoted > 20, "%d lines", quoted);
    free(readme);
    free(avg);
}

Test(documented, the_readme_names_all_algorithms_and_optimisers)
{
    char *readme = text_of("README.md"), name[64];
    for (int i = 0; i < sg_algorithm_count(); i++) {
        snprintf(name, sizeof name, "`%s`", sg_algorithm_at(i)->name);
        cr_expect(strstr(readme, name), "README.md lacks %s", name);
    }
    for (int i = 0; i < SG_OPTIMIZER_COUNT; i++) {
        snprintf(name, sizeof name, "`%s`", sg_optimizer_get(i)->name);
        cr_expect(strstr(readme, name), "README.md lacks %s", name);
    }
    free(readme);
}
