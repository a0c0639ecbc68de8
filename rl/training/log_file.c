/* log_file.c - a file that only grows, whose end can be taken back to an earlier position. */
#include "rl/training/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rl/training/crc32c.h"

/* The system's reason with the file's name. */
static bool fail(const sg_log_file *log, sg_error *error)
{
    return sg_fail(error, "cannot write %.300s: %s", log->path, strerror(errno));
}

/* Cuts the open file to its first `keep` bytes and stands at their end. */
static bool cut(const sg_log_file *log, int64_t keep, sg_error *error)
{
    struct stat info;
    if (fstat(log->descriptor, &info) != 0)
        return fail(log, error);
    /* Rows that the checkpoint knows of must be there. */
    if (info.st_size < keep) {
        return sg_fail(error,
                       "%.300s has %lld bytes where the checkpoint knows of %lld: it was cut off",
                       log->path, (long long)info.st_size, (long long)keep);
    }
    /* Devices and pipes cannot be cut and need not be. */
    if (S_ISREG(info.st_mode) && ftruncate(log->descriptor, keep) != 0)
        return fail(log, error);
    if (S_ISREG(info.st_mode) && lseek(log->descriptor, keep, SEEK_SET) < 0)
        return fail(log, error);
    return true;
}

/* What stands beyond `keep` was written after the checkpoint and comes again. */
bool sg_log_file_open(sg_log_file *log, const char *path, sg_log_end keep, sg_error *error)
{
    log->used = 0;
    log->end = keep;
    log->written = keep.bytes;
    snprintf(log->path, sizeof log->path, "%s", path);
    log->descriptor = open(path, O_RDWR | O_CLOEXEC | (keep.bytes > 0 ? 0 : O_CREAT), 0666);
    if (log->descriptor < 0)
        return fail(log, error);
    if (cut(log, keep.bytes, error))
        return true;
    close(log->descriptor);
    log->descriptor = -1;
    return false;
}

/* Bytes that follow upon a cut would stand where they do not belong. */
static bool check_whole(const sg_log_file *log, sg_error *error)
{
    struct stat info;
    if (fstat(log->descriptor, &info) != 0)
        return fail(log, error);
    return !S_ISREG(info.st_mode) || info.st_size >= log->written ||
           sg_fail(error,
                   "%.300s was cut off by another program: it has %lld of the %lld bytes that were "
                   "written",
                   log->path, (long long)info.st_size, (long long)log->written);
}

/* Writes until the buffer is empty. */
bool sg_log_file_flush(sg_log_file *log, sg_error *error)
{
    size_t done = 0;
    if (log->used > 0 && !check_whole(log, error)) {
        log->used = 0;
        return false;
    }
    while (done < log->used) {
        ssize_t written = write(log->descriptor, log->buffer + done, log->used - done);
        /* A signal came between; try again. */
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            /* what a full disk refused is lost; the checkpoint knows where to go on */
            log->used = 0;
            return fail(log, error);
        }
        done += (size_t)written;
        log->written += written;
    }
    log->used = 0;
    return true;
}

/* Fills the buffer, emptying it whenever it is full. */
bool sg_log_file_write(sg_log_file *log, const void *data, size_t size, sg_error *error)
{
    const char *from = data;
    /* The end counts what was handed in, buffered or not. */
    log->end.bytes += (int64_t)size;
    log->end.sum = sg_crc32c_more(log->end.sum, data, size);
    while (size > 0) {
        if (log->used == sizeof log->buffer && !sg_log_file_flush(log, error))
            return false;
        size_t room = sizeof log->buffer - log->used;
        size_t part = size < room ? size : room;
        memcpy(log->buffer + log->used, from, part);
        log->used += part;
        from += part;
        size -= part;
    }
    return true;
}

/* After this not even a power failure loses it. */
bool sg_log_file_sync(sg_log_file *log, sg_error *error)
{
    if (!sg_log_file_flush(log, error) || !check_whole(log, error))
        return false;
    /* Devices and pipes have nothing to wait for. */
    return fdatasync(log->descriptor) == 0 || errno == EINVAL ? true : fail(log, error);
}

bool sg_log_file_has_a_name(const sg_log_file *log)
{
    struct stat info;
    return fstat(log->descriptor, &info) == 0 && info.st_nlink > 0;
}

bool sg_log_file_in_place(const sg_log_file *log, sg_error *error)
{
    struct stat ours, there;
    if (fstat(log->descriptor, &ours) != 0)
        return fail(log, error);
    if (!S_ISREG(ours.st_mode))
        return true;
    if (stat(log->path, &there) != 0) {
        return errno == ENOENT ? sg_fail(error, "%.300s was %s during the run", log->path,
                                         sg_log_file_has_a_name(log) ? "moved away" : "removed")
                               : fail(log, error);
    }
    return (ours.st_dev == there.st_dev && ours.st_ino == there.st_ino) ||
           sg_fail(error, "%.300s was replaced by another file during the run", log->path);
}

/* A file without a name can still be read. */
bool sg_log_file_copy(const sg_log_file *log, const char *copy, sg_error *error)
{
    int64_t done = 0;
    ssize_t got = 1;
    char *data = malloc((size_t)log->written + 1);
    errno = ENOMEM;
    while (data && got > 0 && done < log->written) {
        got = pread(log->descriptor, data + done, (size_t)(log->written - done), done);
        if (got < 0 && errno == EINTR)
            got = 1;
        else
            done += got;
    }
    bool ok = data && got >= 0
                  ? sg_file_create(copy, data, (size_t)done, error)
                  : sg_fail(error, "cannot read %.300s: %s", log->path, strerror(errno));
    free(data);
    return ok;
}

/* The last place where a full disk can show itself. */
bool sg_log_file_close(sg_log_file *log, sg_error *error)
{
    if (log->descriptor < 0)
        return true;
    bool ok = sg_log_file_flush(log, error);
    if (close(log->descriptor) != 0 && ok)
        ok = fail(log, error);
    log->descriptor = -1;
    return ok;
}
