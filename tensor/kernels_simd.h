/* kernels_simd.h - the one vector source of all instruction sets, on compilers' vector extensions.
 *
 * Results do not depend on how wide vectors are. Element by element they could not. Sums run over
 * blocks of 64 bytes, on several vectors where vectors are shorter, and fold the lanes of a block
 * in one order. Products are fused where the source says so, and nowhere else (compilers are not
 * asked to choose, -ffp-contract=off). So AVX2, AVX-512 and NEON agree to the bit, and compilers
 * do; SSE2, which has no fused products, and the scalar reference stand apart.
 */

/* clang-format off */
/* Each set's file includes this one, once, and is compiled for float and for double (BITS). It
 * defines
 *   ISA, SET, BYTES               the set and its name, bytes of a vector
 *   REGISTERS                     vectors that it has room for
 *   BLOCK                         bytes of lanes that sums run over: 64 where sets are to agree
 *   GEMM_ROWS                     rows of a gemm block
 *   LONG_SIDE                     optional: long rows of W x side by side, 4 (the default) or 2; an
 *                                 expression, read once a call
 *   FAR_FROM                      optional: where defined, rows to come are fetched in W^T dy, and
 *                                 in W x where W has at least so many bytes, which nearer caches do
 *                                 not hold beside the rest of a step
 *   SLEEF(f)                      SLEEF's vector function for f
 *   LOAD_PART(p, n)               the first n >= 1 of a vector's elements, the others 0
 *   ROOT(x), SMALLER(a, b)        square root; the smaller (float only), b where it is NaN
 *   FUSED(a, b, c)                a b + c, rounded once
 *   FUSED_MINUS(a, b, c)          c - a b, rounded once
 *   FOLD(x)                       16 bytes of lanes: the upper half added to the lower one until no
 *                                 more are left
 *   QUARTER_SUM(x)                the sum of these, in the same way
 *   QUARTER_SUMS(a, b, c, d, to)  optional: stores four such sums, to the same bits
 *   EIGHT_SUMS(v, to)             optional: stores the sums of eight vectors v, to the same bits
 *   PICK_LANES(v, numbers)        optional, where it pays: lane numbers[k] of v in lane k
 *                                 (simd_rows.h)
 */
/* clang-format on */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "tensor/kernel_sets.h"
#include "tensor/real.h"

/* Lanes of a vector, vectors of a block, elements of a block. */
enum { LANES = BYTES / sizeof(real), PARTS = BLOCK / BYTES, WIDE = PARTS * LANES };

typedef real vec __attribute__((vector_size(BYTES)));
typedef real quarter __attribute__((vector_size(16))); /* of a block */
typedef bits_of mask __attribute__((vector_size(BYTES)));
#define INLINE static inline __attribute__((always_inline))
/* Before loops of few, constant turns over arrays of vectors: these have to end up in registers. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif
/* Before long loops with short bodies, where counting is a noticeable share of the time; some
 * processors also take such a loop twice as long where it happens to lie over two lines of code. */
#ifdef __clang__
#define FOUR_TURNS _Pragma("unroll 4")
#else
#define FOUR_TURNS _Pragma("GCC unroll 4")
#endif

/* Compilers would have each of several instructions load v anew. */
#ifdef __aarch64__
#define LOAD_ONCE(v) __asm__("" : "+w"(v))
#else
#define LOAD_ONCE(v) __asm__("" : "+v"(v))
#endif

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
/* By way of memory: lanes taken out one by one take several times as long. */
INLINE bool all_lanes(mask m)
{
    bits_of lanes[LANES], all = -1;
    memcpy(lanes, &m, sizeof m);
    for (size_t k = 0; k < LANES; k++)
        all &= lanes[k];
    return all != 0;
}
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
    static const bits_of numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    mask number;
    if (n == LANES)
        return x;
    memcpy(&number, numbers, sizeof number);
    return (vec)((number < (bits_of)n) & (mask)x);
}
INLINE vec root(vec x) { return ROOT(x); }
INLINE vec fused(vec a, vec b, vec c) { return FUSED(a, b, c); }
INLINE vec fused_minus(vec a, vec b, vec c) { return FUSED_MINUS(a, b, c); }

/* Of a block's n elements, those in its vector k. */
INLINE size_t part_of(size_t n, size_t k)
{
    return n >= (k + 1) * LANES ? LANES : n > k * LANES ? n - k * LANES : 0;
}
/* The lanes of a block folded to a vector, and to a quarter. */
INLINE vec folded_to_vector(const vec block[PARTS])
{
    vec sum[PARTS];
    for (size_t k = 0; k < PARTS; k++)
        sum[k] = block[k];
    for (size_t half = PARTS / 2; half; half /= 2)
        for (size_t k = 0; k < half; k++)
            sum[k] += sum[k + half];
    return sum[0];
}
INLINE quarter folded(const vec block[PARTS]) { return FOLD(folded_to_vector(block)); }
INLINE real lane_sum(const vec block[PARTS]) { return QUARTER_SUM(folded(block)); }
/* The sum of four blocks of lanes. 0 is added to it: products that are too small may leave -0 in
 * lanes, and how many absent elements then turn into 0 depends on how wide vectors are. */
INLINE real lane_sum_of_four(const vec blocks[4 * PARTS])
{
    vec sum[PARTS];
    for (size_t k = 0; k < PARTS; k++)
        sum[k] = (blocks[k] + blocks[PARTS + k]) + (blocks[2 * PARTS + k] + blocks[3 * PARTS + k]);
    return lane_sum(sum) + 0;
}
/* The sums of four blocks of lanes, each by itself. */
INLINE void lane_sums(const vec blocks[4 * PARTS], real sums[4])
{
    quarter q[4];
    for (size_t k = 0; k < 4; k++)
        q[k] = folded(blocks + k * PARTS);
#ifdef QUARTER_SUMS
    QUARTER_SUMS(q[0], q[1], q[2], q[3], sums);
#else
    for (size_t k = 0; k < 4; k++)
        sums[k] = QUARTER_SUM(q[k]);
#endif
}

/* The sums of eight, where halves of vectors can be exchanged so that each addition serves several.
 */
INLINE void eight_lane_sums(const vec blocks[8 * PARTS], real sums[8])
{
#ifdef EIGHT_SUMS
    vec v[8];
    UNROLL
    for (size_t k = 0; k < 8; k++)
        v[k] = folded_to_vector(blocks + k * PARTS);
    EIGHT_SUMS(v, sums);
#else
    lane_sums(blocks, sums);
    lane_sums(blocks + 4 * PARTS, sums + 4);
#endif
}

#include "tensor/simd_map.h"
#include "tensor/simd_matrix.h"
#include "tensor/simd_norm.h"
#include "tensor/simd_rows.h"

#include "tensor/simd_adam.h"
#include "tensor/simd_adam_matrix.h"
#include "tensor/simd_update.h"

#include "tensor/kernel_table.h"
