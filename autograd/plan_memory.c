/* plan_memory.c - offsets in one block: sources first, then what is kept, then temporaries, which
 * share memory as soon as their last reader has run. */
#include <stdlib.h>

#include "autograd/plan.h"

static size_t round_up(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

static size_t node_bytes(const sg_graph *g, int node)
{
    return round_up((size_t)g->nodes[node].size * sg_dtype_size(g->nodes[node].dtype),
                    SG_ALIGNMENT);
}

/* Large arrays begin on pages: processors compare the addresses of loads and of stores under way by
 * their low 12 bits, so a weight and its moment, which are updated together, had better not lie a
 * few rows apart in these. */
static void give(sg_plan *plan, sg_place *place, int node)
{
    size_t bytes = node_bytes(plan->graph, node);
    plan->bytes = round_up(plan->bytes, bytes < SG_PAGE ? SG_ALIGNMENT : SG_PAGE);
    place->home = node;
    place->offset = plan->bytes;
    plan->bytes += bytes;
}

/* True if a phase of the groups `first` .. `last` draws the node. */
static bool is_drawn_in(const sg_plan *plan, int first, int last, int node)
{
    for (int p = 0; p < plan->graph->phase_count; p++)
        if (plan->phases[p].group >= first && plan->phases[p].group <= last &&
            sg_phase_uses(plan, p, node))
            return true;
    return false;
}

/* Sources have one place for all groups; but a phase alone draws for itself, and what
 * others have drawn must stay what it is. */
static void place_source(sg_plan *plan, int id)
{
    int op = plan->graph->nodes[id].op;
    bool is_drawn = op == SG_OP_normal || op == SG_OP_uniform;
    sg_place *place = sg_place_of(plan, 0, id);
    give(plan, place, id);
    place->external = true;
    for (int group = 1; group < plan->group_count; group++) {
        *sg_place_of(plan, group, id) = *place;
        if (is_drawn && is_drawn_in(plan, 0, group - 1, id) && is_drawn_in(plan, group, group, id))
            give(plan, sg_place_of(plan, group, id), id);
    }
}

static void place_sources(sg_plan *plan)
{
    for (int id = 0; id < plan->graph->node_count; id++)
        if (sg_op_get(plan->graph->nodes[id].op)->is_source &&
            plan->graph->nodes[id].op != SG_OP_output)
            place_source(plan, id);
}

/* A temporary: the memory it has, and the steps it lives through. */
typedef struct {
    int node, birth, death;
    size_t offset, bytes;
} span;

/* Room for the rows of a block. */
static size_t block_bytes(const sg_graph *g, int node)
{
    size_t cols = (size_t)sg_shape_cols(g->nodes[node].shape);
    return round_up(cols * (size_t)sg_block_rows((int)cols) * sg_dtype_size(g->nodes[node].dtype),
                    SG_ALIGNMENT);
}

/* A block goes over its steps again and again: what is read or made in it lives through all of it.
 */
static void stretch_over_blocks(const sg_phase_plan *p, span *s)
{
    int first = p->steps[s->birth].block, last = p->steps[s->death].block;
    while (first && s->birth > 0 && p->steps[s->birth - 1].block == first)
        s->birth--;
    while (last && s->death + 1 < p->step_count && p->steps[s->death + 1].block == last)
        s->death++;
}

/* Adds the span of a value made by step `birth`. */
static void add_span(const sg_plan *plan, const sg_phase_plan *p, int node, int birth, span *spans,
                     int *count)
{
    sg_place *place = sg_place_of(plan, p->group, node);
    if (place->external || place->kept)
        return;
    int death = birth;
    for (int s = birth; s < p->step_count; s++)
        if (sg_step_reads(&p->steps[s], node))
            death = s;
    span made = {.node = node, .birth = birth, .death = death};
    made.bytes = node_bytes(plan->graph, node);
    if (sg_is_block_local(plan, p, node))
        made.bytes = block_bytes(plan->graph, node);
    else
        stretch_over_blocks(p, &made);
    spans[(*count)++] = made;
}

/* The lowest offset at which the span meets none that lives at the same time. Those that have one
 * are in the order of their offsets. */
static size_t first_fit(const span *const *placed, int count, const span *next)
{
    size_t offset = 0;
    for (int i = 0; i < count; i++) {
        const span *other = placed[i];
        bool together = other->death >= next->birth && other->birth <= next->death;
        if (together && other->offset >= offset + next->bytes)
            break;
        if (together && offset < other->offset + other->bytes)
            offset = other->offset + other->bytes;
    }
    return offset;
}

/* Gives the spans their offsets, one after another; returns the bytes that they take together. */
static size_t fit_spans(span *spans, int count)
{
    const span **placed = sg_alloc((size_t)(count + 1) * sizeof *placed);
    size_t used = 0;
    for (int i = 0; i < count; i++) {
        span *next = &spans[i];
        int at = i;
        next->offset = first_fit(placed, i, next);
        for (; at > 0 && placed[at - 1]->offset > next->offset; at--)
            placed[at] = placed[at - 1];
        placed[at] = next;
        if (used < next->offset + next->bytes)
            used = next->offset + next->bytes;
    }
    free(placed);
    return used;
}

/* Everything a phase computes: kept values get memory of their own, the rest shares. Returns the
 * bytes that its temporaries take from `base`. */
static size_t place_temporaries(sg_plan *plan, const sg_phase_plan *p, size_t base)
{
    const sg_graph *g = plan->graph;
    span *spans = sg_alloc((size_t)(g->node_count + 1) * sizeof *spans);
    int count = 0;
    for (int s = 0; s < p->step_count; s++) {
        if (p->steps[s].node < 0)
            continue;
        add_span(plan, p, p->steps[s].node, s, spans, &count);
        if (p->steps[s].also >= 0)
            add_span(plan, p, p->steps[s].also, s, spans, &count);
        for (int id = p->steps[s].node + 1; sg_is_output_of(g, id, p->steps[s].node); id++)
            add_span(plan, p, id, s, spans, &count);
    }
    size_t used = fit_spans(spans, count);
    for (int i = 0; i < count; i++) {
        sg_place *place = sg_place_of(plan, p->group, spans[i].node);
        place->home = spans[i].node;
        place->offset = base + spans[i].offset;
    }
    free(spans);
    return used;
}

/* Aliases and values over states point where their home does. */
static void resolve_homes(sg_plan *plan)
{
    for (int group = 0; group < plan->group_count; group++)
        for (int id = 0; id < plan->graph->node_count; id++) {
            sg_place *place = sg_place_of(plan, group, id);
            if (sg_is_alias(plan, id))
                *place = *sg_place_of(plan, group, sg_alias_root(plan, id));
            else if (place->home >= 0 && place->home != id)
                place->offset = sg_place_of(plan, 0, place->home)->offset;
        }
}

void sg_plan_memory(sg_plan *plan)
{
    place_sources(plan);
    for (int group = 0; group < plan->group_count; group++)
        for (int id = 0; id < plan->graph->node_count; id++) {
            sg_place *place = sg_place_of(plan, group, id);
            if (place->kept && !place->external)
                give(plan, place, id);
        }
    size_t base = plan->bytes, most = 0;
    for (int p = 0; p < plan->graph->phase_count; p++) {
        size_t used = place_temporaries(plan, &plan->phases[p], base);
        most = used > most ? used : most;
    }
    plan->bytes += most;
    resolve_homes(plan);
}

void sg_plan_free(sg_plan *plan)
{
    for (int p = 0; plan->phases && p < plan->graph->phase_count; p++)
        free(plan->phases[p].steps);
    free(plan->phases);
    free(plan->places);
    free(plan->formed_in);
}
