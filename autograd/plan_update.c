/* plan_update.c - which updates are made in place.
 *
 * The value of an update may be written over its state if the kernel that makes it can write over
 * the input that is this state, or over a value that itself lies over the state, and so on: a trace
 * is decayed in place and then cleared in place. Everything else that reads what is written over
 * must run before (plan_schedule.c).
 */
#include <stdlib.h>

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

/* What is known while a chain is sought. */
typedef struct {
    const sg_plan *plan;
    int phase, state;
    sg_overwrites *overwrites;
    bool *failed; /* [node]: no chain leads on from it */
} search;

static bool may_take(const search *s, const sg_step *step, int under)
{
    return s->overwrites->by[under] < 0 && !rows_read(step, under) &&
           (under == s->state || !is_copied(s->plan, s->phase, under));
}

/* From `node` back to the state, each over the one before: true if there is such a chain, which is
 * then taken. */
static bool find_chain(const search *s, int node)
{
    const sg_graph *g = s->plan->graph;
    int from = sg_producer(s->plan, node);
    int index = node == from ? 0 : g->nodes[node].attr.integer[0];
    const sg_step *step = find_step(s->plan, s->phase, from);
    if (node == s->state)
        return true;
    if (!step || s->failed[node] || s->overwrites->over[node] >= 0 ||
        sg_place_of(s->plan, s->plan->phases[s->phase].group, node)->kept)
        return false;
    for (int k = 0; k < g->nodes[step->call].input_count; k++) {
        int under = sg_alias_root(s->plan, g->nodes[step->call].inputs[k]);
        if (!sg_updates_in_place(g, step->call, index, k) || !may_take(s, step, under) ||
            !find_chain(s, under))
            continue;
        s->overwrites->over[node] = under;
        s->overwrites->by[under] = node;
        return true;
    }
    s->failed[node] = true;
    return false;
}

void sg_choose_in_place(const sg_plan *plan, int phase, sg_overwrites *o)
{
    const sg_phase_info *info = &plan->graph->phases[phase];
    for (int id = 0; id < plan->graph->node_count; id++)
        o->over[id] = o->by[id] = -1;
    for (int i = 0; i < info->update_count && plan->rewrites & SG_REWRITE_IN_PLACE; i++) {
        search s = {plan, phase, info->updates[i].state, o,
                    sg_alloc((size_t)plan->graph->node_count + 1)};
        find_chain(&s, sg_alias_root(plan, info->updates[i].value));
        free(s.failed);
    }
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
