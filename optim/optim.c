/* optim.c - what optimisers share. */
#include "optim/optim.h"

#include <stdio.h>

#include "autograd/ops.h"

void sg_require_gradients(const char *optimizer, sg_nodes parameters, sg_nodes gradients)
{
    char a[64], b[64];
    if (!parameters.graph || parameters.graph != gradients.graph ||
        parameters.count != gradients.count)
        sg_misuse("%s: %d parameters and %d gradients", optimizer, parameters.count,
                  gradients.count);
    for (int k = 0; k < parameters.count; k++) {
        sg_shape p = sg_node_shape(sg_nodes_at(parameters, k));
        sg_shape g = sg_node_shape(sg_nodes_at(gradients, k));
        if (!sg_shape_equal(p, g))
            sg_misuse("%s: parameter %s %s has a gradient %s", optimizer,
                      sg_node_name(sg_nodes_at(parameters, k)), sg_shape_text(p, a),
                      sg_shape_text(g, b));
    }
}

static sg_node named_state(sg_node parameter, const char *suffix, sg_shape shape, sg_dtype dtype)
{
    char name[160];
    snprintf(name, sizeof name, "%s.%s", sg_node_name(parameter), suffix);
    return sg_state(parameter.graph, name, shape, dtype, 0);
}

sg_node sg_state_of(sg_node parameter, const char *suffix)
{
    return named_state(parameter, suffix, sg_node_shape(parameter), sg_node_dtype(parameter));
}

sg_node sg_step_count(sg_nodes parameters, sg_updates *updates)
{
    sg_node count = named_state(sg_nodes_at(parameters, 0), "step", sg_vector(1), SG_F64);
    sg_node next = sg_offset(count, 1);
    *updates = sg_assign(count, next);
    return next;
}
