/* cpu.c - which instruction sets may be used: compiled in, on this CPU, and not masked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/kernel_sets.h"

static const char *const names[SG_ISA_COUNT] = {"scalar", "sse2", "avx2", "avx512", "neon"};

static const sg_kernels *const tables[SG_ISA_COUNT][2] = {
    [SG_ISA_SCALAR] = {&sg_scalar_f32, &sg_scalar_f64},
#if defined(__x86_64__)
    [SG_ISA_SSE2] = {&sg_sse2_f32, &sg_sse2_f64},
    [SG_ISA_AVX2] = {&sg_avx2_f32, &sg_avx2_f64},
    [SG_ISA_AVX512] = {&sg_avx512_f32, &sg_avx512_f64},
#elif defined(__aarch64__)
    [SG_ISA_NEON] = {&sg_neon_f32, &sg_neon_f64},
#endif
};

const char *sg_isa_name(sg_isa isa)
{
    return isa >= 0 && isa < SG_ISA_COUNT ? names[isa] : "unknown";
}

static bool cpu_has(sg_isa isa)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (isa == SG_ISA_AVX2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (isa == SG_ISA_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
#endif
    return tables[isa][0] != NULL;
}

/* The set of a word of STREAMGRAD_ISA, -1 if there is none of that name. */
static int set_of(const char *word, size_t length)
{
    for (int isa = 0; isa < SG_ISA_COUNT; isa++)
        if (strlen(names[isa]) == length && !strncmp(names[isa], word, length))
            return isa;
    return -1;
}

static unsigned usable_sets;
static bool mask_fits = true;

/* Sets that STREAMGRAD_ISA allows, as bits; all where it is not set. Each unknown word is
 * told. */
static unsigned allowed(const char *mask)
{
    unsigned sets = 0;
    if (!mask || !*mask)
        return ~0u;
    while (*mask) {
        size_t length = strcspn(mask, ",");
        int isa = set_of(mask, length);
        if (isa >= 0) {
            sets |= 1u << isa;
        } else if (length) {
            mask_fits = false;
            fprintf(stderr,
                    "streamgrad: STREAMGRAD_ISA names '%.*s'; there are scalar, sse2, avx2, "
                    "avx512 and neon\n",
                    (int)length, mask);
        }
        mask += length + (mask[length] == ',');
    }
    return sets;
}

static void tell_that_none_is_usable(const char *mask, unsigned present)
{
    fprintf(stderr, "streamgrad: STREAMGRAD_ISA=%s allows no set that this machine has:", mask);
    for (int isa = 0; isa < SG_ISA_COUNT; isa++)
        if (present >> isa & 1)
            fprintf(stderr, " %s", names[isa]);
    fprintf(stderr, "\n");
}

/* Looked up once: the CPU and the environment stay the same. */
__attribute__((constructor)) static void find_usable_sets(void)
{
    const char *mask = getenv("STREAMGRAD_ISA");
    unsigned present = 0, sets = allowed(mask);
    for (int isa = 0; isa < SG_ISA_COUNT; isa++)
        if (tables[isa][0] && cpu_has((sg_isa)isa))
            present |= 1u << isa;
    usable_sets = present & sets;
    if (usable_sets)
        return;
    if (mask_fits)
        tell_that_none_is_usable(mask, present);
    mask_fits = false;
    usable_sets = 1u << SG_ISA_SCALAR;
}

bool sg_isa_mask_fits(void) { return mask_fits; }

bool sg_isa_usable(sg_isa isa)
{
    return isa >= 0 && isa < SG_ISA_COUNT && (usable_sets >> isa & 1);
}

sg_isa sg_isa_best(void)
{
    int best = SG_ISA_COUNT - 1;
    while (best > 0 && !sg_isa_usable((sg_isa)best))
        best--;
    return (sg_isa)best;
}

const sg_kernels *sg_kernels_of(sg_isa isa, sg_dtype dtype)
{
    return sg_isa_usable(isa) ? tables[isa][dtype] : NULL;
}

const sg_kernels *sg_kernels_best(sg_dtype dtype) { return tables[sg_isa_best()][dtype]; }
