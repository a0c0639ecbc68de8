/* sets.c - memory, numbers and the walk over sets for the tests of the kernels. */
#include "tests/tensor/sets.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tensor/kernel_sets.h"
#include "tensor/random.h"

/* ---- memory ---- */

static char *slot_start(int slot)
{
    static char *starts[SLOTS];
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    cr_assert(slot >= 0 && slot < SLOTS);
    if (!starts[slot]) {
        starts[slot] = mmap(NULL, SLOT_BYTES + page, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        cr_assert(starts[slot] != MAP_FAILED);
        cr_assert_eq(mprotect(starts[slot] + SLOT_BYTES, page, PROT_NONE), 0);
    }
    return starts[slot];
}

void *at_edge(int slot, size_t bytes)
{
    cr_assert_leq(bytes, (size_t)SLOT_BYTES);
    return slot_start(slot) + SLOT_BYTES - bytes;
}

void *at_line(int slot, size_t bytes)
{
    cr_assert_leq(bytes, (size_t)SLOT_BYTES);
    return slot_start(slot);
}

/* ---- numbers ---- */

void put_normals(sg_dtype dtype, void *to, size_t n, double scale, unsigned stream)
{
    sg_random random;
    sg_random_seed(&random, stream);
    for (size_t i = 0; i < n; i++) {
        double value = scale * sg_random_normal(&random);
        sg_store(dtype, (char *)to + i * sg_dtype_size(dtype), &value, 1);
    }
}

void put_specials(sg_dtype dtype, void *to, size_t n, unsigned stream)
{
    const double specials[] = {0,     -0.0,     1,         -1,       0.5, 88,
                               -104,  1e30,     -1e30,     1e-30,    NAN, -1e-30,
                               1e-40, INFINITY, -INFINITY, 16777217, 3,   -2};
    const size_t count = sizeof specials / sizeof *specials;
    sg_random random;
    sg_random_seed(&random, stream);
    put_normals(dtype, to, n, 3, stream + 1000);
    for (size_t i = 0; i < n; i += 1 + (size_t)sg_random_integer(&random, 0, 3)) {
        double value = specials[sg_random_integer(&random, 0, (int64_t)count)];
        sg_store(dtype, (char *)to + i * sg_dtype_size(dtype), &value, 1);
    }
}

double get(sg_dtype dtype, const void *from, size_t i)
{
    return dtype == SG_F32 ? ((const float *)from)[i] : ((const double *)from)[i];
}

double epsilon(sg_dtype dtype) { return dtype == SG_F32 ? FLT_EPSILON : DBL_EPSILON; }
double smallest(sg_dtype dtype) { return dtype == SG_F32 ? FLT_MIN : DBL_MIN; }

bool near(double a, double b, double tolerance)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    return a == b || fabs(a - b) <= tolerance;
}

/* ---- sets ---- */

static bool cpu_has(sg_isa isa)
{
    if (isa == SG_ISA_SCALAR)
        return true;
#if defined(__x86_64__)
    if (isa == SG_ISA_AVX2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (isa == SG_ISA_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
    return isa == SG_ISA_SSE2;
#else
    return isa == SG_ISA_NEON;
#endif
}

void on_every_set(set_check *check)
{
    for (int isa = SG_ISA_SCALAR; isa < SG_ISA_COUNT; isa++) {
        bool there = cpu_has((sg_isa)isa);
        if (!getenv("STREAMGRAD_ISA"))
            cr_assert_eq(sg_isa_usable((sg_isa)isa), there, "%s", sg_isa_name((sg_isa)isa));
        if (isa == SG_ISA_SCALAR || !sg_isa_usable((sg_isa)isa))
            continue;
        check(sg_kernels_of((sg_isa)isa, SG_F32), &sg_scalar_f32);
        check(sg_kernels_of((sg_isa)isa, SG_F64), &sg_scalar_f64);
    }
}
