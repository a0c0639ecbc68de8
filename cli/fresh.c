/* fresh.c - a file that grows under a name of its own beside the one that it is to replace. */
#include "cli/fresh.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tensor/random.h"

/* Names that are tried; one that is taken is very unlikely already. */
enum { TRIES = 100 };

/* Nothing that is there is opened, and no link is followed: O_EXCL sees to both. */
bool sg_fresh_open(sg_fresh *fresh, const char *target, sg_error *error)
{
    struct timespec now;
    sg_random random;
    clock_gettime(CLOCK_REALTIME, &now);
    sg_random_seed(&random, (uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 32);
    for (int i = 0; i < TRIES; i++) {
        int length = snprintf(fresh->path, sizeof fresh->path, "%s.%08" PRIx64 "%s", target,
                              sg_random_u64(&random) >> 32, SG_FILE_TEMPORARY);
        if (length < 0 || length >= SG_PATH_SIZE)
            return sg_fail(error, "the path %.60s... is too long", target);
        fresh->descriptor =
            open(fresh->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (fresh->descriptor >= 0)
            return true;
        if (errno != EEXIST)
            break;
    }
    return sg_fail(error, "cannot write %.300s: %s", target, strerror(errno));
}

/* The content is on the disk before the name points to it. */
bool sg_fresh_install(sg_fresh *fresh, const char *target, sg_error *error)
{
    bool ok = fsync(fresh->descriptor) == 0;
    ok = close(fresh->descriptor) == 0 && ok;
    fresh->descriptor = -1;
    if (ok && rename(fresh->path, target) == 0)
        return true;
    sg_fail(error, "cannot write %.300s: %s", target, strerror(errno));
    unlink(fresh->path);
    return false;
}

void sg_fresh_discard(sg_fresh *fresh)
{
    if (fresh->descriptor >= 0)
        close(fresh->descriptor);
    fresh->descriptor = -1;
    unlink(fresh->path);
}
