/* grad.h - reverse mode: gradients are nodes. */
#ifndef SG_GRAD_H
#define SG_GRAD_H

#include "autograd/graph.h"

/* d loss / d wrt[k] as nodes of wrt[k]'s shape; loss is [1]. Misuse if the loss does not depend on
 * one of them. The graph remembers the call, so that sg_gradcheck_graph can check every loss of it.
 */
sg_nodes sg_grad(sg_node loss, sg_nodes wrt);

/* sum(y * cotangent) differentiated: the vector-Jacobian product. cotangent has y's shape and type.
 * A zero gradient (no dependence) comes as a constant zero. */
sg_nodes sg_vector_jacobian(sg_node y, sg_node cotangent, sg_nodes wrt);

#endif
