/* kernels_avx512.c - AVX-512 F, DQ, VL, BW: vectors of 64 bytes, partial ones by mask. */
#if defined(__x86_64__)
#define ISA SG_ISA_AVX512
#define SET avx512
#define BYTES 64
#define REGISTERS 32
#define BLOCK 64
#define GEMM_ROWS 12
/* makers' caches differ: with two, W x takes 1.25 times as long on Intel's */
#define LONG_SIDE (__builtin_cpu_is("intel") ? 4 : 2)

#include <immintrin.h>
#include <sleef.h>

#include "tensor/simd_x86.h"

#if BITS == 32
static inline __m128 fold(__m512 x)
{
    __m256 half = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}
/* Four vectors folded to 16 bytes each, side by side. */
static inline __m512 fold_four(__m512 a, __m512 b, __m512 c, __m512 d)
{
    __m512 ab = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xee));
    __m512 cd = _mm512_add_ps(_mm512_shuffle_f32x4(c, d, 0x44), _mm512_shuffle_f32x4(c, d, 0xee));
    return _mm512_add_ps(_mm512_shuffle_f32x4(ab, cd, 0x88), _mm512_shuffle_f32x4(ab, cd, 0xdd));
}
static inline void eight_sums(const __m512 v[8], float sums[8])
{
    /* in each 16 bytes those of an even number and of the odd one behind it, as pairs of equals */
    __m512 even = fold_four(v[0], v[2], v[4], v[6]), odd = fold_four(v[1], v[3], v[5], v[7]);
    __m512 x =
        _mm512_add_ps(_mm512_shuffle_ps(even, odd, 0x44), _mm512_shuffle_ps(even, odd, 0xee));
    x = _mm512_add_ps(x, _mm512_permute_ps(x, 0xb1));
    const __m512i firsts = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 0, 0, 0, 0, 0, 0, 0, 0);
    _mm256_storeu_ps(sums, _mm512_castps512_ps256(_mm512_permutexvar_ps(firsts, x)));
}
#define EIGHT_SUMS(v, to) eight_sums(v, to)
#define SLEEF(f) Sleef_##f##f16_u10avx512f
#define LOAD_PART(p, n) _mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), p)
#define ROOT(x) _mm512_sqrt_ps(x)
#define SMALLER(a, b) _mm512_min_ps(a, b)
#define FUSED(a, b, c) _mm512_fmadd_ps(a, b, c)
#define FUSED_MINUS(a, b, c) _mm512_fnmadd_ps(a, b, c)
#define PICK_LANES(v, numbers) _mm512_permutexvar_ps((__m512i)(numbers), v)
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
#define PICK_LANES(v, numbers) _mm512_permutexvar_pd((__m512i)(numbers), v)
#endif
#define FOLD(x) fold(x)

#include "tensor/kernels_simd.h"

#else
/* nothing for this architecture */
typedef int sg_avx512_is_for_another_architecture;
#endif
