/* ops.h - the ops, as functions from nodes to nodes. The catalogue, one line an op with its shapes,
 * is ops_list.h; here stand the declarations made from it and the short compositions of ops. */
#ifndef SG_OPS_H
#define SG_OPS_H

#include "autograd/graph.h"
#include "tensor/kernels.h"

/* Square windows of an image: kernel x kernel values, `stride` apart, in the image and in `padding`
 * zeros (fewer than kernel) around it. */
typedef struct {
    int kernel, stride, padding;
} sg_window;
/* How many lie side by side in `size` values: 0 where not even one fits. */
int sg_window_count(sg_window window, int size);

#define SG_OP_SOURCE(name, what)
#define SG_OP_UNARY(name, gradient, domain, what) sg_node sg_##name(sg_node x);
#define SG_OP_BINARY(name, gradient, domain, what) sg_node sg_##name(sg_node a, sg_node b);
#define SG_OP_FULL(name, parameters, gradient, what) sg_node sg_##name parameters;
#include "autograd/ops_list.h"
#undef SG_OP_SOURCE
#undef SG_OP_UNARY
#undef SG_OP_BINARY
#undef SG_OP_FULL

/* A further output of an op that has several (adam_step, trace_step, rms_direction); index counts
 * from 1. */
sg_node sg_output(sg_node x, int index);

/* ---- compositions ---- */
sg_node sg_neg(sg_node x);                /* -x */
sg_node sg_scale(sg_node x, double c);    /* c x */
sg_node sg_offset(sg_node x, double c);   /* x + c */
sg_node sg_one_minus(sg_node x);          /* 1 - x */
sg_node sg_relu(sg_node x);               /* max(x, 0) */
sg_node sg_sum(sg_node x);                /* all elements -> [1] */
sg_node sg_mean(sg_node x);               /* all elements -> [1] */
sg_node sg_sum_last(sg_node x);           /* [..., n] -> [..., 1] */
sg_node sg_mean_last(sg_node x);          /* [..., n] -> [..., 1] */
sg_node sg_dot(sg_node a, sg_node b);     /* sum of a b -> [1] */
sg_node sg_l2_norm_last(sg_node x);       /* [..., n] -> [..., 1] */
sg_node sg_matmul(sg_node a, sg_node b);  /* [m, k] [k, n] -> [m, n] */
sg_node sg_flatten(sg_node x);            /* any shape -> [size] */
sg_node sg_one_hot(sg_node index, int n); /* [..., 1] -> [..., n] */

#endif
