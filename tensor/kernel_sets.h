/* kernel_sets.h - the tables that the sets' files define; which exist depends on the architecture.
 */
#ifndef SG_KERNEL_SETS_H
#define SG_KERNEL_SETS_H

#include "tensor/kernels.h"

extern const sg_kernels sg_scalar_f32, sg_scalar_f64;
#if defined(__x86_64__)
extern const sg_kernels sg_sse2_f32, sg_sse2_f64;
extern const sg_kernels sg_avx2_f32, sg_avx2_f64;
extern const sg_kernels sg_avx512_f32, sg_avx512_f64;
#elif defined(__aarch64__)
extern const sg_kernels sg_neon_f32, sg_neon_f64;
#endif

#endif
