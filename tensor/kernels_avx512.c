/* kernels_avx512.c - AVX-512 F, DQ, VL, BW: vectors of 64 bytes, partial ones by mask. */
#if defined(__x86_64__)
#define ISA SG_ISA_AVX512
#define SET avx512
#define BYTES 64
#define GEMM_ROWS 12

#include <float.h>
#include <immintrin.h>
#include <sleef.h>

#if BITS == 32
/* Square roots and divisions share one slow unit: Adam's division is an estimate of 14 bits, the
 * same on every CPU of this set, and one Newton step, which makes it as good as 2 units in the last
 * place. */
static inline __m512 estimated_inverse(__m512 x)
{
    x = _mm512_min_ps(_mm512_set1_ps(FLT_MAX), x); /* 1 / infinity is 0; NaN stays */
    __m512 r = _mm512_rcp14_ps(x);
    return _mm512_fmadd_ps(r, _mm512_fnmadd_ps(x, r, _mm512_set1_ps(1)), r);
}

/* The sums of 16 lanes: those 4 apart first, two by two, then neighbours. */
static inline __m128 fold(__m512 x)
{
    __m256 half = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}
static inline float sum_of_lanes(__m512 x)
{
    x = _mm512_add_ps(x, _mm512_shuffle_ps(x, x, 0x4e));
    x = _mm512_add_ps(x, _mm512_shuffle_ps(x, x, 0xb1));
    return _mm_cvtss_f32(fold(x));
}
/* The same of four vectors at once. */
static inline __m128 four_sums(__m512 a, __m512 b, __m512 c, __m512 d)
{
    __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
    __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
    return fold(_mm512_add_ps(_mm512_shuffle_ps(ab, cd, 0x44), _mm512_shuffle_ps(ab, cd, 0xee)));
}
#define SLEEF(f) Sleef_##f##f16_u10avx512f
#define LOAD_PART(p, n) _mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), p)
#define ROOT(x) _mm512_sqrt_ps(x)
#define LANE_SUM(x) sum_of_lanes(x)
#define LANE_SUMS(a, b, c, d, to) _mm_storeu_ps(to, four_sums(a, b, c, d))
#define INVERSE(x) estimated_inverse(x)
#else
#define SLEEF(f) Sleef_##f##d8_u10avx512f
#define LOAD_PART(p, n) _mm512_maskz_loadu_pd((__mmask8)((1u << (n)) - 1), p)
#define ROOT(x) _mm512_sqrt_pd(x)
#define LANE_SUM(x) _mm512_reduce_add_pd(x)
#define INVERSE(x) (1 / (x))
#endif

#include "tensor/kernels_simd.h"

#else
/* nothing for this architecture */
typedef int sg_avx512_is_for_another_architecture;
#endif
