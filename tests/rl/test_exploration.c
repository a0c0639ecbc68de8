/* test_exploration.c - choices among discrete actions: their frequencies and ties, and
 * SARSA's action, which is chosen a step before it is taken. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "rl/agent.h"
#include "rl/exploration.h"
#include "rl/policy.h"

enum { DRAWS = 40000, ACTIONS = 4 };

/* A frequency of DRAWS within four standard deviations of its probability. */
static void expect_frequency(int count, double p, const char *what)
{
    double spread = sqrt(DRAWS * p * (1 - p));
    cr_expect(fabs(count - DRAWS * p) <= 4 * spread + 1e-9, "%s: %d of %d, not %g", what, count,
              DRAWS, p);
}

/* Values with the best one twice: the first is greedy. With epsilon 0.4 it is taken 0.6 + 0.1. */
Test(exploration, epsilon_greedy_frequencies)
{
    const double values[] = {1, 3, 2, 3};
    int taken[ACTIONS] = {0}, exploratory = 0;
    sg_graph *g = sg_graph_new(SG_F32);
    sg_node q = sg_constant_array(g, sg_vector(ACTIONS), values);
    sg_choice c = sg_epsilon_greedy("agent", q, sg_constant(g, 0.4));
    sg_phase_values(g, "run", c.action, c.exploratory, c.greedy);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    for (int t = 0; t < DRAWS; t++) {
        sg_run(p, 0);
        int action = (int)sg_get_number(p, c.action);
        bool off = sg_get_number(p, c.exploratory) != 0;
        cr_assert_eq(sg_get_number(p, c.greedy), 1);
        cr_assert_eq(off, action != 1);
        taken[action]++;
        exploratory += off;
    }
    expect_frequency(taken[1], 0.7, "the greedy action");
    expect_frequency(taken[0], 0.1, "action 0");
    expect_frequency(taken[3], 0.1, "action 3");
    expect_frequency(exploratory, 0.3, "exploratory actions");
    sg_program_free(p);
    sg_graph_free(g);
}

/* Actions of a softmax policy come as often as it says, and log_prob and entropy say the same. */
Test(exploration, softmax_policy_frequencies)
{
    sg_graph *g = sg_graph_new(SG_F64);
    const sg_env_spec spec = {
        .obs_size = 2, .obs_rank = 1, .discrete = true, .action_count = ACTIONS, .action_size = 1};
    sg_mlp_config linear = sg_stream_mlp(&spec, 0, (sg_sparsity){0});
    sg_policy pi = sg_policy_new(g, "actor", &spec, SG_GAUSSIAN, linear);
    sg_node S = sg_input(g, "obs", 2), mode = sg_policy_mode(&pi, S);
    sg_sample A = sg_policy_sample(&pi, S);
    sg_phase_values(g, "act", A.action, mode, A.log_prob, A.entropy);
    sg_program *program = sg_compile(g, sg_compile_options_default());
    const double logits[ACTIONS] = {0.5, -1, 1.25, 0}, zeros[2 * ACTIONS] = {0};
    sg_set(program, pi.head.weight, zeros);
    sg_set(program, pi.head.bias, logits);

    double total = 0, p[ACTIONS], entropy = 0;
    int taken[ACTIONS] = {0};
    for (int k = 0; k < ACTIONS; k++)
        total += exp(logits[k]);
    for (int k = 0; k < ACTIONS; k++) {
        p[k] = exp(logits[k]) / total;
        entropy -= p[k] * log(p[k]);
    }
    for (int t = 0; t < DRAWS; t++) {
        sg_run(program, 0);
        int k = (int)sg_get_number(program, A.action);
        taken[k]++;
        cr_assert_float_eq(sg_get_number(program, A.log_prob), log(p[k]), 1e-13);
        cr_assert_float_eq(sg_get_number(program, A.entropy), entropy, 1e-13);
        cr_assert_eq(sg_get_number(program, mode), 2);
    }
    for (int k = 0; k < ACTIONS; k++)
        expect_frequency(taken[k], p[k], "softmax");
    sg_program_free(program);
    sg_graph_free(g);
}

/* ---- actions without values ---- */

static void random_actions(const sg_env_spec *spec, double *actions)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node A = sg_random_action(g, spec);
    sg_phase_values(g, "act", A);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    for (int t = 0; t < DRAWS; t++) {
        sg_run(p, 0);
        sg_get(p, A, actions + t * spec->action_size);
    }
    sg_program_free(p);
    sg_graph_free(g);
}

Test(exploration, random_actions_cover_what_there_is)
{
    static double actions[2 * DRAWS];
    sg_env_spec spec = {.discrete = true, .action_count = 3, .action_size = 1};
    int taken[3] = {0};
    random_actions(&spec, actions);
    for (int t = 0; t < DRAWS; t++)
        taken[(int)actions[t]]++;
    for (int k = 0; k < 3; k++)
        expect_frequency(taken[k], 1.0 / 3, "a random index");

    spec = (sg_env_spec){.action_size = 2, .action_low = {-1, 2}, .action_high = {1, 6}};
    int low = 0;
    random_actions(&spec, actions);
    for (int t = 0; t < DRAWS; t++) {
        cr_assert(fabs(actions[2 * t]) <= 1 && fabs(actions[2 * t + 1] - 4) <= 2);
        low += actions[2 * t + 1] < 3;
    }
    expect_frequency(low, 0.25, "the lowest quarter");
}

/* ---- SARSA ---- */

/* Random choices only: what is taken tells what was chosen. After a step of learning the first
 * action at S' is the chosen one; acting on without learning, or elsewhere, draws anew. */
Test(exploration, sarsa_takes_the_chosen_action_once_and_where_it_was_chosen)
{
    const char *sets[] = {"epsilon_end=1,hidden=0"};
    const sg_env_spec spec = {
        .obs_size = 2, .obs_rank = 1, .discrete = true, .action_count = ACTIONS, .action_size = 1};
    const sg_algorithm *sarsa = sg_algorithm_find("stream_sarsa", NULL);
    void *config = sg_algorithm_config(sarsa, NULL, sets, 1, NULL);
    sg_agent *agent = sg_agent_new(sarsa, config, &spec, sg_agent_options_default(), NULL);
    sg_program *p = sg_agent_program(agent);
    const double S[] = {0.25, -1}, S_next[] = {0.5, 2};
    const sg_transition t = {.reward = 1};
    double action;
    int again = 0, elsewhere = 0, rounds = 400;
    for (int i = 0; i < rounds; i++) {
        sg_agent_act(agent, S, &action);
        cr_assert(sg_agent_learn(agent, &t, S_next, NULL));
        double chosen = sg_get_number(p, sg_find(p, "chosen_action"));
        if (i % 2) {
            sg_agent_act(agent, S_next, &action);
            cr_assert_eq(action, chosen);
            sg_agent_act(agent, S_next, &action);
            again += action == chosen;
        } else {
            sg_agent_act(agent, S, &action);
            elsewhere += action == chosen;
        }
    }
    /* by chance: a quarter of 200 each, with a standard deviation of 6 */
    cr_expect(abs(again - 50) < 30, "%d of 200 taken again", again);
    cr_expect(abs(elsewhere - 50) < 30, "%d of 200 taken elsewhere", elsewhere);
    sg_agent_free(agent);
    free(config);
}
