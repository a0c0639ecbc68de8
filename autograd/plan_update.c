/* plan_update.c - which updates are made in place.
 *
 * The value of an update may be written over its state if the kernel that makes it can write over
 * the input that is this state, or over a value that itself lies over the state, and so on: a trace
 * is decayed in place and then cleared in place. Everything else that reads what is written over
 * must run before (plan_schedule.c).
 */
#include <string.h>

#include "autograd/plan.h"

static const sg_step *find_step(const sg_plan *plan, int phase, int node)
{
    const sg_phase_plan *p = &plan->phases[phase];
    for (int s = 0; s < p->step_count; s++)
        if (p->steps[s].node == node && !p->steps[s].gone)
            return &p->steps[s];
    return NULL;
}

/* True if a copy at the phase's end reads the node: it must then stay as it is. */
static bool is_copied(const sg_plan *plan, int phase, int node)
{
    const sg_phase_info *info = &plan->graph->phases[phase];
    for (int i = 0; i < info->update_count; i++)
        if (sg_alias_root(plan, info->updates[i].value) == node)
            return true;
    return false;
}

static bool rows_read(const sg_step *step, int node)
{
    return step->rows.factor == node || step->rows.scale == node || step->rows.row == node;
}

/* The node that `node` may write over, -1 if there is none. */
static int in_place_input(const sg_plan *plan, int phase, int node)
{
    const sg_graph *g = plan->graph;
    int from = sg_producer(plan, node);
    int index = node == from ? 0 : g->nodes[node].attr.integer[0];
    const sg_step *step = find_step(plan, phase, from);
    if (!step || sg_place_of(plan, plan->phases[phase].group, node)->kept)
        return -1;
    for (int k = 0; k < g->nodes[from].input_count; k++) {
        int input = sg_alias_root(plan, g->nodes[from].inputs[k]);
        if (sg_updates_in_place(g->nodes[from].op, index, k) && !rows_read(step, input))
            return input;
    }
    return -1;
}

/* From the value back to the state, each over the one before; all or nothing. */
static void choose_chain(const sg_plan *plan, int phase, const sg_assignment *update,
                         sg_overwrites *o)
{
    int value = sg_alias_root(plan, update->value), node = value;
    while (node != update->state) {
        int under = in_place_input(plan, phase, node);
        bool taken = under < 0 || o->by[under] >= 0 || o->over[node] >= 0;
        if (taken || (under != update->state && is_copied(plan, phase, under)))
            break;
        o->over[node] = under;
        o->by[under] = node;
        node = under;
    }
    if (node == update->state)
        return;
    for (int under; value != node; value = under) {
        under = o->over[value];
        o->over[value] = -1;
        o->by[under] = -1;
    }
}

void sg_choose_in_place(const sg_plan *plan, int phase, sg_overwrites *o)
{
    const sg_phase_info *info = &plan->graph->phases[phase];
    for (int id = 0; id < plan->graph->node_count; id++)
        o->over[id] = o->by[id] = -1;
    for (int i = 0; i < info->update_count && plan->in_place; i++)
        choose_chain(plan, phase, &info->updates[i], o);
}

bool sg_drop_in_place(const sg_plan *plan, int phase, sg_overwrites *o, int step)
{
    const sg_phase_info *info = &plan->graph->phases[phase];
    for (int i = 0; i < info->update_count; i++) {
        bool found = false;
        int value = sg_alias_root(plan, info->updates[i].value);
        for (int node = value; o->over[node] >= 0; node = o->over[node])
            found |= sg_producer(plan, node) == plan->phases[phase].steps[step].node;
        for (int node = value, under; found && o->over[node] >= 0; node = under) {
            under = o->over[node];
            o->over[node] = -1;
            o->by[under] = -1;
        }
        if (found)
            return true;
    }
    return false;
}
