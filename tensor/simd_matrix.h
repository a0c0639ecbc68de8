/* simd_matrix.h - matrix products over vectors; part of the one vector source (kernels_simd.h). */

/* ---- y = W x: several rows at a time, so that x is loaded once for all of them ---- */

/* Rows of at least this length follow each other instead: caches bring what lies next, and rows
 * side by side were measured to come at two thirds of the speed. Only with the widest vectors: they
 * leave few additions that wait for each other. */
enum { LONG_ROW = BYTES == 64 ? 8 * LANES : INT_MAX };

/* y = sums of lanes + bias (or NULL), for 1 or a multiple of 4 of them. */
INLINE void store_sums(size_t count, const vec *total, const real *bias, real *y)
{
    if (count == 1)
        y[0] = lane_sum(total[0]) + (bias ? bias[0] : 0);
    for (size_t r = 0; r + 4 <= count; r += 4) {
        real sums[4];
        lane_sums(total[r], total[r + 1], total[r + 2], total[r + 3], sums);
        for (size_t k = 0; k < 4; k++)
            y[r + k] = sums[k] + (bias ? bias[r + k] : 0);
    }
}

/* Rows i .. i + count - 1, count a constant. */
INLINE void matvec_rows(size_t count, size_t cols, const real *W, const real *x, const real *bias,
                        real *y)
{
    vec total[8] = {{0}};
    size_t j = 0;
    for (; j + LANES <= cols; j += LANES) {
        vec v = load(x + j);
        for (size_t r = 0; r < count; r++)
            total[r] += load(W + r * cols + j) * v;
    }
    if (j < cols) {
        vec v = load_part(x + j, cols - j);
        for (size_t r = 0; r < count; r++)
            total[r] += load_part(W + r * cols + j, cols - j) * v;
    }
    store_sums(count, total, bias, y);
}

/* Lane sums of one row times one vector, or two (`pair`, a constant): vectors of even and of odd
 * number apart, then together. */
INLINE void long_row(bool pair, size_t cols, const real *W, const real *x0, const real *x1,
                     vec *sum0, vec *sum1)
{
    vec even0 = {0}, odd0 = {0}, even1 = {0}, odd1 = {0};
    size_t j = 0;
    for (; j + 2 * LANES <= cols; j += 2 * LANES) {
        vec w = load(W + j), next = load(W + j + LANES);
        even0 += w * load(x0 + j), odd0 += next * load(x0 + j + LANES);
        if (pair)
            even1 += w * load(x1 + j), odd1 += next * load(x1 + j + LANES);
    }
    for (; j < cols; j += LANES) {
        size_t n = cols - j < LANES ? cols - j : LANES;
        even0 += load_part(W + j, n) * load_part(x0 + j, n);
        if (pair)
            even1 += load_part(W + j, n) * load_part(x1 + j, n);
    }
    *sum0 = even0 + odd0;
    *sum1 = even1 + odd1;
}

/* `count` rows from row i on. */
INLINE void long_rows(bool pair, size_t count, size_t i, size_t cols, const real *W,
                      const void *const x[2], const void *const bias[2], void *const y[2])
{
    const real *b0 = bias[0], *b1 = bias[1];
    vec total0[4], total1[4];
    for (size_t r = 0; r < count; r++)
        long_row(pair, cols, W + (i + r) * cols, x[0], x[1], &total0[r], &total1[r]);
    store_sums(count, total0, b0 ? b0 + i : NULL, (real *)y[0] + i);
    if (pair)
        store_sums(count, total1, b1 ? b1 + i : NULL, (real *)y[1] + i);
}

INLINE void long_matvec(bool pair, size_t rows, size_t cols, const real *W, const void *const x[2],
                        const void *const bias[2], void *const y[2])
{
    size_t i = 0;
    for (; i + 4 <= rows; i += 4)
        long_rows(pair, 4, i, cols, W, x, bias, y);
    for (; i < rows; i++)
        long_rows(pair, 1, i, cols, W, x, bias, y);
}

static void matvec_kernel(size_t rows, size_t cols, const void *W_, const void *x,
                          const void *bias_, void *y_)
{
    const real *W = W_, *bias = bias_;
    real *y = y_;
    size_t i = 0;
    if (cols >= LONG_ROW) {
        long_matvec(false, rows, cols, W, (const void *const[2]){x, NULL},
                    (const void *const[2]){bias, NULL}, (void *const[2]){y, NULL});
        return;
    }
    for (; i + 8 <= rows; i += 8)
        matvec_rows(8, cols, W + i * cols, x, bias ? bias + i : NULL, y + i);
    for (; i + 4 <= rows; i += 4)
        matvec_rows(4, cols, W + i * cols, x, bias ? bias + i : NULL, y + i);
    for (; i < rows; i++)
        matvec_rows(1, cols, W + i * cols, x, bias ? bias + i : NULL, y + i);
}

/* Rows i .. i + count - 1 against two vectors, each sum in the order of matvec. */
INLINE void matvec_pair_rows(size_t count, size_t i, size_t cols, const real *W,
                             const void *const x[2], const void *const bias[2], void *const y[2])
{
    vec total0[8] = {{0}}, total1[8] = {{0}};
    const real *x0 = x[0], *x1 = x[1];
    size_t j = 0;
    W += i * cols;
    for (; j + LANES <= cols; j += LANES) {
        vec v0 = load(x0 + j), v1 = load(x1 + j);
        for (size_t r = 0; r < count; r++) {
            vec w = load(W + r * cols + j);
            total0[r] += w * v0;
            total1[r] += w * v1;
        }
    }
    if (j < cols) {
        vec v0 = load_part(x0 + j, cols - j), v1 = load_part(x1 + j, cols - j);
        for (size_t r = 0; r < count; r++) {
            vec w = load_part(W + r * cols + j, cols - j);
            total0[r] += w * v0;
            total1[r] += w * v1;
        }
    }
    const real *b0 = bias[0], *b1 = bias[1];
    store_sums(count, total0, b0 ? b0 + i : NULL, (real *)y[0] + i);
    store_sums(count, total1, b1 ? b1 + i : NULL, (real *)y[1] + i);
}

static void matvec_pair_kernel(size_t rows, size_t cols, const void *W, const void *const x[2],
                               const void *const bias[2], void *const y[2])
{
    size_t i = 0;
    if (cols >= LONG_ROW) {
        long_matvec(true, rows, cols, W, x, bias, y);
        return;
    }
    /* twice eight sums need more registers than the smaller sets have */
    for (; BYTES == 64 && i + 8 <= rows; i += 8)
        matvec_pair_rows(8, i, cols, W, x, bias, y);
    for (; i + 4 <= rows; i += 4)
        matvec_pair_rows(4, i, cols, W, x, bias, y);
    for (; i < rows; i++)
        matvec_pair_rows(1, i, cols, W, x, bias, y);
}

/* ---- dx = W^T dy: a block of dx stays in registers over all rows ---- */

/* Vectors of columns in a block: half of the registers. */
enum { BLOCK_VECTORS = BYTES == 64 ? 16 : 8 };

/* `count` vectors of columns, a constant; the last has `last` elements. */
INLINE void matvec_t_block(size_t count, size_t last, size_t rows, const real *W, size_t row_step,
                           const real *dy, real *dx)
{
    vec total[BLOCK_VECTORS] = {{0}};
    for (size_t i = 0; i < rows; i++) {
        const real *row = W + i * row_step;
        vec v = fill(dy[i]);
        for (size_t k = 0; k + 1 < count; k++)
            total[k] += load(row + k * LANES) * v;
        total[count - 1] += load_first(row + (count - 1) * LANES, last) * v;
    }
    for (size_t k = 0; k + 1 < count; k++)
        store(dx + k * LANES, total[k]);
    store_first(dx + (count - 1) * LANES, total[count - 1], last);
}

/* The last columns, at most 8 vectors of them, in one block. */
static void matvec_t_rest(size_t cols, size_t rows, const real *W, size_t row_step, const real *dy,
                          real *dx)
{
    size_t count = (cols + LANES - 1) / LANES, last = cols - (count - 1) * LANES;
    switch (count) {
    case 1: matvec_t_block(1, last, rows, W, row_step, dy, dx); break;
    case 2: matvec_t_block(2, last, rows, W, row_step, dy, dx); break;
    case 3: matvec_t_block(3, last, rows, W, row_step, dy, dx); break;
    case 4: matvec_t_block(4, last, rows, W, row_step, dy, dx); break;
    case 5: matvec_t_block(5, last, rows, W, row_step, dy, dx); break;
    case 6: matvec_t_block(6, last, rows, W, row_step, dy, dx); break;
    case 7: matvec_t_block(7, last, rows, W, row_step, dy, dx); break;
    case 8: matvec_t_block(8, last, rows, W, row_step, dy, dx); break;
    }
}

static void matvec_t_kernel(size_t rows, size_t cols, const void *W_, size_t row_step,
                            const void *dy, void *dx_)
{
    const real *W = W_;
    real *dx = dx_;
    size_t j = 0;
    for (; BLOCK_VECTORS > 8 && j + BLOCK_VECTORS * LANES <= cols; j += BLOCK_VECTORS * LANES)
        matvec_t_block(BLOCK_VECTORS, LANES, rows, W + j, row_step, dy, dx + j);
    for (; j + 8 * LANES <= cols; j += 8 * LANES)
        matvec_t_block(8, LANES, rows, W + j, row_step, dy, dx + j);
    if (j < cols)
        matvec_t_rest(cols - j, rows, W + j, row_step, dy, dx + j);
}

/* ---- C = op(A) op(B): a packed panel of B times a few rows of A, the result in registers ---- */

enum { GEMM_DEPTH = 256, GEMM_COLS = 2 * LANES };

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
    for (size_t q = 0; q < depth; q++) {
        const real *b = panel + q * GEMM_COLS;
        vec b0 = load(b), b1 = width > 1 ? load(b + LANES) : b0;
        for (size_t r = 0; r < count; r++) {
            vec v = fill(a[r * row_step + q * step]);
            total[r][0] += v * b0;
            if (width > 1)
                total[r][1] += v * b1;
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
