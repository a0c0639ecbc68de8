/* interpreter.h - phases run straight from the list of nodes: every node in memory of its own,
 * each computed by its op, updates made at the end. An oracle of the plan that shares nothing with
 * it. */
#ifndef TEST_INTERPRETER_H
#define TEST_INTERPRETER_H

#include "autograd/program.h"

typedef struct interpreter interpreter;

/* Starts as `program` starts: sources are copied from it, draws come from the same seed. Free with
 * interpreter_free. */
interpreter *interpreter_new(sg_graph *g, const sg_program *program, uint64_t seed);
void interpreter_free(interpreter *in);
void interpreter_run(interpreter *in, int phase);
/* The value of a source, or of a node that the phase or one before it in the step has computed. */
void interpreter_get(const interpreter *in, int phase, sg_node node, double *values);

#endif
