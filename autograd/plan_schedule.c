/* plan_schedule.c - an order of a phase's steps: after what they need, before what writes over what
 * they read, those of a block side by side, otherwise as the graph was built. */
#include <stdlib.h>

#include "autograd/plan.h"

/* Who waits for whom: the steps after s are then[start[s]] .. then[start[s + 1] - 1]. */
typedef struct {
    int *start, *then;
} followers;

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

/* Calls take(context, first, then) for all pairs of which the first must run before. */
typedef void pair_taker(followers *list, int first, int then);
static void each_pair(const sg_phase_plan *p, const int *made, const sg_overwrites *overwrites,
                      followers *list, pair_taker *take)
{
    for (int s = 0; s < p->step_count; s++)
        for (int k = 0; k < p->steps[s].operand_count && !p->steps[s].gone; k++) {
            int node = p->steps[s].operands[k], maker = made[node], writer = overwrites->by[node];
            writer = writer >= 0 ? made[writer] : -1;
            if (maker >= 0 && maker != s)
                take(list, maker, s);
            if (writer >= 0 && writer != s)
                take(list, s, writer);
        }
}

/* start[s + 2] counts first, so that placing leaves start[s] at the beginning of s. */
static void count_pair(followers *list, int first, int then)
{
    (void)then;
    list->start[first + 2]++;
}

static void place_pair(followers *list, int first, int then)
{
    list->then[list->start[first + 1]++] = then;
}

static followers find_followers(const sg_plan *plan, const sg_phase_plan *p,
                                const sg_overwrites *overwrites)
{
    int *made = find_makers(plan, p), n = p->step_count;
    followers list = {sg_alloc((size_t)(n + 3) * sizeof(int)), NULL};
    each_pair(p, made, overwrites, &list, count_pair);
    for (int s = 2; s < n + 3; s++)
        list.start[s] += list.start[s - 1];
    list.then = sg_alloc((size_t)(list.start[n + 2] + 1) * sizeof(int));
    each_pair(p, made, overwrites, &list, place_pair);
    free(made);
    return list;
}

/* ---- the order ---- */

/* Steps that wait for others, and blocks that wait for others outside of them. */
typedef struct {
    const sg_phase_plan *p;
    followers after;
    int *waits;       /* [step]: for so many; DONE once it is in the order */
    int *block_waits; /* [block] */
    int *order, count;
} scheduling;
enum { DONE = -1 };

static void start_waiting(scheduling *s)
{
    for (int first = 0; first < s->p->step_count; first++)
        for (int i = s->after.start[first]; i < s->after.start[first + 1]; i++) {
            int then = s->after.then[i], block = s->p->steps[then].block;
            s->waits[then]++;
            s->block_waits[block] += block && block != s->p->steps[first].block;
        }
}

/* Puts a step into the order; returns the first of those that need not wait any more, or `next`. */
static int finish(scheduling *s, int step, int next)
{
    s->order[s->count++] = step;
    s->waits[step] = DONE;
    for (int i = s->after.start[step]; i < s->after.start[step + 1]; i++) {
        int then = s->after.then[i], block = s->p->steps[then].block;
        s->waits[then]--;
        s->block_waits[block] -= block && block != s->p->steps[step].block;
        next = then < next ? then : next;
    }
    return next;
}

/* All steps of a block, one after another; false if they wait for each other. */
static bool finish_block(scheduling *s, int block, int *next)
{
    int last = s->p->step_count, left = 0;
    for (int k = 0; k < last; k++)
        left += s->p->steps[k].block == block && !s->p->steps[k].gone;
    for (int k = 0; k < last; k++) {
        const sg_step *step = &s->p->steps[k];
        if (step->block != block || step->gone || s->waits[k] != 0)
            continue;
        *next = finish(s, k, *next);
        left--;
        k = -1;
    }
    return left == 0;
}

/* The first in the graph's order that waits for nothing, again and again. */
static void put_in_order(scheduling *s)
{
    for (int k = 0; k < s->p->step_count;) {
        int block = s->p->steps[k].block, next = k + 1;
        if (!s->p->steps[k].gone && s->waits[k] != DONE) {
            if (block && s->block_waits[block] == 0 && !finish_block(s, block, &next))
                return;
            if (!block && s->waits[k] == 0)
                next = finish(s, k, next);
        }
        k = next;
    }
}

/* Of a step in a circle: does it write in place? */
static bool writes_in_place(const sg_plan *plan, const sg_step *step,
                            const sg_overwrites *overwrites)
{
    bool writes = overwrites->over[step->node] >= 0;
    for (int id = step->node + 1; sg_is_output_of(plan->graph, id, step->node); id++)
        writes |= overwrites->over[id] >= 0;
    return writes;
}

int sg_schedule(const sg_plan *plan, const sg_phase_plan *p, const sg_overwrites *overwrites,
                int *order, int *stuck)
{
    size_t bytes = (size_t)(p->step_count + 1) * sizeof(int);
    scheduling s = {.p = p,
                    .after = find_followers(plan, p, overwrites),
                    .waits = sg_alloc(bytes),
                    .block_waits = sg_alloc(bytes),
                    .order = order};
    start_waiting(&s);
    put_in_order(&s);
    *stuck = -1;
    for (int k = p->step_count - 1; k >= 0; k--)
        if (!p->steps[k].gone && s.waits[k] != DONE &&
            writes_in_place(plan, &p->steps[k], overwrites))
            *stuck = k;
    free(s.after.start);
    free(s.after.then);
    free(s.waits);
    free(s.block_waits);
    return s.count;
}

void sg_mark_related(const sg_plan *plan, const sg_phase_plan *p, const sg_overwrites *overwrites,
                     int step, bool *related)
{
    int *order = sg_alloc((size_t)(p->step_count + 1) * sizeof *order), stuck;
    int count = sg_schedule(plan, p, overwrites, order, &stuck);
    followers list = find_followers(plan, p, overwrites);
    bool *before = sg_alloc((size_t)p->step_count + 1);

    before[step] = related[step] = true;
    for (int k = 0; k < count; k++)
        for (int i = list.start[order[k]]; i < list.start[order[k] + 1]; i++)
            related[list.then[i]] |= related[order[k]];
    for (int k = count - 1; k >= 0; k--)
        for (int i = list.start[order[k]]; i < list.start[order[k] + 1]; i++)
            before[order[k]] |= before[list.then[i]];
    for (int s = 0; s < p->step_count; s++)
        related[s] |= before[s];
    free(order);
    free(list.start);
    free(list.then);
    free(before);
}
