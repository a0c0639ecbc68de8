/* network.c - trunks, heads and value functions. */
#include "rl/network.h"

#include <stdio.h>

#include "autograd/sparse.h"

sg_linear_layer sg_head(sg_graph *g, const char *network, const char *name, const sg_mlp *trunk,
                        int out)
{
    char full[SG_NAME_SIZE];
    snprintf(full, sizeof full, "%s.%s", network, name);
    double gain = trunk->config.head_gain;
    sg_init init = gain > 0 ? sg_init_orthogonal(gain) : trunk->config.init;
    return sg_linear_layer_new(g, full, trunk->features, out, init);
}

/* ---- trunks ---- */

sg_mlp_config sg_critic_mlp(sg_mlp_config mlp, int critic_hidden)
{
    for (int i = 0; i < mlp.depth && critic_hidden; i++)
        mlp.hidden[i] = critic_hidden;
    return mlp;
}

sg_mlp_config sg_relu_mlp(int hidden)
{
    return (sg_mlp_config){.depth = 2,
                           .hidden = {hidden, hidden},
                           .activation = SG_RELU,
                           .init = sg_init_fan_in_uniform()};
}

sg_mlp_config sg_stream_mlp(const sg_env_spec *spec, int hidden, sg_sparsity sparsity)
{
    sg_mlp_config mlp = sg_mlp_config_default();
    bool image = spec->obs_rank == 3 && hidden;
    mlp.depth = !hidden ? 0 : image ? 1 : 2;
    if (image)
        mlp.image = (sg_image_config){.channels = spec->obs_dim[0],
                                      .height = spec->obs_dim[1],
                                      .width = spec->obs_dim[2],
                                      .filters = 16,
                                      .window = {.kernel = 3, .stride = 1}};
    mlp.hidden[0] = mlp.hidden[1] = hidden;
    mlp.layer_norm = true;
    mlp.init = sg_init_sparse(sparsity.share);
    return mlp;
}

void sg_spread_zeros(sg_nodes params, sg_sparsity sparsity)
{
    if (sparsity.erdos_renyi)
        sg_start_sparse(params, 1 - sparsity.share);
}

/* ---- values ---- */

static sg_value value(sg_graph *g, const char *name, const char *head_name, int in, int out,
                      sg_mlp_config config)
{
    sg_value v = {.trunk = sg_mlp_new(g, name, in, config)};
    v.head = sg_head(g, name, head_name, &v.trunk, out);
    v.params = sg_nodes_join(v.trunk.parameters, sg_list(v.head.weight, v.head.bias));
    return v;
}

sg_value sg_action_value(sg_graph *g, const char *name, const sg_env_spec *spec,
                         sg_mlp_config config)
{
    return value(g, name, "q", spec->obs_size + spec->action_size, 1, config);
}

sg_node sg_q(const sg_value *q, sg_node S, sg_node A)
{
    return sg_linear_layer_apply(q->head, sg_mlp_apply(&q->trunk, sg_concat(S, A)));
}

sg_value sg_discrete_action_value(sg_graph *g, const char *name, const sg_env_spec *spec,
                                  sg_mlp_config config)
{
    return value(g, name, "q", spec->obs_size, spec->action_count, config);
}

sg_node sg_q_values(const sg_value *q, sg_node S)
{
    return sg_linear_layer_apply(q->head, sg_mlp_apply(&q->trunk, S));
}

sg_value sg_state_value(sg_graph *g, const char *name, const sg_env_spec *spec,
                        sg_mlp_config config)
{
    return value(g, name, "v", spec->obs_size, 1, config);
}

sg_node sg_v(const sg_value *v, sg_node S)
{
    return sg_linear_layer_apply(v->head, sg_mlp_apply(&v->trunk, S));
}
