/* ffmpeg.c - frames through a pipe into the program ffmpeg. */
#define _GNU_SOURCE /* pipe2 */
#include "cli/ffmpeg.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rl/training/files.h"
#include "tensor/tensor.h"

extern char **environ;

enum { MOST_WORDS = 48 };

struct sg_ffmpeg {
    pid_t child;
    FILE *frames;                 /* to its standard input */
    FILE *messages;               /* what it says */
    struct sigaction pipe_before; /* SIGPIPE is ignored while it runs */
};

/* ---- starting ---- */

/* Its command line. No shell reads it, and "file:" keeps a name from being taken for anything else.
 */
static void fill_words(const char *words[MOST_WORDS], const char *size, const char *rate,
                       const char *const *encoding, const char *output)
{
    const char *const before[] = {"ffmpeg", "-nostdin",    "-hide_banner", "-loglevel",
                                  "error",  "-f",          "rawvideo",     "-pixel_format",
                                  "rgb24",  "-video_size", size,           "-framerate",
                                  rate,     "-i",          "pipe:0",       NULL};
    int count = 0;
    for (int i = 0; before[i]; i++)
        words[count++] = before[i];
    for (int i = 0; encoding[i] && count < MOST_WORDS - 3; i++)
        words[count++] = encoding[i];
    words[count++] = "-y";
    words[count++] = output;
    words[count] = NULL;
}

/* Input from the pipe, everything it says into a file. It has a process group of its own, so that
 * an interrupt from the terminal reaches only us, and the usual SIGPIPE. */
static int spawn(sg_ffmpeg *f, int input, const char *const *words)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(f->messages), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(f->messages), STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    int failed =
        posix_spawnp(&f->child, words[0], &actions, &attributes, (char *const *)words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* The pipe's ends are ours alone but for the child's input. */
static bool connect_child(sg_ffmpeg *f, const char *const *words, sg_error *error)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return sg_fail(error, "cannot make a pipe: %s", strerror(errno));
    int failed = spawn(f, ends[0], words);
    close(ends[0]);
    if (!failed) {
        f->frames = fdopen(ends[1], "wb");
        failed = f->frames ? 0 : errno;
    }
    if (!failed)
        return true;
    close(ends[1]);
    /* The one failure that users can mend themselves. */
    if (failed == ENOENT)
        return sg_fail(error, "ffmpeg is needed for films: apt-get install ffmpeg "
                              "(.png and .ppm do without)");
    return sg_fail(error, "cannot start ffmpeg: %s", strerror(failed));
}

/* Lets go of everything; the child is gone. */
static void release(sg_ffmpeg *f)
{
    if (f->frames)
        fclose(f->frames);
    if (f->messages)
        fclose(f->messages);
    sigaction(SIGPIPE, &f->pipe_before, NULL);
    free(f);
}

sg_ffmpeg *sg_ffmpeg_start(const sg_picture *size, int rate, const char *const *encoding,
                           const char *path, sg_error *error)
{
    char size_text[32], rate_text[16], output[SG_PATH_SIZE + 8];
    const char *words[MOST_WORDS];
    snprintf(size_text, sizeof size_text, "%dx%d", size->width, size->height);
    snprintf(rate_text, sizeof rate_text, "%d", rate);
    snprintf(output, sizeof output, "file:%s", path);
    fill_words(words, size_text, rate_text, encoding, output);

    /* A child that has ended shows as a failed write, not as a signal. */
    sg_ffmpeg *f = sg_alloc(sizeof *f);
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, &f->pipe_before);
    f->messages = tmpfile();
    bool ok = f->messages || sg_fail(error, "cannot make a temporary file: %s", strerror(errno));
    if (ok && connect_child(f, words, error))
        return f;
    release(f);
    return NULL;
}

/* ---- ending ---- */

/* Its last line says what stopped it. */
static bool tell(sg_ffmpeg *f, sg_error *error)
{
    char line[300], last[300] = "it gave no reason";
    rewind(f->messages);
    while (fgets(line, sizeof line, f->messages)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0])
            memcpy(last, line, sizeof last);
    }
    return sg_fail(error, "%s", last);
}

/* Its exit code, or -1 for a signal. */
static int wait_for(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* It has closed its end early: there is a reason to be told, once it is gone. */
bool sg_ffmpeg_add(sg_ffmpeg *f, const sg_picture *picture, sg_error *error)
{
    size_t bytes = 3 * (size_t)picture->width * (size_t)picture->height;
    if (fwrite(picture->rgb, 1, bytes, f->frames) == bytes)
        return true;
    fclose(f->frames);
    f->frames = NULL;
    wait_for(f->child);
    f->child = 0;
    return tell(f, error);
}

/* The end of the frames is the end of the film; what is still in our hands must arrive, too. Even
 * with exit code 0 an error that it told of counts: a full disk is one. */
bool sg_ffmpeg_finish(sg_ffmpeg *f, sg_error *error)
{
    bool arrived = fclose(f->frames) == 0;
    f->frames = NULL;
    int code = wait_for(f->child);
    fseek(f->messages, 0, SEEK_END);
    bool ok = (arrived && code == 0 && ftell(f->messages) == 0) || tell(f, error);
    release(f);
    return ok;
}

void sg_ffmpeg_kill(sg_ffmpeg *f)
{
    if (!f)
        return;
    /* it may have ended by itself, and been waited for */
    if (f->child > 0) {
        kill(f->child, SIGKILL);
        wait_for(f->child);
    }
    release(f);
}
