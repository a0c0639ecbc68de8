/* kernels_avx2.c - AVX2 and FMA: vectors of 32 bytes, partial ones by mask. */
#if defined(__x86_64__)
#define ISA SG_ISA_AVX2
#define SET avx2
#define BYTES 32
#define REGISTERS 16
#define BLOCK 64
#define GEMM_ROWS 6
#define FAR_FROM (128 << 10)

#include <immintrin.h>
#include <sleef.h>
#include <stddef.h>

#include "tensor/simd_x86.h"

#if BITS == 32
/* All ones in the first n lanes. */
static inline __m256i first(size_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline __m128 fold(__m256 x)
{
    return _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
}
/* Two vectors folded to 16 bytes each, side by side. */
static inline __m256 fold_two(__m256 a, __m256 b)
{
    return _mm256_add_ps(_mm256_blend_ps(a, b, 0xf0), _mm256_permute2f128_ps(a, b, 0x21));
}
static inline void eight_sums(const __m256 v[8], float sums[8])
{
    __m256 a = fold_two(v[0], v[4]), b = fold_two(v[1], v[5]);
    __m256 c = fold_two(v[2], v[6]), d = fold_two(v[3], v[7]);
    __m256 ab = _mm256_add_ps(_mm256_shuffle_ps(a, b, 0x44), _mm256_shuffle_ps(a, b, 0xee));
    __m256 cd = _mm256_add_ps(_mm256_shuffle_ps(c, d, 0x44), _mm256_shuffle_ps(c, d, 0xee));
    __m256 x = _mm256_add_ps(_mm256_shuffle_ps(ab, cd, 0x88), _mm256_shuffle_ps(ab, cd, 0xdd));
    _mm256_storeu_ps(sums, x);
}
#define EIGHT_SUMS(v, to) eight_sums(v, to)
#define SLEEF(f) Sleef_##f##f8_u10avx2
#define LOAD_PART(p, n) _mm256_maskload_ps(p, first(n))
#define ROOT(x) _mm256_sqrt_ps(x)
#define SMALLER(a, b) _mm256_min_ps(a, b)
#define FUSED(a, b, c) _mm256_fmadd_ps(a, b, c)
#define FUSED_MINUS(a, b, c) _mm256_fnmadd_ps(a, b, c)
#else
static inline __m256i first(size_t n)
{
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)n), _mm256_setr_epi64x(0, 1, 2, 3));
}
static inline __m128d fold(__m256d x)
{
    return _mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd(x, 1));
}
#define SLEEF(f) Sleef_##f##d4_u10avx2
#define LOAD_PART(p, n) _mm256_maskload_pd(p, first(n))
#define ROOT(x) _mm256_sqrt_pd(x)
#define FUSED(a, b, c) _mm256_fmadd_pd(a, b, c)
#define FUSED_MINUS(a, b, c) _mm256_fnmadd_pd(a, b, c)
#endif
#define FOLD(x) fold(x)

#include "tensor/kernels_simd.h"

#else
/* nothing for this architecture */
typedef int sg_avx2_is_for_another_architecture;
#endif
