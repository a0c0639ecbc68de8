/* simd_update.h - kernels that read a matrix row by row without its being formed (sg_rows); part of
 * the one vector source (kernels_simd.h). */

/* A row of the operand: scale * row[j]. */
typedef struct {
    real scale;
    const real *row;
} one_row;

INLINE one_row row_of(const sg_rows *x, size_t i)
{
    real scale = x->scale ? (real)x->factor * ((const real *)x->scale)[i] : (real)x->factor;
    return (one_row){scale, (const real *)x->row + i * x->row_step};
}

/* A stored matrix is one long row. */
INLINE void flatten(size_t *rows, size_t *cols, const sg_rows *x)
{
    if (!x->scale && (x->row_step == *cols || *rows == 1)) {
        *cols *= *rows;
        *rows = *cols ? 1 : 0;
    }
}

static void materialize_kernel(size_t rows, size_t cols, const sg_rows *x, void *y)
{
    flatten(&rows, &cols, x);
    for (size_t i = 0; i < rows; i++) {
        one_row r = row_of(x, i);
        affine_kernel(cols, r.row, r.scale, 0, (real *)y + i * cols);
    }
}

/* ---- short rows ----
 * Rows that do not fill whole vectors, as those of a first layer, would be spent on partial ones.
 * An outer product of such rows is formed for a few of them at a time, in the nearest cache, and
 * read as one long row. */

enum { SHORT = 8 * WIDE };
typedef struct {
    real x[SHORT]; /* the row, with zeros behind */
    real values[2][SG_TRACE_ROWS * SHORT + SHORT];
} block;

INLINE bool has_short_rows(size_t rows, size_t cols, const sg_rows *x)
{
    return rows > 1 && x->scale && !x->row_step && cols % WIDE && cols < SHORT;
}

/* SG_TRACE_ROWS rows from row i on, or what there is of them. Each store reaches over into the next
 * row, which follows. */
INLINE void form(block *b, size_t i, size_t rows, size_t cols, const sg_rows *x)
{
    real *to = b->values[i / SG_TRACE_ROWS % 2];
    for (size_t r = i; r < rows && r < i + SG_TRACE_ROWS; r++, to += cols) {
        vec scale = fill(row_of(x, r).scale);
        for (size_t j = 0; j < cols; j += LANES)
            store(to + j, scale * load(b->x + j));
    }
}

static void start_block(block *b, size_t rows, size_t cols, const sg_rows *x)
{
    memset(b->x, 0, sizeof b->x);
    memcpy(b->x, x->row, cols * sizeof(real));
    form(b, 0, rows, cols, x);
}

/* Rows i .. i + SG_TRACE_ROWS - 1 as one long row. The next ones are formed now: what was just
 * stored by other vectors than it is loaded by has to wait. */
INLINE one_row take(block *b, size_t i, size_t rows, size_t cols, const sg_rows *x)
{
    form(b, i + SG_TRACE_ROWS, rows, cols, x);
    return (one_row){1, b->values[i / SG_TRACE_ROWS % 2]};
}

/* ---- y = a + c x ---- */

/* A row of it; dx, unless NULL, takes in the row's share of a product, dy times a. */
typedef struct {
    vec scale, dy;
    const real *x, *a;
    real *y, *dx;
} scaled_row;

/* n elements from column j on. */
INLINE void add_scaled_at(size_t j, size_t n, const scaled_row *r)
{
    vec before = load_first(r->a + j, n);
    if (r->dx)
        store_first(r->dx + j, fused(before, r->dy, load_first(r->dx + j, n)), n);
    store_first(r->y + j, fused(r->scale, load_first(r->x + j, n), before), n);
}

INLINE void add_scaled_row(size_t n, scaled_row r)
{
    size_t j = 0;
    for (; j + LANES <= n; j += LANES)
        add_scaled_at(j, LANES, &r);
    if (j < n)
        add_scaled_at(j, n - j, &r);
}

static void add_scaled_short_rows(size_t rows, size_t cols, const real *a, real c, const sg_rows *x,
                                  real *y)
{
    block b;
    start_block(&b, rows, cols, x);
    for (size_t i = 0; i < rows; i += SG_TRACE_ROWS) {
        size_t count = rows - i < SG_TRACE_ROWS ? rows - i : SG_TRACE_ROWS;
        one_row row = take(&b, i, rows, cols, x);
        add_scaled_row(count * cols, (scaled_row){.scale = fill(c * row.scale),
                                                  .x = row.row,
                                                  .a = a + i * cols,
                                                  .y = y + i * cols});
    }
}

static void add_scaled_kernel(size_t rows, size_t cols, const void *a, double c, const sg_rows *x,
                              void *y, const sg_product *product)
{
    bool is_short = has_short_rows(rows, cols, x);
    real *dx = product && x->scale && !is_short ? product->dx : NULL; /* in the same pass */
    if (product && !dx)
        matvec_t_kernel(rows, cols, a, cols, product->dy, product->dx);
    if (is_short) {
        add_scaled_short_rows(rows, cols, a, (real)c, x, y);
        return;
    }
    flatten(&rows, &cols, x);
    if (dx)
        memset(dx, 0, cols * sizeof(real));
    for (size_t i = 0; i < rows; i++) {
        one_row row = row_of(x, i);
        scaled_row r = {.scale = fill((real)c * row.scale),
                        .x = row.row,
                        .a = (const real *)a + i * cols,
                        .y = (real *)y + i * cols};
        if (dx) {
            r.dx = dx, r.dy = fill(((const real *)product->dy)[i]);
            add_scaled_row(cols, r);
        } else
            add_scaled_row(cols, r);
    }
}

/* ---- z' = decay z + g, and the sum of |z'| ---- */

typedef struct {
    vec decay, scale;
    const real *g, *z;
    real *z_next;
} traced_row;

INLINE void trace_at(size_t j, size_t n, const traced_row *r, vec *total)
{
    vec fresh = r->scale * load_first(r->g + j, n);
    vec next = fused(r->decay, load_first(r->z + j, n), fresh);
    /* what lies beyond a row is 0, which an infinite scale makes undefined */
    *total += first_lanes(magnitude(next), n);
    store_first(r->z_next + j, next, n);
}

INLINE void trace_row(size_t n, traced_row r, vec total[FOUR])
{
    size_t j = 0;
    for (; j + 4 * WIDE <= n; j += 4 * WIDE) {
        UNROLL
        for (size_t k = 0; k < FOUR; k++)
            trace_at(j + k * LANES, LANES, &r, &total[k]);
    }
    for (; j + WIDE <= n; j += WIDE) {
        UNROLL
        for (size_t k = 0; k < PARTS; k++)
            trace_at(j + k * LANES, LANES, &r, &total[k]);
    }
    UNROLL
    for (size_t k = 0; k < PARTS; k++)
        if (part_of(n - j, k))
            trace_at(j + k * LANES, part_of(n - j, k), &r, &total[PARTS + k]);
}

static void trace_kernel(size_t rows, size_t cols, double decay, const sg_rows *g, const void *z,
                         void *z_next, void *sums)
{
    block b;
    traced_row r = {.decay = fill((real)decay), .z = (const real *)z, .z_next = (real *)z_next};
    bool is_short = has_short_rows(rows, cols, g);
    if (is_short)
        start_block(&b, rows, cols, g);
    for (size_t i = 0; i < rows; i += SG_TRACE_ROWS) {
        size_t count = rows - i < SG_TRACE_ROWS ? rows - i : SG_TRACE_ROWS;
        size_t lines = is_short ? 1 : count, length = is_short ? count * cols : cols;
        vec total[FOUR] = {{0}}; /* chains of additions, for their latency */
        for (size_t k = 0; k < lines; k++) {
            one_row row = is_short ? take(&b, i, rows, cols, g) : row_of(g, i + k);
            r.scale = fill(row.scale), r.g = row.row;
            trace_row(length, r, total);
            r.z += length, r.z_next += length;
        }
        ((real *)sums)[i / SG_TRACE_ROWS] = lane_sum_of_four(total);
    }
}

/* ---- Adam ----
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
    const real *x;
    real *dx;
    adam_places at;
    adam_numbers c;
    adam_kind kind;
} adam_row;

/* The gradient times `number`; `scaled` is scale times this. */
INLINE vec adam_gradient(size_t j, size_t n, const adam_row *r, vec number, vec scaled)
{
    vec x = load_first(r->x + j, n);
    return r->kind.decays ? number * fused(r->c.l2, load_first(r->at.p + j, n), r->scale * x)
                          : scaled * x;
}

/* The first half of n elements' step, from column j on: the new v, and what steps are divided by.
 */
INLINE vec adam_divisor(size_t j, size_t n, const adam_row *r)
{
    vec root_g = adam_gradient(j, n, r, r->c.root, r->root);
    vec v = fused(r->c.beta2, load_first(r->at.v + j, n), root_g * root_g);
    store_first(r->at.v_next + j, v, n);
    return root(v) + r->c.eps;
}

/* The second half: the new m and p. */
INLINE void adam_move(size_t j, size_t n, const adam_row *r, vec divisor)
{
    vec p = load_first(r->at.p + j, n), step;
    if (r->kind.has_m) {
        vec g = adam_gradient(j, n, r, r->c.one_minus_beta1, r->one_minus_beta1);
        vec m = fused(r->c.beta1, load_first(r->at.m + j, n), g);
        store_first(r->at.m_next + j, m, n);
        step = r->c.step * m;
    } else
        step = adam_gradient(j, n, r, r->c.step, r->step);
    if (r->kind.takes_product)
        store_first(r->dx + j, fused(p, r->dy, load_first(r->dx + j, n)), n);
    p = fused_minus(step, inverse(divisor), r->kind.decays ? r->c.decay * p : p);
    store_first(r->at.p_next + j, p, n);
}

/* Second halves come some vectors after their first ones: a root takes long, and what waits for it
 * would keep other work out of the processor. */
INLINE void adam_in_halves(size_t cols, const adam_row *r)
{
    enum { AHEAD = 4, GROUP = AHEAD * LANES };
    vec divisor[AHEAD];
    size_t j = 0;
    if (GROUP <= cols) {
        UNROLL
        for (size_t k = 0; k < AHEAD; k++)
            divisor[k] = adam_divisor(k * LANES, LANES, r);
        for (; j + 2 * GROUP <= cols; j += GROUP) {
            UNROLL
            for (size_t k = 0; k < AHEAD; k++) {
                vec next = adam_divisor(j + GROUP + k * LANES, LANES, r);
                adam_move(j + k * LANES, LANES, r, divisor[k]);
                divisor[k] = next;
            }
        }
        UNROLL
        for (size_t k = 0; k < AHEAD; k++)
            adam_move(j + k * LANES, LANES, r, divisor[k]);
        j += GROUP;
    }
    for (; j + LANES <= cols; j += LANES)
        adam_move(j, LANES, r, adam_divisor(j, LANES, r));
    if (j < cols)
        adam_move(j, cols - j, r, adam_divisor(j, cols - j, r));
}

/* The row at element i of the places, `cols` long. */
INLINE void adam_one_row(size_t i, size_t cols, const adam_numbers *c, one_row g, adam_places at,
                         adam_kind kind, vec dy, real *dx)
{
    vec scale = fill(g.scale);
    at.p += i, at.v += i, at.p_next += i, at.v_next += i;
    if (kind.has_m)
        at.m += i, at.m_next += i;
    const adam_row r = {.scale = scale,
                        .root = scale * c->root,
                        .one_minus_beta1 = scale * c->one_minus_beta1,
                        .step = scale * c->step,
                        .dy = dy,
                        .x = g.row,
                        .dx = dx,
                        .at = at,
                        .c = *c,
                        .kind = kind};
    adam_in_halves(cols, &r);
}

INLINE void adam_rows(size_t rows, size_t cols, const adam_numbers *numbers, const sg_rows *g,
                      adam_places at, adam_kind kind, const sg_product *product)
{
    const adam_numbers c = *numbers; /* in registers: stores cannot change it */
    if (kind.takes_product)
        memset(product->dx, 0, cols * sizeof(real));
    for (size_t i = 0; i < rows; i++) {
        vec dy = kind.takes_product ? fill(((const real *)product->dy)[i]) : (vec){0};
        adam_one_row(i * cols, cols, &c, row_of(g, i), at, kind, dy,
                     kind.takes_product ? product->dx : NULL);
    }
}

INLINE void adam_short_rows(size_t rows, size_t cols, const adam_numbers *numbers, const sg_rows *g,
                            adam_places at, adam_kind kind)
{
    const adam_numbers c = *numbers;
    block b;
    start_block(&b, rows, cols, g);
    for (size_t i = 0; i < rows; i += SG_TRACE_ROWS) {
        size_t count = rows - i < SG_TRACE_ROWS ? rows - i : SG_TRACE_ROWS;
        adam_one_row(i * cols, count * cols, &c, take(&b, i, rows, cols, g), at, kind, (vec){0},
                     NULL);
    }
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
        matvec_t_kernel(rows, cols, p, cols, product->dy, product->dx);
    if (m && decays)
        adam_all(rows, cols, &c, g, at, (adam_kind){.has_m = true, .decays = true});
    else if (m)
        adam_all(rows, cols, &c, g, at, (adam_kind){.has_m = true});
    else if (decays)
        adam_all(rows, cols, &c, g, at, (adam_kind){.decays = true});
    else
        adam_all(rows, cols, &c, g, at, (adam_kind){0});
}

/* ---- directions preconditioned by root mean squares ---- */

/* As sg_rms_numbers, in vectors; root is sqrt(1 - beta2). */
typedef struct {
    vec beta2, root, correction, eps_inside, eps;
} rms_numbers;

/* A row: its gradient is scale * x, root * x is sqrt(1 - beta2) times that. The sums of lanes are
 * added to three blocks. */
typedef struct {
    vec scale, root;
    const real *x, *v, *z;
    real *v_next, *direction;
    rms_numbers c;
    vec *total;
} rms_row;

/* n elements from column j on, whose vector has place `part` in its block. */
INLINE void rms_at(size_t j, size_t n, size_t part, const rms_row *r)
{
    vec *total = r->total + part;
    vec x = load_first(r->x + j, n), z = load_first(r->z + j, n);
    vec g = r->scale * x, root_g = r->root * x;
    vec v = fused(r->c.beta2, load_first(r->v + j, n), root_g * root_g);
    vec rho = 1 / (root(fused(v, r->c.correction, r->c.eps_inside)) + r->c.eps), along = z * rho;
    store_first(r->v_next + j, v, n);
    store_first(r->direction + j, along, n);
    /* what lies beyond a row is 0, 0, 0: it may give 0 / 0, and must not be summed up */
    total[0] += first_lanes(g * g * rho, n);
    total[PARTS] += first_lanes(z * along, n);
    total[2 * PARTS] += first_lanes(magnitude(along), n);
}

INLINE void rms_of_row(size_t n, const rms_row *r)
{
    size_t j = 0;
    for (; j + WIDE <= n; j += WIDE) {
        UNROLL
        for (size_t k = 0; k < PARTS; k++)
            rms_at(j + k * LANES, LANES, k, r);
    }
    UNROLL
    for (size_t k = 0; k < PARTS; k++)
        if (part_of(n - j, k))
            rms_at(j + k * LANES, part_of(n - j, k), k, r);
}

static rms_numbers rms_numbers_of(const sg_rms_numbers *c)
{
    return (rms_numbers){fill((real)c->beta2), fill((real)sqrt(1 - c->beta2)),
                         fill((real)c->correction), fill((real)c->eps_inside), fill((real)c->eps)};
}

static void rms_direction_kernel(size_t rows, size_t cols, const sg_rms_numbers *numbers,
                                 const sg_rows *g, const void *v, const void *z, void *v_next,
                                 void *direction, void *sums)
{
    block b;
    vec total[SG_RMS_SUMS * PARTS];
    rms_row r = {.v = v,
                 .z = z,
                 .v_next = v_next,
                 .direction = direction,
                 .c = rms_numbers_of(numbers),
                 .total = total};
    bool is_short = has_short_rows(rows, cols, g);
    if (is_short)
        start_block(&b, rows, cols, g);
    for (size_t i = 0; i < rows; i += SG_TRACE_ROWS) {
        size_t count = rows - i < SG_TRACE_ROWS ? rows - i : SG_TRACE_ROWS;
        size_t lines = is_short ? 1 : count, length = is_short ? count * cols : cols;
        UNROLL
        for (size_t k = 0; k < SG_RMS_SUMS * PARTS; k++)
            total[k] = (vec){0};
        for (size_t k = 0; k < lines; k++) {
            one_row row = is_short ? take(&b, i, rows, cols, g) : row_of(g, i + k);
            r.scale = fill(row.scale), r.x = row.row;
            r.root = r.c.root * r.scale;
            rms_of_row(length, &r);
            r.v += length, r.z += length, r.v_next += length, r.direction += length;
        }
        UNROLL
        for (size_t k = 0; k < SG_RMS_SUMS; k++)
            ((real *)sums)[i / SG_TRACE_ROWS * SG_RMS_SUMS + k] = lane_sum(total + k * PARTS);
    }
}
