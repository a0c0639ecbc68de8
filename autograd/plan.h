/* plan.h - from graph to plan: which kernel calls each phase makes, in which order, where results
 * lie. Internal to autograd/. The passes, in order:
 *
 *   form      (plan_cross.c)     values that must be formed where they could be read from states
 *   select    (plan_select.c)    which nodes a phase computes
 *   rewrite   (rewrite.c)        operands left unformed, slices and biases folded into products
 *   updates   (plan_update.c)    which states are updated in place
 *   merge     (plan_merge.c)     two products with one matrix in one pass over it
 *   block     (plan_block.c)     element-wise steps together, some rows at a time
 *   schedule  (plan_schedule.c)  an order in which nothing is read after it was written over
 *   memory    (plan_memory.c)    offsets in one block
 *
 * program.c then resolves offsets to pointers.
 */
#ifndef SG_PLAN_H
#define SG_PLAN_H

#include "autograd/graph_internal.h"
#include "autograd/program.h"

enum { SG_MAX_OPERANDS = SG_MAX_INPUTS + 4, SG_ALSO_INPUTS = 2 };

/* How the rows input of an op is read: constant * factor * scale[i] * row[...]; -1: absent. If the
 * input is a stored matrix, row is that matrix and scale is absent. */
typedef struct {
    int input; /* index of the op's rows input, -1 if it has none */
    double constant;
    int factor, scale, row;
} sg_rows_match;

/* One kernel call before it has addresses, or a copy of input 0 into a state. Inputs have shapes of
 * their own, operands are alias roots; -1: absent. */
typedef struct {
    int node;                  /* what is computed; -1 for a copy */
    int call;                  /* the node whose op and numbers the call has: mostly `node` */
    int inputs[SG_MAX_INPUTS]; /* of the call; a linear's third is the bias folded into it */
    int first_column; /* of a linear_t that makes as many columns as the node has, from this on */
    int also;         /* another product with the matrix, computed in the same pass; -1: none */
    int also_inputs[SG_ALSO_INPUTS]; /* the vector and the bias of that product */
    int state;                       /* of a copy: its target */
    sg_rows_match rows;
    int operand_count;
    int operands[SG_MAX_OPERANDS]; /* every node that is read */
    bool gone;                     /* merged into another step */
    int block;                     /* number of the block it belongs to, 0: none */
} sg_step;

/* The steps of a phase, in order. */
typedef struct {
    const char *name;
    bool alone;
    int group; /* phases of a group share values: 0 is the step, each phase alone has its own */
    sg_step *steps;
    int step_count;
} sg_phase_plan;

/* Where a node's value lies, in one group. */
typedef struct {
    int home;  /* node whose memory it is (itself, or what it is an alias of); -1: not computed */
    bool kept; /* memory of its own, never reused */
    bool external; /* a source or an updated state: memory outside the groups */
    size_t offset; /* in the block */
} sg_place;

typedef struct {
    const sg_graph *graph;
    unsigned rewrites; /* those that are made (sg_rewrite) */
    bool keep_all;
    int threads;
    int group_count;
    sg_phase_plan *phases;
    sg_place *places; /* [group][node] */
    int *formed_in;   /* [node]: the phase that forms what could be left unformed, plus 1; or 0 */
    size_t bytes;     /* of the block */
} sg_plan;

static inline sg_place *sg_place_of(const sg_plan *plan, int group, int node)
{
    return &plan->places[(size_t)group * (size_t)plan->graph->node_count + (size_t)node];
}

/* Nodes whose value is another node's memory: reshape, stop_grad, and outputs of a several-output
 * op are not computed by a call of their own. Follows aliases; with keep_all there are none, and
 * what plan->formed_in names is none either. */
int sg_alias_root(const sg_plan *plan, int node);
bool sg_is_alias(const sg_plan *plan, int node);

/* The call of a node: its inputs' roots, with the rows input taken apart (SG_REWRITE_ROWS). */
void sg_rewrite_operands(const sg_plan *plan, int node, sg_step *step);
/* Lists anew what a step reads, after its inputs have changed. */
void sg_step_list_operands(const sg_plan *plan, sg_step *step);
bool sg_step_reads(const sg_step *step, int node);
/* True if the step is the op's product (linear, linear_t) with one vector. */
bool sg_is_vector_product(const sg_graph *g, const sg_step *step, int op);
/* Lets slices of backward products be products of those columns. uses[node]: reads of it by all
 * phases and from outside. */
void sg_take_columns(const sg_plan *plan, sg_phase_plan *phase, const int *uses);
/* Puts biases into the products before them; uses as above. */
void sg_fold_biases(const sg_plan *plan, sg_phase_plan *phase, const int *uses);
/* The node whose call computes this one: the op of an output, the root of an alias. */
int sg_producer(const sg_plan *plan, int node);

/* Which node writes over which, in one phase: over[n] is the node whose memory n takes over, by[n]
 * the node that takes over n's; -1: none. */
typedef struct {
    int *over, *by;
} sg_overwrites;
/* Chooses the updates that are made in place; drops one that stands in the way of the others. */
void sg_choose_in_place(const sg_plan *plan, int phase, sg_overwrites *overwrites);
bool sg_drop_in_place(const sg_plan *plan, int phase, sg_overwrites *overwrites, int step);
/* ---- blocks: element-wise steps done together for some rows at a time (plan_block.c) ---- */
void sg_form_blocks(const sg_plan *plan, sg_phase_plan *phase, const sg_overwrites *overwrites);
/* The array that a step goes over, NULL if it can be in no block. */
const sg_node_info *sg_block_array(const sg_plan *plan, const sg_step *step);
/* True if the node is read in its block only: it needs room for the rows of a block. */
bool sg_is_block_local(const sg_plan *plan, const sg_phase_plan *phase, int node);
/* Makes the first of the calls run the block that begins at step `first`, and the others nothing;
 * returns how many they are (block.c). */
int sg_make_block(const sg_plan *plan, const sg_phase_plan *phase, int first, sg_call *calls);

/* Merges steps where an order remains. */
void sg_merge_steps(const sg_plan *plan, sg_phase_plan *phase, const sg_overwrites *overwrites);
/* Fills order[] with the steps that are not gone, each after what it needs and before what writes
 * over what it reads; returns how many. Fewer than there are: it goes in a circle, and *stuck is a
 * step of it that writes in place. */
int sg_schedule(const sg_plan *plan, const sg_phase_plan *phase, const sg_overwrites *overwrites,
                int *order, int *stuck);
/* Marks, of steps that have an order, those that must run before or after this one, and itself. */
void sg_mark_related(const sg_plan *plan, const sg_phase_plan *phase,
                     const sg_overwrites *overwrites, int step, bool *related);
/* True if output `index` of the node's call may be written over what it reads as input `input`. */
bool sg_updates_in_place(const sg_graph *g, int node, int index, int input);
/* True if the op's kernel takes a product with the matrix that it updates (sg_product). */
bool sg_takes_product(int op);

/* True if the phase reads the node, or shows it to the outside. */
bool sg_phase_uses(const sg_plan *plan, int phase, int node);

/* Fills plan->formed_in; plan->phases and marks places; then gives offsets. */
void sg_plan_form(sg_plan *plan);
void sg_plan_select(sg_plan *plan);
void sg_plan_memory(sg_plan *plan);
void sg_plan_free(sg_plan *plan);

#endif
