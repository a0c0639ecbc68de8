/* plot.c - `streamgrad plot DIR... --out FILE`: learning curves, drawn by gnuplot. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/curves.h"
#include "cli/fresh.h"
#include "cli/options.h"
#include "rl/training/stop.h"

extern char **environ;

/* gnuplot's name for the kind of picture, by the file's ending; NULL for others. */
static const char *terminal_of(const char *picture)
{
    const char *dot = strrchr(picture, '.');
    if (dot && strcmp(dot, ".png") == 0)
        return "pngcairo";
    return dot && strcmp(dot, ".svg") == 0 ? "svg" : NULL;
}

/* ---- the script ---- */

/* A gnuplot string in single quotes, which are doubled inside. It takes one line. */
static void put_quoted(FILE *script, const char *text)
{
    fputc('\'', script);
    for (; *text; text++) {
        if (*text == '\'')
            fputc('\'', script);
        fputc(iscntrl((unsigned char)*text) ? '?' : *text, script);
    }
    fputc('\'', script);
}

/* $g0: step, mean, lower and upper edge of the band. */
static void put_data(FILE *script, const sg_curve_group *groups, int count)
{
    for (int g = 0; g < count; g++) {
        fprintf(script, "$g%d << EOD\n", g);
        for (int i = 0; i < groups[g].count; i++) {
            const sg_curve_point *p = &groups[g].points[i];
            fprintf(script, "%.9g %.9g %.9g %.9g\n", p->step, p->mean, p->mean - p->sd,
                    p->mean + p->sd);
        }
        fprintf(script, "EOD\n");
    }
}

/* Bands first, so that no band hides a line. */
static void put_plot(FILE *script, const sg_curve_group *groups, int count)
{
    const char *separator = "plot ";
    for (int g = 0; g < count; g++) {
        if (groups[g].runs < 2)
            continue;
        fprintf(script,
                "%s$g%d using 1:3:4 with filledcurves fs transparent solid 0.2 lc %d notitle",
                separator, g, g + 1);
        separator = ", ";
    }
    for (int g = 0; g < count; g++) {
        fprintf(script, "%s$g%d using 1:2 with lines lw 2 lc %d title ", separator, g, g + 1);
        put_quoted(script, groups[g].label);
        separator = ", ";
    }
    fprintf(script, "\n");
}

/* Axes, data, curves. The picture goes to standard output: gnuplot would take some names of files
 * for commands. */
static void put_script(FILE *script, const sg_curve_group *groups, int count, const char *terminal)
{
    fprintf(script, "set terminal %s size 960,600 noenhanced background rgb 'white'\n", terminal);
    fprintf(script, "set xlabel 'steps'\n"
                    "set ylabel 'episode return (mean and standard deviation over runs)'\n"
                    "set key top left\nset grid lc rgb 'gray80'\nset format x '%%.0s%%c'\n");
    put_data(script, groups, count);
    put_plot(script, groups, count);
}

/* ---- gnuplot ---- */

/* gnuplot reads the script as if it were typed, and no file of the user's (-d); the signals that we
 * ignore it does not. */
static int spawn(FILE *script, int picture, FILE *messages, pid_t *child)
{
    char *const arguments[] = {(char[]){"gnuplot"}, (char[]){"-d"}, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t usual;

    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(script), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, picture, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(messages), STDERR_FILENO);
    int failed = posix_spawnp(child, "gnuplot", &actions, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

/* The last line of what gnuplot said. */
static bool tell(FILE *messages, sg_error *error)
{
    char line[300], last[300] = "it gave no reason";
    rewind(messages);
    while (fgets(line, sizeof line, messages)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0])
            memcpy(last, line, sizeof last);
    }
    return sg_fail(error, "gnuplot could not draw the picture: %s", last);
}

/* Runs gnuplot with the script as its input and the picture as its output. */
static bool run_gnuplot(FILE *script, int picture, FILE *messages, sg_error *error)
{
    pid_t child;
    int status;

    rewind(script);
    int failed = spawn(script, picture, messages, &child);
    /* The one failure that users can mend themselves. */
    if (failed == ENOENT) {
        return sg_fail(error,
                       "gnuplot, which draws the picture, is not installed (package gnuplot-nox)");
    }
    if (failed)
        return sg_fail(error, "cannot start gnuplot: %s", strerror(failed));
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return tell(messages, error);
}

/* gnuplot does not tell of a full disk; how a whole picture ends is known. */
static bool is_complete(const char *picture, const char *terminal)
{
    char *bytes;
    size_t size;
    const char *end = strcmp(terminal, "svg") == 0 ? "</svg>" : "IEND\xae\x42\x60\x82";
    size_t length = strlen(end);
    if (!sg_file_read(picture, &bytes, &size, NULL))
        return false;
    while (size > 0 && bytes[size - 1] == '\n')
        size--;
    bool complete = size > length && memcmp(bytes + size - length, end, length) == 0;
    free(bytes);
    return complete;
}

/* Files rather than pipes: gnuplot may end early without harm. */
static bool draw_into(sg_fresh *fresh, const sg_curve_group *groups, int count,
                      const char *terminal, sg_error *error)
{
    FILE *script = tmpfile(), *messages = tmpfile();
    bool ok =
        (script && messages) || sg_fail(error, "cannot make a temporary file: %s", strerror(errno));
    if (ok)
        put_script(script, groups, count, terminal);
    if (ok && fflush(script) != 0)
        ok = sg_fail(error, "cannot write the script: %s", strerror(errno));
    ok = ok && run_gnuplot(script, fresh->descriptor, messages, error);
    if (script)
        fclose(script);
    if (messages)
        fclose(messages);
    return ok;
}

/* Draws into a file beside the picture, which is then replaced as a whole. A failed picture leaves
 * nothing. */
static bool draw(const sg_curve_group *groups, int count, const char *picture, sg_error *error)
{
    sg_fresh fresh;
    const char *terminal = terminal_of(picture);
    /* Found out before gnuplot runs: whether we may write there. */
    if (!sg_fresh_open(&fresh, picture, error))
        return false;
    bool ok = draw_into(&fresh, groups, count, terminal, error);
    if (ok && !is_complete(fresh.path, terminal))
        ok = sg_fail(error, "cannot write %.300s: gnuplot left it incomplete; is the disk full?",
                     picture);
    if (sg_stop_asked())
        ok = sg_fail(error, "stopped before %.300s was complete", picture);
    if (ok)
        return sg_fresh_install(&fresh, picture, error);
    sg_fresh_discard(&fresh);
    return false;
}

/* ---- the command ---- */

/* Before anything is read or drawn. */
static bool check_out(const sg_cli_value *out, bool force, sg_error *error)
{
    if (!out->given)
        return sg_fail(error, "name the picture: --out FILE.png or FILE.svg");
    if (!terminal_of(out->text)) {
        return sg_fail(error, "--out '%.200s' must end in .png or .svg", out->text);
    }
    if (strlen(out->text) >= SG_PATH_SIZE - 32)
        return sg_fail(error, "--out is too long");
    return sg_cli_may_write(out->text, force, error);
}

/* A line about a run that is left out; the picture is drawn all the same. */
static void warn(const sg_error *line) { sg_cli_fail("plot", SG_EXIT_OK, line); }

/* Reads all runs before it draws, so a bad folder leaves the old picture. */
int sg_cli_plot(int argc, char **argv)
{
    static sg_cli_value arguments, out, force;
    const sg_cli_option options[] = {
        {"out", SG_CLI_TEXT, "FILE", "the picture, FILE.png or FILE.svg", 0, 0, &out},
        SG_CLI_FORCE(&force),
    };
    const sg_cli_line line = {
        .usage = "plot DIR... --out FILE [--force]",
        .summary =
            "Draws return against steps. Runs that differ only in their seed become one curve:\n"
            "the mean, with a band of one standard deviation. A folder named twice counts once;\n"
            "runs without a finished episode are left out.",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .most = SG_CLI_MAX_WORDS,
        .missing = "name the folder of a run, or of several",
    };
    sg_error error;
    int count;

    sg_cli_outcome read = sg_cli_read(&line, argc, argv, &arguments, &error);
    if (read == SG_CLI_HELP)
        return SG_EXIT_OK;
    if (read == SG_CLI_BAD || !check_out(&out, force.given, &error)) {
        return sg_cli_fail("plot", SG_EXIT_BAD_INPUT, &error);
    }
    sg_curve_group *groups =
        sg_curves_read(arguments.words, arguments.word_count, &count, warn, &error);
    if (!groups)
        return sg_cli_fail("plot", SG_EXIT_BAD_INPUT, &error);
    sg_stop_handlers before = sg_stop_watch();
    bool ok = draw(groups, count, out.text, &error);
    sg_stop_unwatch(&before);
    free(groups);
    if (ok)
        return SG_EXIT_OK;
    return sg_cli_fail("plot", sg_stop_asked() ? SG_EXIT_STOPPED : SG_EXIT_BAD_INPUT, &error);
}
