/* test_killed.c - the program killed, stopped and resumed; and how much memory it takes. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "tensor/random.h"
#include "tests/cli/program.h"
#include "tests/training/runs.h"
#include "tests/training/scratch.h"

#define RUN "train avg --env Pendulum-v1 --set hidden=16 --seed 5 --quiet --steps "
#define STEPS "60000"

static void wait_seconds(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};
    nanosleep(&time, NULL);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Trains without interruption; how long that took. */
static double train_whole(const char *folder, const char *run)
{
    double start = now();
    const program_result *r =
        program_run(folder, RUN STEPS " --checkpoint-every 2000 --out %s", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    return now() - start;
}

/* Kills at moments spread over start-up, training and saving, until the run is through. */
Test(killed, a_run_killed_at_any_moment_ends_the_same)
{
    char *folder = scratch_make();
    const char *whole = scratch_path(folder, "whole"), *killed = scratch_path(folder, "killed");
    double length = train_whole(folder, whole);
    sg_random random;
    int kills = 0, code = -1;

    sg_random_seed(&random, (uint64_t)(1e9 * now()));
    for (int attempt = 0; attempt < 12; attempt++) {
        pid_t child =
            program_start(folder, RUN STEPS " --checkpoint-every 2000 --resume --out %s", killed);
        wait_seconds(sg_random_uniform(&random, 0, attempt < 3 ? 0.1 * length : 0.5 * length));
        kill(child, SIGKILL);
        code = program_wait(folder, child)->code;
        cr_assert(code == 0 || code == 128 + SIGKILL, "exit code %d", code);
        kills += code != 0;
    }
    cr_assert(kills >= 3, "killed only %d times", kills);
    const program_result *r = program_run(folder, RUN STEPS " --resume --out %s", killed);
    cr_assert_eq(r->code, 0, "%s", r->err);
    runs_assert_same(whole, killed);
    runs_assert_same_scalars(whole, killed);
    scratch_remove(folder);
}

/* Waits until the run has written a few episodes: it is in the midst of training then. */
static void wait_for_episodes(const char *run)
{
    struct stat info;
    const char *file = scratch_path(run, "episodes.csv");
    for (int tries = 0; tries < 10000; tries++) {
        if (stat(file, &info) == 0 && info.st_size > 200)
            return;
        wait_seconds(0.001);
    }
    cr_assert_fail("no episode in ten seconds");
}

Test(killed, a_run_asked_to_stop_saves_and_tells_how_to_go_on)
{
    char *folder = scratch_make();
    const char *whole = scratch_path(folder, "whole"), *stopped = scratch_path(folder, "stopped");

    pid_t child = program_start(folder, RUN STEPS " --out %s", stopped);
    wait_for_episodes(stopped);
    static const int SIGNALS[] = {SIGTERM, SIGINT, SIGHUP};
    for (int i = 0; i < 3; i++) {
        kill(child, SIGNALS[i]);
        const program_result *r = program_wait(folder, child);
        cr_assert_eq(r->code, 130, "exit code %d: %s", r->code, r->err);
        cr_assert(strstr(r->err, "go on with: streamgrad train --resume --out"), "%s", r->err);
        child = program_start(folder, "train --quiet --resume --out %s", stopped);
        wait_seconds(0.1);
    }
    const program_result *r = program_wait(folder, child);
    cr_assert_eq(r->code, 0, "%s", r->err);
    train_whole(folder, whole);
    runs_assert_same(whole, stopped);
    scratch_remove(folder);
}

/* As nohup and shells do for what is to go on without them. */
Test(killed, a_signal_that_was_ignored_stays_so)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run");
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    pid_t child = program_start(folder, RUN STEPS " --out %s", run);
    wait_for_episodes(run);
    kill(child, SIGHUP);
    kill(child, SIGINT);
    const program_result *r = program_wait(folder, child);
    cr_assert(r->code == 0 && !*r->err, "exit code %d: %s", r->code, r->err);
    scratch_remove(folder);
}

#if !defined(__SANITIZE_ADDRESS__) /* whose own memory would count */

/* The most memory a process ever held, in kB; -1 once it is gone. */
static long peak_memory(pid_t child)
{
    char path[64], line[256];
    long peak = -1;
    snprintf(path, sizeof path, "/proc/%d/status", (int)child);
    FILE *status = fopen(path, "r");
    while (status && fgets(line, sizeof line, status))
        sscanf(line, "VmHWM: %ld", &peak);
    if (status)
        fclose(status);
    return peak;
}

Test(killed, half_cheetah_trains_in_thirty_megabytes)
{
    char *folder = scratch_make();
    long peak = -1, seen;
    int readings = 0;
    pid_t child = program_start(folder,
                                "train avg --env HalfCheetah-v4 --steps 8k --checkpoint-every 1000"
                                " --quiet --out %s",
                                scratch_path(folder, "run"));
    while ((seen = peak_memory(child)) >= 0) {
        peak = seen;
        readings++;
        wait_seconds(0.01);
    }
    cr_assert_eq(program_wait(folder, child)->code, 0);
    cr_assert(readings > 10 && peak > 1000, "%d readings, %ld kB", readings, peak);
    cr_assert(peak < 30000, "%ld kB", peak);
    scratch_remove(folder);
}

#endif
