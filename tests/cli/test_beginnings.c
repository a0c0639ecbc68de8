/* test_beginnings.c - how runs begin, go on and are replaced where something is wrong: exit code 2
 * leaves every file as it was. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rl/training/checkpoint.h"
#include "rl/training/loop.h"
#include "rl/training/records.h"
#include "tests/cli/refused.h"
#include "tests/not_run.h"
#include "tests/training/runs.h"
#include "tests/training/scratch.h"

/* A quick run with several episodes; exit code 0 is checked. */
#define QUICK "train avg --env Pendulum-v1 --set hidden=16 --steps 1k --quiet --out %s"

static void train(const char *folder, const char *run)
{
    const program_result *r = program_run(folder, QUICK, run);
    cr_assert_eq(r->code, 0, "%s", r->err);
}

static void remove_file(const char *run, const char *name)
{
    cr_assert_eq(unlink(scratch_path(run, name)), 0);
}

/* ---- resuming without a checkpoint ---- */

Test(beginnings, episodes_without_a_checkpoint_are_not_overwritten)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run");
    train(folder, run);
    remove_file(run, SG_CHECKPOINT_FILE);
    assert_refused(folder, run, "train --resume --quiet --out",
                   "has episodes but no checkpoint.safetensors; --force begins anew");
    assert_refused(folder, run, "train --resume --quiet --steps 2k --out", "--force begins anew");

    /* Without an episode nothing is lost: it begins. */
    scratch_write(scratch_path(run, SG_EPISODES_FILE), "step,episode,return,length,seconds\n", 35);
    const program_result *r = program_run(folder, "train --resume --quiet --out %s", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    remove_file(run, SG_CHECKPOINT_FILE);
    remove_file(run, SG_EPISODES_FILE);
    r = program_run(folder, "train --resume --quiet --out %s", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    train(folder, scratch_path(folder, "whole"));
    runs_assert_same(scratch_path(folder, "whole"), run);
    scratch_remove(folder);
}

/* ---- resuming without all records ---- */

/* Keeps the file's first bytes. */
static void shorten(const char *run, const char *name, off_t bytes)
{
    cr_assert_eq(truncate(scratch_path(run, name), bytes), 0);
}

Test(beginnings, a_log_that_is_lost_does_not_lock_the_run)
{
    static const char *const NAMES[] = {SG_EVENTS_FILE, SG_EVALUATIONS_FILE};
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run"), *whole = scratch_path(folder, "whole");
    char line[64];
    int steps = 1000;
    size_t size;

    train(folder, run);
    for (int i = 0; i < 4; i++) {
        const char *name = NAMES[i % 2];
        if (i < 2)
            remove_file(run, name);
        else
            shorten(run, name, 30);
        snprintf(line, sizeof line, "train --resume --quiet --steps %d", steps += 300);
        const program_result *r = program_run(folder, "%s --out %s", line, run);
        assert_told(r, 0, name);
        cr_assert(strstr(r->err, "warning: ") && strstr(r->err, i < 2 ? "is missing" : "cut off"),
                  "%s", r->err);
        cr_assert(strstr(r->err, "it begins anew"), "%s", r->err);
        free(scratch_read(scratch_path(run, name), &size));
        cr_assert(size > 40, "%s has %zu bytes", name, size);
        /* The checkpoint knows of the new file at once. */
        r = program_run(folder, "train --resume --quiet --out %s", run);
        cr_assert(r->code == 0 && !*r->err, "%s", r->err);
    }
    const program_result *r = program_run(
        folder, "train avg --env Pendulum-v1 --set hidden=16 --steps %d --quiet --out %s", steps,
        whole);
    cr_assert_eq(r->code, 0, "%s", r->err);
    runs_assert_same(whole, run);
    scratch_remove(folder);
}

Test(beginnings, lost_episodes_are_refused_unless_agreed_to)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run");
    const char *file = scratch_path(run, SG_EPISODES_FILE);
    size_t size;

    train(folder, run);
    char *rows = scratch_read(file, &size);
    shorten(run, SG_EPISODES_FILE, (off_t)size - 10);
    assert_refused(folder, run, "train --resume --quiet --steps 2k --out",
                   "episodes.csv was cut off");
    remove_file(run, SG_EPISODES_FILE);
    assert_refused(folder, run, "train --resume --quiet --steps 2k --out",
                   "episodes.csv is missing");
    assert_refused(folder, run, "train --resume --quiet --out", "--lost-records");

    /* What is whole of the rows is kept, and the run goes on below. */
    scratch_write(file, rows, size - 10);
    const program_result *r =
        program_run(folder, "train --resume --lost-records --quiet --steps 1400 --out %s", run);
    assert_told(r, 0, "it goes on after its last sound row");
    char *after = scratch_read(file, &size);
    cr_assert(strstr(after, "\n800,4,") && !strstr(after, "\n1000,5,"), "%s", after);
    cr_assert(strstr(after, "\n1200,6,") && strstr(after, "\n1400,7,"), "%s", after);
    cr_assert_eq(memcmp(after, rows, (size_t)(strstr(after, "\n1200,") - after)), 0, "%s", after);
    free(after);
    free(rows);
    scratch_remove(folder);
}

/* ---- --force ---- */

/* The plugin whose resets fail; its path. */
static const char *build_faulty(const char *folder)
{
    char line[1024];
    const char *path = scratch_path(folder, "faulty.so");
    snprintf(line, sizeof line,
             "cc -shared -fPIC -I. -DBAD_RESET tests/envs/plugins/faulty.c -o %s", path);
    cr_assert_eq(system(line), 0);
    return path;
}

Test(beginnings, force_keeps_the_old_run_until_the_new_one_has_begun)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run"), *none = scratch_path(folder, "none");
    const char *plugin = build_faulty(folder);
    char line[512];

    train(folder, run);
    scratch_write(scratch_path(run, SG_PLAN_FILE), "plan", 4);
    snprintf(line, sizeof line, "train avg --env %s --quiet --force --out", plugin);
    assert_refused(folder, run, line, "Faulty-v0 cannot be reset");
    scratch_limit_files(4096);
    assert_refused(folder, run, "train avg --env CartPole-v1 --force --out", "discrete");
    assert_refused(folder, run, "train avg --env Pendulum-v1 --force --out", "File too large");
    scratch_limit_files(RLIM_INFINITY);

    /* Where there was nothing, nothing is left. */
    assert_told(program_run(folder, "train avg --env %s --out %s", plugin, none), 2, "be reset");
    cr_assert_not(sg_file_exists(none));

    /* One that begins takes the old one's place, plan.txt included. */
    const program_result *r = program_run(
        folder, "train avg --env Pendulum-v1 --seed 1 --steps 10 --quiet --force --out %s", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert_not(sg_file_exists(scratch_path(run, SG_PLAN_FILE)));
    cr_assert_not(sg_file_exists(scratch_path(run, SG_FOLDER_STAGE)));
    scratch_remove(folder);
}

Test(beginnings, what_a_killed_beginning_leaves_is_no_obstacle)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run"), *whole = scratch_path(folder, "whole");
    const char *stage = scratch_path(run, SG_FOLDER_STAGE);
    train(folder, whole);
    /* Before anything was in place, and beside a run that was to be replaced. */
    for (int i = 0; i < 2; i++) {
        if (i == 0)
            cr_assert_eq(mkdir(run, 0777), 0);
        cr_assert_eq(mkdir(stage, 0777), 0);
        scratch_write(scratch_path(stage, SG_CHECKPOINT_FILE), "half", 4);
        scratch_write(scratch_path(stage, SG_RUN_FILE SG_FILE_TEMPORARY), "{", 1);
        const program_result *r = program_run(folder, QUICK " %s", run, i ? "--force" : "--resume");
        cr_assert_eq(r->code, 0, "%s", r->err);
        cr_assert_not(sg_file_exists(stage));
        runs_assert_same(whole, run);
    }
    /* After everything was in place, and while it was saved again. */
    cr_assert_eq(mkdir(stage, 0777), 0);
    scratch_write(scratch_path(run, SG_CHECKPOINT_FILE SG_FILE_TEMPORARY), "half", 4);
    const program_result *r = program_run(folder, "train --resume --quiet --out %s", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert_not(sg_file_exists(stage));
    cr_assert_not(sg_file_exists(scratch_path(run, SG_CHECKPOINT_FILE SG_FILE_TEMPORARY)));
    scratch_remove(folder);
}

/* A link under the name of the stage leads to files that are not this run's. */
Test(beginnings, a_link_to_another_run_is_not_followed)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run"), *other = scratch_path(folder, "other");
    train(folder, run);
    train(folder, other);
    cr_assert_eq(symlink(other, scratch_path(run, SG_FOLDER_STAGE)), 0);
    char *before = run_snapshot(other);
    assert_refused(folder, run, "train --resume --quiet --steps 2k --out",
                   "begin.tmp is in the way");
    assert_refused(folder, run, "train avg --env Pendulum-v1 --force --out", "is in the way");
    char *after = run_snapshot(other);
    cr_assert_str_eq(after, before);
    free(before);
    free(after);
    scratch_remove(folder);
}

/* Found before the first step, not at the first save. */
Test(beginnings, a_folder_where_a_file_belongs_is_told)
{
    static const char *const NAMES[] = {SG_CHECKPOINT_FILE SG_FILE_TEMPORARY,
                                        SG_RUN_FILE SG_FILE_TEMPORARY};
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run");
    train(folder, run);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(mkdir(scratch_path(run, NAMES[i]), 0700), 0);
        assert_refused(folder, run, "train --resume --quiet --steps 2k --out", NAMES[i]);
        assert_refused(folder, run, "train avg --env Pendulum-v1 --force --out", NAMES[i]);
        cr_assert_eq(rmdir(scratch_path(run, NAMES[i])), 0);
    }
    scratch_remove(folder);
}

/* That a folder cannot be read is another thing than that nothing is in it. */
Test(beginnings, a_folder_that_cannot_be_read_is_told_so)
{
    static const char *const LINES[] = {"train --resume --out",
                                        "train avg --env Pendulum-v1 --out"};
    /* Nothing is closed to root. */
    cr_assert(getuid() != 0 || setuid(65534) == 0);
    if (access(program_path(), X_OK) != 0)
        NOT_RUN("folders closed to their reader: the program is closed to user 65534");
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run");
    train(folder, run);
    cr_assert_eq(chmod(run, 0), 0);
    for (int i = 0; i < 2; i++)
        assert_told(program_run(folder, "%s %s", LINES[i], run), 2, "run: Permission denied");
    cr_assert_eq(chmod(run, 0700), 0);
    scratch_remove(folder);
}

/* The folder is where it was named, wherever an environment goes. */
Test(beginnings, an_environment_that_changes_the_folder_moves_no_file)
{
    char *folder = scratch_make(), line[600];
    const char *plugin = scratch_path(folder, "moves.so");
    snprintf(line, sizeof line, "cc -shared -fPIC -I. tests/cli/programs/wanders.c -o %s", plugin);
    cr_assert_eq(system(line), 0);
    cr_assert_eq(chdir(folder), 0);
    for (int i = 0; i < 2; i++) {
        const program_result *r = program_run(
            folder, "train avg --env %s --set hidden=8 --steps %d --quiet --resume --out run",
            plugin, 50 + 50 * i);
        cr_assert_eq(r->code, 0, "%s", r->err);
        cr_assert(sg_file_exists(scratch_path(folder, "run/" SG_CHECKPOINT_FILE)));
    }
    const program_result *r = program_run(folder, "eval run --episodes 2");
    cr_assert_eq(r->code, 0, "%s", r->err);
    r = program_run(folder, "render --policy run --steps 3 --out 100.png");
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(sg_file_exists("100.png"));
    /* In a folder whose name looks like a number's place. */
    cr_assert(mkdir("%d", 0700) == 0 && chdir("%d") == 0);
    r = program_run(folder, "render %s --steps 3 --out a%%02d.png", plugin);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(sg_file_exists("a00.png") && sg_file_exists("a03.png"));
    scratch_remove(folder);
}

/* ---- files that may not grow ---- */

Test(beginnings, a_limit_of_file_sizes_is_told_like_a_full_disk)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run");
    scratch_limit_files(4096);
    const program_result *r = program_run(folder, QUICK, run);
    scratch_limit_files(RLIM_INFINITY);
    assert_told(r, 2, "File too large");
    cr_assert_not(sg_file_exists(scratch_path(run, SG_CHECKPOINT_FILE SG_FILE_TEMPORARY)));

    /* In the midst of a run it is a failure, and the checkpoint before stays. */
    train(folder, run);
    scratch_limit_files(20000);
    r = program_run(folder, "train --resume --steps 100k --quiet --out %s", run);
    scratch_limit_files(RLIM_INFINITY);
    assert_told(r, 1, "File too large");
    cr_assert_not(sg_file_exists(scratch_path(run, SG_CHECKPOINT_FILE SG_FILE_TEMPORARY)));
    r = program_run(folder, "train --resume --quiet --out %s", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    scratch_remove(folder);
}

/* ---- memory that is not there ---- */

#if !defined(__SANITIZE_ADDRESS__) /* which needs more room than any machine has */

/* The checker keeps what it saw: a row for each step. */
Test(beginnings, a_limit_of_memory_is_told_in_a_line)
{
    char *folder = scratch_make(), script[8192];
    const char *limited = scratch_path(folder, "limited");
    snprintf(script, sizeof script, "#!/bin/sh\nulimit -v 400000\nexec '%s' \"$@\"\n",
             program_path());
    scratch_write(limited, script, strlen(script));
    cr_assert(chmod(limited, 0700) == 0 && setenv("STREAMGRAD_BIN", limited, 1) == 0);
    const program_result *r = program_run(folder, "check-env MinAtar/Breakout-v1 --steps 10");
    cr_assert_eq(r->code, 0, "%s", r->err);
    r = program_run(folder, "check-env MinAtar/Breakout-v1 --steps 100000");
    assert_told(r, 2, "streamgrad: out of memory (");
    scratch_remove(folder);
}

#endif
