/* traces.c - eligibility traces and sums over all parameters, for optimisers that follow a TD
 * error. */
#include "autograd/ops.h"
#include "optim/optim.h"

/* z' = decay z + g; the state takes it, or zeros at a reset. */
static sg_node trace_of(sg_node p, sg_node g, double decay, sg_node reset, sg_updates *updates)
{
    sg_node z = sg_state_of(p, "trace");
    sg_node z_next = sg_add(sg_scale(z, decay), g);
    *updates = sg_join(*updates, sg_assign(z, sg_mul(z_next, sg_one_minus(reset))));
    return z_next;
}

sg_nodes sg_traces(sg_nodes parameters, sg_nodes gradients, double decay, sg_node reset,
                   sg_updates *updates)
{
    sg_nodes traces = {0};
    sg_require_gradients("trace", parameters, gradients);
    if (decay == 0)
        return gradients;
    for (int k = 0; k < parameters.count; k++) {
        sg_node p = sg_nodes_at(parameters, k), g = sg_nodes_at(gradients, k);
        traces = sg_nodes_append(traces, trace_of(p, g, decay, reset, updates));
    }
    return traces;
}

sg_nodes sg_nodes_append(sg_nodes list, sg_node node)
{
    return list.graph ? sg_nodes_join(list, sg_list(node)) : sg_list(node);
}

sg_node sg_total(sg_nodes list)
{
    sg_node total = sg_sum(sg_nodes_at(list, 0));
    for (int k = 1; k < list.count; k++)
        total = sg_add(total, sg_sum(sg_nodes_at(list, k)));
    return total;
}
