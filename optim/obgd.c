/* obgd.c - overshooting-bounded gradient descent on eligibility traces (Elsayed, Vasan & Mahmood
 * 2024, arXiv 2410.14606, algorithm 3). */
#include "autograd/ops.h"
#include "optim/optim.h"

sg_obgd_config sg_obgd_config_default(void)
{
    return (sg_obgd_config){.lr = 1, .gamma = 0.99, .lambda = 0.8, .kappa = 2};
}

sg_updates sg_obgd(sg_nodes parameters, sg_nodes gradients, sg_node delta, sg_node reset,
                   sg_obgd_config config)
{
    sg_updates updates = {0};
    sg_nodes z = sg_traces(parameters, gradients, config.gamma * config.lambda, reset, &updates);
    /* w += step delta z, one step for all */
    sg_node step = sg_bounded_step(delta, sg_l1_norm(z), config.lr, config.kappa);
    return sg_join(updates, sg_add_scaled_all(parameters, z, sg_mul(step, delta)));
}
