/* layers.c - layers and networks, composed of ops. */
#include "autograd/layers.h"

#include <math.h>
#include <stdio.h>

static sg_node parameter(sg_graph *g, const char *name, const char *part, sg_shape shape,
                         sg_init init)
{
    char full[SG_NAME_SIZE];
    snprintf(full, sizeof full, "%s.%s", name, part);
    return sg_parameter(g, full, shape, init);
}

sg_linear_layer sg_linear_layer_new(sg_graph *g, const char *name, int in, int out, sg_init init)
{
    if (in < 1 || out < 1)
        sg_misuse("linear layer '%s': %d inputs and %d outputs; both must be at least 1", name, in,
                  out);
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

/* W [out, in, k, k] and images [..., in, height, width] must fit. */
static void require_filters(sg_shape w, sg_shape image, sg_window window)
{
    char tw[64], tx[64];
    if (w.rank != 4 || image.rank < 3 || w.dim[1] != image.dim[image.rank - 3] ||
        w.dim[2] != window.kernel || w.dim[3] != window.kernel)
        sg_misuse("conv2d: W %s [out, in, k, k] does not fit %s [..., in, height, width] and a "
                  "kernel of %d",
                  sg_shape_text(w, tw), sg_shape_text(image, tx), window.kernel);
}

sg_node sg_conv2d(sg_node W, sg_node x, sg_window window)
{
    sg_shape w = sg_node_shape(W), image = sg_node_shape(x);
    require_filters(w, image, window);
    int *side = &image.dim[image.rank - 2];
    sg_node filters = sg_reshape(W, sg_matrix(w.dim[0], w.dim[1] * w.dim[2] * w.dim[3]));
    sg_node y = sg_linear(filters, sg_unfold(x, window)); /* [..., rows cols, out] */
    image.dim[image.rank - 3] = w.dim[0];
    side[0] = sg_window_count(window, side[0]);
    side[1] = sg_window_count(window, side[1]);
    return sg_reshape(sg_transpose(y), image);
}

sg_conv_layer sg_conv_layer_new(sg_graph *g, const char *name, int in, int out, sg_window window,
                                sg_init init)
{
    sg_shape shape = sg_shape_make(4, (int[]){out, in, window.kernel, window.kernel});
    return (sg_conv_layer){parameter(g, name, "weight", shape, init),
                           parameter(g, name, "bias", sg_vector(out), sg_init_constant(0)), window};
}

sg_node sg_conv_layer_apply(sg_conv_layer layer, sg_node x)
{
    int out = (int)sg_shape_size(sg_node_shape(layer.bias));
    return sg_add(sg_conv2d(layer.weight, x, layer.window),
                  sg_reshape(layer.bias, sg_image(out, 1, 1)));
}

/* ---- normalisation, activation ---- */

sg_node sg_layer_norm_plain(sg_node x, double eps)
{
    sg_node centred = sg_sub(x, sg_mean_last(x));
    sg_node variance = sg_mean_last(sg_square(centred));
    return sg_div(centred, sg_sqrt(sg_offset(variance, eps)));
}

sg_node sg_l2_normalize_plain(sg_node x)
{
    sg_node squares = sg_sum_last(sg_square(x)),
            least = sg_constant_of(x.graph, sg_node_dtype(x), 1e-30);
    sg_node norm = sg_sqrt(sg_maximum(squares, least));
    return sg_div(sg_mul(x, sg_greater(squares, least)), norm);
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
    char full[SG_NAME_SIZE];
    const sg_image_config *c = &mlp->config.image;
    snprintf(full, sizeof full, "%s.phi.0", name);
    mlp->conv = sg_conv_layer_new(g, full, c->channels, c->filters, c->window, mlp->config.init);
    parameters[0] = mlp->conv.weight;
    parameters[1] = mlp->conv.bias;
    return c->filters * sg_window_count(c->window, c->height) *
           sg_window_count(c->window, c->width);
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
        char full[SG_NAME_SIZE];
        int at = first + i;
        if (config.hidden[i] < 1)
            sg_misuse("mlp '%s': depth is %d, and hidden[%d] is %d; at least 1 is needed", name,
                      config.depth, i, config.hidden[i]);
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

/* The convolution of [..., channels height width], as [..., filters rows cols]. */
static sg_node apply_conv(const sg_mlp *mlp, sg_node x)
{
    const sg_image_config *c = &mlp->config.image;
    int images = sg_shape_rows(sg_node_shape(x));
    bool batch = sg_node_shape(x).rank > 1;
    sg_shape all = sg_shape_make(4, (int[]){images, c->channels, c->height, c->width});
    x = sg_reshape(x, batch ? all : sg_image(c->channels, c->height, c->width));
    sg_node y = sg_conv_layer_apply(mlp->conv, x);
    int values = (int)sg_shape_size(sg_node_shape(y)) / images;
    return sg_reshape(y, batch ? sg_matrix(images, values) : sg_vector(values));
}

sg_node sg_mlp_apply(const sg_mlp *mlp, sg_node x)
{
    const sg_mlp_config *c = &mlp->config;
    if (c->image.filters)
        x = finish_layer(c, apply_conv(mlp, x));
    for (int i = 0; i < c->depth; i++)
        x = finish_layer(c, sg_linear_layer_apply(mlp->layers[i], x));
    return c->l2_normalize ? sg_l2_normalize(x) : x;
}
