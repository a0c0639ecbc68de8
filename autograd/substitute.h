/* substitute.h - the same expression of other nodes. */
#ifndef SG_SUBSTITUTE_H
#define SG_SUBSTITUTE_H

#include "autograd/graph.h"

/* y with to[k] wherever y's expression has from[k]; what does not depend on them is shared. Shapes
 * and types of from[k] and to[k] must be equal, and all of y's graph (misuse otherwise). */
sg_node sg_substitute(sg_node y, sg_nodes from, sg_nodes to);
/* True if computing y draws random numbers. */
bool sg_is_random(sg_node y);
/* True if computing y reads x, which may be y itself. */
bool sg_reads(sg_node y, sg_node x);

#endif
