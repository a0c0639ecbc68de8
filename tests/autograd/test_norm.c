/* test_norm.c - layer norm, L2 normalisation and their gradients, one kernel each, against the
 * chains of ops that they equal: the same bits on every instruction set. */
#include <criterion/criterion.h>
#include <string.h>

#include "autograd/grad.h"
#include "autograd/layers.h"
#include "autograd/program.h"

enum { MOST = 1000 };

typedef sg_node normalisation(sg_node x);
static sg_node layer_norm(sg_node x) { return sg_layer_norm(x, 1e-5); }
static sg_node layer_norm_plain(sg_node x) { return sg_layer_norm_plain(x, 1e-5); }

typedef struct {
    sg_isa isa;
    sg_dtype dtype;
    sg_shape shape;
    double scale; /* of x; some are zeros */
} problem;

static void evaluate(problem c, normalisation *form, double y[MOST], double dx[MOST])
{
    sg_graph *g = sg_graph_new(c.dtype);
    sg_node x = sg_parameter(g, "x", c.shape, sg_init_normal(0.3 * c.scale, 2 * c.scale));
    sg_node dy = sg_parameter(g, "dy", c.shape, sg_init_normal(0, 1));
    sg_node normed = form(sg_leaky_relu(x, 0));
    sg_node gradient = sg_nodes_at(sg_grad(sg_dot(normed, dy), sg_list(x)), 0);
    sg_phase_values(g, "run", normed, gradient);
    sg_compile_options options = sg_compile_options_default();
    options.isa = c.isa;
    sg_program *p = sg_compile(g, options);
    sg_run(p, 0);
    sg_get(p, normed, y);
    sg_get(p, gradient, dx);
    sg_program_free(p);
    sg_graph_free(g);
}

static void compare(problem c, normalisation *kernel, normalisation *chain)
{
    static double y[2][MOST], dx[2][MOST];
    char text[64];
    evaluate(c, kernel, y[0], dx[0]);
    evaluate(c, chain, y[1], dx[1]);
    cr_expect_arr_eq(y[0], y[1], sizeof y[0], "%s %s, times %g: y", sg_isa_name(c.isa),
                     sg_shape_text(c.shape, text), c.scale);
    cr_expect_arr_eq(dx[0], dx[1], sizeof dx[0], "%s %s, times %g: dx", sg_isa_name(c.isa),
                     sg_shape_text(c.shape, text), c.scale);
}

/* Returns how many were compared. */
static int on_all_sets(normalisation *kernel, normalisation *chain)
{
    const sg_shape shapes[] = {
        sg_vector(1),   sg_vector(2),    sg_vector(15),    sg_vector(64),    sg_vector(128),
        sg_vector(333), sg_vector(MOST), sg_matrix(1, 20), sg_matrix(7, 16), sg_matrix(3, 101)};
    const double scales[] = {1, 0, 1e-16};
    int compared = 0;
    for (int isa = 0; isa < SG_ISA_COUNT; isa++)
        for (int dtype = SG_F32; sg_isa_usable((sg_isa)isa) && dtype <= SG_F64; dtype++)
            for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
                for (int k = 0; k < 3; k++, compared++)
                    compare((problem){(sg_isa)isa, (sg_dtype)dtype, shapes[i], scales[k]}, kernel,
                            chain);
    return compared;
}

Test(norm, layer_norm_equals_its_chain)
{
    int compared = on_all_sets(layer_norm, layer_norm_plain);
    cr_assert(compared >= 60, "%d", compared);
}

Test(norm, l2_normalize_equals_its_chain)
{
    int compared = on_all_sets(sg_l2_normalize, sg_l2_normalize_plain);
    cr_assert(compared >= 60, "%d", compared);
}

/* Where the norm is 0 the second derivative is 0, too, and no product of it overflows. */
Test(norm, second_derivative_at_zero)
{
    double second[3];
    sg_graph *g = sg_graph_new(SG_F32);
    sg_node x = sg_parameter(g, "x", sg_vector(3), sg_init_constant(0));
    sg_node large = sg_constant_array(g, sg_vector(3), (double[]){2e4, 2e4, 2e4});
    sg_node first = sg_nodes_at(sg_grad(sg_dot(sg_l2_normalize(x), large), sg_list(x)), 0);
    sg_node y = sg_nodes_at(sg_grad(sg_dot(first, large), sg_list(x)), 0);
    sg_phase_values(g, "run", y);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    sg_run(p, 0);
    sg_get(p, y, second);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(second[i], 0, "%g", second[i]);
    sg_program_free(p);
    sg_graph_free(g);
}
