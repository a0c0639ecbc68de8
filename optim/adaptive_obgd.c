/* adaptive_obgd.c - ObGD whose steps are divided by the root of the running mean of (delta z)^2,
 * weight by weight (Elsayed, Vasan & Mahmood 2024, arXiv 2410.14606, appendix). */
#include "autograd/ops.h"
#include "optim/optim.h"

sg_adaptive_obgd_config sg_adaptive_obgd_config_default(void)
{
    return (sg_adaptive_obgd_config){
        .lr = 1, .gamma = 0.99, .lambda = 0.8, .kappa = 2, .beta2 = 0.999, .eps = 1e-8};
}

sg_updates sg_adaptive_obgd(sg_nodes parameters, sg_nodes gradients, sg_node delta, sg_node reset,
                            sg_adaptive_obgd_config config)
{
    sg_updates updates = {0};
    sg_node correction = sg_bias_correction(sg_step_count(parameters, &updates), config.beta2);
    sg_nodes z = sg_traces(parameters, gradients, config.gamma * config.lambda, reset, &updates);

    /* z / sqrt(v_hat + eps), v being the running mean of (delta z)^2 */
    sg_rms_numbers rms = {.beta2 = config.beta2, .eps_inside = config.eps};
    sg_directions along =
        sg_rms_directions(parameters, z, sg_scale_all(z, delta), correction, rms, &updates);
    sg_node scale = sg_mul(sg_bounded_step(delta, along.abs_sum, config.lr, config.kappa), delta);
    return sg_join(updates, sg_add_scaled_all(parameters, along.nodes, scale));
}
