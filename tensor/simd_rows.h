/* simd_rows.h - matrix operands that are read row by row without being formed (sg_rows); part of
 * the one vector source (kernels_simd.h). */

/* What a loop goes over: a row of the operand, scale * row[j]; or several short rows, where element
 * j has one more scale of its own. Scales of LANES rows are a vector, good for as many vectors of
 * elements as a row has columns (`tile` elements). */
enum { SCALES = SG_TRACE_ROWS / LANES };
typedef struct {
    real scale;
    const real *row;       /* x, or a pattern's */
    const bits_of *number; /* of an element's scale in its vector; NULL, a constant: one row */
    size_t tile;
    const vec *scales; /* SCALES of them */
} line;

INLINE line line_of(const sg_rows *x, size_t i)
{
    real scale = x->scale ? (real)x->factor * ((const real *)x->scale)[i] : (real)x->factor;
    return (line){.scale = scale, .row = (const real *)x->row + i * x->row_step};
}

#ifdef PICK_LANES
/* Lane k is lane numbers[k] of v; those of lanes that nobody reads may be anything. */
INLINE vec pick_lanes(vec v, const bits_of numbers[LANES])
{
    mask number;
    memcpy(&number, numbers, sizeof number);
    return PICK_LANES(v, number);
}

/* The scales of elements j .. j + LANES - 1, j being a multiple of LANES. */
INLINE vec scales_at(size_t j, const line *l)
{
    size_t which = 0;
    for (size_t k = 1; k < SCALES; k++)
        which += j >= k * l->tile;
    return pick_lanes(l->scales[which], l->number + j);
}

/* n elements from the j-th one on, but for the line's one scale. */
INLINE vec elements(size_t j, size_t n, const line *l)
{
    vec x = load_first(l->row + j, n);
    return l->number ? scales_at(j, l) * x : x;
}
#else
INLINE vec elements(size_t j, size_t n, const line *l) { return load_first(l->row + j, n); }
#endif

/* A stored matrix is one row. */
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
        line l = line_of(x, i);
        affine_kernel(cols, l.row, l.scale, 0, (real *)y + i * cols);
    }
}

/* ---- short rows ----
 * Rows that do not fill whole vectors, as those of a first layer, would be spent on partial ones.
 * An outer product of such rows is read in lines of SG_TRACE_ROWS rows: which element of x and
 * which scale meet there is the same in every line, and written down once. */

enum { SHORT = 8 * WIDE };
INLINE bool has_short_rows(size_t rows, size_t cols, const sg_rows *x)
{
    return rows > 1 && x->scale && !x->row_step && cols % WIDE && cols < SHORT;
}

/* form_rows with `count` vectors a row, a constant where there are few. */
INLINE void form_vectors(size_t count, real *to, const real *padded, vec number, const sg_rows *x,
                         size_t i, size_t end, size_t cols)
{
    const real *scale = x->scale, factor = (real)x->factor; /* stores cannot change these */
    for (; i < end; i++, to += cols) {
        vec multiplier = fill(factor * scale[i]) * number;
        UNROLL
        for (size_t k = 0; k < count; k++)
            store(to + k * LANES, multiplier * load(padded + k * LANES));
    }
}

/* Rows i .. end - 1 of an outer product written out, number times scale times x. `padded` is x with
 * anything behind, and the last store reaches over, both by less than LANES. */
static void form_rows(real *to, const real *padded, vec number, const sg_rows *x, size_t i,
                      size_t end, size_t cols)
{
    switch ((cols + LANES - 1) / LANES) {
    case 2: form_vectors(2, to, padded, number, x, i, end, cols); break;
    case 3: form_vectors(3, to, padded, number, x, i, end, cols); break;
    case 4: form_vectors(4, to, padded, number, x, i, end, cols); break;
    default: form_vectors((cols + LANES - 1) / LANES, to, padded, number, x, i, end, cols);
    }
}

#ifdef PICK_LANES
typedef struct { /* the last store reaches over by less than LANES */
    real x[SG_TRACE_ROWS * SHORT + LANES];
    bits_of number[SG_TRACE_ROWS * SHORT + LANES];
} pattern;

/* Each store reaches over into the next row, which follows. */
INLINE void write_pattern(pattern *to, size_t rows, size_t cols, const sg_rows *operand)
{
    const real *x = operand->row;
    for (size_t r = 0, at = 0; r < SG_TRACE_ROWS && r < rows; r++, at += cols) {
        mask number = (mask){0} + (bits_of)(r % LANES);
        for (size_t j = 0; j < cols; j += LANES) {
            store(to->x + at + j, load_first(x + j, cols - j < LANES ? cols - j : LANES));
            memcpy(to->number + at + j, &number, sizeof number);
        }
    }
}

/* Rows i .. i + SG_TRACE_ROWS - 1, or what there is of them; the line's scales are put into
 * `scales`. */
INLINE line line_of_rows(pattern *p, const sg_rows *x, size_t i, size_t rows, size_t cols,
                         vec scales[SCALES])
{
    UNROLL
    for (size_t k = 0; k < SCALES; k++, i += LANES)
        if (i < rows) {
            size_t n = rows - i < LANES ? rows - i : LANES;
            scales[k] = (real)x->factor * load_first((const real *)x->scale + i, n);
        }
    return (line){1, p->x, p->number, cols * LANES, scales};
}
#else
/* Sets that cannot pick lanes, and AVX2, which is faster so, form their lines, each while the one
 * before is read: what was just stored by other vectors than it is loaded by has to wait. */
typedef struct {
    real x[SHORT + LANES]; /* the row, with LANES zeros behind */
    real lines[2][SG_TRACE_ROWS * SHORT + LANES];
} pattern;

INLINE real *place_of(pattern *p, size_t i) { return p->lines[i / SG_TRACE_ROWS % 2]; }

INLINE void form(pattern *p, const sg_rows *x, size_t i, size_t rows, size_t cols)
{
    if (i < rows) {
        size_t end = rows - i < SG_TRACE_ROWS ? rows : i + SG_TRACE_ROWS;
        form_rows(place_of(p, i), p->x, fill(1), x, i, end, cols);
    }
}

INLINE void write_pattern(pattern *to, size_t rows, size_t cols, const sg_rows *x)
{
    memcpy(to->x, x->row, cols * sizeof(real));
    memset(to->x + cols, 0, LANES * sizeof(real));
    form(to, x, 0, rows, cols);
}

INLINE line line_of_rows(pattern *p, const sg_rows *x, size_t i, size_t rows, size_t cols,
                         __attribute__((unused)) vec scales[SCALES])
{
    form(p, x, i + SG_TRACE_ROWS, rows, cols);
    return (line){.scale = 1, .row = place_of(p, i)};
}
#endif
