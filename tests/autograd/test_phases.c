/* test_phases.c - what one phase leaves to another: values, further outputs, draws, states. */
#include <criterion/criterion.h>

#include "autograd/ops.h"
#include "autograd/program.h"

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
