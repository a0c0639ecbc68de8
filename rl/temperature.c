/* temperature.c - the weight of the entropy, fixed or learned. */
#include "rl/temperature.h"

#include "autograd/ops.h"

sg_temperature sg_temperature_new(sg_graph *g, bool learned, double alpha)
{
    if (!learned)
        return (sg_temperature){.alpha = sg_constant(g, alpha)};
    sg_node log_alpha = sg_parameter(g, "log_alpha", sg_vector(1), sg_init_constant(0));
    return (sg_temperature){log_alpha, sg_stop_grad(sg_exp(log_alpha))};
}

sg_node sg_temperature_loss(const sg_temperature *t, sg_node log_prob, double target_entropy)
{
    if (!t->log_alpha.graph)
        sg_misuse("temperature: a fixed one has nothing to learn");
    sg_node excess = sg_stop_grad(sg_mean(sg_offset(log_prob, target_entropy)));
    return sg_neg(sg_mul(sg_exp(t->log_alpha), excess));
}
