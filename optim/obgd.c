/* obgd.c - overshooting-bounded gradient descent on eligibility traces (Elsayed, Vasan & Mahmood
 * 2024, arXiv 2410.14606, algorithm 3). */
#include <stdlib.h>

#include "autograd/ops.h"
#include "optim/optim.h"

sg_obgd_config sg_obgd_config_default(void)
{
    return (sg_obgd_config){.lr = 1, .gamma = 0.99, .lambda = 0.8, .kappa = 2};
}

/* z = gamma lambda z + g; after the update it is cleared where the episode ended. */
static sg_node trace_of(sg_node p, sg_node g, sg_node reset, sg_obgd_config c, sg_updates *updates)
{
    sg_node z = sg_state_of(p, "trace");
    sg_node z_next = sg_trace_step(z, g, c.gamma * c.lambda);
    *updates = sg_join(*updates, sg_assign(z, sg_clear(z_next, reset)));
    return z_next;
}

/* lr / max(1, lr kappa max(|delta|, 1) ||z||_1): no step overshoots by more than 1 / kappa. */
static sg_node bounded_step(sg_node delta, sg_node z_norm, sg_obgd_config c)
{
    sg_node one = sg_constant_of(delta.graph, sg_node_dtype(delta), 1);
    sg_node delta_bar = sg_maximum(sg_abs(delta), one);
    sg_node M = sg_scale(sg_mul(delta_bar, z_norm), c.lr * c.kappa);
    return sg_scale(sg_reciprocal(sg_maximum(M, one)), c.lr);
}

sg_updates sg_obgd(sg_nodes parameters, sg_nodes gradients, sg_node delta, sg_node reset,
                   sg_obgd_config config)
{
    sg_updates updates = {0};
    sg_node z_norm = {0};
    sg_graph *g = parameters.graph;
    sg_require_gradients("obgd", parameters, gradients);

    /* every trace, and the L1 norm of them all */
    sg_node *z = sg_alloc((size_t)(parameters.count + 1) * sizeof *z);
    for (int k = 0; k < parameters.count; k++) {
        z[k] = trace_of(sg_nodes_at(parameters, k), sg_nodes_at(gradients, k), reset, config,
                        &updates);
        sg_node size = sg_sum(sg_output(z[k], 1));
        z_norm = z_norm.graph ? sg_add(z_norm, size) : size;
    }
    sg_nodes traces = sg_nodes_make(g, z, parameters.count);
    free(z);

    /* w += step delta z */
    sg_node scale = sg_mul(bounded_step(delta, z_norm, config), delta);
    for (int k = 0; k < parameters.count; k++) {
        sg_node p = sg_nodes_at(parameters, k);
        sg_node along = sg_mul(sg_nodes_at(traces, k), scale);
        updates = sg_join(updates, sg_assign(p, sg_add_scaled(p, 1, along)));
    }
    return updates;
}
