/* block.c - runs the steps of a block: all of them for some rows, then for the next. */
#include <stdlib.h>
#include <string.h>

#include "autograd/plan.h"
#include "autograd/program_internal.h"

/* One step: its call for the rows at hand, and how its pointers move from row to row. */
typedef struct {
    sg_call call;                  /* as it is now */
    const char *in[SG_MAX_INPUTS]; /* where the inputs and the output begin */
    char *out;
    size_t in_move[SG_MAX_INPUTS]; /* bytes from one row to the next in each input */
    size_t out_move;               /* the same in the output */
    bool in_large[SG_MAX_INPUTS];  /* the input is as large as the block's arrays */
    int in_count;
    bool sums;                         /* to one number */
    sg_shape rows_shape, vector_shape; /* of the rows at hand; of a vector with an element each */
} part;

struct sg_block {
    int rows, cols, count;
    part parts[];
};

/* So many rows at hand: but for the last ones always the same. */
static void size_part(part *p, int rows, int cols)
{
    p->rows_shape = sg_matrix(rows, cols);
    p->vector_shape = sg_vector(rows);
    for (int k = 0; k < p->in_count; k++)
        if (p->in_large[k])
            p->call.in_size[k] = rows * cols;
    p->call.size = p->sums ? 1 : rows * cols;
}

static inline void move(part *p, size_t row)
{
    for (int k = 0; k < p->in_count; k++)
        p->call.in[k] = p->in[k] + p->in_move[k] * row;
    p->call.out[0] = p->out + p->out_move * row;
}

/* The first part of a sum is written, the others are added. */
static void add_part(const part *p, int row)
{
    double total[1]; /* room for either type */
    const sg_kernels *k = p->call.kernels;
    k->sum((size_t)p->call.in_size[0], p->call.in[0], row ? (void *)total : p->call.out[0]);
    if (row)
        k->add(1, p->call.out[0], 1, total, 1, p->call.out[0]);
}

static void run_rows(sg_block *block, int row)
{
    for (int i = 0; i < block->count; i++) {
        part *p = &block->parts[i];
        move(p, (size_t)row);
        if (p->sums)
            add_part(p, row);
        else
            p->call.eval(&p->call);
    }
}

static void run_block(const sg_call *call)
{
    sg_block *block = call->block;
    int step = sg_block_rows(block->cols), rest = block->rows % step, whole = block->rows - rest;
    for (int i = 0; i < block->count && whole; i++)
        size_part(&block->parts[i], step, block->cols);
    for (int row = 0; row < whole; row += step)
        run_rows(block, row);
    for (int i = 0; i < block->count && rest; i++)
        size_part(&block->parts[i], rest, block->cols);
    if (rest)
        run_rows(block, whole);
}

static void run_nothing(const sg_call *call) { (void)call; }

static void make_part(const sg_plan *plan, const sg_phase_plan *phase, const sg_step *step,
                      const sg_call *call, int size, int cols, part *p)
{
    size_t bytes = sg_dtype_size(call->kernels->dtype), row_bytes = bytes * (size_t)cols;
    int op = plan->graph->nodes[step->call].op;
    p->call = *call;
    p->out = call->out[0];
    p->sums = op == SG_OP_sum_to;
    p->in_count = plan->graph->nodes[step->call].input_count;
    for (int k = 0; k < p->in_count; k++) {
        p->in[k] = call->in[k];
        p->in_large[k] = step->inputs[k] >= 0 && call->in_size[k] == size && op != SG_OP_outer;
        bool local =
            p->in_large[k] && sg_is_block_local(plan, phase, sg_alias_root(plan, step->inputs[k]));
        p->in_move[k] = p->in_large[k] && !local ? row_bytes : 0;
        if (p->in_large[k])
            p->call.in_shape[k] = &p->rows_shape;
    }
    p->out_move = p->sums || sg_is_block_local(plan, phase, step->node) ? 0 : row_bytes;
    if (!p->sums)
        p->call.out_shape = &p->rows_shape;
    /* an outer product's first vector has an element for each row */
    if (op == SG_OP_outer) {
        p->in_move[0] = bytes;
        p->call.in_shape[0] = &p->vector_shape;
    }
}

int sg_make_block(const sg_plan *plan, const sg_phase_plan *phase, int first, sg_call *calls)
{
    int count = 1, id = phase->steps[first].block;
    while (first + count < phase->step_count && phase->steps[first + count].block == id)
        count++;
    const sg_node_info *array = sg_block_array(plan, &phase->steps[first]);
    sg_block *block = sg_alloc(sizeof *block + (size_t)count * sizeof(part));
    block->rows = sg_shape_rows(array->shape);
    block->cols = sg_shape_cols(array->shape);
    block->count = count;
    for (int i = 0; i < count; i++) {
        make_part(plan, phase, &phase->steps[first + i], &calls[i], array->size, block->cols,
                  &block->parts[i]);
        calls[i].eval = i ? run_nothing : run_block;
    }
    calls[0].block = block;
    return count;
}
