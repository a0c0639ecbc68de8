/* test_upgd.c - UPGD against the recorded traces of the published code: networks whose gradients
 * are computed here, step by step; and what it does where no weight is of use. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "autograd/grad.h"
#include "autograd/program.h"
#include "optim/optim.h"
#include "tests/trace.h"

enum { LAYERS = 3 };

static sg_node activated(sg_node x, const char *name)
{
    if (!strcmp(name, "tanh"))
        return sg_tanh(x);
    return sg_leaky_relu(x, strcmp(name, "relu") ? 0.01 : 0);
}

static sg_node parameter(sg_graph *graph, const golden *g, const char *name)
{
    int rank;
    int64_t dim[GOLDEN_MAX_RANK];
    char full[64];
    snprintf(full, sizeof full, "param/init/%s", name);
    golden_array(g, full, NULL, &rank, dim);
    sg_shape shape = rank == 2 ? sg_matrix((int)dim[0], (int)dim[1]) : sg_vector((int)dim[0]);
    return sg_parameter(graph, name, shape, sg_init_constant(0));
}

/* A classifier's cross-entropy; *parameters gets its weights and biases. */
static sg_node loss_of(sg_graph *graph, const golden *g, sg_nodes *parameters)
{
    sg_node x = sg_input(graph, "x", 6), y = sg_input(graph, "y", 1);
    for (int k = 1; k <= LAYERS; k++) {
        char weight[32], bias[32];
        snprintf(weight, sizeof weight, "linear_%d.weight", k);
        snprintf(bias, sizeof bias, "linear_%d.bias", k);
        sg_node W = parameter(graph, g, weight), b = parameter(graph, g, bias);
        *parameters = sg_nodes_append(sg_nodes_append(*parameters, W), b);
        x = sg_add(sg_linear(W, x), b);
        if (k < LAYERS)
            x = activated(x, golden_text(g, "activation"));
    }
    return sg_neg(sg_gather(sg_log_softmax(x), y));
}

static sg_upgd_config recorded_config(const golden *g, bool local, bool protecting)
{
    return (sg_upgd_config){.lr = golden_number(g, "hp/lr"),
                            .beta = golden_number(g, "hp/beta_utility"),
                            .sigma = golden_number(g, "hp/sigma"),
                            .weight_decay = golden_number(g, "hp/weight_decay"),
                            .local = local,
                            .protecting = protecting};
}

static void set_noise(sg_program *p, const golden *g, sg_nodes parameters, size_t t)
{
    for (int k = 0; k < parameters.count; k++) {
        char node[64], array[64];
        const char *name = sg_node_name(sg_nodes_at(parameters, k));
        snprintf(node, sizeof node, "%s.noise", name);
        snprintf(array, sizeof array, "noise/%s", name);
        trace_set(p, sg_find(p, node), g, array, t);
    }
}

static void compare_states(trace_series *series, const sg_program *p, const golden *g,
                           sg_nodes parameters)
{
    for (int k = 0; k < parameters.count; k++) {
        char state[64], array[64];
        double values[64];
        size_t n;
        const char *name = sg_node_name(sg_nodes_at(parameters, k));
        snprintf(state, sizeof state, "%s.avg_utility", name);
        snprintf(array, sizeof array, "opt/final/%s.avg_utility", name);
        const double *recorded = golden_array(g, array, &n, NULL, NULL);
        cr_assert(n <= 64);
        sg_get(p, sg_find(p, state), values);
        trace_compare_values(series, values, recorded, n);
    }
}

static void replay(const char *file, bool local, bool protecting, bool fuse)
{
    golden *g = golden_open(file);
    sg_graph *graph = sg_graph_new(SG_F64);
    sg_nodes parameters = {0};
    sg_node loss = loss_of(graph, g, &parameters);
    sg_phase_updates(
        graph, "learn",
        sg_upgd(parameters, sg_grad(loss, parameters), recorded_config(g, local, protecting)));
    sg_report(graph, "learn", "loss", loss);
    sg_compile_options options = sg_compile_options_default();
    options.without = fuse ? 0 : SG_REWRITE_ALL;
    sg_program *p = sg_compile(graph, options);
    sg_program_hold_draws(p, true);
    trace_start(p, g);

    trace_series losses = {"loss", 0, 0}, finals = {"parameters", 0, 0}, states = {"U", 0, 0};
    size_t steps;
    golden_array(g, "step/loss", &steps, NULL, NULL);
    for (size_t t = 0; t < steps; t++) {
        trace_set(p, sg_find(p, "x"), g, "x", t);
        trace_set(p, sg_find(p, "y"), g, "y", t);
        set_noise(p, g, parameters, t);
        sg_run(p, 0);
        trace_compare(&losses, p, sg_report_node(p, 0), g, t);
    }
    cr_expect(steps == 46 && trace_compare_parameters(&finals, p, g, "final") == 2 * LAYERS);
    compare_states(&states, p, g, parameters);
    trace_expect(&losses, 1e-9, file);
    trace_expect(&finals, 1e-9, file);
    trace_expect(&states, 1e-9, file);
    sg_program_free(p);
    sg_graph_free(graph);
    golden_close(g);
}

Test(upgd, follows_the_recorded_traces)
{
    for (int fuse = 0; fuse < 2; fuse++) {
        replay("algos/upgd_weight_fo_global.safetensors", false, true, fuse);
        replay("algos/upgd_weight_fo_global_nonprotecting.safetensors", false, false, fuse);
        replay("algos/upgd_weight_fo_local.safetensors", true, true, fuse);
        replay("algos/upgd_weight_fo_local_nonprotecting.safetensors", true, false, fuse);
    }
}

/* Utilities -g p of -2, 0 and -1: weights that do harm take the whole step, the others half of it.
 */
Test(upgd, where_no_weight_is_of_use_none_is_protected)
{
    for (int type = 0; type < 2; type++) {
        sg_graph *graph = sg_graph_new(type ? SG_F64 : SG_F32);
        sg_node p = sg_parameter(graph, "p", sg_vector(3), sg_init_constant(0));
        sg_upgd_config c = sg_upgd_config_default();
        double start[3] = {2, 0, -1}, gradient[3] = {1, 1, -1}, values[3];
        c.lr = 0.5;
        c.sigma = c.weight_decay = 0;
        sg_node g = sg_input(graph, "g", 3);
        sg_phase_updates(graph, "learn", sg_upgd(sg_list(p), sg_list(g), c));
        sg_program *program = sg_compile(graph, sg_compile_options_default());
        sg_set(program, p, start);
        sg_set(program, g, gradient);
        cr_assert(sg_run(program, 0));
        sg_get(program, p, values);
        cr_expect(values[0] == 1.5 && values[1] == -0.25 && values[2] == -0.5, "%g %g %g",
                  values[0], values[1], values[2]);
        sg_program_free(program);
        sg_graph_free(graph);
    }
}
