/* test_isa.c - which instruction set is chosen, and STREAMGRAD_ISA, which limits the choice. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tensor/kernels.h"

/* STREAMGRAD_EXPECT names the set that a parent process expects under its STREAMGRAD_ISA. */
Test(isa, best_is_as_expected)
{
    const char *expected = getenv("STREAMGRAD_EXPECT");
    if (expected)
        cr_assert_str_eq(sg_isa_name(sg_isa_best()), expected);
    cr_assert(sg_isa_usable(sg_isa_best()));
    for (int isa = sg_isa_best() + 1; isa < SG_ISA_COUNT; isa++)
        cr_assert(!sg_isa_usable((sg_isa)isa) && !sg_kernels_of((sg_isa)isa, SG_F32));
    cr_assert_eq(sg_kernels_best(SG_F64), sg_kernels_of(sg_isa_best(), SG_F64));
    cr_assert_str_eq(sg_isa_name(SG_ISA_COUNT), "unknown");
}

/* Runs the test above in a process of its own, which must not take itself for a worker of
 * Criterion's (BXFI_MAP); true if it passed there. */
static bool best_under(const char *mask, const char *expected)
{
    char self[400], command[800];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    cr_assert_gt(length, 0);
    self[length] = 0;
    snprintf(command, sizeof command,
             "env -u BXFI_MAP STREAMGRAD_ISA='%s' STREAMGRAD_EXPECT=%s "
             "timeout 20 '%s' --filter isa/best_is_as_expected >/dev/null 2>&1",
             mask, expected, self);
    return system(command) == 0;
}

Test(isa, mask)
{
    cr_assert(best_under("scalar", "scalar"));
    cr_assert(!best_under("scalar", "sse2"));
    cr_assert(best_under("no-such-set", "scalar"));
    cr_assert(best_under("no-such-set,,scalar", "scalar"));
#if defined(__x86_64__)
    cr_assert(best_under("sse2", "sse2"));
    cr_assert(best_under("scalar,sse2", "sse2"));
    cr_assert(best_under("neon,sse2", "sse2"));
#endif
}
