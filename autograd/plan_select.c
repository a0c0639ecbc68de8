/* plan_select.c - which nodes each phase computes, and the making of its list of steps. */
#include <stdlib.h>

#include "autograd/plan.h"

/* ---- what a phase needs ---- */

static bool is_source(const sg_graph *g, int node)
{
    return sg_op_get(g->nodes[node].op)->is_source && g->nodes[node].op != SG_OP_output;
}

int sg_producer(const sg_plan *plan, int node)
{
    node = sg_alias_root(plan, node);
    return plan->graph->nodes[node].op == SG_OP_output ? plan->graph->nodes[node].inputs[0] : node;
}

static void keep(const sg_plan *plan, int group, int node)
{
    node = sg_alias_root(plan, node);
    if (!is_source(plan->graph, node))
        sg_place_of(plan, group, node)->kept = true;
}

/* Marks what must be there for the phase: its values, its reports, its updates. */
static void mark_roots(const sg_plan *plan, int phase, bool *needed)
{
    const sg_graph *g = plan->graph;
    const sg_phase_info *p = &g->phases[phase];
    int group = plan->phases[phase].group;
    for (int i = 0; i < p->value_count; i++) {
        needed[p->values[i]] = true;
        keep(plan, group, p->values[i]);
    }
    for (int i = 0; i < g->report_count; i++)
        if (g->reports[i].phase == phase) {
            needed[g->reports[i].node] = true;
            keep(plan, group, g->reports[i].node);
        }
    for (int i = 0; i < p->update_count; i++)
        needed[p->updates[i].value] = true;
    for (int id = 0; id < g->node_count; id++)
        needed[id] |= plan->formed_in[id] == phase + 1;
}

bool sg_phase_uses(const sg_plan *plan, int phase, int node)
{
    const sg_graph *g = plan->graph;
    const sg_phase_info *p = &g->phases[phase];
    for (int s = 0; s < plan->phases[phase].step_count; s++)
        if (sg_step_reads(&plan->phases[phase].steps[s], node))
            return true;
    for (int i = 0; i < p->value_count; i++)
        if (sg_alias_root(plan, p->values[i]) == node)
            return true;
    for (int i = 0; i < g->report_count; i++)
        if (g->reports[i].phase == phase && sg_alias_root(plan, g->reports[i].node) == node)
            return true;
    return false;
}

/* True if an earlier phase of the same group computes it. */
static bool computed_before(const sg_plan *plan, int phase, int node)
{
    for (int p = 0; p < phase; p++)
        if (plan->phases[p].group == plan->phases[phase].group)
            for (int s = 0; s < plan->phases[p].step_count; s++)
                if (plan->phases[p].steps[s].node == node)
                    return true;
    return false;
}

/* The computations of a phase in the order of ids. */
static void select_steps(sg_plan *plan, int phase)
{
    const sg_graph *g = plan->graph;
    sg_phase_plan *p = &plan->phases[phase];
    bool *needed = sg_alloc((size_t)g->node_count + 1);
    sg_step *reversed = sg_alloc((size_t)(g->node_count + 1) * sizeof *reversed);
    int count = 0;
    mark_roots(plan, phase, needed);
    for (int id = g->node_count - 1; id >= 0; id--) {
        int from = sg_producer(plan, id);
        if (!needed[id] || is_source(g, id))
            continue;
        bool before = computed_before(plan, phase, from);
        if (plan->keep_all || before)
            keep(plan, p->group, id);
        if (before)
            continue;
        if (from != id) {
            needed[from] = true;
            continue;
        }
        sg_rewrite_operands(plan, id, &reversed[count]);
        for (int k = 0; k < reversed[count].operand_count; k++)
            needed[reversed[count].operands[k]] = true;
        count++;
    }
    p->steps = sg_alloc((size_t)(count + g->phases[phase].update_count + 1) * sizeof *p->steps);
    for (int s = 0; s < count; s++)
        p->steps[s] = reversed[count - 1 - s];
    p->step_count = count;
    free(needed);
    free(reversed);
}

/* ---- updates ---- */

/* Reads by steps of the phases of a group, or from outside. */
static int *count_uses(const sg_plan *plan, int group)
{
    const sg_graph *g = plan->graph;
    int *uses = sg_alloc((size_t)(g->node_count + 1) * sizeof *uses);
    for (int p = 0; p < g->phase_count; p++) {
        if (plan->phases[p].group != group)
            continue;
        for (int s = 0; s < plan->phases[p].step_count; s++)
            for (int k = 0; k < plan->phases[p].steps[s].operand_count; k++)
                uses[plan->phases[p].steps[s].operands[k]]++;
        for (int i = 0; i < g->phases[p].update_count; i++)
            uses[sg_alias_root(plan, g->phases[p].updates[i].value)]++;
    }
    for (int id = 0; id < g->node_count; id++)
        uses[id] += sg_place_of(plan, group, id)->kept;
    return uses;
}

/* Puts the steps into an order; an update in place that makes one impossible is made by a copy. */
static void order_steps(const sg_plan *plan, int phase, sg_overwrites *overwrites)
{
    sg_phase_plan *p = &plan->phases[phase];
    int *order = sg_alloc((size_t)(p->step_count + 1) * sizeof *order), present = 0, stuck;
    for (int s = 0; s < p->step_count; s++)
        present += !p->steps[s].gone;
    while (sg_schedule(plan, p, overwrites, order, &stuck) < present)
        if (stuck < 0 || !sg_drop_in_place(plan, phase, overwrites, stuck))
            sg_misuse("plan: phase '%s' has no order", p->name);
    sg_merge_steps(plan, p, overwrites);
    if (plan->rewrites & SG_REWRITE_BLOCK)
        sg_form_blocks(plan, p, overwrites);
    int count = sg_schedule(plan, p, overwrites, order, &stuck);
    sg_step *steps =
        sg_alloc((size_t)(count + plan->graph->phases[phase].update_count + 1) * sizeof *steps);
    for (int s = 0; s < count; s++)
        steps[s] = p->steps[order[s]];
    free(p->steps);
    free(order);
    p->steps = steps;
    p->step_count = count;
}

static void add_copy(const sg_plan *plan, sg_phase_plan *p, int state, int value)
{
    sg_step *step = &p->steps[p->step_count++];
    *step = (sg_step){.node = -1,
                      .call = -1,
                      .also = -1,
                      .also_inputs = {-1, -1},
                      .state = state,
                      .rows = {.input = -1, .factor = -1, .scale = -1, .row = -1}};
    for (int k = 0; k < SG_MAX_INPUTS; k++)
        step->inputs[k] = k ? -1 : value;
    sg_step_list_operands(plan, step);
}

/* True if the value lies over this state: it may lie over another that becomes it, too. */
static bool lies_over(const sg_overwrites *overwrites, int value, int state)
{
    while (value != state && overwrites->over[value] >= 0)
        value = overwrites->over[value];
    return value == state;
}

/* New values lie over their states, or are copied there at the very end. */
static void commit(sg_plan *plan, int phase, const sg_overwrites *overwrites)
{
    const sg_phase_info *info = &plan->graph->phases[phase];
    sg_phase_plan *p = &plan->phases[phase];
    for (int i = 0; i < info->update_count; i++) {
        int value = sg_alias_root(plan, info->updates[i].value), state = info->updates[i].state;
        if (!lies_over(overwrites, value, state)) {
            add_copy(plan, p, state, value);
            continue;
        }
        for (int node = value; node != state; node = overwrites->over[node]) {
            sg_place *place = sg_place_of(plan, p->group, node);
            place->home = state;
            place->external = true;
        }
    }
}

void sg_plan_select(sg_plan *plan)
{
    const sg_graph *g = plan->graph;
    size_t bytes = (size_t)(g->node_count + 1) * sizeof(int);
    sg_overwrites overwrites = {sg_alloc(bytes), sg_alloc(bytes)};
    for (int p = 0; p < g->phase_count; p++)
        select_steps(plan, p);
    for (int p = 0; p < g->phase_count; p++) {
        int *uses = count_uses(plan, plan->phases[p].group);
        if (plan->rewrites & SG_REWRITE_COLUMNS)
            sg_take_columns(plan, &plan->phases[p], uses);
        if (plan->rewrites & SG_REWRITE_BIAS)
            sg_fold_biases(plan, &plan->phases[p], uses);
        free(uses);
        sg_choose_in_place(plan, p, &overwrites);
        order_steps(plan, p, &overwrites);
        commit(plan, p, &overwrites);
    }
    free(overwrites.over);
    free(overwrites.by);
}
