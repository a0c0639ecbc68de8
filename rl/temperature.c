/* temperature.c - the weight of the entropy, fixed or learned. */
#include "rl/temperature.h"

#include <math.h>

#include "autograd/ops.h"
#include "rl/algorithm.h"

sg_temperature sg_temperature_new(sg_graph *g, const sg_env_spec *spec,
                                  const sg_temperature_config *config)
{
    if (!config->tune)
        return (sg_temperature){.alpha = sg_constant(g, config->alpha)};
    sg_init start = sg_init_constant(log(config->start));
    sg_node log_alpha = sg_parameter(g, "log_alpha", sg_vector(1), start);
    return (sg_temperature){.log_alpha = log_alpha,
                            .alpha = sg_stop_grad(sg_exp(log_alpha)),
                            .params = sg_list(log_alpha),
                            .target = config->target_entropy * spec->action_size};
}

void sg_temperature_learn(const sg_temperature *t, const char *phase, const sg_optimizer *optimizer,
                          sg_node log_prob)
{
    if (!t->log_alpha.graph)
        sg_misuse("temperature: a fixed one has nothing to learn");
    sg_node excess = sg_stop_grad(sg_mean(sg_offset(log_prob, t->target)));
    sg_node loss = sg_named(sg_neg(sg_mul(sg_exp(t->log_alpha), excess)), "alpha loss");
    sg_descend_alone(loss, phase, SG_VALUE, optimizer, t->params);
    sg_report(loss.graph, phase, "losses/alpha", loss);
}
