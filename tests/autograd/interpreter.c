/* interpreter.c - the rules of phases, as plainly as they can be written. */
#include "tests/autograd/interpreter.h"

#include <stdlib.h>
#include <string.h>

#include "autograd/graph_internal.h"

/* A program without a plan. */
struct interpreter {
    sg_graph *g;
    void **memory;      /* [group][node]: sources that are stored are in group 0 */
    bool **makes;       /* [phase][node]: the phase computes or draws it */
    int *group;         /* [phase] */
    sg_random *streams; /* [node] */
};

static bool is_drawn(const sg_graph *g, int id)
{
    return g->nodes[id].op == SG_OP_normal || g->nodes[id].op == SG_OP_uniform;
}

static bool is_stored(const sg_graph *g, int id)
{
    return sg_op_get(g->nodes[id].op)->is_source && !is_drawn(g, id) &&
           g->nodes[id].op != SG_OP_output;
}

static void *memory_of(const interpreter *in, int group, int id)
{
    return in->memory[(is_stored(in->g, id) ? 0 : group) * in->g->node_count + id];
}

/* What an earlier phase of the group has made is there. */
static void need(interpreter *in, int phase, int id)
{
    const sg_node_info *n = &in->g->nodes[id];
    for (int p = 0; p <= phase; p++)
        if (in->group[p] == in->group[phase] && in->makes[p][id])
            return;
    if (is_stored(in->g, id))
        return;
    in->makes[phase][id] = true;
    for (int k = 0; k < n->input_count; k++)
        need(in, phase, n->inputs[k]);
}

static void need_roots(interpreter *in, int phase)
{
    const sg_phase_info *p = &in->g->phases[phase];
    for (int i = 0; i < p->value_count; i++)
        need(in, phase, p->values[i]);
    for (int i = 0; i < p->update_count; i++)
        need(in, phase, p->updates[i].value);
    for (int i = 0; i < in->g->report_count; i++)
        if (in->g->reports[i].phase == phase)
            need(in, phase, in->g->reports[i].node);
}

interpreter *interpreter_new(sg_graph *g, const sg_program *program, uint64_t seed)
{
    size_t nodes = (size_t)g->node_count, phases = (size_t)g->phase_count;
    interpreter *in = sg_alloc(sizeof *in);
    *in = (interpreter){g, sg_alloc((phases + 1) * nodes * sizeof(void *)),
                        sg_alloc(phases * sizeof(bool *)), sg_alloc(phases * sizeof(int)),
                        sg_alloc(nodes * sizeof(sg_random))};
    for (size_t i = 0; i < (phases + 1) * nodes; i++) {
        const sg_node_info *n = &g->nodes[i % nodes];
        in->memory[i] = sg_alloc((size_t)n->size * sizeof(double));
        if (i < nodes && is_drawn(g, (int)i))
            sg_random_seed_named(&in->streams[i], seed, n->name);
        if (i >= nodes || !is_stored(g, (int)i))
            continue;
        double *values = sg_alloc((size_t)n->size * sizeof *values);
        sg_get(program, (sg_node){g, (int)i}, values);
        sg_store(n->dtype, in->memory[i], values, (size_t)n->size);
        free(values);
    }
    for (int p = 0, groups = 1; p < g->phase_count; p++) {
        in->group[p] = g->phases[p].alone ? groups++ : 0;
        in->makes[p] = sg_alloc(nodes);
        need_roots(in, p);
    }
    return in;
}

void interpreter_free(interpreter *in)
{
    int nodes = in->g->node_count, phases = in->g->phase_count;
    for (int i = 0; i < (phases + 1) * nodes; i++)
        free(in->memory[i]);
    for (int p = 0; p < phases; p++)
        free(in->makes[p]);
    free(in->memory);
    free(in->makes);
    free(in->group);
    free(in->streams);
    free(in);
}

static void draw(interpreter *in, int group, int id)
{
    const sg_node_info *n = &in->g->nodes[id];
    for (int i = 0; i < n->size; i++) {
        sg_random *r = &in->streams[id];
        double value = n->op == SG_OP_normal ? sg_random_normal(r) : sg_random_unit(r);
        sg_store(n->dtype, (char *)memory_of(in, group, id) + (size_t)i * sg_dtype_size(n->dtype),
                 &value, 1);
    }
}

/* The index of an optimiser's gradient among its inputs, which its kernel reads as rows. */
static int rows_input(int op)
{
    return op == SG_OP_add_scaled || op == SG_OP_trace_step ? 1
           : op == SG_OP_adam_step                          ? 3
           : op == SG_OP_rms_direction                      ? 2
                                                            : -1;
}

static void compute(const interpreter *in, int group, int id)
{
    const sg_graph *g = in->g;
    const sg_node_info *n = &g->nodes[id];
    sg_call call = {.kernels = sg_kernels_of(SG_ISA_SCALAR, n->dtype),
                    .out = {memory_of(in, group, id)},
                    .out_shape = &n->shape,
                    .size = n->size,
                    .threads = 1,
                    .attr = &n->attr,
                    .node = id};
    for (int k = 0; k < n->input_count; k++) {
        const sg_node_info *x = &g->nodes[n->inputs[k]];
        call.in[k] = memory_of(in, group, n->inputs[k]);
        call.in_shape[k] = &x->shape;
        call.in_size[k] = x->size;
        call.in_dtype[k] = x->dtype;
    }
    if (rows_input(n->op) >= 0)
        call.rows = (sg_rows_operand){.constant = 1,
                                      .row = call.in[rows_input(n->op)],
                                      .row_step = (size_t)sg_shape_cols(n->shape)};
    for (int out = id + 1; sg_is_output_of(g, out, id); out++)
        call.out[g->nodes[out].attr.integer[0]] = memory_of(in, group, out);
    sg_op_get(n->op)->eval(&call);
}

/* Everything from the states as they are; then they become what they are to become, at once. */
void interpreter_run(interpreter *in, int phase)
{
    const sg_phase_info *p = &in->g->phases[phase];
    int group = in->group[phase];
    for (int id = 0; id < in->g->node_count; id++) {
        if (in->makes[phase][id] && is_drawn(in->g, id))
            draw(in, group, id);
        else if (in->makes[phase][id] && in->g->nodes[id].op != SG_OP_output)
            compute(in, group, id);
    }
    void **fresh = sg_alloc((size_t)(p->update_count + 1) * sizeof *fresh);
    for (int i = 0; i < p->update_count; i++) {
        size_t bytes = (size_t)in->g->nodes[p->updates[i].state].size * sizeof(double);
        fresh[i] = memcpy(sg_alloc(bytes), memory_of(in, group, p->updates[i].value), bytes);
    }
    for (int i = 0; i < p->update_count; i++) {
        free(in->memory[p->updates[i].state]);
        in->memory[p->updates[i].state] = fresh[i];
    }
    free(fresh);
}

void interpreter_get(const interpreter *in, int phase, sg_node node, double *values)
{
    const sg_node_info *n = &in->g->nodes[node.id];
    sg_load(n->dtype, memory_of(in, in->group[phase], node.id), values, (size_t)n->size);
}
