/* test_kernels_bits.c - instruction sets with fused products give the same bits as each other, and
 * as they did when the sums below were recorded: a run goes the same way on every processor that
 * has one of them, whichever compiler built it. SLEEF's functions may change with its version:
 * kernels made of them are compared between sets only.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tensor/random.h"
#include "tests/tensor/sets.h"

/* A running hash of the results of one set. */
typedef struct {
    const sg_kernels *set;
    uint64_t hash;
} record;

static void add_to(record *r, const void *results, size_t n)
{
    r->hash = XXH64(results, n * sg_dtype_size(r->set->dtype), r->hash);
}

/* n multiples of 2^-16 between -2 and 2: exact, whatever made them. */
static void *exact_numbers(const record *r, int slot, size_t n, unsigned stream)
{
    void *to = at_edge(slot, n * sg_dtype_size(r->set->dtype));
    sg_random random;
    sg_random_seed(&random, stream);
    for (size_t i = 0; i < n; i++) {
        double value = (double)sg_random_integer(&random, -(2 << 16), 2 << 16) / (1 << 16);
        sg_store(r->set->dtype, (char *)to + i * sg_dtype_size(r->set->dtype), &value, 1);
    }
    return to;
}

static void *room(const record *r, int slot, size_t n)
{
    void *to = at_edge(slot, n * sg_dtype_size(r->set->dtype));
    memset(to, 0, n * sg_dtype_size(r->set->dtype));
    return to;
}

/* ---- lists of n numbers ---- */

static void lists(record *r, size_t n)
{
    const sg_kernels *k = r->set;
    void *a = exact_numbers(r, 0, n, 1), *b = exact_numbers(r, 1, n, 2), *y = room(r, 2, n);
    sg_unary_kernel *const unary[] = {k->abs, k->sign, k->positive, k->square};
    sg_binary_kernel *const binary[] = {k->add,     k->sub,     k->mul,           k->div,
                                        k->maximum, k->minimum, k->greater_equal, k->equal};
    sg_param_kernel *const param[] = {k->affine, k->clamp, k->inside, k->leaky_relu};
    sg_reduce_kernel *const reduce[] = {k->sum, k->max};
    for (size_t i = 0; i < sizeof unary / sizeof *unary; i++)
        unary[i](n, a, y), add_to(r, y, n);
    for (size_t i = 0; i < sizeof binary / sizeof *binary; i++)
        binary[i](n, a, 1, b, 1, y), add_to(r, y, n);
    for (size_t i = 0; i < sizeof param / sizeof *param; i++)
        param[i](n, a, 0.3, 1.7, y), add_to(r, y, n);
    for (size_t i = 0; n && i < sizeof reduce / sizeof *reduce; i++)
        reduce[i](n, a, y), add_to(r, y, 1);
    k->abs(n, a, a);
    k->sqrt(n, a, y), add_to(r, y, n);
    k->reciprocal(n, a, y), add_to(r, y, n);
}

static void functions(record *r, size_t n)
{
    const sg_kernels *k = r->set;
    void *a = exact_numbers(r, 0, n, 3), *b = exact_numbers(r, 1, n, 4), *y = room(r, 2, n);
    sg_unary_kernel *const unary[] = {k->exp, k->tanh, k->sigmoid, k->softplus, k->sin, k->cos};
    k->mul(n, a, 1, b, 1, b);
    for (size_t i = 0; i < sizeof unary / sizeof *unary; i++)
        unary[i](n, b, y), add_to(r, y, n);
    k->softmax(n, b, y), add_to(r, y, n);
    k->log_softmax(n, b, y), add_to(r, y, n);
    k->abs(n, a, a);
    k->log(n, a, y), add_to(r, y, n);
    k->pow(n, a, 1, b, 1, y), add_to(r, y, n);
}

/* ---- matrices ---- */

static void products(record *r, size_t rows, size_t cols)
{
    const sg_kernels *k = r->set;
    void *W = exact_numbers(r, 0, rows * cols, 5), *bias = exact_numbers(r, 1, rows, 6);
    void *x[] = {exact_numbers(r, 2, cols, 7), exact_numbers(r, 3, cols, 8)};
    void *y[] = {room(r, 4, rows), room(r, 5, rows)}, *dx = room(r, 6, cols);
    k->matvec(rows, cols, W, x[0], bias, y[0]), add_to(r, y[0], rows);
    k->matvec_pair(rows, cols, W, (const void *const *)x, (const void *[]){NULL, bias}, y);
    add_to(r, y[0], rows), add_to(r, y[1], rows);
    k->matvec_t(rows, cols, W, cols, bias, NULL, dx), add_to(r, dx, cols);
    void *C = room(r, 7, rows * rows);
    k->gemm(false, true, rows, rows, cols, W, cols, W, C), add_to(r, C, rows * rows);
}

static void updates(record *r, size_t rows, size_t cols, bool outer)
{
    const sg_kernels *k = r->set;
    size_t n = rows * cols, sums = (rows + SG_TRACE_ROWS - 1) / SG_TRACE_ROWS;
    sg_rows g = {.factor = 0.7,
                 .scale = outer ? exact_numbers(r, 0, rows, 9) : NULL,
                 .row = exact_numbers(r, 1, outer ? cols : n, 10),
                 .row_step = outer ? 0 : cols};
    void *p = exact_numbers(r, 2, n, 11), *m = exact_numbers(r, 3, n, 12);
    void *v = exact_numbers(r, 4, n, 13), *y = room(r, 5, n), *total = room(r, 6, 3 * sums);
    sg_product product = {exact_numbers(r, 7, rows, 14), room(r, 8, cols)};
    k->abs(n, v, v);
    k->materialize(rows, cols, &g, y), add_to(r, y, n);
    k->add_scaled(rows, cols, p, 0.3, &g, y, &product), add_to(r, y, n);
    add_to(r, product.dx, cols);
    k->trace(rows, cols, 0.8, &g, p, y, total), add_to(r, y, n), add_to(r, total, sums);
    sg_rms_numbers rms = {0.999, 1.7, 1e-3, 1e-8};
    k->rms_direction(rows, cols, &rms, &g, v, p, y, m, total);
    add_to(r, y, n), add_to(r, m, n), add_to(r, total, SG_RMS_SUMS * sums);
    for (int kind = 0; kind < 3; kind++) { /* plain, with m, with m and decay */
        sg_adam_numbers adam = {.beta1 = kind ? 0.9 : 0,
                                .beta2 = 0.999,
                                .eps = 1e-8,
                                .step_size = 1e-3,
                                .root_scale = 3,
                                .l2 = kind == 2 ? 0.1 : 0,
                                .decay = kind == 2 ? 0.9 : 1};
        k->adam(rows, cols, &adam, &g, p, kind ? m : NULL, v, p, kind ? m : NULL, v, &product);
        add_to(r, p, n), add_to(r, m, n), add_to(r, v, n), add_to(r, product.dx, cols);
    }
}

/* ---- all sets ---- */

static const size_t lengths[] = {1, 7, 8, 9, 15, 16, 17, 33, 63, 64, 65, 100, 129, 376};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

static uint64_t of_own_kernels(const sg_kernels *set)
{
    record r = {set, 0};
    for (size_t i = 0; i < LENGTHS; i++) {
        lists(&r, lengths[i]);
        for (size_t rows = 1; rows <= 37; rows += 9) {
            products(&r, rows, lengths[i]);
            updates(&r, rows, lengths[i], true);
            updates(&r, rows, lengths[i], false);
        }
    }
    return r.hash;
}

static uint64_t of_functions(const sg_kernels *set)
{
    record r = {set, 0};
    for (size_t i = 0; i < LENGTHS; i++)
        functions(&r, lengths[i]);
    return r.hash;
}

static bool has_fused_products(sg_isa isa)
{
    return isa == SG_ISA_AVX2 || isa == SG_ISA_AVX512 || isa == SG_ISA_NEON;
}

static void check_bits(sg_dtype dtype, uint64_t recorded)
{
    uint64_t before = 0;
    for (int isa = 0; isa < SG_ISA_COUNT; isa++) {
        if (!has_fused_products((sg_isa)isa) || !sg_isa_usable((sg_isa)isa))
            continue;
        const sg_kernels *set = sg_kernels_of((sg_isa)isa, dtype);
        uint64_t own = of_own_kernels(set), other = of_functions(set);
        cr_expect_eq(own, recorded, "%s: the bits of its kernels are 0x%016llx", set->name,
                     (unsigned long long)own);
        cr_expect(!before || other == before, "%s: SLEEF's functions differ between sets",
                  set->name);
        before = other;
    }
}

Test(kernels_bits, f32) { check_bits(SG_F32, 0x12ff9efd5bf7dd09); }
Test(kernels_bits, f64) { check_bits(SG_F64, 0xeb200045c5aea3b4); }

/* SLEEF's sine of a vector that has a large angle is another number in the last bit for some. */
static void angles_alone(const sg_kernels *set, const sg_kernels *reference)
{
    enum { ANGLES = 200 };
    size_t size = sg_dtype_size(set->dtype);
    char *x = at_edge(0, ANGLES * size), *y = at_edge(1, ANGLES * size), *alone = at_edge(2, size);
    (void)reference;
    put_normals(set->dtype, x, ANGLES, 40, 15);
    for (size_t i = 0; i < ANGLES; i += 23)
        sg_store(set->dtype, x + i * size, &(double){i % 2 ? 1e6 : 1e15}, 1);
    sg_unary_kernel *const waves[] = {set->sin, set->cos};
    for (int wave = 0; wave < 2; wave++) {
        waves[wave](ANGLES, x, y);
        for (size_t i = 0; i < ANGLES; i++) {
            waves[wave](1, x + i * size, alone);
            cr_expect_arr_eq(y + i * size, alone, size, "%s: angle %zu", set->name, i);
        }
    }
}

Test(kernels_bits, angles_do_not_feel_their_neighbours) { on_every_set(angles_alone); }

/* Elements beyond the end are 0, in more lanes where vectors are wider: sums must not tell. */
static void ends(const sg_kernels *set, const sg_kernels *reference)
{
    enum { MOST = 80 };
    size_t size = sg_dtype_size(set->dtype);
    (void)reference;
    for (size_t n = 1; n <= MOST; n++) {
        void *a = at_edge(0, n * size), *b = at_edge(1, n * size), *scale = at_edge(2, size);
        void *y = at_edge(3, n * size), *sum = at_edge(4, size);
        double tiny = sqrt(smallest(set->dtype)) * epsilon(set->dtype);
        for (size_t i = 0; i < n; i++) {
            sg_store(set->dtype, (char *)a + i * size, &tiny, 1);
            sg_store(set->dtype, (char *)b + i * size, &(double){-tiny}, 1);
        }
        set->matvec(1, n, a, b, NULL, sum);
        cr_expect(!signbit(get(set->dtype, sum, 0)), "%s: -0 from %zu products", set->name, n);
        sg_store(set->dtype, scale, &(double){INFINITY}, 1);
        const sg_rows g = {.factor = 1, .scale = scale, .row = a, .row_step = n};
        set->trace(1, n, 0.9, &g, b, y, sum);
        cr_expect(isinf(get(set->dtype, sum, 0)), "%s: not infinity from %zu", set->name, n);
    }
}

Test(kernels_bits, sums_do_not_depend_on_what_lies_beyond_the_end) { on_every_set(ends); }
