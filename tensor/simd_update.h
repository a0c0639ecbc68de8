/* simd_update.h - kernels that read a matrix row by row without its being formed (sg_rows); part of
 * the one vector source (kernels_simd.h). */

/* A row of the operand: scale * row[j]. */
typedef struct { REAL scale; const REAL *row; } NAME(one_row);

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

static void NAME(add_scaled)(size_t rows, size_t cols, const void *a_, double c, const sg_rows *x, void *y_)
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
            NAME(store_part)(y + j, NAME(load_part)(a + j, cols - j) +
                                        scale * NAME(load_part)(r.row + j, cols - j), cols - j);
    }
}

/* ---- Adam ---- */

/* The numbers of a step as vectors, and one vector of everything that it reads and makes. */
typedef struct {
    VEC beta1, one_minus_beta1, beta2, one_minus_beta2, eps, step_size, root_scale, l2, decay;
} NAME(adam_vectors);
typedef struct { VEC p, m, v; } NAME(adam_values);

/* has_m and decays are constants where this is inlined. */
INLINE NAME(adam_values) NAME(adam_of)(const NAME(adam_vectors) *c, VEC g, NAME(adam_values) x,
                                       bool has_m, bool decays)
{
    if (decays)
        g += c->l2 * x.p;
    x.m = has_m ? c->beta1 * x.m + c->one_minus_beta1 * g : g;
    x.v = c->beta2 * x.v + c->one_minus_beta2 * (g * g);
    VEC step = c->step_size * x.m * NAME(inverse)(NAME(scaled_root)(x.v) * c->root_scale + c->eps);
    x.p = (decays ? c->decay * x.p : x.p) - step;
    return x;
}

/* Where a row's values lie; m and m_next may be NULL. */
typedef struct {
    const REAL *p, *m, *v;
    REAL *p_next, *m_next, *v_next;
} NAME(adam_places);

INLINE void NAME(adam_row)(size_t n, const NAME(adam_vectors) *c, NAME(one_row) g, NAME(adam_places) at,
                           bool has_m, bool decays)
{
    VEC scale = NAME(fill)(g.scale);
    size_t j = 0;
    for (; j + LANES <= n; j += LANES) {
        NAME(adam_values) x = {.p = NAME(load)(at.p + j), .v = NAME(load)(at.v + j)};
        if (has_m)
            x.m = NAME(load)(at.m + j);
        x = NAME(adam_of)(c, scale * NAME(load)(g.row + j), x, has_m, decays);
        NAME(store)(at.p_next + j, x.p);
        NAME(store)(at.v_next + j, x.v);
        if (has_m)
            NAME(store)(at.m_next + j, x.m);
    }
    size_t rest = n - j;
    if (!rest)
        return;
    NAME(adam_values) x = {.p = NAME(load_part)(at.p + j, rest), .v = NAME(load_part)(at.v + j, rest)};
    if (has_m)
        x.m = NAME(load_part)(at.m + j, rest);
    x = NAME(adam_of)(c, scale * NAME(load_part)(g.row + j, rest), x, has_m, decays);
    NAME(store_part)(at.p_next + j, x.p, rest);
    NAME(store_part)(at.v_next + j, x.v, rest);
    if (has_m)
        NAME(store_part)(at.m_next + j, x.m, rest);
}

INLINE void NAME(adam_rows)(size_t rows, size_t cols, const NAME(adam_vectors) *c, const sg_rows *g,
                            NAME(adam_places) at, bool has_m, bool decays)
{
    for (size_t i = 0; i < rows; i++) {
        NAME(adam_row)(cols, c, NAME(row_of)(g, i), at, has_m, decays);
        at.p += cols, at.v += cols, at.p_next += cols, at.v_next += cols;
        if (has_m)
            at.m += cols, at.m_next += cols;
    }
}

static void NAME(adam)(size_t rows, size_t cols, const sg_adam_numbers *c, const sg_rows *g, const void *p,
                       const void *m, const void *v, void *p_next, void *m_next, void *v_next)
{
    NAME(adam_places) at = {p, m, v, p_next, m_next, v_next};
    const NAME(adam_vectors) vectors = {
        .beta1 = NAME(fill)((REAL)c->beta1), .one_minus_beta1 = NAME(fill)((REAL)(1 - c->beta1)),
        .beta2 = NAME(fill)((REAL)c->beta2), .one_minus_beta2 = NAME(fill)((REAL)(1 - c->beta2)),
        .eps = NAME(fill)((REAL)c->eps), .step_size = NAME(fill)((REAL)c->step_size),
        .root_scale = NAME(fill)((REAL)c->root_scale), .l2 = NAME(fill)((REAL)c->l2),
        .decay = NAME(fill)((REAL)c->decay)};
    bool decays = c->l2 != 0 || c->decay != 1;
    NAME(flatten)(&rows, &cols, g);
    if (m)
        NAME(adam_rows)(rows, cols, &vectors, g, at, true, true);
    else if (decays)
        NAME(adam_rows)(rows, cols, &vectors, g, at, false, true);
    else
        NAME(adam_rows)(rows, cols, &vectors, g, at, false, false);
}
