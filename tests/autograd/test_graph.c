/* test_graph.c - graphs, phases and programs: what is merged, what a phase reads and writes, what
 * is computed when. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/grad.h"
#include "autograd/layers.h"
#include "autograd/ops.h"
#include "autograd/program.h"
#include "optim/optim.h"

/* ---- building ---- */

Test(graph, equal_expressions_are_one_node)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_input(g, "x", 3), y = sg_input(g, "y", 3);
    cr_expect_eq(sg_mul(x, y).id, sg_mul(x, y).id);
    cr_expect_neq(sg_mul(x, y).id, sg_mul(y, x).id);
    cr_expect_neq(sg_scale(x, 2).id, sg_scale(x, 3).id);
    cr_expect_neq(sg_normal(g, "noise", sg_vector(1)).id, sg_normal(g, "noise", sg_vector(1)).id);
    cr_expect_eq(sg_scale(sg_scale(x, 2), 0.5).id, x.id, "factors fold");
    cr_expect_eq(sg_add(x, sg_fill(g, sg_vector(3), 0)).id, x.id, "zero adds nothing");
    sg_graph_free(g);
}

/* -q and delta^2 share the backward pass through the network: what the second gradient adds is
 * small. */
Test(graph, two_losses_share_one_backward_pass)
{
    sg_graph *g = sg_graph_new(SG_F32);
    sg_mlp mlp = sg_mlp_new(g, "net", 4, sg_mlp_config_default());
    sg_linear_layer head = sg_linear_layer_new(g, "net.head", 256, 1, sg_init_orthogonal(1));
    sg_node q = sg_linear_layer_apply(head, sg_mlp_apply(&mlp, sg_input(g, "x", 4)));
    sg_grad(sg_neg(q), mlp.parameters);
    int first = sg_graph_node_count(g);
    sg_grad(sg_square(sg_offset(q, -1)), mlp.parameters);
    int second = sg_graph_node_count(g) - first;
    /* a factor for each parameter and the few nodes of the loss: no product with a weight matrix */
    cr_expect(second <= 4 + 8, "the second gradient added %d nodes", second);
    sg_graph_free(g);
}

/* A loss of its own type, as float64 statistics are in a float32 graph, has gradients of it. */
Test(graph, a_float64_loss_of_a_float32_graph_has_gradients)
{
    sg_graph *g = sg_graph_new(SG_F32);
    sg_node w = sg_parameter(g, "w", sg_vector(2), sg_init_constant(3));
    sg_node wide = sg_cast(w, SG_F64);
    sg_nodes gradient = sg_grad(sg_dot(wide, sg_square(wide)), sg_list(w));
    sg_phase_add_values(g, "run", gradient);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    double values[2];
    sg_run(p, 0);
    sg_get(p, sg_nodes_at(gradient, 0), values);
    cr_expect(values[0] == 27 && values[1] == 27, "%g %g", values[0], values[1]);
    cr_expect_eq(sg_node_dtype(sg_nodes_at(gradient, 0)), SG_F32);
    sg_program_free(p);
    sg_graph_free(g);
}

/* ---- phases ---- */

/* A phase reads states as they were before it; its writes are seen by the next one. */
Test(graph, updates_take_effect_when_the_phase_ends)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node n = sg_state(g, "n", sg_vector(1), SG_F64, 1), twice = sg_scale(n, 2);
    sg_node last = sg_state(g, "last", sg_vector(1), SG_F64, 0);
    sg_phase_values(g, "count", twice);
    sg_phase_updates(g, "count", sg_join(sg_assign(n, sg_offset(n, 1)), sg_assign(last, n)));
    sg_program *p = sg_compile(g, sg_compile_options_default());
    for (int t = 1; t <= 4; t++) {
        sg_run(p, 0);
        cr_expect_eq(sg_get_number(p, twice), 2 * t);
        cr_expect_eq(sg_get_number(p, last), t);
        cr_expect_eq(sg_get_number(p, n), t + 1);
    }
    sg_program_free(p);
    sg_graph_free(g);
}

Test(graph, states_can_be_exchanged)
{
    sg_graph *g = sg_graph_new(SG_F32);
    sg_node a = sg_state(g, "a", sg_vector(2), SG_F32, 1),
            b = sg_state(g, "b", sg_vector(2), SG_F32, 2);
    sg_phase_updates(g, "swap",
                     sg_join(sg_assign(a, b), sg_assign(b, sg_reshape(a, sg_vector(2)))));
    sg_program *p = sg_compile(g, sg_compile_options_default());
    double values[2];
    sg_run(p, 0);
    sg_get(p, a, values);
    cr_expect(values[0] == 2 && values[1] == 2);
    sg_get(p, b, values);
    cr_expect(values[0] == 1 && values[1] == 1);
    sg_program_free(p);
    sg_graph_free(g);
}

/* Two in-place updates that read each other's state: both must see the old values. */
Test(graph, in_place_updates_that_read_each_other)
{
    for (int fuse = 0; fuse < 2; fuse++) {
        sg_graph *g = sg_graph_new(SG_F64);
        sg_node a = sg_state(g, "a", sg_vector(3), SG_F64, 1),
                b = sg_state(g, "b", sg_vector(3), SG_F64, 10);
        sg_phase_updates(
            g, "run",
            sg_join(sg_assign(a, sg_add_scaled(a, 1, b)), sg_assign(b, sg_add_scaled(b, 1, a))));
        sg_compile_options options = sg_compile_options_default();
        options.without = fuse ? 0 : SG_REWRITE_ALL;
        sg_program *p = sg_compile(g, options);
        double va[3], vb[3];
        sg_run(p, 0);
        sg_get(p, a, va);
        sg_get(p, b, vb);
        cr_expect(va[0] == 11 && vb[2] == 11, "%g %g", va[0], vb[2]);
        sg_program_free(p);
        sg_graph_free(g);
    }
}

/* What act computed - its random draw above all - is not computed again by learn. */
Test(graph, later_phases_use_what_earlier_ones_computed)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_normal(g, "x", sg_vector(5)), y = sg_exp(x), z = sg_sum(y),
            again = sg_sum(sg_log(y));
    sg_phase_values(g, "act", x, z);
    sg_phase_values(g, "learn", again, sg_sum(x));
    sg_program *p = sg_compile(g, sg_compile_options_default());
    for (int t = 0; t < 3; t++) {
        double values[5], sum = 0;
        sg_run(p, 0);
        sg_get(p, x, values);
        sg_run(p, 1);
        for (int i = 0; i < 5; i++)
            sum += values[i];
        cr_expect_float_eq(sg_get_number(p, again), sum, 1e-12);
    }
    sg_program_free(p);
    sg_graph_free(g);
}

/* A phase alone leaves what the step computed as it was. */
Test(graph, a_phase_alone_does_not_disturb_the_step)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_input(g, "x", 1), y = sg_square(x), z = sg_scale(y, 10);
    sg_phase_values(g, "act", y);
    sg_phase_alone(g, "look");
    sg_phase_values(g, "look", sg_offset(y, 1));
    sg_phase_values(g, "learn", z);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    sg_set(p, x, (double[]){3});
    sg_run(p, sg_phase_find(p, "act"));
    sg_set(p, x, (double[]){5});
    sg_run(p, sg_phase_find(p, "look"));
    cr_expect_eq(sg_get_number(p, sg_offset(y, 1)), 26);
    sg_run(p, sg_phase_find(p, "learn"));
    cr_expect_eq(sg_get_number(p, z), 90);
    sg_program_free(p);
    sg_graph_free(g);
}

/* Nor does what it draws: the step's draw is the same before and after. Held draws are the same
 * everywhere. */
Test(graph, a_phase_alone_draws_for_itself)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_normal(g, "x", sg_vector(1)), y = sg_scale(x, 2), z = sg_scale(x, 10);
    sg_node seen = sg_scale(x, -1);
    sg_phase_values(g, "act", y);
    sg_phase_values(g, "learn", z);
    sg_phase_alone(g, "look");
    sg_phase_values(g, "look", seen);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    sg_run(p, sg_phase_find(p, "act"));
    double drawn = sg_get_number(p, y) / 2;
    sg_run(p, sg_phase_find(p, "look"));
    cr_expect_neq(sg_get_number(p, seen), -drawn);
    sg_run(p, sg_phase_find(p, "learn"));
    cr_expect_eq(sg_get_number(p, z), 10 * drawn);
    sg_program_hold_draws(p, true);
    sg_set(p, x, (double[]){0.5});
    for (int phase = 0; phase < 3; phase++)
        sg_run(p, phase);
    cr_expect(sg_get_number(p, z) == 5 && sg_get_number(p, seen) == -0.5);
    sg_program_free(p);
    sg_graph_free(g);
}

/* Same seed, same numbers; another seed, others; the draws of one node do not depend on other
 * nodes. */
Test(graph, draws_depend_on_seed_and_name_only)
{
    double values[3][4];
    for (int k = 0; k < 3; k++) {
        sg_graph *g = sg_graph_new(SG_F64);
        if (k == 1)
            sg_phase_values(g, "run", sg_uniform(g, "another", sg_vector(7)));
        sg_node x = sg_normal(g, "noise", sg_vector(4)), y = sg_scale(x, 1.5);
        sg_phase_values(g, "run", y);
        sg_compile_options options = sg_compile_options_default();
        options.seed = k == 2 ? 1 : 0;
        sg_program *p = sg_compile(g, options);
        sg_run(p, 0);
        sg_get(p, y, values[k]);
        sg_program_free(p);
        sg_graph_free(g);
    }
    cr_expect_arr_eq(values[0], values[1], sizeof values[0]);
    cr_expect_neq(values[0][0], values[2][0]);
}

/* A random network gives the same numbers whether temporaries share memory or all are kept. */
Test(graph, sharing_memory_changes_nothing)
{
    double shared[8], kept[8];
    size_t bytes[2];
    for (int keep = 0; keep < 2; keep++) {
        sg_graph *g = sg_graph_new(SG_F64);
        sg_mlp_config c = sg_mlp_config_default();
        c.layer_norm = c.l2_normalize = true;
        sg_mlp mlp = sg_mlp_new(g, "net", 8, c);
        sg_node x = sg_parameter(g, "x", sg_vector(8), sg_init_normal(0, 1));
        sg_nodes dx =
            sg_grad(sg_sum(sg_square(sg_offset(sg_mlp_apply(&mlp, x), -0.1))), sg_list(x));
        sg_phase_add_values(g, "run", dx);
        sg_compile_options options = sg_compile_options_default();
        options.keep_all = keep;
        sg_program *p = sg_compile(g, options);
        sg_run(p, 0);
        sg_get(p, sg_nodes_at(dx, 0), keep ? kept : shared);
        bytes[keep] = sg_program_bytes(p);
        sg_program_free(p);
        sg_graph_free(g);
    }
    cr_expect_arr_eq(shared, kept, sizeof shared);
    cr_expect(bytes[0] < bytes[1], "sharing saves memory: %zu and %zu", bytes[0], bytes[1]);
}

Test(graph, threads_do_not_change_the_numbers)
{
    float *sums[2];
    for (int k = 0; k < 2; k++) {
        sg_graph *g = sg_graph_new(SG_F32);
        sg_mlp_config c = sg_mlp_config_default();
        c.hidden[0] = c.hidden[1] = 700;
        sg_mlp mlp = sg_mlp_new(g, "net", 400, c);
        sg_node x = sg_normal(g, "x", sg_vector(400)),
                loss = sg_sum(sg_square(sg_mlp_apply(&mlp, x)));
        sg_nodes grads = sg_grad(loss, mlp.parameters);
        sg_node flat = sg_flatten(sg_nodes_at(grads, 2));
        sg_phase_values(g, "run", flat);
        sg_compile_options options = sg_compile_options_default();
        options.threads = 1 + 2 * k;
        sg_program *p = sg_compile(g, options);
        double *values = malloc(700 * 700 * sizeof *values);
        sums[k] = malloc(700 * 700 * sizeof(float));
        sg_run(p, 0);
        sg_get(p, flat, values);
        for (int i = 0; i < 700 * 700; i++)
            sums[k][i] = (float)values[i];
        free(values);
        sg_program_free(p);
        sg_graph_free(g);
    }
    cr_expect_arr_eq(sums[0], sums[1], 700 * 700 * sizeof(float));
    free(sums[0]);
    free(sums[1]);
}

/* The gradient of a batch, too, is shared by rows. */
Test(graph, threads_do_not_change_a_batch)
{
    float sums[2][90 * 70];
    double values[90 * 70];
    for (int k = 0; k < 2; k++) {
        sg_graph *g = sg_graph_new(SG_F32);
        sg_node u = sg_normal(g, "u", sg_matrix(50, 90)), x = sg_normal(g, "x", sg_matrix(50, 70));
        sg_node product = sg_outer(u, x);
        sg_phase_values(g, "run", product);
        sg_compile_options options = sg_compile_options_default();
        options.threads = 1 + 2 * k;
        sg_program *p = sg_compile(g, options);
        sg_run(p, 0);
        sg_get(p, product, values);
        for (int i = 0; i < 90 * 70; i++)
            sums[k][i] = (float)values[i];
        sg_program_free(p);
        sg_graph_free(g);
    }
    cr_expect_arr_eq(sums[0], sums[1], sizeof sums[0]);
}

Test(graph, a_value_that_is_not_finite_is_named)
{
    sg_graph *g = sg_graph_new(SG_F32);
    sg_node x = sg_input(g, "x", 3), y = sg_named(sg_log(x), "the logarithm");
    sg_node n = sg_state(g, "n", sg_vector(1), SG_F32, 0);
    sg_phase_updates(g, "run", sg_assign(n, sg_sum(y)));
    sg_compile_options options = sg_compile_options_default();
    options.check_finite = true;
    sg_program *p = sg_compile(g, options);
    sg_set(p, x, (double[]){1, 2, 3});
    cr_expect(sg_run(p, 0));
    double before = sg_get_number(p, n);
    sg_set(p, x, (double[]){1, -2, 3});
    cr_expect_not(sg_run(p, 0));
    cr_expect(strstr(sg_program_fault(p), "the logarithm") && strstr(sg_program_fault(p), "[1]"),
              "%s", sg_program_fault(p));
    cr_expect_eq(sg_get_number(p, n), before, "the update is not made");
    sg_program_free(p);
    sg_graph_free(g);
}

/* A second moment overflows where parameter and first moment do not: no update is made. */
Test(graph, further_outputs_are_checked_before_any_update)
{
    sg_graph *g = sg_graph_new(SG_F32);
    sg_node w = sg_parameter(g, "w", sg_vector(2), sg_init_constant(1)), x = sg_input(g, "x", 2);
    sg_nodes gradient = sg_grad(sg_dot(w, x), sg_list(w));
    sg_phase_updates(g, "run", sg_adam(sg_list(w), gradient, sg_adam_config_default()));
    sg_compile_options options = sg_compile_options_default();
    options.check_finite = true;
    sg_program *p = sg_compile(g, options);
    sg_set(p, x, (double[]){1, 1e30});
    cr_expect_not(sg_run(p, 0));
    cr_expect(strstr(sg_program_fault(p), "output") && strstr(sg_program_fault(p), "[1]"), "%s",
              sg_program_fault(p));
    cr_expect_eq(sg_get_number(p, sg_find(p, "w.step")), 0);
    sg_program_free(p);
    sg_graph_free(g);
}

Test(graph, draws_are_held_where_all_is_checked)
{
    sg_graph *g = sg_graph_new(SG_F32);
    sg_node noise = sg_normal(g, "noise", sg_vector(1)), twice = sg_scale(noise, 2);
    sg_phase_values(g, "run", twice);
    sg_compile_options options = sg_compile_options_default();
    options.check_finite = true;
    sg_program *p = sg_compile(g, options);
    sg_program_hold_draws(p, true);
    sg_set(p, noise, (double[]){3});
    cr_expect(sg_run(p, 0));
    cr_expect_eq(sg_get_number(p, twice), 6);
    sg_program_free(p);
    sg_graph_free(g);
}

/* Saved in the middle and loaded into a fresh program: the same numbers follow. */
Test(graph, saved_and_restored_programs_go_on_alike)
{
    sg_program *p[2];
    sg_graph *g[2];
    sg_node w[2];
    for (int k = 0; k < 2; k++) {
        g[k] = sg_graph_new(SG_F32);
        w[k] = sg_parameter(g[k], "w", sg_vector(6), sg_init_normal(0, 1));
        sg_node noise = sg_normal(g[k], "noise", sg_vector(6));
        sg_phase_updates(g[k], "run", sg_assign(w[k], sg_tanh(sg_add(w[k], noise))));
        sg_compile_options options = sg_compile_options_default();
        options.seed = (uint64_t)k;
        p[k] = sg_compile(g[k], options);
    }
    for (int t = 0; t < 10; t++)
        sg_run(p[0], 0);
    sg_archive *archive = sg_archive_new();
    sg_program_state(p[0], archive);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_program_state(p[1], archive);
    cr_expect(sg_archive_ok(archive, NULL));
    double values[2][6];
    for (int k = 0; k < 2; k++) {
        for (int t = 0; t < 10; t++)
            sg_run(p[k], 0);
        sg_get(p[k], w[k], values[k]);
        sg_program_free(p[k]);
        sg_graph_free(g[k]);
    }
    cr_expect_arr_eq(values[0], values[1], sizeof values[0]);
    sg_archive_free(archive);
}

/* A state that decays ends at zero, not among numbers that cost ten times as much; the caller's own
 * arithmetic is left alone. */
Test(graph, what_decays_ends_at_zero)
{
    volatile double smallest = 4.9e-324;
    for (int threads = 1; threads < 3; threads++) {
        sg_graph *g = sg_graph_new(SG_F32);
        sg_node x = sg_state(g, "x", sg_matrix(400, 300), SG_F32, 1e-37);
        sg_phase_updates(g, "run", sg_assign(x, sg_add_scaled(x, -0.75, x)));
        sg_compile_options options = sg_compile_options_default();
        options.threads = threads;
        sg_program *p = sg_compile(g, options);
        static double values[400 * 300];
        for (int t = 0; t < 5; t++)
            sg_run(p, 0);
        sg_get(p, x, values);
        for (int i = 0; i < 400 * 300; i++)
            cr_assert_eq(values[i], 0, "%d threads: %g at [%d]", threads, values[i], i);
        cr_assert_gt(smallest * 1, 0);
        sg_program_free(p);
        sg_graph_free(g);
    }
}

/* ---- looking at it ---- */

typedef void printer(const sg_graph *g, FILE *out);

static bool prints(const sg_graph *g, printer *print, const char *words)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    print(g, out);
    fclose(out);
    bool found = strstr(text, words) != NULL;
    free(text);
    return found;
}

Test(graph, prints_say_types_and_numbers_and_take_any_name)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node x = sg_input(g, "the \"x\"", 3), z = sg_state(g, "z", sg_vector(3), SG_F64, 0);
    sg_node half = sg_cast(x, SG_F32);
    sg_phase_values(g, "run", sg_tanh(half));
    sg_phase_updates(g, "run", sg_assign(z, sg_trace_step(z, x, 0.25)));
    cr_expect(prints(g, sg_graph_print, "cast(%0)  [3] f32\n"));
    cr_expect(prints(g, sg_graph_print, "trace_step(%1, %0, decay=0.25)  [3]\n"));
    cr_expect(prints(g, sg_graph_dot, "label=\"the \\\"x\\\"\\n[3]\""));
    sg_graph_free(g);
}
