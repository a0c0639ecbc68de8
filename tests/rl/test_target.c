/* test_target.c - target networks: copies that start equal, follow at rate tau, and are constants
 * to gradients. */
#include <criterion/criterion.h>
#include <string.h>

#include "autograd/grad.h"
#include "autograd/layers.h"
#include "autograd/program.h"
#include "rl/target.h"
#include "tests/misuse.h"

typedef struct {
    sg_graph *g;
    sg_program *program;
    sg_node weight, copy, now, late;
} network;

/* A layer whose weights grow by 1 in "learn", and its target. */
static network make(double tau)
{
    network n = {.g = sg_graph_new(SG_F64)};
    sg_linear_layer layer = sg_linear_layer_new(n.g, "q", 3, 2, sg_init_fan_in_uniform());
    sg_target target = sg_target_of(sg_list(layer.weight, layer.bias));
    n.weight = layer.weight;
    n.copy = sg_nodes_at(target.copies, 0);
    n.now = sg_sum(sg_linear_layer_apply(layer, sg_input(n.g, "x", 3)));
    n.late = sg_at_target(&target, n.now);
    sg_phase_alone(n.g, "look");
    sg_phase_values(n.g, "look", n.now, n.late);
    sg_phase_alone(n.g, "learn");
    sg_phase_updates(n.g, "learn", sg_assign(n.weight, sg_offset(n.weight, 1)));
    sg_phase_alone(n.g, "follow");
    sg_phase_updates(n.g, "follow", sg_soft_update(&target, tau));
    n.program = sg_compile(n.g, sg_compile_options_default());
    sg_set(n.program, sg_find(n.program, "x"), (double[]){1, 2, -0.5});
    return n;
}

/* Runs a phase, then reads the network and its target. */
static void run(network *n, const char *phase, double *now, double *late)
{
    sg_run(n->program, sg_phase_find(n->program, phase));
    sg_run(n->program, sg_phase_find(n->program, "look"));
    *now = sg_get_number(n->program, n->now);
    *late = sg_get_number(n->program, n->late);
}

static void release(network *n)
{
    sg_program_free(n->program);
    sg_graph_free(n->g);
}

/* The inputs sum to 2.5: weights that grow by 1 add 5 to the sum of two outputs. */
Test(target, starts_equal_and_follows_slowly)
{
    double start, now, late;
    network n = make(0.25);
    run(&n, "look", &start, &late);
    cr_assert_neq(start, 0);
    cr_assert_eq(late, start);
    run(&n, "learn", &now, &late);
    cr_assert_float_eq(now, start + 5, 1e-12);
    cr_assert_eq(late, start);
    run(&n, "follow", &now, &late);
    cr_assert_float_eq(late, start + 1.25, 1e-12);
    run(&n, "follow", &now, &late);
    cr_assert_float_eq(late, start + 1.25 + 0.75 * 1.25, 1e-12);
    cr_assert_float_eq(now, start + 5, 1e-12);
    release(&n);
}

Test(target, tau_1_copies_to_the_bit)
{
    double now, late, weights[6], copies[6];
    network n = make(1);
    run(&n, "learn", &now, &late);
    run(&n, "follow", &now, &late);
    sg_get(n.program, n.weight, weights);
    sg_get(n.program, n.copy, copies);
    for (int i = 0; i < 6; i++)
        cr_assert_eq(weights[i], copies[i]);
    release(&n);
}

Test(target, is_a_constant_to_gradients)
{
    network n = make(0.5);
    sg_node zero =
        sg_nodes_at(sg_vector_jacobian(n.late, sg_constant(n.g, 1), sg_list(n.weight)), 0);
    sg_phase_alone(n.g, "gradient");
    sg_phase_values(n.g, "gradient", zero);
    sg_program *p = sg_compile(n.g, sg_compile_options_default());
    double values[6];
    sg_set(p, sg_find(p, "x"), (double[]){1, 2, -0.5});
    sg_run(p, sg_phase_find(p, "gradient"));
    sg_get(p, zero, values);
    for (int i = 0; i < 6; i++)
        cr_assert_eq(values[i], 0);
    sg_program_free(p);
    release(&n);
}

static void copy_of_a_state(void)
{
    sg_graph *g = sg_graph_new(SG_F64);
    sg_state_copy("late", sg_state(g, "count", sg_vector(1), SG_F64, 0));
}

Test(target, only_parameters_are_copied)
{
    cr_expect(strstr(misuse_of(copy_of_a_state), "is not a parameter to be copied"));
}
