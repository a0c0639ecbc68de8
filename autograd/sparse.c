/* sparse.c - see sparse.h. */
#include "autograd/sparse.h"

#include <stdlib.h>

#include "autograd/graph_internal.h"

/* The sum of the dimensions: the Erdos-Renyi kernel rule's weight of a tensor. */
static double weight_of(sg_shape shape)
{
    double sum = 0;
    for (int d = 0; d < shape.rank; d++)
        sum += shape.dim[d];
    return sum;
}

/* Non-zeros per unit of weight that spend what is left on the tensors not yet full (density 1). */
static double rate_of(const sg_shape *shapes, int count, double budget, const double *densities)
{
    double weights = 0;
    for (int i = 0; i < count; i++)
        if (densities[i] == 1)
            budget -= (double)sg_shape_size(shapes[i]);
        else
            weights += weight_of(shapes[i]);
    return weights > 0 ? budget / weights : 0;
}

/* Fills the tensors that the rate would make more than full; false if there is none. */
static bool fill_up(const sg_shape *shapes, int count, double rate, double *densities)
{
    bool filled = false;
    for (int i = 0; i < count; i++)
        if (densities[i] != 1 && rate * weight_of(shapes[i]) >= (double)sg_shape_size(shapes[i])) {
            densities[i] = 1;
            filled = true;
        }
    return filled;
}

void sg_erdos_renyi(const sg_shape *shapes, int count, double density, double *densities)
{
    double budget = 0, rate;
    if (!(density > 0 && density <= 1))
        sg_misuse("erdos_renyi: density %g is not in (0, 1]", density);
    for (int i = 0; i < count; i++) {
        densities[i] = 0;
        budget += density * (double)sg_shape_size(shapes[i]);
    }
    do
        rate = rate_of(shapes, count, budget, densities);
    while (fill_up(shapes, count, rate, densities));
    for (int i = 0; i < count; i++)
        if (densities[i] != 1)
            densities[i] = rate * weight_of(shapes[i]) / (double)sg_shape_size(shapes[i]);
}

void sg_start_sparse(sg_nodes parameters, double density)
{
    size_t most = (size_t)parameters.count + 1;
    sg_shape *shapes = sg_alloc(most * sizeof *shapes);
    double *densities = sg_alloc(most * sizeof *densities);
    int *ids = sg_alloc(most * sizeof *ids), count = 0;
    for (int k = 0; k < parameters.count; k++) {
        sg_shape shape = sg_node_shape(sg_nodes_at(parameters, k));
        if (shape.rank < 2)
            continue;
        shapes[count] = shape;
        ids[count++] = parameters.ids[k];
    }
    sg_erdos_renyi(shapes, count, density, densities);
    for (int i = 0; i < count; i++)
        parameters.graph->nodes[ids[i]].init = sg_init_scattered(densities[i]);
    free(shapes);
    free(densities);
    free(ids);
}
