/* plan_block.c - element-wise steps over large arrays, a block of rows at a time.
 *
 * A chain of element-wise ops over a weight matrix would read and write the whole of it for each
 * op. In a block, all of them are done for a few rows, whose temporaries stay in the L1 cache,
 * then for the next rows (block.c). Outer products are formed block by block, and sums to one
 * number are taken along. Any optimiser written in plain ops gains.
 */
#include <stdlib.h>

#include "autograd/plan.h"

/* Smaller arrays lie in the L1 cache anyway. */
enum { LEAST_SIZE = 2048, BLOCK_SIZE = 2048 };

int sg_block_rows(int cols) { return cols < BLOCK_SIZE ? BLOCK_SIZE / cols : 1; }

bool sg_is_summed_by_block(int size) { return size >= LEAST_SIZE; }

/* The array that a step goes over: what it makes, or what it sums up. NULL: it takes no part. */
const sg_node_info *sg_block_array(const sg_plan *plan, const sg_step *step)
{
    const sg_graph *g = plan->graph;
    const sg_node_info *n = &g->nodes[step->node], *call = &g->nodes[step->call];
    if (step->gone || step->also >= 0)
        return NULL;
    if (call->op == SG_OP_sum_to && n->size == 1)
        n = &g->nodes[step->inputs[0]];
    else if (call->op == SG_OP_outer && sg_shape_rows(g->nodes[step->inputs[0]].shape) != 1)
        return NULL;
    else if (call->op != SG_OP_outer && !sg_op_get(call->op)->elementwise)
        return NULL;
    return n->size >= LEAST_SIZE && sg_shape_rows(n->shape) > 1 ? n : NULL;
}

/* Inputs of an element-wise step must be as large, or one number. */
static bool inputs_fit(const sg_plan *plan, const sg_step *step, int size)
{
    for (int k = 0; k < SG_MAX_INPUTS && sg_op_get(plan->graph->nodes[step->call].op)->elementwise;
         k++)
        if (step->inputs[k] >= 0 && plan->graph->nodes[step->inputs[k]].size != size &&
            plan->graph->nodes[step->inputs[k]].size != 1)
            return false;
    return true;
}

static bool may_join(const sg_plan *plan, const sg_step *a, const sg_step *b)
{
    const sg_node_info *x = sg_block_array(plan, a), *y = sg_block_array(plan, b);
    return x && y && x->size == y->size && x->dtype == y->dtype &&
           sg_shape_cols(x->shape) == sg_shape_cols(y->shape) && inputs_fit(plan, a, x->size) &&
           inputs_fit(plan, b, y->size);
}

/* A sum is complete only after the block. */
static bool reads_own_sum(const sg_plan *plan, const sg_phase_plan *p, int block)
{
    for (int a = 0; a < p->step_count; a++) {
        const sg_step *sum = &p->steps[a];
        if (sum->block != block || sum->gone || plan->graph->nodes[sum->call].op != SG_OP_sum_to)
            continue;
        for (int b = 0; b < p->step_count; b++)
            if (p->steps[b].block == block && sg_step_reads(&p->steps[b], sum->node))
                return true;
    }
    return false;
}

static void rename_block(sg_phase_plan *p, int from, int to)
{
    for (int s = 0; s < p->step_count; s++)
        if (p->steps[s].block == from)
            p->steps[s].block = to;
}

/* Puts two steps, with all that is joined to them, into one block, if an order remains. */
static void try_join(const sg_plan *plan, sg_phase_plan *p, const sg_overwrites *o, int a, int b,
                     int *order)
{
    int stuck, present = 0;
    int *before = sg_alloc((size_t)(p->step_count + 1) * sizeof *before);
    for (int s = 0; s < p->step_count; s++) {
        before[s] = p->steps[s].block;
        present += !p->steps[s].gone;
    }
    int block = p->steps[a].block ? p->steps[a].block : a + 1;
    if (p->steps[b].block)
        rename_block(p, p->steps[b].block, block);
    p->steps[a].block = p->steps[b].block = block;
    if (reads_own_sum(plan, p, block) || sg_schedule(plan, p, o, order, &stuck) < present)
        for (int s = 0; s < p->step_count; s++)
            p->steps[s].block = before[s];
    free(before);
}

static int maker_of(const sg_phase_plan *p, int node)
{
    for (int s = 0; s < p->step_count; s++)
        if (!p->steps[s].gone && p->steps[s].node == node)
            return s;
    return -1;
}

void sg_form_blocks(const sg_plan *plan, sg_phase_plan *p, const sg_overwrites *o)
{
    int *order = sg_alloc((size_t)(p->step_count + 1) * sizeof *order);
    for (int b = 0; b < p->step_count; b++)
        for (int k = 0; k < p->steps[b].operand_count && sg_block_array(plan, &p->steps[b]); k++) {
            int a = maker_of(p, p->steps[b].operands[k]);
            if (a >= 0 && may_join(plan, &p->steps[a], &p->steps[b]) &&
                (!p->steps[b].block || p->steps[a].block != p->steps[b].block))
                try_join(plan, p, o, a, b, order);
        }
    free(order);
}

bool sg_is_block_local(const sg_plan *plan, const sg_phase_plan *p, int node)
{
    const sg_place *place = sg_place_of(plan, p->group, node);
    int maker = maker_of(p, node), block = maker >= 0 ? p->steps[maker].block : 0;
    if (!block || place->kept || place->external ||
        sg_block_array(plan, &p->steps[maker]) != &plan->graph->nodes[node])
        return false;
    for (int s = 0; s < p->step_count; s++)
        if (p->steps[s].block != block && sg_step_reads(&p->steps[s], node))
            return false;
    return true;
}
