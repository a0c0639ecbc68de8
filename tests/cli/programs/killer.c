/* killer.c - loaded before a program, kills it at the KILL_AT-th call that changes files; a write
 * is killed half-way. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The C library's function of that name. */
#define REAL(name)                 \
    static __typeof__(name) *real; \
    if (!real)                     \
    real = dlsym(RTLD_NEXT, #name)

/* Whether this is the call. */
static int is_last(void)
{
    static long calls;
    const char *at = getenv("KILL_AT");
    return at && ++calls == atol(at);
}

static void may_die(void)
{
    if (is_last())
        raise(SIGKILL);
}

ssize_t write(int file, const void *data, size_t size)
{
    REAL(write);
    if (is_last()) {
        ssize_t written = real(file, data, size / 2);
        (void)written;
        raise(SIGKILL);
    }
    return real(file, data, size);
}

int rename(const char *from, const char *to)
{
    REAL(rename);
    may_die();
    return real(from, to);
}

int unlink(const char *path)
{
    REAL(unlink);
    may_die();
    return real(path);
}

int rmdir(const char *path)
{
    REAL(rmdir);
    may_die();
    return real(path);
}

int mkdir(const char *path, mode_t mode)
{
    REAL(mkdir);
    may_die();
    return real(path, mode);
}

int ftruncate(int file, off_t size)
{
    REAL(ftruncate);
    may_die();
    return real(file, size);
}

int fsync(int file)
{
    REAL(fsync);
    may_die();
    return real(file);
}
