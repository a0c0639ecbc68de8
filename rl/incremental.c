/* incremental.c - networks, scale and reports of AVG and its baselines. */
#include "rl/incremental.h"

#include "autograd/ops.h"

sg_mlp_config sg_incremental_mlp(int hidden, bool normalize_features)
{
    sg_mlp_config mlp = sg_mlp_config_default();
    mlp.hidden[0] = mlp.hidden[1] = hidden;
    mlp.l2_normalize = normalize_features;
    return mlp;
}

sg_node sg_scaled_td_error(sg_node delta, const sg_stat *sigma, bool scaled)
{
    return scaled ? sg_div(delta, sg_stop_grad(sigma->value)) : delta;
}

void sg_report_losses(sg_node actor_loss, sg_node critic_loss, sg_node td_error, sg_node log_prob,
                      const sg_stat *sigma)
{
    sg_graph *g = actor_loss.graph;
    sg_report(g, "learn", "losses/actor", actor_loss);
    sg_report(g, "learn", "losses/critic", critic_loss);
    sg_report(g, "learn", "losses/td_error", td_error);
    sg_report(g, "learn", "losses/log_prob", log_prob);
    sg_report(g, "learn", "losses/return_spread", sigma->value);
}
