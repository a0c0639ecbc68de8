/* running.h - running mean and variance of a stream of vectors, for the normalising wrappers. */
#ifndef SG_RUNNING_H
#define SG_RUNNING_H

#include "envs/wrappers.h"

/* gymnasium: starts as mean 0, variance 1 with the weight of 1e-4 samples; population variance.
 * streaming: starts empty; sample variance, 1 until there are two samples. */
typedef struct {
    sg_normalizer kind;
    int size;
    double count;
    double *mean;
    double *spread; /* gymnasium: the variance; streaming: the sum of squared differences */
} sg_running;

/* For vectors of `size` values. What it allocates goes with sg_running_free. */
void sg_running_init(sg_running *running, sg_normalizer kind, int size);
void sg_running_free(sg_running *running);
/* Takes one more sample of `size` values. */
void sg_running_update(sg_running *running, const double *sample);
/* Of value i. */
double sg_running_variance(const sg_running *running, int i);
/* Visits count, mean and spread. */
void sg_running_state(sg_running *running, sg_archive *archive);

#endif
