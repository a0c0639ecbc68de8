/* test_exploration_noise.c - random actions at the start, noise within bounds, and the schedule of
 * epsilon. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "autograd/ops.h"
#include "autograd/program.h"
#include "rl/exploration.h"

static const sg_env_spec spec = {.action_size = 2, .action_low = {-1, -0.5}, .action_high = {1, 2}};

Test(exploration, first_actions_are_uniform_over_the_box)
{
    enum { START = 4000 };
    sg_graph *g = sg_graph_new(SG_F32);
    sg_node drawn = sg_random_start(&spec, sg_input(g, "A", 2), START);
    sg_phase_values(g, "act", drawn);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    double A[2] = {0.125, 0.25}, action[2], mean[2] = {0}, least[2] = {9, 9}, most[2] = {-9, -9};
    sg_set(p, sg_find(p, "A"), A);
    for (int t = 0; t < START; t++) {
        sg_run(p, 0);
        sg_get(p, drawn, action);
        for (int i = 0; i < 2; i++) {
            mean[i] += action[i] / START;
            least[i] = fmin(least[i], action[i]);
            most[i] = fmax(most[i], action[i]);
        }
    }
    /* the mean's standard deviation is width / sqrt(12 * 4000): 0.009 and 0.011 */
    for (int i = 0; i < 2; i++) {
        double low = spec.action_low[i], high = spec.action_high[i];
        cr_expect(fabs(mean[i] - (low + high) / 2) < 0.05, "mean %g", mean[i]);
        cr_expect(least[i] >= low && least[i] < low + 0.01, "least %g", least[i]);
        cr_expect(most[i] <= high && most[i] > high - 0.01, "most %g", most[i]);
    }
    sg_run(p, 0);
    sg_get(p, drawn, action);
    cr_expect(action[0] == A[0] && action[1] == A[1]);
    sg_program_free(p);
    sg_graph_free(g);
}

/* ---- noise ---- */

static void get_noisy(double deviation, double limit, double draw, double action[2])
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_action_box box = sg_action_box_of(g, &spec);
    sg_node draws = sg_normal(g, "noise", sg_vector(2));
    sg_node noisy = sg_box_noise(&box, sg_input(g, "A", 2), draws, deviation, limit);
    sg_phase_values(g, "act", noisy);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    sg_program_hold_draws(p, true);
    sg_set(p, sg_find(p, "A"), (double[]){0.5, 1.5});
    sg_set(p, sg_find(p, "noise"), (double[]){draw, -draw});
    sg_run(p, 0);
    sg_get(p, noisy, action);
    sg_program_free(p);
    sg_graph_free(g);
}

/* Half widths are 1 and 1.25. */
Test(exploration, noise_is_measured_in_half_widths_and_cut_off_at_its_limit)
{
    static const struct {
        double deviation, limit, draw, action[2];
    } cases[] = {
        {0.1, INFINITY, 2, {0.7, 1.25}}, {0.1, INFINITY, 20, {2.5, -1}}, /* beyond the bounds */
        {0.1, 0.5, 2, {0.7, 1.25}},      {0.1, 0.5, 20, {1, 0.875}},
        {0.1, 0.5, -20, {0, 2.125}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double action[2];
        get_noisy(cases[i].deviation, cases[i].limit, cases[i].draw, action);
        for (int k = 0; k < 2; k++)
            cr_expect_float_eq(action[k], cases[i].action[k], 1e-12, "case %zu: %g", i, action[k]);
    }
}

/* ---- epsilon ---- */

/* A line over 4000 steps: down, up, or level. */
Test(exploration, epsilon_goes_in_a_line_and_stays)
{
    static const sg_epsilon_schedule lines[] = {{1, 0.2, 4000}, {0.1, 0.3, 4000}, {0.5, 0.5, 1}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        sg_epsilon_schedule line = lines[i];
        sg_graph *g = sg_graph_new(SG_F64);
        sg_updates counting = {0};
        sg_node epsilon = sg_epsilon_at(sg_act_count(g, &counting), line);
        sg_phase_values(g, "act", epsilon);
        sg_phase_updates(g, "act", counting);
        sg_program *p = sg_compile(g, sg_compile_options_default());
        for (int t = 0; t < 8000; t++) {
            double expected = line.start + (line.end - line.start) * fmin(t / line.steps, 1);
            sg_run(p, 0);
            cr_assert_float_eq(sg_get_number(p, epsilon), expected, 1e-12, "line %zu, %d", i, t);
        }
        sg_program_free(p);
        sg_graph_free(g);
    }
}
