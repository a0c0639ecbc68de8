/* kernels_simd.h - the one vector source of all instruction sets, on compilers' vector extensions.
 *
 * Each set's file includes it, once, and is compiled for float and for double (BITS). It defines
 *   ISA, SET, BYTES, GEMM_ROWS       the set and its name, bytes of a vector, rows of a gemm block
 *   SLEEF(f)                         SLEEF's vector function for f
 *   LOAD_PART(p, n)                  the first n of a vector's elements, the others 0
 *   ROOT(x), LANE_SUM(x)             square root; the sum of all lanes
 *   LANE_SUMS(a, b, c, d, to)        optional: stores four such sums, to the same bits
 *   INVERSE(x)                       1 / x as optimisers use it
 */
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "tensor/kernel_sets.h"
#include "tensor/real.h"

enum { LANES = BYTES / sizeof(real) };

typedef real vec __attribute__((vector_size(BYTES)));
typedef bits_of mask __attribute__((vector_size(BYTES)));
#define INLINE static inline __attribute__((always_inline))

INLINE vec load(const real *from)
{
    vec v;
    memcpy(&v, from, sizeof v);
    return v;
}
INLINE void store(real *to, vec v) { memcpy(to, &v, sizeof v); }
/* Not 0 + value, which would be an addition: it turns -0 into 0. */
INLINE vec fill(real value) { return value - (vec){0}; }
INLINE vec pick(mask m, vec a, vec b) { return (vec)((m & (mask)a) | (~m & (mask)b)); }
INLINE vec one_where(mask m) { return (vec)(m & (mask)fill(1)); }
INLINE vec magnitude(vec x) { return (vec)((mask)x & ~(mask)(-(vec){0})); }
/* NaN on either side gives NaN. */
INLINE vec larger(vec a, vec b) { return pick((a > b) | (a != a), a, b); }
INLINE real larger_of_two(real a, real b) { return a > b || a != a ? a : b; }

INLINE vec load_part(const real *from, size_t n) { return LOAD_PART(from, n); }
/* In pieces: a load that overlaps a masked store, as that of a matrix's next row, waits for it. */
INLINE void store_part(real *to, vec v, size_t n)
{
    const char *from = (const char *)&v;
    for (size_t width = LANES / 2; width; width /= 2)
        if (n & width) {
            memcpy(to, from, width * sizeof(real));
            to += width, from += width * sizeof(real);
        }
}
/* The first n of a vector's elements, n being LANES, a constant, in loops over whole vectors. */
INLINE vec load_first(const real *from, size_t n)
{
    return n == LANES ? load(from) : load_part(from, n);
}
INLINE void store_first(real *to, vec v, size_t n)
{
    if (n == LANES)
        store(to, v);
    else
        store_part(to, v, n);
}
/* The first n lanes of x, the others 0. */
INLINE vec first_lanes(vec x, size_t n)
{
    real lanes[LANES] = {0};
    if (n == LANES)
        return x;
    store_part(lanes, x, n);
    return load(lanes);
}
INLINE vec root(vec x) { return ROOT(x); }
INLINE real lane_sum(vec x) { return LANE_SUM(x); }
/* Four sums of lanes, in this order. */
INLINE void lane_sums(vec a, vec b, vec c, vec d, real sums[4])
{
#ifdef LANE_SUMS
    LANE_SUMS(a, b, c, d, sums);
#else
    sums[0] = LANE_SUM(a), sums[1] = LANE_SUM(b), sums[2] = LANE_SUM(c), sums[3] = LANE_SUM(d);
#endif
}
INLINE vec inverse(vec x) { return INVERSE(x); }

#include "tensor/simd_map.h"
#include "tensor/simd_matrix.h"
#include "tensor/simd_update.h"

#include "tensor/kernel_table.h"
