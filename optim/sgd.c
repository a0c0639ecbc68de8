/* sgd.c - stochastic gradient descent, with momentum and weight decay if asked. */
#include "autograd/ops.h"
#include "optim/optim.h"

sg_sgd_config sg_sgd_config_default(void) { return (sg_sgd_config){.lr = 1e-2}; }

static sg_updates sgd_one(sg_node p, sg_node g, sg_sgd_config c)
{
    sg_updates updates = {0};
    if (c.weight_decay != 0)
        g = sg_add(g, sg_scale(p, c.weight_decay));
    if (c.momentum != 0) {
        sg_node b = sg_state_of(p, "momentum_buffer");
        g = sg_add(sg_scale(b, c.momentum), g);
        updates = sg_assign(b, g);
    }
    return sg_join(updates, sg_assign(p, sg_add_scaled(p, -c.lr, sg_at_rate(g, c.rate))));
}

sg_updates sg_sgd(sg_nodes parameters, sg_nodes gradients, sg_sgd_config config)
{
    sg_updates updates = {0};
    sg_require_gradients("sgd", parameters, gradients);
    for (int k = 0; k < parameters.count; k++)
        updates = sg_join(updates,
                          sgd_one(sg_nodes_at(parameters, k), sg_nodes_at(gradients, k), config));
    return updates;
}
