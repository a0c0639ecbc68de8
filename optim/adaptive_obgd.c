/* adaptive_obgd.c - ObGD whose steps are divided by the root of the running mean of (delta z)^2,
 * weight by weight (Elsayed, Vasan & Mahmood 2024, arXiv 2410.14606, appendix). */
#include "autograd/ops.h"
#include "optim/optim.h"

sg_adaptive_obgd_config sg_adaptive_obgd_config_default(void)
{
    return (sg_adaptive_obgd_config){
        .lr = 1, .gamma = 0.99, .lambda = 0.8, .kappa = 2, .beta2 = 0.999, .eps = 1e-8};
}

/* z / sqrt(v_hat + eps), v being the running mean of (delta z)^2. */
static sg_node direction_of(sg_node p, sg_node z, sg_node delta, sg_node correction,
                            sg_adaptive_obgd_config c, sg_updates *updates)
{
    sg_node v = sg_state_of(p, "exp_avg_sq");
    sg_node squared = sg_square(sg_mul(z, delta));
    sg_node v_next = sg_add(sg_scale(v, c.beta2), sg_scale(squared, 1 - c.beta2));
    sg_node v_hat = sg_mul(v_next, sg_cast(correction, sg_node_dtype(p)));
    *updates = sg_join(*updates, sg_assign(v, v_next));
    return sg_div(z, sg_sqrt(sg_offset(v_hat, c.eps)));
}

sg_updates sg_adaptive_obgd(sg_nodes parameters, sg_nodes gradients, sg_node delta, sg_node reset,
                            sg_adaptive_obgd_config config)
{
    sg_updates updates;
    sg_nodes directions = {0};
    sg_node correction = sg_bias_correction(sg_step_count(parameters, &updates), config.beta2);
    sg_nodes z = sg_traces(parameters, gradients, config.gamma * config.lambda, reset, &updates);

    for (int k = 0; k < parameters.count; k++) {
        sg_node along = direction_of(sg_nodes_at(parameters, k), sg_nodes_at(z, k), delta,
                                     correction, config, &updates);
        directions = sg_nodes_append(directions, along);
    }
    sg_node scale =
        sg_mul(sg_bounded_step(delta, sg_l1_norm(directions), config.lr, config.kappa), delta);
    return sg_join(updates, sg_add_scaled_all(parameters, directions, scale));
}
