/* layers.c - layers and networks, composed of ops. */
#include "autograd/layers.h"

#include <math.h>
#include <stdio.h>

static sg_node parameter(sg_graph *g, const char *name, const char *part, sg_shape shape,
                         sg_init init)
{
    char full[160];
    snprintf(full, sizeof full, "%s.%s", name, part);
    return sg_parameter(g, full, shape, init);
}

sg_linear_layer sg_linear_layer_new(sg_graph *g, const char *name, int in, int out, sg_init init)
{
    double bound = init.kind == SG_INIT_FAN_IN_UNIFORM ? 1 / sqrt(in) : 0;
    sg_init bias = bound > 0 ? sg_init_uniform(-bound, bound) : sg_init_constant(0);
    return (sg_linear_layer){parameter(g, name, "weight", sg_matrix(out, in), init),
                             parameter(g, name, "bias", sg_vector(out), bias)};
}

sg_node sg_linear_layer_apply(sg_linear_layer layer, sg_node x)
{
    return sg_add(sg_linear(layer.weight, x), layer.bias);
}

sg_node sg_layer_norm(sg_node x, double eps)
{
    sg_node centred = sg_sub(x, sg_mean_last(x));
    sg_node variance = sg_mean_last(sg_square(centred));
    return sg_div(centred, sg_sqrt(sg_offset(variance, eps)));
}

sg_layer_norm_layer sg_layer_norm_layer_new(sg_graph *g, const char *name, int size)
{
    return (sg_layer_norm_layer){parameter(g, name, "weight", sg_vector(size), sg_init_constant(1)),
                                 parameter(g, name, "bias", sg_vector(size), sg_init_constant(0))};
}

sg_node sg_layer_norm_layer_apply(sg_layer_norm_layer layer, sg_node x, double eps)
{
    return sg_add(sg_mul(sg_layer_norm(x, eps), layer.weight), layer.bias);
}

sg_node sg_l2_normalize(sg_node x) { return sg_div(x, sg_l2_norm_last(x)); }

sg_node sg_activate(sg_node x, sg_activation activation)
{
    switch (activation) {
    case SG_RELU: return sg_relu(x);
    case SG_TANH: return sg_tanh(x);
    case SG_LEAKY_RELU: break;
    }
    return sg_leaky_relu(x, 0.01);
}

sg_mlp_config sg_mlp_config_default(void)
{
    return (sg_mlp_config){.depth = 2,
                           .hidden = {256, 256},
                           .activation = SG_LEAKY_RELU,
                           .init = sg_init_orthogonal(1)};
}

sg_mlp sg_mlp_new(sg_graph *g, const char *name, int in, sg_mlp_config config)
{
    sg_mlp mlp = {.config = config};
    sg_node parameters[2 * SG_MAX_DEPTH];
    if (config.depth < 1 || config.depth > SG_MAX_DEPTH)
        sg_misuse("mlp '%s': depth %d is not in 1..%d", name, config.depth, SG_MAX_DEPTH);
    for (int i = 0; i < config.depth; i++) {
        char full[160];
        snprintf(full, sizeof full, "%s.phi.%d", name, 2 * i);
        mlp.layers[i] = sg_linear_layer_new(g, full, in, config.hidden[i], config.init);
        parameters[2 * i] = mlp.layers[i].weight;
        parameters[2 * i + 1] = mlp.layers[i].bias;
        in = config.hidden[i];
    }
    mlp.parameters = sg_nodes_make(g, parameters, 2 * config.depth);
    return mlp;
}

sg_node sg_mlp_apply(const sg_mlp *mlp, sg_node x)
{
    for (int i = 0; i < mlp->config.depth; i++) {
        x = sg_linear_layer_apply(mlp->layers[i], x);
        if (mlp->config.layer_norm)
            x = sg_layer_norm(x, 1e-5);
        x = sg_activate(x, mlp->config.activation);
    }
    return mlp->config.l2_normalize ? sg_l2_normalize(x) : x;
}
