/* simd_adam.h - one Adam step; part of the one vector source (kernels_simd.h).
 *
 * With r = sqrt(1 - beta2) and s = root_scale, the step is
 *   v' = beta2 v + (r g)^2,   p' = p - (step_size / s) m' / (sqrt(v') + eps / s):
 * the same numbers to rounding, in fewer operations. Roots, divisions and products share few units,
 * and these loops are bound by them. */

#if BITS == 32
/* 1 / x = QUOTIENT_SCALE r f(x r), within 2^-22.8, in products: divisions and roots share one slow
 * unit. The bits of x subtracted from a constant are a first guess r of 1 / x, within 4.9 % but for
 * a factor; f is the polynomial of degree four that comes nearest to a reciprocal over these 4.9 %
 * (Chebyshev's, within 2^-25.8), written as z (z + u) + d with z = u^2 + b and u = a - x r, which
 * takes the fewest operations. */
#define QUOTIENT_SCALE 14.60567627
/* p - a / x for QUOTIENT_SCALE times `a`; x is normal and at most 2^125, or the
 * guess would not be normal. */
INLINE vec minus_quotient(vec p, vec a, vec x)
{
    vec r = (vec)(0x7e8eac00 - (mask)x);
    vec u = fused_minus(x, r, fill(0.481580883f)), z = fused(u, u, fill(0.294036478f));
    return fused_minus(a * r, fused(z, z + u, fill(0.0556903332f)), p);
}
/* Of a larger x, the largest that may be divided by; NaN stays. */
INLINE vec limited(vec x) { return SMALLER(fill(0x1p125f), x); }
#else
#define QUOTIENT_SCALE 1
INLINE vec minus_quotient(vec p, vec a, vec x) { return fused_minus(a, 1 / x, p); }
INLINE vec limited(vec x) { return x; }
#endif

typedef struct {
    vec beta1, one_minus_beta1, beta2, root, step, eps, l2, decay;
} adam_numbers;

/* What an update does; constants where it is inlined. `is_tame`: all numbers are moderate (below).
 */
typedef struct {
    bool has_m, decays, takes_product, is_tame;
} adam_kind;

/* Where values lie; m and m_next may be NULL. */
typedef struct {
    const real *p, *m, *v;
    real *p_next, *m_next, *v_next;
} adam_places;

/* A row's gradient is scale * x; dx takes in dy times its weights. Tame rows have the squares of x.
 */
typedef struct {
    real scale, dy;
    const real *x, *squares;
    real *dx;
} adam_gradient;

/* A row, with what its scale makes of the numbers. Where nothing decays, the scale is worked into
 * the numbers that x is multiplied by. */
typedef struct {
    vec scale, root, root_squared, one_minus_beta1, step, dy;
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
    if (r->kind.is_tame)
        return fused(r->c.beta2, v, r->root_squared * load_first(r->g.squares + j, n));
    vec root_g = times_gradient(j, n, r, r->c.root, r->root);
    return fused(r->c.beta2, v, root_g * root_g);
}

/* n elements from column j on: the new v and m, and the share of a product: all that needs no root
 * fills the time that roots take. */
INLINE adam_half adam_first_half(size_t j, size_t n, const adam_row *r)
{
    vec m = {0}, v = new_second_moment(j, n, r);
    store_first(r->at.v_next + j, v, n);
    if (r->kind.has_m) {
        vec g = times_gradient(j, n, r, r->c.one_minus_beta1, r->one_minus_beta1);
        m = fused(r->c.beta1, load_first(r->at.m + j, n), g);
        store_first(r->at.m_next + j, m, n);
    }
    if (r->kind.takes_product) {
        vec p = load_first(r->at.p + j, n), sum = load_first(r->g.dx + j, n);
        store_first(r->g.dx + j, fused(p, r->dy, sum), n);
    }
    vec divisor = root(v) + r->c.eps;
    return (adam_half){r->kind.is_tame ? divisor : limited(divisor), m};
}

/* The step size times the new m, which costs less to read again than to keep; but a part of a
 * vector, read again, would wait for the pieces that it was stored in. */
INLINE vec adam_numerator(size_t j, size_t n, const adam_row *r, vec m)
{
    if (r->kind.has_m)
        return r->c.step * (n == LANES ? load(r->at.m_next + j) : m);
    return times_gradient(j, n, r, r->c.step, r->step);
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

/* The row whose first weight is element i of the places. */
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
                      .step = scale * c->step,
                      .dy = fill(g.dy),
                      .g = g,
                      .at = at,
                      .c = *c,
                      .kind = kind};
}

INLINE adam_gradient row_gradient(const sg_rows *g, size_t i)
{
    line x = line_of(g, i);
    return (adam_gradient){.scale = x.scale, .x = x.row};
}

/* ---- any gradient ---- */

INLINE void adam_rows(size_t rows, size_t cols, const adam_numbers *numbers, const sg_rows *g,
                      adam_places at, adam_kind kind)
{
    const adam_numbers c = *numbers; /* in registers: stores cannot change it */
    adam_waiting w = {.exists = false};
    for (size_t i = 0; i < rows; i++) {
        const adam_row r = adam_row_at(i * cols, row_gradient(g, i), &c, at, kind);
        do_row(cols, &r, &w);
    }
    finish_waiting(&w);
}

/* Short rows are formed, many at a time, and taken as one row. */
enum { FORMED = 4096 };
INLINE void adam_short_rows(size_t rows, size_t cols, const adam_numbers *numbers, const sg_rows *g,
                            adam_places at, adam_kind kind)
{
    const adam_numbers c = *numbers;
    const size_t at_once = FORMED / cols;
    real padded[SHORT + LANES] = {0}, formed[FORMED + LANES];
    memcpy(padded, g->row, cols * sizeof(real));
    for (size_t i = 0; i < rows; i += at_once) {
        size_t end = rows - i < at_once ? rows : i + at_once;
        form_rows(formed, padded, g, i, end, cols);
        adam_waiting w = {.exists = false};
        const adam_gradient one = {.scale = 1, .x = formed};
        const adam_row r = adam_row_at(i * cols, one, &c, at, kind);
        do_row((end - i) * cols, &r, &w);
        finish_waiting(&w);
    }
}

INLINE void adam_all(size_t rows, size_t cols, const adam_numbers *c, const sg_rows *g,
                     adam_places at, adam_kind kind)
{
    bool is_short = has_short_rows(rows, cols, g);
    flatten(&rows, &cols, g);
    if (is_short)
        adam_short_rows(rows, cols, c, g, at, kind);
    else
        adam_rows(rows, cols, c, g, at, kind);
}

/* ---- outer products of long rows: most of the time of a step ----
 * Where no element of x and no scale is beyond 2^10, and eps, over the root scale, at least 2^-32
 * (as 1e-8 is for a beta2 of up to 0.999, in the first step, too), g^2 is the product of two
 * squares, of which those of x are made once for all rows: what is lost where one of them
 * underflows is less than 2^-106 of v', or 2^-21 eps of its root. And no second moment overflows
 * there, so that nothing has to be limited (one that was infinite before gives NaN). float64's time
 * goes into divisions: its rows are all done as any. */

#if BITS == 32
enum { TAME_COLS = 4096 };
#define TAME_LARGEST 0x1p10f
#define TAME_EPS 0x1p-32f

INLINE bool is_tame(real number) { return number <= TAME_LARGEST && number >= -TAME_LARGEST; }

INLINE bool all_lanes(mask m)
{
    bits_of lanes[LANES], all = -1;
    memcpy(lanes, &m, sizeof m);
    for (size_t k = 0; k < LANES; k++)
        all &= lanes[k];
    return all != 0;
}

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
#else
enum { TAME_COLS = 1 };
#define TAME_EPS INFINITY

INLINE bool is_tame(__attribute__((unused)) real number) { return false; }
INLINE bool make_squares(__attribute__((unused)) size_t cols, __attribute__((unused)) const real *x,
                         __attribute__((unused)) real squares[TAME_COLS])
{
    return false;
}
#endif

typedef struct {
    size_t rows, cols;
    const sg_rows *g;
    const adam_numbers *c;
    adam_places at;
    const real *squares; /* where x is tame, else NULL */
    const real *dy;      /* of a product, like dx */
    real *dx;
} adam_outer;

INLINE adam_row outer_row(size_t i, const adam_outer *o, const adam_numbers *c, adam_kind kind)
{
    adam_gradient g = row_gradient(o->g, i);
    g.squares = o->squares, g.dx = o->dx;
    if (kind.takes_product)
        g.dy = o->dy[i];
    return adam_row_at(i * o->cols, g, c, o->at, kind);
}

/* Row i and those that follow, up to one that is not tame: its number is returned. */
INLINE size_t adam_tame_rows(size_t i, const adam_outer *o, adam_kind kind)
{
    const adam_numbers c = *o->c;
    adam_waiting w = {.exists = false};
    kind.is_tame = true;
    for (; i < o->rows; i++) {
        const adam_row r = outer_row(i, o, &c, kind);
        if (!is_tame(r.g.scale))
            break;
        do_row(o->cols, &r, &w);
    }
    finish_waiting(&w);
    return i;
}

INLINE void adam_wild_row(size_t i, const adam_outer *o, adam_kind kind)
{
    const adam_row r = outer_row(i, o, o->c, kind);
    adam_waiting w = {.exists = false};
    do_row(o->cols, &r, &w);
    finish_waiting(&w);
}

INLINE void adam_outer_rows(const adam_outer *o, adam_kind kind)
{
    if (kind.takes_product)
        memset(o->dx, 0, o->cols * sizeof(real));
    for (size_t i = 0; i < o->rows; i++) {
        if (o->squares)
            i = adam_tame_rows(i, o, kind);
        if (i < o->rows)
            adam_wild_row(i, o, kind);
    }
}

static void adam_outer_kernel(size_t rows, size_t cols, const adam_numbers *c, const sg_rows *g,
                              adam_places at, const sg_product *product)
{
    real squares[TAME_COLS];
    bool x_is_tame = c->eps[0] >= (real)TAME_EPS && make_squares(cols, g->row, squares);
    adam_outer o = {rows, cols, g, c, at, .squares = x_is_tame ? squares : NULL};
    if (at.m) {
        adam_outer_rows(&o, (adam_kind){.has_m = true});
    } else if (product) {
        o.dy = product->dy, o.dx = product->dx;
        adam_outer_rows(&o, (adam_kind){.takes_product = true});
    } else {
        adam_outer_rows(&o, (adam_kind){0});
    }
}

/* ---- the kernel ---- */

static adam_numbers adam_numbers_of(const sg_adam_numbers *c)
{
    return (adam_numbers){.beta1 = fill((real)c->beta1),
                          .one_minus_beta1 = fill((real)(1 - c->beta1)),
                          .beta2 = fill((real)c->beta2),
                          .root = fill((real)sqrt(1 - c->beta2)),
                          .step = fill((real)(c->step_size / c->root_scale * QUOTIENT_SCALE)),
                          .eps = fill((real)(c->eps / c->root_scale)),
                          .l2 = fill((real)c->l2),
                          .decay = fill((real)c->decay)};
}

static void adam_kernel(size_t rows, size_t cols, const sg_adam_numbers *numbers, const sg_rows *g,
                        const void *p, const void *m, const void *v, void *p_next, void *m_next,
                        void *v_next, const sg_product *product)
{
    const adam_places at = {p, m, v, p_next, m_next, v_next};
    const adam_numbers c = adam_numbers_of(numbers);
    bool decays = numbers->l2 != 0 || numbers->decay != 1;
    bool is_outer = rows && g->scale && !g->row_step && !decays && !has_short_rows(rows, cols, g);
    if (product && (m || !is_outer))
        matvec_t_kernel(rows, cols, p, product->dy, NULL, product->dx);
    if (is_outer)
        adam_outer_kernel(rows, cols, &c, g, at, product);
    else if (m && decays)
        adam_all(rows, cols, &c, g, at, (adam_kind){.has_m = true, .decays = true});
    else if (m)
        adam_all(rows, cols, &c, g, at, (adam_kind){.has_m = true});
    else if (decays)
        adam_all(rows, cols, &c, g, at, (adam_kind){.decays = true});
    else
        adam_all(rows, cols, &c, g, at, (adam_kind){0});
}
