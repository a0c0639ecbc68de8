/* substitute.c - the same expression of other nodes: built again from the first one replaced on. */
#include "autograd/substitute.h"

#include <stdlib.h>

#include "autograd/graph_internal.h"

/* Marks y and all that it is computed from. */
static bool *needed_by(sg_node y)
{
    const sg_graph *g = y.graph;
    bool *needed = sg_alloc((size_t)y.id + 1);
    needed[y.id] = true;
    for (int id = y.id; id >= 0; id--)
        for (int k = 0; needed[id] && k < g->nodes[id].input_count; k++)
            needed[g->nodes[id].inputs[k]] = true;
    return needed;
}

/* Further outputs of the op for the one built again: its kernel writes all of them. */
static void declare_outputs(sg_graph *g, int id, sg_node again)
{
    for (int o = id + 1; sg_is_output_of(g, o, id); o++) {
        const sg_node_info output = g->nodes[o];
        sg_apply(SG_OP_output, &again, 1, output.shape, output.dtype, output.attr);
    }
}

/* The node built again if one of its inputs is another now. */
static int rebuilt(sg_graph *g, int id, const int *now)
{
    const sg_node_info info = g->nodes[id];
    sg_node inputs[SG_MAX_INPUTS];
    bool changed = false;
    for (int k = 0; k < info.input_count; k++) {
        inputs[k] = (sg_node){g, now[info.inputs[k]]};
        changed |= inputs[k].id != info.inputs[k];
    }
    if (!changed)
        return id;
    sg_node again = sg_apply(info.op, inputs, info.input_count, info.shape, info.dtype, info.attr);
    declare_outputs(g, id, again);
    return again.id;
}

static void require_alike(sg_node y, sg_nodes from, sg_nodes to)
{
    char a[160], b[160];
    if (!y.graph || y.graph != from.graph || y.graph != to.graph)
        sg_misuse("substitute: the expression and both lists must be of one graph");
    if (from.count != to.count)
        sg_misuse("substitute: %d nodes for %d", to.count, from.count);
    for (int k = 0; k < from.count; k++) {
        sg_node f = sg_nodes_at(from, k), t = sg_nodes_at(to, k);
        if (!sg_shape_equal(sg_node_shape(f), sg_node_shape(t)) ||
            sg_node_dtype(f) != sg_node_dtype(t))
            sg_misuse("substitute: %s for %s", sg_node_text(t.graph, t.id, a),
                      sg_node_text(f.graph, f.id, b));
    }
}

sg_node sg_substitute(sg_node y, sg_nodes from, sg_nodes to)
{
    require_alike(y, from, to);
    bool *needed = needed_by(y);
    int *now = sg_alloc(((size_t)y.id + 1) * sizeof *now);
    for (int id = 0; id <= y.id; id++) {
        now[id] = needed[id] ? rebuilt(y.graph, id, now) : id;
        for (int k = 0; k < from.count; k++)
            if (from.ids[k] == id)
                now[id] = to.ids[k];
    }
    sg_node result = {y.graph, now[y.id]};
    free(needed);
    free(now);
    return result;
}

bool sg_is_random(sg_node y)
{
    bool *needed = needed_by(y), found = false;
    for (int id = 0; id <= y.id; id++) {
        int op = y.graph->nodes[id].op;
        found |= needed[id] && (op == SG_OP_normal || op == SG_OP_uniform);
    }
    free(needed);
    return found;
}

bool sg_reads(sg_node y, sg_node x)
{
    bool *needed = needed_by(y), found = x.graph == y.graph && x.id <= y.id && needed[x.id];
    free(needed);
    return found;
}
