/* margins.c - memory for an observation between margins that nobody may write to. */
#include "envs/margins.h"

#include <stdlib.h>

#include "tensor/tensor.h"

/* What stands there: a number that no task would write. */
static const double MARK = -8.25e77;

double *sg_margins_new(int size)
{
    double *block = sg_alloc(((size_t)size + 2 * SG_MARGIN) * sizeof *block);
    double *obs = block + SG_MARGIN;
    for (int i = 0; i < SG_MARGIN; i++)
        block[i] = obs[size + i] = MARK;
    return obs;
}

void sg_margins_free(double *obs)
{
    if (obs)
        free(obs - SG_MARGIN);
}

/* Without a branch for each value, so that every step can afford it. */
bool sg_margins_kept(const double *obs, int size, int near)
{
    const double *before = obs - near, *after = obs + size;
    int changed = 0;
    for (int i = 0; i < near; i++)
        changed |= (before[i] != MARK) | (after[i] != MARK);
    return !changed;
}
