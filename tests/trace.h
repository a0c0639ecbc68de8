/* trace.h - drives a compiled algorithm through a recorded update trace and compares, step by step.
 */
#ifndef TRACE_H
#define TRACE_H

#include "autograd/program.h"
#include "tests/golden.h"

/* Sets every parameter from "param/init/<name>". Fails the test if one is missing. */
void trace_start(sg_program *program, const golden *g);
/* Sets the node to row t of array "step/<name>". */
void trace_set(sg_program *program, sg_node node, const golden *g, const char *name, size_t t);

/* The largest |value - recorded| so far, over the largest |recorded| of the whole series. */
typedef struct {
    const char *name;
    double worst;
    size_t compared;
} trace_series;

/* Compares a node's value with row t of "step/<name>". NaN makes the error infinite. */
void trace_compare(trace_series *series, const sg_program *program, sg_node node, const golden *g,
                   size_t t);
/* The same for given values, over the largest of the recorded ones. */
void trace_compare_values(trace_series *series, const double *values, const double *recorded,
                          size_t n);
/* The same for all parameters against "param/<when>/<name>"; returns the number of arrays compared.
 */
int trace_compare_parameters(trace_series *series, const sg_program *program, const golden *g,
                             const char *when);
/* Fails the test, naming the series, unless something was compared and worst <= tolerance. */
void trace_expect(const trace_series *series, double tolerance, const char *file);

#endif
