/* test_documented_ops.c - the ops of docs/new-op.md compute what they say, and their gradients are
 * the slopes of what they compute. */
#include <criterion/criterion.h>
#include <math.h>

#include "autograd/program.h"
#include "tests/autograd/documented_ops.h"

/* The sections' functions. */
void sg_eval_cube(const sg_call *call);
void sg_eval_elu(const sg_call *call);
void sg_vjp_cube(sg_node y, sg_node dy, const sg_node *x, sg_node *dx);
void sg_vjp_elu(sg_node y, sg_node dy, const sg_node *x, sg_node *dx);
sg_node sg_example_elu(sg_graph *g, int op, int variant);

typedef struct {
    void (*eval)(const sg_call *call);
    void (*vjp)(sg_node y, sg_node dy, const sg_node *x, sg_node *dx);
} section;

static const section CUBE = {sg_eval_cube, sg_vjp_cube}, ELU = {sg_eval_elu, sg_vjp_elu};
static const double ALPHA = 0.5;

static double compute(section op, double x)
{
    double y = NAN;
    sg_attributes numbers = {.number = {ALPHA}};
    sg_call call = {.in = {&x}, .out = {&y}, .size = 1, .attr = &numbers, .in_dtype = {SG_F64}};
    op.eval(&call);
    return y;
}

/* dx at `x`. The node y is of the op whose id is borrowed: it is pinned to what the section makes.
 */
static double slope(section op, double x)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node input = sg_input(g, "x", 1), dx = {0};
    sg_node y = sg_elu(input, ALPHA);
    op.vjp(y, sg_constant(g, 1), &input, &dx);
    sg_phase_values(g, "look", y, dx);
    sg_compile_options options = sg_compile_options_default();
    options.keep_all = true;
    options.without = SG_REWRITE_ALL;
    sg_program *p = sg_compile(g, options);
    double result = compute(op, x);
    sg_program_pin(p, y);
    sg_program_freeze(p, true);
    sg_set(p, input, &x);
    sg_set(p, y, &result);
    sg_run(p, 0);
    result = sg_get_number(p, dx);
    sg_program_free(p);
    sg_graph_free(g);
    return result;
}

Test(documented_ops, values_and_gradients_are_right)
{
    static const double POINTS[] = {-2, -0.75, 0.25, 1.5};
    for (int i = 0; i < 4; i++) {
        double x = POINTS[i], h = 1e-6;
        cr_assert_float_eq(compute(CUBE, x), x * x * x, 1e-15);
        cr_assert_float_eq(compute(ELU, x), x > 0 ? x : ALPHA * (exp(x) - 1), 1e-15);
        double cube = (compute(CUBE, x + h) - compute(CUBE, x - h)) / (2 * h);
        double elu = (compute(ELU, x + h) - compute(ELU, x - h)) / (2 * h);
        cr_assert_float_eq(slope(CUBE, x), cube, 1e-7, "%g and not %g", slope(CUBE, x), cube);
        cr_assert_float_eq(slope(ELU, x), elu, 1e-7, "%g and not %g", slope(ELU, x), elu);
    }
}

/* Floats are rounded once; numbers stay doubles. */
Test(documented_ops, floats_are_rounded_once)
{
    float x[] = {-1, 3}, y[2];
    sg_attributes numbers = {.number = {ALPHA}};
    sg_call call = {.in = {x}, .out = {y}, .size = 2, .attr = &numbers, .in_dtype = {SG_F32}};
    sg_eval_elu(&call);
    cr_assert(y[0] == (float)(ALPHA * expm1(-1)) && y[1] == 3);
}

Test(documented_ops, examples_are_built)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node y = sg_example_elu(g, SG_OP_elu, 0);
    cr_assert(y.graph == g && sg_node_attributes(y)->number[0] == ALPHA);
    cr_assert_null(sg_example_elu(g, SG_OP_elu, 1).graph);
    sg_graph_free(g);
}
