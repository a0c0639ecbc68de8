/* plan.h - from graph to plan: which kernel calls each phase makes, in which order, where results
 * lie. Internal to autograd/. The passes, in order: select   (plan_select.c)  which nodes a phase
 * computes, and its updates' tail rewrite  (rewrite.c)      operands left unformed memory
 * (plan_memory.c)  offsets in one block program.c then resolves offsets to pointers.
 */
#ifndef SG_PLAN_H
#define SG_PLAN_H

#include "autograd/graph_internal.h"

enum { SG_MAX_OPERANDS = SG_MAX_INPUTS + 2 };

/* How the rows input of an op is read: constant * factor * scale[i] * row[...]; -1: absent. If the
 * input is a stored matrix, row is that matrix and scale is absent. */
typedef struct {
    int input; /* index of the op's rows input, -1 if it has none */
    double constant;
    int factor, scale, row;
} sg_rows_match;

/* One kernel call before it has addresses, or a copy of operand 0 into a state. */
typedef struct {
    int node;  /* what is computed; -1 for a copy */
    int state; /* of a copy: its target */
    int operand_count;
    int operands[SG_MAX_OPERANDS]; /* nodes read, after rewriting */
    sg_rows_match rows;
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
    bool fuse, keep_all;
    int group_count;
    sg_phase_plan *phases;
    sg_place *places; /* [group][node] */
    size_t bytes;     /* of the block */
} sg_plan;

static inline sg_place *sg_place_of(const sg_plan *plan, int group, int node)
{
    return &plan->places[(size_t)group * (size_t)plan->graph->node_count + (size_t)node];
}

/* Nodes whose value is another node's memory: reshape, stop_grad, and outputs of a several-output
 * op are not computed by a call of their own. Follows aliases; with keep_all there are none. */
int sg_alias_root(const sg_plan *plan, int node);
bool sg_is_alias(const sg_plan *plan, int node);

/* What a node's call reads: its inputs' roots, with the rows input taken apart where `fuse`. */
void sg_rewrite_operands(const sg_plan *plan, int node, sg_step *step);
/* True if output `index` of the op may be written over the state that it reads as input `input`. */
bool sg_updates_in_place(int op, int index, int input);

/* Fills plan->phases and marks places; then gives offsets. */
void sg_plan_select(sg_plan *plan);
void sg_plan_memory(sg_plan *plan);
void sg_plan_free(sg_plan *plan);

#endif
