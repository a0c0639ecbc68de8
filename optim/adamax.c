/* adamax.c - each weight's step divided by the decaying maximum of its past gradients: AdaMax
 * (Kingma & Ba 2015, section 7.1) without a first moment. On -delta z this is the per-coordinate
 * rule of Stream-X in its version of September 2026. */
#include "autograd/ops.h"
#include "optim/optim.h"

sg_adamax_config sg_adamax_config_default(void)
{
    return (sg_adamax_config){.lr = 2e-4, .beta2 = 0.99995, .eps = 1e-8};
}

/* v = max(beta2 v, |g|);  p -= lr g / (v + eps) */
static sg_updates adamax_one(sg_node p, sg_node g, sg_adamax_config c)
{
    sg_node v = sg_state_of(p, "exp_inf");
    sg_node v_next = sg_maximum(sg_scale(v, c.beta2), sg_abs(g));
    sg_node step = sg_at_rate(sg_div(g, sg_offset(v_next, c.eps)), c.rate);
    return sg_join(sg_assign(v, v_next), sg_assign(p, sg_add_scaled(p, -c.lr, step)));
}

sg_updates sg_adamax(sg_nodes parameters, sg_nodes gradients, sg_adamax_config config)
{
    sg_updates updates = {0};
    sg_require_gradients("adamax", parameters, gradients);
    for (int k = 0; k < parameters.count; k++)
        updates = sg_join(
            updates, adamax_one(sg_nodes_at(parameters, k), sg_nodes_at(gradients, k), config));
    return updates;
}
