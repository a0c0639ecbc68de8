/* test_ops.c - every op of the list: gradients against finite differences (to second order where
 * the op is smooth), and every instruction set against the scalar one. Both run over the op table,
 * so an op added to the list is tested; the numbers of ops tested are asserted. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/check.h"
#include "autograd/grad.h"
#include "autograd/op.h"
#include "tests/misuse.h"

enum { MOST_VARIANTS = 32 };

/* Builds example `variant` of an op in a graph of its own; false if there is none. */
static bool example(int op, int variant, sg_dtype dtype, sg_graph **g, sg_node *y)
{
    *g = sg_graph_new(dtype);
    *y = sg_op_get(op)->example(*g, op, variant);
    if (y->graph)
        return true;
    sg_graph_free(*g);
    return false;
}

/* ---- gradients ---- */

static void check_gradient(int op, int variant, sg_graph *g, sg_node y)
{
    const sg_op_info *info = sg_op_get(op);
    sg_check_config config = sg_check_config_default();
    config.order = info->gradient == SG_GRADIENT_SMOOTH ? 2 : 1;
    sg_check_report report = sg_gradcheck(y, sg_parameters(g), config);
    cr_expect(sg_check_passed(&report), "%s, example %d: %d of %d failed; worst %g at %s (%g, %g)",
              info->name, variant, report.failed, report.checked, report.worst, report.where,
              report.gradient, report.difference);
}

Test(ops, gradients_of_every_op)
{
    int checked = 0, not_differentiable = 0, sources = 0;
    for (int op = 0; op < SG_OP_COUNT; op++) {
        const sg_op_info *info = sg_op_get(op);
        sources += info->is_source;
        not_differentiable += !info->is_source && info->gradient == SG_GRADIENT_NONE;
        if (info->is_source || info->gradient == SG_GRADIENT_NONE)
            continue;
        int variant = 0;
        sg_graph *g;
        sg_node y;
        for (; variant < MOST_VARIANTS && op != SG_OP_cast && op != SG_OP_stop_grad &&
               example(op, variant, SG_F64, &g, &y);
             variant++) {
            check_gradient(op, variant, g, y);
            sg_graph_free(g);
        }
        bool special = op == SG_OP_cast || op == SG_OP_stop_grad; /* tested below */
        cr_expect(special || variant > 0, "%s has no example", info->name);
        checked++;
    }
    cr_expect_eq(sources, 7);
    cr_expect_eq(not_differentiable, 3,
                 "only adam_step, trace_step and rms_direction are not differentiable");
    cr_expect_eq(checked + not_differentiable + sources, SG_OP_COUNT);
    printf("gradients of %d ops checked, %d not differentiable, %d sources\n", checked,
           not_differentiable, sources);
}

/* cast loses digits that differences would need: its gradient is compared exactly. */
Test(ops, gradient_of_cast_passes_through)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_parameter(g, "x", sg_vector(3), sg_init_normal(0, 1));
    sg_node y = sg_sum(sg_scale(sg_cast(sg_cast(x, SG_F32), SG_F64), 3));
    sg_nodes dx = sg_grad(y, sg_list(x));
    sg_phase_add_values(g, "run", dx);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    double values[3];
    sg_run(p, 0);
    sg_get(p, sg_nodes_at(dx, 0), values);
    for (int i = 0; i < 3; i++)
        cr_expect_float_eq(values[i], 3, 1e-12);
    sg_program_free(p);
    sg_graph_free(g);
}

/* stop_grad is x itself, and its gradient is nothing. */
Test(ops, stop_grad_ends_gradients)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_parameter(g, "x", sg_vector(1), sg_init_constant(3));
    sg_node y = sg_mul(x, sg_stop_grad(sg_square(x)));
    sg_nodes dx = sg_grad(y, sg_list(x));
    sg_phase_values(g, "run", y, sg_nodes_at(dx, 0));
    sg_program *p = sg_compile(g, sg_compile_options_default());
    sg_run(p, 0);
    cr_expect_eq(sg_get_number(p, y), 27);
    cr_expect_eq(sg_get_number(p, sg_nodes_at(dx, 0)), 9);
    sg_program_free(p);
    sg_graph_free(g);
}

/* A wrong gradient, and one that is NaN, must fail: the checker itself is checked. */
Test(ops, checker_refuses_wrong_and_nan_gradients)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_parameter(g, "x", sg_vector(4), sg_init_uniform(0.5, 1));
    sg_node wrong = sg_add(sg_square(x), sg_stop_grad(sg_square(x)));
    sg_node wrt_wrong = sg_sub(sg_scale(wrong, 0), sg_mul(sg_positive(x), sg_square(x)));
    sg_check_report good = sg_gradcheck(wrt_wrong, sg_list(x), sg_check_config_default());
    cr_expect(sg_check_passed(&good), "%g at %s", good.worst, good.where);

    sg_node nan = sg_sqrt(sg_scale(x, -1));
    sg_check_report bad = sg_gradcheck(nan, sg_list(x), sg_check_config_default());
    cr_expect_not(sg_check_passed(&bad));
    cr_expect_eq(bad.failed, 4);
    sg_graph_free(g);

    /* max_last's kink: differences across it disagree with the gradient at equal values */
    g = sg_graph_new(SG_F64);
    x = sg_parameter(g, "x", sg_vector(2), sg_init_constant(1));
    sg_check_report kink = sg_gradcheck(sg_max_last(x), sg_list(x), sg_check_config_default());
    cr_expect_not(sg_check_passed(&kink));
    sg_graph_free(g);

    sg_check_report nothing = {0};
    cr_expect_not(sg_check_passed(&nothing), "nothing checked is not passed");
}

/* The root's gradient at 0 is infinite, in the second element, which is not looked at; the first
 * one lies on a kink, where its gradient cannot agree. */
Test(ops, checker_is_not_blinded_by_infinity)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_parameter(g, "x", sg_vector(2), sg_init_constant(0));
    sg_node moved = sg_add(x, sg_constant_array(g, sg_vector(2), (double[]){1, 0}));
    sg_check_config config = sg_check_config_default();
    config.max_elements = 1;
    sg_check_report report = sg_gradcheck(sg_add(sg_sqrt(moved), sg_relu(x)), sg_list(x), config);
    cr_expect_eq(report.checked, 1);
    cr_expect_not(sg_check_passed(&report));
    sg_graph_free(g);
}

/* A matrix that its reader would take apart (plan.h, sg_rows_match), if it were not moved. */
static sg_node readable_as_rows(sg_node W, sg_node u, sg_node x, int variant)
{
    sg_node outer = sg_outer(u, x);
    return variant == 0   ? outer
           : variant == 1 ? sg_scale(W, 0.3)
           : variant == 2 ? sg_mul(W, sg_sum(u))
                          : sg_reshape(sg_reshape(outer, sg_vector(12)), sg_matrix(3, 4));
}

Test(ops, checker_moves_what_is_read_as_rows)
{
    for (int variant = 0; variant < 4; variant++) {
        sg_graph *g = sg_graph_new(SG_F64);
        sg_node W = sg_parameter(g, "W", sg_matrix(3, 4), sg_init_uniform(-1, 1));
        sg_node rows = readable_as_rows(W, sg_input(g, "u", 3), sg_input(g, "x", 4), variant);
        sg_node loss = sg_sum(sg_square(sg_add_scaled(W, -0.5, rows)));
        sg_phase_add_values(g, "learn", sg_grad(loss, sg_list(rows)));
        sg_check_report report = sg_gradcheck_graph(g, NULL, sg_check_config_default(), NULL, NULL);
        cr_expect(sg_check_passed(&report), "variant %d: %g at %s", variant, report.worst,
                  report.where);
        sg_graph_free(g);
    }
}

/* q's gradient by an action that a network has made, plain or stopped, and by an output of an op
 * with several. */
static sg_check_report check_by_action(int variant)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node W = sg_parameter(g, "W", sg_matrix(3, 4), sg_init_uniform(-1, 1));
    sg_node V = sg_parameter(g, "V", sg_matrix(5, 7), sg_init_uniform(-1, 1));
    sg_node obs = sg_input(g, "obs", 4), action = sg_tanh(sg_linear(W, obs));
    sg_adam_numbers adam = {.beta2 = 0.9, .eps = 0.1, .decay = 1};
    sg_node moved = sg_adam_step(action, (sg_node){0}, sg_square(action), action,
                                 sg_constant(g, 0.1), sg_constant(g, 1), &adam);
    action = variant == 1 ? sg_stop_grad(action) : variant == 2 ? sg_output(moved, 1) : action;
    sg_node q = sg_sum(sg_square(sg_linear(V, sg_concat(obs, action))));
    sg_phase_add_values(g, "learn", sg_grad(sg_mul(q, sg_sigmoid(q)), sg_list(action, V)));
    sg_check_report report = sg_gradcheck_graph(g, NULL, sg_check_config_default(), NULL, NULL);
    sg_graph_free(g);
    return report;
}

Test(ops, checker_moves_computed_nodes)
{
    for (int variant = 0; variant < 3; variant++) {
        sg_check_report report = check_by_action(variant);
        cr_expect_eq(report.checked, 3 + 5 * 7);
        cr_expect(sg_check_passed(&report), "variant %d: %g at %s", variant, report.worst,
                  report.where);
    }
    /* on a kink the gradient is wrong */
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_square(sg_parameter(g, "x", sg_vector(2), sg_init_constant(1)));
    sg_phase_add_values(g, "learn", sg_grad(sg_max_last(x), sg_list(x)));
    sg_check_report kink = sg_gradcheck_graph(g, NULL, sg_check_config_default(), NULL, NULL);
    cr_expect_geq(kink.failed, 1);
    sg_graph_free(g);
}

static sg_check_config asked;
static void check_as_asked(void)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_parameter(g, "x", sg_vector(2), sg_init_constant(1));
    sg_gradcheck(sg_square(x), sg_list(x), asked);
}

/* With a tolerance of 0 the floor would be infinite, and every gradient right. */
Test(ops, checker_refuses_numbers_that_check_nothing)
{
    const sg_check_config wrong[] = {
        {.step = 1e-5, .tolerance = 0, .order = 1},
        {.step = 0, .tolerance = 1e-5, .order = 1},
        {.step = 1e-5, .tolerance = NAN, .order = 1},
        {.step = 1e-5, .tolerance = 1e-5, .order = 0},
        {.step = 1e-5, .tolerance = 1e-5, .order = 1, .max_elements = -1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        asked = wrong[i];
        const char *message = misuse_of(check_as_asked);
        cr_expect(strstr(message, "gradcheck: "), "config %zu: '%s'", i, message);
    }
}

/* ---- instruction sets ---- */

/* The values of an example as one instruction set computes them. */
static double *evaluate(int op, int variant, sg_dtype dtype, sg_isa isa, size_t *n)
{
    sg_graph *g;
    sg_node y;
    if (!example(op, variant, dtype, &g, &y))
        return NULL;
    sg_phase_values(g, "run", y);
    sg_compile_options options = sg_compile_options_default();
    options.isa = isa;
    sg_program *p = sg_compile(g, options);
    *n = sg_shape_size(sg_node_shape(y));
    double *values = malloc(*n * sizeof *values);
    sg_run(p, 0);
    sg_get(p, y, values);
    sg_program_free(p);
    sg_graph_free(g);
    return values;
}

/* Largest difference, relative to the largest value; NaN counts as infinite. */
static double difference(const double *a, const double *b, size_t n)
{
    double most = 0, scale = 1e-30;
    for (size_t i = 0; i < n; i++)
        scale = fmax(scale, fabs(b[i]));
    for (size_t i = 0; i < n; i++) {
        double d = fabs(a[i] - b[i]) / scale;
        most = d <= most ? most : isnan(d) ? INFINITY : d;
    }
    return most;
}

static int compare_sets(int op, int variant, sg_dtype dtype)
{
    size_t n;
    int compared = 0;
    double *reference = evaluate(op, variant, dtype, SG_ISA_SCALAR, &n);
    for (int isa = SG_ISA_SCALAR + 1; isa < SG_ISA_COUNT && reference; isa++) {
        if (!sg_isa_usable((sg_isa)isa))
            continue;
        double *values = evaluate(op, variant, dtype, (sg_isa)isa, &n);
        double off = difference(values, reference, n);
        cr_expect(off <= (dtype == SG_F32 ? 2e-5 : 1e-13), "%s, example %d, %s %s: off by %g",
                  sg_op_get(op)->name, variant, sg_isa_name((sg_isa)isa), sg_dtype_name(dtype),
                  off);
        compared++;
        free(values);
    }
    free(reference);
    return compared;
}

Test(ops, every_instruction_set_agrees_with_scalar)
{
    int sets = 0, ops = 0;
    for (int isa = SG_ISA_SCALAR + 1; isa < SG_ISA_COUNT; isa++)
        sets += sg_isa_usable((sg_isa)isa);
    for (int op = 0; op < SG_OP_COUNT; op++) {
        if (sg_op_get(op)->is_source)
            continue;
        ops++;
        for (int dtype = SG_F32; dtype <= SG_F64; dtype++) {
            int variant = SG_BENCH;
            while (sets && compare_sets(op, variant, (sg_dtype)dtype) == sets)
                variant++;
            cr_expect(variant > 0 || !sets, "%s has no example", sg_op_get(op)->name);
        }
    }
    cr_expect_eq(ops, SG_OP_COUNT - 7);
    cr_log_info("%d ops on %d instruction sets besides scalar", ops, sets);
}
