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

/* What an update does; constants where it is inlined. Of `tame` rows more is known (below); others
 * may be so in the next step: `may_be_tame`. */
typedef struct {
    bool has_m, decays, takes_product, tame, may_be_tame;
} adam_kind;

/* Where values lie; m and m_next may be NULL. */
typedef struct {
    const real *p, *m, *v;
    real *p_next, *m_next, *v_next;
} adam_places;

/* The gradient of a row is scale * x. Tame ones have the squares of x, too. */
typedef struct {
    real scale;
    const real *x, *squares;
} adam_gradient;

/* A row, with what its scale makes of the numbers: where nothing decays, it is worked into those
 * that x is multiplied by. dx takes in dy times the row's weights. */
typedef struct {
    vec scale, root, root_squared, one_minus_beta1, scaled_step, dy;
    real *dx;
    adam_gradient g;
    adam_places at;
    adam_numbers c;
    adam_kind kind;
} adam_row;

/* What the second half of a step takes from the first: what the step is divided by, and the new m.
 */
typedef struct {
    vec divisor, m;
} adam_half;

/* The gradient of n elements from column j on times `number`; `scaled` is scale times this. */
INLINE vec times_gradient(size_t j, size_t n, const adam_row *r, vec number, vec scaled)
{
    vec x = load_first(r->g.x + j, n);
    return r->kind.decays ? number * fused(r->c.l2, load_first(r->at.p + j, n), r->scale * x)
                          : scaled * x;
}

INLINE vec new_second_moment(size_t j, size_t n, const adam_row *r)
{
    vec v = load_first(r->at.v + j, n);
    if (r->kind.tame)
        return fused(r->c.beta2, v, r->root_squared * load_first(r->g.squares + j, n));
    vec root_g = times_gradient(j, n, r, r->c.root, r->root);
    return fused(r->c.beta2, v, root_g * root_g);
}

/* n elements from column j on: the new v and m, and the share of a product: all that needs no root
 * fills the time that roots take. */
INLINE adam_half adam_first_half(size_t j, size_t n, const adam_row *r)
{
    vec m = {0}, v = new_second_moment(j, n, r);
    store_first(r->at.v_next + j, r->kind.may_be_tame ? below_infinity(v) : v, n);
    if (r->kind.has_m) {
        vec g = times_gradient(j, n, r, r->c.one_minus_beta1, r->one_minus_beta1);
        m = fused(r->c.beta1, load_first(r->at.m + j, n), g);
        store_first(r->at.m_next + j, m, n);
    }
    if (r->kind.takes_product) {
        vec p = load_first(r->at.p + j, n), sum = load_first(r->dx + j, n);
        store_first(r->dx + j, fused(p, r->dy, sum), n);
    }
    vec divisor = root(v) + r->c.eps;
    return (adam_half){r->kind.tame ? divisor : limited(divisor), m};
}

/* The scaled step size times the new m, which costs less to read again than to keep; but a part of
 * a vector, read again, would wait for the pieces that it was stored in. */
INLINE vec adam_numerator(size_t j, size_t n, const adam_row *r, vec m)
{
    if (r->kind.has_m)
        return r->c.scaled_step * (n == LANES ? load(r->at.m_next + j) : m);
    return times_gradient(j, n, r, r->c.scaled_step, r->scaled_step);
}

/* The new p. */
INLINE void adam_second_half(size_t j, size_t n, const adam_row *r, adam_half h)
{
    vec step = adam_numerator(j, n, r, h.m), p = load_first(r->at.p + j, n);
    p = minus_quotient(r->kind.decays ? r->c.decay * p : p, step, h.divisor);
    store_first(r->at.p_next + j, p, n);
}

/* Second halves come some vectors after their first ones, also over the end of a row: a root takes
 * long, and what waits for it would keep other work out of the processor. */
enum { AHEAD = 4, GROUP = AHEAD * LANES };

/* The group of vectors whose second halves are still to come: from column j of a row on. */
typedef struct {
    bool exists;
    adam_row row;
    size_t j;
    adam_half half[AHEAD];
} adam_waiting;

INLINE void finish_waiting(const adam_waiting *w)
{
    if (w->exists) {
        UNROLL
        for (size_t k = 0; k < AHEAD; k++)
            adam_second_half(w->j + k * LANES, LANES, &w->row, w->half[k]);
    }
}

/* The first halves of the group at column j, each with a second one that waits, of `before`. */
INLINE void adam_group(size_t j, const adam_row *r, const adam_row *before, adam_waiting *w)
{
    UNROLL
    for (size_t k = 0; k < AHEAD; k++) {
        adam_half next = adam_first_half(j + k * LANES, LANES, r);
        adam_second_half(w->j + k * LANES, LANES, before, w->half[k]);
        w->half[k] = next;
    }
    w->j = j;
}

/* A row's first group, with the second halves of what waits from the row before. */
INLINE void begin_row(const adam_row *r, adam_waiting *w)
{
    if (w->exists) {
        adam_group(0, r, &w->row, w);
    } else {
        UNROLL
        for (size_t k = 0; k < AHEAD; k++)
            w->half[k] = adam_first_half(k * LANES, LANES, r);
        w->j = 0;
    }
    w->row = *r;
    w->exists = true;
}

/* What fills no group is not waited for. */
INLINE void do_row(size_t cols, const adam_row *r, adam_waiting *w)
{
    size_t j = 0;
    if (GROUP <= cols) {
        begin_row(r, w);
        for (j = GROUP; j + GROUP <= cols; j += GROUP)
            adam_group(j, r, r, w);
    }
    for (; j + LANES <= cols; j += LANES)
        adam_second_half(j, LANES, r, adam_first_half(j, LANES, r));
    if (j < cols)
        adam_second_half(j, cols - j, r, adam_first_half(j, cols - j, r));
}

/* ---- the rows of a matrix ---- */

/* A matrix of weights, its gradient, and what its step takes. */
typedef struct {
    size_t rows, cols;
    const sg_rows *g;
    const adam_numbers *c;
    adam_places at;
    const real *squares; /* of g's one row, where it is tame, else NULL */
    const real *dy;      /* of a product, like dx */
    real *dx;
} adam_matrix;

/* The row whose weights begin at element i of the places. */
INLINE adam_row adam_row_at(size_t i, adam_gradient g, const adam_numbers *c, adam_places at,
                            adam_kind kind)
{
    vec scale = fill(g.scale), root = scale * c->root;
    at.p += i, at.v += i, at.p_next += i, at.v_next += i;
    if (kind.has_m)
        at.m += i, at.m_next += i;
    return (adam_row){.scale = scale,
                      .root = root,
                      .root_squared = root * root,
                      .one_minus_beta1 = scale * c->one_minus_beta1,
                      .scaled_step = scale * c->scaled_step,
                      .g = g,
                      .at = at,
                      .c = *c,
                      .kind = kind};
}

INLINE adam_gradient row_gradient(size_t i, const adam_matrix *matrix)
{
    line x = line_of(matrix->g, i);
    return (adam_gradient){.scale = x.scale, .x = x.row, .squares = matrix->squares};
}

/* A row is tame where no element of x and not its scale is beyond 2^10, and eps, over the root
 * scale, is at least 2^-32 (as 1e-8 is for a beta2 of up to 0.999, from the first step on), at most
 * 1; others are wild. Then g^2 is the product of two squares, of which those of x are made once for
 * all rows: what second moments lose where a square is too small adds up to less than 2^-106, and
 * roots are off by less than 2^-53, 2^-21 of eps. And none overflows. Wild rows store infinite ones
 * as the largest number, for the row may be tame in the next step; one that is put there makes a
 * tame row's weight infinite or NaN. */
#define TAME_LARGEST ((real)0x1p10)
INLINE bool is_tame(real number) { return number <= TAME_LARGEST && number >= -TAME_LARGEST; }
INLINE bool row_is_tame(const adam_matrix *matrix, adam_gradient g)
{
    return matrix->squares && is_tame(g.scale);
}

/* Rows from i on, as long as they are as tame as the kind; returns the number of the next one. */
INLINE size_t adam_rows(size_t i, const adam_matrix *matrix, adam_kind kind)
{
    const adam_numbers c = *matrix->c; /* in registers: stores cannot change it */
    adam_waiting w = {.exists = false};
    for (; i < matrix->rows; i++) {
        adam_gradient g = row_gradient(i, matrix);
        if (row_is_tame(matrix, g) != kind.tame)
            break;
        adam_row r = adam_row_at(i * matrix->cols, g, &c, matrix->at, kind);
        if (kind.takes_product)
            r.dy = fill(matrix->dy[i]), r.dx = matrix->dx;
        do_row(matrix->cols, &r, &w);
    }
    finish_waiting(&w);
    return i;
}

/* Short rows are formed and taken as one, as many at a time as the nearest cache holds beside all
 * else. */
enum { FORMED = 16384 / sizeof(real) };
INLINE void adam_short_rows(const adam_matrix *matrix, adam_kind kind)
{
    const adam_numbers c = *matrix->c;
    const size_t cols = matrix->cols, at_once = FORMED / cols;
    real padded[SHORT + LANES] = {0}, formed[FORMED + LANES];
    memcpy(padded, matrix->g->row, cols * sizeof(real));
    for (size_t i = 0; i < matrix->rows; i += at_once) {
        size_t end = matrix->rows - i < at_once ? matrix->rows : i + at_once;
        form_rows(formed, padded, matrix->g, i, end, cols);
        adam_waiting w = {.exists = false};
        const adam_gradient all = {.scale = 1, .x = formed};
        const adam_row r = adam_row_at(i * cols, all, &c, matrix->at, kind);
        do_row((end - i) * cols, &r, &w);
        finish_waiting(&w);
    }
}

/* Of a kind without product. */
INLINE void adam_all(adam_matrix matrix, adam_kind kind)
{
    if (has_short_rows(matrix.rows, matrix.cols, matrix.g)) {
        adam_short_rows(&matrix, kind);
    } else {
        flatten(&matrix.rows, &matrix.cols, matrix.g);
        adam_rows(0, &matrix, kind);
    }
}

/* ---- outer products of long rows, without decay: most of the time of a step ----
 * In float64 divisions take it, and no row counts as tame. */

enum { TAME_COLS = BITS == 32 ? 4096 : 1 };

/* The squares of n elements; which of these are tame. */
INLINE mask squares_of(size_t n, const real *x, real *squares)
{
    vec part = load_first(x, n), square = part * part;
    store_first(squares, square, n);
    return (mask)(square <= fill(TAME_LARGEST * TAME_LARGEST));
}

/* The squares of x; false if there is no room for them or not all of x is tame. */
INLINE bool make_squares(size_t cols, const real *x, real squares[TAME_COLS])
{
    mask tame = ~(mask){0};
    size_t j = 0;
    if (cols > TAME_COLS)
        return false;
    for (; j + LANES <= cols; j += LANES)
        tame &= squares_of(LANES, x + j, squares + j);
    if (j < cols)
        tame &= squares_of(cols - j, x + j, squares + j);
    return all_lanes(tame);
}

INLINE bool eps_is_tame(real eps) { return eps >= (real)0x1p-32 && eps <= 1; }

INLINE void adam_outer_rows(const adam_matrix *matrix, adam_kind kind)
{
    adam_kind tame = kind, wild = kind;
    tame.tame = true, wild.may_be_tame = BITS == 32;
    if (kind.takes_product)
        memset(matrix->dx, 0, matrix->cols * sizeof(real));
    for (size_t i = 0; i < matrix->rows;) {
        if (BITS == 32)
            i = adam_rows(i, matrix, tame);
        i = adam_rows(i, matrix, wild);
    }
}

static void adam_outer(adam_matrix matrix, const sg_product *product)
{
    real squares[TAME_COLS];
    if (BITS == 32 && eps_is_tame(matrix.c->eps[0]) &&
        make_squares(matrix.cols, matrix.g->row, squares))
        matrix.squares = squares;
    if (matrix.at.m) {
        adam_outer_rows(&matrix, (adam_kind){.has_m = true});
    } else if (product) {
        matrix.dy = product->dy, matrix.dx = product->dx;
        adam_outer_rows(&matrix, (adam_kind){.takes_product = true});
    } else {
        adam_outer_rows(&matrix, (adam_kind){0});
    }
}

/* ---- the kernel ---- */

static adam_numbers adam_numbers_of(const sg_adam_numbers *c)
{
    double step = c->step_size / c->root_scale * QUOTIENT_SCALE;
    return (adam_numbers){.beta1 = fill((real)c->beta1),
                          .one_minus_beta1 = fill((real)(1 - c->beta1)),
                          .beta2 = fill((real)c->beta2),
                          .root = fill((real)sqrt(1 - c->beta2)),
                          .scaled_step = fill((real)step),
                          .eps = fill((real)(c->eps / c->root_scale)),
                          .l2 = fill((real)c->l2),
                          .decay = fill((real)c->decay)};
}

static void adam_kernel(size_t rows, size_t cols, const sg_adam_numbers *numbers, const sg_rows *g,
                        const void *p, const void *m, const void *v, void *p_next, void *m_next,
                        void *v_next, const sg_product *product)
{
    const adam_numbers c = adam_numbers_of(numbers);
    const adam_matrix matrix = {
        .rows = rows, .cols = cols, .g = g, .c = &c, .at = {p, m, v, p_next, m_next, v_next}};
    bool decays = numbers->l2 != 0 || numbers->decay != 1;
    bool is_long_outer = rows /* or there may be no x */ && g->scale && !g->row_step &&
                         !has_short_rows(rows, cols, g);
    bool in_one_pass = product && is_long_outer && !decays && !m;
    if (product && !in_one_pass)
        matvec_t_kernel(rows, cols, p, product->dy, NULL, product->dx);
    if (is_long_outer && !decays)
        adam_outer(matrix, product);
    else if (m && decays)
        adam_all(matrix, (adam_kind){.has_m = true, .decays = true});
    else if (m)
        adam_all(matrix, (adam_kind){.has_m = true});
    else if (decays)
        adam_all(matrix, (adam_kind){.decays = true});
    else
        adam_all(matrix, (adam_kind){0});
}
