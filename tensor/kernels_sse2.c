/* kernels_sse2.c - SSE2, which every x86-64 has: vectors of 16 bytes. */
#if defined(__x86_64__)
#define ISA SG_ISA_SSE2
#define BYTES 16
#define GEMM_ROWS 6

#include <emmintrin.h>
#include <math.h>
#include <sleef.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "tensor/kernel_sets.h"

#define REAL float
#define MASK_INT int32_t
#define NAME(x) x##_f32
#define DTYPE SG_F32
#define TABLE sg_sse2_f32
#define TABLE_NAME "sse2 f32"
#define SLEEF(f) Sleef_##f##f4_u10sse2
#define LOAD_PART(p, n) ((__m128){(p)[0], (n) > 1 ? (p)[1] : 0, (n) > 2 ? (p)[2] : 0, 0})
#define ROOT(x) _mm_sqrt_ps(x)
#define LANE_SUM(x) (((x)[0] + (x)[2]) + ((x)[1] + (x)[3]))
#define SCALED_ROOT(x) _mm_sqrt_ps(x)
#define INVERSE(x) (1 / (x))
#include "tensor/kernels_simd.h"

#define REAL double
#define MASK_INT int64_t
#define NAME(x) x##_f64
#define DTYPE SG_F64
#define TABLE sg_sse2_f64
#define TABLE_NAME "sse2 f64"
#define SLEEF(f) Sleef_##f##d2_u10sse2
#define LOAD_PART(p, n) ((void)(n), (__m128d){(p)[0], 0})
#define ROOT(x) _mm_sqrt_pd(x)
#define LANE_SUM(x) ((x)[0] + (x)[1])
#define SCALED_ROOT(x) _mm_sqrt_pd(x)
#define INVERSE(x) (1 / (x))
#include "tensor/kernels_simd.h"

#else
/* nothing for this architecture */
typedef int sg_sse2_is_for_another_architecture;
#endif
