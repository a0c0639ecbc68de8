/* test_overshoot.c - the overshooting report against a second program: its TD error on the same
 * sample, with the parameters that the first one has after its update. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "autograd/program_internal.h"
#include "rl/agent.h"
#include "tests/trace.h"

/* One transition; a terminal one ends the episode, too. */
typedef struct {
    double obs[2][4], reward, terminated;
} sample;

/* Every 20th is terminal. */
static sample draw_sample(sg_random *random, int t)
{
    sample s = {.reward = sg_random_normal(random), .terminated = t % 20 == 19};
    for (int i = 0; i < 8; i++)
        s.obs[i / 4][i % 4] = sg_random_normal(random);
    return s;
}

static void set_sample(sg_program *p, const sample *s)
{
    sg_set(p, sg_find(p, "obs"), s->obs[0]);
    sg_set(p, sg_find(p, "next_obs"), s->obs[1]);
    sg_set(p, sg_find(p, "reward"), &s->reward);
    if (sg_find(p, "terminated").graph)
        sg_set(p, sg_find(p, "terminated"), &s->terminated);
    sg_set(p, sg_find(p, "episode_end"), &s->terminated);
}

static void copy_node(sg_program *to, const sg_program *from, const char *name)
{
    double values[4096];
    cr_assert(sg_shape_size(sg_node_shape(sg_find(from, name))) <= 4096);
    sg_get(from, sg_find(from, name), values);
    sg_set(to, sg_find(to, name), values);
}

/* Draws of this step, made here: the programs hold them. */
static void set_draws(sg_program *p, sg_random *random)
{
    static const char *const names[] = {"actor.noise", "actor.noise.2"};
    for (int i = 0; i < 2; i++) {
        double values[2] = {sg_random_normal(random), sg_random_normal(random)};
        if (sg_find(p, names[i]).graph)
            sg_set(p, sg_find(p, names[i]), values);
    }
}

/* One step of the program with both reports; returns the TD error before the update. */
static double learn(sg_program *p, const sample *s, sg_random *random)
{
    set_sample(p, s);
    set_draws(p, random);
    sg_run(p, sg_phase_find(p, "act"));
    sg_run(p, sg_phase_find(p, "learn"));
    double before = sg_get_number(p, trace_report(p, "losses/td_error"));
    sg_run(p, sg_phase_find(p, "after_learn"));
    cr_assert(sg_get_number(p, trace_report(p, "losses/td_error")) == before,
              "learn's own report stays");
    return before;
}

/* The TD error of the same sample with the first program's new parameters, by the second one. */
static double td_error_after(sg_program *second, sg_program *p, const sample *s)
{
    sg_nodes parameters = sg_parameters((sg_graph *)p->source);
    for (int k = 0; k < parameters.count; k++)
        copy_node(second, p, sg_node_name(sg_nodes_at(parameters, k)));
    set_sample(second, s);
    copy_node(second, p, "actor.noise");
    if (sg_find(p, "actor.noise.2").graph)
        copy_node(second, p, "actor.noise.2");
    sg_run(second, sg_phase_find(second, "act"));
    sg_run(second, sg_phase_find(second, "learn"));
    return sg_get_number(second, trace_report(second, "losses/td_error"));
}

/* 100 steps of an algorithm; both reports at each. Returns how often the sign changed. */
static int compare(const char *algorithm, const char *set)
{
    const char *sets[] = {"overshoot=on", "hidden=8", set};
    const sg_algorithm *a = sg_algorithm_find(algorithm, NULL);
    sg_error error = {""};
    void *config = sg_algorithm_config(a, NULL, sets, 3, &error);
    cr_assert(config, "%s", error.text);
    sg_program *p = trace_program(a, config, 4, 2, SG_F64);
    sg_program *second = trace_program(a, config, 4, 2, SG_F64);
    sg_random random;
    int changes = 0;
    sg_random_seed_named(&random, 7, "samples");
    for (int t = 0; t < 100; t++) {
        sample s = draw_sample(&random, t);
        double before = learn(p, &s, &random), after = td_error_after(second, p, &s);
        double step = sg_get_number(p, trace_report(p, "overshoot/effective_step"));
        double change = sg_get_number(p, trace_report(p, "overshoot/sign_change"));
        cr_assert(fabs(step - (before - after) / before) <= 1e-9 * fmax(1, fabs(step)),
                  "%s, step %d: %g, not %g", algorithm, t, step, (before - after) / before);
        cr_assert_eq(change, before * after < 0 ? 1 : 0);
        changes += change != 0;
    }
    trace_free(p);
    trace_free(second);
    free(config);
    return changes;
}

Test(overshoot, reports_the_td_error_after_the_update)
{
    int bounded = compare("stream_ac", "kappa=2,sparsity=0");
    int unbounded = compare("stream_ac", "critic_optimizer=sgd,critic_lr=1,lambda=0,sparsity=0");
    cr_expect(bounded < 5 && unbounded > 20, "ObGD %d, SGD %d of 100", bounded, unbounded);
    compare("intentional_ac", "lambda=0,sparsity=0");
    compare("iac", "critic_lr=0.01");
    /* the action stays the one taken: here, as the actor stands still */
    compare("avg", "actor_lr=0,critic_lr=0.1");
}

/* ---- values of discrete actions and of states ---- */

enum { ACTIONS = 3 };

static sg_program *discrete_program(const char *algorithm, const char *set)
{
    const char *sets[] = {"overshoot=on,hidden=8,sparsity=0,gamma=0.9", set};
    const sg_algorithm *a = sg_algorithm_find(algorithm, NULL);
    sg_error error = {""};
    sg_env_spec spec = {.id = "test",
                        .obs_rank = 1,
                        .obs_size = 4,
                        .obs_dim = {4},
                        .discrete = true,
                        .action_count = ACTIONS,
                        .action_size = 1};
    void *config = sg_algorithm_config(a, NULL, sets, 2, &error);
    cr_assert(config, "%s: %s", algorithm, error.text);
    sg_program *p = trace_program_for(a, config, &spec, SG_F64);
    free(config);
    return p;
}

/* Every draw of an epsilon-greedy choice, where the program has it. */
static void draw_choices(sg_program *p, sg_random *random)
{
    static const char *const names[] = {"critic.explore", "critic.random", "critic.first.explore",
                                        "critic.first.random"};
    for (int i = 0; i < 4; i++) {
        double u = sg_random_uniform(random, 0, 1);
        if (sg_find(p, names[i]).graph)
            sg_set(p, sg_find(p, names[i]), &u);
    }
}

static void set_number(sg_program *p, const char *name, double value)
{
    if (sg_find(p, name).graph)
        sg_set(p, sg_find(p, name), &value);
}

/* v(obs), or q(obs, .) action by action: the second program's report of the action it is made to
 * take, with the first one's parameters. */
static void values_at(sg_program *second, sg_program *p, const double *obs, double *values)
{
    sg_nodes parameters = sg_parameters((sg_graph *)p->source);
    for (int a = 0; a < ACTIONS; a++) {
        for (int k = 0; k < parameters.count; k++)
            copy_node(second, p, sg_node_name(sg_nodes_at(parameters, k)));
        set_number(second, "action_is_chosen", 0);
        set_number(second, "critic.explore", -1);
        set_number(second, "critic.first.explore", -1);
        set_number(second, "critic.random", (a + 0.5) / ACTIONS);
        set_number(second, "critic.first.random", (a + 0.5) / ACTIONS);
        sg_set(second, sg_find(second, "obs"), obs);
        sg_run(second, sg_phase_find(second, "act"));
        sg_set(second, sg_find(second, "next_obs"), obs);
        sg_run(second, sg_phase_find(second, "learn"));
        values[a] = sg_get_number(second, trace_report(second, "losses/value"));
    }
}

static int best_of(const double *values)
{
    int best = 0;
    for (int i = 1; i < ACTIONS; i++)
        best = values[i] > values[best] ? i : best;
    return best;
}

static double number(const sg_program *p, const char *name)
{
    return sg_get_number(p, sg_find(p, name));
}

/* R + gamma (value at S') - (value of A at S), both with the new parameters: the transition and the
 * actions stay those of the step. v: one value; q: Q(lambda)'s best, SARSA's A'. */
static double delta_after(sg_program *second, sg_program *p, const sample *s, int A)
{
    double now[ACTIONS], next[ACTIONS];
    values_at(second, p, s->obs[0], now);
    values_at(second, p, s->obs[1], next);
    bool is_sarsa = sg_find(p, "chosen_action").graph;
    int A_next = is_sarsa ? (int)number(p, "chosen_action") : best_of(next);
    return s->reward + 0.9 * (1 - s->terminated) * next[A_next] - now[A];
}

/* 200 steps. Returns how often the greedy action at S changed with the parameters while it had been
 * taken: there an action chosen anew would be another. */
static int compare_values(const char *algorithm, const char *set)
{
    int changes = 0;
    sg_random random;
    sg_program *p = discrete_program(algorithm, set);
    sg_program *second = discrete_program(algorithm, set);
    sg_random_seed_named(&random, 11, "samples");
    for (int t = 0; t < 200; t++) {
        double values[ACTIONS] = {0};
        sample s = draw_sample(&random, t);
        set_sample(p, &s);
        draw_choices(p, &random);
        values_at(second, p, s.obs[0], values);
        sg_run(p, sg_phase_find(p, "act"));
        int A = (int)sg_get_number(p, sg_phase_first_value(p->source, 0)), was = best_of(values);
        sg_run(p, sg_phase_find(p, "learn"));
        double before = sg_get_number(p, trace_report(p, "losses/td_error"));
        sg_run(p, sg_phase_find(p, "after_learn"));
        double after = delta_after(second, p, &s, A);
        double step = sg_get_number(p, trace_report(p, "overshoot/effective_step"));
        double change = sg_get_number(p, trace_report(p, "overshoot/sign_change"));
        cr_assert(fabs(step - (before - after) / before) <= 1e-9 * fmax(1, fabs(step)),
                  "%s, step %d: %g, not %g", algorithm, t, step, (before - after) / before);
        cr_assert_eq(change, before * after < 0 ? 1 : 0);
        values_at(second, p, s.obs[0], values);
        changes += A == was && best_of(values) != was;
    }
    trace_free(p);
    trace_free(second);
    return changes;
}

Test(overshoot, reports_of_action_values_keep_the_actions)
{
    static const struct {
        const char *algorithm, *set;
    } cases[] = {
        {"stream_q", "epsilon_steps=100"},
        {"stream_sarsa", "epsilon_steps=100"},
        {"stream_sarsa", "epsilon_steps=100,carry_action=on,time_limits=bootstrap"},
        {"intentional_q", "epsilon_steps=100,lr=1"},
        {"q", "lr=0.05,epsilon_steps=100"},
        {"sarsa", "lr=0.05,epsilon_steps=100"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int changes = compare_values(cases[i].algorithm, cases[i].set);
        cr_expect(changes > 0, "%s: the greedy action never changed", cases[i].algorithm);
    }
    compare_values("stream_td", "lambda=0.8");
    compare_values("td", "lr=0.05");
}

/* Whatever learns from a TD error of each transition has the report. */
Test(overshoot, is_there_for_every_incremental_algorithm)
{
    static const char *const names[] = {
        "avg", "iac", "stream_ac", "stream_q", "stream_sarsa",  "stream_td",
        "ac",  "q",   "sarsa",     "td",       "intentional_q", "intentional_ac"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const sg_algorithm *a = sg_algorithm_find(names[i], NULL);
        cr_expect(sg_settings_find(&a->settings, "overshoot"), "%s", names[i]);
    }
}

/* The agent runs the phase; without the switch there is none and nothing is reported. */
Test(overshoot, is_a_metric_only_when_asked_for)
{
    const sg_algorithm *a = sg_algorithm_find("intentional_ac", NULL);
    sg_env_spec spec = {.id = "test",
                        .obs_rank = 1,
                        .obs_size = 3,
                        .obs_dim = {3},
                        .action_size = 1,
                        .action_low = {-1},
                        .action_high = {1}};
    for (int on = 0; on < 2; on++) {
        const char *sets[] = {"hidden=8,sparsity=0,critic_lr=0.01",
                              on ? "overshoot=on" : "overshoot=off"};
        double obs[3] = {1, -1, 0.5}, next[3] = {0.5, -0.5, 1}, action[1];
        sg_error error = {""};
        void *config = sg_algorithm_config(a, NULL, sets, 2, &error);
        sg_agent *agent = sg_agent_new(a, config, &spec, sg_agent_options_default(), &error);
        cr_assert(agent, "%s", error.text);
        sg_transition t = {.reward = 1, .terminated = true};
        sg_agent_act(agent, obs, action);
        cr_assert(sg_agent_learn(agent, &t, next, &error), "%s", error.text);
        cr_assert_eq(sg_agent_metric_count(agent), on ? 6 : 4);
        if (on) {
            cr_expect_str_eq(sg_agent_metric_name(agent, 1), "overshoot/effective_step");
            /* eta is 0.01, the first step's trace is its gradient, and nothing is bootstrapped */
            double step = sg_agent_metric(agent, 1);
            cr_expect(step > 0.009 && step < 0.011, "%g", step);
        }
        sg_agent_free(agent);
        free(config);
    }
}
