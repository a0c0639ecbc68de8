/* test_damage.c - files of a run that were changed, cut off or taken from another run: each is told
 * in one line, and nothing is overwritten. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rl/training/checkpoint.h"
#include "rl/training/records.h"
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

/* The text with `old`, which it has, made `new` (free it). */
static char *with(const char *text, const char *old, const char *new)
{
    char *changed = calloc(strlen(text) + strlen(new) + 1, 1);
    const char *at = strstr(text, old);
    cr_assert(changed && at, "no %s in %s", old, text);
    memcpy(changed, text, (size_t)(at - text));
    strcat(strcat(changed, new), at + strlen(old));
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
    {"\"checksum\"", "\"checksom\"", "run.json has no checksum"},
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

/* ---- records ---- */

/* Changes of the same length within a table, and what is told with its line. */
typedef struct {
    const char *old, *new, *told;
} row_change;

static const row_change EPISODES[] = {
    {"step,episode", "step;episode", "line 1 is not step,episode,return,length,seconds; put it"},
    {"\n600,3,", "\n6OO,3,", "line 4: step '6OO' is not a whole number from 1 on"},
    {"\n600,3,", "\n600,0,", "line 4: episode '0' is not a whole number from 1 on"},
    {"\n600,3,", "\n600,4,", "line 4: episode 4 does not follow 2"},
    {"\n600,3,", "\n200,3,", "line 4: step 200 does not come after 400"},
    {"\n600,3,", "\n900,3,", "line 5: step 800 does not come after 900"},
    {"\n1000,5,", "\n9000,5,", "line 6: step 9000 is beyond the checkpoint's last, 1000"},
    {"\n600,3,", "\n600,3;", "line 4 is not step,episode,return,length,seconds"},
    {"\n600,3,-", "\n600,3,inf,", "line 4 is not step,episode,return,length,seconds"},
    {"\n600,3,-", "\n600,3,,", "line 4 is not step,episode,return,length,seconds"},
    {"\n600,3,-", "\n600,3,x", "line 4: return 'x"},
    {"\n600,3,-", "\n600,3, ", "line 4: return ' "},
    {"\n600,3,-", "\n600,3,9", "is not as the checkpoint knows it"},
};
static const row_change EVALUATIONS[] = {
    {"step,episodes", "step,episode,", "line 1 is not step,episodes,return_mean,return_sd,length"},
    {"\n500,1,-", "\n500,1,n", "line 2: return_mean 'n"},
    {"\n1000,1,", "\n0500,1,", "line 3: step 500 does not come after 500"},
};

/* Told in one line, with nothing changed, unless asked to go on without the rows. */
static void assert_rows_are_read(const char *folder, const char *run, const char *name,
                                 const row_change *changes, size_t count)
{
    const char *file = scratch_path(run, name);
    char told[200];
    size_t size;
    char *good = scratch_read(file, &size);
    for (size_t i = 0; i < count; i++) {
        char *bad = with(good, changes[i].old, changes[i].new);
        scratch_write(file, bad, strlen(bad));
        snprintf(told, sizeof told, "/%s%s %s", name, changes[i].told[0] == 'l' ? ":" : "",
                 changes[i].told);
        assert_refused(folder, run, "train --quiet --resume --steps 2k --out", told);
        free(bad);
    }
    scratch_write(file, good, size);
    free(good);
}

Test(damage, records_are_read_strictly)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run");
    train(folder, run, 3);
    assert_rows_are_read(folder, run, SG_EPISODES_FILE, EPISODES,
                         sizeof EPISODES / sizeof *EPISODES);
    assert_rows_are_read(folder, run, SG_EVALUATIONS_FILE, EVALUATIONS,
                         sizeof EVALUATIONS / sizeof *EVALUATIONS);
    scratch_remove(folder);
}

/* Flips one bit in a file. */
static void flip(const char *file, size_t at)
{
    size_t size;
    char *bytes = scratch_read(file, &size);
    cr_assert(at < size);
    bytes[at] ^= 4;
    scratch_write(file, bytes, size);
    free(bytes);
}

Test(damage, a_broken_event_file_is_told_and_kept_up_to_there)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run"), *file = scratch_path(run, SG_EVENTS_FILE);
    size_t size;
    train(folder, run, 3);
    char *good = scratch_read(file, &size);
    flip(file, 100);
    assert_refused(folder, run, "train --quiet --resume --steps 2k --out",
                   "streamgrad is damaged: record 2, at byte 40; put it back, or go on with");
    const program_result *r =
        program_run(folder, "train --quiet --resume --steps 2k --lost-records --out %s", run);
    assert_told(r, 0, "record 2, at byte 40; it goes on after its last sound row");
    char *after = scratch_read(file, &size);
    cr_assert(size > 200 && memcmp(after, good, 40) == 0 && memcmp(after, good, 200) != 0);
    free(after);
    free(good);
    scratch_remove(folder);
}

/* Of another seed every row is sound, and yet another. */
Test(damage, records_of_another_run_are_told)
{
    static const char *const NAMES[] = {SG_EPISODES_FILE, SG_EVALUATIONS_FILE, SG_EVENTS_FILE};
    char *folder = scratch_make();
    const char *one = scratch_path(folder, "1"), *two = scratch_path(folder, "2");
    size_t size, own_size;
    train(folder, one, 1);
    train(folder, two, 2);
    for (int i = 0; i < 3; i++) {
        char *own = scratch_read(scratch_path(two, NAMES[i]), &own_size);
        char *other = scratch_read(scratch_path(one, NAMES[i]), &size);
        scratch_write(scratch_path(two, NAMES[i]), other, size);
        /* Where the other's numbers are shorter it is one that was cut off. */
        if (size >= own_size || i == 0)
            assert_refused(folder, two, "train --quiet --resume --steps 2k --out", NAMES[i]);
        scratch_write(scratch_path(two, NAMES[i]), own, own_size);
        free(own);
        free(other);
    }
    scratch_remove(folder);
}

/* A wrong header leaves no row: that is told before, and what was cut is kept. */
Test(damage, rows_that_are_given_up_are_counted_and_copied)
{
    char *folder = scratch_make(), name[32], line[300];
    const char *run = scratch_path(folder, "run"), *file = scratch_path(run, SG_EPISODES_FILE);
    size_t size, copied;
    train(folder, run, 3);
    for (int i = 1; i <= 2; i++) {
        char *bad = scratch_read(file, &size);
        bad[2] ^= 1;
        scratch_write(file, bad, size);
        assert_refused(folder, run, "train --quiet --resume --steps 2k --out",
                       i == 1 ? "or go on with the first 0 of its 5 rows: --lost-records"
                              : "or go on with the first 0 of its 1 rows: --lost-records");
        snprintf(line, sizeof line, "train --quiet --resume --steps %d --lost-records --out %s",
                 1000 + 200 * i, run);
        const program_result *r = program_run(folder, "%s", line);
        snprintf(name, sizeof name, "episodes.csv.lost%d", i);
        assert_told(r, 0, "it begins anew; ");
        cr_assert(strstr(r->err, name) && strstr(r->err, " has all that it held"), "%s", r->err);
        char *copy = scratch_read(scratch_path(run, name), &copied);
        cr_assert(copied == size && memcmp(copy, bad, size) == 0);
        free(copy);
        free(bad);
    }
    char *rows = scratch_read(file, &size);
    cr_assert(strstr(rows, "seconds\n1400,7,"), "%s", rows);
    free(rows);
    scratch_remove(folder);
}

/* Refused for want of space it has cut nothing, whatever the file that finds no room. */
Test(damage, rows_are_given_up_only_if_the_disk_has_room)
{
    static const int LIMITS[] = {100, 4096};
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run"), *file = scratch_path(run, SG_EPISODES_FILE);
    size_t size;
    train(folder, run, 3);
    char *good = scratch_read(file, &size), *bad = with(good, "\n600,3,", "\n600,3;");
    scratch_write(file, bad, size);
    for (int i = 0; i < 2; i++) {
        scratch_limit_files((rlim_t)LIMITS[i]);
        assert_refused(folder, run, "train --quiet --resume --steps 2k --lost-records --out",
                       "File too large");
        scratch_limit_files(RLIM_INFINITY);
    }
    const program_result *r =
        program_run(folder, "train --quiet --resume --steps 1400 --lost-records --out %s", run);
    assert_told(r, 0, "line 4 is not");
    free(good);
    free(bad);
    scratch_remove(folder);
}

/* A pipe in place of a table would wait for ever. */
Test(damage, a_pipe_is_no_table, .timeout = 60)
{
    char *folder = scratch_make(), line[300];
    const char *run = scratch_path(folder, "run"), *file = scratch_path(run, SG_EPISODES_FILE);
    train(folder, run, 3);
    cr_assert(unlink(file) == 0 && mkfifo(file, 0600) == 0);
    assert_refused(folder, run, "train --quiet --resume --steps 2k --out",
                   "episodes.csv: it is not a regular file");
    snprintf(line, sizeof line, "plot --out %s", scratch_path(folder, "a.svg"));
    assert_refused(folder, run, line, "episodes.csv: it is not a regular file");
    cr_assert_eq(unlink(scratch_path(run, SG_CHECKPOINT_FILE)), 0);
    assert_refused(folder, run, "train --quiet --resume --out", "has episodes but no checkpoint");
    scratch_remove(folder);
}

Test(damage, plots_are_of_sound_rows)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run"), *file = scratch_path(run, SG_EPISODES_FILE);
    const char *picture = scratch_path(folder, "a.svg");
    char line[600];
    size_t size;
    train(folder, run, 3);
    char *good = scratch_read(file, &size);
    snprintf(line, sizeof line, "plot --out %s", picture);
    for (size_t i = 0; i < sizeof EPISODES / sizeof *EPISODES - 1; i++) {
        char *bad = with(good, EPISODES[i].old, EPISODES[i].new);
        scratch_write(file, bad, strlen(bad));
        assert_refused(folder, run, line, "episodes.csv: line ");
        free(bad);
    }
    cr_assert_not(sg_file_exists(picture));
    /* What the checkpoint knows must be there; a last row that is being written is left out. */
    scratch_write(file, good, size - 5);
    assert_refused(folder, run, line, "episodes.csv was cut off");
    char *longer = calloc(size + 20, 1);
    strcat(strcpy(longer, good), "1200,6,-1");
    scratch_write(file, longer, size + 9);
    const program_result *r = program_run(folder, "%s %s", line, run);
    cr_assert(r->code == 0 && !*r->err, "%s", r->err);
    free(longer);
    free(good);
    scratch_remove(folder);
}

/* Sound rows, and yet not those of the run. */
Test(damage, plots_are_of_the_run_s_own_rows)
{
    char *folder = scratch_make(), line[600];
    const char *one = scratch_path(folder, "1"), *two = scratch_path(folder, "2");
    const char *file = scratch_path(two, SG_EPISODES_FILE);
    size_t size, other_size;
    train(folder, one, 1);
    train(folder, two, 2);
    snprintf(line, sizeof line, "plot --force --out %s", scratch_path(folder, "a.svg"));
    char *good = scratch_read(file, &size);
    char *other = scratch_read(scratch_path(one, SG_EPISODES_FILE), &other_size);
    /* Another run's, so long that nothing seems to be missing. */
    other = realloc(other, other_size + 64);
    strcat(other, "1200,6,-1000.123456789012,200,0.1\n");
    scratch_write(file, other, strlen(other));
    assert_refused(folder, two, line, "step 1200 is beyond the run's last, 1000");
    scratch_write(file, other, other_size);
    assert_refused(folder, two, line, "the checkpoint knows");

    /* A line that was taken out. */
    char *end = strstr(good, "\n600,3,"), *rest = strchr(end + 1, '\n');
    scratch_write(file, good, size);
    memmove(end, rest, strlen(rest) + 1);
    scratch_write(file, good, strlen(good));
    assert_refused(folder, two, line, "line 4: episode 4 does not follow 2");

    /* With rows given up the numbers have a gap, of which the checkpoint knows. */
    const program_result *r =
        program_run(folder, "train --quiet --resume --steps 1400 --lost-records --out %s", two);
    assert_told(r, 0, "line 4: episode 4 does not follow 2");
    r = program_run(folder, "%s %s", line, two);
    cr_assert(r->code == 0 && !*r->err, "%s", r->err);

    /* As a replacement that was killed leaves it. */
    cr_assert_eq(unlink(scratch_path(two, SG_CHECKPOINT_FILE)), 0);
    assert_refused(folder, two, line, "has episodes but no checkpoint.safetensors");
    free(good);
    free(other);
    scratch_remove(folder);
}

/* What run.json could not hold is refused before anything is made. */
Test(damage, a_name_that_is_no_text_is_refused)
{
    char *folder = scratch_make(), line[700];
    const char *run = scratch_path(folder, "run"), *plugin = scratch_path(folder, "\xff.so");
    snprintf(line, sizeof line, "cc -shared -fPIC -I. tests/envs/plugins/faulty.c -o %s", plugin);
    cr_assert_eq(system(line), 0);
    assert_told(program_run(folder, "train avg --env %s --steps 9 --out %s", plugin, run), 2,
                "cannot be recorded: it is not UTF-8");
    cr_assert_not(sg_file_exists(run));
    scratch_remove(folder);
}

/* ---- returns ---- */

/* Finite rewards with a sum that is not: no record has it. */
Test(damage, a_return_that_is_not_finite_is_told)
{
    static const char fault[] = "-DAT_STEP=t->truncated=steps%10==0,t->reward=1e308";
    char *folder = scratch_make(), line[600];
    const char *run = scratch_path(folder, "run"), *plugin = scratch_path(folder, "large.so");
    size_t size;
    snprintf(line, sizeof line, "cc -shared -fPIC -I. '%s' tests/envs/plugins/faulty.c -o %s",
             fault, plugin);
    cr_assert_eq(system(line), 0);
    const program_result *r =
        program_run(folder,
                    "train sac --env %s --set hidden=16,learning_starts=900 --steps 800 --quiet "
                    "--checkpoint-every 20 --out %s",
                    plugin, run);
    assert_told(r, 1, "Faulty-v0: the return of an episode is inf: its rewards are too large");
    char *rows = scratch_read(scratch_path(run, SG_EPISODES_FILE), &size);
    cr_assert_str_eq(rows, SG_EPISODES_HEADER);
    free(rows);
    r = program_run(folder, "eval %s --episodes 2", run);
    assert_told(r, 1, "Faulty-v0: the return of an episode is inf: its rewards are too large");
    cr_assert_str_empty(r->out);
    scratch_remove(folder);
}

/* ---- the machine ---- */

Test(damage, another_machine_is_told)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run");
    sg_experiment there;
    sg_error error;
    train(folder, run, 3);
    cr_assert(sg_experiment_read(&there, run, &error), "%s", error.text);
    snprintf(there.machine.mujoco, sizeof there.machine.mujoco, "1.50");
    snprintf(there.machine.instruction_set, sizeof there.machine.instruction_set, "altivec");
    cr_assert(sg_experiment_write(&there, run, &error), "%s", error.text);
    sg_experiment_release(&there);
    for (int i = 0; i < 2; i++) {
        const program_result *r =
            program_run(folder, "train --quiet --resume --steps %d --out %s", 1200 + i, run);
        assert_told(r, 0, "warning: the run began with MuJoCo 1.50, now ");
        cr_assert(strstr(r->err, "; instruction set altivec, now "), "%s", r->err);
    }
    scratch_remove(folder);
}

Test(damage, processors_that_round_alike_are_not_told)
{
    sg_machine here = sg_machine_here(), then = here;
    sg_error error;
    snprintf(here.instruction_set, sizeof here.instruction_set, "avx512");
    snprintf(then.instruction_set, sizeof then.instruction_set, "avx2");
    snprintf(then.cpu, sizeof then.cpu, "another");
    cr_expect(sg_machine_same(&then, &here, &error), "%s", error.text);
    snprintf(then.instruction_set, sizeof then.instruction_set, "sse2");
    cr_expect_not(sg_machine_same(&then, &here, &error));
    cr_expect(strstr(error.text, "instruction set sse2, now avx512; processor another, now "), "%s",
              error.text);
}

/* ---- crashes ---- */

#if !defined(__SANITIZE_ADDRESS__) /* which has a report of its own */

Test(damage, a_crash_in_a_plugin_is_told)
{
    char *folder = scratch_make(), line[600];
    const char *run = scratch_path(folder, "run"), *plugin = scratch_path(folder, "crash.so");
    snprintf(
        line, sizeof line,
        "cc -shared -fPIC -I. '-DBAD_REWARD=*(volatile double *)0' tests/envs/plugins/faulty.c "
        "-o %s",
        plugin);
    cr_assert_eq(system(line), 0);
    const program_result *r = program_run(folder,
                                          "train avg --env %s --set hidden=16 --steps 1k --quiet "
                                          "--checkpoint-every 40 --out %s",
                                          plugin, run);
    assert_told(r, 128 + SIGSEGV, "streamgrad: Faulty-v0: its step function crashed");
    /* Its last checkpoint stands, for a plugin that is mended. */
    r = program_run(folder, "train --quiet --resume --steps 50 --out %s", run);
    cr_assert(r->code == 2 && strstr(r->err, "can only grow"), "%s", r->err);
    cr_assert(sg_file_exists(scratch_path(run, SG_CHECKPOINT_FILE)));
    scratch_remove(folder);
}

#endif
