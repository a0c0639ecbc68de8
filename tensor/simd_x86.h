/* simd_x86.h - sums over 16 bytes of lanes, as SSE2, AVX2 and AVX-512 all do them; included by
 * these sets' files before the one vector source (kernels_simd.h). */
#include <emmintrin.h>

#if BITS == 32
/* The upper half is added to the lower one, twice. */
static inline float quarter_sum(__m128 x)
{
    x = _mm_add_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_add_ss(x, _mm_shuffle_ps(x, x, 1)));
}
/* The same of four vectors at once. */
static inline __m128 quarter_sums(__m128 a, __m128 b, __m128 c, __m128 d)
{
    __m128 ab = _mm_add_ps(_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
    __m128 cd = _mm_add_ps(_mm_unpacklo_ps(c, d), _mm_unpackhi_ps(c, d));
    return _mm_add_ps(_mm_movelh_ps(ab, cd), _mm_movehl_ps(cd, ab));
}
#define QUARTER_SUMS(a, b, c, d, to) _mm_storeu_ps(to, quarter_sums(a, b, c, d))
#else
static inline double quarter_sum(__m128d x)
{
    return _mm_cvtsd_f64(_mm_add_sd(x, _mm_unpackhi_pd(x, x)));
}
#endif
#define QUARTER_SUM(x) quarter_sum(x)
