/* test_taken.c - record files that are removed or replaced while a run writes them: the run stops
 * with exit code 1 and one line, and every row can be put back. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "rl/training/loop.h"
#include "rl/training/records.h"
#include "tests/cli/refused.h"
#include "tests/training/runs.h"
#include "tests/training/scratch.h"

#define RUN                                                                                        \
    "train avg --env Pendulum-v1 --set hidden=16 --seed 5 --quiet --checkpoint-every 500 --steps " \
    "60000 --out %s"

/* Until the run has written some rows. */
static void wait_for_rows(const char *run)
{
    const char *file = scratch_path(run, SG_EPISODES_FILE);
    struct timespec time = {.tv_nsec = 1000000};
    struct stat info;
    for (int tries = 0; tries < 60000; tries++) {
        if (stat(file, &info) == 0 && info.st_size > 200)
            return;
        nanosleep(&time, NULL);
    }
    cr_assert_fail("no episode in a minute");
}

/* As an editor or `sed -i` replaces a file. */
static void rewrite(const char *path)
{
    size_t size;
    char other[300], *text = scratch_read(path, &size);
    snprintf(other, sizeof other, "%s.new", path);
    scratch_write(other, text, size);
    cr_assert_eq(rename(other, path), 0);
    free(text);
}

static void move_away(const char *path)
{
    char other[300];
    snprintf(other, sizeof other, "%s.elsewhere", path);
    cr_assert_eq(rename(path, other), 0);
}

static void delete (const char *path) { cr_assert_eq(remove(path), 0); }

static const struct {
    void (*take)(const char *path);
    const char *name, *copy, *told;
} TAKEN[] = {
    {rewrite, SG_EPISODES_FILE, "episodes.csv.lost1", "episodes.csv was replaced by another file"},
    {delete, SG_EPISODES_FILE, "episodes.csv.lost1",
     "episodes.csv was removed during the run; all"},
    {move_away, SG_EPISODES_FILE, "episodes.csv.elsewhere",
     "episodes.csv was moved away during the run; the file has another name now, and all that"},
    {delete, SG_EVENTS_FILE, "events.lost1", "all that it held is in events.lost1: move that back"},
};

/* With what was kept in its place again, the run ends as one that nobody disturbed. */
Test(taken, a_record_file_that_is_gone_stops_the_run)
{
    char *folder = scratch_make();
    char *whole = strdup(scratch_path(folder, "whole"));
    cr_assert_eq(program_run(folder, RUN, whole)->code, 0);
    for (size_t i = 0; i < sizeof TAKEN / sizeof *TAKEN; i++) {
        char name[16];
        snprintf(name, sizeof name, "run%zu", i);
        const char *run = scratch_path(folder, name);
        const char *file = scratch_path(run, TAKEN[i].name);
        pid_t child = program_start(folder, RUN, run);
        wait_for_rows(run);
        TAKEN[i].take(file);
        assert_told(program_wait(folder, child), 1, TAKEN[i].told);
        cr_assert(sg_file_exists(scratch_path(run, SG_FAILURE_FILE)));
        cr_assert_eq(rename(scratch_path(run, TAKEN[i].copy), file), 0);
        const program_result *r = program_run(folder, "train --resume --quiet --out %s", run);
        cr_assert(r->code == 0 && !*r->err, "exit code %d: %s", r->code, r->err);
        runs_assert_same(whole, run);
        runs_assert_same_scalars(whole, run);
    }
    free(whole);
    scratch_remove(folder);
}
