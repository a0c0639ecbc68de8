/* kernels_avx512.c - AVX-512 F, DQ, VL, BW: vectors of 64 bytes, partial ones by mask. */
#if defined(__x86_64__)
#define ISA SG_ISA_AVX512
#define SET avx512
#define BYTES 64
#define BLOCK 64
#define GEMM_ROWS 12

#include <immintrin.h>
#include <sleef.h>

#include "tensor/simd_x86.h"

#if BITS == 32
static inline __m128 fold(__m512 x)
{
    __m256 half = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}
#define SLEEF(f) Sleef_##f##f16_u10avx512f
#define LOAD_PART(p, n) _mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), p)
#define ROOT(x) _mm512_sqrt_ps(x)
#define SMALLER(a, b) _mm512_min_ps(a, b)
#define FUSED(a, b, c) _mm512_fmadd_ps(a, b, c)
#define FUSED_MINUS(a, b, c) _mm512_fnmadd_ps(a, b, c)
#else
static inline __m128d fold(__m512d x)
{
    __m256d half = _mm256_add_pd(_mm512_castpd512_pd256(x), _mm512_extractf64x4_pd(x, 1));
    return _mm_add_pd(_mm256_castpd256_pd128(half), _mm256_extractf128_pd(half, 1));
}
#define SLEEF(f) Sleef_##f##d8_u10avx512f
#define LOAD_PART(p, n) _mm512_maskz_loadu_pd((__mmask8)((1u << (n)) - 1), p)
#define ROOT(x) _mm512_sqrt_pd(x)
#define FUSED(a, b, c) _mm512_fmadd_pd(a, b, c)
#define FUSED_MINUS(a, b, c) _mm512_fnmadd_pd(a, b, c)
#endif
#define FOLD(x) fold(x)

#include "tensor/kernels_simd.h"

#else
/* nothing for this architecture */
typedef int sg_avx512_is_for_another_architecture;
#endif
