/* simd_adam.h - one Adam step; part of the one vector source (kernels_simd.h).
 *
 * With r = sqrt(1 - beta2) and s = root_scale, the step is
 *   v' = beta2 v + (r g)^2,   p' = p - (step_size / s) m' / (sqrt(v') + eps / s):
 * the same numbers to rounding, in fewer operations. Roots, divisions and products share few units,
 * and these loops are bound by them. */

#if BITS == 32
/* In products, since divisions and roots share one slow unit: 1 / x = QUOTIENT_SCALE r f(x r). The
 * guess r is a constant less the bits of x, which makes x r within 1.5 % of 0.718; f is the cubic
 * that comes nearest to a reciprocal there (Chebyshev's, within 2^-27), as z u + d with
 * z = u^2 + b and u = a - x r, which takes the fewest operations. With its roundings it is within
 * 2^-23.8, where products are not fused within 2^-22.8. */
#define QUOTIENT_SCALE 3.76712745
/* p - a / x for an `a` that QUOTIENT_SCALE is worked into; x is normal and at most 2^125, or r
 * would not be normal. */
INLINE vec minus_quotient(vec p, vec a, vec x)
{
    vec r = (vec)(0x7eb504f3 - (mask)x);
    vec u = fused_minus(x, r, fill(0.957106766f)), z = fused(u, u, fill(0.343405021f));
    return fused_minus(a * r, fused(z, u, fill(0.273932744f)), p);
}
/* x, at most what minus_quotient takes, or at most finite; NaN stays. */
INLINE vec limited(vec x) { return SMALLER(fill(0x1p125f), x); }
INLINE vec below_infinity(vec x) { return SMALLER(fill(FLT_MAX), x); }
#else
#define QUOTIENT_SCALE 1
INLINE vec minus_quotient(vec p, vec a, vec x) { return fused_minus(a, 1 / x, p); }
INLINE vec limited(vec x) { return x; }
INLINE vec below_infinity(vec x) { return x; }
#endif

typedef struct {
    vec beta1, one_minus_beta1, beta2, root, eps, l2, decay;
    vec scaled_step; /* QUOTIENT_SCALE times the step size */
} adam_numbers;

/* What an update does; constants where it is inlined. */
typedef struct {
    bool has_m, decays, takes_product;
    bool tame;   /* of the row more is known (simd_adam_matrix.h) */
    bool rooted; /* r is worked into x, 1 / r into the number that x is multiplied by */
} adam_kind;

/* Where values lie; m and m_next may be NULL. */
typedef struct {
    const real *p, *m, *v;
    real *p_next, *m_next, *v_next;
} adam_places;

/* The gradient of a row is scale * x. Tame rows have the squares of x, too, and those that go by
 * units what it makes of the step; rooted ones x once more, for second halves. */
typedef struct {
    real scale;
    const real *x, *again, *squares, *steps;
} adam_gradient;

/* A row, with what its scale makes of the numbers: where nothing decays, it is worked into those
 * that x is multiplied by. Where it goes by units (below), so do beta2 and eps in c. dx takes in dy
 * times the row's weights. */
typedef struct {
    vec scale, root, root_squared, one_minus_beta1, scaled_step, dy;
    real *dx;
    adam_gradient g;
    adam_places at;
    adam_numbers c;
    adam_kind kind;
} adam_row;

/* Tame rows without first moment go by units of u = |r scale|: with v = u^2 w,
 *   w' = beta2 / u^2 v + x^2,   p' = p - +-step_size / (r s) x / (sqrt(w') + eps / (s u)),
 * where what is made of x alone serves all rows, in one product less. root_squared is u^2, and c
 * has beta2 / u^2 for beta2 and eps / (s u) for eps. */
INLINE bool goes_by_units(adam_kind kind) { return kind.tame && !kind.has_m; }

/* What the second half of a step takes from the first: the root, and the new m. */
typedef struct {
    vec root, m;
} adam_half;

/* The gradient of n elements from column j on times `number`; `scaled` is scale times this. */
INLINE vec times_gradient(size_t j, size_t n, const adam_row *r, vec number, vec scaled)
{
    vec x = load_first(r->g.x + j, n);
    return r->kind.decays ? number * fused(r->c.l2, load_first(r->at.p + j, n), r->scale * x)
                          : scaled * x;
}

/* Stores the new v of n elements from column j on; returns it, or w'. */
INLINE vec second_moment(size_t j, size_t n, const adam_row *r)
{
    vec v = load_first(r->at.v + j, n);
    if (goes_by_units(r->kind)) {
        vec w = below_infinity(fused(r->c.beta2, v, load_first(r->g.squares + j, n)));
        store_first(r->at.v_next + j, r->root_squared * w, n);
        return w;
    }
    if (r->kind.tame) {
        v = fused(r->c.beta2, v, r->root_squared * load_first(r->g.squares + j, n));
    } else {
        vec root_g = r->kind.rooted ? load_first(r->g.x + j, n)
                                    : times_gradient(j, n, r, r->c.root, r->root);
        v = fused(r->c.beta2, v, root_g * root_g);
    }
    store_first(r->at.v_next + j, v, n);
    return v;
}

/* n elements from column j on: the new v and m, and the share of a product: all that needs no root
 * fills the time that roots take. */
INLINE adam_half adam_first_half(size_t j, size_t n, const adam_row *r)
{
    vec m = {0}, v = second_moment(j, n, r);
    if (r->kind.has_m) {
        vec g = times_gradient(j, n, r, r->c.one_minus_beta1, r->one_minus_beta1);
        m = fused(r->c.beta1, load_first(r->at.m + j, n), g);
        store_first(r->at.m_next + j, m, n);
    }
    if (r->kind.takes_product) {
        vec p = load_first(r->at.p + j, n), sum = load_first(r->dx + j, n);
        store_first(r->dx + j, fused(p, r->dy, sum), n);
    }
    return (adam_half){root(v), m};
}

/* What is divided: the scaled step size times the new m or the gradient. m costs less to read again
 * than to keep; but a part of a vector, read again, would wait for the pieces that it was stored
 * in. */
INLINE vec adam_numerator(size_t j, size_t n, const adam_row *r, vec m)
{
    if (r->kind.has_m)
        return r->c.scaled_step * (n == LANES ? load(r->at.m_next + j) : m);
    if (goes_by_units(r->kind))
        return load_first(r->g.steps + j, n);
    if (r->kind.rooted)
        return r->c.scaled_step * load_first(r->g.again + j, n);
    return times_gradient(j, n, r, r->c.scaled_step, r->scaled_step);
}

/* The new p. */
INLINE void adam_second_half(size_t j, size_t n, const adam_row *r, vec divisor, vec m)
{
    vec step = adam_numerator(j, n, r, m), p = load_first(r->at.p + j, n);
    p = minus_quotient(r->kind.decays ? r->c.decay * p : p, step,
                       goes_by_units(r->kind) ? divisor : limited(divisor));
    store_first(r->at.p_next + j, p, n);
}

/* Second halves come some vectors after their first ones, also over the end of a row: a root takes
 * long, and what waits for it would keep other work out of the processor. */
enum { AHEAD = 4, GROUP = AHEAD * LANES };

/* The first halves of a row's first group of vectors. */
INLINE void begin_group(const adam_row *r, adam_half half[AHEAD])
{
    UNROLL
    for (size_t k = 0; k < AHEAD; k++)
        half[k] = adam_first_half(k * LANES, LANES, r);
}

/* Those of the group at column j, each with a second one of the group before, at column `last` of
 * its row; a root makes room for the next one in good time. */
INLINE void next_group(size_t j, const adam_row *r, size_t last, const adam_row *before,
                       adam_half half[AHEAD])
{
    UNROLL
    for (size_t k = 0; k < AHEAD; k++) {
        vec divisor = half[k].root + before->c.eps, m = half[k].m;
        half[k] = adam_first_half(j + k * LANES, LANES, r);
        adam_second_half(last + k * LANES, LANES, before, divisor, m);
    }
}

/* What is left of a row's groups after the first; returns the column of the last one. */
INLINE size_t next_groups(size_t cols, const adam_row *r, adam_half half[AHEAD])
{
    size_t j = GROUP;
    for (; j + GROUP <= cols; j += GROUP)
        next_group(j, r, j - GROUP, r, half);
    return j - GROUP;
}

INLINE void end_group(size_t last, const adam_row *r, const adam_half half[AHEAD])
{
    UNROLL
    for (size_t k = 0; k < AHEAD; k++)
        adam_second_half(last + k * LANES, LANES, r, half[k].root + r->c.eps, half[k].m);
}

INLINE void adam_both_halves(size_t j, size_t n, const adam_row *r)
{
    adam_half half = adam_first_half(j, n, r);
    adam_second_half(j, n, r, half.root + r->c.eps, half.m);
}

/* What fills no group is not waited for. */
INLINE void adam_rest(size_t cols, const adam_row *r)
{
    size_t j = cols / GROUP * GROUP;
    for (; j + LANES <= cols; j += LANES)
        adam_both_halves(j, LANES, r);
    if (j < cols)
        adam_both_halves(j, cols - j, r);
}

INLINE void adam_one_row(size_t cols, const adam_row *r)
{
    adam_half half[AHEAD];
    if (cols >= GROUP) {
        begin_group(r, half);
        size_t last = next_groups(cols, r, half);
        end_group(last, r, half);
    }
    adam_rest(cols, r);
}
