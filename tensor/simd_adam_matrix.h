/* simd_adam_matrix.h - Adam's kernel: the rows of a matrix; part of the one vector source
 * (kernels_simd.h). */

/* What all tame rows share: the squares of x, and +-scaled_step / r times x, for scales that are
 * positive and negative. */
enum { TAME_COLS = BITS == 32 ? 4096 : 1 };
typedef struct {
    real squares[TAME_COLS], steps[2][TAME_COLS];
} tame_inputs;

/* A matrix of weights, its gradient, and what its step takes. */
typedef struct {
    size_t rows, cols;
    const sg_rows *g;
    const adam_numbers *c;
    adam_places at;
    const tame_inputs *inputs; /* of g's one row, where it is tame, else NULL */
    const real *dy;            /* of a product, like dx */
    real *dx;
} adam_matrix;

/* The row whose weights begin at element i of the places. */
INLINE adam_row adam_row_at(size_t i, adam_gradient g, const adam_numbers *c, adam_places at,
                            adam_kind kind)
{
    vec scale = fill(g.scale), root = scale * c->root;
    at.p += i, at.v += i, at.p_next += i, at.v_next += i;
    if (kind.has_m)
        at.m += i, at.m_next += i;
    return (adam_row){.scale = scale,
                      .root = root,
                      .root_squared = root * root,
                      .one_minus_beta1 = scale * c->one_minus_beta1,
                      .scaled_step = scale * c->scaled_step,
                      .g = g,
                      .at = at,
                      .c = *c,
                      .kind = kind};
}

/* Rows by themselves, of a kind without product. */
INLINE void adam_each_row(const adam_matrix *matrix, adam_kind kind)
{
    const adam_numbers c = *matrix->c; /* in registers: stores cannot change it */
    for (size_t i = 0; i < matrix->rows; i++) {
        line x = line_of(matrix->g, i);
        const adam_gradient g = {.scale = x.scale, .x = x.row};
        const adam_row r = adam_row_at(i * matrix->cols, g, &c, matrix->at, kind);
        adam_one_row(matrix->cols, &r);
    }
}

/* Whether scaled_step / r is at most 2^100, far from overflow also where it meets an x. */
INLINE bool divides_by_root(const adam_numbers *c)
{
    real most = c->root[0] * (real)0x1p100;
    return c->root[0] > 0 && c->scaled_step[0] <= most && c->scaled_step[0] >= -most;
}

/* Short rows are formed and taken as one, as many at a time as the L1 cache holds beside all
 * else. */
enum { FORMED = 16384 / sizeof(real) };
INLINE void adam_short_rows(const adam_matrix *matrix, adam_kind kind)
{
    adam_numbers c = *matrix->c;
    const size_t cols = matrix->cols, at_once = FORMED / cols;
    const vec number = kind.rooted ? c.root : fill(1);
    real padded[SHORT + LANES] = {0}, formed[FORMED + LANES];
    if (kind.has_m)
        c.one_minus_beta1 /= number;
    else
        c.scaled_step /= number;
    memcpy(padded, matrix->g->row, cols * sizeof(real));
    for (size_t i = 0; i < matrix->rows; i += at_once) {
        size_t end = matrix->rows - i < at_once ? matrix->rows : i + at_once;
        form_rows(formed, padded, number, matrix->g, i, end, cols);
        const real *again = formed;
        /* Second halves read x again: gcc would keep it instead, for which there is no room. */
        __asm__("" : "+r"(again));
        const adam_gradient all = {.scale = 1, .x = formed, .again = again};
        const adam_row r = adam_row_at(i * cols, all, &c, matrix->at, kind);
        adam_one_row((end - i) * cols, &r);
    }
}

/* Of a kind without product. */
INLINE void adam_all(adam_matrix matrix, adam_kind kind)
{
    adam_kind rooted = kind;
    rooted.rooted = true;
    if (has_short_rows(matrix.rows, matrix.cols, matrix.g)) {
        if (BITS == 32 && !kind.decays && divides_by_root(matrix.c))
            adam_short_rows(&matrix, rooted);
        else
            adam_short_rows(&matrix, kind);
    } else {
        flatten(&matrix.rows, &matrix.cols, matrix.g);
        adam_each_row(&matrix, kind);
    }
}

/* ---- outer products of long rows, without decay: most of the time of a step ----
 * A row is tame where no element of x and not its scale is beyond 2^10, u = |r scale| is at least
 * 2^-43, and eps / s is at least 2^-32 (as 1e-8 is for a beta2 of up to 0.999, from the first step
 * on), at most 1; others are wild. Then g^2 is the product of two squares, of which those of x are
 * made once for all rows: what second moments lose where a square is too small adds up to less than
 * 2^-106, and roots are off by less than 2^-53, 2^-21 of eps. In float64 divisions take the time,
 * and no row counts as tame.
 *
 * Two things are to be known of rows that go by units. beta2 / u^2 and u^2 are rounded, so that
 * where gradients are the same in every step second moments decay by another number within 2^-23 of
 * beta2, as they do by another within 2^-25 in wild rows. And w' overflows where v is 2^128 u^2 or
 * more, which takes a gradient beyond 2^20 some time: it becomes the largest number, and v falls to
 * 2^128 u^2, 2^42 or more, at once. The step itself is below 2^-54 / r of step_size / s either way,
 * but later steps do not know all of that gradient any more. */
#define TAME_LARGEST ((real)0x1p10)
#define TAME_UNIT_SQUARED ((real)0x1p-86)

/* Of n elements from column j on; returns which of them are tame. */
INLINE mask make_inputs_at(size_t j, size_t n, const real *x, vec step, tame_inputs *to)
{
    vec part = load_first(x + j, n), square = part * part;
    store_first(to->squares + j, square, n);
    store_first(to->steps[0] + j, step * part, n);
    store_first(to->steps[1] + j, -(step * part), n);
    return (mask)(square <= fill(TAME_LARGEST * TAME_LARGEST));
}

/* False if there is no room for x or not all of it is tame. */
INLINE bool make_inputs(size_t cols, const real *x, const adam_numbers *c, tame_inputs *to)
{
    mask tame = ~(mask){0};
    vec step = c->scaled_step / c->root;
    size_t j = 0;
    if (cols > TAME_COLS)
        return false;
    for (; j + LANES <= cols; j += LANES)
        tame &= make_inputs_at(j, LANES, x, step, to);
    if (j < cols)
        tame &= make_inputs_at(j, cols - j, x, step, to);
    return all_lanes(tame);
}

INLINE bool numbers_are_tame(const adam_numbers *c)
{
    return c->eps[0] >= (real)0x1p-32 && c->eps[0] <= 1 && divides_by_root(c);
}

/* Rows from one on: which are tame, which have a negative scale (all bits set), and what goes by
 * units. A few at a time, since single divisions are dear. */
enum { BLOCK_ROWS = 64 };
typedef struct {
    bits_of tame[BLOCK_ROWS], negative[BLOCK_ROWS];
    real unit_squared[BLOCK_ROWS], beta2[BLOCK_ROWS], eps[BLOCK_ROWS];
} adam_block;

/* n rows, at most LANES, from row i on are the block's from row k on. */
INLINE void make_block_at(size_t k, size_t n, size_t i, const adam_matrix *matrix, adam_block *to)
{
    const adam_numbers *c = matrix->c;
    vec scale = (real)matrix->g->factor * load_first((const real *)matrix->g->scale + i, n);
    vec unit = magnitude(scale * c->root), squared = unit * unit;
    mask small = (mask)(magnitude(scale) <= fill(TAME_LARGEST)), negative = (mask)(scale < fill(0));
    mask tame = small & (mask)(squared >= fill(TAME_UNIT_SQUARED));
    memcpy(to->tame + k, &tame, sizeof tame);
    memcpy(to->negative + k, &negative, sizeof negative);
    store(to->unit_squared + k, squared);
    store(to->beta2 + k, c->beta2 / squared);
    store(to->eps + k, c->eps / unit);
}

INLINE void make_block(size_t first, size_t n, const adam_matrix *matrix, adam_block *to)
{
    for (size_t k = 0; k < n; k += LANES)
        make_block_at(k, n - k < LANES ? n - k : LANES, first + k, matrix, to);
}

/* Row k of the block from row `first` on. */
INLINE adam_row row_of_block(size_t k, size_t first, const adam_matrix *matrix,
                             const adam_numbers *c, const adam_block *block, adam_kind kind)
{
    line x = line_of(matrix->g, first + k);
    adam_gradient g = {.scale = x.scale, .x = x.row};
    if (kind.tame) {
        g.squares = matrix->inputs->squares;
        g.steps = matrix->inputs->steps[block->negative[k] & 1];
    }
    adam_row r = adam_row_at((first + k) * matrix->cols, g, c, matrix->at, kind);
    if (goes_by_units(kind)) {
        r.root_squared = fill(block->unit_squared[k]);
        r.c.beta2 = fill(block->beta2[k]), r.c.eps = fill(block->eps[k]);
    }
    if (kind.takes_product)
        r.dy = fill(matrix->dy[first + k]), r.dx = matrix->dx;
    return r;
}

/* The whole groups of the block's rows k .. end - 1, at least one. */
INLINE void adam_groups(size_t k, size_t end, size_t first, const adam_matrix *matrix,
                        const adam_block *block, adam_kind kind)
{
    const adam_numbers c = *matrix->c;
    adam_half half[AHEAD];
    adam_row r = row_of_block(k, first, matrix, &c, block, kind);
    begin_group(&r, half);
    size_t last = next_groups(matrix->cols, &r, half);
    while (++k < end) {
        adam_row next = row_of_block(k, first, matrix, &c, block, kind);
        next_group(0, &next, last, &r, half);
        r = next;
        next_groups(matrix->cols, &r, half);
    }
    end_group(last, &r, half);
}

/* What is behind them. A loop by itself, since both together need too many registers. */
INLINE void adam_rests(size_t k, size_t end, size_t first, const adam_matrix *matrix,
                       const adam_block *block, adam_kind kind)
{
    const adam_numbers c = *matrix->c;
    for (; k < end; k++) {
        const adam_row r = row_of_block(k, first, matrix, &c, block, kind);
        adam_rest(matrix->cols, &r);
    }
}

INLINE void adam_rows(size_t k, size_t end, size_t first, const adam_matrix *matrix,
                      const adam_block *block, adam_kind kind)
{
    if (matrix->cols >= GROUP)
        adam_groups(k, end, first, matrix, block, kind);
    if (matrix->cols % GROUP)
        adam_rests(k, end, first, matrix, block, kind);
}

INLINE void adam_outer_rows(const adam_matrix *matrix, adam_kind kind)
{
    adam_kind tame = kind;
    tame.tame = BITS == 32;
    if (kind.takes_product)
        memset(matrix->dx, 0, matrix->cols * sizeof(real));
    for (size_t first = 0; first < matrix->rows; first += BLOCK_ROWS) {
        adam_block block;
        size_t left = matrix->rows - first, n = left < BLOCK_ROWS ? left : BLOCK_ROWS;
        memset(block.tame, 0, sizeof block.tame);
        if (matrix->inputs)
            make_block(first, n, matrix, &block);
        for (size_t k = 0, end; k < n; k = end) {
            for (end = k + 1; end < n && block.tame[end] == block.tame[k];)
                end++;
            if (BITS == 32 && block.tame[k])
                adam_rows(k, end, first, matrix, &block, tame);
            else
                adam_rows(k, end, first, matrix, &block, kind);
        }
    }
}

static void adam_outer(adam_matrix matrix, const sg_product *product)
{
    tame_inputs inputs;
    if (BITS == 32 && numbers_are_tame(matrix.c) &&
        make_inputs(matrix.cols, matrix.g->row, matrix.c, &inputs))
        matrix.inputs = &inputs;
    if (matrix.at.m) {
        adam_outer_rows(&matrix, (adam_kind){.has_m = true});
    } else if (product) {
        matrix.dy = product->dy, matrix.dx = product->dx;
        adam_outer_rows(&matrix, (adam_kind){.takes_product = true});
    } else {
        adam_outer_rows(&matrix, (adam_kind){0});
    }
}

/* ---- the kernel ----
 * A row of a long outer product is updated alike whatever rows are beside it; a short one is not if
 * it is alone. */

static adam_numbers adam_numbers_of(const sg_adam_numbers *c)
{
    double step = c->step_size / c->root_scale * QUOTIENT_SCALE;
    return (adam_numbers){.beta1 = fill((real)c->beta1),
                          .one_minus_beta1 = fill((real)(1 - c->beta1)),
                          .beta2 = fill((real)c->beta2),
                          .root = fill((real)sqrt(1 - c->beta2)),
                          .scaled_step = fill((real)step),
                          .eps = fill((real)(c->eps / c->root_scale)),
                          .l2 = fill((real)c->l2),
                          .decay = fill((real)c->decay)};
}

static void adam_kernel(size_t rows, size_t cols, const sg_adam_numbers *numbers, const sg_rows *g,
                        const void *p, const void *m, const void *v, void *p_next, void *m_next,
                        void *v_next, const sg_product *product)
{
    const adam_numbers c = adam_numbers_of(numbers);
    const adam_matrix matrix = {
        .rows = rows, .cols = cols, .g = g, .c = &c, .at = {p, m, v, p_next, m_next, v_next}};
    bool decays = numbers->l2 != 0 || numbers->decay != 1;
    bool is_long_outer = rows /* or there may be no x */ && g->scale && !g->row_step &&
                         !has_short_rows(rows, cols, g);
    bool in_one_pass = product && is_long_outer && !decays && !m;
    if (product && !in_one_pass)
        matvec_t_kernel(rows, cols, p, cols, product->dy, NULL, product->dx);
    if (is_long_outer && !decays)
        adam_outer(matrix, product);
    else if (m && decays)
        adam_all(matrix, (adam_kind){.has_m = true, .decays = true});
    else if (m)
        adam_all(matrix, (adam_kind){.has_m = true});
    else if (decays)
        adam_all(matrix, (adam_kind){.decays = true});
    else
        adam_all(matrix, (adam_kind){0});
}
