/* program.c - runs the built program `streamgrad` as a user would, and catches what it says. */
#include "tests/cli/program.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/training/scratch.h"

extern char **environ;

const char *program_path(void)
{
    static char path[4096];
    const char *given = getenv("STREAMGRAD_BIN");
    if (given)
        return given;
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 32);
    cr_assert(length > 0);
    path[length] = '\0';
    strcpy(strrchr(path, '/') + 1, "streamgrad");
    return path;
}

/* Tests keep their own paths in scratch_path's few places. */
static const char *output_path(char path[256], const char *folder, const char *name)
{
    snprintf(path, 256, "%s/%s", folder, name);
    return path;
}

static int output_file(const char *folder, const char *name)
{
    char path[256];
    int file =
        open(output_path(path, folder, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    cr_assert(file >= 0);
    return file;
}

/* Cuts words at their spaces, in place. */
static void cut(char *line, const char **words, int most)
{
    int count = 1;
    for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
        cr_assert(count < most - 1);
        words[count++] = word;
    }
    words[count] = NULL;
}

static pid_t start(const char *folder, char *line)
{
    const char *words[64] = {program_path()};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int out = output_file(folder, "stdout"), err = output_file(folder, "stderr");

    cut(line, words, 64);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    int failed = posix_spawn(&child, words[0], &actions, NULL, (char *const *)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(out);
    close(err);
    cr_assert_eq(failed, 0, "cannot start %s (build it, or set STREAMGRAD_BIN)", words[0]);
    return child;
}

pid_t program_start(const char *folder, const char *format, ...)
{
    char line[8192];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    return start(folder, line);
}

static void read_output(const char *folder, const char *name, char *text)
{
    char path[256];
    size_t size;
    char *all = scratch_read(output_path(path, folder, name), &size);
    snprintf(text, PROGRAM_OUTPUT, "%s", all);
    free(all);
}

const program_result *program_wait(const char *folder, pid_t child)
{
    static program_result result;
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    read_output(folder, "stdout", result.out);
    read_output(folder, "stderr", result.err);
    return &result;
}

const program_result *program_run(const char *folder, const char *format, ...)
{
    char line[8192];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    return program_wait(folder, start(folder, line));
}
