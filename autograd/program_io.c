/* program_io.c - a program seen from outside: set, get, find, reports, saving. */
#include <string.h>

#include "autograd/program_internal.h"

void *sg_program_memory(const sg_program *program, int node)
{
    const sg_plan *plan = &program->plan;
    for (int k = 0; k < plan->group_count; k++) {
        int group = (program->last_group + k) % plan->group_count;
        const sg_place *place = sg_place_of(plan, group, node);
        const sg_place *root = sg_place_of(plan, group, sg_alias_root(plan, node));
        if (place->home >= 0 &&
            (root->kept || sg_op_get(program->graph->nodes[root->home].op)->is_source))
            return program->block + place->offset;
    }
    return NULL;
}

int sg_phase_count(const sg_program *program) { return program->graph->phase_count; }

const char *sg_phase_name(const sg_program *program, int index)
{
    if (index < 0 || index >= program->graph->phase_count)
        sg_misuse("phase %d of %d", index, program->graph->phase_count);
    return program->graph->phases[index].name;
}

int sg_phase_find(const sg_program *program, const char *phase)
{
    for (int p = 0; p < program->graph->phase_count; p++)
        if (!strcmp(program->graph->phases[p].name, phase))
            return p;
    return -1;
}

const char *sg_program_fault(const sg_program *program) { return program->fault; }

/* ---- values ---- */

static const sg_node_info *require_node(const sg_program *program, sg_node node, const char *what)
{
    if (node.graph != program->source)
        sg_misuse("%s: the node is of another graph than the program", what);
    if (node.id >= program->graph->node_count)
        sg_misuse("%s: the node was made after the program was compiled", what);
    return &program->graph->nodes[node.id];
}

void sg_set(sg_program *program, sg_node node, const double *values)
{
    char text[160];
    const sg_node_info *n = require_node(program, node, "set");
    bool is_set = sg_op_get(n->op)->is_source && n->op != SG_OP_constant && n->op != SG_OP_output;
    if (!is_set && sg_producer(&program->plan, node.id) != program->pinned)
        sg_misuse("set: %s is computed", sg_node_text(program->graph, node.id, text));
    /* phases alone may have draws and computed values of their own */
    const sg_place *first = sg_place_of(&program->plan, 0, node.id);
    for (int group = 0; group < program->plan.group_count; group++) {
        const sg_place *place = sg_place_of(&program->plan, group, node.id);
        bool again = group > 0 && first->home >= 0 && place->offset == first->offset;
        if (place->home >= 0 && !again)
            sg_store(n->dtype, program->block + place->offset, values, (size_t)n->size);
    }
}

void sg_get(const sg_program *program, sg_node node, double *values)
{
    char text[160];
    const sg_node_info *n = require_node(program, node, "get");
    const void *memory = sg_program_memory(program, node.id);
    if (!memory)
        sg_misuse("get: %s is not kept; make it a phase value or compile with keep_all",
                  sg_node_text(program->graph, node.id, text));
    sg_load(n->dtype, memory, values, (size_t)n->size);
}

double sg_get_number(const sg_program *program, sg_node node)
{
    char text[160];
    double value;
    if (require_node(program, node, "get")->size != 1)
        sg_misuse("get: %s is not one number", sg_node_text(program->graph, node.id, text));
    sg_get(program, node, &value);
    return value;
}

sg_node sg_find(const sg_program *program, const char *name)
{
    const sg_graph *g = program->graph;
    for (int id = 0; id < g->node_count; id++)
        if (g->nodes[id].name && sg_op_get(g->nodes[id].op)->is_source &&
            !strcmp(g->nodes[id].name, name))
            return (sg_node){(sg_graph *)program->source, id};
    return (sg_node){0};
}

void sg_program_hold_draws(sg_program *program, bool held) { program->held = held; }

void sg_program_freeze(sg_program *program, bool frozen)
{
    if (frozen && !program->options.keep_all)
        sg_misuse("freeze: the program must be compiled with keep_all");
    program->frozen = program->held = frozen;
}

void sg_program_pin(sg_program *program, sg_node node)
{
    if (node.graph && (!program->options.keep_all || program->plan.rewrites & SG_REWRITE_ROWS))
        sg_misuse("pin: the program must be compiled with keep_all, without the rewrite rows");
    if (node.graph)
        require_node(program, node, "pin");
    program->pinned = node.graph ? sg_producer(&program->plan, node.id) : -1;
}

int sg_stream_count(const sg_program *program) { return program->stream_count; }

void sg_exchange_streams(sg_program *program, sg_random *others)
{
    for (int i = 0; i < program->stream_count; i++) {
        sg_random own = program->streams[i].random;
        program->streams[i].random = others[i];
        others[i] = own;
    }
}

/* ---- reports ---- */

int sg_report_count(const sg_program *program) { return program->graph->report_count; }

static const sg_report_info *report_at(const sg_program *program, int index)
{
    if (index < 0 || index >= program->graph->report_count)
        sg_misuse("report: %d of %d", index, program->graph->report_count);
    return &program->graph->reports[index];
}

const char *sg_report_name(const sg_program *program, int index)
{
    return report_at(program, index)->name;
}

sg_node sg_report_node(const sg_program *program, int index)
{
    return (sg_node){(sg_graph *)program->source, report_at(program, index)->node};
}

double sg_report_value(const sg_program *program, int index)
{
    return sg_get_number(program, sg_report_node(program, index));
}

/* ---- saving ---- */

void sg_program_state(sg_program *program, sg_archive *archive)
{
    const sg_graph *g = program->graph;
    for (int id = 0; id < g->node_count; id++) {
        const sg_node_info *n = &g->nodes[id];
        if (n->op == SG_OP_parameter || n->op == SG_OP_state)
            sg_archive_tensor(archive, n->name, n->dtype, n->shape, sg_program_memory(program, id));
    }
    for (int i = 0; i < program->stream_count; i++)
        sg_archive_random(archive, g->nodes[program->streams[i].node].name,
                          &program->streams[i].random);
}

void sg_program_reports_state(sg_program *program, sg_archive *archive)
{
    for (int i = 0; i < sg_report_count(program); i++) {
        int id = report_at(program, i)->node;
        const sg_node_info *n = &program->graph->nodes[id];
        sg_archive_tensor(archive, sg_report_name(program, i), n->dtype, n->shape,
                          sg_program_memory(program, id));
    }
}

size_t sg_program_bytes(const sg_program *program) { return program->plan.bytes; }
