/* process.c - the program among others: its standard streams, readers that go away, its own end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "envs/call.h"

/* ---- output ---- */

/* The reason of an earlier failure is no longer known, but the next line end fails with it, too. */
bool sg_cli_flush(sg_error *error)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    bool known = errno != 0 || write(STDOUT_FILENO, "\n", 1) < 0;
    return sg_fail(error, "cannot write to standard output: %s",
                   known ? strerror(errno) : "a part of it is lost");
}

void sg_cli_flush_or_end(const char *command)
{
    sg_error error;
    if (!sg_cli_flush(&error))
        exit(sg_cli_fail(command, SG_EXIT_FAILED, &error));
}

/* Written here instead of to the next file that is opened, which would get the stream's number.
 * What is printed must not be lost untold: it cannot be written there. */
static void hold_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        if (fcntl(stream, F_GETFD) < 0 && errno == EBADF)
            open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY);
    }
}

/* ---- memory ---- */

/* Memory is asked for before a run takes its first step and before anything is overwritten, but for
 * little that an evaluation copies. What is registered for the end could ask for more. */
static void on_out_of_memory(const char *text)
{
    fflush(stdout);
    fprintf(stderr, "streamgrad: %s\n", text);
    _exit(SG_EXIT_BAD_INPUT);
}

/* ---- crashes ---- */

#if !defined(__SANITIZE_ADDRESS__) /* which tells more */

/* Made beforehand: a signal handler can do little. */
static char crash_line[200];
static size_t crash_length;

/* The signal comes again when this returns, and does what it usually does. */
static void on_crash(int signal_number)
{
    ssize_t written = sg_env_call_crashed() ? 0 : write(STDERR_FILENO, crash_line, crash_length);
    (void)written;
    raise(signal_number);
}

/* Most likely a mistake in an algorithm or environment of one's own, or a damaged file of one. */
static void tell_crashes(const char *command)
{
    static const int CRASHES[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};
    crash_length = (size_t)snprintf(
        crash_line, sizeof crash_line,
        "streamgrad %.20s: crashed, perhaps in an algorithm or environment of your own; the last "
        "checkpoint of a run stands\n",
        command);
    for (size_t i = 0; i < sizeof CRASHES / sizeof *CRASHES; i++)
        sigaction(CRASHES[i], &action, NULL);
}

#else

static void tell_crashes(const char *command) { (void)command; }

#endif

void sg_cli_start(const char *command)
{
    hold_streams();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    sg_on_out_of_memory(on_out_of_memory);
    tell_crashes(command ? command : "");
}
