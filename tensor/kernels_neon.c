/* kernels_neon.c - NEON, which every 64-bit ARM has: vectors of 16 bytes. */
#if defined(__aarch64__)
#define ISA SG_ISA_NEON
#define SET neon
#define BYTES 16
#define BLOCK 64
#define GEMM_ROWS 8

#include <arm_neon.h>
#include <sleef.h>

#if BITS == 32
#define SLEEF(f) Sleef_##f##f4_u10advsimd
#define LOAD_PART(p, n) ((float32x4_t){(p)[0], (n) > 1 ? (p)[1] : 0, (n) > 2 ? (p)[2] : 0, 0})
#define ROOT(x) vsqrtq_f32(x)
#define SMALLER(a, b) vminq_f32(a, b)
#define FUSED(a, b, c) vfmaq_f32(c, a, b)
#define FUSED_MINUS(a, b, c) vfmsq_f32(c, a, b)
#define QUARTER_SUM(x) (((x)[0] + (x)[2]) + ((x)[1] + (x)[3]))
#else
#define SLEEF(f) Sleef_##f##d2_u10advsimd
#define LOAD_PART(p, n) ((void)(n), (float64x2_t){(p)[0], 0})
#define ROOT(x) vsqrtq_f64(x)
#define FUSED(a, b, c) vfmaq_f64(c, a, b)
#define FUSED_MINUS(a, b, c) vfmsq_f64(c, a, b)
#define QUARTER_SUM(x) ((x)[0] + (x)[1])
#endif
#define FOLD(x) (x)

#include "tensor/kernels_simd.h"

#else
/* nothing for this architecture */
typedef int sg_neon_is_for_another_architecture;
#endif
