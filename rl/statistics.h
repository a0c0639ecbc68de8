/* statistics.h - running statistics as nodes. They are float64 whatever the graph is, since they
 * run over millions of samples. */
#ifndef SG_STATISTICS_H
#define SG_STATISTICS_H

#include "autograd/graph.h"

/* A value of the graph's type, and the assigns that keep it running. */
typedef struct {
    sg_node value;
    sg_updates updates;
} sg_stat;

/* Mean and population variance of a stream of numbers (Welford 1962), this sample included. */
typedef struct {
    sg_node mean, variance, count; /* float64 [1] */
    sg_updates updates;
} sg_moments;
/* x is float64 [1]. The sample counts only where `when` (1 or 0) is 1. States "<name>.mean", ... */
sg_moments sg_running_moments(sg_graph *g, const char *name, sg_node x, sg_node when);

/* The spread of returns by which AVG divides its TD error (Vasan et al. 2024, section 4, after
 * Schaul et al. 2021):
 *   sigma = sqrt(max(Var(R) + Var(gamma) E[G^2], 1e-4)),
 * 1 while that variance is <= 0.01 and no episode has terminated. `reward` is R (AVG: with its
 * entropy bonus) and `discount` 0 where terminated, else gamma; G = return_decay G + R runs until
 * termination (AVG: 1, undiscounted; IAC: gamma). Truncation neither closes G nor resets it. */
sg_stat sg_return_spread(sg_graph *g, sg_node reward, sg_node discount, sg_node terminated,
                         double return_decay);

#endif
