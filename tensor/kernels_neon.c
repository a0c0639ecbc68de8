/* kernels_neon.c - NEON, which every 64-bit ARM has: vectors of 16 bytes. */
#if defined(__aarch64__)
#define ISA SG_ISA_NEON
#define BYTES 16
#define GEMM_ROWS 8

#include <arm_neon.h>
#include <math.h>
#include <sleef.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "tensor/kernel_sets.h"

/* A partial vector goes through a full one in memory. */
#define PART_OF(type, p, n) \
    ({ type part_ = {0}; memcpy(&part_, p, (n) * sizeof(p[0])); part_; })

#define REAL float
#define MASK_INT int32_t
#define NAME(x) x##_f32
#define DTYPE SG_F32
#define TABLE sg_neon_f32
#define TABLE_NAME "neon f32"
#define SLEEF(f) Sleef_##f##f4_u10advsimd
#define LOAD_PART(p, n) PART_OF(float32x4_t, p, n)
#define STORE_PART(p, v, n) memcpy(p, &(v), (n) * sizeof(float))
#define ROOT(x) vsqrtq_f32(x)
#define LANE_SUM(x) (((x)[0] + (x)[2]) + ((x)[1] + (x)[3]))
#define SCALED_ROOT(x) vsqrtq_f32(x)
#define INVERSE(x) (1 / (x))
#include "tensor/kernels_simd.h"

#define REAL double
#define MASK_INT int64_t
#define NAME(x) x##_f64
#define DTYPE SG_F64
#define TABLE sg_neon_f64
#define TABLE_NAME "neon f64"
#define SLEEF(f) Sleef_##f##d2_u10advsimd
#define LOAD_PART(p, n) PART_OF(float64x2_t, p, n)
#define STORE_PART(p, v, n) memcpy(p, &(v), (n) * sizeof(double))
#define ROOT(x) vsqrtq_f64(x)
#define LANE_SUM(x) ((x)[0] + (x)[1])
#define SCALED_ROOT(x) vsqrtq_f64(x)
#define INVERSE(x) (1 / (x))
#include "tensor/kernels_simd.h"

#else
/* nothing for this architecture */
typedef int sg_neon_is_for_another_architecture;
#endif
