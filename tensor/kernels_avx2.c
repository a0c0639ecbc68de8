/* kernels_avx2.c - AVX2 and FMA: vectors of 32 bytes, partial ones by mask. */
#if defined(__x86_64__)
#define ISA SG_ISA_AVX2
#define SET avx2
#define BYTES 32
#define GEMM_ROWS 6

#include <immintrin.h>
#include <sleef.h>
#include <stddef.h>

#if BITS == 32
/* All ones in the first n lanes. */
static inline __m256i first(size_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
/* Within halves first, then the halves. */
static inline float sum_of_lanes(__m256 x)
{
    x = _mm256_add_ps(x, _mm256_shuffle_ps(x, x, 0x4e));
    x = _mm256_add_ps(x, _mm256_shuffle_ps(x, x, 0xb1));
    return _mm_cvtss_f32(_mm_add_ss(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1)));
}
/* The same of four vectors at once. */
static inline __m128 four_sums(__m256 a, __m256 b, __m256 c, __m256 d)
{
    __m256 ab = _mm256_add_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
    __m256 cd = _mm256_add_ps(_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
    __m256 s = _mm256_add_ps(_mm256_shuffle_ps(ab, cd, 0x44), _mm256_shuffle_ps(ab, cd, 0xee));
    return _mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1));
}
#define SLEEF(f) Sleef_##f##f8_u10avx2
#define LOAD_PART(p, n) _mm256_maskload_ps(p, first(n))
#define ROOT(x) _mm256_sqrt_ps(x)
#define LANE_SUMS(a, b, c, d, to) _mm_storeu_ps(to, four_sums(a, b, c, d))
#else
static inline __m256i first(size_t n)
{
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)n), _mm256_setr_epi64x(0, 1, 2, 3));
}
static inline double sum_of_lanes(__m256d x)
{
    __m128d s = _mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd(x, 1));
    return _mm_cvtsd_f64(_mm_add_sd(s, _mm_unpackhi_pd(s, s)));
}
#define SLEEF(f) Sleef_##f##d4_u10avx2
#define LOAD_PART(p, n) _mm256_maskload_pd(p, first(n))
#define ROOT(x) _mm256_sqrt_pd(x)
#endif
#define LANE_SUM(x) sum_of_lanes(x)
#define INVERSE(x) (1 / (x))

#include "tensor/kernels_simd.h"

#else
/* nothing for this architecture */
typedef int sg_avx2_is_for_another_architecture;
#endif
