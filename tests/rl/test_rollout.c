/* test_rollout.c - advantages against their definition, the schedule, minibatches, what is refused.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/ops.h"
#include "rl/rollout_learner.h"
#include "tests/misuse.h"

/* ---- advantages ---- */

enum { STEPS = 7, ENVS = 3 };
static const double GAMMA = 0.9, LAMBDA = 0.8;

/* sum over l of (gamma lambda)^l delta_(s+l), up to the episode's end. */
static double advantage_by_definition(const sg_gae *g, int s, int env)
{
    double sum = 0, weight = 1;
    for (int l = s; l < g->steps; l++) {
        int i = l * g->envs + env;
        bool last = l == g->steps - 1;
        double next = g->end[i] ? 0 : last ? g->next_value[env] : g->value[i + g->envs];
        sum += weight * (g->reward[i] + g->gamma * next - g->value[i]);
        if (g->end[i])
            break;
        weight *= g->gamma * g->lambda;
    }
    return sum;
}

Test(rollout, advantages_are_discounted_sums_of_td_errors)
{
    double reward[STEPS * ENVS], value[STEPS * ENVS], end[STEPS * ENVS] = {0}, next[ENVS];
    double advantage[STEPS * ENVS];
    sg_random random;
    sg_random_seed(&random, 5);
    for (int i = 0; i < STEPS * ENVS; i++) {
        reward[i] = sg_random_normal(&random);
        value[i] = sg_random_normal(&random);
    }
    for (int env = 0; env < ENVS; env++)
        next[env] = sg_random_normal(&random);
    /* an end in the middle, one at the first and one at the last step, none in environment 2 */
    end[3 * ENVS] = end[0] = end[(STEPS - 1) * ENVS + 1] = 1;
    sg_gae gae = {STEPS, ENVS, reward, value, end, next, GAMMA, LAMBDA};
    sg_generalized_advantages(&gae, advantage);
    for (int i = 0; i < STEPS * ENVS; i++) {
        double expected = advantage_by_definition(&gae, i / ENVS, i % ENVS);
        cr_expect(fabs(advantage[i] - expected) < 1e-14, "%d: %g, not %g", i, advantage[i],
                  expected);
    }
}

Test(rollout, of_one_step_an_advantage_is_the_td_error)
{
    double reward = 2, value = 0.5, end = 0, next = 3, advantage;
    sg_gae gae = {1, 1, &reward, &value, &end, &next, GAMMA, LAMBDA};
    sg_generalized_advantages(&gae, &advantage);
    cr_expect_eq(advantage, 2 + GAMMA * 3 - 0.5);
    end = 1;
    sg_generalized_advantages(&gae, &advantage);
    cr_expect_eq(advantage, 2 - 0.5);
}

/* ---- schedule and minibatches ---- */

Test(rollout, the_rate_falls_to_its_last_value_and_stays)
{
    sg_rollout_config c = {.anneal_steps = 1000};
    cr_expect_eq(sg_rollout_rate(&c, 250, 0), 1);
    cr_expect_eq(sg_rollout_rate(&c, 250, 3), 0.25);
    cr_expect_eq(sg_rollout_rate(&c, 250, 4), 0.25);
    cr_expect_eq(sg_rollout_rate(&c, 300, 2), 1 - 2.0 / 3, "three whole updates");
    cr_expect_eq(sg_rollout_rate(&c, 5000, 7), 1, "shorter than one update");
    c.anneal_steps = 0;
    cr_expect_eq(sg_rollout_rate(&c, 250, 100), 1);
}

Test(rollout, samples_are_gathered_and_rows_beyond_are_zero)
{
    sg_rollout *r = sg_rollout_new(3, 2, 2, 1);
    for (r->step = 0; r->step < 3; r->step++)
        for (int env = 0; env < 2; env++)
            for (int k = 0; k < 2; k++)
                sg_rollout_at(r, SG_ROLLOUT_OBS, env)[k] = 100 * r->step + 10 * env + k;
    double rows[8] = {9, 9, 9, 9, 9, 9, 9, 9};
    static const double expected[8] = {210, 211, 0, 1, 110, 111, 0, 0};
    sg_rollout_gather(r, SG_ROLLOUT_OBS, (int64_t[]){5, 0, 3}, 3, 4, rows);
    cr_expect_arr_eq(rows, expected, sizeof rows);
    sg_rollout_free(r);
}

/* Means and deviations leave the padding out. */
Test(rollout, statistics_are_of_the_rows_that_count)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_env_spec spec = {.obs_size = 1, .action_size = 1};
    sg_rollout_config c = {.num_steps = 5, .num_minibatches = 1};
    sg_minibatch b = sg_minibatch_inputs(g, &spec, &c);
    sg_phase_values(g, "p", sg_minibatch_mean(&b, b.value), sg_minibatch_standardize(&b, b.value));
    sg_program *p = sg_compile(g, sg_compile_options_default());
    sg_set(p, b.weight, (double[]){1, 1, 1, 0, 0});
    sg_set(p, b.value, (double[]){1, 2, 6, 50, -70});
    sg_run(p, 0);
    double mean, standard[5], deviation = sqrt((4 + 1 + 9) / 2.0) + 1e-8;
    sg_get(p, sg_phase_value(g, 0, 0), &mean);
    sg_get(p, sg_phase_value(g, 0, 1), standard);
    cr_expect_eq(mean, 3);
    cr_expect(fabs(standard[0] + 2 / deviation) < 1e-15 &&
              fabs(standard[2] - 3 / deviation) < 1e-15);
    sg_program_free(p);
    sg_graph_free(g);
}

/* ---- what is refused ---- */

Test(rollout, minibatches_that_are_too_small_are_refused)
{
    static const struct {
        int steps, minibatches, least;
        const char *told; /* NULL: fine */
    } cases[] = {
        {64, 4, 2, NULL},
        {70, 3, 2, "num_steps=70 in num_minibatches=3 leaves a minibatch of 1; at least 2"},
        {70, 3, 1, NULL},
        {1, 1, 1, NULL},
        {1, 1, 2, "leaves a minibatch of 1"},
        {3, 4, 1, "num_minibatches=4 is more than num_steps=3"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sg_error error = {""};
        sg_rollout_config c = {.num_steps = cases[i].steps,
                               .num_minibatches = cases[i].minibatches,
                               .normalize_advantages = cases[i].least == 2};
        cr_expect_eq(sg_rollout_suits(&c, &error), !cases[i].told, "case %zu", i);
        cr_expect(!cases[i].told || strstr(error.text, cases[i].told), "%s", error.text);
    }
}

/* A graph that has all parts but what each mistake leaves out. */
static enum { NOTHING, VALUE, NEXT_VALUE, ALONE } left_out;

static void make_learner(void)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_env_spec spec = {.obs_size = 2, .action_size = 1};
    sg_rollout_config c = {.num_steps = 4, .num_minibatches = 2};
    sg_node S = sg_input(g, "obs", 2), S_next = sg_input(g, "next_obs", 2), v = sg_sum(S);
    sg_minibatch b = sg_minibatch_inputs(g, &spec, &c);
    sg_phase_values(g, "act", v, sg_neg(v));
    if (left_out != VALUE)
        sg_phase_values(g, "act", sg_square(v));
    if (left_out != NEXT_VALUE) {
        sg_phase_alone(g, "next_value");
        sg_phase_values(g, "next_value", sg_sum(S_next));
    }
    if (left_out != ALONE)
        sg_phase_alone(g, "learn");
    sg_phase_values(g, "learn", sg_minibatch_mean(&b, b.advantage));
    sg_program *p = sg_compile(g, sg_compile_options_default());
    sg_rollout_learner_free(sg_rollout_learner_new(p, g, &c, 0.9, 1, 0));
    sg_program_free(p);
    sg_graph_free(g);
}

Test(rollout, a_graph_that_lacks_a_part_is_named)
{
    static const char *const told[] = {"", "\"act\" needs three values",
                                       "a phase \"next_value\" is needed",
                                       "\"learn\" must be alone"};
    for (int i = NOTHING; i <= ALONE; i++) {
        left_out = i;
        const char *message = misuse_of(make_learner);
        cr_expect(told[i][0] ? strstr(message, told[i]) != NULL : !message[0], "%d: %s", i,
                  message);
    }
}
