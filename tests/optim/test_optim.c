/* test_optim.c - optimisers against recorded traces (torch.optim.Adam, float64) and against their
 * composites in plain ops, fused and unfused. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/grad.h"
#include "autograd/ops.h"
#include "autograd/program.h"
#include "optim/optim.h"
#include "tests/optim/recorded.h"

typedef sg_updates adam_builder(sg_nodes parameters, sg_nodes gradients, sg_adam_config config);

/* What the trace was recorded with. */
static sg_adam_config recorded_config(const golden *g)
{
    sg_adam_config config = sg_adam_config_default();
    config.lr = golden_number(g, "hp/lr");
    config.beta1 = golden_number(g, "hp/beta1");
    config.beta2 = golden_number(g, "hp/beta2");
    if (golden_has(g, "hp/eps"))
        config.eps = golden_number(g, "hp/eps");
    if (golden_has(g, "hp/weight_decay"))
        config.weight_decay = golden_number(g, "hp/weight_decay");
    return config;
}

/* Of eligibility traces and of the bound on overshooting, which Adam does not have. */
static const char *const others[] = {"gamma", "lamda", "kappa", NULL};

/* Follows an Adam trace to its last step: parameters and a moment, each step. */
static void replay_adam(const char *file, adam_builder *build, bool fuse, const char *moment)
{
    recorded r = recorded_open(file, 1);
    sg_adam_config config = recorded_config(r.g);
    if (config.beta1 == 0 && strcmp(moment, "exp_avg") == 0) /* the gradient, which is not kept */
        moment = NULL;
    recorded_start(&r, build(r.parameters, r.gradients, config), fuse, moment);
    for (size_t t = 0; t < r.steps; t++)
        recorded_step(&r, t);
    recorded_close(&r, 1e-12, others);
}

Test(optim, adam_follows_every_recorded_trace)
{
    const char *file;
    static const char *const moments[] = {"exp_avg_sq", "exp_avg"};
    for (int i = 0; (file = golden_recording("optim_adam_", i)); i++)
        for (int k = 0; k < 2; k++) {
            replay_adam(file, sg_adam, true, moments[k]);
            replay_adam(file, sg_adam, false, moments[k]);
            replay_adam(file, sg_adam_plain, true, moments[k]);
        }
}

/* ---- a linear layer's gradient, an outer product that the fused plan never forms ---- */

/* Trains W in |W x - y|^2 for 20 steps; writes W. */
static void train(sg_updates (*optimizer)(sg_nodes, sg_nodes), sg_dtype dtype, bool fuse,
                  int threads, double W[13 * 9])
{
    sg_graph *g = sg_graph_new(dtype);
    sg_node w = sg_parameter(g, "W", sg_matrix(13, 9), sg_init_orthogonal(1));
    sg_node b = sg_parameter(g, "b", sg_vector(13), sg_init_constant(0.1));
    sg_node x = sg_normal(g, "x", sg_vector(9)), y = sg_uniform(g, "y", sg_vector(13));
    sg_node loss = sg_sum(sg_square(sg_sub(sg_add(sg_linear(w, x), b), y)));
    sg_phase_updates(g, "learn", optimizer(sg_list(w, b), sg_grad(loss, sg_list(w, b))));
    sg_compile_options options = sg_compile_options_default();
    options.without = fuse ? 0 : SG_REWRITE_ALL;
    options.threads = threads;
    sg_program *p = sg_compile(g, options);
    for (int t = 0; t < 20; t++)
        sg_run(p, 0);
    sg_get(p, w, W);
    sg_program_free(p);
    sg_graph_free(g);
}

static sg_updates sgd(sg_nodes p, sg_nodes g) { return sg_sgd(p, g, (sg_sgd_config){.lr = 0.02}); }
static sg_updates sgd_momentum(sg_nodes p, sg_nodes g)
{
    return sg_sgd(p, g, (sg_sgd_config){.lr = 0.02, .momentum = 0.9, .weight_decay = 0.01});
}
static sg_updates adam(sg_nodes p, sg_nodes g) { return sg_adam(p, g, sg_adam_config_default()); }
static sg_updates adamw_config(sg_nodes p, sg_nodes g, adam_builder *build)
{
    sg_adam_config c = sg_adam_config_default();
    c.decoupled = true;
    c.weight_decay = 0.1;
    return build(p, g, c);
}
static sg_updates adamw(sg_nodes p, sg_nodes g) { return adamw_config(p, g, sg_adam); }
static sg_updates adamw_plain(sg_nodes p, sg_nodes g) { return adamw_config(p, g, sg_adam_plain); }
static sg_updates adam_plain(sg_nodes p, sg_nodes g)
{
    return sg_adam_plain(p, g, sg_adam_config_default());
}

static void expect_equal(const double *a, const double *b, double tolerance, const char *what)
{
    for (int i = 0; i < 13 * 9; i++)
        cr_assert(fabs(a[i] - b[i]) <= tolerance, "%s: element %d is %g and %g", what, i, a[i],
                  b[i]);
}

Test(optim, fused_equals_unfused_and_plain)
{
    double fused[13 * 9], other[13 * 9];
    sg_updates (*all[])(sg_nodes, sg_nodes) = {sgd, sgd_momentum, adam, adamw};
    for (int i = 0; i < 4; i++) {
        train(all[i], SG_F64, true, 1, fused);
        train(all[i], SG_F64, false, 1, other);
        expect_equal(fused, other, 1e-13, "fused and unfused");
        train(all[i], SG_F32, true, 1, other);
        expect_equal(fused, other, 1e-4, "float64 and float32");
    }
    train(adam, SG_F64, true, 1, fused);
    train(adam_plain, SG_F64, true, 1, other);
    expect_equal(fused, other, 1e-13, "adam and its composite");
    train(adamw, SG_F64, true, 1, fused);
    train(adamw_plain, SG_F64, true, 1, other);
    expect_equal(fused, other, 1e-13, "adamw and its composite");
}

/* ---- rates ---- */

/* Each rule at half its lr, by a rate and by lr itself; float32 rates in a float64 graph, too. */
static sg_updates half(sg_nodes p, sg_nodes g, int rule, bool by_rate)
{
    sg_node rate = by_rate ? sg_constant_of(p.graph, SG_F32, 0.5) : (sg_node){0};
    double share = by_rate ? 1 : 0.5;
    sg_adam_config adam_of = sg_adam_config_default();
    adam_of.lr *= share;
    adam_of.rate = rate;
    adam_of.weight_decay = rule > 2 ? 0.1 : 0;
    adam_of.decoupled = rule > 2;
    switch (rule) {
    case 0: return sg_sgd(p, g, (sg_sgd_config){.lr = 0.02 * share, .rate = rate});
    case 1:
        return sg_adamax(
            p, g, (sg_adamax_config){.lr = 0.02 * share, .beta2 = 0.9, .eps = 1e-8, .rate = rate});
    case 4: return sg_adam_plain(p, g, adam_of);
    }
    return sg_adam(p, g, adam_of);
}
#define HALF(rule)                                                                           \
    static sg_updates rate_##rule(sg_nodes p, sg_nodes g) { return half(p, g, rule, true); } \
    static sg_updates lr_##rule(sg_nodes p, sg_nodes g) { return half(p, g, rule, false); }
HALF(0)
HALF(1)
HALF(2)
HALF(3)
HALF(4)

Test(optim, a_rate_of_a_half_is_half_the_lr)
{
    sg_updates (*all[][2])(sg_nodes, sg_nodes) = {
        {rate_0, lr_0}, {rate_1, lr_1}, {rate_2, lr_2}, {rate_3, lr_3}, {rate_4, lr_4}};
    double by_rate[13 * 9], by_lr[13 * 9];
    for (int i = 0; i < 5; i++) {
        train(all[i][0], SG_F64, true, 1, by_rate);
        train(all[i][1], SG_F64, true, 1, by_lr);
        expect_equal(by_rate, by_lr, 1e-14, "rate and lr");
    }
}

/* ---- clipping ---- */

/* Two tensors with norms 3 and 4: together 5. */
Test(optim, clipping_is_by_the_norm_of_all_together)
{
    static const struct {
        double max_norm, factor;
    } cases[] = {{100, 1}, {5.1, 1}, {1, 1 / (5 + 1e-6)}, {0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sg_graph *g = sg_graph_new(SG_F64);
        sg_node a = sg_input(g, "a", 2), b = sg_input_shaped(g, "b", sg_matrix(2, 2));
        sg_node norm = sg_global_norm(sg_list(a, b));
        sg_nodes clipped = sg_clip_to_norm(sg_list(a, b), norm, cases[i].max_norm);
        sg_phase_values(g, "p", norm, sg_nodes_at(clipped, 0), sg_nodes_at(clipped, 1));
        sg_program *p = sg_compile(g, sg_compile_options_default());
        double x[4];
        sg_set(p, a, (double[]){3, 0});
        sg_set(p, b, (double[]){-2, 2, 2, -2});
        sg_run(p, 0);
        cr_expect_eq(sg_get_number(p, norm), 5);
        sg_get(p, sg_nodes_at(clipped, 0), x);
        cr_expect(fabs(x[0] - 3 * cases[i].factor) < 1e-15 && x[1] == 0);
        sg_get(p, sg_nodes_at(clipped, 1), x);
        cr_expect(fabs(x[0] + 2 * cases[i].factor) < 1e-15, "%g", x[0]);
        sg_program_free(p);
        sg_graph_free(g);
    }
}

/* Lists of gradients as one vector: 3 a + b, and its product with a. */
Test(optim, lists_are_scaled_and_added_and_multiplied)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_input(g, "x", 2), y = sg_input(g, "y", 1), three = sg_constant(g, 3);
    sg_nodes sums = sg_add_all(sg_scale_all(sg_list(x, y), three), sg_list(sg_square(x), y));
    double of_x[2] = {1, -2}, of_y[1] = {5}, first[2], second[1];
    sg_node dot = sg_dot_all(sums, sg_list(x, y));
    sg_phase_values(g, "run", sg_nodes_at(sums, 0), sg_nodes_at(sums, 1), dot);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    sg_set(p, x, of_x);
    sg_set(p, y, of_y);
    cr_assert(sg_run(p, 0));
    sg_get(p, sg_nodes_at(sums, 0), first);
    sg_get(p, sg_nodes_at(sums, 1), second);
    cr_expect(sums.count == 2 && first[0] == 4 && first[1] == -2 && second[0] == 20, "%g %g %g",
              first[0], first[1], second[0]);
    cr_expect_eq(sg_get_number(p, dot), 4 * 1 + -2 * -2 + 20 * 5);
    sg_program_free(p);
    sg_graph_free(g);
}

/* A state for each of a list, and a count that keeps what was in the updates. */
Test(optim, states_of_a_list_and_its_count)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node a = sg_parameter(g, "a", sg_vector(3), sg_init_constant(1)),
            b = sg_parameter(g, "b", sg_matrix(2, 2), sg_init_constant(1));
    sg_nodes states = sg_states_of(sg_list(a, b), "memory");
    cr_assert_eq(states.count, 2);
    cr_expect_str_eq(sg_node_name(sg_nodes_at(states, 0)), "a.memory");
    cr_expect_str_eq(sg_node_name(sg_nodes_at(states, 1)), "b.memory");
    cr_expect(sg_shape_equal(sg_node_shape(sg_nodes_at(states, 1)), sg_matrix(2, 2)));
    sg_updates updates = sg_assign(sg_nodes_at(states, 0), a);
    sg_step_count(sg_list(a, b), &updates);
    cr_expect_eq(updates.count, 2);
    sg_graph_free(g);
}
