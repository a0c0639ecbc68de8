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

enum { SHORT = 8 * LANES };
typedef struct {
    real x[SHORT]; /* the row, with zeros behind */
    real values[2][SG_TRACE_ROWS * SHORT + SHORT];
} block;

INLINE bool has_short_rows(size_t rows, size_t cols, const sg_rows *x)
{
    return rows > 1 && x->scale && !x->row_step && cols % LANES && cols < SHORT;
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
        store_first(r->dx + j, load_first(r->dx + j, n) + before * r->dy, n);
    store_first(r->y + j, before + r->scale * load_first(r->x + j, n), n);
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
    vec next = r->decay * load_first(r->z + j, n) + r->scale * load_first(r->g + j, n);
    *total += magnitude(next);
    store_first(r->z_next + j, next, n);
}

INLINE void trace_row(size_t n, traced_row r, vec total[4])
{
    size_t j = 0;
    for (; j + 4 * LANES <= n; j += 4 * LANES)
        for (size_t k = 0; k < 4; k++)
            trace_at(j + k * LANES, LANES, &r, &total[k]);
    for (; j + LANES <= n; j += LANES)
        trace_at(j, LANES, &r, &total[0]);
    if (j < n)
        trace_at(j, n - j, &r, &total[1]);
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
        vec total[4] = {{0}, {0}, {0}, {0}}; /* four chains of additions, for their latency */
        for (size_t k = 0; k < lines; k++) {
            one_row row = is_short ? take(&b, i, rows, cols, g) : row_of(g, i + k);
            r.scale = fill(row.scale), r.g = row.row;
            trace_row(length, r, total);
            r.z += length, r.z_next += length;
        }
        ((real *)sums)[i / SG_TRACE_ROWS] = lane_sum((total[0] + total[1]) + (total[2] + total[3]));
    }
}

/* ---- Adam ----
 * With r = sqrt(1 - beta2) and s = root_scale, the step is
 *   v' = beta2 v + (r g)^2,   p' = p - (step_size / s) m' / (sqrt(v') + eps / s):
 * the same numbers to rounding, in fewer operations. Roots, divisions and products share few units,
 * and these loops are bound by them. */

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

/* A row: its gradient is scale * x; dx takes in dy times its weights. Without first moment and
 * decay the scale is worked into two other numbers. */
typedef struct {
    vec scale, root, step, dy;
    const real *x;
    real *dx;
} adam_row;

/* n elements of a row from column j on. */
INLINE void adam_at(size_t j, size_t n, const adam_numbers *c, const adam_row *r, adam_places at,
                    adam_kind kind)
{
    bool plain = !kind.has_m && !kind.decays;
    vec x = load_first(r->x + j, n), p = load_first(at.p + j, n);
    vec g = kind.decays ? r->scale * x + c->l2 * p : r->scale * x;
    vec root_g = plain ? r->root * x : c->root * g;
    vec v = c->beta2 * load_first(at.v + j, n) + root_g * root_g;
    vec m = kind.has_m ? c->beta1 * load_first(at.m + j, n) + c->one_minus_beta1 * g : g;
    vec step = plain ? r->step * x : c->step * m;
    if (kind.takes_product)
        store_first(r->dx + j, load_first(r->dx + j, n) + p * r->dy, n);
    p = (kind.decays ? c->decay * p : p) - step * inverse(root(v) + c->eps);
    store_first(at.p_next + j, p, n);
    store_first(at.v_next + j, v, n);
    if (kind.has_m)
        store_first(at.m_next + j, m, n);
}

/* Row i of the places, `cols` long. */
INLINE void adam_one_row(size_t i, size_t cols, const adam_numbers *c, one_row g, adam_places at,
                         adam_kind kind, vec dy, real *dx)
{
    vec scale = fill(g.scale);
    const adam_row r = {scale, scale * c->root, scale * c->step, dy, g.row, dx};
    at.p += i, at.v += i, at.p_next += i, at.v_next += i;
    if (kind.has_m)
        at.m += i, at.m_next += i;
    size_t j = 0;
    for (; j + LANES <= cols; j += LANES)
        adam_at(j, LANES, c, &r, at, kind);
    if (j < cols)
        adam_at(j, cols - j, c, &r, at, kind);
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
    if (m)
        adam_all(rows, cols, &c, g, at, (adam_kind){.has_m = true, .decays = true});
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

/* A row: its gradient is scale * x. */
typedef struct {
    vec scale;
    const real *x, *v, *z;
    real *v_next, *direction;
} rms_row;

/* n elements from column j on; the sums of their lanes are added to total. */
INLINE void rms_at(size_t j, size_t n, const rms_numbers *c, const rms_row *r,
                   vec total[SG_RMS_SUMS])
{
    vec g = r->scale * load_first(r->x + j, n), z = load_first(r->z + j, n), root_g = c->root * g;
    vec v = c->beta2 * load_first(r->v + j, n) + root_g * root_g;
    vec rho = inverse(root(v * c->correction + c->eps_inside) + c->eps);
    vec along = z * rho;
    /* what lies beyond a row is 0, 0, 0: it may give 0 / 0, and must not be summed up */
    total[0] += first_lanes(g * g * rho, n);
    total[1] += first_lanes(z * along, n);
    total[2] += first_lanes(magnitude(along), n);
    store_first(r->v_next + j, v, n);
    store_first(r->direction + j, along, n);
}

INLINE void rms_of_row(size_t n, const rms_numbers *c, rms_row r, vec total[SG_RMS_SUMS])
{
    size_t j = 0;
    for (; j + LANES <= n; j += LANES)
        rms_at(j, LANES, c, &r, total);
    if (j < n)
        rms_at(j, n - j, c, &r, total);
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
    rms_numbers c = rms_numbers_of(numbers);
    rms_row r = {.v = v, .z = z, .v_next = v_next, .direction = direction};
    bool is_short = has_short_rows(rows, cols, g);
    if (is_short)
        start_block(&b, rows, cols, g);
    for (size_t i = 0; i < rows; i += SG_TRACE_ROWS) {
        size_t count = rows - i < SG_TRACE_ROWS ? rows - i : SG_TRACE_ROWS;
        size_t lines = is_short ? 1 : count, length = is_short ? count * cols : cols;
        vec total[SG_RMS_SUMS] = {{0}, {0}, {0}};
        for (size_t k = 0; k < lines; k++) {
            one_row row = is_short ? take(&b, i, rows, cols, g) : row_of(g, i + k);
            r.scale = fill(row.scale), r.x = row.row;
            rms_of_row(length, &c, r, total);
            r.v += length, r.z += length, r.v_next += length, r.direction += length;
        }
        for (size_t k = 0; k < SG_RMS_SUMS; k++)
            ((real *)sums)[i / SG_TRACE_ROWS * SG_RMS_SUMS + k] = lane_sum(total[k]);
    }
}
