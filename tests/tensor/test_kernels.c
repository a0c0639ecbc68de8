/* test_kernels.c - every element-wise kernel and reduction of every usable instruction set against
 * the scalar reference. Driven by the lists of kernels.h: a kernel added there is tested here.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/tensor/sets.h"

/* A kernel of the lists: its name and where it stands in a table. */
typedef struct {
    const char *name;
    size_t offset;
} entry;
#define ENTRY(kernel) {#kernel, offsetof(sg_kernels, kernel)},
static const entry unary[] = {SG_UNARY_KERNELS(ENTRY)};
static const entry binary[] = {SG_BINARY_KERNELS(ENTRY)};
static const entry param[] = {SG_PARAM_KERNELS(ENTRY)};
static const entry reduce[] = {SG_REDUCE_KERNELS(ENTRY)};
#define COUNT(list) (sizeof(list) / sizeof *(list))

typedef void any_kernel(void);

static any_kernel *kernel_at(const sg_kernels *table, size_t offset)
{
    any_kernel *kernel;
    memcpy(&kernel, (const char *)table + offset, sizeof kernel);
    return kernel;
}

/* Sizes around every vector length, and some that are long. */
static const size_t sizes[] = {0,  1,  2,  3,  4,  5,  7,  8,  9,  11, 15, 16,  17,  23,  24,
                               31, 32, 33, 47, 48, 49, 63, 64, 65, 67, 70, 127, 129, 376, 1021};
enum { LONGEST = 1021 };

/* ---- the tables ---- */

/* Those tested one by one: select argmax softmax log_softmax and four of normalisation here, nine
 * of matrices. */
enum { BY_HAND = 17 };

static void table_is_full(const sg_kernels *set, const sg_kernels *reference)
{
    char name[32];
    size_t first = offsetof(sg_kernels, abs), count = (sizeof *set - first) / sizeof(any_kernel *);
    cr_assert_eq(count, COUNT(unary) + COUNT(binary) + COUNT(param) + COUNT(reduce) + BY_HAND,
                 "a kernel outside of the lists needs a test of its own: there are %zu", count);
    for (size_t i = 0; i < count; i++)
        cr_assert(kernel_at(set, first + i * sizeof(any_kernel *)) != NULL, "%s: %zu", set->name,
                  i);
    snprintf(name, sizeof name, "%s %s", sg_isa_name(set->isa), sg_dtype_name(set->dtype));
    cr_assert_str_eq(set->name, name);
    cr_assert_eq(set->dtype, reference->dtype);
}

Test(kernels, tables_are_full)
{
    on_every_set(table_is_full);
    for (int isa = 0; isa < SG_ISA_COUNT; isa++)
        if (!sg_isa_usable((sg_isa)isa))
            printf("kernels: %s is not usable here and was not tested\n", sg_isa_name((sg_isa)isa));
}

/* ---- element-wise ---- */

/* Results of the set, computed at an edge of memory and on a cache line, against the reference's.
 * Each element may be off by 4 roundings of its magnitude (NULL: of the expected value). */
static void compare(const sg_kernels *set, const char *name, size_t n, const void *expected,
                    const void *edge, const void *line, const double *magnitude)
{
    sg_dtype t = set->dtype;
    for (size_t i = 0; i < n; i++) {
        double want = get(t, expected, i), have = get(t, edge, i);
        double tolerance = 4 * epsilon(t) * (magnitude ? magnitude[i] : fabs(want)) + smallest(t);
        cr_assert(near(have, want, tolerance), "%s %s: n %zu, element %zu: %.17g, expected %.17g",
                  set->name, name, n, i, have, want);
    }
    cr_assert(!memcmp(edge, line, n * sg_dtype_size(t)),
              "%s %s: n %zu: in place or aligned differs", set->name, name, n);
}

static void unary_one(const sg_kernels *set, const sg_kernels *reference, const entry *e, size_t n)
{
    sg_unary_kernel *f = (sg_unary_kernel *)kernel_at(set, e->offset);
    sg_unary_kernel *g = (sg_unary_kernel *)kernel_at(reference, e->offset);
    size_t bytes = n * sg_dtype_size(set->dtype);
    void *x = at_edge(0, bytes), *expected = at_edge(1, bytes), *y = at_edge(2, bytes);
    void *in_place = at_line(3, bytes);
    put_specials(set->dtype, x, n, (unsigned)n);
    memcpy(in_place, x, bytes);
    g(n, x, expected);
    f(n, x, y);
    f(n, in_place, in_place);
    compare(set, e->name, n, expected, y, in_place, NULL);
}

static void all_unary(const sg_kernels *set, const sg_kernels *reference)
{
    for (size_t k = 0; k < COUNT(unary); k++)
        for (size_t s = 0; s < COUNT(sizes); s++)
            unary_one(set, reference, &unary[k], sizes[s]);
}

Test(kernels, unary) { on_every_set(all_unary); }

/* An element's result is the same wherever it lies: the first of 70 alone and among the others.
 * Numbers of usual size: SLEEF takes another way through sin and cos where one of a vector is above
 * 100 or so. */
static void unary_prefix(const sg_kernels *set, const sg_kernels *reference)
{
    enum { N = 70 };
    size_t one = sg_dtype_size(reference->dtype);
    void *x = at_edge(0, N * one), *all = at_edge(1, N * one);
    put_normals(set->dtype, x, N, 3, 99);
    for (size_t k = 0; k < COUNT(unary); k++) {
        sg_unary_kernel *f = (sg_unary_kernel *)kernel_at(set, unary[k].offset);
        f(N, x, all);
        for (size_t n = 1; n < N; n++) {
            void *y = at_edge(2, n * one);
            f(n, x, y);
            cr_assert(!memcmp(y, all, n * one), "%s %s: %zu", set->name, unary[k].name, n);
        }
    }
}

Test(kernels, unary_prefix) { on_every_set(unary_prefix); }

/* In place of a where that is a list, else of b. */
static void binary_one(const sg_kernels *set, const sg_kernels *reference, const entry *e, size_t n,
                       size_t a_step, size_t b_step)
{
    sg_binary_kernel *f = (sg_binary_kernel *)kernel_at(set, e->offset);
    sg_binary_kernel *g = (sg_binary_kernel *)kernel_at(reference, e->offset);
    size_t one = sg_dtype_size(set->dtype), bytes = n * one;
    void *a = at_edge(0, a_step ? bytes : one), *b = at_edge(1, b_step ? bytes : one);
    void *expected = at_edge(2, bytes), *y = at_edge(3, bytes), *in_place = at_line(4, bytes);
    put_specials(set->dtype, a, a_step ? n : 1, (unsigned)n + 7);
    put_specials(set->dtype, b, b_step ? n : 1, (unsigned)n + 8);
    g(n, a, a_step, b, b_step, expected);
    f(n, a, a_step, b, b_step, y);
    if (a_step || b_step)
        memcpy(in_place, a_step ? a : b, bytes);
    f(n, a_step ? in_place : a, a_step, !a_step && b_step ? in_place : b, b_step, in_place);
    compare(set, e->name, n, expected, y, in_place, NULL);
}

static void all_binary(const sg_kernels *set, const sg_kernels *reference)
{
    for (size_t k = 0; k < COUNT(binary); k++)
        for (size_t s = 0; s < COUNT(sizes); s++)
            for (size_t steps = 0; steps < 4; steps++)
                binary_one(set, reference, &binary[k], sizes[s], steps & 1, steps >> 1);
}

Test(kernels, binary) { on_every_set(all_binary); }

static void param_one(const sg_kernels *set, const sg_kernels *reference, const entry *e, size_t n)
{
    static double magnitude[LONGEST];
    const double a = -0.75, b = 0.5;
    sg_param_kernel *f = (sg_param_kernel *)kernel_at(set, e->offset);
    sg_param_kernel *g = (sg_param_kernel *)kernel_at(reference, e->offset);
    size_t bytes = n * sg_dtype_size(set->dtype);
    void *x = at_edge(0, bytes), *expected = at_edge(1, bytes), *y = at_edge(2, bytes);
    void *in_place = at_line(3, bytes);
    put_specials(set->dtype, x, n, (unsigned)n + 3);
    memcpy(in_place, x, bytes);
    g(n, x, a, b, expected);
    f(n, x, a, b, y);
    f(n, in_place, a, b, in_place);
    for (size_t i = 0; i < n; i++) /* a x + b may cancel; others are exact */
        magnitude[i] =
            e->offset == offsetof(sg_kernels, affine) ? fabs(a * get(set->dtype, x, i)) + b : 0;
    compare(set, e->name, n, expected, y, in_place, magnitude);
}

static void all_param(const sg_kernels *set, const sg_kernels *reference)
{
    for (size_t k = 0; k < COUNT(param); k++)
        for (size_t s = 0; s < COUNT(sizes); s++)
            param_one(set, reference, &param[k], sizes[s]);
}

Test(kernels, param) { on_every_set(all_param); }

static void select_of(const sg_kernels *set, const sg_kernels *reference)
{
    for (size_t s = 0; s < COUNT(sizes); s++) {
        size_t n = sizes[s], bytes = n * sg_dtype_size(set->dtype);
        void *c = at_edge(0, bytes), *a = at_edge(1, bytes), *b = at_edge(2, bytes);
        void *expected = at_edge(3, bytes), *y = at_edge(4, bytes);
        put_specials(set->dtype, c, n, (unsigned)n + 4);
        put_specials(set->dtype, a, n, (unsigned)n + 5);
        put_specials(set->dtype, b, n, (unsigned)n + 6);
        reference->select(n, c, a, b, expected);
        set->select(n, c, a, b, y);
        set->select(n, c, a, b, c);
        compare(set, "select", n, expected, y, c, NULL);
    }
}

Test(kernels, select) { on_every_set(select_of); }

/* ---- reductions ---- */

static double sum_of_magnitudes(sg_dtype t, const void *x, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += fabs(get(t, x, i));
    return total;
}

/* Both add up, each in its own order. */
static double sum_tolerance(sg_dtype t, size_t n, double magnitude)
{
    return (4 + sqrt((double)n)) * epsilon(t) * magnitude;
}

static void reduce_one(const sg_kernels *set, const sg_kernels *reference, const entry *e, size_t n)
{
    sg_dtype t = set->dtype;
    sg_reduce_kernel *f = (sg_reduce_kernel *)kernel_at(set, e->offset);
    sg_reduce_kernel *g = (sg_reduce_kernel *)kernel_at(reference, e->offset);
    size_t one = sg_dtype_size(t), bytes = n * one;
    void *x = at_edge(0, bytes), *again = at_line(1, bytes);
    void *want = at_edge(2, one), *have = at_edge(3, one), *repeated = at_edge(4, one);
    put_normals(t, x, n, 2, (unsigned)n + 20);
    memcpy(again, x, bytes);
    g(n, x, want);
    f(n, x, have);
    f(n, again, repeated);
    double tolerance = sum_tolerance(t, n, sum_of_magnitudes(t, x, n));
    cr_assert(near(get(t, have, 0), get(t, want, 0), tolerance),
              "%s %s: n %zu: %.17g, expected %.17g", set->name, e->name, n, get(t, have, 0),
              get(t, want, 0));
    cr_assert(!memcmp(have, repeated, one), "%s %s: n %zu depends on alignment", set->name, e->name,
              n);
}

static void all_reduce(const sg_kernels *set, const sg_kernels *reference)
{
    for (size_t k = 0; k < COUNT(reduce); k++)
        for (size_t s = 0; s < COUNT(sizes); s++)
            reduce_one(set, reference, &reduce[k], sizes[s]);
}

Test(kernels, reduce) { on_every_set(all_reduce); }

/* An undefined or infinite number at any place reaches the answer of every reduction. */
static void reduce_specials(const sg_kernels *set, const sg_kernels *reference)
{
    const double specials[] = {NAN, INFINITY};
    size_t n = 150, one = sg_dtype_size(set->dtype);
    void *x = at_edge(0, n * one), *want = at_edge(1, one), *have = at_edge(2, one);
    for (size_t i = 0; i < 2 * n * COUNT(reduce); i++) {
        const entry *e = &reduce[i % COUNT(reduce)];
        size_t place = i / COUNT(reduce) / 2;
        put_normals(set->dtype, x, n, 2, 30);
        sg_store(set->dtype, (char *)x + place * one, &specials[i / COUNT(reduce) % 2], 1);
        ((sg_reduce_kernel *)kernel_at(reference, e->offset))(n, x, want);
        ((sg_reduce_kernel *)kernel_at(set, e->offset))(n, x, have);
        cr_assert(!isfinite(get(set->dtype, want, 0)));
        cr_assert(near(get(set->dtype, have, 0), get(set->dtype, want, 0), 0), "%s %s: element %zu",
                  set->name, e->name, place);
    }
}

Test(kernels, reduce_specials) { on_every_set(reduce_specials); }

/* Also where the largest is there twice, and where something is undefined. */
static void argmax_of(const sg_kernels *set, const sg_kernels *reference)
{
    for (size_t n = 1; n <= 70; n++) {
        void *x = at_edge(0, n * sg_dtype_size(set->dtype));
        put_normals(set->dtype, x, n, 2, (unsigned)n + 50);
        cr_assert_eq(set->argmax(n, x), reference->argmax(n, x), "%s: n %zu", set->name, n);
        put_specials(set->dtype, x, n, (unsigned)n + 51);
        cr_assert_eq(set->argmax(n, x), reference->argmax(n, x), "%s: n %zu", set->name, n);
    }
}

Test(kernels, argmax) { on_every_set(argmax_of); }

/* Numbers of the order of 100: e^x alone would overflow. */
static void softmax_of(const sg_kernels *set, const sg_kernels *reference)
{
    static double magnitude[LONGEST];
    for (size_t s = 0; s < 2 * COUNT(sizes); s++) {
        bool log = s % 2;
        size_t n = sizes[s / 2], bytes = n * sg_dtype_size(set->dtype);
        void *x = at_edge(0, bytes), *want = at_edge(1, bytes), *have = at_edge(2, bytes);
        void *in_place = at_line(3, bytes);
        put_normals(set->dtype, x, n, 100, (unsigned)n + 60);
        memcpy(in_place, x, bytes);
        (log ? reference->log_softmax : reference->softmax)(n, x, want);
        (log ? set->log_softmax : set->softmax)(n, x, have);
        (log ? set->log_softmax : set->softmax)(n, in_place, in_place);
        for (size_t i = 0; i < n; i++)
            magnitude[i] = log ? 4 + fabs(get(set->dtype, want, i)) : 4 * get(set->dtype, want, i);
        compare(set, log ? "log_softmax" : "softmax", n, want, have, in_place, magnitude);
    }
}

Test(kernels, softmax) { on_every_set(softmax_of); }

/* autograd/test_norm.c has the bits. */
static void normalisation_of(const sg_kernels *set, const sg_kernels *reference)
{
    static double magnitude[LONGEST];
    for (size_t s = 0; s < 2 * COUNT(sizes); s++) {
        bool layer = s % 2;
        size_t n = sizes[s / 2], bytes = n * sg_dtype_size(set->dtype);
        void *x = at_edge(0, bytes), *dy = at_edge(1, bytes);
        void *want = at_edge(2, bytes), *have = at_edge(3, bytes), *line = at_line(4, bytes);
        put_normals(set->dtype, x, n, 100, (unsigned)n + 70);
        put_normals(set->dtype, dy, n, 100, (unsigned)n + 71);
        for (size_t i = 0; i < n; i++) /* of numbers that may cancel out */
            magnitude[i] = n > 1 ? 40 : 400;
        (layer ? reference->layer_norm : reference->l2_normalize)(n, x, 0.5, want);
        (layer ? set->layer_norm : set->l2_normalize)(n, x, 0.5, have);
        (layer ? set->layer_norm : set->l2_normalize)(n, x, 0.5, line);
        compare(set, layer ? "layer_norm" : "l2_normalize", n, want, have, line, magnitude);
        void *y = memcpy(at_edge(5, bytes), want, bytes);
        (layer ? reference->layer_norm_grad : reference->l2_normalize_grad)(n, x, y, 0.5, dy, want);
        (layer ? set->layer_norm_grad : set->l2_normalize_grad)(n, x, y, 0.5, dy, have);
        (layer ? set->layer_norm_grad : set->l2_normalize_grad)(n, x, y, 0.5, dy, line);
        compare(set, layer ? "layer_norm_grad" : "l2_normalize_grad", n, want, have, line,
                magnitude);
    }
}

Test(kernels, normalisation) { on_every_set(normalisation_of); }
