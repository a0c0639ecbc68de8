/* test_processors.c - a run begun where there is AVX2 and no more goes on where there is more: it
 * ends as one that was never interrupted, to the bit, and nothing is warned of. Where the processor
 * has no AVX-512, both parts run on AVX2. And what STREAMGRAD_ISA allows has to be there.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cli/program.h"
#include "tests/training/runs.h"
#include "tests/training/scratch.h"

static void train(const char *folder, const char *what, int steps, const char *run)
{
    const program_result *r =
        program_run(folder, "train %s --quiet --steps %d --out %s", what, steps, run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert_str_empty(r->err, "%s: %s", what, r->err);
}

static void go_on_elsewhere(const char *what)
{
    char *folder = scratch_make();
    const char *whole = scratch_path(folder, "whole"), *moved = scratch_path(folder, "moved");
    train(folder, what, 600, whole);
    setenv("STREAMGRAD_ISA", "scalar,sse2,avx2", 1);
    train(folder, what, 300, moved);
    unsetenv("STREAMGRAD_ISA");
    train(folder, "--resume", 600, moved);
    runs_assert_same(whole, moved);
    scratch_remove(folder);
}

#ifdef __x86_64__
#define FOREIGN "neon"
#else
#define FOREIGN "avx2"
#endif

/* Otherwise the run would be another than was asked for. */
Test(processors, a_mask_that_fits_nothing_is_refused)
{
    const struct {
        const char *mask, *said;
    } masks[] = {
        {"axv2", "STREAMGRAD_ISA names 'axv2'; there are scalar, sse2,"},
        {"scalar,foo", "STREAMGRAD_ISA names 'foo'; there are scalar, sse2,"},
        {FOREIGN, "STREAMGRAD_ISA=" FOREIGN " allows no set that this machine has: scalar"}};
    char *folder = scratch_make();
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        setenv("STREAMGRAD_ISA", masks[i].mask, 1);
        const program_result *r = program_run(folder, "train avg --env Pendulum-v1 --out run");
        cr_expect_eq(r->code, 2, "%s", masks[i].mask);
        cr_expect(strstr(r->err, masks[i].said), "%s: %s", masks[i].mask, r->err);
        cr_expect_eq(strchr(r->err, '\n') + 1 - r->err, (long)strlen(r->err), "one line");
        unsetenv("STREAMGRAD_ISA");
    }
    scratch_remove(folder);
}

Test(processors, avg) { go_on_elsewhere("avg --env Hopper-v4"); }
Test(processors, stream_ac) { go_on_elsewhere("stream_ac --env Ant-v4"); }
Test(processors, intentional_q) { go_on_elsewhere("intentional_q --env MinAtar/Breakout-v1"); }
Test(processors, sac) { go_on_elsewhere("sac --env Hopper-v4 --set learning_starts=200"); }
Test(processors, ppo) { go_on_elsewhere("ppo --env CartPole-v1"); }
