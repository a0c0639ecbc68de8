/* plan_schedule.c - an order of a phase's steps: after what they need, before what writes over what
 * they read, otherwise as the graph was built. */
#include <stdlib.h>

#include "autograd/plan.h"

/* "first must run before then". */
typedef struct {
    int first, then;
} precedence;

typedef struct {
    precedence *items;
    int count;
} precedences;

/* made[node]: the step that computes it, -1: none of this phase. */
static int *find_makers(const sg_plan *plan, const sg_phase_plan *p)
{
    const sg_graph *g = plan->graph;
    int *made = sg_alloc((size_t)(g->node_count + 1) * sizeof *made);
    for (int id = 0; id < g->node_count; id++)
        made[id] = -1;
    for (int s = 0; s < p->step_count; s++)
        if (!p->steps[s].gone) {
            made[p->steps[s].node] = s;
            if (p->steps[s].also >= 0)
                made[p->steps[s].also] = s;
        }
    for (int id = 0; id < g->node_count; id++)
        if (g->nodes[id].op == SG_OP_output)
            made[id] = made[g->nodes[id].inputs[0]];
    return made;
}

static void add(precedences *list, int first, int then)
{
    if (first >= 0 && then >= 0 && first != then)
        list->items[list->count++] = (precedence){first, then};
}

static precedences find_precedences(const sg_plan *plan, const sg_phase_plan *p,
                                    const sg_overwrites *overwrites)
{
    int *made = find_makers(plan, p);
    precedences list = {
        sg_alloc((size_t)(2 * SG_MAX_OPERANDS * p->step_count + 1) * sizeof *list.items), 0};
    for (int s = 0; s < p->step_count; s++)
        for (int k = 0; k < p->steps[s].operand_count && !p->steps[s].gone; k++) {
            int node = p->steps[s].operands[k], writer = overwrites->by[node];
            add(&list, made[node], s);
            add(&list, s, writer >= 0 ? made[writer] : -1);
        }
    free(made);
    return list;
}

/* Of a step in a circle: does it write in place? */
static bool writes_in_place(const sg_plan *plan, const sg_step *step,
                            const sg_overwrites *overwrites)
{
    const sg_graph *g = plan->graph;
    bool writes = overwrites->over[step->node] >= 0;
    for (int id = step->node + 1; id < g->node_count && !writes; id++)
        writes = g->nodes[id].op == SG_OP_output && g->nodes[id].inputs[0] == step->node &&
                 overwrites->over[id] >= 0;
    return writes;
}

int sg_schedule(const sg_plan *plan, const sg_phase_plan *p, const sg_overwrites *overwrites,
                int *order, int *stuck)
{
    enum { DONE = -1 };
    int count = 0;
    precedences list = find_precedences(plan, p, overwrites);
    int *waits = sg_alloc((size_t)(p->step_count + 1) * sizeof *waits);
    for (int i = 0; i < list.count; i++)
        waits[list.items[i].then]++;
    /* the first in the graph's order that waits for nothing, again and again */
    for (int s = 0; s < p->step_count; s++) {
        if (p->steps[s].gone || waits[s] != 0)
            continue;
        order[count++] = s;
        waits[s] = DONE;
        for (int i = 0; i < list.count; i++)
            if (list.items[i].first == s)
                waits[list.items[i].then]--;
        s = -1;
    }
    *stuck = -1;
    for (int s = p->step_count - 1; s >= 0; s--)
        if (!p->steps[s].gone && waits[s] != DONE &&
            writes_in_place(plan, &p->steps[s], overwrites))
            *stuck = s;
    free(waits);
    free(list.items);
    return count;
}
