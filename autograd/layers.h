/* layers.h - layers and networks: parameters plus the expression that uses them. A layer is made
 * once and applied as often as wanted. Parameter names follow PyTorch's modules: "<name>.weight".
 */
#ifndef SG_LAYERS_H
#define SG_LAYERS_H

#include "autograd/ops.h"

/* y = x W^T + b;  W [out, in], b [out]. */
typedef struct {
    sg_node weight, bias;
} sg_linear_layer;
/* Weight from `init`, bias 0 (fan_in_uniform: from the same interval as the weights). */
sg_linear_layer sg_linear_layer_new(sg_graph *g, const char *name, int in, int out, sg_init init);
sg_node sg_linear_layer_apply(sg_linear_layer layer, sg_node x); /* [..., in] -> [..., out] */

/* A convolution (cross-correlation): W[out, in, k, k], x[..., in, h, w] -> [..., out, rows, cols],
 * one value for each window of kernel k; a product of W with the patches of x (sg_unfold). */
sg_node sg_conv2d(sg_node W, sg_node x, sg_window window);
typedef struct {
    sg_node weight, bias; /* [out, in, k, k], [out] */
    sg_window window;
} sg_conv_layer;
sg_conv_layer sg_conv_layer_new(sg_graph *g, const char *name, int in, int out, sg_window window,
                                sg_init init);
sg_node sg_conv_layer_apply(sg_conv_layer layer, sg_node x);

/* sg_layer_norm and sg_l2_normalize (ops.h) as chains of element-wise ops and sums: their oracles,
 * to the bit where there is more than one value. */
sg_node sg_layer_norm_plain(sg_node x, double eps);
sg_node sg_l2_normalize_plain(sg_node x);

/* Layer norm with learned scale (1) and shift (0), its affine form. */
typedef struct {
    sg_node weight, bias;
} sg_layer_norm_layer;
sg_layer_norm_layer sg_layer_norm_layer_new(sg_graph *g, const char *name, int size);
sg_node sg_layer_norm_layer_apply(sg_layer_norm_layer layer, sg_node x, double eps);

typedef enum { SG_LEAKY_RELU, SG_RELU, SG_TANH } sg_activation;
/* SG_LEAKY_RELU has slope 0.01. */
sg_node sg_activate(sg_node x, sg_activation activation);

/* A multi-layer perceptron's trunk: `depth` times linear, (layer norm,) activation. */
enum { SG_MAX_DEPTH = 4 };

/* A convolution in front of it, for observations that are images. */
typedef struct {
    int channels, height, width;
    int filters; /* 0: no image */
    sg_window window;
} sg_image_config;

typedef struct {
    int depth, hidden[SG_MAX_DEPTH]; /* depth 0: the input itself, for linear functions */
    sg_activation activation;
    bool layer_norm;   /* without affine parameters, eps 1e-5, before each activation */
    bool l2_normalize; /* of the last features ("penultimate normalisation") */
    sg_init init;
    sg_image_config image; /* in the place of a first layer, layer norm and activation behind it */
    double head_gain;      /* of orthogonal heads on top (rl/network.h); 0: they start as `init` */
} sg_mlp_config;
/* 2 x 256, leaky ReLU, no normalisation, orthogonal with gain 1. */
sg_mlp_config sg_mlp_config_default(void);

typedef struct {
    sg_mlp_config config;
    sg_conv_layer conv; /* of an image */
    sg_linear_layer layers[SG_MAX_DEPTH];
    sg_nodes parameters; /* none at depth 0 */
    int features;        /* the size of what it makes */
} sg_mlp;
/* Parameters "<name>.phi.0.weight", "<name>.phi.2.weight", ... (an activation takes an index too).
 */
sg_mlp sg_mlp_new(sg_graph *g, const char *name, int in, sg_mlp_config config);
sg_node sg_mlp_apply(const sg_mlp *mlp, sg_node x); /* [..., in] -> [..., features] */

#endif
