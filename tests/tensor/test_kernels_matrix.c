/* test_kernels_matrix.c - products, matrix operands and Adam of every usable instruction set
 * against the scalar reference. Inputs and outputs end at unreadable memory (sets.h).
 */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/tensor/sets.h"

typedef struct {
    size_t rows, cols;
} size_pair;

/* Those of agents, odd ones around the lengths of vectors and blocks, a large odd one (FAR_FROM).
 */
static const size_pair sizes[] = {
    {0, 5},   {5, 0},     {1, 1},    {1, 256},   {2, 3},     {3, 17},   {4, 4},
    {5, 8},   {6, 256},   {7, 16},   {8, 31},    {9, 33},    {11, 1},   {12, 11},
    {16, 16}, {17, 256},  {23, 47},  {31, 64},   {33, 65},   {64, 7},   {65, 130},
    {70, 70}, {128, 128}, {256, 17}, {256, 256}, {256, 376}, {67, 300}, {141, 250}};
enum { SIZES = sizeof sizes / sizeof *sizes, MOST = 256 * 376 };

/* How large what adds up to each element is: errors are measured against it. */
static double magnitude[MOST];

/* Each element within `units` roundings of its magnitude. */
static void compare(const sg_kernels *set, const char *name, size_pair s, size_t n,
                    const void *have, const void *want, double units)
{
    for (size_t i = 0; i < n; i++) {
        double a = get(set->dtype, have, i), b = get(set->dtype, want, i);
        double tolerance = units * epsilon(set->dtype) * magnitude[i] + smallest(set->dtype);
        cr_assert(near(a, b, tolerance), "%s %s %zux%zu: element %zu is %.17g, expected %.17g",
                  set->name, name, s.rows, s.cols, i, a, b);
    }
}

/* n normal numbers at the edge of a slot. */
static void *normals(const sg_kernels *set, int slot, size_t n, double scale, unsigned stream)
{
    void *to = at_edge(slot, n * sg_dtype_size(set->dtype));
    put_normals(set->dtype, to, n, scale, stream);
    return to;
}

static void *room(const sg_kernels *set, int slot, size_t n)
{
    return at_edge(slot, n * sg_dtype_size(set->dtype));
}

/* ---- matrix times vector ---- */

static void matvec_of(const sg_kernels *set, const sg_kernels *reference)
{
    sg_dtype t = set->dtype;
    for (size_t k = 0; k < 2 * SIZES; k++) {
        size_pair s = sizes[k / 2];
        size_t bytes = s.rows * s.cols * sg_dtype_size(t);
        void *W = normals(set, 0, s.rows * s.cols, 1, 1), *x = normals(set, 1, s.cols, 1, 2);
        void *bias = k % 2 ? normals(set, 2, s.rows, 1, 3) : NULL;
        void *want = room(set, 3, s.rows), *have = room(set, 4, s.rows),
             *again = room(set, 5, s.rows);
        reference->matvec(s.rows, s.cols, W, x, bias, want);
        set->matvec(s.rows, s.cols, W, x, bias, have);
        for (size_t i = 0; i < s.rows; i++) {
            magnitude[i] = bias ? fabs(get(t, bias, i)) : 0;
            for (size_t j = 0; j < s.cols; j++)
                magnitude[i] += fabs(get(t, W, i * s.cols + j) * get(t, x, j));
        }
        compare(set, "matvec", s, s.rows, have, want, 10);
        void *aligned = at_line(6, bytes);
        memcpy(aligned, W, bytes);
        set->matvec(s.rows, s.cols, aligned, x, bias, again);
        cr_assert(!memcmp(have, again, s.rows * sg_dtype_size(t)), "%s depends on alignment",
                  set->name);
    }
}

Test(kernels_matrix, matvec) { on_every_set(matvec_of); }

/* A row's product depends on no other row, even where those are not finite: with any number of
 * columns around the lengths of vectors. */
static void matvec_apart(const sg_kernels *set, __attribute__((unused)) const sg_kernels *reference)
{
    enum { ROWS = 19, MOST_COLS = 70 };
    sg_dtype t = set->dtype;
    size_t number = sg_dtype_size(t);
    for (size_t cols = 1; cols <= MOST_COLS; cols++) {
        void *W = at_edge(0, ROWS * cols * number), *x = normals(set, 1, cols, 1, 2);
        void *y = room(set, 3, ROWS), *alone = room(set, 4, 1);
        put_specials(t, W, ROWS * cols, 1);
        for (size_t i = 0; i < ROWS; i++) {
            void *row = (char *)W + i * cols * number;
            put_normals(t, row, cols, 1, (unsigned)i);
            set->matvec(ROWS, cols, W, x, NULL, y);
            set->matvec(1, cols, row, x, NULL, alone);
            cr_assert(isfinite(get(t, alone, 0)));
            cr_assert(!memcmp((char *)y + i * number, alone, number),
                      "%s: row %zu of %zu columns depends on others", set->name, i, cols);
            put_specials(t, row, cols, (unsigned)i);
        }
    }
}

Test(kernels_matrix, matvec_apart) { on_every_set(matvec_apart); }

/* Two at once: the very bits of one after the other. */
static void matvec_pair_of(const sg_kernels *set, const sg_kernels *reference)
{
    (void)reference;
    for (size_t k = 0; k < SIZES; k++) {
        size_pair s = sizes[k];
        size_t bytes = s.rows * sg_dtype_size(set->dtype);
        void *W = normals(set, 0, s.rows * s.cols, 1, 1);
        void *x[] = {normals(set, 1, s.cols, 1, 2), normals(set, 2, s.cols, 1, 3)};
        void *bias[] = {k % 2 ? normals(set, 3, s.rows, 1, 4) : NULL,
                        k % 3 ? normals(set, 4, s.rows, 1, 5) : NULL};
        void *have[] = {room(set, 5, s.rows), room(set, 6, s.rows)}, *want = room(set, 7, s.rows);
        set->matvec_pair(s.rows, s.cols, W, (const void *const *)x, (const void *const *)bias,
                         have);
        for (int i = 0; i < 2; i++) {
            set->matvec(s.rows, s.cols, W, x[i], bias[i], want);
            cr_assert(!memcmp(have[i], want, bytes), "%s: matvec_pair %zu x %zu", set->name, s.rows,
                      s.cols);
        }
    }
}

Test(kernels_matrix, matvec_pair) { on_every_set(matvec_pair_of); }

/* In one call, in two that take the rows in turn, and of some columns. */
static void matvec_t_of(const sg_kernels *set, const sg_kernels *reference)
{
    sg_dtype t = set->dtype;
    for (size_t k = 0; k < SIZES; k++) {
        size_pair s = sizes[k];
        size_t size = s.rows * s.cols, bytes = s.cols * sg_dtype_size(t), first = s.rows / 3;
        void *W = normals(set, 0, size, 1, 4), *dy = normals(set, 1, s.rows, 1, 5);
        void *want = room(set, 2, s.cols), *have = room(set, 3, s.cols),
             *again = room(set, 4, s.cols);
        reference->matvec_t(s.rows, s.cols, W, s.cols, dy, NULL, want);
        set->matvec_t(s.rows, s.cols, W, s.cols, dy, NULL, have);
        for (size_t j = 0; j < s.cols; j++) {
            magnitude[j] = 0;
            for (size_t i = 0; i < s.rows; i++)
                magnitude[j] += fabs(get(t, W, i * s.cols + j) * get(t, dy, i));
        }
        compare(set, "matvec_t", s, s.cols, have, want, 10);
        void *aligned = at_line(6, size * sg_dtype_size(t));
        memcpy(aligned, W, size * sg_dtype_size(t));
        set->matvec_t(first, s.cols, aligned, s.cols, dy, NULL, again);
        set->matvec_t(s.rows - first, s.cols, (char *)aligned + first * bytes, s.cols,
                      (char *)dy + first * sg_dtype_size(t), again, again);
        cr_assert(!memcmp(have, again, bytes), "%s depends on alignment or parts", set->name);
        size_t from = s.cols / 3, to = s.cols - s.cols / 4, number = sg_dtype_size(t);
        void *some = room(set, 7, to - from);
        set->matvec_t(s.rows, to - from, (char *)W + from * number, s.cols, dy, NULL, some);
        cr_assert(!memcmp((char *)have + from * number, some, (to - from) * number),
                  "%s: columns %zu to %zu differ from those of all", set->name, from, to);
    }
}

Test(kernels_matrix, matvec_t) { on_every_set(matvec_t_of); }

/* ---- operands that need not exist in memory ---- */

/* The kinds of operand: stored, stored and scaled by row, rows apart, an outer product. */
enum { STORED, SCALED, APART, OUTER, KINDS };

static sg_rows operand(const sg_kernels *set, size_pair s, int kind)
{
    size_t step = kind == OUTER ? 0 : s.cols + (kind == APART ? 3 : 0);
    size_t size = s.rows ? (s.rows - 1) * step + s.cols : 0;
    bool scaled = kind == SCALED || kind == OUTER;
    return (sg_rows){.factor = -1.25,
                     .scale = scaled ? normals(set, 0, s.rows, 1, 6) : NULL,
                     .row = normals(set, 1, size, 1, 7),
                     .row_step = step};
}

static double operand_at(sg_dtype t, const sg_rows *x, size_t i, size_t j)
{
    return x->factor * (x->scale ? get(t, x->scale, i) : 1) * get(t, x->row, i * x->row_step + j);
}

static void materialize_of(const sg_kernels *set, const sg_kernels *reference)
{
    for (size_t k = 0; k < KINDS * SIZES; k++) {
        size_pair s = sizes[k / KINDS];
        size_t n = s.rows * s.cols;
        sg_rows x = operand(set, s, k % KINDS);
        void *want = room(set, 2, n), *have = room(set, 3, n);
        reference->materialize(s.rows, s.cols, &x, want);
        set->materialize(s.rows, s.cols, &x, have);
        for (size_t i = 0; i < n; i++)
            magnitude[i] = fabs(operand_at(set->dtype, &x, i / s.cols, i % s.cols));
        compare(set, "materialize", s, n, have, want, 2);
    }
}

Test(kernels_matrix, materialize) { on_every_set(materialize_of); }

static void add_scaled_of(const sg_kernels *set, const sg_kernels *reference)
{
    for (size_t k = 0; k < KINDS * SIZES; k++) {
        size_pair s = sizes[k / KINDS];
        size_t n = s.rows * s.cols;
        sg_rows x = operand(set, s, k % KINDS);
        void *a = normals(set, 2, n, 1, 8), *want = room(set, 3, n), *have = room(set, 4, n);
        for (size_t i = 0; i < n; i++)
            magnitude[i] = fabs(get(set->dtype, a, i)) +
                           fabs(0.3 * operand_at(set->dtype, &x, i / s.cols, i % s.cols));
        reference->add_scaled(s.rows, s.cols, a, 0.3, &x, want, NULL);
        set->add_scaled(s.rows, s.cols, a, 0.3, &x, have, NULL);
        compare(set, "add_scaled", s, n, have, want, 2);
        set->add_scaled(s.rows, s.cols, a, 0.3, &x, a, NULL);
        cr_assert(!memcmp(a, have, n * sg_dtype_size(set->dtype)), "%s: in place", set->name);
    }
}

Test(kernels_matrix, add_scaled) { on_every_set(add_scaled_of); }

static void trace_of(const sg_kernels *set, const sg_kernels *reference)
{
    for (size_t k = 0; k < KINDS * SIZES; k++) {
        size_pair s = sizes[k / KINDS];
        size_t n = s.rows * s.cols, parts = (s.rows + SG_TRACE_ROWS - 1) / SG_TRACE_ROWS;
        sg_rows g = operand(set, s, k % KINDS);
        void *z = normals(set, 2, n, 1, 8), *want = room(set, 3, n), *have = room(set, 4, n);
        void *want_sums = room(set, 5, parts), *have_sums = room(set, 6, parts);
        reference->trace(s.rows, s.cols, 0.8, &g, z, want, want_sums);
        set->trace(s.rows, s.cols, 0.8, &g, z, have, have_sums);
        for (size_t i = 0; i < n; i++)
            magnitude[i] = fabs(0.8 * get(set->dtype, z, i)) +
                           fabs(operand_at(set->dtype, &g, i / s.cols, i % s.cols));
        compare(set, "trace", s, n, have, want, 2);
        for (size_t i = 0; i < parts; i++)
            magnitude[i] = get(set->dtype, want_sums, i);
        compare(set, "trace sums", s, parts, have_sums, want_sums, 60);
        set->trace(s.rows, s.cols, 0.8, &g, z, z, want_sums);
        cr_assert(!memcmp(z, have, n * sg_dtype_size(set->dtype)), "%s: in place", set->name);
    }
}

Test(kernels_matrix, trace) { on_every_set(trace_of); }

/* ---- directions divided by root mean squares ---- */

/* Without anything beside the root, what lies beyond a row is 0 / 0, and no part of the sums. */
static const sg_rms_numbers rms_kinds[] = {
    {0.999, 1.7, 0, 1e-8}, {0.9, 1, 1e-3, 0}, {0.9, 1, 0, 0}};

/* All terms of a sum have one sign: its error is one of its own size. */
static void compare_sums(const sg_kernels *set, size_pair s, size_t parts, const void *have,
                         const void *want)
{
    for (size_t i = 0; i < parts * SG_RMS_SUMS; i++)
        magnitude[i] = fabs(get(set->dtype, want, i));
    compare(set, "rms sums", s, parts * SG_RMS_SUMS, have, want, 60);
}

static void rms_one(const sg_kernels *set, const sg_kernels *reference, size_pair s, int kind,
                    const sg_rms_numbers *c)
{
    size_t n = s.rows * s.cols, parts = (s.rows + SG_TRACE_ROWS - 1) / SG_TRACE_ROWS;
    sg_rows g = operand(set, s, (size_t)kind);
    void *v = normals(set, 2, n, 1, 8), *z = normals(set, 3, n, 1, 9);
    set->abs(n, v, v);
    void *want[] = {room(set, 4, n), room(set, 5, n), room(set, 6, parts * SG_RMS_SUMS)};
    void *have[] = {room(set, 7, n), room(set, 8, n), room(set, 9, parts * SG_RMS_SUMS)};
    reference->rms_direction(s.rows, s.cols, c, &g, v, z, want[0], want[1], want[2]);
    set->rms_direction(s.rows, s.cols, c, &g, v, z, have[0], have[1], have[2]);
    for (size_t i = 0; i < n; i++)
        magnitude[i] = get(set->dtype, want[0], i);
    compare(set, "rms v", s, n, have[0], want[0], 8);
    for (size_t i = 0; i < n; i++)
        magnitude[i] = fabs(get(set->dtype, want[1], i));
    compare(set, "rms direction", s, n, have[1], want[1], 16);
    compare_sums(set, s, parts, have[2], want[2]);

    set->rms_direction(s.rows, s.cols, c, &g, v, z, v, z, want[2]);
    size_t bytes = n * sg_dtype_size(set->dtype);
    cr_assert(!memcmp(v, have[0], bytes) && !memcmp(z, have[1], bytes), "%s: in place", set->name);
}

static void rms_of(const sg_kernels *set, const sg_kernels *reference)
{
    for (size_t k = 0; k < KINDS * SIZES; k++)
        for (size_t c = 0; c < sizeof rms_kinds / sizeof rms_kinds[0]; c++)
            rms_one(set, reference, sizes[k / KINDS], (int)(k % KINDS), &rms_kinds[c]);
}

Test(kernels_matrix, rms_direction) { on_every_set(rms_of); }

/* ---- matrix times matrix ---- */

/* With `spare` columns of A beyond those that are used. */
static void gemm_one(const sg_kernels *set, const sg_kernels *reference, size_t m, size_t n,
                     size_t k, bool ta, bool tb, size_t spare)
{
    sg_dtype t = set->dtype;
    size_t a_rows = ta ? k : m, a_step = (ta ? m : k) + spare;
    void *A = normals(set, 0, a_rows * a_step, 1, 9), *B = normals(set, 1, k * n, 1, 10);
    void *want = room(set, 2, m * n), *have = room(set, 3, m * n);
    put_normals(t, have, m * n, 1, 11); /* what stood there must not matter */
    reference->gemm(ta, tb, m, n, k, A, a_step, B, want);
    set->gemm(ta, tb, m, n, k, A, a_step, B, have);
    for (size_t i = 0; i < m * n; i++)
        magnitude[i] = 0;
    for (size_t i = 0; i < m; i++)
        for (size_t l = 0; l < k; l++)
            for (size_t j = 0; j < n; j++)
                magnitude[i * n + j] += fabs(get(t, A, ta ? l * a_step + i : i * a_step + l) *
                                             get(t, B, tb ? j * k + l : l * n + j));
    compare(set,
            ta   ? tb ? "gemm tt" : "gemm tn"
            : tb ? "gemm nt"
                 : "gemm nn",
            (size_pair){m, n}, m * n, have, want, 10);
}

static void gemm_of(const sg_kernels *set, const sg_kernels *reference)
{
    static const size_t dims[][3] = {{0, 3, 3},    {3, 0, 3},    {3, 3, 0},    {1, 1, 1},
                                     {2, 3, 4},    {1, 64, 17},  {5, 7, 9},    {8, 32, 16},
                                     {13, 33, 31}, {17, 1, 40},  {24, 65, 12}, {31, 48, 257},
                                     {64, 64, 64}, {11, 70, 530}};
    for (size_t d = 0; d < sizeof dims / sizeof *dims; d++)
        for (int transposed = 0; transposed < 4; transposed++)
            gemm_one(set, reference, dims[d][0], dims[d][1], dims[d][2], transposed & 1,
                     transposed & 2, d % 3);
}

Test(kernels_matrix, gemm) { on_every_set(gemm_of); }

/* ---- Adam ---- */

/* A moment or not, L2 or decay or neither: every loop of the kernel. */
static const sg_adam_numbers steps[] = {
    {.beta1 = 0, .beta2 = 0.999, .eps = 1e-8, .step_size = 3e-3, .root_scale = 5, .decay = 1},
    {.beta1 = 0, .beta2 = 1, .eps = 1e-2, .step_size = 3e-3, .root_scale = 1, .decay = 1},
    {.beta1 = 0,
     .beta2 = 0.99,
     .eps = 1e-5,
     .step_size = 3e-3,
     .root_scale = 1,
     .l2 = 0.01,
     .decay = 1},
    {.beta1 = 0, .beta2 = 0.999, .eps = 1e-8, .step_size = 3e-3, .root_scale = 1, .decay = 0.99},
    {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .step_size = 6e-3, .root_scale = 20, .decay = 1},
    {.beta1 = 0.9,
     .beta2 = 0.999,
     .eps = 1e-8,
     .step_size = 6e-3,
     .root_scale = 2,
     .l2 = 0.1,
     .decay = 0.9}};
enum { STEPS = sizeof steps / sizeof *steps };

/* p, m and v; m is NULL without a first moment. */
typedef struct {
    void *p, *m, *v;
} moments;

/* v spreads over many orders of magnitude, with zeros. */
static moments before_step(const sg_kernels *set, const sg_adam_numbers *c, size_t n)
{
    sg_dtype t = set->dtype;
    moments x = {.p = normals(set, 2, n, 1, 12), .v = normals(set, 4, n, 1, 13)};
    x.m = c->beta1 != 0 ? normals(set, 3, n, 0.1, 14) : NULL;
    for (size_t i = 0; i < n; i++) {
        double v = i % 7 ? pow(10, 3 * get(t, x.v, i)) : 0;
        sg_store(t, (char *)x.v + i * sg_dtype_size(t), &v, 1);
    }
    return x;
}

static moments room_for_step(const sg_kernels *set, const sg_adam_numbers *c, int slot, size_t n)
{
    return (moments){room(set, slot, n), c->beta1 != 0 ? room(set, slot + 1, n) : NULL,
                     room(set, slot + 2, n)};
}

/* Fills magnitude for p (which = 0), m or v from what the formula adds up. Where the two parts of
 * the gradient cancel, v's error and with it p's is larger by as much. */
static void adam_magnitude(sg_dtype t, size_pair s, const sg_adam_numbers *c, const sg_rows *g,
                           moments x, moments want, int which)
{
    for (size_t i = 0; i < s.rows * s.cols; i++) {
        double p = fabs(get(t, x.p, i));
        double loss = operand_at(t, g, i / s.cols, i % s.cols), gradient = fabs(loss) + c->l2 * p;
        double cancelled = gradient / fabs(loss + c->l2 * get(t, x.p, i));
        double m = (x.m ? c->beta1 * fabs(get(t, x.m, i)) : 0) + (1 - c->beta1) * gradient;
        double v = c->beta2 * get(t, x.v, i) + (1 - c->beta2) * gradient * gradient;
        double root = sqrt(get(t, want.v, i)) * c->root_scale + c->eps;
        magnitude[i] = which == 0   ? p + 2 * c->step_size * m / root * cancelled
                       : which == 1 ? m
                                    : v;
    }
}

static void adam_one(const sg_kernels *set, const sg_kernels *reference, size_pair s, int kind,
                     const sg_adam_numbers *c)
{
    size_t n = s.rows * s.cols, bytes = n * sg_dtype_size(set->dtype);
    sg_rows g = operand(set, s, kind);
    moments x = before_step(set, c, n), want = room_for_step(set, c, 5, n),
            have = room_for_step(set, c, 8, n);
    reference->adam(s.rows, s.cols, c, &g, x.p, x.m, x.v, want.p, want.m, want.v, NULL);
    set->adam(s.rows, s.cols, c, &g, x.p, x.m, x.v, have.p, have.m, have.v, NULL);
    adam_magnitude(set->dtype, s, c, &g, x, want, 0);
    compare(set, "adam p", s, n, have.p, want.p, 8);
    adam_magnitude(set->dtype, s, c, &g, x, want, 2);
    compare(set, "adam v", s, n, have.v, want.v, 8);
    if (x.m) {
        adam_magnitude(set->dtype, s, c, &g, x, want, 1);
        compare(set, "adam m", s, n, have.m, want.m, 4);
    }
    set->adam(s.rows, s.cols, c, &g, x.p, x.m, x.v, x.p, x.m, x.v, NULL);
    cr_assert(!memcmp(x.p, have.p, bytes) && !memcmp(x.v, have.v, bytes), "%s: in place",
              set->name);
    cr_assert(!x.m || !memcmp(x.m, have.m, bytes), "%s: m in place", set->name);
}

/* A product in the same pass is that of the old matrix, to the bit, and changes nothing else. */
static void product_one(const sg_kernels *set, size_pair s, int kind, const sg_adam_numbers *c)
{
    size_t n = s.rows * s.cols, bytes = n * sg_dtype_size(set->dtype);
    size_t row_bytes = s.cols * sg_dtype_size(set->dtype);
    sg_rows g = operand(set, s, kind);
    moments x = before_step(set, c, n), want = room_for_step(set, c, 5, n);
    void *dx = room(set, 8, s.cols), *want_dx = room(set, 9, s.cols);
    sg_product product = {normals(set, 10, s.rows, 1, 15), dx};

    set->matvec_t(s.rows, s.cols, x.p, s.cols, product.dy, NULL, want_dx);
    set->adam(s.rows, s.cols, c, &g, x.p, x.m, x.v, want.p, want.m, want.v, NULL);
    set->adam(s.rows, s.cols, c, &g, x.p, x.m, x.v, x.p, x.m, x.v, &product);
    cr_assert(!memcmp(dx, want_dx, row_bytes), "%s: adam's product", set->name);
    cr_assert(!memcmp(x.p, want.p, bytes) && !memcmp(x.v, want.v, bytes), "%s: p, v with product",
              set->name);

    set->matvec_t(s.rows, s.cols, x.p, s.cols, product.dy, NULL, want_dx);
    set->add_scaled(s.rows, s.cols, x.p, -0.1, &g, want.p, NULL);
    set->add_scaled(s.rows, s.cols, x.p, -0.1, &g, x.p, &product);
    cr_assert(!memcmp(dx, want_dx, row_bytes), "%s: add_scaled's product", set->name);
    cr_assert(!memcmp(x.p, want.p, bytes), "%s: add_scaled with product", set->name);
}

static void adam_of(const sg_kernels *set, const sg_kernels *reference)
{
    for (size_t k = 0; k < SIZES; k++)
        for (int kind = 0; kind < KINDS; kind++)
            for (size_t c = 0; c < STEPS; c++)
                adam_one(set, reference, sizes[k], kind, &steps[c]);
    for (size_t k = 0; k < SIZES; k++)
        for (int kind = 0; kind < KINDS && sizes[k].rows; kind++)
            for (size_t c = 0; c < STEPS; c++)
                product_one(set, sizes[k], kind, &steps[c]);
}

Test(kernels_matrix, adam) { on_every_set(adam_of); }

/* Nothing moves where there has never been a gradient; denormal, huge and infinite moments stay
 * defined, and an undefined gradient is not hidden. */
static void adam_specials(const sg_kernels *set, const sg_kernels *reference)
{
    const double gradients[] = {0, 0, 0, 1e-30, -1e-22, 1e-3, 1, 1e18, -1e18, NAN, 0, 1};
    const double seconds[] = {0, 1e-40, 1e-45, 0, 0, 1e-39, 1e37, 1e38, 0, 1, INFINITY, INFINITY};
    enum { N = sizeof gradients / sizeof *gradients };
    sg_dtype t = set->dtype;
    sg_adam_numbers c = steps[0];
    moments x = {normals(set, 2, N, 1, 15), NULL, room(set, 4, N)};
    moments want = room_for_step(set, &c, 5, N), have = room_for_step(set, &c, 8, N);
    void *row = room(set, 1, N);
    sg_rows g = {.factor = 1, .row = row, .row_step = N};
    sg_store(t, row, gradients, N);
    sg_store(t, x.v, seconds, N);
    reference->adam(1, N, &c, &g, x.p, NULL, x.v, want.p, NULL, want.v, NULL);
    set->adam(1, N, &c, &g, x.p, NULL, x.v, have.p, NULL, have.v, NULL);
    for (size_t i = 0; i < N; i++) {
        double a = get(t, have.p, i), b = get(t, want.p, i);
        cr_assert(near(a, b, 1e-6 * (fabs(get(t, x.p, i)) + fabs(b))),
                  "%s: %zu: %.17g, expected %.17g", set->name, i, a, b);
        cr_assert(isnan(b) == (i == 9), "%zu", i);
    }
    cr_assert_eq(get(t, have.p, 0), get(t, x.p, 0));
}

Test(kernels_matrix, adam_specials) { on_every_set(adam_specials); }
