/* test_behaviour.c - random actions at the start, noise within bounds, and epsilon. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "autograd/ops.h"
#include "autograd/program.h"
#include "rl/behaviour.h"

static const sg_env_spec spec = {.action_size = 2, .action_low = {-1, -0.5}, .action_high = {1, 2}};

static sg_program *compiled(sg_graph *g, sg_explored e)
{
    sg_phase_values(g, "act", e.action, e.explored);
    sg_phase_updates(g, "act", e.updates);
    return sg_compile(g, sg_compile_options_default());
}

Test(behaviour, first_actions_are_uniform_over_the_box)
{
    enum { START = 4000 };
    sg_graph *g = sg_graph_new(SG_F32);
    sg_action_box box = sg_action_box_of(g, &spec);
    sg_explored e = sg_random_start(&box, sg_input(g, "A", 2), START);
    sg_program *p = compiled(g, e);
    double A[2] = {0.125, 0.25}, action[2], mean[2] = {0}, least[2] = {9, 9}, most[2] = {-9, -9};
    sg_set(p, sg_find(p, "A"), A);
    for (int t = 0; t < START; t++) {
        sg_run(p, 0);
        sg_get(p, e.action, action);
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
    sg_get(p, e.action, action);
    cr_expect(action[0] == A[0] && action[1] == A[1] && sg_get_number(p, e.explored) == 0);
    sg_program_free(p);
    sg_graph_free(g);
}

Test(behaviour, noise_is_measured_in_half_widths_and_ends_at_the_bounds)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_action_box box = sg_action_box_of(g, &spec);
    sg_node noisy = sg_box_noise(&box, sg_input(g, "A", 2), "noise", 0.1);
    double action[2];
    sg_phase_values(g, "act", noisy);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    sg_program_hold_draws(p, true);
    sg_set(p, sg_find(p, "A"), (double[]){0.5, 1.5});
    sg_set(p, sg_find(p, "noise"), (double[]){2, -2});
    sg_run(p, 0);
    sg_get(p, noisy, action);
    cr_expect_float_eq(action[0], 0.7, 1e-12);
    cr_expect_float_eq(action[1], 1.25, 1e-12);
    sg_set(p, sg_find(p, "noise"), (double[]){-20, 20});
    sg_run(p, 0);
    sg_get(p, noisy, action);
    cr_expect(action[0] == -1 && action[1] == 2);
    sg_program_free(p);
    sg_graph_free(g);
}

/* Epsilon at steps 0, 1000, ... of a line over 4000; half of the actions over it are random. */
Test(behaviour, epsilon_falls_in_a_line_and_stays)
{
    enum { N = 4 };
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node epsilon;
    sg_epsilon_line line = {1, 0.2, 4000};
    sg_explored e = sg_random_sometimes(sg_input(g, "greedy", 1), N, line, &epsilon);
    sg_phase_values(g, "act", e.action, e.explored, epsilon);
    sg_phase_updates(g, "act", e.updates);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    sg_set(p, sg_find(p, "greedy"), (double[]){2});
    int explored = 0, counts[N] = {0};
    for (int t = 0; t < 8000; t++) {
        sg_run(p, 0);
        cr_assert_float_eq(sg_get_number(p, epsilon), fmax(1 - 0.8 * t / 4000, 0.2), 1e-12);
        int action = (int)sg_get_number(p, e.action);
        bool random = sg_get_number(p, e.explored) != 0;
        cr_assert(random || action == 2);
        explored += random;
        counts[action] += random;
    }
    /* 4000 * 0.6 + 4000 * 0.2 = 3200 expected, standard deviation under 40 */
    cr_expect(abs(explored - 3200) < 200, "%d random actions", explored);
    for (int a = 0; a < N; a++)
        cr_expect(abs(counts[a] - explored / N) < 150, "action %d: %d", a, counts[a]);
    sg_program_free(p);
    sg_graph_free(g);
}
