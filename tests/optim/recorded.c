/* recorded.c - see recorded.h. */
#include "tests/optim/recorded.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/ops.h"

static const char start[] = "param/init/";

static sg_shape recorded_shape(const golden *g, const char *name)
{
    int rank;
    int64_t dim[GOLDEN_MAX_RANK];
    char full[160];
    snprintf(full, sizeof full, "%s%s", start, name);
    golden_array(g, full, NULL, &rank, dim);
    cr_assert(rank == 1 || rank == 2, "%s: %s is no vector and no matrix", golden_file(g), full);
    return rank == 2 ? sg_matrix((int)dim[0], (int)dim[1]) : sg_vector((int)dim[0]);
}

/* The parameter of a tensor, the input of its gradient, and its names. */
static void add_tensor(recorded *r, const char *name, double sign)
{
    recorded_tensor *tensor = &r->tensors[r->count++];
    sg_shape shape = recorded_shape(r->g, name);
    tensor->name = name;
    snprintf(tensor->gradient, sizeof tensor->gradient, "grad/%s", name);
    snprintf(tensor->at_step, sizeof tensor->at_step, "param/%s", name);
    tensor->parameter.name = tensor->at_step;
    tensor->of_state.name = tensor->state;
    tensor->input = sg_input_shaped(r->graph, tensor->gradient, shape);
    r->parameters =
        sg_nodes_append(r->parameters, sg_parameter(r->graph, name, shape, sg_init_constant(0)));
    r->gradients = sg_nodes_append(r->gradients, sg_scale(tensor->input, sign));
}

/* The number of steps: rows of the first tensor's gradient. */
static size_t step_count(const recorded *r)
{
    int64_t dim[GOLDEN_MAX_RANK];
    char full[80];
    snprintf(full, sizeof full, "step/%s", r->tensors[0].gradient);
    golden_array(r->g, full, NULL, NULL, dim);
    return (size_t)dim[0];
}

recorded recorded_open(const char *file, double sign)
{
    recorded r = {.g = golden_open(file), .graph = sg_graph_new(SG_F64)};
    size_t arrays = 0;
    while (golden_name_at(r.g, arrays))
        arrays++;
    r.tensors = calloc(arrays, sizeof *r.tensors);
    for (size_t i = 0; i < arrays; i++)
        if (strncmp(golden_name_at(r.g, i), start, strlen(start)) == 0)
            add_tensor(&r, golden_name_at(r.g, i) + strlen(start), sign);
    cr_assert(r.count > 0, "%s has no parameters", file);
    if (golden_has(r.g, "step/delta"))
        r.delta = sg_input(r.graph, "delta", 1);
    if (golden_has(r.g, "step/reset"))
        r.reset = sg_input(r.graph, "reset", 1);
    r.steps = step_count(&r);
    return r;
}

void recorded_start(recorded *r, sg_updates updates, bool fuse, const char *state)
{
    sg_compile_options options = sg_compile_options_default();
    options.without = fuse ? 0 : SG_REWRITE_ALL;
    sg_phase_updates(r->graph, "learn", updates);
    r->program = sg_compile(r->graph, options);
    r->state = state;
    for (int i = 0; i < r->count && state; i++)
        snprintf(r->tensors[i].state, sizeof r->tensors[i].state, "state/%s.%s", r->tensors[i].name,
                 state);
    trace_start(r->program, r->g);
}

/* True if the step has such an array. */
static bool is_recorded(const recorded *r, const char *name)
{
    char full[176];
    snprintf(full, sizeof full, "step/%s", name);
    return golden_has(r->g, full);
}

static void compare(recorded *r, recorded_tensor *tensor, int i, size_t t)
{
    if (is_recorded(r, tensor->at_step))
        trace_compare(&tensor->parameter, r->program, sg_nodes_at(r->parameters, i), r->g, t);
    if (!r->state || !is_recorded(r, tensor->state))
        return;
    sg_node state = sg_find(r->program, tensor->state + strlen("state/"));
    cr_assert(state.graph, "%s: no %s", golden_file(r->g), tensor->state);
    trace_compare(&tensor->of_state, r->program, state, r->g, t);
}

void recorded_step(recorded *r, size_t t)
{
    for (int i = 0; i < r->count; i++)
        trace_set(r->program, r->tensors[i].input, r->g, r->tensors[i].gradient, t);
    if (r->delta.graph)
        trace_set(r->program, r->delta, r->g, "delta", t);
    if (r->reset.graph)
        trace_set(r->program, r->reset, r->g, "reset", t);
    sg_run(r->program, 0);
    for (int i = 0; i < r->count; i++)
        compare(r, &r->tensors[i], i, t);
}

/* Whatever of it was recorded; true if the parameter was at all. */
static bool expect_tensor(const recorded *r, const recorded_tensor *tensor, double tolerance)
{
    if (tensor->parameter.compared)
        trace_expect(&tensor->parameter, tolerance, golden_file(r->g));
    if (tensor->of_state.compared)
        trace_expect(&tensor->of_state, tolerance, golden_file(r->g));
    return tensor->parameter.compared > 0;
}

void recorded_close(recorded *r, double tolerance, const char *const *others)
{
    int followed = 0;
    char last[160];
    trace_series finals = {"parameters", 0, 0};
    snprintf(last, sizeof last, "param/final/%s", r->tensors[0].name);
    for (int i = 0; i < r->count; i++)
        followed += expect_tensor(r, &r->tensors[i], tolerance);
    if (golden_has(r->g, last)) {
        followed = trace_compare_parameters(&finals, r->program, r->g, "final");
        trace_expect(&finals, tolerance, golden_file(r->g));
    }
    cr_expect(followed == r->count, "%s: %d parameters of %d were compared", golden_file(r->g),
              followed, r->count);
    trace_expect_settings_read(r->g, others);
    trace_free(r->program);
    golden_close(r->g);
    free(r->tensors);
}
