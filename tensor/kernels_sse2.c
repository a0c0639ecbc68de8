/* kernels_sse2.c - SSE2, which every x86-64 has: vectors of 16 bytes. */
#if defined(__x86_64__)
#define ISA SG_ISA_SSE2
#define SET sse2
#define BYTES 16
#define REGISTERS 16
#define BLOCK 16 /* it rounds as no other set does: no need for wider ones */
#define GEMM_ROWS 6

#include <emmintrin.h>
#include <sleef.h>

#include "tensor/simd_x86.h"

#if BITS == 32
#define SLEEF(f) Sleef_##f##f4_u10sse2
#define LOAD_PART(p, n) ((__m128){(p)[0], (n) > 1 ? (p)[1] : 0, (n) > 2 ? (p)[2] : 0, 0})
#define ROOT(x) _mm_sqrt_ps(x)
#define SMALLER(a, b) _mm_min_ps(a, b)
#else
#define SLEEF(f) Sleef_##f##d2_u10sse2
#define LOAD_PART(p, n) ((void)(n), (__m128d){(p)[0], 0})
#define ROOT(x) _mm_sqrt_pd(x)
#endif
#define FOLD(x) (x)
/* this set has no fused products */
#define FUSED(a, b, c) ((c) + (a) * (b))
#define FUSED_MINUS(a, b, c) ((c) - (a) * (b))

#include "tensor/kernels_simd.h"

#else
/* nothing for this architecture */
typedef int sg_sse2_is_for_another_architecture;
#endif
