/* test_upgd.c - UPGD against the recorded traces of the published code: networks whose gradients
 * are computed here, step by step; and what it does where no weight is of use. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/grad.h"
#include "autograd/program.h"
#include "optim/optim.h"
#include "tests/trace.h"

/* By hp/activation_code: relu, leaky relu, tanh, sigmoid. */
static sg_node activated(const golden *g, sg_node x)
{
    int code = (int)golden_number(g, "hp/activation_code");
    cr_assert(code >= 0 && code <= 3, "%s: activation_code %d", golden_file(g), code);
    switch (code) {
    case 2: return sg_tanh(x);
    case 3: return sg_sigmoid(x);
    default: return sg_leaky_relu(x, code == 1 ? 0.01 : 0);
    }
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

/* True if there is a layer linear_k. */
static bool has_layer(const golden *g, int k)
{
    char name[64];
    snprintf(name, sizeof name, "param/init/linear_%d.weight", k);
    return golden_has(g, name);
}

/* An input of the shape that was recorded at each step: [batch, ...], or [...] for a batch of one.
 */
static sg_node input(sg_graph *graph, const golden *g, const char *name, int width)
{
    int batch = (int)golden_number(g, "hp/batch_size");
    return batch == 1 ? sg_input(graph, name, width)
                      : sg_input_shaped(graph, name, sg_matrix(batch, width));
}

/* The width of step/<name>, recorded as [step, batch, width] or [step, batch]. */
static int width_of(const golden *g, const char *name)
{
    int rank;
    int64_t dim[GOLDEN_MAX_RANK];
    golden_array(g, name, NULL, &rank, dim);
    cr_assert(rank >= 2 && rank <= 3 && (double)dim[1] == golden_number(g, "hp/batch_size"),
              "%s: %s is not [step, batch, width]", golden_file(g), name);
    return rank == 3 ? (int)dim[2] : 1;
}

/* The outputs of linear_1, linear_2, ...; *parameters gets their weights and biases. */
static sg_node outputs(sg_graph *graph, const golden *g, sg_node x, sg_nodes *parameters)
{
    for (int k = 1; has_layer(g, k); k++) {
        char weight[32], bias[32];
        snprintf(weight, sizeof weight, "linear_%d.weight", k);
        snprintf(bias, sizeof bias, "linear_%d.bias", k);
        sg_node W = parameter(graph, g, weight), b = parameter(graph, g, bias);
        *parameters = sg_nodes_append(sg_nodes_append(*parameters, W), b);
        x = sg_add(sg_linear(W, x), b);
        if (has_layer(g, k + 1))
            x = activated(g, x);
    }
    return x;
}

/* By hp/loss_code, over the batch: a classifier's cross-entropy or the mean square. */
static sg_node loss_of(sg_graph *graph, const golden *g, sg_nodes *parameters)
{
    int code = (int)golden_number(g, "hp/loss_code");
    cr_assert(code == 0 || code == 1, "%s: loss_code %d", golden_file(g), code);
    sg_node x = input(graph, g, "x", width_of(g, "step/x"));
    sg_node y = input(graph, g, "y", width_of(g, "step/y"));
    sg_node out = outputs(graph, g, x, parameters);
    if (code == 0)
        return sg_neg(sg_mean(sg_gather(sg_log_softmax(out), y)));
    return sg_mean(sg_square(sg_sub(out, y)));
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
        size_t n;
        const char *name = sg_node_name(sg_nodes_at(parameters, k));
        snprintf(state, sizeof state, "%s.avg_utility", name);
        snprintf(array, sizeof array, "opt/final/%s.avg_utility", name);
        const double *recorded = golden_array(g, array, &n, NULL, NULL);
        sg_node node = sg_find(p, state);
        cr_assert(n == sg_shape_size(sg_node_shape(node)), "%s: %s has %zu values", golden_file(g),
                  array, n);
        double *values = malloc(n * sizeof *values);
        sg_get(p, node, values);
        trace_compare_values(series, values, recorded, n);
        free(values);
    }
}

/* The step, with the loss as a report; what it is of stands in the name of the file. */
static sg_program *compiled(const golden *g, bool fuse, sg_nodes *parameters)
{
    bool local = strstr(golden_file(g), "_local"),
         spares = strstr(golden_file(g), "_nonprotecting");
    cr_assert(local != !!strstr(golden_file(g), "_global"), "%s: local or global?", golden_file(g));
    sg_graph *graph = sg_graph_new(SG_F64);
    sg_node loss = loss_of(graph, g, parameters);
    sg_phase_updates(
        graph, "learn",
        sg_upgd(*parameters, sg_grad(loss, *parameters), recorded_config(g, local, !spares)));
    sg_report(graph, "learn", "loss", loss);
    sg_compile_options options = sg_compile_options_default();
    options.without = fuse ? 0 : SG_REWRITE_ALL;
    sg_program *p = sg_compile(graph, options);
    sg_program_hold_draws(p, true);
    return p;
}

static void replay(const char *file, bool fuse)
{
    golden *g = golden_open(file);
    sg_nodes parameters = {0};
    sg_program *p = compiled(g, fuse, &parameters);
    trace_start(p, g);
    trace_expect_settings_read(g, (const char *const[]){NULL});

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
    int compared = trace_compare_parameters(&finals, p, g, "final");
    cr_expect(compared == parameters.count - trace_left_out(g, "final"), "%s: %d parameters", file,
              compared);
    compare_states(&states, p, g, parameters);
    trace_expect(&losses, 1e-9, file);
    trace_expect(&finals, 1e-9, file);
    trace_expect(&states, 1e-9, file);
    trace_free(p);
    golden_close(g);
}

Test(upgd, follows_every_recorded_trace)
{
    const char *file;
    for (int i = 0; (file = golden_recording("upgd_weight_fo", i)); i++) {
        replay(file, false);
        replay(file, true);
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
