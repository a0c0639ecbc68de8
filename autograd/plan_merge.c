/* plan_merge.c - two products with one matrix in one pass over it.
 *
 * Batch 1 is bound by reading weights: W x and W x' together cost little more than one of them, and
 * W^T dy comes for free where an optimiser's kernel reads W anyway to update it. Both give the very
 * bits of the separate calls. A merge is kept where the steps still have an order.
 */
#include <stdlib.h>

#include "autograd/parallel.h"
#include "autograd/plan.h"

/* A backward product with fewer columns gains nothing: the update kernel takes short rows
 * otherwise.
 */
enum { LEAST_COLUMNS = 64 };

/* A product with a vector that no other has been merged with. */
static bool is_free_product(const sg_graph *g, const sg_step *step, int op)
{
    return step->also < 0 && sg_is_vector_product(g, step, op);
}

/* The same numbers under the same shape: a reshaped matrix is another one. */
static bool is_same_matrix(const sg_plan *plan, int a, int b)
{
    return sg_alias_root(plan, a) == sg_alias_root(plan, b) &&
           sg_shape_equal(plan->graph->nodes[a].shape, plan->graph->nodes[b].shape);
}

/* Two evaluations of a layer: the later step, a product, takes the earlier one in. */
static bool is_pair(const sg_plan *plan, const sg_step *later, const sg_step *earlier)
{
    return is_free_product(plan->graph, earlier, SG_OP_linear) &&
           is_same_matrix(plan, later->inputs[0], earlier->inputs[0]);
}

static bool is_shared(const sg_plan *plan, int matrix)
{
    return sg_parallel_parts(plan->threads, (size_t)plan->graph->nodes[matrix].size) > 1;
}

/* An update in place of a matrix by an outer product, and a backward product with the matrix.
 * Threads that share an update cannot share the product's sums. */
static bool is_update_with_product(const sg_plan *plan, const sg_step *update,
                                   const sg_step *product, const sg_overwrites *o)
{
    const sg_graph *g = plan->graph;
    int matrix = o->over[update->node], cols = sg_shape_cols(g->nodes[update->node].shape);
    return plan->rewrites & SG_REWRITE_PRODUCT && !update->gone && update->also < 0 &&
           sg_takes_product(g->nodes[update->call].op) && matrix >= 0 && update->rows.scale >= 0 &&
           !is_shared(plan, matrix) && is_free_product(g, product, SG_OP_linear_t) &&
           sg_alias_root(plan, product->inputs[0]) == matrix &&
           sg_shape_equal(g->nodes[product->inputs[0]].shape, g->nodes[update->node].shape) &&
           g->nodes[product->node].size == cols && cols >= LEAST_COLUMNS;
}

static void take_in(const sg_plan *plan, sg_step *step, sg_step *other)
{
    step->also = other->node;
    step->also_inputs[0] = other->inputs[1];
    step->also_inputs[1] = other->inputs[2];
    other->gone = true;
    sg_step_list_operands(plan, step);
}

static void let_out(const sg_plan *plan, sg_step *step, sg_step *other)
{
    step->also = -1;
    step->also_inputs[0] = step->also_inputs[1] = -1;
    other->gone = false;
    sg_step_list_operands(plan, step);
}

static int count_present(const sg_phase_plan *p)
{
    int count = 0;
    for (int s = 0; s < p->step_count; s++)
        count += !p->steps[s].gone;
    return count;
}

/* The first product with the matrix of step `a` that neither waits for the other. */
static void merge_pair(const sg_plan *plan, sg_phase_plan *p, const sg_overwrites *o, int a)
{
    sg_step *step = &p->steps[a];
    if (!(plan->rewrites & SG_REWRITE_PAIR) || !is_free_product(plan->graph, step, SG_OP_linear))
        return;
    bool *related = sg_alloc((size_t)p->step_count);
    sg_mark_related(plan, p, o, a, related);
    int b = 0;
    while (b < a && (related[b] || !is_pair(plan, step, &p->steps[b])))
        b++;
    if (b < a)
        take_in(plan, step, &p->steps[b]);
    free(related);
}

/* A product that the update itself reads, or that waits for what comes after it, cannot be made on
 * the way. */
static void merge_product(const sg_plan *plan, sg_phase_plan *p, const sg_overwrites *o, int a,
                          int *order)
{
    int stuck;
    sg_step *step = &p->steps[a];
    for (int b = 0; b < p->step_count; b++) {
        sg_step *product = &p->steps[b];
        if (!is_update_with_product(plan, step, product, o) || sg_step_reads(step, product->node) ||
            sg_step_reads(product, step->node))
            continue;
        take_in(plan, step, product);
        if (sg_schedule(plan, p, o, order, &stuck) == count_present(p))
            return;
        let_out(plan, step, product);
    }
}

void sg_merge_steps(const sg_plan *plan, sg_phase_plan *p, const sg_overwrites *o)
{
    int *order = sg_alloc((size_t)(p->step_count + 1) * sizeof *order);
    for (int a = 0; a < p->step_count; a++) {
        merge_pair(plan, p, o, a);
        merge_product(plan, p, o, a, order);
    }
    free(order);
}
