/* test_surrogate.c - clipped losses: their values on both sides of each bound, and where their
 * gradients end. */
#include <criterion/criterion.h>
#include <math.h>

#include "autograd/grad.h"
#include "autograd/ops.h"
#include "autograd/program.h"
#include "rl/surrogate.h"

enum { N = 6 };
static const double EPSILON = 0.2;

/* The values of y [N, 1], and the gradients of its sum in x, once all inputs are set. */
static void evaluate(sg_node y, sg_node x, const sg_node *inputs, const double (*values)[N],
                     int input_count, double result[N], double slope[N])
{
    sg_graph *g = y.graph;
    sg_node gradient = sg_nodes_at(sg_grad(sg_sum(y), sg_list(x)), 0);
    sg_phase_values(g, "p", y, gradient);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    for (int k = 0; k < input_count; k++)
        sg_set(p, inputs[k], values[k]);
    sg_run(p, 0);
    sg_get(p, y, result);
    sg_get(p, gradient, slope);
    sg_program_free(p);
    sg_graph_free(g);
}

static sg_node column(sg_graph *g, const char *name)
{
    return sg_input_shaped(g, name, sg_matrix(N, 1));
}

/* Ratios within and beyond 1 +- 0.2, for good and bad actions. */
Test(surrogate, nothing_is_gained_by_a_ratio_beyond)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x[] = {column(g, "log_prob"), column(g, "old"), column(g, "A")};
    double ratio[N] = {1.1, 1.5, 0.5, 1.1, 1.5, 0.5}, y[N], slope[N];
    double values[3][N] = {{0}, {-1, -2, -3, -1, -2, -3}, {2, 2, 2, -2, -2, -2}};
    static const double loss[N] = {-2.2, -2.4, -1, 2.2, 3, 1.6};
    static const bool learns[N] = {true, false, true, true, true, false};
    for (int i = 0; i < N; i++)
        values[0][i] = values[1][i] + log(ratio[i]);
    sg_node surrogate = sg_clipped_surrogate(sg_policy_ratio_of(x[0], x[1]), x[2], EPSILON);
    evaluate(surrogate, x[0], x, values, 3, y, slope);
    for (int i = 0; i < N; i++) {
        double expected = learns[i] ? -values[2][i] * ratio[i] : 0;
        cr_expect_float_eq(y[i], loss[i], 1e-12, "sample %d: %g", i, y[i]);
        cr_expect_float_eq(slope[i], expected, 1e-12, "sample %d: slope %g", i, slope[i]);
    }
}

/* The old value is 1 in all: v within 0.2 of it, and beyond, towards the target and away. */
Test(surrogate, errors_are_of_the_value_held_near_where_that_is_worse)
{
    static const double values[3][N] = {
        {1.1, 1.5, 1.5, 0.5, 0.5, 0.9}, {1, 1, 1, 1, 1, 1}, {3, 3, -1, 3, -1, 0}};
    static const double held[N] = {1.9, 1.8, 2.5, 2.5, 1.8, 0.9}; /* roots of the errors */
    static const bool learns[N] = {true, false, true, true, false, true};
    for (int clips = 0; clips < 2; clips++) {
        double y[N], slope[N];
        sg_graph *g = sg_graph_new(SG_F64);
        sg_node x[] = {column(g, "v"), column(g, "old"), column(g, "target")};
        sg_node error = sg_clipped_error(x[0], x[1], x[2], clips ? EPSILON : INFINITY);
        evaluate(error, x[0], x, values, 3, y, slope);
        for (int i = 0; i < N; i++) {
            double off = values[0][i] - values[2][i], root = clips ? held[i] : fabs(off);
            double expected = !clips || learns[i] ? 2 * off : 0;
            cr_expect_float_eq(y[i], root * root, 1e-12, "value %d: %g", i, y[i]);
            cr_expect_float_eq(slope[i], expected, 1e-12, "value %d: slope %g", i, slope[i]);
        }
    }
}

Test(surrogate, kl_and_what_is_beyond)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x[] = {column(g, "log_prob"), column(g, "old")};
    double ratio[N] = {1, 1.19, 1.21, 0.81, 0.79, 3}, y[N], slope[N];
    static const double beyond[N] = {0, 0, 1, 0, 1, 1};
    double values[2][N] = {{0}, {-1, -1, -1, 2, 2, 2}};
    for (int i = 0; i < N; i++)
        values[0][i] = values[1][i] + log(ratio[i]);
    sg_policy_ratio moved = sg_policy_ratio_of(x[0], x[1]);
    sg_node both = sg_add(sg_approximate_kl(moved), sg_scale(sg_ratio_beyond(moved, EPSILON), 10));
    evaluate(both, x[0], x, values, 2, y, slope);
    for (int i = 0; i < N; i++) {
        double kl = ratio[i] - 1 - log(ratio[i]);
        cr_expect_float_eq(y[i], kl + 10 * beyond[i], 1e-12, "sample %d: %g", i, y[i]);
    }
}
