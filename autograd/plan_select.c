/* plan_select.c - which nodes each phase computes, in which order, and how its updates are made.
 *
 * A phase's steps are: all computations, in the order of ids; then optimiser kernels that write
 * over the state they update (they run last, so that all else reads the state from before); then
 * copies of the remaining new values into their states.
 */
#include <stdlib.h>
#include <string.h>

#include "autograd/plan.h"

/* ---- what a phase needs ---- */

static bool is_source(const sg_graph *g, int node)
{
    return sg_op_get(g->nodes[node].op)->is_source && g->nodes[node].op != SG_OP_output;
}

/* The node whose call computes this one: the op of an output, the root of an alias. */
static int producer(const sg_plan *plan, int node)
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
}

/* True if an earlier phase of the same group has it; it then gets memory that lasts. */
static bool computed_before(const sg_plan *plan, int phase, int node)
{
    for (int p = 0; p < phase; p++)
        if (plan->phases[p].group == plan->phases[phase].group)
            for (int s = 0; s < plan->phases[p].step_count; s++)
                if (plan->phases[p].steps[s].node == node) {
                    keep(plan, plan->phases[p].group, node);
                    return true;
                }
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
        int from = producer(plan, id);
        if (!needed[id] || is_source(g, id))
            continue;
        if (plan->keep_all)
            keep(plan, p->group, id);
        if (from != id) {
            needed[from] = true;
            continue;
        }
        if (computed_before(plan, phase, id))
            continue;
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

/* What is known about a phase while its tail is chosen. */
typedef struct {
    sg_plan *plan;
    sg_phase_plan *phase;
    const sg_phase_info *info;
    int *uses;    /* [node]: reads of it by steps and from outside, over all phases */
    bool *direct; /* [node]: its call writes over states, at the end */
} tail;

/* Reads by steps of any phase, or from outside. */
static int *count_uses(const sg_plan *plan)
{
    const sg_graph *g = plan->graph;
    int *uses = sg_alloc((size_t)(g->node_count + 1) * sizeof *uses);
    for (int p = 0; p < g->phase_count; p++)
        for (int s = 0; s < plan->phases[p].step_count; s++)
            for (int k = 0; k < plan->phases[p].steps[s].operand_count; k++)
                uses[plan->phases[p].steps[s].operands[k]]++;
    for (int group = 0; group < plan->group_count; group++)
        for (int id = 0; id < g->node_count; id++)
            uses[id] += sg_place_of(plan, group, id)->kept;
    return uses;
}

static bool step_reads(const sg_step *step, int node)
{
    for (int k = 0; k < step->operand_count; k++)
        if (step->operands[k] == node)
            return true;
    return false;
}

/* True if the update can be made by the kernel of its value, in place. */
static bool in_place(const tail *t, const sg_assignment *update)
{
    const sg_graph *g = t->plan->graph;
    int value = sg_alias_root(t->plan, update->value), from = producer(t->plan, value);
    int index = value == from ? 0 : g->nodes[value].attr.integer[0];
    const sg_node_info *n = &g->nodes[from];
    if (t->uses[value] || t->uses[from])
        return false;
    for (int k = 0; k < n->input_count; k++)
        if (sg_updates_in_place(n->op, index, k))
            return sg_alias_root(t->plan, n->inputs[k]) == update->state;
    return false;
}

static bool rows_read(const sg_step *step, int node)
{
    return step->rows.factor == node || step->rows.scale == node || step->rows.row == node;
}

/* A kernel writes in place if all the updates of its outputs can be, each output serves one state,
 * and its gradient does not come from a state that it writes. */
static void choose_direct(tail *t)
{
    const sg_phase_info *info = t->info;
    for (int s = 0; s < t->phase->step_count; s++) {
        const sg_step *step = &t->phase->steps[s];
        int made = 0, possible = 0;
        for (int i = 0; i < info->update_count; i++) {
            if (producer(t->plan, info->updates[i].value) != step->node)
                continue;
            made++;
            possible += in_place(t, &info->updates[i]) && !rows_read(step, info->updates[i].state);
        }
        t->direct[step->node] = t->plan->fuse && !t->plan->keep_all && made && made == possible;
    }
}

/* True if the step's kernel writes a state, in place, that the other step reads. */
static bool writes_what_reads(const tail *t, const sg_step *writer, const sg_step *reader)
{
    for (int i = 0; i < t->info->update_count; i++)
        if (producer(t->plan, t->info->updates[i].value) == writer->node &&
            step_reads(reader, t->info->updates[i].state))
            return true;
    return false;
}

/* Moves direct steps behind all others, readers of a state before its writer. Where that goes in a
 * circle, a step is made an ordinary one. */
static void order_steps(tail *t)
{
    sg_phase_plan *p = t->phase;
    sg_step *pending = sg_alloc((size_t)(p->step_count + 1) * sizeof *pending);
    int pending_count = 0, count = 0;
    for (int s = 0; s < p->step_count; s++)
        if (t->direct[p->steps[s].node])
            pending[pending_count++] = p->steps[s];
        else
            p->steps[count++] = p->steps[s];
    sg_step *tail_steps = sg_alloc((size_t)(pending_count + 1) * sizeof *tail_steps);
    int tail_count = 0;
    while (pending_count) {
        int chosen = -1;
        for (int w = 0; w < pending_count && chosen < 0; w++) {
            chosen = w;
            for (int r = 0; r < pending_count; r++)
                if (r != w && writes_what_reads(t, &pending[w], &pending[r]))
                    chosen = -1;
        }
        if (chosen >= 0) {
            tail_steps[tail_count++] = pending[chosen];
        } else {
            chosen = 0;
            t->direct[pending[0].node] = false;
            p->steps[count++] = pending[0];
        }
        memmove(&pending[chosen], &pending[chosen + 1],
                (size_t)(pending_count - chosen - 1) * sizeof *pending);
        pending_count--;
    }
    memcpy(&p->steps[count], tail_steps, (size_t)tail_count * sizeof *tail_steps);
    free(pending);
    free(tail_steps);
}

/* New values lie over their states, or are copied there at the very end. */
static void commit(tail *t)
{
    for (int i = 0; i < t->info->update_count; i++) {
        const sg_assignment *update = &t->info->updates[i];
        int value = sg_alias_root(t->plan, update->value);
        if (t->direct[producer(t->plan, value)]) {
            sg_place *place = sg_place_of(t->plan, t->phase->group, value);
            place->home = update->state;
            place->external = true;
        } else {
            t->phase->steps[t->phase->step_count++] = (sg_step){.node = -1,
                                                                .state = update->state,
                                                                .operand_count = 1,
                                                                .operands = {value},
                                                                .rows = {.input = -1}};
        }
    }
}

void sg_plan_select(sg_plan *plan)
{
    const sg_graph *g = plan->graph;
    for (int p = 0; p < g->phase_count; p++)
        select_steps(plan, p);
    tail t = {
        .plan = plan, .uses = count_uses(plan), .direct = sg_alloc((size_t)g->node_count + 1)};
    for (int p = 0; p < g->phase_count; p++) {
        t.phase = &plan->phases[p];
        t.info = &g->phases[p];
        memset(t.direct, 0, (size_t)g->node_count);
        choose_direct(&t);
        order_steps(&t);
        commit(&t);
    }
    free(t.uses);
    free(t.direct);
}
