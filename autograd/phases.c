/* phases.c - lists of nodes, updates, and the phases that run them. */
#include <string.h>

#include "autograd/graph_internal.h"

/* ---- lists ---- */

sg_nodes sg_nodes_make(sg_graph *g, const sg_node *nodes, int count)
{
    int *ids = sg_graph_alloc(g, (size_t)(count ? count : 1) * sizeof *ids);
    for (int i = 0; i < count; i++) {
        if (nodes[i].graph != g)
            sg_misuse("list: element %d is %s", i,
                      nodes[i].graph ? "a node of another graph" : "not a node");
        ids[i] = nodes[i].id;
    }
    return (sg_nodes){g, count, ids};
}

sg_nodes sg_nodes_of(const sg_node *nodes, int count)
{
    if (!nodes[0].graph)
        sg_misuse("list: element 0 is not a node");
    return sg_nodes_make(nodes[0].graph, nodes, count);
}

sg_node sg_nodes_at(sg_nodes list, int index)
{
    if (index < 0 || index >= list.count)
        sg_misuse("list: element %d of %d", index, list.count);
    return (sg_node){list.graph, list.ids[index]};
}

sg_nodes sg_nodes_join(sg_nodes a, sg_nodes b)
{
    if (!a.graph || !b.graph)
        return a.graph ? a : b;
    if (a.graph != b.graph)
        sg_misuse("list: joined lists are of different graphs");
    int *ids = sg_graph_alloc(a.graph, (size_t)(a.count + b.count + 1) * sizeof *ids);
    memcpy(ids, a.ids, (size_t)a.count * sizeof *ids);
    memcpy(ids + a.count, b.ids, (size_t)b.count * sizeof *ids);
    return (sg_nodes){a.graph, a.count + b.count, ids};
}

/* The nodes of one op, in the order of making. */
static sg_nodes nodes_of_op(sg_graph *g, int op)
{
    int *ids = sg_graph_alloc(g, (size_t)(g->node_count + 1) * sizeof *ids), count = 0;
    for (int i = 0; i < g->node_count; i++)
        if (g->nodes[i].op == op)
            ids[count++] = i;
    return (sg_nodes){g, count, ids};
}

sg_nodes sg_parameters(sg_graph *g) { return nodes_of_op(g, SG_OP_parameter); }
sg_nodes sg_inputs(sg_graph *g) { return nodes_of_op(g, SG_OP_input); }

/* ---- updates ---- */

/* What is written when a phase ends must not itself change then: another state's value is copied
 * first, so that states may even be exchanged. */
static sg_node settled(sg_node value)
{
    sg_node root = value;
    while (sg_node_op(root) == SG_OP_reshape || sg_node_op(root) == SG_OP_stop_grad)
        root = sg_node_input(root, 0);
    if (sg_node_op(root) != SG_OP_state && sg_node_op(root) != SG_OP_parameter)
        return value;
    return sg_apply_like(SG_OP_affine, value, (sg_attributes){.number = {1, 0}});
}

sg_updates sg_assign(sg_node state, sg_node value)
{
    char a[160], b[160];
    sg_graph *g = state.graph;
    if (!g || g != value.graph)
        sg_misuse("assign: both must be nodes of one graph");
    const sg_node_info *s = sg_info(state), *v = sg_info(value);
    if (s->op != SG_OP_state && s->op != SG_OP_parameter)
        sg_misuse("assign: %s is neither a state nor a parameter", sg_node_text(g, state.id, a));
    if (!sg_shape_equal(s->shape, v->shape) || s->dtype != v->dtype)
        sg_misuse("assign: %s cannot become %s (%s and %s)", sg_node_text(g, state.id, a),
                  sg_node_text(g, value.id, b), sg_dtype_name(s->dtype), sg_dtype_name(v->dtype));
    sg_assignment *item = sg_graph_alloc(g, sizeof *item);
    *item = (sg_assignment){state.id, settled(value).id};
    return (sg_updates){g, 1, item};
}

sg_updates sg_updates_of(const sg_updates *updates, int count)
{
    int total = 0;
    sg_graph *g = NULL;
    for (int i = 0; i < count; i++) {
        if (g && updates[i].graph && updates[i].graph != g)
            sg_misuse("join: updates of different graphs");
        g = g ? g : updates[i].graph;
        total += updates[i].count;
    }
    if (!total)
        return (sg_updates){g, 0, NULL};
    sg_assignment *items = sg_graph_alloc(g, (size_t)total * sizeof *items), *to = items;
    for (int i = 0; i < count; i++)
        for (int k = 0; k < updates[i].count; k++)
            *to++ = updates[i].items[k];
    return (sg_updates){g, total, items};
}

/* ---- phases ---- */

int sg_phase_make(sg_graph *g, const char *name)
{
    for (int p = 0; p < g->phase_count; p++)
        if (!strcmp(g->phases[p].name, name))
            return p;
    g->phases = sg_grow(g->phases, g->phase_count, &g->phase_capacity, sizeof *g->phases);
    g->phases[g->phase_count] = (sg_phase_info){.name = sg_graph_text(g, name)};
    return g->phase_count++;
}

/* Making a phase may move the array: the index comes first. */
static sg_phase_info *phase_of(sg_graph *g, const char *phase)
{
    int index = sg_phase_make(g, phase);
    return &g->phases[index];
}

void sg_phase_alone(sg_graph *g, const char *phase) { phase_of(g, phase)->alone = true; }

bool sg_phase_is_alone(const sg_graph *g, int phase)
{
    return phase >= 0 && phase < g->phase_count && g->phases[phase].alone;
}

void sg_phase_add_values(sg_graph *g, const char *phase, sg_nodes values)
{
    sg_phase_info *p = phase_of(g, phase);
    if (values.graph != g)
        sg_misuse("phase '%s': values of another graph", phase);
    for (int i = 0; i < values.count; i++) {
        p->values = sg_grow(p->values, p->value_count, &p->value_capacity, sizeof *p->values);
        p->values[p->value_count++] = values.ids[i];
    }
}

sg_node sg_phase_value(const sg_graph *g, int phase, int index)
{
    if (phase < 0 || phase >= g->phase_count || index < 0 || index >= g->phases[phase].value_count)
        return (sg_node){0};
    return (sg_node){(sg_graph *)g, g->phases[phase].values[index]};
}

sg_node sg_phase_first_value(const sg_graph *g, int phase) { return sg_phase_value(g, phase, 0); }

void sg_phase_updates(sg_graph *g, const char *phase, sg_updates updates)
{
    char text[160];
    sg_phase_info *p = phase_of(g, phase);
    if (updates.graph && updates.graph != g)
        sg_misuse("phase '%s': updates of another graph", phase);
    for (int i = 0; i < updates.count; i++) {
        for (int k = 0; k < p->update_count; k++)
            if (p->updates[k].state == updates.items[i].state)
                sg_misuse("phase '%s': %s is assigned twice", phase,
                          sg_node_text(g, updates.items[i].state, text));
        p->updates = sg_grow(p->updates, p->update_count, &p->update_capacity, sizeof *p->updates);
        p->updates[p->update_count++] = updates.items[i];
    }
}

void sg_report(sg_graph *g, const char *phase, const char *name, sg_node value)
{
    char text[160];
    if (value.graph != g || sg_info(value)->size != 1)
        sg_misuse("report '%s': one number of the graph is needed, not %s", name,
                  value.graph ? sg_node_text(value.graph, value.id, text) : "nothing");
    for (int i = 0; i < g->report_count; i++)
        if (!strcmp(g->reports[i].name, name))
            sg_misuse("report '%s': the graph has that report already", name);
    int p = sg_phase_make(g, phase);
    g->reports = sg_grow(g->reports, g->report_count, &g->report_capacity, sizeof *g->reports);
    g->reports[g->report_count++] =
        (sg_report_info){.name = sg_graph_text(g, name), .phase = p, .node = value.id};
}
