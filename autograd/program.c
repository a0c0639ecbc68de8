/* program.c - compiling a graph to calls on one block of memory, and running them. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/program_internal.h"
#include "tensor/denormals.h"

sg_compile_options sg_compile_options_default(void)
{
    return (sg_compile_options){.isa = sg_isa_best(), .threads = 1};
}

/* ---- evals that belong to no op: random nodes and the copies at the end of a phase ---- */

static void draw(const sg_call *call, double (*next)(sg_random *))
{
    for (int i = 0; i < call->size; i++) {
        double value = next(call->random);
        if (call->kernels->dtype == SG_F32)
            ((float *)call->out[0])[i] = (float)value;
        else
            ((double *)call->out[0])[i] = value;
    }
}

static void eval_normal(const sg_call *call) { draw(call, sg_random_normal); }
static void eval_uniform(const sg_call *call) { draw(call, sg_random_unit); }

static void eval_copy(const sg_call *call)
{
    memcpy(call->out[0], call->in[0], (size_t)call->size * sg_dtype_size(call->kernels->dtype));
}

/* ---- resolving ---- */

static char *memory_of(const sg_program *program, int group, int node)
{
    const sg_place *place = sg_place_of(&program->plan, group, node);
    if (place->home < 0)
        sg_misuse("program: node %d has no memory", node);
    return program->block + place->offset;
}

/* What a call needs to know of its output. */
static void set_output(const sg_program *program, sg_call *call, int group, int node, int state)
{
    const sg_graph *g = program->graph;
    const sg_node_info *n = &g->nodes[node];
    call->node = node;
    call->kernels = sg_kernels_of(program->options.isa, n->dtype);
    call->out[0] = memory_of(program, group, state >= 0 ? state : node);
    call->out_shape = &n->shape;
    call->size = n->size;
    call->attr = &n->attr;
    call->threads = program->options.threads;
    for (int id = node + 1; state < 0 && sg_is_output_of(g, id, node); id++)
        call->out[g->nodes[id].attr.integer[0]] = memory_of(program, group, id);
}

static void set_input(const sg_program *program, sg_call *call, int k, int group, int node)
{
    const sg_node_info *n = &program->graph->nodes[node];
    call->in[k] = memory_of(program, group, sg_alias_root(&program->plan, node));
    call->in_shape[k] = &n->shape;
    call->in_size[k] = n->size;
    call->in_dtype[k] = n->dtype;
}

static void set_rows(const sg_program *program, sg_call *call, const sg_step *step, int group)
{
    const sg_rows_match *r = &step->rows;
    bool repeated = r->scale >= 0;
    call->rows =
        (sg_rows_operand){.constant = r->constant,
                          .factor = r->factor >= 0 ? memory_of(program, group, r->factor) : NULL,
                          .scale = repeated ? memory_of(program, group, r->scale) : NULL,
                          .row = memory_of(program, group, r->row),
                          .row_step = repeated ? 0 : (size_t)sg_shape_cols(*call->out_shape)};
}

/* The second product of a merged step. */
static void set_also(const sg_program *program, sg_call *call, const sg_step *step, int group)
{
    call->also_out = memory_of(program, group, step->also);
    for (int k = 0; k < SG_ALSO_INPUTS; k++)
        if (step->also_inputs[k] >= 0)
            call->also_in[k] =
                memory_of(program, group, sg_alias_root(&program->plan, step->also_inputs[k]));
}

static sg_call make_call(const sg_program *program, const sg_step *step, int group)
{
    sg_call call = {0};
    if (step->node < 0) {
        call.eval = eval_copy;
        set_output(program, &call, group, step->operands[0], step->state);
        set_input(program, &call, 0, group, step->operands[0]);
        return call;
    }
    const sg_node_info *n = &program->graph->nodes[step->call];
    call.eval = sg_op_get(n->op)->eval;
    set_output(program, &call, group, step->node, -1);
    call.attr = &n->attr;
    call.first_column = step->first_column;
    for (int k = 0; k < SG_MAX_INPUTS; k++)
        if (step->inputs[k] >= 0)
            set_input(program, &call, k, group, step->inputs[k]);
    if (step->rows.input >= 0)
        set_rows(program, &call, step, group);
    if (step->also >= 0)
        set_also(program, &call, step, group);
    return call;
}

/* Fresh random numbers are drawn by the first phase of the step that reads or shows them. */
static int add_draws(sg_program *program, int phase, sg_call *calls, bool *drawn)
{
    const sg_graph *g = program->graph;
    const sg_phase_plan *p = &program->plan.phases[phase];
    int count = 0;
    for (int i = 0; i < program->stream_count; i++) {
        int node = program->streams[i].node;
        if (!sg_phase_uses(&program->plan, phase, node) || (!p->alone && drawn[node]))
            continue;
        drawn[node] |= !p->alone;
        sg_call *call = &calls[count++];
        *call = (sg_call){.eval = g->nodes[node].op == SG_OP_normal ? eval_normal : eval_uniform,
                          .random = &program->streams[i].random};
        set_output(program, call, p->group, node, -1);
    }
    return count;
}

/* Steps of a block stand side by side; draws come before all steps. */
static void join_blocks(const sg_program *program, const sg_phase_plan *plan, sg_phase_calls *phase)
{
    sg_call *calls = &phase->calls[phase->count - plan->step_count];
    for (int s = 0; s < plan->step_count;)
        s += plan->steps[s].block ? sg_make_block(&program->plan, plan, s, &calls[s]) : 1;
}

static void resolve_phases(sg_program *program)
{
    const sg_graph *g = program->graph;
    bool *drawn = sg_alloc((size_t)g->node_count + 1);
    int order = 0;
    program->phases = sg_alloc((size_t)(g->phase_count + 1) * sizeof *program->phases);
    for (int p = 0; p < g->phase_count; p++) {
        const sg_phase_plan *plan = &program->plan.phases[p];
        sg_phase_calls *phase = &program->phases[p];
        phase->calls =
            sg_alloc((size_t)(plan->step_count + program->stream_count + 1) * sizeof(sg_call));
        phase->alone = plan->alone;
        phase->order = plan->alone ? -1 : order++;
        phase->count = add_draws(program, p, phase->calls, drawn);
        for (int s = 0; s < plan->step_count; s++)
            phase->calls[phase->count++] = make_call(program, &plan->steps[s], plan->group);
        join_blocks(program, plan, phase);
    }
    free(drawn);
}

/* ---- compiling ---- */

/* Values that must stay readable are not folded or overwritten. Where all are checked before any
 * update is made, none is overwritten, and each call makes one node. */
static unsigned rewrites_of(const sg_compile_options *options)
{
    unsigned set = SG_REWRITE_ALL & ~options->without;
    if (options->keep_all)
        set &= SG_REWRITE_ROWS;
    if (options->check_finite)
        set &= SG_REWRITE_ROWS | SG_REWRITE_BIAS;
    return set;
}

static void make_plan(sg_program *program)
{
    const sg_graph *g = program->graph;
    sg_plan *plan = &program->plan;
    *plan = (sg_plan){.graph = g,
                      .rewrites = rewrites_of(&program->options),
                      .keep_all = program->options.keep_all,
                      .threads = program->options.threads,
                      .group_count = 1};
    plan->phases = sg_alloc((size_t)(g->phase_count + 1) * sizeof *plan->phases);
    for (int p = 0; p < g->phase_count; p++)
        plan->phases[p] = (sg_phase_plan){.name = g->phases[p].name,
                                          .alone = g->phases[p].alone,
                                          .group = g->phases[p].alone ? plan->group_count++ : 0};
    size_t places = (size_t)plan->group_count * (size_t)g->node_count;
    plan->places = sg_alloc((places + 1) * sizeof *plan->places);
    for (size_t i = 0; i < places; i++)
        plan->places[i].home = -1;
    plan->formed_in = sg_alloc(((size_t)g->node_count + 1) * sizeof *plan->formed_in);
    sg_plan_form(plan);
    sg_plan_select(plan);
    sg_plan_memory(plan);
}

static bool is_stored(const sg_node_info *n)
{
    return n->op == SG_OP_parameter || n->op == SG_OP_state || n->op == SG_OP_constant;
}

/* Writes starting values into sources, each from a stream named after it, by way of `values`, room
 * for the largest. Copies are made after what they copy. */
static void start_values(sg_program *program, double *values)
{
    const sg_graph *g = program->graph;
    for (int id = 0; id < g->node_count; id++) {
        const sg_node_info *n = &g->nodes[id];
        if (!is_stored(n))
            continue;
        sg_random random;
        sg_init init = n->op == SG_OP_constant ? sg_init_constant(n->attr.number[0]) : n->init;
        sg_random_seed_named(&random, program->options.seed, n->name ? n->name : "");
        sg_init_fill(init, n->shape, &random, values);
        sg_store(n->dtype, memory_of(program, 0, id), n->values ? n->values : values,
                 (size_t)n->size);
        if (n->copy_of)
            memcpy(memory_of(program, 0, id), memory_of(program, 0, n->copy_of - 1),
                   (size_t)n->size * sg_dtype_size(n->dtype));
    }
}

static void start_streams(sg_program *program)
{
    const sg_graph *g = program->graph;
    program->streams = sg_alloc((size_t)(g->node_count + 1) * sizeof *program->streams);
    for (int id = 0; id < g->node_count; id++) {
        if (g->nodes[id].op != SG_OP_normal && g->nodes[id].op != SG_OP_uniform)
            continue;
        sg_stream *stream = &program->streams[program->stream_count++];
        stream->node = id;
        sg_random_seed_named(&stream->random, program->options.seed, g->nodes[id].name);
    }
}

/* Takes the memory that grows with the sizes of nodes: the block, and, as the answer, room for the
 * largest starting values, which the caller frees. sg_init_fill may need as much again, which is
 * counted. NULL with a line if there is not so much. */
static double *reserve(sg_program *program, sg_error *error)
{
    const sg_graph *g = program->graph;
    size_t block = program->plan.bytes + SG_ALIGNMENT, most = 0, machine = sg_machine_memory();
    for (int id = 0; id < g->node_count; id++)
        if (is_stored(&g->nodes[id]) && (size_t)g->nodes[id].size > most)
            most = (size_t)g->nodes[id].size;
    size_t room = most * sizeof(double);
    double *values = NULL;
    if (block + 2 * room <= machine && (program->block = sg_alloc_or_null(block)))
        values = sg_alloc_or_null(room);
    if (!values)
        sg_fail(error,
                "%.3g GB of memory are needed, more than are to be had; the machine has %.3g GB",
                (double)(block + 2 * room) / 1e9, (double)machine / 1e9);
    return values;
}

static bool sizes_fit(const sg_graph *g, sg_error *error)
{
    char text[160];
    return !g->too_large || sg_fail(error, "%s has more than %d elements",
                                    sg_node_text(g, g->too_large - 1, text), INT_MAX);
}

sg_program *sg_compile(const sg_graph *graph, sg_compile_options options)
{
    sg_error error;
    if (!sizes_fit(graph, &error))
        sg_misuse("compile: %s", error.text);
    sg_program *program = sg_try_compile(graph, options, &error);
    if (!program)
        sg_out_of_memory("compile: %s", error.text);
    return program;
}

sg_program *sg_try_compile(const sg_graph *graph, sg_compile_options options, sg_error *error)
{
    if (!sg_kernels_of(options.isa, SG_F32))
        sg_misuse("compile: instruction set %s is not usable here", sg_isa_name(options.isa));
    if (options.threads < 1)
        sg_misuse("compile: %d threads; at least 1 is needed", options.threads);
    if (!sizes_fit(graph, error))
        return NULL;
    sg_program *program = sg_alloc(sizeof *program);
    program->source = graph;
    program->graph = sg_graph_snapshot(graph);
    program->options = options;
    program->pinned = -1;
    make_plan(program);
    double *values = reserve(program, error);
    if (!values) {
        sg_program_free(program);
        return NULL;
    }
    start_values(program, values);
    free(values);
    start_streams(program);
    resolve_phases(program);
    return program;
}

void sg_program_free(sg_program *program)
{
    if (!program)
        return;
    for (int p = 0; program->phases && p < program->graph->phase_count; p++) {
        for (int i = 0; i < program->phases[p].count; i++)
            free(program->phases[p].calls[i].block);
        free(program->phases[p].calls);
    }
    sg_profile_free(program);
    sg_plan_free(&program->plan);
    sg_graph_snapshot_free(program->graph);
    free(program->phases);
    free(program->streams);
    free(program->block);
    free(program);
}

/* ---- running ---- */

/* True for what is to stay as it is: random nodes while held; sg_stop_grad nodes and the pinned one
 * while frozen. */
static bool keeps_value(const sg_program *program, const sg_call *call)
{
    bool stopped = program->graph->nodes[call->node].op == SG_OP_stop_grad;
    return (program->held && call->random) ||
           (program->frozen && (stopped || call->node == program->pinned));
}

/* False, and the fault told, if one of the node's numbers is not finite. */
static bool is_finite(sg_program *program, int node, const void *memory)
{
    char text[160];
    const sg_node_info *n = &program->graph->nodes[node];
    size_t bytes = sg_dtype_size(n->dtype);
    for (int i = 0; i < n->size; i++) {
        double value;
        sg_load(n->dtype, (const char *)memory + bytes * (size_t)i, &value, 1);
        if (isfinite(value))
            continue;
        snprintf(program->fault, sizeof program->fault, "%s is not finite at [%d]",
                 sg_node_text(program->graph, node, text), i);
        return false;
    }
    return true;
}

/* Stops at the first call with a result that is not finite, before the updates that come last. */
static bool run_checked(sg_program *program, const sg_phase_calls *phase)
{
    for (int i = 0; i < phase->count; i++) {
        const sg_call *call = &phase->calls[i];
        if (!keeps_value(program, call))
            call->eval(call);
        if (!is_finite(program, call->node, call->out[0]))
            return false;
        for (int k = 1, id = call->node + 1; k < SG_MAX_OUTPUTS && call->out[k]; k++, id++)
            if (!is_finite(program, id, call->out[k]))
                return false;
    }
    return true;
}

/* Runs all but the nodes that are to keep their values. */
static void run_held(const sg_program *program, const sg_phase_calls *phase)
{
    for (int i = 0; i < phase->count; i++)
        if (!keeps_value(program, &phase->calls[i]))
            phase->calls[i].eval(&phase->calls[i]);
}

/* The phases of a step come in their order, each once; the first may always begin a new one. */
static void require_order(sg_program *program, const sg_phase_calls *phase, int index)
{
    if (phase->alone)
        return;
    if (phase->order > program->steps_done)
        sg_misuse("run: phase '%s' before the phases that come first in a step",
                  program->graph->phases[index].name);
    if (phase->order && phase->order < program->steps_done)
        sg_misuse("run: phase '%s' a second time in a step", program->graph->phases[index].name);
    program->steps_done = phase->order + 1;
}

static bool run_calls(sg_program *program, int index)
{
    const sg_phase_calls *phase = &program->phases[index];
    if (program->options.check_finite)
        return run_checked(program, phase);
    if (program->held)
        run_held(program, phase);
    else if (program->profile)
        sg_profile_run(program, index);
    else
        for (int i = 0; i < phase->count; i++)
            phase->calls[i].eval(&phase->calls[i]);
    return true;
}

bool sg_run(sg_program *program, int index)
{
    if (index < 0 || index >= program->graph->phase_count)
        sg_misuse("run: phase %d of %d", index, program->graph->phase_count);
    const sg_phase_calls *phase = &program->phases[index];
    require_order(program, phase, index);
    program->last_group = program->plan.phases[index].group;
    sg_float_mode mode = sg_flush_denormals();
    bool ok = run_calls(program, index);
    sg_restore_float_mode(mode);
    return ok;
}
