/* simd_update.h - updates, traces and directions from a matrix operand (simd_rows.h); part of the
 * one vector source (kernels_simd.h). */

/* ---- y = a + c x ---- */

/* A row of it; dx, unless NULL, takes in the row's share of a product, dy times a. */
typedef struct {
    vec scale, dy;
    line x;
    const real *a;
    real *y, *dx;
} scaled_row;

/* n elements from column j on. */
INLINE void add_scaled_at(size_t j, size_t n, const scaled_row *r)
{
    vec before = load_first(r->a + j, n);
    if (r->dx)
        store_first(r->dx + j, fused(before, r->dy, load_first(r->dx + j, n)), n);
    store_first(r->y + j, fused(r->scale, elements(j, n, &r->x), before), n);
}

INLINE void add_scaled_row(size_t n, scaled_row r)
{
    size_t j = 0;
    FOUR_TURNS
    for (; j + LANES <= n; j += LANES)
        add_scaled_at(j, LANES, &r);
    if (j < n)
        add_scaled_at(j, n - j, &r);
}

static void add_scaled_short_rows(size_t rows, size_t cols, const real *a, real c, const sg_rows *x,
                                  real *y)
{
    pattern p;
    vec scales[SCALES];
    write_pattern(&p, rows, cols, x);
    for (size_t i = 0; i < rows; i += SG_TRACE_ROWS) {
        size_t count = rows - i < SG_TRACE_ROWS ? rows - i : SG_TRACE_ROWS;
        add_scaled_row(count * cols, (scaled_row){.scale = fill(c),
                                                  .x = line_of_rows(&p, x, i, rows, cols, scales),
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
        matvec_t_kernel(rows, cols, a, cols, product->dy, NULL, product->dx);
    if (is_short) {
        add_scaled_short_rows(rows, cols, a, (real)c, x, y);
        return;
    }
    flatten(&rows, &cols, x);
    if (dx)
        memset(dx, 0, cols * sizeof(real));
    for (size_t i = 0; i < rows; i++) {
        line row = line_of(x, i);
        scaled_row r = {.scale = fill((real)c * row.scale),
                        .x = row,
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
    line g;
    const real *z;
    real *z_next;
} traced_row;

INLINE void trace_at(size_t j, size_t n, const traced_row *r, vec *total)
{
    vec fresh = r->scale * elements(j, n, &r->g);
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

INLINE void trace_all(bool is_short, size_t rows, size_t cols, traced_row r, const sg_rows *g,
                      real *sums)
{
    pattern p;
    vec scales[SCALES];
    if (is_short)
        write_pattern(&p, rows, cols, g);
    for (size_t i = 0; i < rows; i += SG_TRACE_ROWS) {
        size_t count = rows - i < SG_TRACE_ROWS ? rows - i : SG_TRACE_ROWS;
        size_t lines = is_short ? 1 : count, length = is_short ? count * cols : cols;
        vec total[FOUR] = {{0}}; /* chains of additions, for their latency */
        for (size_t k = 0; k < lines; k++) {
            r.g = is_short ? line_of_rows(&p, g, i, rows, cols, scales) : line_of(g, i + k);
            r.scale = fill(r.g.scale);
            trace_row(length, r, total);
            r.z += length, r.z_next += length;
        }
        sums[i / SG_TRACE_ROWS] = lane_sum_of_four(total);
    }
}

static void trace_kernel(size_t rows, size_t cols, double decay, const sg_rows *g, const void *z,
                         void *z_next, void *sums)
{
    const traced_row r = {.decay = fill((real)decay), .z = z, .z_next = z_next};
    if (has_short_rows(rows, cols, g))
        trace_all(true, rows, cols, r, g, sums);
    else
        trace_all(false, rows, cols, r, g, sums);
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
    line x;
    const real *v, *z;
    real *v_next, *direction;
    rms_numbers c;
    vec *total;
} rms_row;

/* n elements from column j on, whose vector has place `part` in its block. */
INLINE void rms_at(size_t j, size_t n, size_t part, const rms_row *r)
{
    vec *total = r->total + part;
    vec x = elements(j, n, &r->x), z = load_first(r->z + j, n);
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

INLINE void rms_direction_all(bool is_short, size_t rows, size_t cols, rms_row r, const sg_rows *g,
                              real *sums)
{
    pattern p;
    vec scales[SCALES];
    if (is_short)
        write_pattern(&p, rows, cols, g);
    for (size_t i = 0; i < rows; i += SG_TRACE_ROWS) {
        size_t count = rows - i < SG_TRACE_ROWS ? rows - i : SG_TRACE_ROWS;
        size_t lines = is_short ? 1 : count, length = is_short ? count * cols : cols;
        vec total[SG_RMS_SUMS * PARTS] = {{0}};
        r.total = total;
        for (size_t k = 0; k < lines; k++) {
            r.x = is_short ? line_of_rows(&p, g, i, rows, cols, scales) : line_of(g, i + k);
            r.scale = fill(r.x.scale), r.root = r.c.root * r.scale;
            rms_of_row(length, &r);
            r.v += length, r.z += length, r.v_next += length, r.direction += length;
        }
        UNROLL
        for (size_t k = 0; k < SG_RMS_SUMS; k++)
            sums[i / SG_TRACE_ROWS * SG_RMS_SUMS + k] = lane_sum(total + k * PARTS);
    }
}

static void rms_direction_kernel(size_t rows, size_t cols, const sg_rms_numbers *numbers,
                                 const sg_rows *g, const void *v, const void *z, void *v_next,
                                 void *direction, void *sums)
{
    const rms_row r = {
        .v = v, .z = z, .v_next = v_next, .direction = direction, .c = rms_numbers_of(numbers)};
    if (has_short_rows(rows, cols, g))
        rms_direction_all(true, rows, cols, r, g, sums);
    else
        rms_direction_all(false, rows, cols, r, g, sums);
}
