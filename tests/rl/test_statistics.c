/* test_statistics.c - the TD-error scaler against recorded traces of the published one, and running
 * moments against sums over the whole stream. */
#include <criterion/criterion.h>
#include <math.h>

#include "autograd/ops.h"
#include "autograd/program.h"
#include "rl/statistics.h"
#include "tests/trace.h"

static double off(double value, double recorded)
{
    return fabs(value - recorded) / fmax(1, fabs(recorded));
}

static void follow_scaler(const char *file)
{
    golden *g = golden_open(file);
    sg_graph *graph = sg_graph_new(SG_F64);
    sg_node R = sg_input(graph, "reward", 1), done = sg_input(graph, "terminated", 1);
    sg_node discount = sg_scale(sg_one_minus(done), golden_number(g, "hp/gamma"));
    sg_stat sigma = sg_return_spread(graph, R, discount, done, 1);
    sg_phase_values(graph, "learn", sigma.value);
    sg_phase_updates(graph, "learn", sigma.updates);
    sg_program *p = sg_compile(graph, sg_compile_options_default());

    trace_expect_settings_read(g, (const char *const[]){NULL});
    size_t steps;
    int ones = 0;
    const double *reward = golden_array(g, "ev/reward", &steps, NULL, NULL);
    const double *ended = golden_array(g, "ev/done", NULL, NULL, NULL);
    const double *recorded = golden_array(g, "ev/sigma", NULL, NULL, NULL);
    const double *mean = golden_array(g, "ev/return_sq_mean", NULL, NULL, NULL);
    for (size_t t = 0; t < steps; t++) {
        sg_set(p, R, &reward[t]);
        sg_set(p, done, &ended[t]);
        sg_run(p, 0);
        double sigma_now = sg_get_number(p, sigma.value);
        cr_assert(off(sigma_now, recorded[t]) <= 1e-12, "%s, event %zu: %g, not %g", file, t,
                  sigma_now, recorded[t]);
        double mean_now = sg_get_number(p, sg_find(p, "spread.squared_return.mean"));
        cr_assert(off(mean_now, mean[t]) <= 1e-12, "%s, event %zu: %g, not %g", file, t, mean_now,
                  mean[t]);
        ones += sigma_now == 1;
    }
    cr_log_info("%s: %zu events, sigma is 1 in %d", file, steps, ones);
    sg_program_free(p);
    sg_graph_free(graph);
    golden_close(g);
}

Test(statistics, spread_of_returns_follows_the_recorded_scaler)
{
    const char *file;
    for (int i = 0; (file = golden_recording("norm_tdscaler", i)); i++)
        follow_scaler(file);
}

/* Welford's running moments against the two-pass formulas, counting every third sample only. */
Test(statistics, running_moments_equal_the_sums)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_input(g, "x", 1), when = sg_input(g, "when", 1);
    sg_moments m = sg_running_moments(g, "m", x, when);
    sg_phase_values(g, "run", m.mean, m.variance);
    sg_phase_updates(g, "run", m.updates);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    sg_random random;
    double kept[400], sum = 0, squares = 0;
    int n = 0;
    sg_random_seed(&random, 5);
    for (int t = 0; t < 1200; t++) {
        double value = 1e3 + sg_random_normal(&random), counts = t % 3 == 0;
        sg_set(p, x, &value);
        sg_set(p, when, &counts);
        sg_run(p, 0);
        if (counts)
            sum += kept[n++] = value;
    }
    for (int i = 0; i < n; i++)
        squares += (kept[i] - sum / n) * (kept[i] - sum / n);
    cr_expect_eq(n, 400);
    cr_expect_float_eq(sg_get_number(p, m.mean), sum / n, 1e-9);
    cr_expect_float_eq(sg_get_number(p, m.variance), squares / n, 1e-9);
    sg_program_free(p);
    sg_graph_free(g);
}
