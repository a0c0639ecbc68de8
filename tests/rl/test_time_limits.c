/* test_time_limits.c - what an episode's two ends do to targets and traces in every algorithm that
 * has the setting, and Stream-X as of September 2026, which bootstraps through time limits. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/program_internal.h"
#include "rl/algorithm.h"
#include "tests/trace.h"
#include "tests/trial.h"

static sg_program *program_of(const sg_algorithm *a, trial_kind kind, const char *set)
{
    const char *sets[] = {"hidden=8,optimizer=sgd,lr=0.01,sparsity=0,lambda=0.8", set,
                          "epsilon_start=0,epsilon_end=0"};
    bool discrete = kind == TRIAL_DISCRETE,
         explores = sg_settings_find(&a->settings, "epsilon_end");
    sg_error error = {""};
    void *config = sg_algorithm_config(a, NULL, sets, 2 + explores, &error);
    cr_assert(config, "%s: %s", a->name, error.text);
    sg_env_spec spec = {.id = "test",
                        .obs_rank = 1,
                        .obs_size = 4,
                        .obs_dim = {4},
                        .discrete = discrete,
                        .action_count = discrete ? 3 : 0,
                        .action_size = discrete ? 1 : 2,
                        .action_low = {-1, -1},
                        .action_high = {1, 1}};
    sg_program *p = trace_program_for(a, config, &spec, SG_F64);
    free(config);
    return p;
}

static void set_number(sg_program *p, const char *name, double value)
{
    sg_set(p, sg_find(p, name), &value);
}

/* A step with a reward of 2 that ends as given. */
static void step(sg_program *p, double terminated, double episode_end)
{
    double obs[4] = {1, -0.5, 0.25, 2}, next_obs[4] = {-1, 0.5, 1, 0.3};
    double noise[2] = {0.7, -0.4};
    sg_set(p, sg_find(p, "obs"), obs);
    if (sg_find(p, "actor.noise").graph)
        sg_set(p, sg_find(p, "actor.noise"), noise);
    sg_run(p, sg_phase_find(p, "act"));
    sg_set(p, sg_find(p, "next_obs"), next_obs);
    set_number(p, "reward", 2);
    set_number(p, "terminated", terminated);
    set_number(p, "episode_end", episode_end);
    sg_run(p, sg_phase_find(p, "learn"));
}

static double largest_trace(const sg_program *p, const char *state)
{
    double values[64], largest = 0;
    sg_node z = sg_find(p, state);
    size_t n = sg_shape_size(sg_node_shape(z));
    cr_assert(n <= 64);
    sg_get(p, z, values);
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(values[i]));
    return largest;
}

static bool is_reported(const sg_program *p, const char *name)
{
    for (int i = 0; i < sg_report_count(p); i++)
        if (!strcmp(sg_report_name(p, i), name))
            return true;
    return false;
}

/* Whether the target was the reward alone, and whether traces ended. */
static void check(const sg_algorithm *a, trial_kind kind, const char *set, int cut_off,
                  bool is_final, bool is_cut)
{
    sg_program *p = program_of(a, kind, set);
    cr_assert(is_reported(p, "losses/td_error") && is_reported(p, "losses/value"),
              "%s: an algorithm with time_limits reports losses/td_error and losses/value",
              a->name);
    step(p, cut_off ? 0 : 1, 1);
    double delta = sg_get_number(p, trace_report(p, "losses/td_error"));
    double value = sg_get_number(p, trace_report(p, "losses/value"));
    cr_expect((fabs(delta - (2 - value)) < 1e-12) == is_final, "%s %s: delta %g", a->name, set,
              delta);
    bool is_q = sg_find(p, "critic.q.bias.trace").graph;
    double trace = largest_trace(p, is_q ? "critic.q.bias.trace" : "critic.v.bias.trace");
    cr_expect((trace == 0) == is_cut, "%s %s: trace %g", a->name, set, trace);
    trace_free(p);
}

Test(time_limits, do_what_the_setting_says_in_every_algorithm)
{
    int checked = 0;
    for (int i = 0; i < sg_algorithm_count(); i++)
        for (int kind = 0; kind < TRIAL_KINDS; kind++) {
            const sg_algorithm *a = sg_algorithm_at(i);
            if (!sg_settings_find(&a->settings, "time_limits") || !trial_suits(a, (trial_kind)kind))
                continue;
            for (int cut_off = 0; cut_off < 2; cut_off++) {
                check(a, (trial_kind)kind, "time_limits=bootstrap", cut_off, !cut_off, true);
                check(a, (trial_kind)kind, "time_limits=end", cut_off, true, true);
                check(a, (trial_kind)kind, "time_limits=carry", cut_off, !cut_off, !cut_off);
            }
            checked++;
        }
    cr_expect(checked >= 15, "%d", checked);
}

/* ---- Stream-X as of September 2026 ---- */

/* Over actor and critic together, in weight matrices. */
static void count_weights(const sg_program *p, int *all, int *others)
{
    sg_nodes parameters = sg_parameters((sg_graph *)p->source);
    *all = *others = 0;
    for (int k = 0; k < parameters.count; k++) {
        sg_node w = sg_nodes_at(parameters, k);
        size_t n = sg_shape_size(sg_node_shape(w));
        double *values = sg_alloc(n * sizeof *values);
        sg_get(p, w, values);
        for (size_t i = 0; sg_node_shape(w).rank == 2 && i < n; i++) {
            *all += 1;
            *others += values[i] != 0;
        }
        free(values);
    }
}

/* Five per cent of the weights are not 0; no weight moves by more than lr a step; maxima outlive
 * the ends of episodes, traces do not, and targets go on through a time limit. */
Test(time_limits, the_form_of_2026_by_settings)
{
    const sg_algorithm *a = sg_algorithm_find("stream_ac", NULL);
    const char *set = "optimizer=adamax,erdos_renyi=on,sparsity=0.95,time_limits=bootstrap";
    sg_error error = {""};
    void *config = sg_algorithm_config(a, NULL, &set, 1, &error);
    cr_assert(config, "%s", error.text);
    sg_program *p = trace_program(a, config, 4, 2, SG_F64);
    int all, others;
    count_weights(p, &all, &others);
    cr_expect(abs(others - all / 20) <= 6, "%d of %d", others, all);

    double before[4096], after[4096], most[2] = {0};
    static const char *const heads[] = {"actor.mu.weight", "critic.v.weight"};
    static const double lr[] = {1e-4, 2e-4};
    for (int t = 0; t < 20; t++)
        for (int k = 0; k < 2; k++) {
            sg_get(p, sg_find(p, heads[k]), before);
            step(p, 0, t % 5 == 4);
            sg_get(p, sg_find(p, heads[k]), after);
            for (int i = 0; i < 128; i++)
                most[k] = fmax(most[k], fabs(after[i] - before[i]) / lr[k]);
        }
    cr_expect(most[0] > 0.5 && most[0] <= 1 + 1e-9, "%g", most[0]);
    cr_expect(most[1] > 0.5 && most[1] <= 1 + 1e-9, "%g", most[1]);

    step(p, 0, 1);
    double delta = sg_get_number(p, trace_report(p, "losses/td_error"));
    double value = sg_get_number(p, trace_report(p, "losses/value"));
    cr_expect(fabs(delta - (2 - value)) > 1e-6, "bootstrapped");
    cr_expect(largest_trace(p, "critic.v.bias.trace") == 0);
    cr_expect(largest_trace(p, "critic.v.bias.exp_inf") > 0);
    trace_free(p);
    free(config);
}
