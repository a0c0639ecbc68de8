/* recorded.h - drives an optimiser by itself through recorded gradients, and compares what it makes
 * of the parameters. */
#ifndef RECORDED_H
#define RECORDED_H

#include "autograd/graph.h"
#include "tests/trace.h"

/* What is recorded of one tensor. */
typedef struct {
    const char *name;                           /* "w1" */
    char gradient[64], at_step[64], state[160]; /* "grad/w1", "param/w1", "state/w1.<state>" */
    sg_node input;                              /* of its gradient */
    trace_series parameter, of_state;
} recorded_tensor;

typedef struct {
    golden *g;
    sg_graph *graph;
    sg_nodes parameters, gradients; /* gradients: the inputs, `sign` times what was recorded */
    sg_node delta, reset;           /* inputs; graph NULL where they were not recorded */
    int count;
    recorded_tensor *tensors;
    const char *state; /* compared too, as "exp_avg"; NULL: none */
    sg_program *program;
    size_t steps;
} recorded;

/* Opens a file and makes the nodes for every tensor "param/init/<name>"; `sign` is -1 where the
 * gradients are of the negative of what is optimised. */
recorded recorded_open(const char *file, double sign);
/* Compiles the updates, starts from the recorded parameters; `state` is as above. */
void recorded_start(recorded *r, sg_updates updates, bool fuse, const char *state);
/* One step in; every parameter and state that was recorded at each step is compared. */
void recorded_step(recorded *r, size_t t);
/* Compares the parameters at the end, if there are any, fails the test beyond the tolerance or
 * where a recorded setting was not read and is not of `others`, and frees all. */
void recorded_close(recorded *r, double tolerance, const char *const *others);

#endif
