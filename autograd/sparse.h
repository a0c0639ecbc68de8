/* sparse.h - sparse starting weights with one budget for a whole network.
 *
 * The budget of non-zero weights is shared out by the Erdos-Renyi kernel rule (Mocanu et al. 2018;
 * Evci et al. 2020): a tensor of dimensions d gets a density proportional to sum(d) / product(d),
 * so that small layers stay denser than large ones; a density that would exceed 1 is 1, and the
 * rest of the budget goes to the others. */
#ifndef SG_SPARSE_H
#define SG_SPARSE_H

#include "autograd/graph.h"

/* The densities of `count` tensors whose non-zeros together are the share `density`, in (0, 1], of
 * all their elements. */
void sg_erdos_renyi(const sg_shape *shapes, int count, double density, double *densities);

/* Programs compiled from now on start the weights of the list (matrices and filters; vectors, as
 * biases are, stay as they were) from sg_init_scattered with these densities. */
void sg_start_sparse(sg_nodes parameters, double density);

#endif
