/* rewrite.c - operands that need not be formed, and sums and slices that a product makes itself.
 *
 * The gradient of a linear layer at batch 1 is s dy x^T: a number, a column and a row. Optimiser
 * kernels read such a matrix element by element from the three (sg_rows in tensor/kernels.h), so it
 * is never written to memory. A number times a stored matrix is taken apart in the same way.
 * Without SG_REWRITE_ROWS every operand is formed: the oracle of the tests.
 */
#include <stdio.h>
#include <string.h>

#include "autograd/plan.h"

/* Which input of an op may be read as rows (-1: none), which outputs may overwrite which inputs,
 * and whether its kernel takes a product with the matrix that it updates. */
typedef struct {
    int op, rows_input;
    int in_place[SG_MAX_OUTPUTS]; /* input that output k may overwrite, -1: none */
    bool takes_product;
} rows_op;

static const rows_op rows_ops[] = {
    {SG_OP_add_scaled, 1, {0, -1, -1}, true}, {SG_OP_trace_step, 1, {0, -1, -1}, false},
    {SG_OP_approach, -1, {0, -1, -1}, false}, {SG_OP_clear, -1, {0, -1, -1}, false},
    {SG_OP_adam_step, 3, {0, 1, 2}, true},    {SG_OP_rms_direction, 2, {-1, 0, -1}, false},
};

static const rows_op *find_rows_op(int op)
{
    for (size_t i = 0; i < sizeof rows_ops / sizeof rows_ops[0]; i++)
        if (rows_ops[i].op == op)
            return &rows_ops[i];
    return NULL;
}

bool sg_updates_in_place(const sg_graph *g, int node, int index, int input)
{
    const sg_node_info *n = &g->nodes[node], *under = &g->nodes[n->inputs[input]];
    const rows_op *entry = find_rows_op(n->op);
    if (!entry)
        return sg_op_get(n->op)->elementwise && under->dtype == n->dtype && under->size == n->size;
    return entry->in_place[index] == input;
}

bool sg_takes_product(int op)
{
    const rows_op *entry = find_rows_op(op);
    return entry && entry->takes_product;
}

bool sg_is_alias(const sg_plan *plan, int node)
{
    int op = plan->graph->nodes[node].op;
    return !plan->keep_all && !plan->formed_in[node] &&
           (op == SG_OP_reshape || op == SG_OP_stop_grad);
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
        if (plan->formed_in[id])
            return id;
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
    bool apart = plan->rewrites & SG_REWRITE_ROWS;
    int rest = apart ? peel_factors(plan, id, match) : sg_alias_root(plan, id);
    const sg_node_info *n = &g->nodes[rest];
    bool is_outer = apart && n->op == SG_OP_outer && !plan->formed_in[rest] &&
                    sg_shape_rows(g->nodes[n->inputs[0]].shape) == 1 &&
                    sg_shape_cols(n->shape) == sg_shape_cols(g->nodes[id].shape);
    match->row = is_outer ? sg_alias_root(plan, n->inputs[1]) : rest;
    match->scale = is_outer ? sg_alias_root(plan, n->inputs[0]) : -1;
}

void sg_step_list_operands(const sg_plan *plan, sg_step *step)
{
    const int parts[] = {step->rows.factor, step->rows.scale, step->rows.row, step->also_inputs[0],
                         step->also_inputs[1]};
    step->operand_count = 0;
    for (int k = 0; k < SG_MAX_INPUTS; k++)
        if (step->inputs[k] >= 0)
            step->operands[step->operand_count++] = sg_alias_root(plan, step->inputs[k]);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i] >= 0)
            step->operands[step->operand_count++] = sg_alias_root(plan, parts[i]);
}

bool sg_step_reads(const sg_step *step, int node)
{
    for (int k = 0; k < step->operand_count; k++)
        if (step->operands[k] == node)
            return true;
    return false;
}

void sg_rewrite_operands(const sg_plan *plan, int node, sg_step *step)
{
    const sg_node_info *n = &plan->graph->nodes[node];
    const rows_op *entry = find_rows_op(n->op);
    *step = (sg_step){.node = node,
                      .call = node,
                      .also = -1,
                      .also_inputs = {-1, -1},
                      .state = -1,
                      .rows = {.input = entry ? entry->rows_input : -1,
                               .constant = 1,
                               .factor = -1,
                               .scale = -1,
                               .row = -1}};
    for (int k = 0; k < SG_MAX_INPUTS; k++)
        step->inputs[k] = k < n->input_count && k != step->rows.input ? n->inputs[k] : -1;
    if (step->rows.input >= 0)
        match_rows(plan, n->inputs[entry->rows_input], &step->rows);
    sg_step_list_operands(plan, step);
}

/* ---- products that do what their only reader would do ---- */

bool sg_is_vector_product(const sg_graph *g, const sg_step *step, int op)
{
    return !step->gone && step->call >= 0 && g->nodes[step->call].op == op &&
           sg_shape_rows(g->nodes[step->inputs[1]].shape) == 1;
}

/* The step that computes `node` as the op's matrix-vector product, without a bias, for one reader
 * alone, or NULL. */
static sg_step *find_product(const sg_plan *plan, const sg_phase_plan *phase, int op, int node,
                             const int *uses)
{
    for (int s = 0; s < phase->step_count; s++) {
        sg_step *step = &phase->steps[s];
        if (step->node == node && uses[node] == 1 && step->inputs[2] < 0 &&
            sg_is_vector_product(plan->graph, step, op))
            return step;
    }
    return NULL;
}

/* The reader makes the product's call in its own place. */
static void take_over(const sg_plan *plan, sg_step *reader, sg_step *product, int bias)
{
    reader->call = product->call;
    reader->inputs[0] = product->inputs[0];
    reader->inputs[1] = product->inputs[1];
    reader->inputs[2] = bias;
    sg_step_list_operands(plan, reader);
    product->gone = true;
}

/* Few of the columns of W^T dy: one call in the place of the slice. Of more than half of them the
 * whole product is left, since an update of W may make it in the same pass (plan_merge.c). */
void sg_take_columns(const sg_plan *plan, sg_phase_plan *phase, const int *uses)
{
    const sg_graph *g = plan->graph;
    for (int s = 0; s < phase->step_count; s++) {
        sg_step *slice = &phase->steps[s];
        if (g->nodes[slice->call].op != SG_OP_slice ||
            sg_shape_rows(g->nodes[slice->inputs[0]].shape) > 1)
            continue;
        sg_step *product =
            find_product(plan, phase, SG_OP_linear_t, sg_alias_root(plan, slice->inputs[0]), uses);
        if (!product || 2 * g->nodes[slice->node].size > g->nodes[product->node].size)
            continue;
        slice->first_column = product->first_column + g->nodes[slice->node].attr.integer[0];
        take_over(plan, slice, product, -1);
    }
}

/* W x + b: one call in the place of the sum. */
static void fold_bias(const sg_plan *plan, const sg_phase_plan *phase, sg_step *sum,
                      const int *uses)
{
    const sg_graph *g = plan->graph;
    for (int k = 0; k < 2; k++) {
        sg_step *product =
            find_product(plan, phase, SG_OP_linear, sg_alias_root(plan, sum->inputs[k]), uses);
        int bias = sum->inputs[1 - k];
        if (!product || g->nodes[bias].size != g->nodes[sum->node].size ||
            g->nodes[product->node].size != g->nodes[sum->node].size)
            continue;
        take_over(plan, sum, product, bias);
        return;
    }
}

void sg_fold_biases(const sg_plan *plan, sg_phase_plan *phase, const int *uses)
{
    for (int s = 0; s < phase->step_count; s++) {
        sg_step *step = &phase->steps[s];
        if (!step->gone && plan->graph->nodes[step->call].op == SG_OP_add)
            fold_bias(plan, phase, step, uses);
    }
}

/* ---- names ---- */

static const char *const names[] = {"rows",    "bias",  "in_place", "pair",
                                    "product", "block", "columns"};
enum { REWRITE_COUNT = sizeof names / sizeof names[0] };

/* The bit of a name, all of them for "all", 0 for any other. */
static unsigned bit_of(const char *word, size_t length)
{
    if (length == 3 && !strncmp(word, "all", length))
        return SG_REWRITE_ALL;
    for (unsigned i = 0; i < REWRITE_COUNT; i++)
        if (strlen(names[i]) == length && !strncmp(word, names[i], length))
            return 1u << i;
    return 0;
}

bool sg_rewrites_read(const char *list, unsigned *set, sg_error *error)
{
    unsigned found = 0;
    for (const char *word = list;; word++) {
        size_t length = strcspn(word, ",");
        unsigned bit = bit_of(word, length);
        if (!bit)
            return sg_fail(
                error,
                "'%.*s' is no rewrite of the plan; there are rows, bias, in_place, pair, "
                "product, block, columns and all",
                (int)length, word);
        found |= bit;
        word += length;
        if (!*word)
            break;
    }
    *set = found;
    return true;
}
