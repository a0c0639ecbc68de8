/* test_norm.c - layer norm and its gradient, one kernel each, against the chain of ops that they
 * equal: the same bits on every instruction set. */
#include <criterion/criterion.h>
#include <string.h>

#include "autograd/grad.h"
#include "autograd/layers.h"
#include "autograd/program.h"

enum { MOST = 1000 };

/* y and dx of one form. */
static void evaluate(sg_node (*form)(sg_node, double), sg_isa isa, sg_dtype dtype, sg_shape shape,
                     double y[MOST], double dx[MOST])
{
    sg_graph *g = sg_graph_new(dtype);
    sg_node x = sg_parameter(g, "x", shape, sg_init_normal(0.3, 2));
    sg_node dy = sg_parameter(g, "dy", shape, sg_init_normal(0, 1));
    sg_node normed = form(x, 1e-5);
    sg_node gradient = sg_nodes_at(sg_grad(sg_dot(normed, dy), sg_list(x)), 0);
    sg_phase_values(g, "run", normed, gradient);
    sg_compile_options options = sg_compile_options_default();
    options.isa = isa;
    sg_program *p = sg_compile(g, options);
    sg_run(p, 0);
    sg_get(p, normed, y);
    sg_get(p, gradient, dx);
    sg_program_free(p);
    sg_graph_free(g);
}

Test(norm, equals_the_chain_of_ops)
{
    const sg_shape shapes[] = {
        sg_vector(1),   sg_vector(2),    sg_vector(15),    sg_vector(64),    sg_vector(128),
        sg_vector(333), sg_vector(MOST), sg_matrix(1, 20), sg_matrix(7, 16), sg_matrix(3, 101)};
    int compared = 0;
    for (int isa = 0; isa < SG_ISA_COUNT; isa++)
        for (int dtype = SG_F32; sg_isa_usable((sg_isa)isa) && dtype <= SG_F64; dtype++)
            for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++, compared++) {
                static double y[2][MOST], dx[2][MOST];
                evaluate(sg_layer_norm, (sg_isa)isa, (sg_dtype)dtype, shapes[i], y[0], dx[0]);
                evaluate(sg_layer_norm_plain, (sg_isa)isa, (sg_dtype)dtype, shapes[i], y[1], dx[1]);
                char text[64];
                cr_expect_arr_eq(y[0], y[1], sizeof y[0], "%s %s: y", sg_isa_name((sg_isa)isa),
                                 sg_shape_text(shapes[i], text));
                cr_expect_arr_eq(dx[0], dx[1], sizeof dx[0], "%s %s: dx", sg_isa_name((sg_isa)isa),
                                 sg_shape_text(shapes[i], text));
            }
    cr_assert(compared >= 20, "%d", compared);
}
