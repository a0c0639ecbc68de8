/* kernels_simd.h - the one vector source of all instruction sets, on compilers' vector extensions.
 *
 * No include guard: a set's file includes it for float and for double. Before, it defines
 *   ISA, BYTES, GEMM_ROWS                     the set, bytes of a vector, rows of a gemm block
 *   REAL, MASK_INT, NAME(x), DTYPE, TABLE, TABLE_NAME
 *                                             the number type, the integer as wide, names
 *   SLEEF(f)                                  SLEEF's vector function for f
 *   LOAD_PART(p, n)                           the first n of a vector's elements, the others 0
 *   ROOT(x), LANE_SUM(x)                      square root; the sum of all lanes
 *   LANE_SUMS(a, b, c, d, to)                 optional: stores four such sums, to the same bits
 *   SCALED_ROOT(x), INVERSE(x)                as optimisers use them: a root, and 1 / x
 * All but the first line is undefined at the end.
 */
#define LANES (BYTES / sizeof(REAL))

typedef REAL NAME(vec) __attribute__((vector_size(BYTES)));
typedef MASK_INT NAME(mask) __attribute__((vector_size(BYTES)));
#define VEC NAME(vec)
#define MASK NAME(mask)
#define INLINE static inline __attribute__((always_inline))

INLINE VEC NAME(load)(const REAL *from)
{
    VEC v;
    memcpy(&v, from, sizeof v);
    return v;
}
INLINE void NAME(store)(REAL *to, VEC v) { memcpy(to, &v, sizeof v); }
/* Not 0 + value, which would be an addition: it turns -0 into 0. */
INLINE VEC NAME(fill)(REAL value) { return value - (VEC){0}; }
INLINE VEC NAME(pick)(MASK m, VEC a, VEC b) { return (VEC)((m & (MASK)a) | (~m & (MASK)b)); }
INLINE VEC NAME(one_where)(MASK m) { return (VEC)(m & (MASK)NAME(fill)(1)); }
INLINE VEC NAME(magnitude)(VEC x) { return (VEC)((MASK)x & ~(MASK)(-(VEC){0})); }
/* NaN on either side gives NaN. */
INLINE VEC NAME(larger)(VEC a, VEC b) { return NAME(pick)((a > b) | (a != a), a, b); }
INLINE REAL NAME(larger_of_two)(REAL a, REAL b) { return a > b || a != a ? a : b; }

INLINE VEC NAME(load_part)(const REAL *from, size_t n) { return LOAD_PART(from, n); }
/* In pieces: a load that overlaps a masked store, as that of a matrix's next row, waits for it. */
INLINE void NAME(store_part)(REAL *to, VEC v, size_t n)
{
    const char *from = (const char *)&v;
    for (size_t width = LANES / 2; width; width /= 2)
        if (n & width) {
            memcpy(to, from, width * sizeof(REAL));
            to += width, from += width * sizeof(REAL);
        }
}
/* The first n lanes of x, the others 0. */
INLINE VEC NAME(first_lanes)(VEC x, size_t n)
{
    REAL lanes[LANES] = {0};
    NAME(store_part)(lanes, x, n);
    return NAME(load)(lanes);
}
INLINE VEC NAME(root)(VEC x) { return ROOT(x); }
INLINE REAL NAME(lane_sum)(VEC x) { return LANE_SUM(x); }
/* Four sums of lanes, in this order. */
INLINE void NAME(lane_sums)(VEC a, VEC b, VEC c, VEC d, REAL sums[4])
{
#ifdef LANE_SUMS
    LANE_SUMS(a, b, c, d, sums);
#else
    sums[0] = LANE_SUM(a), sums[1] = LANE_SUM(b), sums[2] = LANE_SUM(c), sums[3] = LANE_SUM(d);
#endif
}
INLINE VEC NAME(scaled_root)(VEC x) { return SCALED_ROOT(x); }
INLINE VEC NAME(inverse)(VEC x) { return INVERSE(x); }

#include "tensor/simd_map.h"
#include "tensor/simd_matrix.h"
#include "tensor/simd_update.h"

#include "tensor/kernel_table.h"

#undef LANES
#undef VEC
#undef MASK
#undef INLINE
#undef REAL
#undef MASK_INT
#undef NAME
#undef DTYPE
#undef TABLE
#undef TABLE_NAME
#undef SLEEF
#undef LOAD_PART
#undef ROOT
#undef LANE_SUM
#undef LANE_SUMS
#undef SCALED_ROOT
#undef INVERSE
