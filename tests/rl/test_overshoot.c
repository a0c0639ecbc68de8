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
