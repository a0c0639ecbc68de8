/* graph.h - the graph: nodes, parameters and states, updates, phases.
 *
 * A node is a small handle passed by value. Nodes refer only to nodes made before them, so ids are
 * in topological order. Building the same expression twice gives the same node. Gradients are nodes
 * (grad.h). State - parameters, optimiser moments, traces, statistics - changes only by updates,
 * and a phase's reads see the values from before its updates.
 *
 * Mistakes in building (shapes that do not fit, another graph's node) are misuse: one message that
 * names the op and the shapes, then abort (see tensor/error.h).
 */
#ifndef SG_GRAPH_H
#define SG_GRAPH_H

#include <stdint.h>
#include <stdio.h>

#include "autograd/init.h"
#include "tensor/tensor.h"

typedef struct sg_graph sg_graph;

/* Room for the name of an input, parameter, state or random node. One that was cut to fit it is
 * longer than allowed, and so refused. Names, those of phases and reports too, have no control
 * characters. */
enum { SG_NAME_SIZE = 160, SG_LONGEST_NAME = SG_NAME_SIZE - 2 };

/* A handle; cheap to copy. */
typedef struct {
    sg_graph *graph;
    int id;
} sg_node;

/* A list of nodes; the ids are owned by the graph. */
typedef struct {
    sg_graph *graph;
    int count;
    const int *ids;
} sg_nodes;

/* "state becomes value when the phase ends", a list of them; owned by the graph. */
typedef struct {
    int state, value;
} sg_assignment;
typedef struct {
    sg_graph *graph;
    int count;
    const sg_assignment *items;
} sg_updates;

/* An empty graph whose nodes are of `dtype`: SG_F32 to run, SG_F64 to check. */
sg_graph *sg_graph_new(sg_dtype dtype);
void sg_graph_free(sg_graph *graph);
/* For sizes that the world chooses, as an environment does: nodes of more elements than an int
 * counts are then no misuse where they are made. sg_try_compile refuses them. */
void sg_graph_take_any_size(sg_graph *graph);
sg_dtype sg_graph_dtype(const sg_graph *graph);
int sg_graph_node_count(const sg_graph *graph);

/* ---- what a node is ---- */
sg_shape sg_node_shape(sg_node node);
sg_dtype sg_node_dtype(sg_node node);
/* The name given to it, or NULL. */
const char *sg_node_name(sg_node node);
/* Names a node for prints and messages; returns it. What has its name from the start, under which
 * it is saved, keeps it. */
sg_node sg_named(sg_node node, const char *name);

/* ---- sources ---- */
/* A value that the caller sets before running, and leaves until the last phase of the step that
 * reads it: a vector of n, or any shape (sg_vector, sg_matrix, sg_shape_make: tensor/tensor.h).
 * Names are unique. */
sg_node sg_input(sg_graph *g, const char *name, int n);
sg_node sg_input_shaped(sg_graph *g, const char *name, sg_shape shape);
/* A constant: one number [1], one number everywhere, or given numbers (copied). */
sg_node sg_constant(sg_graph *g, double value);
sg_node sg_constant_of(sg_graph *g, sg_dtype dtype, double value); /* for float64 statistics */
sg_node sg_fill(sg_graph *g, sg_shape shape, double value);
sg_node sg_constant_array(sg_graph *g, sg_shape shape, const double *values);
/* Something learned, saved under `name`, e.g. "critic.phi.0.weight". Names are unique. */
sg_node sg_parameter(sg_graph *g, const char *name, sg_shape shape, sg_init init);
/* Something remembered: a moment, trace or statistic. Running sums over millions of steps want
 * SG_F64 even in a float32 graph; combine with sg_cast. */
sg_node sg_state(sg_graph *g, const char *name, sg_shape shape, sg_dtype dtype, double initial);
/* A state that starts as a copy of a parameter: a target network's weight. */
sg_node sg_state_copy(const char *name, sg_node parameter);
/* Fresh random numbers each time a phase computes the node; each node has a stream of its own,
 * named after `name` (a second node of the same name gets "name.2", and so on). */
sg_node sg_normal(sg_graph *g, const char *name, sg_shape shape);  /* standard normal */
sg_node sg_uniform(sg_graph *g, const char *name, sg_shape shape); /* on [0, 1) */

/* ---- lists ---- */
sg_nodes sg_nodes_make(sg_graph *g, const sg_node *nodes, int count);
sg_node sg_nodes_at(sg_nodes list, int index);
/* Elements of a, then of b; a list {0} adds none. */
sg_nodes sg_nodes_join(sg_nodes a, sg_nodes b);
/* sg_list(a, b, c): a list of at least one node. */
#ifdef __cplusplus
#define sg_list(...) sg_list_of({__VA_ARGS__})
#else
#define sg_list(...) \
    sg_nodes_of((sg_node[]){__VA_ARGS__}, (int)(sizeof((sg_node[]){__VA_ARGS__}) / sizeof(sg_node)))
#endif
sg_nodes sg_nodes_of(const sg_node *nodes, int count);
/* All parameters of the graph, in the order of making. */
sg_nodes sg_parameters(sg_graph *g);
/* All inputs, in the order of making. */
sg_nodes sg_inputs(sg_graph *g);

/* ---- updates ---- */
/* The state (or parameter) becomes the value; same shape and dtype. */
sg_updates sg_assign(sg_node state, sg_node value);
/* sg_join(u, v, ...): all of them; a state may be assigned only once in a phase. */
#ifdef __cplusplus
#define sg_join(...) sg_join_of({__VA_ARGS__})
#else
#define sg_join(...)                           \
    sg_updates_of((sg_updates[]){__VA_ARGS__}, \
                  (int)(sizeof((sg_updates[]){__VA_ARGS__}) / sizeof(sg_updates)))
#endif
sg_updates sg_updates_of(const sg_updates *updates, int count);

/* ---- phases ---- */
/* A phase is named by its first use and computes what its values and updates need. Phases run in
 * the order of their naming, once a step; what an earlier phase of the step computed is not
 * computed again: it is of the states from before that phase's updates. */
#define sg_phase_values(g, phase, ...) sg_phase_add_values(g, phase, sg_list(__VA_ARGS__))
void sg_phase_add_values(sg_graph *g, const char *phase, sg_nodes values);
/* The first value given to a phase (by index), or a node with graph NULL; or a later one. */
sg_node sg_phase_first_value(const sg_graph *g, int phase);
sg_node sg_phase_value(const sg_graph *g, int phase, int index);
void sg_phase_updates(sg_graph *g, const char *phase, sg_updates updates);
/* Declares a phase that stands outside the step: it computes and draws everything it needs itself,
 * and may run at any time (deterministic actions, predictions). */
void sg_phase_alone(sg_graph *g, const char *phase);
bool sg_phase_is_alone(const sg_graph *g, int phase);
/* A value [1] to be seen from outside under `name` after the phase: "losses/critic". Names are
 * unique. */
void sg_report(sg_graph *g, const char *phase, const char *name, sg_node value);

/* ---- looking at it ---- */
/* One line a node: "%12 = tanh(%11)  [256]  actor.phi.1"; then the phases. */
void sg_graph_print(const sg_graph *g, FILE *out);
/* For Graphviz: sources as boxes, updates as dashed arrows with their phase. */
void sg_graph_dot(const sg_graph *g, FILE *out);

/* ---- C++ has no compound literals: what sg_list and sg_join are made of there ---- */
#ifdef __cplusplus
extern "C++" {
inline sg_nodes sg_list_of(std::initializer_list<sg_node> nodes)
{
    return sg_nodes_of(nodes.begin(), static_cast<int>(nodes.size()));
}
inline sg_updates sg_join_of(std::initializer_list<sg_updates> updates)
{
    return sg_updates_of(updates.begin(), static_cast<int>(updates.size()));
}
}
#endif

#endif
