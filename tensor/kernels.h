/* kernels.h - the table of numeric kernels, one per number type and instruction set.
 *
 * kernels_scalar.c is the reference: plain loops, the oracle of every test. kernels_simd.h is the
 * one vector source; each kernels_<set>.c compiles it with its own flags (SSE2, AVX2+FMA, AVX-512,
 * NEON). At start-up the best set that the CPU has and the environment variable STREAMGRAD_ISA
 * allows is picked (a comma-separated list of sets that may be used, e.g.
 * STREAMGRAD_ISA=scalar,sse2).
 *
 * Pointers are to float or double according to the table. No alignment is required and any size,
 * including 0, is valid. An output may be exactly one of the inputs of an element-wise kernel;
 * other overlap is not allowed. The results of a set do not depend on anything but the inputs, and
 * AVX2, AVX-512 and NEON have the same, bit for bit (kernels_simd.h says why; denormals.h names one
 * exception of NEON).
 */
#ifndef SG_KERNELS_H
#define SG_KERNELS_H

#include "tensor/tensor.h"

typedef enum {
    SG_ISA_SCALAR,
    SG_ISA_SSE2,
    SG_ISA_AVX2,
    SG_ISA_AVX512,
    SG_ISA_NEON,
    SG_ISA_COUNT
} sg_isa;

/* y[i] = f(x[i]).                sign(0) = 0; positive: x > 0 ? 1 : 0; softplus = log(1 + e^x). */
/* clang-format off */
#define SG_UNARY_KERNELS(K) \
    K(abs) K(sign) K(positive) K(square) K(sqrt) K(reciprocal) \
    K(exp) K(log) K(tanh) K(sigmoid) K(softplus) K(sin) K(cos)
/* clang-format on */

/* y[i] = f(a[i * a_step], b[i * b_step]), steps 0 (one value for all) or 1.
 * greater, greater_equal, equal: 1 or 0. pow: a to the b. */
#define SG_BINARY_KERNELS(K) \
    K(add) K(sub) K(mul) K(div) K(maximum) K(minimum) K(pow) K(greater) K(greater_equal) K(equal)

/* y[i] = f(x[i]; a, b).
 * affine: a x + b; clamp: x limited to [a, b]; inside: a <= x <= b ? 1 : 0 (NaN: 0);
 * leaky_relu: x > 0 ? x : a x; leaky_slope: x > 0 ? 1 : a (the derivative; at 0 it is a). */
#define SG_PARAM_KERNELS(K) K(affine) K(clamp) K(inside) K(leaky_relu) K(leaky_slope)

/* *y = f(x[0..n-1]). max of nothing is -infinity; NaN anywhere gives NaN. */
#define SG_REDUCE_KERNELS(K) K(sum) K(max)

typedef void sg_unary_kernel(size_t n, const void *x, void *y);
typedef void sg_binary_kernel(size_t n, const void *a, size_t a_step, const void *b, size_t b_step,
                              void *y);
typedef void sg_param_kernel(size_t n, const void *x, double a, double b, void *y);
typedef void sg_reduce_kernel(size_t n, const void *x, void *y);

/* A matrix operand read row by row that need not exist in memory:
 *   element (i, j) = factor * scale[i] * row[i * row_step + j]     (scale NULL: 1)
 * A stored matrix has row_step = cols and no scale; the outer product dy x^T has scale = dy,
 * row = x and row_step = 0. */
typedef struct {
    double factor;
    const void *scale;
    const void *row;
    size_t row_step;
} sg_rows;

/* dx[cols] = W^T dy of a matrix that a kernel updates, taken in the same pass over it, from the
 * values before the update: the same bits as matvec_t. */
typedef struct {
    const void *dy;
    void *dx;
} sg_product;

/* Rows whose absolute values a trace kernel sums up together. */
enum { SG_TRACE_ROWS = 16 };

/* The numbers of one Adam step (Kingma & Ba 2015, algorithm 1), bias corrections worked in:
 *   g += l2 p;  m' = beta1 m + (1 - beta1) g;  v' = beta2 v + (1 - beta2) g^2
 *   p' = decay p - step_size m' / (sqrt(v') root_scale + eps)
 * With beta1 = 0 no first moment is kept: m and m_next are NULL and m' is g. */
typedef struct {
    double beta1, beta2, eps;
    double step_size;  /* lr / (1 - beta1^k) */
    double root_scale; /* 1 / sqrt(1 - beta2^k) */
    double l2;         /* L2 regularisation, added to the gradient (Adam) */
    double decay;      /* 1 - lr * weight_decay (AdamW), else 1 */
} sg_adam_numbers;

/* The numbers of a direction divided by root mean squares, see rms_direction below. */
typedef struct {
    double beta2, correction, eps_inside, eps;
} sg_rms_numbers;
/* What is summed up on the way, over each SG_TRACE_ROWS rows: g^2 rho, z^2 rho and |z| rho. */
enum { SG_RMS_SUMS = 3 };

typedef struct sg_kernels {
    sg_isa isa;
    sg_dtype dtype;
    const char *name; /* "avx512 f32" */

#define SG_KERNEL_FIELD(name) sg_unary_kernel *name;
    SG_UNARY_KERNELS(SG_KERNEL_FIELD)
#undef SG_KERNEL_FIELD
#define SG_KERNEL_FIELD(name) sg_binary_kernel *name;
    SG_BINARY_KERNELS(SG_KERNEL_FIELD)
#undef SG_KERNEL_FIELD
#define SG_KERNEL_FIELD(name) sg_param_kernel *name;
    SG_PARAM_KERNELS(SG_KERNEL_FIELD)
#undef SG_KERNEL_FIELD
#define SG_KERNEL_FIELD(name) sg_reduce_kernel *name;
    SG_REDUCE_KERNELS(SG_KERNEL_FIELD)
#undef SG_KERNEL_FIELD

    /* y[i] = condition[i] != 0 ? a[i] : b[i], all of n elements; y may be any of the three. */
    void (*select)(size_t n, const void *condition, const void *a, const void *b, void *y);
    /* The first index of the largest of n >= 1 values. */
    size_t (*argmax)(size_t n, const void *x);
    /* softmax and its logarithm over n values, shifted by the maximum; y may be x. */
    void (*softmax)(size_t n, const void *x, void *y);
    void (*log_softmax)(size_t n, const void *x, void *y);
    /* Layer norm, y = (x - mean) / sqrt(variance + eps), and its derivative times dy; the same of
     * y = x / |x|, where |x|^2 is above `least`, else 0. Rounded as chains of the kernels above are
     * (autograd/ops_norm.c names them). Derivatives are given y. y is not x, dx none of the others.
     */
    void (*layer_norm)(size_t n, const void *x, double eps, void *y);
    void (*layer_norm_grad)(size_t n, const void *x, const void *y, double eps, const void *dy,
                            void *dx);
    void (*l2_normalize)(size_t n, const void *x, double least, void *y);
    void (*l2_normalize_grad)(size_t n, const void *x, const void *y, double least, const void *dy,
                              void *dx);

    /* y[rows] = W[rows, cols] x[cols] (+ bias[rows] unless NULL). */
    void (*matvec)(size_t rows, size_t cols, const void *W, const void *x, const void *bias,
                   void *y);
    /* Two of them in one pass over W: y[0] and y[1] as matvec would make them from x[0] and x[1].
     */
    void (*matvec_pair)(size_t rows, size_t cols, const void *W, const void *const x[2],
                        const void *const bias[2], void *const y[2]);
    /* dx[cols] = from + W^T dy, row after row; from NULL: 0. It may be dx, which a product of the
     * rows before has left: all rows in one call give the same bits (but for the scalar set, whose
     * sums are in double). Rows of W begin row_step elements apart, cols if they are whole: some
     * columns of a matrix give the bits that they have among all. */
    void (*matvec_t)(size_t rows, size_t cols, const void *W, size_t row_step, const void *dy,
                     const void *from, void *dx);
    /* y[rows, cols] = the operand, written out (an outer product, a scaled copy). */
    void (*materialize)(size_t rows, size_t cols, const sg_rows *x, void *y);
    /* y = a + c x for a matrix operand x: SGD's update; y may be a. A product (NULL: none) is of a.
     */
    void (*add_scaled)(size_t rows, size_t cols, const void *a, double c, const sg_rows *x, void *y,
                       const sg_product *product);
    /* z' = decay z + g, an eligibility trace; z_next may be z. sums[k] is the sum of |z'| over rows
     * SG_TRACE_ROWS k up to SG_TRACE_ROWS (k + 1). */
    void (*trace)(size_t rows, size_t cols, double decay, const sg_rows *g, const void *z,
                  void *z_next, void *sums);
    /* C[m, n] = op(A)[m, k] op(B)[k, n], op transposing where asked. Rows of A as it is stored are
     * a_step apart (at least k, or m where it is transposed); B and C are contiguous. */
    void (*gemm)(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const void *A,
                 size_t a_step, const void *B, void *C);
    /* One Adam step. p_next may be p, m_next may be m, v_next may be v. A product (NULL: none) is
     * of p. Vector sets divide by the root within 2.2e-7 (float32) or 2^-51 (float64) of it. Those
     * of float32 may lower a v beyond 2^42 that is 2^128 times (1 - beta2) g^2 or more to that. */
    void (*adam)(size_t rows, size_t cols, const sg_adam_numbers *numbers, const sg_rows *g,
                 const void *p, const void *m, const void *v, void *p_next, void *m_next,
                 void *v_next, const sg_product *product);
    /* v' = beta2 v + (1 - beta2) g^2 and direction = z rho, where
     *   rho = 1 / (sqrt(correction v' + eps_inside) + eps);
     * sums[k, SG_RMS_SUMS] are those of rows SG_TRACE_ROWS k up to SG_TRACE_ROWS (k + 1). v_next
     * may be v, direction may be z. */
    void (*rms_direction)(size_t rows, size_t cols, const sg_rms_numbers *numbers, const sg_rows *g,
                          const void *v, const void *z, void *v_next, void *direction, void *sums);
} sg_kernels;

/* "scalar", "sse2", "avx2", "avx512", "neon". */
const char *sg_isa_name(sg_isa isa);
/* True if the set is compiled in, the CPU has it and STREAMGRAD_ISA does not exclude it. */
bool sg_isa_usable(sg_isa isa);
/* False if STREAMGRAD_ISA has an unknown name, which is passed over, or allows no set that the CPU
 * has, in whose place the scalar one is used; stderr was told at start-up. */
bool sg_isa_mask_fits(void);
/* The best usable set. */
sg_isa sg_isa_best(void);
/* The table; NULL where the set is not usable. */
const sg_kernels *sg_kernels_of(sg_isa isa, sg_dtype dtype);
/* The table of the best usable set. Never NULL. */
const sg_kernels *sg_kernels_best(sg_dtype dtype);

#endif
