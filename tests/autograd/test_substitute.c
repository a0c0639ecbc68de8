/* test_substitute.c - an expression built again of other nodes. */
#include <criterion/criterion.h>

#include "autograd/ops.h"
#include "autograd/program.h"
#include "autograd/substitute.h"
#include "tests/misuse.h"

Test(substitute, replaces_what_depends_and_shares_the_rest)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_input(g, "x", 1), y = sg_input(g, "y", 1), z = sg_input(g, "z", 1);
    sg_node apart = sg_exp(y), inner = sg_mul(x, apart);
    sg_node f = sg_add(sg_square(inner), sg_sub(x, y));

    /* a leaf: (z e^y)^2 + z - y, from nodes that are there already where they can be */
    sg_node of_z = sg_substitute(f, sg_list(x), sg_list(z));
    sg_node by_hand = sg_add(sg_square(sg_mul(z, apart)), sg_sub(z, y));
    cr_expect_eq(of_z.id, by_hand.id);
    /* an inner node: z^2 + x - y */
    sg_node inside = sg_substitute(f, sg_list(inner), sg_list(z));
    cr_expect_eq(inside.id, sg_add(sg_square(z), sg_sub(x, y)).id);
    /* nothing to replace, and two exchanged */
    cr_expect_eq(sg_substitute(apart, sg_list(x), sg_list(z)).id, apart.id);
    sg_node exchanged = sg_substitute(f, sg_list(x, y), sg_list(y, x));
    cr_expect_eq(exchanged.id, sg_add(sg_square(sg_mul(y, sg_exp(x))), sg_sub(y, x)).id);
    sg_graph_free(g);
}

/* An op with several outputs writes all of them, whichever the expression reads. */
Test(substitute, builds_an_op_again_with_all_of_its_outputs)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node z = sg_state(g, "z", sg_vector(3), SG_F64, 1), x = sg_input(g, "x", 3);
    sg_node trace = sg_trace_step(z, x, 0.5), norm = sg_sum(sg_output(trace, 1));
    sg_node y = sg_fill(g, sg_vector(3), -2);
    sg_node sum = sg_substitute(sg_sum(trace), sg_list(x), sg_list(y));
    sg_node size = sg_substitute(norm, sg_list(x), sg_list(y));
    sg_phase_values(g, "run", sum, size);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    sg_run(p, 0);
    cr_expect_eq(sg_get_number(p, sum), -4.5);
    cr_expect_eq(sg_get_number(p, size), 4.5);
    sg_program_free(p);
    sg_graph_free(g);
}

static void substitute_in_another_graph(void)
{
    sg_graph *g = sg_graph_new(SG_F64), *other = sg_graph_new(SG_F64);
    sg_node x = sg_input(other, "x", 1);
    sg_substitute(sg_input(g, "x", 1), sg_list(x), sg_list(x));
}

Test(substitute, names_its_mistakes)
{
    const char *message = misuse_of(substitute_in_another_graph);
    cr_expect_str_eq(message, "substitute: the expression and both lists must be of one graph");
}

Test(substitute, knows_what_is_random)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_input(g, "x", 1), noise = sg_normal(g, "noise", sg_vector(1));
    sg_node f = sg_add(x, sg_tanh(noise));
    cr_expect(sg_is_random(f));
    cr_expect_not(sg_is_random(sg_square(x)));
    cr_expect_not(sg_is_random(sg_substitute(f, sg_list(noise), sg_list(x))));
    sg_graph_free(g);
}
