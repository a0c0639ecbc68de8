/* plan_cross.c - values that must be formed because what they would be read from changes.
 *
 * Aliases, and gradients that are read as rows, have no memory of their own: who reads them reads
 * what they are made of. If that is a state which is updated between the phase that computes the
 * value and the one that reads it, or before it is seen from outside, the value is formed in its
 * phase after all: it is from before the updates.
 */
#include <stdlib.h>

#include "autograd/plan.h"

/* What is known while the phases are gone through. */
typedef struct {
    sg_plan *plan;
    int *made;      /* [node]: the phase of the step that computes it, plus 1; 0: none so far */
    bool *needed;   /* [node]: by the phase at hand */
    bool *changing; /* [node]: read from a state that is updated */
} crossing;

/* True if a phase of `first` .. `end` - 1 of the step, or one alone, updates the state. */
static bool is_updated(const sg_plan *plan, int state, int first, int end)
{
    const sg_graph *g = plan->graph;
    for (int p = 0; p < g->phase_count; p++)
        for (int i = 0; i < g->phases[p].update_count; i++)
            if (g->phases[p].updates[i].state == state &&
                (g->phases[p].alone || (p >= first && p < end)))
                return true;
    return false;
}

/* Ops that may be left unformed (sg_is_alias, sg_rewrite_operands). */
static bool may_be_unformed(int op)
{
    return op == SG_OP_reshape || op == SG_OP_stop_grad || op == SG_OP_affine || op == SG_OP_mul ||
           op == SG_OP_outer;
}

/* Marks states that those phases update, and what would be read from them. */
static void mark_changing(const crossing *c, int first, int end)
{
    const sg_graph *g = c->plan->graph;
    for (int id = 0; id < g->node_count; id++) {
        const sg_node_info *n = &g->nodes[id];
        bool stored = n->op == SG_OP_parameter || n->op == SG_OP_state;
        c->changing[id] = stored && is_updated(c->plan, id, first, end);
        for (int k = 0; k < n->input_count && may_be_unformed(n->op); k++)
            c->changing[id] |= c->changing[n->inputs[k]];
    }
}

static void form(const crossing *c, int node, int phase)
{
    if (c->changing[node] && may_be_unformed(c->plan->graph->nodes[node].op))
        c->plan->formed_in[node] = phase + 1;
}

/* What is seen from outside after the phase stays what it is until the phase runs again. */
static void need_roots(const crossing *c, int phase)
{
    const sg_graph *g = c->plan->graph;
    const sg_phase_info *p = &g->phases[phase];
    for (int id = 0; id < g->node_count; id++)
        c->needed[id] = false;
    mark_changing(c, 0, g->phase_count);
    for (int i = 0; i < p->value_count; i++) {
        c->needed[p->values[i]] = true;
        form(c, p->values[i], phase);
    }
    for (int i = 0; i < g->report_count; i++)
        if (g->reports[i].phase == phase) {
            c->needed[g->reports[i].node] = true;
            form(c, g->reports[i].node, phase);
        }
    for (int i = 0; i < p->update_count; i++)
        c->needed[p->updates[i].value] = true;
}

/* Finds what the phase computes by itself, and marks as crossing what it takes from others. */
static void follow(const crossing *c, int phase, bool *crosses)
{
    const sg_graph *g = c->plan->graph;
    for (int id = g->node_count - 1; id >= 0; id--) {
        const sg_node_info *n = &g->nodes[id];
        crosses[id] = c->needed[id] && c->made[id];
        for (int k = 0; k < n->input_count && c->needed[id] && !crosses[id]; k++)
            c->needed[n->inputs[k]] = true;
    }
    for (int id = 0; id < g->node_count; id++)
        if (c->needed[id] && !c->made[id])
            c->made[id] = phase + 1;
}

void sg_plan_form(sg_plan *plan)
{
    const sg_graph *g = plan->graph;
    size_t nodes = (size_t)g->node_count + 1;
    bool *crosses = sg_alloc(nodes);
    crossing c = {plan, sg_alloc(nodes * sizeof(int)), sg_alloc(nodes), sg_alloc(nodes)};
    for (int q = 0; q < g->phase_count; q++) {
        need_roots(&c, q);
        if (g->phases[q].alone)
            continue;
        follow(&c, q, crosses);
        for (int p = 0; p < q; p++) {
            mark_changing(&c, p, q);
            for (int id = 0; id < g->node_count; id++)
                if (crosses[id] && c.made[id] == p + 1)
                    form(&c, id, p);
        }
    }
    free(crosses);
    free(c.made);
    free(c.needed);
    free(c.changing);
}
