/* simd_update.h - kernels that read a matrix row by row without its being formed (sg_rows); part of
 * the one vector source (kernels_simd.h). */

/* A row of the operand: scale * row[j]. */
typedef struct {
    REAL scale;
    const REAL *row;
} NAME(one_row);

INLINE NAME(one_row) NAME(row_of)(const sg_rows *x, size_t i)
{
    REAL scale = x->scale ? (REAL)x->factor * ((const REAL *)x->scale)[i] : (REAL)x->factor;
    return (NAME(one_row)){scale, (const REAL *)x->row + i * x->row_step};
}

/* A stored matrix is one long row. */
INLINE void NAME(flatten)(size_t *rows, size_t *cols, const sg_rows *x)
{
    if (!x->scale && (x->row_step == *cols || *rows == 1)) {
        *cols *= *rows;
        *rows = *cols ? 1 : 0;
    }
}

static void NAME(materialize)(size_t rows, size_t cols, const sg_rows *x, void *y)
{
    NAME(flatten)(&rows, &cols, x);
    for (size_t i = 0; i < rows; i++) {
        NAME(one_row) r = NAME(row_of)(x, i);
        NAME(affine)(cols, r.row, r.scale, 0, (REAL *)y + i * cols);
    }
}

/* ---- short rows ----
 * Rows that do not fill whole vectors, as those of a first layer, would be spent on partial ones.
 * An outer product of such rows is formed for a few of them at a time, in the nearest cache, and
 * read as one long row. */

enum { NAME(SHORT) = 8 * LANES };
typedef struct {
    REAL x[NAME(SHORT)]; /* the row, with zeros behind */
    REAL values[SG_TRACE_ROWS * NAME(SHORT) + NAME(SHORT)];
} NAME(block);

INLINE bool NAME(is_short)(size_t rows, size_t cols, const sg_rows *x)
{
    return rows > 1 && x->scale && !x->row_step && cols % LANES && cols < NAME(SHORT);
}

static void NAME(start_block)(NAME(block) * b, size_t cols, const sg_rows *x)
{
    memset(b->x, 0, sizeof b->x);
    memcpy(b->x, x->row, cols * sizeof(REAL));
}

/* Rows i .. i + count - 1 as one long row. Each store reaches over into the next row, which
 * follows.
 */
INLINE NAME(one_row)
    NAME(form)(NAME(block) * b, size_t count, size_t cols, const sg_rows *x, size_t i)
{
    for (size_t r = 0; r < count; r++) {
        VEC scale = NAME(fill)(NAME(row_of)(x, i + r).scale);
        for (size_t j = 0; j < cols; j += LANES)
            NAME(store)(b->values + r * cols + j, scale * NAME(load)(b->x + j));
    }
    return (NAME(one_row)){1, b->values};
}

/* ---- y = a + c x ---- */

INLINE void NAME(add_scaled_row)(size_t n, REAL c, NAME(one_row) r, const REAL *a, REAL *y, VEC dy,
                                 REAL *dx)
{
    VEC scale = NAME(fill)(c * r.scale);
    size_t j = 0;
    for (; j + LANES <= n; j += LANES) {
        VEC before = NAME(load)(a + j);
        if (dx)
            NAME(store)(dx + j, NAME(load)(dx + j) + before * dy);
        NAME(store)(y + j, before + scale * NAME(load)(r.row + j));
    }
    size_t rest = n - j;
    if (!rest)
        return;
    VEC before = NAME(load_part)(a + j, rest);
    if (dx)
        NAME(store_part)(dx + j, NAME(load_part)(dx + j, rest) + before * dy, rest);
    NAME(store_part)(y + j, before + scale * NAME(load_part)(r.row + j, rest), rest);
}

static void NAME(add_scaled)(size_t rows, size_t cols, const void *a_, double c, const sg_rows *x,
                             void *y_, const sg_product *product)
{
    const REAL *a = a_;
    REAL *y = y_;
    if (NAME(is_short)(rows, cols, x)) {
        NAME(block) b;
        if (product)
            NAME(matvec_t)(rows, cols, a, cols, product->dy, product->dx);
        NAME(start_block)(&b, cols, x);
        for (size_t i = 0; i < rows; i += SG_TRACE_ROWS) {
            size_t count = rows - i < SG_TRACE_ROWS ? rows - i : SG_TRACE_ROWS;
            NAME(add_scaled_row)
            (count * cols, (REAL)c, NAME(form)(&b, count, cols, x, i), a + i * cols, y + i * cols,
             (VEC){0}, NULL);
        }
        return;
    }
    if (product && !x->scale) {
        NAME(matvec_t)(rows, cols, a, cols, product->dy, product->dx);
        product = NULL;
    }
    NAME(flatten)(&rows, &cols, x);
    if (product)
        memset(product->dx, 0, cols * sizeof(REAL));
    for (size_t i = 0; i < rows; i++)
        if (product)
            NAME(add_scaled_row)
    (cols, (REAL)c, NAME(row_of)(x, i), a + i * cols, y + i * cols,
     NAME(fill)(((const REAL *)product->dy)[i]), product->dx);
    else NAME(add_scaled_row)(cols, (REAL)c, NAME(row_of)(x, i), a + i * cols, y + i * cols,
                              (VEC){0}, NULL);
}

/* ---- z' = decay z + g, and the sum of |z'| ---- */

INLINE void NAME(trace_row)(size_t n, VEC decay, NAME(one_row) g, const REAL *z, REAL *z_next,
                            VEC total[2])
{
    VEC scale = NAME(fill)(g.scale);
    size_t j = 0;
    for (; j + 2 * LANES <= n; j += 2 * LANES)
        for (size_t k = 0; k < 2; k++) {
            size_t at = j + k * LANES;
            VEC next = decay * NAME(load)(z + at) + scale * NAME(load)(g.row + at);
            total[k] += NAME(magnitude)(next);
            NAME(store)(z_next + at, next);
        }
    if (j + LANES <= n) {
        VEC next = decay * NAME(load)(z + j) + scale * NAME(load)(g.row + j);
        total[0] += NAME(magnitude)(next);
        NAME(store)(z_next + j, next);
        j += LANES;
    }
    size_t rest = n - j;
    if (!rest)
        return;
    VEC next = decay * NAME(load_part)(z + j, rest) + scale * NAME(load_part)(g.row + j, rest);
    total[1] += NAME(magnitude)(next);
    NAME(store_part)(z_next + j, next, rest);
}

static void NAME(trace)(size_t rows, size_t cols, double decay_, const sg_rows *g, const void *z_,
                        void *z_next_, void *sums)
{
    NAME(block) b;
    VEC decay = NAME(fill)((REAL)decay_);
    bool is_short = NAME(is_short)(rows, cols, g);
    if (is_short)
        NAME(start_block)(&b, cols, g);
    for (size_t i = 0; i < rows; i += SG_TRACE_ROWS) {
        const REAL *z = (const REAL *)z_ + i * cols;
        REAL *z_next = (REAL *)z_next_ + i * cols;
        size_t count = rows - i < SG_TRACE_ROWS ? rows - i : SG_TRACE_ROWS;
        VEC total[2] = {{0}, {0}};
        if (is_short)
            NAME(trace_row)
        (count * cols, decay, NAME(form)(&b, count, cols, g, i), z, z_next, total);
        for (size_t r = 0; r < count && !is_short; r++)
            NAME(trace_row)
        (cols, decay, NAME(row_of)(g, i + r), z + r * cols, z_next + r * cols, total);
        ((REAL *)sums)[i / SG_TRACE_ROWS] = NAME(lane_sum)(total[0] + total[1]);
    }
}

/* ---- Adam ----
 * With r = sqrt(1 - beta2) and s = root_scale, the step is
 *   v' = beta2 v + (r g)^2,   p' = p - (step_size / s) m' / (sqrt(v') + eps / s):
 * the same numbers to rounding, in fewer operations. Roots, divisions and products share few units,
 * and these loops are bound by them. */

typedef struct {
    REAL beta1, one_minus_beta1, beta2, root, step, eps, l2, decay;
} NAME(adam_numbers);

/* One vector of everything that a step reads and makes; of a row, scale * x is the gradient. */
typedef struct {
    VEC p, m, v;
} NAME(adam_values);
typedef struct {
    VEC scale, root, step;
} NAME(adam_scales);

/* has_m and decays are constants where this is inlined. */
INLINE NAME(adam_values) NAME(adam_of)(const NAME(adam_numbers) * c, const NAME(adam_scales) * by,
                                       VEC x, NAME(adam_values) at, bool has_m, bool decays)
{
    bool plain = !has_m && !decays; /* then the row's scale is worked into the other numbers */
    VEC g = decays ? by->scale * x + c->l2 * at.p : by->scale * x;
    VEC root_g = plain ? by->root * x : c->root * g;
    at.m = has_m ? c->beta1 * at.m + c->one_minus_beta1 * g : g;
    at.v = c->beta2 * at.v + root_g * root_g;
    VEC step = plain ? by->step * x : c->step * at.m;
    at.p =
        (decays ? c->decay * at.p : at.p) - step * NAME(inverse)(NAME(scaled_root)(at.v) + c->eps);
    return at;
}

/* Where a row's values lie; m and m_next may be NULL. */
typedef struct {
    const REAL *p, *m, *v;
    REAL *p_next, *m_next, *v_next;
} NAME(adam_places);

/* The share of one row in a product of the matrix as it was; dx NULL: none is wanted. */
typedef struct {
    VEC dy;
    REAL *dx;
} NAME(row_product);

INLINE void NAME(adam_row)(size_t n, const NAME(adam_numbers) * c, NAME(one_row) g,
                           NAME(adam_places) at, bool has_m, bool decays, NAME(row_product) product)
{
    const NAME(adam_scales)
        by = {NAME(fill)(g.scale), NAME(fill)(g.scale * c->root), NAME(fill)(g.scale * c->step)};
    size_t j = 0;
    for (; j + LANES <= n; j += LANES) {
        NAME(adam_values) x = {.p = NAME(load)(at.p + j), .v = NAME(load)(at.v + j)};
        if (has_m)
            x.m = NAME(load)(at.m + j);
        if (product.dx)
            NAME(store)(product.dx + j, NAME(load)(product.dx + j) + x.p * product.dy);
        x = NAME(adam_of)(c, &by, NAME(load)(g.row + j), x, has_m, decays);
        NAME(store)(at.p_next + j, x.p);
        NAME(store)(at.v_next + j, x.v);
        if (has_m)
            NAME(store)(at.m_next + j, x.m);
    }
    size_t rest = n - j;
    if (!rest)
        return;
    NAME(adam_values)
    x = {.p = NAME(load_part)(at.p + j, rest), .v = NAME(load_part)(at.v + j, rest)};
    if (has_m)
        x.m = NAME(load_part)(at.m + j, rest);
    if (product.dx)
        NAME(store_part)
    (product.dx + j, NAME(load_part)(product.dx + j, rest) + x.p * product.dy, rest);
    x = NAME(adam_of)(c, &by, NAME(load_part)(g.row + j, rest), x, has_m, decays);
    NAME(store_part)(at.p_next + j, x.p, rest);
    NAME(store_part)(at.v_next + j, x.v, rest);
    if (has_m)
        NAME(store_part)(at.m_next + j, x.m, rest);
}

INLINE NAME(adam_places) NAME(adam_at)(NAME(adam_places) at, size_t i)
{
    at.p += i, at.v += i, at.p_next += i, at.v_next += i;
    if (at.m)
        at.m += i, at.m_next += i;
    return at;
}

static void NAME(adam_short_rows)(size_t rows, size_t cols, const NAME(adam_numbers) * c,
                                  const sg_rows *g, NAME(adam_places) at, bool decays)
{
    NAME(block) b;
    const NAME(row_product) none = {.dx = NULL};
    NAME(start_block)(&b, cols, g);
    for (size_t i = 0; i < rows; i += SG_TRACE_ROWS) {
        size_t count = rows - i < SG_TRACE_ROWS ? rows - i : SG_TRACE_ROWS, n = count * cols;
        NAME(one_row) row = NAME(form)(&b, count, cols, g, i);
        if (at.m)
            NAME(adam_row)(n, c, row, NAME(adam_at)(at, i * cols), true, true, none);
        else if (decays)
            NAME(adam_row)(n, c, row, NAME(adam_at)(at, i * cols), false, true, none);
        else
            NAME(adam_row)(n, c, row, NAME(adam_at)(at, i * cols), false, false, none);
    }
}

INLINE void NAME(adam_rows)(size_t rows, size_t cols, const NAME(adam_numbers) * c,
                            const sg_rows *g, NAME(adam_places) at, bool has_m, bool decays)
{
    const NAME(row_product) none = {.dx = NULL};
    for (size_t i = 0; i < rows; i++)
        NAME(adam_row)
    (cols, c, NAME(row_of)(g, i), NAME(adam_at)(at, i * cols), has_m, decays, none);
}

/* The most frequent kind, with the backward product in the same pass. */
static void NAME(adam_rows_product)(size_t rows, size_t cols, const NAME(adam_numbers) * c,
                                    const sg_rows *g, NAME(adam_places) at,
                                    const sg_product *product)
{
    memset(product->dx, 0, cols * sizeof(REAL));
    for (size_t i = 0; i < rows; i++) {
        NAME(row_product) of_row = {NAME(fill)(((const REAL *)product->dy)[i]), product->dx};
        NAME(adam_row)
        (cols, c, NAME(row_of)(g, i), NAME(adam_at)(at, i * cols), false, false, of_row);
    }
}

static void NAME(adam)(size_t rows, size_t cols, const sg_adam_numbers *c, const sg_rows *g,
                       const void *p, const void *m, const void *v, void *p_next, void *m_next,
                       void *v_next, const sg_product *product)
{
    NAME(adam_places) at = {p, m, v, p_next, m_next, v_next};
    const NAME(adam_numbers) numbers = {.beta1 = (REAL)c->beta1,
                                        .one_minus_beta1 = (REAL)(1 - c->beta1),
                                        .beta2 = (REAL)c->beta2,
                                        .root = (REAL)sqrt(1 - c->beta2),
                                        .step = (REAL)(c->step_size / c->root_scale),
                                        .eps = (REAL)(c->eps / c->root_scale),
                                        .l2 = (REAL)c->l2,
                                        .decay = (REAL)c->decay};
    bool decays = c->l2 != 0 || c->decay != 1, is_short = NAME(is_short)(rows, cols, g);
    bool one_pass = product && g->scale && !m && !decays && !is_short;
    if (product && !one_pass)
        NAME(matvec_t)(rows, cols, p, cols, product->dy, product->dx);
    NAME(flatten)(&rows, &cols, g);
    if (is_short)
        NAME(adam_short_rows)(rows, cols, &numbers, g, at, decays);
    else if (one_pass)
        NAME(adam_rows_product)(rows, cols, &numbers, g, at, product);
    else if (m)
        NAME(adam_rows)(rows, cols, &numbers, g, at, true, true);
    else if (decays)
        NAME(adam_rows)(rows, cols, &numbers, g, at, false, true);
    else
        NAME(adam_rows)(rows, cols, &numbers, g, at, false, false);
}

/* ---- directions preconditioned by root mean squares ---- */

/* As sg_rms_numbers, in vectors; root is sqrt(1 - beta2). */
typedef struct {
    VEC beta2, root, correction, eps_inside, eps;
} NAME(rms_numbers);

/* One vector of a step; the sums of its lanes are added to total. */
typedef struct {
    VEC v, direction;
} NAME(rms_values);

INLINE NAME(rms_values)
    NAME(rms_of)(const NAME(rms_numbers) * c, VEC g, VEC v, VEC z, VEC total[SG_RMS_SUMS])
{
    VEC root_g = c->root * g;
    v = c->beta2 * v + root_g * root_g;
    VEC rho = NAME(inverse)(NAME(scaled_root)(v * c->correction + c->eps_inside) + c->eps);
    VEC along = z * rho;
    total[0] += g * g * rho;
    total[1] += z * along;
    total[2] += NAME(magnitude)(along);
    return (NAME(rms_values)){v, along};
}

/* Where a row's values lie. */
typedef struct {
    const REAL *v, *z;
    REAL *v_next, *direction;
} NAME(rms_places);

INLINE void NAME(rms_row)(size_t n, const NAME(rms_numbers) * c, NAME(one_row) g,
                          NAME(rms_places) at, VEC total[SG_RMS_SUMS])
{
    VEC scale = NAME(fill)(g.scale);
    size_t j = 0, rest = n % LANES;
    for (; j + LANES <= n; j += LANES) {
        NAME(rms_values)
        next = NAME(rms_of)(c, scale * NAME(load)(g.row + j), NAME(load)(at.v + j),
                            NAME(load)(at.z + j), total);
        NAME(store)(at.v_next + j, next.v);
        NAME(store)(at.direction + j, next.direction);
    }
    if (!rest)
        return;
    /* what lies beyond the row is 0, 0, 0: it may give 0 / 0, and must not be summed up */
    VEC part[SG_RMS_SUMS] = {{0}, {0}, {0}};
    NAME(rms_values)
    next = NAME(rms_of)(c, scale * NAME(load_part)(g.row + j, rest),
                        NAME(load_part)(at.v + j, rest), NAME(load_part)(at.z + j, rest), part);
    NAME(store_part)(at.v_next + j, next.v, rest);
    NAME(store_part)(at.direction + j, next.direction, rest);
    for (size_t k = 0; k < SG_RMS_SUMS; k++)
        total[k] += NAME(first_lanes)(part[k], rest);
}

static void NAME(rms_direction)(size_t rows, size_t cols, const sg_rms_numbers *c, const sg_rows *g,
                                const void *v, const void *z, void *v_next, void *direction,
                                void *sums)
{
    NAME(block) b;
    const NAME(rms_numbers) numbers = {
        NAME(fill)((REAL)c->beta2), NAME(fill)((REAL)sqrt(1 - c->beta2)),
        NAME(fill)((REAL)c->correction), NAME(fill)((REAL)c->eps_inside), NAME(fill)((REAL)c->eps)};
    bool is_short = NAME(is_short)(rows, cols, g);
    if (is_short)
        NAME(start_block)(&b, cols, g);
    for (size_t i = 0; i < rows; i += SG_TRACE_ROWS) {
        size_t count = rows - i < SG_TRACE_ROWS ? rows - i : SG_TRACE_ROWS;
        VEC total[SG_RMS_SUMS] = {{0}, {0}, {0}};
        NAME(rms_places)
        at = {(const REAL *)v + i * cols, (const REAL *)z + i * cols, (REAL *)v_next + i * cols,
              (REAL *)direction + i * cols};
        if (is_short)
            NAME(rms_row)(count * cols, &numbers, NAME(form)(&b, count, cols, g, i), at, total);
        for (size_t r = 0; r < count && !is_short; r++) {
            NAME(rms_row)(cols, &numbers, NAME(row_of)(g, i + r), at, total);
            at.v += cols, at.z += cols, at.v_next += cols, at.direction += cols;
        }
        for (size_t k = 0; k < SG_RMS_SUMS; k++)
            ((REAL *)sums)[i / SG_TRACE_ROWS * SG_RMS_SUMS + k] = NAME(lane_sum)(total[k]);
    }
}
