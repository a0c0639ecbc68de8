/* files.c - whole files: read at once, replaced whole or not at all. */
#include "rl/training/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No path is ever cut silently. */
bool sg_path_join(char path[SG_PATH_SIZE], const char *folder, const char *name, sg_error *error)
{
    int length = snprintf(path, SG_PATH_SIZE, "%s/%s", folder, name);
    if (length >= 0 && length < SG_PATH_SIZE)
        return true;
    return sg_fail(error, "the path %.60s... is too long (at most %d bytes)", folder,
                   SG_PATH_SIZE - 1);
}

bool sg_path_absolute(char path[SG_PATH_SIZE], const char *given, sg_error *error)
{
    char here[SG_PATH_SIZE];
    if (given[0] == '/')
        return sg_path_join(path, "", given + 1, error);
    if (!getcwd(here, sizeof here))
        return sg_fail(error, "cannot tell where %.300s is: %s", given, strerror(errno));
    return sg_path_join(path, strcmp(here, "/") == 0 ? "" : here, given, error);
}

/* A dangling link counts: something of that name is there. */
bool sg_file_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

/* ---- replacing ---- */

bool sg_file_write_all(int file, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return true;
}

/* A new file with the content safely on the disk. */
static bool write_durably(const char *path, const sg_piece *pieces, size_t count)
{
    bool ok = true;
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file < 0)
        return false;
    /* The content must be on the disk before the name points to it. */
    for (size_t i = 0; i < count && ok; i++)
        ok = sg_file_write_all(file, pieces[i].data, pieces[i].size);
    ok = ok && fsync(file) == 0;
    int reason = errno;
    ok = close(file) == 0 && ok;
    if (!ok)
        errno = reason;
    return ok;
}

/* Entries live in the folder. */
bool sg_file_sync_folder(const char *folder, sg_error *error)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems cannot sync a folder and need not. */
    bool ok = file >= 0 && (fsync(file) == 0 || errno == EINVAL);
    int reason = errno;
    if (file >= 0)
        close(file);
    return ok ? true : sg_fail(error, "cannot write %.300s: %s", folder, strerror(reason));
}

const char *sg_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The folder that holds the file. */
static bool sync_folder_of(const char *path, sg_error *error)
{
    char folder[SG_PATH_SIZE];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    return sg_file_sync_folder(slash == path ? "/" : folder, error);
}

/* The rename is the moment at which the new content becomes visible. */
bool sg_file_replace_pieces(const char *path, const sg_piece *pieces, size_t count, sg_error *error)
{
    char fresh[SG_PATH_SIZE];
    int length = snprintf(fresh, sizeof fresh, "%s" SG_FILE_TEMPORARY, path);
    if (length < 0 || length >= SG_PATH_SIZE)
        return sg_fail(error, "the path %.60s... is too long", path);

    /* What a killed process left there goes; a link is not followed. */
    if (unlink(fresh) != 0 && errno != ENOENT)
        return sg_fail(error, "cannot remove %.300s: %s", fresh, strerror(errno));
    bool ok = write_durably(fresh, pieces, count) && rename(fresh, path) == 0;
    if (!ok) {
        /* The half-written file goes; the old one was never touched. */
        int reason = errno;
        unlink(fresh);
        return sg_fail(error, "cannot write %.300s: %s", path, strerror(reason));
    }
    return sync_folder_of(path, error);
}

bool sg_file_replace(const char *path, const void *data, size_t size, sg_error *error)
{
    return sg_file_replace_pieces(path, &(sg_piece){data, size}, 1, error);
}

bool sg_file_create(const char *path, const void *data, size_t size, sg_error *error)
{
    if (write_durably(path, &(sg_piece){data, size}, 1))
        return true;
    /* Half of one is none. */
    int reason = errno;
    if (reason != EEXIST)
        unlink(path);
    return sg_fail(error, "cannot write %.300s: %s", path, strerror(reason));
}

/* ---- reading ---- */

/* Folders, pipes and devices have no size. */
static bool check_regular(const char *path, int file, size_t *size, sg_error *error)
{
    struct stat info;
    if (fstat(file, &info) != 0)
        return sg_fail(error, "cannot read %.300s: %s", path, strerror(errno));
    *size = (size_t)info.st_size;
    if (S_ISREG(info.st_mode))
        return true;
    return sg_fail(error, "cannot read %.300s: it is %s", path,
                   S_ISDIR(info.st_mode) ? "a folder" : "not a regular file");
}

int sg_file_open(const char *path, size_t *size, sg_error *error)
{
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        sg_fail(error, "cannot read %.300s: %s", path, strerror(errno));
    else if (!check_regular(path, file, size, error)) {
        close(file);
        file = -1;
    }
    return file;
}

/* `size` bytes of an open file, or as many as there still are. */
static char *read_open(int file, size_t *size)
{
    size_t capacity = *size;
    char *data = malloc(capacity + 1); /* one more, for the end of a text */
    *size = 0;
    while (data && *size < capacity) {
        ssize_t got = read(file, data + *size, capacity - *size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            free(data);
            return NULL;
        }
        if (got == 0)
            break;
        *size += (size_t)got;
    }
    if (data)
        data[*size] = '\0';
    return data;
}

bool sg_file_read(const char *path, char **data, size_t *size, sg_error *error)
{
    *data = NULL;
    int file = sg_file_open(path, size, error);
    if (file < 0)
        return false;
    *data = read_open(file, size);
    if (!*data)
        sg_fail(error, "cannot read %.300s: %s", path, strerror(errno));
    close(file);
    return *data != NULL;
}
