/* rewrite.c - operands that need not be formed.
 *
 * The gradient of a linear layer at batch 1 is s dy x^T: a number, a column and a row. Optimiser
 * kernels read such a matrix element by element from the three (sg_rows in tensor/kernels.h), so it
 * is never written to memory. A number times a stored matrix is taken apart in the same way. With
 * `fuse` off every operand is formed: the oracle of the tests.
 */
#include "autograd/plan.h"

/* Which input of an op may be read as rows, and which outputs may overwrite which inputs. */
typedef struct {
    int op, rows_input;
    int in_place[SG_MAX_OUTPUTS]; /* input that output k may overwrite, -1: none */
} rows_op;

static const rows_op rows_ops[] = {
    {SG_OP_add_scaled, 1, {0, -1, -1}},
    {SG_OP_adam_step, 3, {0, 1, 2}},
};

static const rows_op *find_rows_op(int op)
{
    for (size_t i = 0; i < sizeof rows_ops / sizeof rows_ops[0]; i++)
        if (rows_ops[i].op == op)
            return &rows_ops[i];
    return NULL;
}

bool sg_updates_in_place(int op, int index, int input)
{
    const rows_op *entry = find_rows_op(op);
    return entry && entry->in_place[index] == input;
}

bool sg_is_alias(const sg_plan *plan, int node)
{
    int op = plan->graph->nodes[node].op;
    return !plan->keep_all && (op == SG_OP_reshape || op == SG_OP_stop_grad);
}

int sg_alias_root(const sg_plan *plan, int node)
{
    while (sg_is_alias(plan, node))
        node = plan->graph->nodes[node].inputs[0];
    return node;
}

/* Takes numbers off a node: multiplications by a constant or by one node of one number. */
static int peel_factors(const sg_plan *plan, int id, sg_rows_match *match)
{
    const sg_graph *g = plan->graph;
    for (;;) {
        id = sg_alias_root(plan, id);
        const sg_node_info *n = &g->nodes[id];
        if (n->op == SG_OP_affine && n->attr.number[1] == 0) {
            match->constant *= n->attr.number[0];
            id = n->inputs[0];
        } else if (n->op == SG_OP_mul && match->factor < 0 && n->size > 1 &&
                   (g->nodes[n->inputs[0]].size == 1 || g->nodes[n->inputs[1]].size == 1)) {
            int number = g->nodes[n->inputs[1]].size == 1;
            match->factor = sg_alias_root(plan, n->inputs[number]);
            id = n->inputs[!number];
        } else {
            return id;
        }
    }
}

/* Matches constant * factor * (outer product | stored matrix). */
static void match_rows(const sg_plan *plan, int id, sg_rows_match *match)
{
    const sg_graph *g = plan->graph;
    int rest = plan->fuse ? peel_factors(plan, id, match) : sg_alias_root(plan, id);
    const sg_node_info *n = &g->nodes[rest];
    bool is_outer = plan->fuse && n->op == SG_OP_outer &&
                    sg_shape_rows(g->nodes[n->inputs[0]].shape) == 1 &&
                    sg_shape_cols(n->shape) == sg_shape_cols(g->nodes[id].shape);
    match->row = is_outer ? sg_alias_root(plan, n->inputs[1]) : rest;
    match->scale = is_outer ? sg_alias_root(plan, n->inputs[0]) : -1;
}

void sg_rewrite_operands(const sg_plan *plan, int node, sg_step *step)
{
    const sg_node_info *n = &plan->graph->nodes[node];
    const rows_op *entry = find_rows_op(n->op);
    *step = (sg_step){.node = node,
                      .state = -1,
                      .rows = {.input = entry ? entry->rows_input : -1,
                               .constant = 1,
                               .factor = -1,
                               .scale = -1,
                               .row = -1}};
    for (int k = 0; k < n->input_count; k++)
        if (k != step->rows.input)
            step->operands[step->operand_count++] = sg_alias_root(plan, n->inputs[k]);
    if (!entry)
        return;
    match_rows(plan, n->inputs[entry->rows_input], &step->rows);
    int parts[] = {step->rows.factor, step->rows.scale, step->rows.row};
    for (int i = 0; i < 3; i++)
        if (parts[i] >= 0)
            step->operands[step->operand_count++] = parts[i];
}
