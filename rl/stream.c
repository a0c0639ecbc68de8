/* stream.c - networks, the actor's objective and reports of streaming algorithms. */
#include "rl/stream.h"

#include "autograd/ops.h"

sg_value sg_stream_q_network(sg_graph *g, const sg_env_spec *spec, int hidden, sg_sparsity sparsity)
{
    sg_mlp_config mlp = sg_stream_mlp(spec, hidden, sparsity);
    sg_value q = sg_discrete_action_value(g, "critic", spec, mlp);
    sg_spread_zeros(q.params, sparsity);
    return q;
}

sg_value sg_stream_v_network(sg_graph *g, const sg_env_spec *spec, int hidden, sg_sparsity sparsity)
{
    sg_mlp_config mlp = sg_stream_mlp(spec, hidden, sparsity);
    sg_value v = sg_state_value(g, "critic", spec, mlp);
    sg_spread_zeros(v.params, sparsity);
    return v;
}

/* Zeros are shared out over both networks together, once both are made. */
sg_stream_actor_critic sg_stream_networks(sg_graph *g, const sg_env_spec *spec, int hidden,
                                          sg_sparsity sparsity)
{
    sg_mlp_config mlp = sg_stream_mlp(spec, hidden, sparsity);
    sg_stream_actor_critic n;
    n.pi = sg_policy_new(g, "actor", spec, SG_GAUSSIAN, mlp);
    n.v = sg_state_value(g, "critic", spec, mlp);
    sg_spread_zeros(sg_nodes_join(n.pi.params, n.v.params), sparsity);
    return n;
}

sg_node sg_stream_objective(const sg_sample *A, sg_node delta, double tau)
{
    sg_node bonus = sg_mul(sg_scale(sg_sign(delta), tau), A->entropy);
    return sg_named(sg_add(A->log_prob, bonus), "actor objective");
}

void sg_report_prediction(sg_node delta, sg_node value)
{
    sg_report(delta.graph, "learn", "losses/td_error", delta);
    sg_report(delta.graph, "learn", "losses/value", value);
}
