/* test_damage.c - files of a run that were changed, cut off or taken from another run: each is told
 * in one line, and nothing is overwritten. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rl/training/checkpoint.h"
#include "tests/cli/refused.h"
#include "tests/training/scratch.h"

/* A quick run with five episodes. */
static void train(const char *folder, const char *run, int seed)
{
    const program_result *r =
        program_run(folder,
                    "train avg --env Pendulum-v1 --set hidden=16 --steps 1k --quiet --seed %d "
                    "--eval-every 500 --eval-episodes 1 --out %s",
                    seed, run);
    cr_assert_eq(r->code, 0, "%s", r->err);
}

/* Neither resumed nor played, whichever way it is asked for. */
static void assert_useless(const char *folder, const char *run, const char *told)
{
    assert_refused(folder, run, "train --quiet --resume --out", told);
    assert_refused(folder, run, "train --quiet --steps 2k --resume --out", told);
    assert_refused(folder, run, "eval", told);
}

/* The text with `old`, which it has once, made `new`, which is no longer (free it). */
static char *with(const char *text, const char *old, const char *new)
{
    char *changed = strdup(text), *at = strstr(changed, old);
    cr_assert_not_null(at, "no %s in %s", old, text);
    cr_assert(strlen(new) <= strlen(old));
    memmove(at + strlen(new), at + strlen(old), strlen(at + strlen(old)) + 1);
    memcpy(at, new, strlen(new));
    return changed;
}

/* ---- run.json ---- */

/* What somebody may change, and what is told of it. */
static const struct {
    const char *old, *new, *told;
} CHANGES[] = {
    {"\"seed\": 3,", "\"seed\": 4,", "run.json was changed"},
    {"\"gamma\": 0.99,", "\"gamma\": 0.9,", "run.json was changed"},
    {"\"steps\": 1000,", "\"steps\": 900,", "run.json was changed"},
    {"\"eval_every\": 500,", "\"eval_every\": 50,", "run.json was changed"},
    {"Pendulum-v1", "Pendulum-v2", "run.json was changed"},
    {"\"checksum\"", "\"checksom\"", "run.json was changed"},
    {"\n}\n", "\n}", "run.json was changed"},
    {"  \"seed\"", "  seed\"", "run.json is damaged: line 10"},
    {"\n}\n", "\n", "run.json is damaged: line "},
    {"\"program\": \"streamgrad\"", "\"program\": \"other\"", "not the record of a streamgrad run"},
};

Test(damage, a_changed_run_json_is_told)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run"), *file = scratch_path(run, SG_RUN_FILE);
    size_t size;
    train(folder, run, 3);
    char *good = scratch_read(file, &size);
    for (size_t i = 0; i < sizeof CHANGES / sizeof *CHANGES; i++) {
        char *bad = with(good, CHANGES[i].old, CHANGES[i].new);
        scratch_write(file, bad, strlen(bad));
        assert_useless(folder, run, CHANGES[i].told);
        free(bad);
    }
    /* As it was, all is well. */
    scratch_write(file, good, size);
    const program_result *r =
        program_run(folder, "train --quiet --resume --steps 1200 --out %s", run);
    cr_assert(r->code == 0 && !*r->err, "%s", r->err);
    free(good);
    scratch_remove(folder);
}

/* Any one byte, anywhere: told in one line. */
Test(damage, no_byte_of_run_json_changes_unnoticed)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run"), *file = scratch_path(run, SG_RUN_FILE);
    size_t size;
    train(folder, run, 3);
    char *text = scratch_read(file, &size);
    for (size_t at = 0; at < size; at += 37) {
        text[at] ^= 1;
        scratch_write(file, text, size);
        assert_told(program_run(folder, "eval %s", run), 2, "run.json");
        text[at] ^= 1;
    }
    free(text);
    scratch_remove(folder);
}

/* ---- the checkpoint ---- */

Test(damage, a_checkpoint_of_another_run_is_told)
{
    char *folder = scratch_make();
    const char *one = scratch_path(folder, "1"), *two = scratch_path(folder, "2");
    size_t size;
    train(folder, one, 1);
    train(folder, two, 2);
    char *other = scratch_read(scratch_path(one, SG_CHECKPOINT_FILE), &size);
    scratch_write(scratch_path(two, SG_CHECKPOINT_FILE), other, size);
    assert_useless(folder, two, "checkpoint.safetensors belongs to another run");
    free(other);
    scratch_remove(folder);
}
