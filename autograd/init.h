/* init.h - how a parameter starts. Fan-in is the size of a row, all dimensions but the first (in
 * for [out, in] weights, in k k for [out, in, k, k] filters); draws come from a stream named after
 * the parameter, so they depend on the seed and the name only.
 */
#ifndef SG_INIT_H
#define SG_INIT_H

#include "tensor/random.h"
#include "tensor/tensor.h"

typedef enum {
    SG_INIT_CONSTANT,      /* a everywhere */
    SG_INIT_UNIFORM,       /* U[a, b) */
    SG_INIT_NORMAL,        /* mean a, standard deviation b */
    SG_INIT_ORTHOGONAL,    /* gain a; rows or columns orthonormal (Saxe et al. 2014) */
    SG_INIT_LECUN_UNIFORM, /* variance 1 / fan_in */
    SG_INIT_LECUN_NORMAL,
    SG_INIT_KAIMING_UNIFORM, /* variance 2 / fan_in (He et al. 2015), for ReLU */
    SG_INIT_KAIMING_NORMAL,
    SG_INIT_XAVIER_UNIFORM, /* variance 2 / (fan_in + fan_out) (Glorot & Bengio 2010) */
    SG_INIT_XAVIER_NORMAL,
    SG_INIT_FAN_IN_UNIFORM, /* U(+-1/sqrt(fan_in)), biases of linear layers too: PyTorch's */
    SG_INIT_SPARSE,   /* ceil(a fan_in) zeros a row, the rest U(+-1/sqrt(fan_in)), Elsayed 2024 */
    SG_INIT_SCATTERED /* a share a of the tensor U(+-1/sqrt(fan_in)), anywhere; zeros elsewhere */
} sg_init_kind;

typedef struct {
    sg_init_kind kind;
    double a, b;
} sg_init;

sg_init sg_init_constant(double value);
sg_init sg_init_uniform(double low, double high);
sg_init sg_init_normal(double mean, double deviation);
sg_init sg_init_orthogonal(double gain);
sg_init sg_init_lecun_uniform(void);
sg_init sg_init_lecun_normal(void);
sg_init sg_init_kaiming_uniform(void);
sg_init sg_init_kaiming_normal(void);
sg_init sg_init_xavier_uniform(void);
sg_init sg_init_xavier_normal(void);
sg_init sg_init_fan_in_uniform(void);
/* sparsity in [0, 1): the share of zeros in each row. */
sg_init sg_init_sparse(double sparsity);
/* density in (0, 1]: the share of non-zeros, rounded to a whole number of at least one. */
sg_init sg_init_scattered(double density);

/* Writes the starting values of a tensor of `shape` into values[size], drawing from `random`. */
void sg_init_fill(sg_init init, sg_shape shape, sg_random *random, double *values);

#endif
