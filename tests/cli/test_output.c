/* test_output.c - a standard output that cannot be written: told in one line, exit code 1, and
 * nothing of a run is lost. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "rl/training/records.h"
#include "tests/cli/program.h"
#include "tests/training/runs.h"
#include "tests/training/scratch.h"

#define QUICK "train avg --env Pendulum-v1 --set hidden=16 --steps 1k --out %s"

/* A full disk, no stream at all, a reader that has gone, a file at its limit (new ones may grow to
 * 2 KB: clang's OpenMP makes one in shared memory). */
static const char *const OUTPUTS[][2] = {
    {"exec %s %s >/dev/full 2>%s", "No space left on device"},
    {"exec %s %s >&- 2>%s", "Bad file descriptor"},
    {"(sleep 0.1; %s %s 2>%s; echo $? >$CODE) | true; exit $(cat $CODE)", "Broken pipe"},
    {"head -c 4096 /dev/zero >$LIMITED; { (ulimit -f 4; exec %s %s 2>&1 >>$LIMITED); "
     "echo $? >$CODE; } | cat >%s; exit $(cat $CODE)",
     "too large"},
};
enum { OUTPUT_COUNT = sizeof OUTPUTS / sizeof *OUTPUTS };

/* Runs a line with one of the outputs; its exit code, and what it said on stderr. */
static int run(const char *folder, int output, const char *line, char told[1000])
{
    char command[2000];
    size_t size;
    const char *err = scratch_path(folder, "err");
    setenv("CODE", scratch_path(folder, "code"), 1);
    setenv("LIMITED", scratch_path(folder, "limited"), 1);
    signal(SIGPIPE, SIG_DFL);
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(command, sizeof command, OUTPUTS[output][0], program_path(), line, err);
    int status = system(command);
    char *text = scratch_read(err, &size);
    snprintf(told, 1000, "%s", text);
    free(text);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Exit code 1, and one line that names the command and the reason. */
static void assert_told_of(const char *folder, int output, const char *line, const char *command)
{
    char told[1000], start[64];
    int code = run(folder, output, line, told);
    snprintf(start, sizeof start, "streamgrad %s: cannot write to standard output: ", command);
    cr_assert_eq(code, 1, "exit code %d: %s, output %d: %s", code, line, output, told);
    cr_assert(strncmp(told, start, strlen(start)) == 0, "%s: %s", line, told);
    cr_assert(strstr(told, OUTPUTS[output][1]), "%s, output %d: %s", line, output, told);
    cr_assert(strchr(told, '\n') == told + strlen(told) - 1, "not one line: %s", told);
}

Test(output, every_command_tells_that_nobody_reads_it)
{
    static const char *const LINES[][2] = {
        {"--help", "--help"},
        {"train --help", "train"},
        {"envs", "envs"},
        {"envs Hopper-v4", "envs"},
        {"algorithms", "algorithms"},
        {"algorithms avg", "algorithms"},
        {"graph avg --env Pendulum-v1", "graph"},
        {"graph avg --env Pendulum-v1 --plan", "graph"},
        {"gradcheck avg --env Pendulum-v1 --set hidden=4 --elements 1", "gradcheck"},
        {"check-env Pendulum-v1 --steps 10", "check-env"},
    };
    char *folder = scratch_make(), line[600];
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++) {
        for (int output = 0; output < OUTPUT_COUNT; output++)
            assert_told_of(folder, output, LINES[i][0], LINES[i][1]);
    }
    const char *trained = scratch_path(folder, "run");
    cr_assert_eq(program_run(folder, QUICK " --quiet", trained)->code, 0);
    snprintf(line, sizeof line, "eval %s --episodes 100000", trained);
    for (int output = 0; output < OUTPUT_COUNT; output++)
        assert_told_of(folder, output, line, "eval");
    scratch_remove(folder);
}

/* The run is complete, and a file that was opened meanwhile has nothing of the progress in it. */
Test(output, a_run_goes_on_without_a_reader)
{
    char *folder = scratch_make(), line[600], told[1000];
    const char *whole = scratch_path(folder, "whole");
    cr_assert_eq(program_run(folder, QUICK " --quiet", whole)->code, 0);
    for (int output = 0; output < 3; output++) {
        const char *run_folder = scratch_path(folder, (char[]){'r', (char)('0' + output), 0});
        snprintf(line, sizeof line, QUICK, run_folder);
        assert_told_of(folder, output, line, "train");
        runs_assert_same(whole, run_folder);
    }
    /* Who wants no output needs none. */
    snprintf(line, sizeof line, QUICK " --quiet", scratch_path(folder, "quiet"));
    cr_assert_eq(run(folder, 1, line, told), 0, "%s", told);
    cr_assert_str_empty(told);
    scratch_remove(folder);
}

/* Names are cut to one line there as on stderr. */
Test(output, a_folder_whose_name_has_two_lines_is_told_in_one)
{
    char *folder = scratch_make();
    const char *trained = scratch_path(folder, "two\nlines\033[1m");
    const program_result *r = program_run(folder, QUICK, trained);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->out, "/two?lines?[1m\n"), "%s", r->out);
    cr_assert_not(strstr(r->out, "two\n") || strchr(r->out, '\033'), "%s", r->out);
    scratch_remove(folder);
}
