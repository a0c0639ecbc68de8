/* simd_matrix.h - matrix products over vectors; part of the one vector source (kernels_simd.h). */

/* ---- y = W x: several rows at a time, so that x is loaded once for all of them ---- */

/* y = sums of lanes + bias (or NULL), for 1 or a multiple of 4 of them. */
INLINE void NAME(store_sums)(size_t count, const VEC *total, const REAL *bias, REAL *y)
{
    if (count == 1)
        y[0] = NAME(lane_sum)(total[0]) + (bias ? bias[0] : 0);
    for (size_t r = 0; r + 4 <= count; r += 4) {
        REAL sums[4];
        NAME(lane_sums)(total[r], total[r + 1], total[r + 2], total[r + 3], sums);
        for (size_t k = 0; k < 4; k++)
            y[r + k] = sums[k] + (bias ? bias[r + k] : 0);
    }
}

/* Rows i .. i + count - 1, count a constant. */
INLINE void NAME(matvec_rows)(size_t count, size_t cols, const REAL *W, const REAL *x,
                              const REAL *bias, REAL *y)
{
    VEC total[8] = {{0}};
    size_t j = 0;
    for (; j + LANES <= cols; j += LANES) {
        VEC v = NAME(load)(x + j);
        for (size_t r = 0; r < count; r++)
            total[r] += NAME(load)(W + r * cols + j) * v;
    }
    if (j < cols) {
        VEC v = NAME(load_part)(x + j, cols - j);
        for (size_t r = 0; r < count; r++)
            total[r] += NAME(load_part)(W + r * cols + j, cols - j) * v;
    }
    NAME(store_sums)(count, total, bias, y);
}

static void NAME(matvec)(size_t rows, size_t cols, const void *W_, const void *x, const void *bias_,
                         void *y_)
{
    const REAL *W = W_, *bias = bias_;
    REAL *y = y_;
    size_t i = 0;
    for (; i + 8 <= rows; i += 8)
        NAME(matvec_rows)(8, cols, W + i * cols, x, bias ? bias + i : NULL, y + i);
    for (; i + 4 <= rows; i += 4)
        NAME(matvec_rows)(4, cols, W + i * cols, x, bias ? bias + i : NULL, y + i);
    for (; i < rows; i++)
        NAME(matvec_rows)(1, cols, W + i * cols, x, bias ? bias + i : NULL, y + i);
}

/* Rows i .. i + count - 1 against two vectors, each sum in the order of matvec. */
INLINE void NAME(matvec_pair_rows)(size_t count, size_t i, size_t cols, const REAL *W,
                                   const void *const x[2], const void *const bias[2],
                                   void *const y[2])
{
    VEC total0[8] = {{0}}, total1[8] = {{0}};
    const REAL *x0 = x[0], *x1 = x[1];
    size_t j = 0;
    W += i * cols;
    for (; j + LANES <= cols; j += LANES) {
        VEC v0 = NAME(load)(x0 + j), v1 = NAME(load)(x1 + j);
        for (size_t r = 0; r < count; r++) {
            VEC w = NAME(load)(W + r * cols + j);
            total0[r] += w * v0;
            total1[r] += w * v1;
        }
    }
    if (j < cols) {
        VEC v0 = NAME(load_part)(x0 + j, cols - j), v1 = NAME(load_part)(x1 + j, cols - j);
        for (size_t r = 0; r < count; r++) {
            VEC w = NAME(load_part)(W + r * cols + j, cols - j);
            total0[r] += w * v0;
            total1[r] += w * v1;
        }
    }
    const REAL *b0 = bias[0], *b1 = bias[1];
    NAME(store_sums)(count, total0, b0 ? b0 + i : NULL, (REAL *)y[0] + i);
    NAME(store_sums)(count, total1, b1 ? b1 + i : NULL, (REAL *)y[1] + i);
}

static void NAME(matvec_pair)(size_t rows, size_t cols, const void *W, const void *const x[2],
                              const void *const bias[2], void *const y[2])
{
    size_t i = 0;
    /* twice eight sums need more registers than the smaller sets have */
    for (; BYTES == 64 && i + 8 <= rows; i += 8)
        NAME(matvec_pair_rows)(8, i, cols, W, x, bias, y);
    for (; i + 4 <= rows; i += 4)
        NAME(matvec_pair_rows)(4, i, cols, W, x, bias, y);
    for (; i < rows; i++)
        NAME(matvec_pair_rows)(1, i, cols, W, x, bias, y);
}

/* ---- dx = W^T dy: a block of dx stays in registers over all rows ---- */

/* `count` vectors of columns; the last has `last` elements. */
INLINE void NAME(matvec_t_block)(size_t count, size_t last, size_t rows, const REAL *W,
                                 size_t row_step, const REAL *dy, REAL *dx)
{
    VEC total[8] = {{0}};
    for (size_t i = 0; i < rows; i++) {
        const REAL *row = W + i * row_step;
        VEC v = NAME(fill)(dy[i]);
        for (size_t k = 0; k + 1 < count; k++)
            total[k] += NAME(load)(row + k * LANES) * v;
        total[count - 1] += (last == LANES ? NAME(load)(row + (count - 1) * LANES)
                                           : NAME(load_part)(row + (count - 1) * LANES, last)) *
                            v;
    }
    for (size_t k = 0; k + 1 < count; k++)
        NAME(store)(dx + k * LANES, total[k]);
    if (last == LANES)
        NAME(store)(dx + (count - 1) * LANES, total[count - 1]);
    else
        NAME(store_part)(dx + (count - 1) * LANES, total[count - 1], last);
}

/* The last columns, at most 8 vectors of them, in one block. */
static void NAME(matvec_t_rest)(size_t cols, size_t rows, const REAL *W, size_t row_step,
                                const REAL *dy, REAL *dx)
{
    size_t count = (cols + LANES - 1) / LANES, last = cols - (count - 1) * LANES;
    switch (count) {
    case 1: NAME(matvec_t_block)(1, last, rows, W, row_step, dy, dx); break;
    case 2: NAME(matvec_t_block)(2, last, rows, W, row_step, dy, dx); break;
    case 3: NAME(matvec_t_block)(3, last, rows, W, row_step, dy, dx); break;
    case 4: NAME(matvec_t_block)(4, last, rows, W, row_step, dy, dx); break;
    case 5: NAME(matvec_t_block)(5, last, rows, W, row_step, dy, dx); break;
    case 6: NAME(matvec_t_block)(6, last, rows, W, row_step, dy, dx); break;
    case 7: NAME(matvec_t_block)(7, last, rows, W, row_step, dy, dx); break;
    case 8: NAME(matvec_t_block)(8, last, rows, W, row_step, dy, dx); break;
    }
}

static void NAME(matvec_t)(size_t rows, size_t cols, const void *W_, size_t row_step,
                           const void *dy, void *dx_)
{
    const REAL *W = W_;
    REAL *dx = dx_;
    size_t j = 0;
    for (; j + 8 * LANES <= cols; j += 8 * LANES)
        NAME(matvec_t_block)(8, LANES, rows, W + j, row_step, dy, dx + j);
    if (j < cols)
        NAME(matvec_t_rest)(cols - j, rows, W + j, row_step, dy, dx + j);
}

/* ---- C = op(A) op(B): a packed panel of B times a few rows of A, the result in registers ---- */

enum { NAME(GEMM_DEPTH) = 256, NAME(GEMM_COLS) = 2 * LANES };

/* Columns j .. j + GEMM_COLS - 1 and rows q0 .. q0 + depth - 1 of op(B), zeros beyond n. */
static void NAME(pack)(bool transpose, size_t n, size_t k, const REAL *B, size_t q0, size_t depth,
                       size_t j, REAL *panel)
{
    size_t cols = n - j < NAME(GEMM_COLS) ? n - j : NAME(GEMM_COLS);
    if (cols < NAME(GEMM_COLS))
        memset(panel, 0, depth * NAME(GEMM_COLS) * sizeof *panel);
    B += transpose ? j * k + q0 : q0 * n + j;
    for (size_t c = 0; c < cols && transpose; c++)
        for (size_t q = 0; q < depth; q++)
            panel[q * NAME(GEMM_COLS) + c] = B[c * k + q];
    for (size_t q = 0; q < depth && !transpose; q++)
        memcpy(panel + q * NAME(GEMM_COLS), B + q * n, cols * sizeof *panel);
}

/* `count` rows of C, a constant; op(A)'s element (r, q) is a[r * row_step + q * step]. */
INLINE void NAME(gemm_rows)(size_t count, size_t width, size_t depth, const REAL *a,
                            size_t row_step, size_t step, const REAL *panel, REAL *C, size_t n,
                            size_t cols, bool first)
{
    VEC total[GEMM_ROWS][2] = {{{0}, {0}}};
    for (size_t q = 0; q < depth; q++) {
        const REAL *b = panel + q * NAME(GEMM_COLS);
        VEC b0 = NAME(load)(b), b1 = width > 1 ? NAME(load)(b + LANES) : b0;
        for (size_t r = 0; r < count; r++) {
            VEC v = NAME(fill)(a[r * row_step + q * step]);
            total[r][0] += v * b0;
            if (width > 1)
                total[r][1] += v * b1;
        }
    }
    for (size_t r = 0; r < count; r++)
        for (size_t h = 0; h < width; h++) {
            REAL *to = C + r * n + h * LANES;
            size_t here = cols > h * LANES ? cols - h * LANES : 0;
            if (here >= LANES)
                NAME(store)(to, first ? total[r][h] : NAME(load)(to) + total[r][h]);
            else if (here)
                NAME(store_part)
            (to, first ? total[r][h] : NAME(load_part)(to, here) + total[r][h], here);
        }
}

/* All rows of C against one panel. Width and steps are constants where this is inlined. */
INLINE void NAME(gemm_panel)(size_t width, size_t m, size_t n, size_t depth, const REAL *a,
                             size_t row_step, size_t step, const REAL *panel, REAL *C, size_t cols,
                             bool first)
{
    size_t i = 0;
    for (; i + GEMM_ROWS <= m; i += GEMM_ROWS)
        NAME(gemm_rows)
    (GEMM_ROWS, width, depth, a + i * row_step, row_step, step, panel, C + i * n, n, cols, first);
    for (; i + 4 <= m; i += 4)
        NAME(gemm_rows)
    (4, width, depth, a + i * row_step, row_step, step, panel, C + i * n, n, cols, first);
    for (; i < m; i++)
        NAME(gemm_rows)
    (1, width, depth, a + i * row_step, row_step, step, panel, C + i * n, n, cols, first);
}

static void NAME(gemm)(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k,
                       const void *A, const void *B, void *C)
{
    REAL panel[NAME(GEMM_DEPTH) * NAME(GEMM_COLS)] __attribute__((aligned(64)));
    if (k == 0)
        memset(C, 0, m * n * sizeof(REAL));
    for (size_t j = 0; j < n; j += NAME(GEMM_COLS))
        for (size_t q0 = 0; q0 < k; q0 += NAME(GEMM_DEPTH)) {
            size_t depth = k - q0 < NAME(GEMM_DEPTH) ? k - q0 : NAME(GEMM_DEPTH);
            NAME(pack)(transpose_b, n, k, B, q0, depth, j, panel);
            size_t cols = n - j < NAME(GEMM_COLS) ? n - j : NAME(GEMM_COLS);
            REAL *to = (REAL *)C + j;
            const REAL *a = (const REAL *)A + q0 * (transpose_a ? m : 1);
            bool narrow = cols <= LANES, first = q0 == 0;
            if (transpose_a && narrow)
                NAME(gemm_panel)(1, m, n, depth, a, 1, m, panel, to, cols, first);
            else if (transpose_a)
                NAME(gemm_panel)(2, m, n, depth, a, 1, m, panel, to, cols, first);
            else if (narrow)
                NAME(gemm_panel)(1, m, n, depth, a, k, 1, panel, to, cols, first);
            else
                NAME(gemm_panel)(2, m, n, depth, a, k, 1, panel, to, cols, first);
        }
}
