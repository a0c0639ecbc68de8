/* test_kernels_adam.c - what Adam's fast loops take for granted: that it is checked, row by row,
 * and that what does not fulfil it comes out as everywhere else. Plain cases:
 * test_kernels_matrix.c.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tensor/random.h"
#include "tests/tensor/sets.h"

enum { ROWS = 70, COLS = 300, N = ROWS * COLS };

/* Rows that get unusual numbers; the kernel goes by blocks of 64. */
static const size_t unusual_rows[] = {2, 3, 7, 63, 64, 69};
enum { UNUSUAL_ROWS = sizeof unusual_rows / sizeof *unusual_rows };

/* Numbers that are put into an outer product otherwise made of normal ones: dy of the unusual rows,
 * x of columns `column` and 299, where they are not 0. */
typedef struct {
    const char *name;
    double dy, x;
    size_t column;
    double eps;
} unusual;

static const unusual cases[] = {{"usual numbers", 0, 0, 5, 1e-8},
                                {"large rows", 1e5, 0, 5, 1e-8},
                                {"large inputs", 0, -3e4, 5, 1e-8},
                                {"the largest tame ones", 16384, -1024, 5, 1e-8},
                                {"a small eps", 0, 0, 5, 1e-12},
                                {"a large eps", 0, 0, 5, 3e38},
                                {"rows whose squares overflow", 1e25, 1e-3, 5, 1e-8},
                                {"negative ones", -1e25, 1e-3, 5, 1e-8},
                                {"inputs whose squares overflow", 0, 2e19, 5, 1e-8},
                                {"the last input alone", 0, 2e19, COLS - 1, 1e-8},
                                {"gradients whose squares overflow", 1e15, 1e10, 5, 1e-8},
                                {"inputs whose squares underflow", 16000, 2e-21, 5, 1e-16},
                                {"the smallest rows that go by units", 5.8e-12, 0, 5, 1e-8},
                                {"smaller ones", -5.6e-12, 0, 5, 1e-8},
                                {"rows of nothing, in float32", 1e-60, 0, 5, 1e-8},
                                {"tiny rows", 1e-25, 0, 5, 1e-8},
                                {"tiny gradients", 1e-22, 1e-22, 5, 1e-8},
                                {"tiny rows of large inputs, no eps", 1e-22, 1e15, 5, 0},
                                {"undefined rows", NAN, 0, 5, 1e-8},
                                {"undefined inputs", 0, NAN, 5, 1e-8}};
enum { CASES = sizeof cases / sizeof *cases };

/* A step's operands, and room for its results. */
typedef struct {
    size_t size; /* of a number */
    sg_adam_numbers c;
    sg_rows g;
    char *p, *m, *v, *p_next, *m_next, *v_next, *dx;
} step;

static char *normals(const sg_kernels *set, int slot, size_t n, unsigned stream)
{
    char *to = at_edge(slot, n * sg_dtype_size(set->dtype));
    put_normals(set->dtype, to, n, 1, stream);
    return to;
}

static void put_unless_0(const step *s, sg_dtype dtype, const void *list, size_t i, double value)
{
    if (value != 0)
        sg_store(dtype, (char *)list + i * s->size, &value, 1);
}

static step make_step(const sg_kernels *set, const unusual *u, bool has_m)
{
    size_t size = sg_dtype_size(set->dtype);
    step s = {
        .size = size,
        .c = {.beta1 = has_m ? 0.9 : 0,
              .beta2 = 0.9,
              .eps = u->eps,
              .step_size = 0.1,
              .root_scale = 1,
              .decay = 1},
        .g = {.factor = 0.0625, .scale = normals(set, 0, ROWS, 1), .row = normals(set, 1, COLS, 2)},
        .p = normals(set, 2, N, 3),
        .m = has_m ? normals(set, 3, N, 4) : NULL,
        .v = normals(set, 4, N, 5),
        .p_next = at_edge(5, N * size),
        .m_next = has_m ? at_edge(6, N * size) : NULL,
        .v_next = at_edge(7, N * size),
        .dx = at_edge(8, COLS * size)};
    set->abs(N, s.v, s.v);
    for (size_t i = 0; i < ROWS; i++) /* column 5 has known no gradient */
        sg_store(set->dtype, s.v + (i * COLS + 5) * size, &(double){0}, 1);
    for (size_t i = 0; i < UNUSUAL_ROWS; i++)
        put_unless_0(&s, set->dtype, s.g.scale, unusual_rows[i], u->dy);
    put_unless_0(&s, set->dtype, s.g.row, u->column, u->x);
    put_unless_0(&s, set->dtype, s.g.row, COLS - 1, u->x);
    return s;
}

static void expect_near(const sg_kernels *set, const char *name, const char *what, const char *have,
                        const char *want, const char *before)
{
    for (size_t i = 0; i < N; i++) {
        double a = get(set->dtype, have, i), b = get(set->dtype, want, i);
        double size = fabs(b) + fabs(get(set->dtype, before, i));
        double tolerance = 8 * epsilon(set->dtype) * size + smallest(set->dtype);
        cr_assert(near(a, b, tolerance), "%s, %s: %s %zu, %zu is %.17g, not %g", set->name, name,
                  what, i / COLS, i % COLS, a, b);
    }
}

/* dx as a product by itself has it, to the bit. */
static void expect_product(const sg_kernels *set, const char *name, const step *s)
{
    char *dx = at_edge(9, COLS * s->size);
    set->matvec_t(ROWS, COLS, s->p, COLS, s->g.scale, NULL, dx);
    for (size_t j = 0; j < COLS; j++)
        cr_assert(near(get(set->dtype, s->dx, j), get(set->dtype, dx, j), 0), "%s, %s: dx %zu",
                  set->name, name, j);
}

static void as_the_reference(const sg_kernels *set, const sg_kernels *reference)
{
    static char p[N * sizeof(double)], v[N * sizeof(double)], m[N * sizeof(double)];
    for (size_t k = 0; k < 2 * CASES; k++) {
        const unusual *u = &cases[k / 2];
        step s = make_step(set, u, k % 2);
        sg_product product = {s.g.scale, s.dx};
        reference->adam(ROWS, COLS, &s.c, &s.g, s.p, s.m, s.v, p, s.m ? m : NULL, v, NULL);
        set->adam(ROWS, COLS, &s.c, &s.g, s.p, s.m, s.v, s.p_next, s.m_next, s.v_next, &product);
        expect_near(set, u->name, "p", s.p_next, p, s.p);
        expect_near(set, u->name, "v", s.v_next, v, s.v);
        expect_product(set, u->name, &s);
        if (s.m)
            expect_near(set, u->name, "m", s.m_next, m, s.m);
    }
}

Test(kernels_adam, unusual_numbers_come_out_as_in_the_reference) { on_every_set(as_the_reference); }

/* Threads share a matrix by rows, where these are long. */
static void row_by_row(const sg_kernels *set, const sg_kernels *reference)
{
    (void)reference;
    for (size_t k = 0; k < 2 * CASES; k++) {
        step s = make_step(set, &cases[k / 2], k % 2);
        size_t bytes = COLS * s.size;
        set->adam(ROWS, COLS, &s.c, &s.g, s.p, s.m, s.v, s.p_next, s.m_next, s.v_next, NULL);
        for (size_t i = 0; i < ROWS; i++) {
            sg_rows row = s.g;
            char *p = s.p + i * bytes, *v = s.v + i * bytes, *m = s.m ? s.m + i * bytes : NULL;
            row.scale = (const char *)s.g.scale + i * s.size;
            set->adam(1, COLS, &s.c, &row, p, m, v, p, m, v, NULL);
            cr_assert(!memcmp(p, s.p_next + i * bytes, bytes) &&
                          !memcmp(v, s.v_next + i * bytes, bytes) &&
                          (!m || !memcmp(m, s.m_next + i * bytes, bytes)),
                      "%s, %s: row %zu by itself", set->name, cases[k / 2].name, i);
        }
    }
}

Test(kernels_adam, a_row_does_not_depend_on_the_others) { on_every_set(row_by_row); }

/* A second moment that overflows leaves its weight where it is, and so it does in later steps. */
static void overflow_and_after(const sg_kernels *set, const sg_kernels *reference)
{
    (void)reference;
    for (int has_m = 0; has_m < 2 && set->dtype == SG_F32; has_m++) {
        step s = make_step(set, &(unusual){"one", 1e25, 0, 5, 1e-8}, has_m);
        sg_product product = {s.g.scale, s.dx};
        double before = get(set->dtype, s.p, 2 * COLS + 7);
        for (int i = 0; i < 4; i++) {
            set->adam(ROWS, COLS, &s.c, &s.g, s.p, s.m, s.v, s.p, s.m, s.v, &product);
            cr_assert_eq(get(set->dtype, s.p, 2 * COLS + 7), before, "%s: step %d", set->name, i);
            put_unless_0(&s, set->dtype, s.g.scale, 2, 0.5);
        }
    }
}

Test(kernels_adam, overflow_stops_a_weight) { on_every_set(overflow_and_after); }

/* A moment far beyond its row's square has no place in the row's units; the weight stays in this
 * step and in those of other small rows. */
static void far_beyond(const sg_kernels *set, const sg_kernels *reference)
{
    (void)reference;
    step s = make_step(set, &(unusual){"small rows", 1e-9, 0, 5, 1e-8}, false);
    sg_product product = {s.g.scale, s.dx};
    const size_t at = 2 * COLS + 7;
    put_unless_0(&s, set->dtype, s.v, at, 1e30);
    double before = get(set->dtype, s.p, at);
    for (int i = 0; i < 3; i++) {
        double v = get(set->dtype, s.v, at);
        set->adam(ROWS, COLS, &s.c, &s.g, s.p, NULL, s.v, s.p, NULL, s.v, &product);
        double next = get(set->dtype, s.v, at);
        cr_assert(next >= 1e16 && next <= 0.91 * v, "%s: v is %g after %g", set->name, next, v);
        cr_assert_eq((float)get(set->dtype, s.p, at), (float)before, "%s: step %d", set->name, i);
    }
}

Test(kernels_adam, moments_far_beyond_the_row_stop_a_weight) { on_every_set(far_beyond); }

/* What tame gradients leave behind, up to 2^40, fits into the units of any row that has them. */
static void small_after_large(const sg_kernels *set, const sg_kernels *reference)
{
    static char p[N * sizeof(double)], v[N * sizeof(double)];
    const double sizes[] = {1, 1e-6, -1e-9, 6e-12, 5e-12, 1e-14, -1e-15, 1e-18};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        step s = make_step(set, &(unusual){"small", sizes[k], 0, 5, 1e-8}, false);
        for (size_t i = 0; i < COLS; i++)
            put_unless_0(&s, set->dtype, s.v, 2 * COLS + i, 0x1p40);
        reference->adam(ROWS, COLS, &s.c, &s.g, s.p, NULL, s.v, p, NULL, v, NULL);
        set->adam(ROWS, COLS, &s.c, &s.g, s.p, NULL, s.v, s.p_next, NULL, s.v_next, NULL);
        expect_near(set, "small rows after large ones", "p", s.p_next, p, s.p);
        expect_near(set, "small rows after large ones", "v", s.v_next, v, v);
    }
}

Test(kernels_adam, small_rows_keep_large_moments) { on_every_set(small_after_large); }

/* Squares and steps are made in room for 4096 columns. */
static void wide_row(const sg_kernels *set, const sg_kernels *reference, size_t width)
{
    sg_rows g = {.factor = 1, .scale = normals(set, 0, 2, 1), .row = normals(set, 1, width, 2)};
    char *p = normals(set, 2, 2 * width, 3), *v = normals(set, 3, 2 * width, 4);
    char *p_next[] = {at_edge(4, 2 * width * sg_dtype_size(set->dtype)),
                      at_edge(5, 2 * width * sg_dtype_size(set->dtype))};
    char *v_next = at_edge(6, 2 * width * sg_dtype_size(set->dtype));
    sg_adam_numbers c = {.beta2 = 0.9, .eps = 1e-8, .step_size = 0.1, .root_scale = 1, .decay = 1};
    set->abs(2 * width, v, v);
    reference->adam(2, width, &c, &g, p, NULL, v, p_next[0], NULL, v_next, NULL);
    set->adam(2, width, &c, &g, p, NULL, v, p_next[1], NULL, v_next, NULL);
    for (size_t i = 0; i < 2 * width; i++)
        cr_assert(near(get(set->dtype, p_next[1], i), get(set->dtype, p_next[0], i),
                       8 * epsilon(set->dtype) * (1 + fabs(get(set->dtype, p, i)))),
                  "%s: %zu", set->name, i);
}

static void wide_rows(const sg_kernels *set, const sg_kernels *reference)
{
    for (size_t width = 4090; width < 4101; width++)
        wide_row(set, reference, width);
}

Test(kernels_adam, rows_of_any_width) { on_every_set(wide_rows); }

/* v is 0 and stays it, so that the step from 0 is -1 / eps. */
static void quotients(const sg_kernels *set, const sg_kernels *reference)
{
    enum { TRIES = 100000 };
    sg_dtype t = set->dtype;
    char *one = at_edge(0, sg_dtype_size(t)), *p = at_edge(1, sg_dtype_size(t)),
         *v = at_edge(2, sg_dtype_size(t));
    double worst = 0, limit = t == SG_F32 ? 2.2e-7 : 0x1p-51;
    sg_rows g = {.factor = 1, .scale = one, .row = one};
    sg_random random;
    (void)reference;
    sg_random_seed(&random, 16);
    sg_store(t, one, &(double){1}, 1);
    for (int i = 0; i < TRIES; i++) {
        double eps = (float)ldexp(1 + sg_random_unit(&random), i % 110 - 30), zero = 0;
        sg_adam_numbers c = {.beta2 = 1, .eps = eps, .step_size = 1, .root_scale = 1, .decay = 1};
        sg_store(t, p, &zero, 1), sg_store(t, v, &zero, 1);
        set->adam(1, 1, &c, &g, p, NULL, v, p, NULL, v, NULL);
        worst = fmax(worst, fabs(1 + get(t, p, 0) * eps));
    }
    cr_assert(worst <= limit, "%s: a step is off by %g of it", set->name, worst);
}

Test(kernels_adam, divides_as_exactly_as_it_says) { on_every_set(quotients); }
