/* kernels_neon.c - NEON, which every 64-bit ARM has: vectors of 16 bytes. */
#if defined(__aarch64__)
#define ISA SG_ISA_NEON
#define SET neon
#define BYTES 16
#define REGISTERS 32
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
/* Two vectors, the upper half of each added to its lower one, side by side. */
static inline float32x4_t fold_two(float32x4_t a, float32x4_t b)
{
    return vaddq_f32(vcombine_f32(vget_low_f32(a), vget_low_f32(b)),
                     vcombine_f32(vget_high_f32(a), vget_high_f32(b)));
}
#define QUARTER_SUMS(a, b, c, d, to) vst1q_f32(to, vpaddq_f32(fold_two(a, b), fold_two(c, d)))
/* by the numbers of their bytes */
static inline float32x4_t pick_lanes_neon(float32x4_t v, uint32x4_t numbers)
{
    uint32x4_t bytes = vmlaq_u32(vdupq_n_u32(0x03020100), numbers, vdupq_n_u32(0x04040404));
    return vreinterpretq_f32_u8(vqtbl1q_u8(vreinterpretq_u8_f32(v), vreinterpretq_u8_u32(bytes)));
}
#define PICK_LANES(v, numbers) pick_lanes_neon(v, (uint32x4_t)(numbers))
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
