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
#include "tests/cli/refused.h"
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

/* Bytes of the run's episodes.csv; 0 before there is one. */
static off_t bytes_of_episodes(const char *run)
{
    char file[1024];
    struct stat info;
    snprintf(file, sizeof file, "%s/episodes.csv", run);
    return stat(file, &info) == 0 ? info.st_size : 0;
}

/* Waits until the run has written more episodes than that: it is in the midst of training then. */
static void wait_for_episodes(const char *run, off_t bytes)
{
    for (int tries = 0; tries < 60000; tries++) {
        if (bytes_of_episodes(run) > bytes)
            return;
        wait_seconds(0.001);
    }
    cr_assert_fail("no episode in a minute");
}

/* Kills at moments spread over start-up, training and saving, until the run is through: three times
 * some episodes further on, which is well before its end, then at any time. */
Test(killed, a_run_killed_at_any_moment_ends_the_same)
{
    char *folder = scratch_make();
    const char *whole = scratch_path(folder, "whole"), *killed = scratch_path(folder, "killed");
    double length = train_whole(folder, whole);
    sg_random random;
    int kills = 0, code = -1;

    sg_random_seed(&random, (uint64_t)(1e9 * now()));
    for (int attempt = 0; attempt < 12; attempt++) {
        off_t bytes = bytes_of_episodes(killed);
        pid_t child =
            program_start(folder, RUN STEPS " --checkpoint-every 2000 --resume --out %s", killed);
        if (attempt < 3)
            wait_for_episodes(killed, bytes + (off_t)sg_random_uniform(&random, 0, 1000));
        else
            wait_seconds(sg_random_uniform(&random, 0, (attempt % 2 ? 0.05 : 0.5) * length));
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

Test(killed, a_run_asked_to_stop_saves_and_tells_how_to_go_on)
{
    char *folder = scratch_make();
    const char *whole = scratch_path(folder, "whole"), *stopped = scratch_path(folder, "stopped");

    pid_t child = program_start(folder, RUN STEPS " --out %s", stopped);
    wait_for_episodes(stopped, 200);
    static const int SIGNALS[] = {SIGTERM, SIGINT, SIGHUP};
    for (int i = 0; i < 3; i++) {
        kill(child, SIGNALS[i]);
        const program_result *r = program_wait(folder, child);
        cr_assert_eq(r->code, 130, "exit code %d: %s", r->code, r->err);
        cr_assert(strstr(r->err, "go on with: streamgrad train --resume --out"), "%s", r->err);
        off_t before = bytes_of_episodes(stopped);
        child = program_start(folder, "train --quiet --resume --out %s", stopped);
        wait_for_episodes(stopped, before);
    }
    const program_result *r = program_wait(folder, child);
    cr_assert_eq(r->code, 0, "%s", r->err);
    train_whole(folder, whole);
    runs_assert_same(whole, stopped);
    scratch_remove(folder);
}

/* A row of evaluations.csv is there. */
static bool is_evaluated(const char *run, const char *row)
{
    size_t size;
    char *rows = scratch_read(scratch_path(run, "evaluations.csv"), &size);
    bool found = strstr(rows, row) != NULL;
    free(rows);
    return found;
}

/* Stopped in its first evaluation and in the one after its last step, it plays both again. */
Test(killed, a_signal_ends_an_evaluation_and_it_comes_again)
{
    static const char line[] = "train avg --env Pendulum-v1 --set hidden=8 --steps 400 --quiet "
                               "--eval-every 200 --eval-episodes 2000 --out";
    static const char *const ROWS[] = {"\n200,", "\n400,"};
    char *folder = scratch_make();
    const char *whole = scratch_path(folder, "whole"), *run = scratch_path(folder, "run");
    size_t size;
    cr_assert_eq(program_run(folder, "%s %s", line, whole)->code, 0);
    for (int i = 0; i < 2; i++) {
        off_t before = bytes_of_episodes(run);
        pid_t child = i == 0 ? program_start(folder, "%s %s", line, run)
                             : program_start(folder, "train --quiet --resume --out %s", run);
        wait_for_episodes(run, before > 35 ? before : 35);
        wait_seconds(0.05);
        kill(child, SIGTERM);
        const program_result *r = program_wait(folder, child);
        cr_assert_eq(r->code, 130, "exit code %d: %s", r->code, r->err);
        cr_assert_not(is_evaluated(run, ROWS[i]), "the evaluation was over already");
    }
    const program_result *r = program_run(folder, "train --quiet --resume --out %s", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    char *rows = scratch_read(scratch_path(run, "evaluations.csv"), &size);
    char *expected = scratch_read(scratch_path(whole, "evaluations.csv"), &size);
    cr_assert_str_eq(rows, expected);
    runs_assert_same(whole, run);
    free(rows);
    free(expected);
    scratch_remove(folder);
}

/* A greedy policy that never dies is cut, and that is told. */
Test(killed, an_evaluated_episode_has_an_end)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run");
    const program_result *r =
        program_run(folder,
                    "train q --env MinAtar/Seaquest-v1 --set hidden=8 --steps 1000 --eval-every "
                    "500 --eval-episodes 1 --seed 0 --out %s",
                    run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->out, "over 1 episode, 1 of them cut at 108000 steps\n"), "%s", r->out);
    r = program_run(folder, "eval %s --episodes 1", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->out, "length 108000\n"), "%s", r->out);
    cr_assert(strstr(r->out, "\n1 of them without an end, cut at 108000 steps\n"), "%s", r->out);
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
    wait_for_episodes(run, 200);
    kill(child, SIGHUP);
    kill(child, SIGINT);
    const program_result *r = program_wait(folder, child);
    cr_assert(r->code == 0 && !*r->err, "exit code %d: %s", r->code, r->err);
    scratch_remove(folder);
}

#if !defined(__SANITIZE_ADDRESS__) /* it must be loaded first, and has memory of its own */

#define SHORT                                                                                 \
    "train avg --env Pendulum-v1 --set hidden=8 --steps 1200 --checkpoint-every 500 --quiet " \
    "--out "                                                                                  \
    "%s"

/* Runs a line, killed at one of its calls that change files; its exit code. */
static int run_killed(const char *folder, const char *killer, int at, const char *line)
{
    char number[16];
    snprintf(number, sizeof number, "%d", at);
    setenv("LD_PRELOAD", killer, 1);
    setenv("KILL_AT", number, 1);
    int code = program_run(folder, "%s", line)->code;
    unsetenv("LD_PRELOAD");
    unsetenv("KILL_AT");
    return code;
}

/* Its path (free it). */
static char *build_killer(const char *folder)
{
    char line[600];
    const char *killer = scratch_path(folder, "killer.so");
    snprintf(line, sizeof line, "cc -shared -fPIC tests/cli/programs/killer.c -o %s", killer);
    cr_assert_eq(system(line), 0);
    return strdup(killer);
}

static void remove_run(const char *run)
{
    char line[600];
    snprintf(line, sizeof line, "rm -r %s", run);
    cr_assert_eq(system(line), 0);
}

/* Killed at calls all over a run, from its folder's making to its last save, until none is left. */
Test(killed, a_run_killed_at_any_call_ends_the_same)
{
    char *folder = scratch_make(), line[600], *killer = build_killer(folder);
    char *whole = strdup(scratch_path(folder, "whole")), *run = strdup(scratch_path(folder, "run"));
    int at = 1, code;
    cr_assert_eq(program_run(folder, SHORT, whole)->code, 0);
    snprintf(line, sizeof line, SHORT " --resume", run);
    for (; (code = run_killed(folder, killer, at, line)) != 0; at += 3) {
        cr_assert_eq(code, 128 + SIGKILL);
        const program_result *r = program_run(folder, "%s", line);
        cr_assert_eq(r->code, 0, "call %d: %s", at, r->err);
        runs_assert_same(whole, run);
        runs_assert_same_scalars(whole, run);
        remove_run(run);
    }
    cr_assert(at > 40, "%d calls only", at);
    free(run);
    free(whole);
    free(killer);
    scratch_remove(folder);
}

/* The old run as it was, or the new one, or none that goes on by itself; --force always does. */
Test(killed, a_replacement_killed_at_any_call_is_no_mixture)
{
    char *folder = scratch_make(), line[600], *killer = build_killer(folder);
    char *whole = strdup(scratch_path(folder, "whole")), *run = strdup(scratch_path(folder, "run"));
    int at = 1;
    cr_assert_eq(program_run(folder, SHORT " --seed 1", whole)->code, 0);
    snprintf(line, sizeof line, SHORT " --seed 1 --force", run);
    for (;; at += 3) {
        cr_assert_eq(program_run(folder, SHORT " --seed 2 --force", run)->code, 0);
        char *before = run_snapshot(run);
        if (run_killed(folder, killer, at, line) == 0) {
            free(before);
            break;
        }
        const program_result *r = program_run(folder, "train --quiet --resume --out %s", run);
        char *after = run_snapshot(run);
        if (strcmp(before, after) != 0 && r->code == 0)
            runs_assert_same(whole, run);
        cr_assert(r->code == 0 || r->code == 2, "call %d: %s", at, r->err);
        free(before);
        free(after);
    }
    cr_assert(at > 40, "%d calls only", at);
    runs_assert_same(whole, run);
    free(run);
    free(whole);
    free(killer);
    scratch_remove(folder);
}

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
