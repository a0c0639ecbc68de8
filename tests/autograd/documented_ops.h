/* documented_ops.h - what surrounds the ops of docs/new-op.md in the tree. They are compiled as the
 * page has them, but are not in the list of ops: they borrow the ids of two that are. */
#ifndef TEST_DOCUMENTED_OPS_H
#define TEST_DOCUMENTED_OPS_H

#include "autograd/op.h"

enum { SG_OP_cube = SG_OP_square, SG_OP_elu = SG_OP_leaky_relu };

sg_node sg_cube(sg_node x);
sg_node sg_elu(sg_node x, double alpha);

static inline sg_node example_of_shape(sg_graph *g, int variant, sg_domain domain)
{
    return variant == 0 ? sg_example_input(g, sg_vector(9), domain) : (sg_node){0};
}

#endif
