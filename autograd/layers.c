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

/* ---- convolution ---- */

sg_node sg_conv2d(sg_node W, sg_node x, int stride)
{
    char tw[64], tx[64];
    sg_shape w = sg_node_shape(W), image = sg_node_shape(x);
    if (w.rank != 4 || image.rank != 3 || w.dim[1] != image.dim[0] || w.dim[2] != w.dim[3])
        sg_misuse("conv2d: W %s [out, in, k, k] does not fit %s [in, height, width]",
                  sg_shape_text(w, tw), sg_shape_text(image, tx));
    int k = w.dim[2], size = w.dim[1] * k * k;
    int rows = (image.dim[1] - k) / stride + 1, cols = (image.dim[2] - k) / stride + 1;
    sg_node filters = sg_reshape(W, sg_matrix(w.dim[0], size));
    sg_node y = sg_linear(filters, sg_unfold(x, k, stride)); /* [rows cols, out] */
    return sg_reshape(sg_transpose(y), sg_image(w.dim[0], rows, cols));
}

sg_conv_layer sg_conv_layer_new(sg_graph *g, const char *name, int in, int out, int kernel,
                                int stride, sg_init init)
{
    sg_shape shape = sg_shape_make(4, (int[]){out, in, kernel, kernel});
    return (sg_conv_layer){parameter(g, name, "weight", shape, init),
                           parameter(g, name, "bias", sg_vector(out), sg_init_constant(0)), stride};
}

sg_node sg_conv_layer_apply(sg_conv_layer layer, sg_node x)
{
    int out = (int)sg_shape_size(sg_node_shape(layer.bias));
    return sg_add(sg_conv2d(layer.weight, x, layer.stride),
                  sg_reshape(layer.bias, sg_image(out, 1, 1)));
}

/* ---- normalisation, activation ---- */

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

/* ---- trunks ---- */

/* The convolution of an image; returns the number of values behind it. */
static int add_conv(sg_graph *g, const char *name, sg_mlp *mlp, sg_node *parameters)
{
    char full[160];
    const sg_image_config *c = &mlp->config.image;
    snprintf(full, sizeof full, "%s.phi.0", name);
    mlp->conv =
        sg_conv_layer_new(g, full, c->channels, c->filters, c->kernel, c->stride, mlp->config.init);
    parameters[0] = mlp->conv.weight;
    parameters[1] = mlp->conv.bias;
    int rows = (c->height - c->kernel) / c->stride + 1,
        cols = (c->width - c->kernel) / c->stride + 1;
    return c->filters * rows * cols;
}

sg_mlp sg_mlp_new(sg_graph *g, const char *name, int in, sg_mlp_config config)
{
    sg_mlp mlp = {.config = config};
    sg_node parameters[2 * SG_MAX_DEPTH + 2];
    int first = config.image.filters ? 1 : 0;
    if (config.depth < 0 || config.depth > SG_MAX_DEPTH)
        sg_misuse("mlp '%s': depth %d is not in 0..%d", name, config.depth, SG_MAX_DEPTH);
    if (first)
        in = add_conv(g, name, &mlp, parameters);
    for (int i = 0; i < config.depth; i++) {
        char full[160];
        int at = first + i;
        snprintf(full, sizeof full, "%s.phi.%d", name, 2 * at);
        mlp.layers[i] = sg_linear_layer_new(g, full, in, config.hidden[i], config.init);
        parameters[2 * at] = mlp.layers[i].weight;
        parameters[2 * at + 1] = mlp.layers[i].bias;
        in = config.hidden[i];
    }
    mlp.parameters = sg_nodes_make(g, parameters, 2 * (first + config.depth));
    mlp.features = in;
    return mlp;
}

/* What stands behind each layer. */
static sg_node finish_layer(const sg_mlp_config *config, sg_node x)
{
    if (config->layer_norm)
        x = sg_layer_norm(x, 1e-5);
    return sg_activate(x, config->activation);
}

sg_node sg_mlp_apply(const sg_mlp *mlp, sg_node x)
{
    const sg_mlp_config *c = &mlp->config;
    if (c->image.filters) {
        sg_shape image = sg_image(c->image.channels, c->image.height, c->image.width);
        x = finish_layer(c, sg_flatten(sg_conv_layer_apply(mlp->conv, sg_reshape(x, image))));
    }
    for (int i = 0; i < c->depth; i++)
        x = finish_layer(c, sg_linear_layer_apply(mlp->layers[i], x));
    return c->l2_normalize ? sg_l2_normalize(x) : x;
}
