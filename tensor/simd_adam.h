/* simd_adam.h - one Adam step; part of the one vector source (kernels_simd.h).
 *
 * With r = sqrt(1 - beta2) and s = root_scale, the step is
 *   v' = beta2 v + (r g)^2,   p' = p - (step_size / s) m' / (sqrt(v') + eps / s):
 * the same numbers to rounding, in fewer operations. Roots, divisions and products share few units,
 * and these loops are bound by them. */

#if BITS == 32
/* 1 / x for normal x > 0 up to 2^125, within 1 unit in the last place, in products: divisions and
 * roots share one slow unit. The bits of x subtracted from a constant are a first guess, within
 * 5.2 %; a Newton step whose constants fit all guesses leaves 0.13 %, a step of third order 2^-28.
 */
INLINE vec inverse(vec x)
{
    x = SMALLER(fill(0x1p125f), x); /* the guess has to be a normal number; NaN stays */
    vec r = (vec)(0x7ef33400 - (mask)x);
    r = r * fused_minus(x, r, fill(2.0013f));
    vec error = fused_minus(x, r, fill(1));
    return fused(r, fused(error, error, error), r);
}
#else
INLINE vec inverse(vec x) { return 1 / x; }
#endif

typedef struct {
    vec beta1, one_minus_beta1, beta2, root, step, eps, l2, decay;
} adam_numbers;

/* What an update does; constants where it is inlined. */
typedef struct {
    bool has_m, decays, takes_product;
} adam_kind;

/* Where values lie; m and m_next may be NULL. */
typedef struct {
    const real *p, *m, *v;
    real *p_next, *m_next, *v_next;
} adam_places;

/* A row: its gradient is scale * x; dx takes in dy times its weights. Where nothing decays, the
 * scale is worked into the numbers that gradients are multiplied by. */
typedef struct {
    vec scale, root, one_minus_beta1, step, dy;
    line x;
    real *dx;
    adam_places at;
    adam_numbers c;
    adam_kind kind;
} adam_row;

/* What the second half of a step takes from the first: the new m, or the elements of x where there
 * is none, and what the step is divided by. Most of x and m is read again, which costs less. */
typedef struct {
    vec kept, divisor;
} adam_half;

/* The gradient of x times `number`; `scaled` is scale times this. */
INLINE vec adam_gradient(vec x, size_t j, size_t n, const adam_row *r, vec number, vec scaled)
{
    return r->kind.decays ? number * fused(r->c.l2, load_first(r->at.p + j, n), r->scale * x)
                          : scaled * x;
}

/* n elements from column j on: the new v and m, and the share of a product: all that needs no root
 * fills the time that roots take. */
INLINE adam_half adam_first_half(size_t j, size_t n, const adam_row *r)
{
    vec x = elements(j, n, &r->x), kept = x;
    vec root_g = adam_gradient(x, j, n, r, r->c.root, r->root);
    vec v = fused(r->c.beta2, load_first(r->at.v + j, n), root_g * root_g);
    store_first(r->at.v_next + j, v, n);
    if (r->kind.has_m) {
        vec g = adam_gradient(x, j, n, r, r->c.one_minus_beta1, r->one_minus_beta1);
        kept = fused(r->c.beta1, load_first(r->at.m + j, n), g);
        store_first(r->at.m_next + j, kept, n);
    }
    if (r->kind.takes_product) {
        vec p = load_first(r->at.p + j, n);
        store_first(r->dx + j, fused(p, r->dy, load_first(r->dx + j, n)), n);
    }
    return (adam_half){kept, root(v) + r->c.eps};
}

/* The step size times the new m. A part of a vector, read again, would wait for the pieces that it
 * was stored in. */
INLINE vec adam_numerator(size_t j, size_t n, const adam_row *r, vec kept)
{
    if (r->kind.has_m)
        return r->c.step * (n == LANES ? load(r->at.m_next + j) : kept);
    vec x = r->x.number ? kept : elements(j, n, &r->x);
    return adam_gradient(x, j, n, r, r->c.step, r->step);
}

/* The new p. */
INLINE void adam_second_half(size_t j, size_t n, const adam_row *r, adam_half h)
{
    vec step = adam_numerator(j, n, r, h.kept), p = load_first(r->at.p + j, n);
    p = fused_minus(step, inverse(h.divisor), r->kind.decays ? r->c.decay * p : p);
    store_first(r->at.p_next + j, p, n);
}

/* Second halves come some vectors after their first ones, also over the end of a line: a root takes
 * long, and what waits for it would keep other work out of the processor. */
enum { AHEAD = 4, GROUP = AHEAD * LANES };

/* The group of vectors whose second halves are still to come: from column j of a line on. */
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

/* A line's first group, with the second halves of what waits from the line before. */
INLINE void begin_line(const adam_row *r, adam_waiting *w)
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
INLINE void adam_line(size_t length, const adam_row *r, adam_waiting *w)
{
    size_t j = 0;
    if (GROUP <= length) {
        begin_line(r, w);
        for (j = GROUP; j + GROUP <= length; j += GROUP)
            adam_group(j, r, r, w);
    }
    for (; j + LANES <= length; j += LANES)
        adam_second_half(j, LANES, r, adam_first_half(j, LANES, r));
    if (j < length)
        adam_second_half(j, length - j, r, adam_first_half(j, length - j, r));
}

/* The line `x` at element i of the places. */
INLINE adam_row adam_row_at(size_t i, line x, const adam_numbers *c, adam_places at, adam_kind kind,
                            vec dy, real *dx)
{
    vec scale = fill(x.scale);
    at.p += i, at.v += i, at.p_next += i, at.v_next += i;
    if (kind.has_m)
        at.m += i, at.m_next += i;
    return (adam_row){.scale = scale,
                      .root = scale * c->root,
                      .one_minus_beta1 = scale * c->one_minus_beta1,
                      .step = scale * c->step,
                      .dy = dy,
                      .x = x,
                      .dx = dx,
                      .at = at,
                      .c = *c,
                      .kind = kind};
}

INLINE void adam_rows(size_t rows, size_t cols, const adam_numbers *numbers, const sg_rows *g,
                      adam_places at, adam_kind kind, const sg_product *product)
{
    const adam_numbers c = *numbers; /* in registers: stores cannot change it */
    adam_waiting w = {.exists = false};
    real *dx = kind.takes_product ? product->dx : NULL;
    if (dx)
        memset(dx, 0, cols * sizeof(real));
    for (size_t i = 0; i < rows; i++) {
        vec dy = dx ? fill(((const real *)product->dy)[i]) : (vec){0};
        const adam_row r = adam_row_at(i * cols, line_of(g, i), &c, at, kind, dy, dx);
        adam_line(cols, &r, &w);
    }
    finish_waiting(&w);
}

INLINE void adam_short_rows(size_t rows, size_t cols, const adam_numbers *numbers, const sg_rows *g,
                            adam_places at, adam_kind kind)
{
    const adam_numbers c = *numbers;
    adam_waiting w = {.exists = false};
    pattern p;
    vec scales[SCALES]; /* written anew while second halves wait, which have their elements */
    write_pattern(&p, rows, cols, g);
    for (size_t i = 0; i < rows; i += SG_TRACE_ROWS) {
        size_t count = rows - i < SG_TRACE_ROWS ? rows - i : SG_TRACE_ROWS;
        line x = line_of_rows(&p, g, i, rows, cols, scales);
        const adam_row r = adam_row_at(i * cols, x, &c, at, kind, (vec){0}, NULL);
        adam_line(count * cols, &r, &w);
    }
    finish_waiting(&w);
}

/* Of a kind without product. */
INLINE void adam_all(size_t rows, size_t cols, const adam_numbers *c, const sg_rows *g,
                     adam_places at, adam_kind kind)
{
    bool is_short = has_short_rows(rows, cols, g);
    flatten(&rows, &cols, g);
    if (is_short)
        adam_short_rows(rows, cols, c, g, at, kind);
    else
        adam_rows(rows, cols, c, g, at, kind, NULL);
}

static adam_numbers adam_numbers_of(const sg_adam_numbers *c)
{
    return (adam_numbers){.beta1 = fill((real)c->beta1),
                          .one_minus_beta1 = fill((real)(1 - c->beta1)),
                          .beta2 = fill((real)c->beta2),
                          .root = fill((real)sqrt(1 - c->beta2)),
                          .step = fill((real)(c->step_size / c->root_scale)),
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
    bool is_frequent = g->scale && !m && !decays && !has_short_rows(rows, cols, g);
    if (product && is_frequent) {
        adam_rows(rows, cols, &c, g, at, (adam_kind){.takes_product = true}, product);
        return;
    }
    if (product)
        matvec_t_kernel(rows, cols, p, product->dy, NULL, product->dx);
    if (m && decays)
        adam_all(rows, cols, &c, g, at, (adam_kind){.has_m = true, .decays = true});
    else if (m)
        adam_all(rows, cols, &c, g, at, (adam_kind){.has_m = true});
    else if (decays)
        adam_all(rows, cols, &c, g, at, (adam_kind){.decays = true});
    else
        adam_all(rows, cols, &c, g, at, (adam_kind){0});
}
