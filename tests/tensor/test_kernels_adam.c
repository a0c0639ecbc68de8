/* test_kernels_adam.c - what Adam's fast loops take for granted: that it is checked, row by row,
 * and that what does not fulfil it comes out as everywhere else. Plain cases:
 * test_kernels_matrix.c.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tensor/random.h"
#include "tests/tensor/sets.h"

enum { ROWS = 9, COLS = 300, N = ROWS * COLS };

/* Numbers that are put into an outer product otherwise made of normal ones. */
typedef struct {
    const char *name;
    double dy, x, eps; /* of rows 2, 3 and 7, of columns 5 and 299; 0: nothing is put */
} unusual;

static const unusual cases[] = {{"usual numbers", 0, 0, 1e-8},
                                {"large rows", 1e5, 0, 1e-8},
                                {"a large input", 0, -3e4, 1e-8},
                                {"the largest tame ones", 1024, -1024, 1e-8},
                                {"a small eps", 0, 0, 1e-12},
                                {"rows whose squares overflow", 1e25, 1e-3, 1e-8},
                                {"gradients whose squares overflow", 1e15, 1e10, 1e-8},
                                {"inputs whose squares underflow", 1000, 2e-21, 1e-20},
                                {"tiny rows", 1e-25, 0, 1e-8},
                                {"tiny gradients", 1e-22, 1e-22, 1e-8},
                                {"tiny rows of large inputs, no eps", 1e-22, 1e15, 0},
                                {"undefined rows", NAN, 0, 1e-8},
                                {"undefined inputs", 0, NAN, 1e-8}};
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

static void put(const step *s, sg_dtype dtype, const void *list, size_t i, double value)
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
        .g = {.factor = 1, .scale = normals(set, 0, ROWS, 1), .row = normals(set, 1, COLS, 2)},
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
    put(&s, set->dtype, s.g.scale, 2, u->dy), put(&s, set->dtype, s.g.scale, 3, u->dy);
    put(&s, set->dtype, s.g.scale, 7, u->dy);
    put(&s, set->dtype, s.g.row, 5, u->x), put(&s, set->dtype, s.g.row, COLS - 1, u->x);
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
        if (s.m)
            expect_near(set, u->name, "m", s.m_next, m, s.m);
    }
}

Test(kernels_adam, unusual_numbers_come_out_as_in_the_reference) { on_every_set(as_the_reference); }

/* Threads share a matrix by rows. */
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

/* v is 0 and stays it, so that the step from 0 is -1 / eps. */
static void quotients(const sg_kernels *set, const sg_kernels *reference)
{
    enum { TRIES = 100000 };
    sg_dtype t = set->dtype;
    char *one = at_edge(0, sg_dtype_size(t)), *p = at_edge(1, sg_dtype_size(t)),
         *v = at_edge(2, sg_dtype_size(t));
    double worst = 0, limit = t == SG_F32 ? 3e-7 : 0x1p-51;
    sg_rows g = {.factor = 1, .scale = one, .row = one};
    sg_random random;
    (void)reference;
    sg_random_seed(&random, 16);
    sg_store(t, one, &(double){1}, 1);
    for (int i = 0; i < TRIES; i++) {
        double eps = (float)ldexp(1 + sg_random_unit(&random), i % 90 - 30), zero = 0;
        sg_adam_numbers c = {.beta2 = 1, .eps = eps, .step_size = 1, .root_scale = 1, .decay = 1};
        sg_store(t, p, &zero, 1), sg_store(t, v, &zero, 1);
        set->adam(1, 1, &c, &g, p, NULL, v, p, NULL, v, NULL);
        worst = fmax(worst, fabs(1 + get(t, p, 0) * eps));
    }
    cr_assert(worst <= limit, "%s: a step is off by %g of it", set->name, worst);
}

Test(kernels_adam, divides_as_exactly_as_it_says) { on_every_set(quotients); }
