/* graph_internal.h - how a graph is stored; for the passes of autograd/ only. */
#ifndef SG_GRAPH_INTERNAL_H
#define SG_GRAPH_INTERNAL_H

#include "autograd/op.h"

typedef struct {
    int op;
    sg_dtype dtype;
    sg_shape shape;
    int size;
    int input_count;
    int inputs[SG_MAX_INPUTS];
    sg_attributes attr;
    const char *name;     /* or NULL */
    const double *values; /* of a constant array, or NULL: attr.number[0] everywhere */
    sg_init init;         /* of a parameter or state */
    int copy_of; /* of a state: the id of what it starts as a copy of, plus 1; 0: see init */
} sg_node_info;

/* A phase: what is seen after it and what it updates. */
typedef struct {
    const char *name;
    bool alone;
    int *values, value_count, value_capacity;
    sg_assignment *updates;
    int update_count, update_capacity;
} sg_phase_info;

typedef struct {
    const char *name;
    int phase, node;
} sg_report_info;

/* One call of sg_grad, remembered so that a checker can find every loss of the graph. */
typedef struct {
    sg_node loss;
    sg_nodes wrt;
    sg_nodes gradients;
} sg_gradient_record;

typedef struct sg_arena_block sg_arena_block;

struct sg_graph {
    sg_dtype dtype;
    sg_node_info *nodes;
    int node_count, node_capacity;
    int *table; /* hash table of pure nodes: id + 1, 0 for empty; a power of two long */
    int table_size;
    sg_phase_info *phases;
    int phase_count, phase_capacity;
    sg_report_info *reports;
    int report_count, report_capacity;
    sg_gradient_record *gradients;
    int gradient_count, gradient_capacity;
    sg_arena_block *arena;
    bool any_size; /* sg_graph_take_any_size */
    int too_large; /* with any_size, the first node of more elements than an int counts: id + 1 */
};

/* True for a further output of the node's op. They follow the node:
 *     for (int id = node + 1; sg_is_output_of(g, id, node); id++) */
static inline bool sg_is_output_of(const sg_graph *g, int id, int node)
{
    return id < g->node_count && g->nodes[id].op == SG_OP_output && g->nodes[id].inputs[0] == node;
}

/* What the handle stands for; misuse of one that stands for nothing. */
static inline const sg_node_info *sg_info(sg_node node)
{
    if (!node.graph)
        sg_misuse("a node is needed where there is none (its graph is NULL)");
    return &node.graph->nodes[node.id];
}

/* A copy of the lists as they are now, for a program: the graph may grow on. Names and constants
 * are shared with the original, which must outlive it. */
sg_graph *sg_graph_snapshot(const sg_graph *g);
void sg_graph_snapshot_free(sg_graph *g);
/* Memory that lives as long as the graph. */
void *sg_graph_alloc(sg_graph *g, size_t bytes);
char *sg_graph_text(sg_graph *g, const char *text);
/* A new node that is never merged with an equal one. */
sg_node sg_append(sg_graph *g, sg_node_info info);
/* Makes room for one more element of a growing array. */
void *sg_grow(void *items, int count, int *capacity, size_t size);
/* "%12 tanh 'name' [256]" into text. */
const char *sg_node_text(const sg_graph *g, int id, char text[160]);
/* The index of the phase of that name, made if new. */
int sg_phase_make(sg_graph *g, const char *name);

#endif
