/* traces.c - eligibility traces, sums over all parameters and bounded steps, for optimisers that
 * follow a TD error. */
#include "autograd/op.h"
#include "autograd/ops.h"
#include "optim/optim.h"

/* z' = decay z + g; the state takes it, or zeros at a reset. */
static sg_node trace_of(sg_node p, sg_node g, double decay, sg_node reset, sg_updates *updates)
{
    sg_node z = sg_state_of(p, "trace");
    sg_node z_next = sg_trace_step(z, g, decay);
    *updates = sg_join(*updates, sg_assign(z, sg_clear(z_next, reset)));
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

/* The trace's kernel sums up on its way. */
static sg_node l1_of(sg_node z)
{
    return sg_node_op(z) == SG_OP_trace_step ? sg_sum(sg_output(z, 1)) : sg_sum(sg_abs(z));
}

sg_node sg_l1_norm(sg_nodes list)
{
    sg_node norm = l1_of(sg_nodes_at(list, 0));
    for (int k = 1; k < list.count; k++)
        norm = sg_add(norm, l1_of(sg_nodes_at(list, k)));
    return norm;
}

sg_directions sg_rms_directions(sg_nodes parameters, sg_nodes z, sg_nodes g, sg_node correction,
                                sg_rms_numbers numbers, sg_updates *updates)
{
    sg_nodes directions = {0};
    sg_node total = {0};
    for (int k = 0; k < parameters.count; k++) {
        sg_node v = sg_state_of(sg_nodes_at(parameters, k), "exp_avg_sq");
        sg_node along =
            sg_rms_direction(v, sg_nodes_at(z, k), sg_nodes_at(g, k), correction, &numbers);
        sg_node sums = sg_sum_to(sg_output(along, 2), sg_vector(SG_RMS_SUMS));
        directions = sg_nodes_append(directions, along);
        total = k ? sg_add(total, sums) : sums;
        *updates = sg_join(*updates, sg_assign(v, sg_output(along, 1)));
    }
    return (sg_directions){directions, sg_slice(total, 0, 1), sg_slice(total, 1, 1),
                           sg_slice(total, 2, 1)};
}

sg_node sg_bounded_step(sg_node delta, sg_node norm, double lr, double kappa)
{
    sg_require_number("delta", delta);
    sg_require_number("norm", norm);
    sg_node one = sg_constant_of(delta.graph, sg_node_dtype(delta), 1);
    sg_node delta_bar = sg_maximum(sg_abs(delta), one);
    sg_node M = sg_scale(sg_mul(delta_bar, norm), lr * kappa);
    return sg_scale(sg_reciprocal(sg_maximum(M, one)), lr);
}

sg_nodes sg_nodes_append(sg_nodes list, sg_node node) { return sg_nodes_join(list, sg_list(node)); }

sg_node sg_sum_of_squares(sg_nodes list)
{
    sg_nodes squares = {0};
    for (int k = 0; k < list.count; k++)
        squares = sg_nodes_append(squares, sg_square(sg_nodes_at(list, k)));
    return sg_total(squares);
}

sg_node sg_total(sg_nodes list)
{
    sg_node total = sg_sum(sg_nodes_at(list, 0));
    for (int k = 1; k < list.count; k++)
        total = sg_add(total, sg_sum(sg_nodes_at(list, k)));
    return total;
}
