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

static void NAME(add_scaled)(size_t rows, size_t cols, const void *a_, double c, const sg_rows *x,
                             void *y_)
{
    NAME(flatten)(&rows, &cols, x);
    for (size_t i = 0; i < rows; i++) {
        NAME(one_row) r = NAME(row_of)(x, i);
        const REAL *a = (const REAL *)a_ + i * cols;
        REAL *y = (REAL *)y_ + i * cols;
        VEC scale = NAME(fill)((REAL)c * r.scale);
        size_t j = 0;
        for (; j + LANES <= cols; j += LANES)
            NAME(store)(y + j, NAME(load)(a + j) + scale * NAME(load)(r.row + j));
        if (j < cols)
            NAME(store_part)
            (y + j, NAME(load_part)(a + j, cols - j) + scale * NAME(load_part)(r.row + j, cols - j),
             cols - j);
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

INLINE void NAME(adam_row)(size_t n, const NAME(adam_numbers) * c, NAME(one_row) g,
                           NAME(adam_places) at, bool has_m, bool decays)
{
    const NAME(adam_scales)
        by = {NAME(fill)(g.scale), NAME(fill)(g.scale * c->root), NAME(fill)(g.scale * c->step)};
    size_t j = 0;
    for (; j + LANES <= n; j += LANES) {
        NAME(adam_values) x = {.p = NAME(load)(at.p + j), .v = NAME(load)(at.v + j)};
        if (has_m)
            x.m = NAME(load)(at.m + j);
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
    x = NAME(adam_of)(c, &by, NAME(load_part)(g.row + j, rest), x, has_m, decays);
    NAME(store_part)(at.p_next + j, x.p, rest);
    NAME(store_part)(at.v_next + j, x.v, rest);
    if (has_m)
        NAME(store_part)(at.m_next + j, x.m, rest);
}

INLINE void NAME(adam_rows)(size_t rows, size_t cols, const NAME(adam_numbers) * c,
                            const sg_rows *g, NAME(adam_places) at, bool has_m, bool decays)
{
    for (size_t i = 0; i < rows; i++) {
        NAME(adam_row)(cols, c, NAME(row_of)(g, i), at, has_m, decays);
        at.p += cols, at.v += cols, at.p_next += cols, at.v_next += cols;
        if (has_m)
            at.m += cols, at.m_next += cols;
    }
}

static void NAME(adam)(size_t rows, size_t cols, const sg_adam_numbers *c, const sg_rows *g,
                       const void *p, const void *m, const void *v, void *p_next, void *m_next,
                       void *v_next)
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
    bool decays = c->l2 != 0 || c->decay != 1;
    NAME(flatten)(&rows, &cols, g);
    if (m)
        NAME(adam_rows)(rows, cols, &numbers, g, at, true, true);
    else if (decays)
        NAME(adam_rows)(rows, cols, &numbers, g, at, false, true);
    else
        NAME(adam_rows)(rows, cols, &numbers, g, at, false, false);
}
