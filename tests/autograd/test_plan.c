/* test_plan.c - the rewrites of the plan against the plan without them: two networks that learn,
 * and random graphs full of products, updates in place and values that cross phases. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/grad.h"
#include "autograd/layers.h"
#include "autograd/op.h"
#include "autograd/program.h"
#include "optim/optim.h"
#include "tests/autograd/printed.h"

/* ---- comparing ---- */

typedef void builder(sg_graph *g, uint64_t seed);

static sg_program *compile(const sg_graph *g, unsigned without, int threads)
{
    sg_compile_options options = sg_compile_options_default();
    options.without = without;
    options.keep_all = without == SG_REWRITE_ALL; /* so that reshaped values are computed, too */
    options.threads = threads;
    return sg_compile(g, options);
}

static void run_steps(sg_program *p, int steps)
{
    for (int t = 0; t < steps; t++)
        for (int phase = 0; phase < sg_phase_count(p); phase++)
            sg_run(p, phase);
}

/* The largest difference of any parameter or state, relative to the largest value there. */
static double difference(sg_graph *g, const sg_program *a, const sg_program *b)
{
    double worst = 0;
    for (sg_node n = {g, 0}; n.id < sg_graph_node_count(g); n.id++) {
        const char *name = sg_node_name(n);
        if (!name || sg_find(a, name).id != n.id)
            continue;
        int size = (int)sg_shape_size(sg_node_shape(n));
        double *x = sg_alloc((size_t)size * sizeof *x), *y = sg_alloc((size_t)size * sizeof *y);
        double most = 1e-30, off = 0;
        sg_get(a, n, x);
        sg_get(b, n, y);
        for (int i = 0; i < size; i++) {
            most = fmax(most, fabs(y[i]));
            off = fmax(off, fabs(x[i] - y[i]));
            cr_assert(isfinite(x[i]) && isfinite(y[i]), "%s is not finite", name);
        }
        worst = fmax(worst, off / most);
        free(x);
        free(y);
    }
    return worst;
}

/* ---- networks ---- */

/* Two evaluations of one network, one with an input of its own to learn, a loss, and an optimiser.
 */
static void network(sg_graph *g, int optimizer)
{
    sg_mlp_config config = sg_mlp_config_default();
    config.hidden[0] = 70;
    config.hidden[1] = 65;
    sg_mlp net = sg_mlp_new(g, "net", 9, config);
    sg_node guess = sg_parameter(g, "guess", sg_vector(2), sg_init_constant(0.1));
    sg_node x = sg_concat(sg_normal(g, "x", sg_vector(7)), guess),
            y = sg_normal(g, "y", sg_vector(9));
    sg_node loss = sg_sum(sg_square(
        sg_sub(sg_mlp_apply(&net, x), sg_stop_grad(sg_scale(sg_mlp_apply(&net, y), 0.5)))));
    sg_node reset = sg_greater(sg_uniform(g, "end", sg_vector(1)), sg_constant(g, 0.7));
    sg_nodes p = sg_nodes_append(net.parameters, guess), d = sg_grad(loss, p);
    sg_adam_config adam = sg_adam_config_default();
    adam.beta1 = optimizer == 1 ? 0.9 : 0;
    sg_node delta = sg_constant(g, -0.3);
    sg_phase_values(g, "act", sg_mlp_apply(&net, x));
    sg_phase_updates(g, "learn",
                     optimizer == 0   ? sg_sgd(p, d, (sg_sgd_config){.lr = 1e-3})
                     : optimizer <= 2 ? sg_adam(p, d, adam)
                     : optimizer == 3 ? sg_obgd(p, d, delta, reset, sg_obgd_config_default())
                     : optimizer == 4
                         ? sg_intentional(p, d, delta, reset, sg_intentional_value_config())
                         : sg_adam_plain(p, d, adam));
}

Test(plan, rewrites_change_no_network)
{
    for (int optimizer = 0; optimizer < 6; optimizer++) {
        sg_graph *g = sg_graph_new(SG_F64);
        network(g, optimizer);
        sg_program *fused = compile(g, 0, 1), *plain = compile(g, SG_REWRITE_ALL, 1),
                   *threaded = compile(g, 0, 2);
        run_steps(fused, 30);
        run_steps(plain, 30);
        run_steps(threaded, 30);
        cr_expect_lt(difference(g, fused, plain), 1e-11, "optimiser %d", optimizer);
        cr_expect_eq(difference(g, fused, threaded), 0, "threads, optimiser %d", optimizer);
        /* the rewrites did take place */
        cr_expect_geq(printed_count(fused, "with bias"), 3);
        if (optimizer == 5)
            cr_expect_geq(printed_count(fused, "in block"), 8);
        cr_expect_geq(printed_count(fused, "in place"), 4);
        cr_expect_eq(printed_count(fused, "2 columns from 7 on"), 1);
        if (optimizer != 5)
            cr_expect_geq(printed_count(fused, "with the gradient as an outer product"), 2);
        if (optimizer < 3)
            cr_expect_geq(printed_count(fused, "in the same pass"), 1);
        cr_expect_eq(printed_count(plain, "in place"), 0);
        sg_program_free(fused);
        sg_program_free(plain);
        sg_program_free(threaded);
        sg_graph_free(g);
    }
}

/* Reshaped parameters keep their own shapes for the calls that read them. */
Test(plan, rewrites_change_no_convolution)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_mlp_config config = sg_mlp_config_default();
    config.depth = 1;
    config.hidden[0] = 20;
    config.layer_norm = true;
    config.image = (sg_image_config){2, 9, 8, 5, {3, 2, 0}};
    sg_mlp net = sg_mlp_new(g, "net", 2 * 9 * 8, config);
    sg_node loss = sg_sum(sg_square(sg_mlp_apply(&net, sg_normal(g, "x", sg_vector(2 * 9 * 8)))));
    sg_phase_updates(
        g, "learn",
        sg_sgd(net.parameters, sg_grad(loss, net.parameters), (sg_sgd_config){.lr = 1e-2}));
    sg_program *fused = compile(g, 0, 1), *plain = compile(g, SG_REWRITE_ALL, 1);
    run_steps(fused, 10);
    run_steps(plain, 10);
    cr_expect_eq(net.parameters.count, 4);
    cr_expect_lt(difference(g, fused, plain), 1e-11);
    sg_program_free(fused);
    sg_program_free(plain);
    sg_graph_free(g);
}

/* A trace is updated by a kernel that takes no product: one with the trace as its matrix stays a
 * call of its own. */
Test(plan, products_with_a_trace_are_made)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node z = sg_state(g, "z", sg_matrix(8, 70), SG_F64, 1);
    sg_node u = sg_normal(g, "u", sg_vector(8)), x = sg_normal(g, "x", sg_vector(70));
    sg_node seen = sg_state(g, "seen", sg_vector(70), SG_F64, 0);
    sg_phase_updates(g, "learn",
                     sg_join(sg_assign(z, sg_trace_step(z, sg_outer(u, x), 0.9)),
                             sg_assign(seen, sg_linear_t(z, sg_tanh(u)))));
    sg_program *fused = compile(g, 0, 1), *plain = compile(g, SG_REWRITE_ALL, 1);
    run_steps(fused, 3);
    run_steps(plain, 3);
    cr_expect_geq(printed_count(fused, "in place"), 1);
    cr_expect_lt(difference(g, fused, plain), 1e-11);
    sg_program_free(fused);
    sg_program_free(plain);
    sg_graph_free(g);
}

/* W (W x), and a gradient made of W^T x: what reads the other product cannot be made with it. */
Test(plan, products_of_products_are_made_one_after_the_other)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_normal(g, "x", sg_vector(70));
    sg_node W = sg_parameter(g, "W", sg_matrix(70, 70), sg_init_orthogonal(1));
    sg_node V = sg_parameter(g, "V", sg_matrix(70, 70), sg_init_orthogonal(1));
    sg_node twice = sg_state(g, "twice", sg_vector(70), SG_F64, 0);
    sg_nodes gradient = sg_list(sg_outer(x, sg_linear_t(V, x)));
    sg_phase_updates(g, "learn",
                     sg_join(sg_assign(twice, sg_linear(W, sg_linear(W, x))),
                             sg_sgd(sg_list(V), gradient, (sg_sgd_config){.lr = 0.01})));
    sg_program *fused = compile(g, 0, 1), *plain = compile(g, SG_REWRITE_ALL, 1);
    run_steps(fused, 3);
    run_steps(plain, 3);
    cr_expect_lt(difference(g, fused, plain), 1e-11);
    sg_program_free(fused);
    sg_program_free(plain);
    sg_graph_free(g);
}

/* Under another shape the same numbers are another matrix. */
Test(plan, products_with_a_reshaped_matrix_are_made_apart)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node W = sg_parameter(g, "W", sg_matrix(66, 130), sg_init_uniform(-1, 1));
    sg_node V = sg_reshape(W, sg_matrix(130, 66));
    sg_node x = sg_normal(g, "x", sg_vector(130)), u = sg_normal(g, "u", sg_vector(66));
    sg_node seen[] = {sg_linear(W, x), sg_linear(V, u), sg_linear_t(V, x), sg_linear_t(W, u)};
    sg_updates updates = sg_sgd(sg_list(W), sg_list(sg_outer(u, x)), (sg_sgd_config){.lr = 0.1});
    for (int k = 0; k < 4; k++)
        updates = sg_join(updates, sg_assign(sg_state(g, (char[]){'a' + (char)k, 0},
                                                      sg_node_shape(seen[k]), SG_F64, 0),
                                             seen[k]));
    sg_phase_updates(g, "learn", updates);
    sg_program *fused = compile(g, 0, 1), *plain = compile(g, SG_REWRITE_ALL, 1);
    run_steps(fused, 3);
    run_steps(plain, 3);
    cr_expect_lt(difference(g, fused, plain), 1e-11);
    cr_expect_eq(printed_count(fused, "in the same pass"), 1, "W^T u, while W is updated");
    sg_program_free(fused);
    sg_program_free(plain);
    sg_graph_free(g);
}

static sg_node first(sg_node product) { return sg_slice(product, 0, 65); }

/* Of a backward product with a matrix [66, 130], what slices take: the bits, in either type and
 * with one thread or two, and how many are made alone. */
static void check_slices(sg_node (*build)(sg_node product), int columns)
{
    for (int way = 0; way < 4; way++) {
        int threads = 1 + way / 2;
        sg_dtype dtype = way % 2 ? SG_F64 : SG_F32;
        sg_graph *g = sg_graph_new(dtype);
        sg_node W = sg_parameter(g, "W", sg_matrix(66, 130), sg_init_uniform(-1, 1));
        sg_node u = sg_normal(g, "u", sg_vector(66)), x = sg_normal(g, "x", sg_vector(130));
        sg_node y = build(sg_linear_t(W, u)),
                seen = sg_state(g, "seen", sg_node_shape(y), dtype, 0);
        sg_updates step = sg_sgd(sg_list(W), sg_list(sg_outer(u, x)), (sg_sgd_config){.lr = 0.1});
        sg_phase_updates(g, "learn", sg_join(step, sg_assign(seen, y)));
        sg_program *fused = compile(g, 0, threads), *plain = compile(g, SG_REWRITE_COLUMNS, 1);
        run_steps(fused, 3);
        run_steps(plain, 3);
        cr_expect_eq(difference(g, fused, plain), 0);
        cr_expect_eq(printed_count(fused, "columns from"), columns);
        if (build == first && dtype == SG_F32) /* 65 of 130 columns, u and the result */
            cr_expect_eq(printed_count(fused, "  17684  %"), 1);
        sg_program_free(fused);
        sg_program_free(plain);
        sg_graph_free(g);
    }
}

static sg_node last(sg_node product) { return sg_slice(product, 129, 1); }
static sg_node most(sg_node product) { return sg_slice(product, 3, 66); }
static sg_node two(sg_node product)
{
    return sg_add(sg_slice(product, 3, 17), sg_slice(product, 40, 17));
}
static sg_node seen_itself(sg_node product)
{
    sg_phase_values(product.graph, "learn", product);
    return first(product);
}
static sg_node of_a_batch(sg_node product)
{
    sg_node W = sg_node_input(product, 0), u = sg_node_input(product, 1);
    sg_node pair = sg_reshape(sg_concat(u, sg_neg(u)), sg_matrix(2, 66));
    return sg_slice(sg_reshape(sg_linear_t(W, pair), sg_vector(260)), 7, 100);
}
static sg_node of_a_part(sg_node product) { return sg_slice(sg_slice(product, 50, 40), 9, 13); }
static sg_node of_rows(sg_node product)
{
    return sg_slice(sg_reshape(product, sg_matrix(10, 13)), 2, 5);
}
static sg_node of_one_row(sg_node product)
{
    return sg_slice(sg_reshape(product, sg_matrix(1, 130)), 20, 50);
}

Test(plan, few_columns_of_a_product_are_made_alone)
{
    check_slices(first, 1);
    check_slices(last, 1);
    check_slices(of_one_row, 1);
    check_slices(of_a_part, 1);
    check_slices(most, 0);
    check_slices(two, 0);
    check_slices(of_rows, 0);
    check_slices(seen_itself, 0);
    check_slices(of_a_batch, 0);
}

/* One value, made over the first of two states, is copied to the other. */
Test(plan, two_states_may_become_one_value)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node a = sg_state(g, "a", sg_vector(3), SG_F64, 1);
    sg_node b = sg_state(g, "b", sg_vector(3), SG_F64, 2), sum = sg_add(a, b);
    sg_phase_updates(g, "learn", sg_join(sg_assign(a, sum), sg_assign(b, sum)));
    sg_program *p = compile(g, 0, 1);
    run_steps(p, 2);
    double va[3], vb[3];
    sg_get(p, a, va);
    sg_get(p, b, vb);
    cr_expect(va[0] == 6 && va[2] == 6 && vb[0] == 6 && vb[2] == 6, "%g %g", va[0], vb[0]);
    cr_expect_eq(printed_count(p, "in place"), 1);
    sg_program_free(p);
    sg_graph_free(g);
}

/* ---- random graphs ---- */

enum { N = 64, VECTORS = 24, MATRICES = 3, GRAPHS = 300 };

static sg_node pick(sg_random *r, const sg_node *from, int count)
{
    return from[sg_random_integer(r, 0, count)];
}

/* One more vector of size N from those there are; numbers stay of the order of one. */
static sg_node grow(sg_random *r, const sg_node *vectors, int count, const sg_node *W, sg_node bias)
{
    sg_node a = pick(r, vectors, count), b = pick(r, vectors, count);
    sg_node M = pick(r, W, MATRICES);
    switch (sg_random_integer(r, 0, 9)) {
    case 6: return sg_scale(sg_linear(M, sg_linear_t(pick(r, W, MATRICES), a)), 0.9);
    case 7: return sg_scale(sg_linear(M, sg_linear(pick(r, W, MATRICES), a)), 0.9);
    case 0: return sg_tanh(sg_linear(M, a));
    case 1: return sg_tanh(sg_add(sg_linear(M, a), bias));
    case 2: return sg_tanh(sg_linear_t(M, a));
    case 3: return sg_scale(sg_sub(a, b), 0.7);
    case 4: return sg_mul(a, sg_sigmoid(b));
    case 5: return sg_clear(a, sg_greater(sg_sum(b), sg_constant(a.graph, 0)));
    default: return sg_stop_grad(sg_scale(sg_add(a, b), 0.5));
    }
}

/* A new value for matrix k, by one of the update kernels or by plain ops. */
static sg_updates learn(sg_random *r, const sg_node *vectors, sg_node W, sg_node flag)
{
    sg_graph *g = W.graph;
    sg_node u = pick(r, vectors, VECTORS), x = pick(r, vectors, VECTORS);
    sg_nodes gradient = sg_list(sg_scale(sg_mul(sg_outer(u, x), sg_sum(x)), 0.01));
    switch (sg_random_integer(r, 0, 6)) {
    case 4:
        return sg_intentional(sg_list(W), gradient, sg_constant(g, 0.01), flag,
                              sg_intentional_policy_config());
    case 5: return sg_adam_plain(sg_list(W), gradient, sg_adam_config_default());
    case 0: return sg_sgd(sg_list(W), gradient, (sg_sgd_config){.lr = 0.1});
    case 1:
        return sg_adam(sg_list(W), gradient,
                       (sg_adam_config){.lr = 1e-3, .beta2 = 0.99, .eps = 1e-3});
    case 2:
        return sg_obgd(sg_list(W), gradient, sg_constant(g, 0.01), flag, sg_obgd_config_default());
    default: return sg_assign(W, sg_scale(sg_add(W, sg_nodes_at(gradient, 0)), 0.95));
    }
}

static void random_graph(sg_graph *g, uint64_t seed)
{
    sg_random r;
    char name[16];
    sg_node v[VECTORS], W[MATRICES];
    sg_random_seed(&r, seed);
    for (int k = 0; k < MATRICES; k++) {
        snprintf(name, sizeof name, "W%d", k);
        W[k] = sg_parameter(g, name, sg_matrix(N, N), sg_init_orthogonal(1));
    }
    sg_node bias = sg_parameter(g, "bias", sg_vector(N), sg_init_constant(0.1));
    sg_node memory = sg_state(g, "memory", sg_vector(N), SG_F64, 0.2);
    v[0] = sg_normal(g, "x", sg_vector(N));
    v[1] = memory;
    for (int i = 2; i < VECTORS; i++)
        v[i] = grow(&r, v, i, W, bias);
    sg_phase_values(g, "act", pick(&r, v, VECTORS / 2));
    sg_node flag = sg_greater(sg_sum(pick(&r, v, VECTORS)), sg_constant(g, 0));
    sg_updates updates = sg_assign(memory, sg_tanh(pick(&r, v, VECTORS)));
    for (int k = 0; k < MATRICES; k++)
        updates = sg_join(updates, learn(&r, v, W[k], flag));
    sg_phase_updates(g, "learn", updates);
    sg_report(g, "learn", "sum", sg_sum(pick(&r, v, VECTORS)));
}

Test(plan, rewrites_change_no_random_graph)
{
    int merged = 0, in_place = 0;
    for (uint64_t seed = 0; seed < GRAPHS; seed++) {
        sg_graph *g = sg_graph_new(SG_F64);
        random_graph(g, seed);
        sg_program *fused = compile(g, 0, 1), *plain = compile(g, SG_REWRITE_ALL, 1);
        run_steps(fused, 3);
        run_steps(plain, 3);
        double off = difference(g, fused, plain);
        cr_expect_lt(off, 1e-9, "graph %d: %g", (int)seed, off);
        merged += printed_count(fused, "in the same pass");
        in_place += printed_count(fused, "in place");
        sg_program_free(fused);
        sg_program_free(plain);
        sg_graph_free(g);
    }
    cr_expect_gt(merged, GRAPHS / 2);
    cr_expect_gt(in_place, GRAPHS);
    printf("%d random graphs: %d merged steps, %d updates in place\n", GRAPHS, merged, in_place);
}

/* Each rewrite by itself, and all but each: those that need another one are then not made. */
Test(plan, rewrites_are_independent)
{
    for (uint64_t seed = 0; seed < GRAPHS / 10; seed++) {
        sg_graph *g = sg_graph_new(SG_F64);
        random_graph(g, seed);
        sg_program *plain = compile(g, SG_REWRITE_ALL, 1);
        run_steps(plain, 3);
        for (unsigned bit = 1; bit < SG_REWRITE_ALL; bit <<= 1)
            for (int alone = 0; alone < 2; alone++) {
                sg_program *p = compile(g, alone ? SG_REWRITE_ALL & ~bit : bit, 1);
                run_steps(p, 3);
                double off = difference(g, p, plain);
                cr_expect_lt(off, 1e-9, "graph %d, rewrite %u: %g", (int)seed, bit, off);
                sg_program_free(p);
            }
        sg_program_free(plain);
        sg_graph_free(g);
    }
}

/* What is left out is not made, and says nothing of itself in the printed plan. */
Test(plan, rewrites_can_be_left_out)
{
    static const struct {
        const char *name, *words;
    } rewrites[] = {{"rows", "with the gradient as an outer product"},
                    {"bias", "with bias"},
                    {"in_place", "in place"},
                    {"pair,product", "in the same pass"},
                    {"block", "in block"},
                    {"columns", "columns from"},
                    {"all", "with"}};
    sg_error error;
    for (size_t i = 0; i < sizeof rewrites / sizeof *rewrites; i++) {
        unsigned without = 0;
        sg_graph *g = sg_graph_new(SG_F64);
        network(g, i == 4 ? 5 : 1);
        cr_assert(sg_rewrites_read(rewrites[i].name, &without, &error));
        sg_program *full = compile(g, 0, 1), *less = compile(g, without, 1);
        cr_expect_geq(printed_count(full, rewrites[i].words), 1, "%s", rewrites[i].name);
        cr_expect_eq(printed_count(less, rewrites[i].words), 0, "%s", rewrites[i].name);
        sg_program_free(full);
        sg_program_free(less);
        sg_graph_free(g);
    }
    unsigned set = 0;
    cr_expect_not(sg_rewrites_read("rows,", &set, &error));
    cr_expect(strstr(error.text, "there are rows, bias"), "%s", error.text);
}
