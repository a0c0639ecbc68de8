/* test_compositions.c - ops and layers that are put together from others: their values, worked out
 * by hand. */
#include <criterion/criterion.h>
#include <math.h>

#include "autograd/layers.h"
#include "autograd/ops.h"
#include "autograd/program.h"
#include "optim/optim.h"

/* The node's numbers are these. */
static void expect_values(sg_node node, int count, const double *want)
{
    double have[16];
    sg_phase_values(node.graph, "run", node);
    sg_program *p = sg_compile(node.graph, sg_compile_options_default());
    cr_assert_eq(sg_shape_size(sg_node_shape(node)), (size_t)count);
    sg_run(p, 0);
    sg_get(p, node, have);
    for (int i = 0; i < count; i++)
        cr_expect(fabs(have[i] - want[i]) <= 1e-12, "[%d] is %g, not %g", i, have[i], want[i]);
    sg_program_free(p);
    sg_graph_free(node.graph);
}

static sg_node given(sg_shape shape, const double *values)
{
    return sg_constant_array(sg_graph_new(SG_F64), shape, values);
}

Test(compositions, matmul)
{
    sg_node a = given(sg_matrix(2, 3), (double[]){1, 2, 3, 4, 5, 6});
    sg_node b = sg_constant_array(a.graph, sg_matrix(3, 1), (double[]){1, 0, -1});
    expect_values(sg_matmul(a, b), 2, (double[]){-2, -2});
}

Test(compositions, l2_norm_last)
{
    sg_node x = given(sg_matrix(2, 2), (double[]){3, 4, -5, 12});
    expect_values(sg_l2_norm_last(x), 2, (double[]){5, 13});
}

Test(compositions, one_hot)
{
    sg_node index = given(sg_matrix(2, 1), (double[]){2, 0});
    expect_values(sg_one_hot(index, 3), 6, (double[]){0, 0, 1, 1, 0, 0});
}

/* It starts as the identity behind the plain one. */
Test(compositions, layer_norm_layer)
{
    sg_node x = given(sg_vector(2), (double[]){-3, 3});
    sg_layer_norm_layer layer = sg_layer_norm_layer_new(x.graph, "norm", 2);
    sg_node y = sg_layer_norm_layer_apply(layer, x, 7);
    cr_expect_eq(sg_parameters(x.graph).count, 2);
    expect_values(y, 2, (double[]){-0.75, 0.75}); /* 3 / sqrt(9 + 7) */
}

/* A first step of AdaMax as Stream-X has it: lr g / |g|. */
Test(compositions, adamax_config_default)
{
    sg_adamax_config c = sg_adamax_config_default();
    cr_expect(c.lr == 2e-4 && c.beta2 == 0.99995 && c.eps == 1e-8 && !c.rate.graph);
}
