/* target.c - target networks. */
#include "rl/target.h"

#include <stdio.h>

#include "autograd/ops.h"
#include "autograd/substitute.h"
#include "optim/optim.h"

sg_target sg_target_of(sg_nodes params)
{
    sg_nodes copies = {0};
    for (int k = 0; k < params.count; k++) {
        char name[SG_NAME_SIZE];
        sg_node parameter = sg_nodes_at(params, k);
        snprintf(name, sizeof name, "target.%s", sg_node_name(parameter));
        copies = sg_nodes_append(copies, sg_state_copy(name, parameter));
    }
    return (sg_target){params, copies};
}

sg_node sg_at_target(const sg_target *target, sg_node y)
{
    return sg_substitute(y, target->params, target->copies);
}

sg_updates sg_soft_update(const sg_target *target, double tau)
{
    sg_updates updates = {0};
    for (int k = 0; k < target->params.count; k++) {
        sg_node p = sg_nodes_at(target->params, k), copy = sg_nodes_at(target->copies, k);
        sg_node next = tau == 1 ? p : sg_approach(copy, tau, p);
        updates = sg_join(updates, sg_assign(copy, next));
    }
    return updates;
}
