/* simd_matrix.h - matrix products over vectors; part of the one vector source (kernels_simd.h). */

/* ---- rows to come are fetched, in sets whose processors do not see in time that they will be
 * read ---- */

#ifndef FAR_FROM
#define FAR_FROM SIZE_MAX
#endif
enum { FETCHES = FAR_FROM < SIZE_MAX };
INLINE bool is_far(size_t rows, size_t cols)
{
    return FETCHES && rows * cols * sizeof(real) >= FAR_FROM;
}

/* `count` elements, a constant, from base[at] on. For the last rows this is behind the matrix: a
 * fetch never faults. */
INLINE void fetch(const real *base, size_t at, size_t count)
{
    uintptr_t from = (uintptr_t)base + at * sizeof(real);
    UNROLL
    for (size_t line = 0; line < count * sizeof(real); line += 64)
        __builtin_prefetch((const void *)(from + line));
}

/* ---- y = W x, rows side by side, so that x is loaded once for all of them; or two such products
 * in one pass over W, each sum in the same order ---- */

/* Rows of at least this length are summed up in two chains, blocks of even and of odd number. */
enum { LONG_ROW = 8 * WIDE };
/* Rows side by side, as their sums fit into registers; long ones as caches bring them fastest. */
enum { SIDE = BYTES == 64 ? 8 : 4, LONG_PAIR_SIDE = 4 };
#ifndef LONG_SIDE
#define LONG_SIDE 4
#endif

/* How a product goes; constants where it is inlined. */
typedef struct {
    bool pair;     /* two of them */
    bool fetches;  /* the rows after those that are read */
    size_t chains; /* of additions, 1 or 2 */
    size_t side;   /* rows side by side */
} matvec_kind;

/* Rows of W from one on, and the vectors that they meet, the second in pairs. */
typedef struct {
    const real *W, *x[2];
    size_t cols;
} row_group;

/* Adds the products of the rows, n columns from column j on, n at most LANES. */
INLINE void add_columns(matvec_kind kind, row_group g, size_t j, size_t n, vec *total0, vec *total1)
{
    vec x0 = load_first(g.x[0] + j, n), x1 = kind.pair ? load_first(g.x[1] + j, n) : x0;
    UNROLL
    for (size_t r = 0; r < kind.side; r++) {
        vec w = load_first(g.W + r * g.cols + j, n);
        if (kind.pair)
            LOAD_ONCE(w);
        total0[r] = fused(w, x0, total0[r]);
        if (kind.pair)
            total1[r] = fused(w, x1, total1[r]);
    }
}

/* While pass k of PARTS is at column j: its share of the rows after these, as many elements as the
 * turn reads. */
INLINE void fetch_ahead(matvec_kind kind, size_t k, size_t j, row_group g)
{
    const size_t share = kind.side / PARTS, rows = kind.side * g.cols;
    if (kind.fetches)
        fetch(g.W, rows + k * (rows / PARTS) + j * share, kind.chains * WIDE * share);
}

/* What is left over from column j on, after whole turns of the chains. */
INLINE void add_rest(matvec_kind kind, size_t j, size_t k, row_group g, vec *even0, vec *even1)
{
    if (kind.chains == 2 && j + WIDE <= g.cols) {
        add_columns(kind, g, j + k * LANES, LANES, even0, even1);
        j += WIDE;
    }
    if (part_of(g.cols - j, k))
        add_columns(kind, g, j + k * LANES, part_of(g.cols - j, k), even0, even1);
}

/* Sets vector k of the rows' blocks of lanes. */
INLINE void add_rows(matvec_kind kind, size_t k, row_group g, vec *total0, vec *total1)
{
    vec even0[8] = {{0}}, odd0[8] = {{0}}, even1[8] = {{0}}, odd1[8] = {{0}};
    size_t j = 0, here = k * LANES;
    for (; j + kind.chains * WIDE <= g.cols; j += kind.chains * WIDE) {
        add_columns(kind, g, j + here, LANES, even0, even1);
        if (kind.chains == 2)
            add_columns(kind, g, j + WIDE + here, LANES, odd0, odd1);
        fetch_ahead(kind, k, j, g);
    }
    add_rest(kind, j, k, g, even0, even1);
    UNROLL
    for (size_t r = 0; r < kind.side; r++) {
        total0[r * PARTS + k] = kind.chains == 2 ? even0[r] + odd0[r] : even0[r];
        total1[r * PARTS + k] = kind.chains == 2 ? even1[r] + odd1[r] : even1[r];
    }
}

/* The same of a pair in two chains where 16 registers do not hold all sums: the odd chain first,
 * whose sums are in memory while the even one has the registers. */
INLINE void add_rows_in_turn(matvec_kind kind, size_t k, row_group g, vec *total0, vec *total1)
{
    vec even0[8] = {{0}}, odd0[8] = {{0}}, even1[8] = {{0}}, odd1[8] = {{0}};
    size_t j, here = k * LANES;
    for (j = 0; j + 2 * WIDE <= g.cols; j += 2 * WIDE) {
        add_columns(kind, g, j + WIDE + here, LANES, odd0, odd1);
        fetch_ahead(kind, k, j, g);
    }
    UNROLL
    for (size_t r = 0; r < kind.side; r++)
        total0[r * PARTS + k] = odd0[r], total1[r * PARTS + k] = odd1[r];
    __asm__("" : : : "memory"); /* gcc would keep them */
    for (j = 0; j + 2 * WIDE <= g.cols; j += 2 * WIDE)
        add_columns(kind, g, j + here, LANES, even0, even1);
    add_rest(kind, j, k, g, even0, even1);
    UNROLL
    for (size_t r = 0; r < kind.side; r++) {
        total0[r * PARTS + k] += even0[r];
        total1[r * PARTS + k] += even1[r];
    }
}

/* y = sums of lanes + bias (or NULL), of 1, 4 or 8 rows; no sum is -0 (lane_sum_of_four says why).
 */
INLINE void store_sums(size_t count, const vec *total, const real *bias, real *y)
{
    real sums[8];
    if (count == 8)
        eight_lane_sums(total, sums);
    else if (count == 4)
        lane_sums(total, sums);
    else
        sums[0] = lane_sum(total);
    for (size_t k = 0; k < count; k++)
        sums[k] += 0;
    for (size_t k = 0; k < count && bias; k++)
        sums[k] += bias[k];
    memcpy(y, sums, count * sizeof *y);
}

/* `count` rows from row i on, a constant: a multiple of kind.side. */
INLINE void matvec_rows(matvec_kind kind, size_t count, size_t i, row_group g,
                        const void *const bias[2], void *const y[2])
{
    vec total0[8 * PARTS], total1[8 * PARTS];
    g.W += i * g.cols;
    UNROLL
    for (size_t r = 0; r < count; r += kind.side, g.W += kind.side * g.cols) {
        UNROLL
        for (size_t k = 0; k < PARTS; k++)
            if (kind.pair && kind.chains == 2 && kind.side == 4 && REGISTERS == 16)
                add_rows_in_turn(kind, k, g, total0 + r * PARTS, total1 + r * PARTS);
            else
                add_rows(kind, k, g, total0 + r * PARTS, total1 + r * PARTS);
    }
    const real *b0 = bias[0], *b1 = bias[1];
    store_sums(count, total0, b0 ? b0 + i : NULL, (real *)y[0] + i);
    if (kind.pair)
        store_sums(count, total1, b1 ? b1 + i : NULL, (real *)y[1] + i);
}

INLINE void matvec_all(matvec_kind kind, size_t rows, row_group g, const void *const bias[2],
                       void *const y[2])
{
    size_t i = 0;
    for (; i + 8 <= rows; i += 8)
        matvec_rows(kind, 8, i, g, bias, y);
    kind.fetches = false;
    if (i + 4 <= rows) {
        kind.side = kind.side < 4 ? kind.side : 4;
        matvec_rows(kind, 4, i, g, bias, y);
        i += 4;
    }
    for (kind.side = 1; i < rows; i++)
        matvec_rows(kind, 1, i, g, bias, y);
}

/* ---- the same where rows are a few vectors, as a first layer's: x is loaded once for all rows,
 * and nothing is asked between two of them. Sums are those of one chain ---- */

/* So many at most: four blocks, or what a set of narrow vectors has registers for. */
enum { FEW = PARTS == 1 ? 4 : 8 };

/* Rows of `count` vectors, a constant; of the last, `keep` leaves the first `last` elements. */
typedef struct {
    size_t count, last;
    mask keep;
    vec x[FEW];
} few_vectors;

/* Vector k of a row. Where it may, a constant, it reads over the end of the row: loading a part
 * takes longer. */
INLINE vec few_elements(const few_vectors *f, bool reads_over, const real *row, size_t k)
{
    const real *from = row + k * LANES;
    if (k + 1 < f->count)
        return load(from);
    return reads_over ? (vec)(f->keep & (mask)load(from)) : load_first(from, f->last);
}

/* Sets a row's block of lanes. */
INLINE void few_products(const few_vectors *f, bool reads_over, const real *row, vec block[PARTS])
{
    for (size_t k = 0; k < PARTS; k++)
        block[k] = (vec){0};
    UNROLL
    for (size_t k = 0; k < f->count; k++) {
        vec w = few_elements(f, reads_over, row, k);
        block[k % PARTS] = k < PARTS ? w * f->x[k] : fused(w, f->x[k], block[k % PARTS]);
    }
}

INLINE void few_rows_of_eight(const few_vectors *f, bool reads_over, size_t cols, const real *W,
                              const real *bias, real *y)
{
    vec total[8 * PARTS];
    UNROLL
    for (size_t r = 0; r < 8; r++)
        few_products(f, reads_over, W + r * cols, total + r * PARTS);
    store_sums(8, total, bias, y);
}

INLINE void matvec_few(size_t count, size_t rows, size_t cols, const real *W, const real *x,
                       const real *bias, real *y)
{
    few_vectors f = {.count = count, .last = cols - (count - 1) * LANES};
    size_t i = 0;
    f.keep = (mask)first_lanes((vec) ~(mask){0}, f.last);
    for (size_t k = 0; k < count; k++)
        f.x[k] = load_first(x + k * LANES, k + 1 < count ? LANES : f.last);
    for (; (i + 7) * cols + count * LANES <= rows * cols; i += 8)
        few_rows_of_eight(&f, true, cols, W + i * cols, bias ? bias + i : NULL, y + i);
    for (; i + 8 <= rows; i += 8)
        few_rows_of_eight(&f, false, cols, W + i * cols, bias ? bias + i : NULL, y + i);
    for (; i < rows; i++) {
        vec total[PARTS];
        few_products(&f, false, W + i * cols, total);
        store_sums(1, total, bias ? bias + i : NULL, y + i);
    }
}

INLINE bool are_few(size_t cols) { return cols > 0 && cols <= FEW * LANES; }

static void matvec_of_few(size_t rows, size_t cols, const real *W, const real *x, const real *bias,
                          real *y)
{
    switch ((cols + LANES - 1) / LANES) {
    case 1: matvec_few(1, rows, cols, W, x, bias, y); break;
    case 2: matvec_few(2, rows, cols, W, x, bias, y); break;
    case 3: matvec_few(3, rows, cols, W, x, bias, y); break;
    case 4: matvec_few(4, rows, cols, W, x, bias, y); break;
#if BLOCK > BYTES
    case 5: matvec_few(5, rows, cols, W, x, bias, y); break;
    case 6: matvec_few(6, rows, cols, W, x, bias, y); break;
    case 7: matvec_few(7, rows, cols, W, x, bias, y); break;
    case 8: matvec_few(8, rows, cols, W, x, bias, y); break;
#endif
    }
}

static void matvec_kernel(size_t rows, size_t cols, const void *W, const void *x, const void *bias,
                          void *y)
{
    const row_group g = {W, {x, NULL}, cols};
    const void *const biases[2] = {bias, NULL};
    void *const results[2] = {y, NULL};
    if (are_few(cols))
        matvec_of_few(rows, cols, W, x, bias, y);
    else if (cols < LONG_ROW)
        matvec_all((matvec_kind){.chains = 1, .side = SIDE}, rows, g, biases, results);
    else if (is_far(rows, cols))
        matvec_all((matvec_kind){.fetches = true, .chains = 2, .side = 4}, rows, g, biases,
                   results);
    else if (LONG_SIDE == 4)
        matvec_all((matvec_kind){.chains = 2, .side = 4}, rows, g, biases, results);
    else
        matvec_all((matvec_kind){.chains = 2, .side = 2}, rows, g, biases, results);
}

static void matvec_pair_kernel(size_t rows, size_t cols, const void *W, const void *const x[2],
                               const void *const bias[2], void *const y[2])
{
    const row_group g = {W, {x[0], x[1]}, cols};
    if (cols <= 2 * WIDE && REGISTERS == 16) {
        /* Sums of both would not fit; so small a W is read twice from the L1 cache. */
        matvec_kernel(rows, cols, W, x[0], bias[0], y[0]);
        matvec_kernel(rows, cols, W, x[1], bias[1], y[1]);
    } else if (cols < LONG_ROW)
        matvec_all((matvec_kind){.pair = true, .chains = 1, .side = SIDE}, rows, g, bias, y);
    else if (is_far(rows, cols))
        matvec_all(
            (matvec_kind){.pair = true, .fetches = true, .chains = 2, .side = LONG_PAIR_SIDE}, rows,
            g, bias, y);
    else
        matvec_all((matvec_kind){.pair = true, .chains = 2, .side = LONG_PAIR_SIDE}, rows, g, bias,
                   y);
}

/* ---- dx = from + W^T dy: a block of dx stays in registers over all rows ---- */

/* Vectors of columns in a block: half of the registers. */
enum { BLOCK_VECTORS = BYTES == 64 ? 16 : 8 };
/* How many rows ahead whole blocks are fetched. */
enum { FETCHED_ROWS = 4 };

typedef struct {
    size_t rows, cols, row_step;
    const real *W, *dy, *from;
    real *dx;
} product_t;

/* `count` vectors of columns from column j on, a constant; the last has `last` elements. */
INLINE void matvec_t_block(bool fetches, size_t count, size_t last, size_t j, const product_t *t)
{
    vec total[BLOCK_VECTORS] = {{0}};
    for (size_t k = 0; k < count && t->from; k++)
        total[k] = load_first(t->from + j + k * LANES, k + 1 < count ? LANES : last);
    for (size_t i = 0; i < t->rows; i++) {
        const real *row = t->W + i * t->row_step + j;
        vec v = fill(t->dy[i]);
        if (fetches)
            fetch(row, FETCHED_ROWS * t->row_step, count * LANES);
        for (size_t k = 0; k + 1 < count; k++)
            total[k] = fused(load(row + k * LANES), v, total[k]);
        total[count - 1] = fused(load_first(row + (count - 1) * LANES, last), v, total[count - 1]);
    }
    for (size_t k = 0; k + 1 < count; k++)
        store(t->dx + j + k * LANES, total[k]);
    store_first(t->dx + j + (count - 1) * LANES, total[count - 1], last);
}

/* The last columns, at most 8 vectors of them, in one block. */
static void matvec_t_rest(size_t j, const product_t *t)
{
    size_t count = (t->cols - j + LANES - 1) / LANES, last = t->cols - j - (count - 1) * LANES;
    switch (count) {
    case 1: matvec_t_block(false, 1, last, j, t); break;
    case 2: matvec_t_block(false, 2, last, j, t); break;
    case 3: matvec_t_block(false, 3, last, j, t); break;
    case 4: matvec_t_block(false, 4, last, j, t); break;
    case 5: matvec_t_block(false, 5, last, j, t); break;
    case 6: matvec_t_block(false, 6, last, j, t); break;
    case 7: matvec_t_block(false, 7, last, j, t); break;
    case 8: matvec_t_block(false, 8, last, j, t); break;
    }
}

static void matvec_t_kernel(size_t rows, size_t cols, const void *W, size_t row_step,
                            const void *dy, const void *from, void *dx)
{
    const product_t t = {rows, cols, row_step, W, dy, from, dx};
    size_t j = 0;
    for (; BLOCK_VECTORS > 8 && j + BLOCK_VECTORS * LANES <= cols; j += BLOCK_VECTORS * LANES)
        matvec_t_block(false, BLOCK_VECTORS, LANES, j, &t);
    for (; FETCHES && rows > FETCHED_ROWS && j + 8 * LANES <= cols; j += 8 * LANES)
        matvec_t_block(true, 8, LANES, j, &t);
    for (; j + 8 * LANES <= cols; j += 8 * LANES)
        matvec_t_block(false, 8, LANES, j, &t);
    if (j < cols)
        matvec_t_rest(j, &t);
}

/* ---- C = op(A) op(B): a packed panel of B times a few rows of A, the result in registers ---- */

enum { GEMM_DEPTH = 256, GEMM_COLS = 2 * LANES };
/* AVX-512's bodies are long. */
#if BYTES == 64
#define GEMM_TURNS
#else
#define GEMM_TURNS FOUR_TURNS
#endif

/* Columns j .. j + GEMM_COLS - 1 and rows q0 .. q0 + depth - 1 of op(B), zeros beyond n. */
static void pack(bool transpose, size_t n, size_t k, const real *B, size_t q0, size_t depth,
                 size_t j, real *panel)
{
    size_t cols = n - j < GEMM_COLS ? n - j : GEMM_COLS;
    if (cols < GEMM_COLS)
        memset(panel, 0, depth * GEMM_COLS * sizeof *panel);
    B += transpose ? j * k + q0 : q0 * n + j;
    for (size_t c = 0; c < cols && transpose; c++)
        for (size_t q = 0; q < depth; q++)
            panel[q * GEMM_COLS + c] = B[c * k + q];
    for (size_t q = 0; q < depth && !transpose; q++)
        memcpy(panel + q * GEMM_COLS, B + q * n, cols * sizeof *panel);
}

/* `count` rows of C, a constant; op(A)'s element (r, q) is a[r * row_step + q * step]. */
INLINE void gemm_rows(size_t count, size_t width, size_t depth, const real *a, size_t row_step,
                      size_t step, const real *panel, real *C, size_t n, size_t cols, bool first)
{
    vec total[GEMM_ROWS][2] = {{{0}, {0}}};
    GEMM_TURNS
    for (size_t q = 0; q < depth; q++) {
        const real *b = panel + q * GEMM_COLS;
        vec b0 = load(b), b1 = width > 1 ? load(b + LANES) : b0;
        for (size_t r = 0; r < count; r++) {
            vec v = fill(a[r * row_step + q * step]);
            total[r][0] = fused(v, b0, total[r][0]);
            if (width > 1)
                total[r][1] = fused(v, b1, total[r][1]);
        }
    }
    for (size_t r = 0; r < count; r++)
        for (size_t h = 0; h < width; h++) {
            real *to = C + r * n + h * LANES;
            size_t here = cols > h * LANES ? cols - h * LANES : 0;
            if (here >= LANES)
                store(to, first ? total[r][h] : load(to) + total[r][h]);
            else if (here)
                store_part(to, first ? total[r][h] : load_part(to, here) + total[r][h], here);
        }
}

/* All rows of C against one panel. Width and steps are constants where this is inlined. */
INLINE void gemm_panel(size_t width, size_t m, size_t n, size_t depth, const real *a,
                       size_t row_step, size_t step, const real *panel, real *C, size_t cols,
                       bool first)
{
    size_t i = 0;
    for (; i + GEMM_ROWS <= m; i += GEMM_ROWS)
        gemm_rows(GEMM_ROWS, width, depth, a + i * row_step, row_step, step, panel, C + i * n, n,
                  cols, first);
    for (; i + 4 <= m; i += 4)
        gemm_rows(4, width, depth, a + i * row_step, row_step, step, panel, C + i * n, n, cols,
                  first);
    for (; i < m; i++)
        gemm_rows(1, width, depth, a + i * row_step, row_step, step, panel, C + i * n, n, cols,
                  first);
}

static void gemm_kernel(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k,
                        const void *A, size_t a_step, const void *B, void *C)
{
    real panel[GEMM_DEPTH * GEMM_COLS] __attribute__((aligned(64)));
    if (k == 0)
        memset(C, 0, m * n * sizeof(real));
    for (size_t j = 0; j < n; j += GEMM_COLS)
        for (size_t q0 = 0; q0 < k; q0 += GEMM_DEPTH) {
            size_t depth = k - q0 < GEMM_DEPTH ? k - q0 : GEMM_DEPTH;
            pack(transpose_b, n, k, B, q0, depth, j, panel);
            size_t cols = n - j < GEMM_COLS ? n - j : GEMM_COLS;
            real *to = (real *)C + j;
            const real *a = (const real *)A + q0 * (transpose_a ? a_step : 1);
            bool narrow = cols <= LANES, first = q0 == 0;
            if (transpose_a && narrow)
                gemm_panel(1, m, n, depth, a, 1, a_step, panel, to, cols, first);
            else if (transpose_a)
                gemm_panel(2, m, n, depth, a, 1, a_step, panel, to, cols, first);
            else if (narrow)
                gemm_panel(1, m, n, depth, a, a_step, 1, panel, to, cols, first);
            else
                gemm_panel(2, m, n, depth, a, a_step, 1, panel, to, cols, first);
        }
}
