/* test_phases.c - what one phase leaves to another: values, further outputs, draws, states. */
#include <criterion/criterion.h>

#include "autograd/ops.h"
#include "autograd/program.h"
#include "tests/misuse.h"

/* With every rewrite, without any, and with all nodes kept. */
enum { WAYS = 3 };
static sg_program *compile(const sg_graph *g, int way)
{
    sg_compile_options options = sg_compile_options_default();
    options.without = way == 1 ? SG_REWRITE_ALL : 0;
    options.keep_all = way == 2;
    return sg_compile(g, options);
}

/* The sums of a trace are read by a later phase, after another has used the memory. */
Test(phases, a_further_output_lasts_until_it_is_read)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node z = sg_state(g, "z", sg_vector(4), SG_F64, 3);
    sg_node next = sg_trace_step(z, sg_fill(g, sg_vector(4), -2), 0.5);
    sg_node sum = sg_scale(sg_output(next, 1), 10), other = sg_square(sg_sum(sg_exp(z)));
    sg_phase_updates(g, "act", sg_assign(z, next));
    sg_phase_values(g, "look", other);
    sg_phase_values(g, "learn", sum);
    for (int way = 0; way < WAYS; way++) {
        sg_program *p = compile(g, way);
        for (int phase = 0; phase < 3; phase++)
            sg_run(p, phase);
        cr_expect_eq(sg_get_number(p, sum), 20, "way %d: %g", way, sg_get_number(p, sum));
        sg_program_free(p);
    }
    sg_graph_free(g);
}

/* A draw that is itself the value of a phase is drawn by it, and by phases alone apart from it. */
Test(phases, a_draw_may_be_a_value)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_normal(g, "x", sg_vector(1)), ten = sg_scale(x, 10);
    sg_phase_values(g, "act", sg_stop_grad(x));
    sg_report(g, "act", "x", x);
    sg_phase_alone(g, "look");
    sg_phase_values(g, "look", x);
    sg_phase_values(g, "learn", ten);
    for (int way = 0; way < WAYS; way++) {
        sg_program *p = compile(g, way);
        for (int t = 0; t < 3; t++) {
            double before = sg_report_value(p, 0);
            sg_run(p, sg_phase_find(p, "act"));
            double drawn = sg_report_value(p, 0);
            cr_expect(drawn != before && drawn == sg_get_number(p, sg_stop_grad(x)));
            sg_run(p, sg_phase_find(p, "look"));
            cr_expect_neq(sg_get_number(p, x), drawn);
            sg_run(p, sg_phase_find(p, "learn"));
            cr_expect_eq(sg_get_number(p, ten), 10 * drawn, "way %d", way);
        }
        sg_program_free(p);
    }
    sg_graph_free(g);
}

/* What act computes is of the states from before its updates, whoever reads it, also where it need
 * not be formed: another shape, a gradient read as rows, a number times a matrix. */
Test(phases, values_are_of_the_states_before_the_updates)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node s = sg_state(g, "s", sg_vector(2), SG_F64, 1);
    sg_node k = sg_state(g, "k", sg_vector(1), SG_F64, 1);
    sg_node W = sg_parameter(g, "W", sg_matrix(2, 2), sg_init_constant(0));
    sg_node stopped = sg_stop_grad(s), shaped = sg_reshape(s, sg_matrix(2, 1));
    sg_node rows = sg_mul(sg_outer(s, sg_fill(g, sg_vector(2), 1)), k);
    sg_node sum = sg_add(sg_sum(stopped), sg_sum(sg_scale(shaped, 10)));
    sg_phase_values(g, "act", stopped, shaped, rows);
    sg_phase_updates(g, "act",
                     sg_join(sg_assign(s, sg_offset(s, 1)), sg_assign(k, sg_offset(k, 1))));
    sg_phase_values(g, "learn", sum);
    sg_phase_updates(g, "learn", sg_assign(W, sg_add_scaled(W, 1, rows)));
    for (int way = 0; way < WAYS; way++) {
        sg_program *p = compile(g, way);
        double values[4], want[] = {1, 5, 14};
        for (int t = 0; t < 3; t++) {
            sg_run(p, 0);
            sg_get(p, stopped, values);
            cr_expect_eq(values[1], t + 1, "way %d: %g after act", way, values[1]);
            sg_run(p, 1);
            cr_expect_eq(sg_get_number(p, sum), 22 * (t + 1), "way %d", way);
            sg_get(p, W, values);
            cr_expect_eq(values[3], want[t], "way %d: %g", way, values[3]);
        }
        sg_program_free(p);
    }
    sg_graph_free(g);
}

/* ---- order ---- */

static void run_twice(void)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_phase_values(g, "act", sg_normal(g, "x", sg_vector(1)));
    sg_phase_values(g, "learn", sg_uniform(g, "y", sg_vector(1)));
    sg_program *p = sg_compile(g, sg_compile_options_default());
    sg_run(p, 0);
    sg_run(p, 0);
    sg_run(p, 1);
    sg_run(p, 0);
    sg_run(p, 1);
    sg_run(p, 1);
}

/* A step may begin anew, but does not go back into itself. */
Test(phases, a_step_runs_each_phase_once)
{
    const char *message = misuse_of(run_twice);
    cr_expect_str_eq(message, "run: phase 'learn' a second time in a step");
}
