/* folder.c - the folder of a run: who may write into it, and what in it is ours. */
#include "rl/training/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rl/training/checkpoint.h"
#include "rl/training/experiment.h"
#include "rl/training/loop.h"

/* What training writes. Nothing else is ever removed. The checkpoint comes last: with it a run that
 * is moved into place can go on. */
static const char *const OUR_FILES[] = {
    SG_RUN_FILE,
    SG_RUN_FILE SG_FILE_TEMPORARY,
    SG_EPISODES_FILE,
    SG_EVALUATIONS_FILE,
    SG_EVENTS_FILE,
    SG_FAILURE_FILE,
    SG_FAILURE_FILE SG_FILE_TEMPORARY,
    SG_PLAN_FILE,
    SG_PLAN_FILE SG_FILE_TEMPORARY,
    SG_CHECKPOINT_FILE SG_FILE_TEMPORARY,
    SG_CHECKPOINT_FILE,
};
enum { OUR_FILE_COUNT = sizeof OUR_FILES / sizeof *OUR_FILES };

/* ---- looking ---- */

/* run.json is what makes a folder ours. */
bool sg_folder_has_run(const char *path)
{
    char file[SG_PATH_SIZE];
    return sg_path_join(file, path, SG_RUN_FILE, NULL) && sg_file_exists(file);
}

/* True if nothing is in the folder but perhaps the beginnings of a run. */
static bool is_empty(const char *path)
{
    DIR *folder = opendir(path);
    bool empty = folder != NULL;
    const struct dirent *entry;

    while (empty && (entry = readdir(folder))) {
        const char *name = entry->d_name;
        /* What a run killed right after its first breath leaves behind. */
        empty =
            strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, SG_FOLDER_STAGE) == 0;
    }
    if (folder)
        closedir(folder);
    return empty;
}

/* For a folder to be made: the nearest one above that exists must let us. */
static bool check_above(const char *path, sg_error *error)
{
    char above[SG_PATH_SIZE];
    struct stat info;

    snprintf(above, sizeof above, "%s", path);
    /* Upwards until something exists; "." stands above a bare name. */
    do {
        char *slash = strrchr(above, '/');
        if (slash == above)
            above[1] = '\0';
        else if (slash)
            *slash = '\0';
        else
            strcpy(above, ".");
    } while (stat(above, &info) != 0 && errno == ENOENT);
    if (stat(above, &info) != 0)
        return sg_fail(error, "cannot use %.300s: %s", above, strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return sg_fail(error, "%.300s is not a folder", above);
    if (access(above, W_OK | X_OK) == 0)
        return true;
    return sg_fail(error, "cannot make %.200s: %.200s: %s", path, above, strerror(errno));
}

/* True if a table has something below its header, or cannot be read. */
static bool has_rows(const char *path, const char *name)
{
    char file[SG_PATH_SIZE], *text;
    size_t size;
    if (!sg_path_join(file, path, name, NULL) || !sg_file_exists(file))
        return false;
    if (!sg_file_read(file, &text, &size, NULL))
        return true;
    const char *header_end = memchr(text, '\n', size);
    bool found = header_end && header_end + 1 < text + size;
    free(text);
    return found;
}

/* Begun anew, a run that lost its checkpoint would lose its records, too. */
static bool check_checkpoint(const char *path, sg_error *error)
{
    if (sg_checkpoint_exists(path))
        return true;
    bool episodes = has_rows(path, SG_EPISODES_FILE);
    if (!episodes && !has_rows(path, SG_EVALUATIONS_FILE))
        return true;
    return sg_fail(error, "%.300s has %s but no " SG_CHECKPOINT_FILE "; --force begins anew", path,
                   episodes ? "episodes" : "evaluations");
}

/* A folder under the name of one of our files cannot be replaced; that is found before the first
 * change. */
static bool check_replaceable(const char *path, sg_error *error)
{
    char file[SG_PATH_SIZE];
    struct stat info;
    for (int i = 0; i < OUR_FILE_COUNT; i++) {
        if (!sg_path_join(file, path, OUR_FILES[i], error))
            return false;
        if (lstat(file, &info) == 0 && S_ISDIR(info.st_mode))
            return sg_fail(error, "cannot remove %.300s: it is a folder", file);
    }
    return true;
}

/* A folder with other people's files is never taken, by no mode. */
static bool check_existing(const char *path, sg_folder_mode mode, sg_error *error)
{
    bool run = sg_folder_has_run(path);
    if (!run && !is_empty(path)) {
        return sg_fail(
            error, "%.300s holds other files and no " SG_RUN_FILE "; choose another folder", path);
    }
    if (run && mode == SG_FOLDER_NEW) {
        return sg_fail(
            error,
            "%.300s exists already; --resume goes on with it, --force begins anew, --out "
            "names another folder",
            path);
    }
    if (access(path, W_OK | X_OK) != 0)
        return sg_fail(error, "cannot write into %.300s: %s", path, strerror(errno));
    return check_replaceable(path, error) &&
           (mode != SG_FOLDER_RESUME || check_checkpoint(path, error));
}

/* What is not there yet can be made, and what is no folder is another fault. */
bool sg_folder_readable(const char *path, sg_error *error)
{
    struct stat info;
    bool there = stat(path, &info) == 0;
    if (there ? !S_ISDIR(info.st_mode) : errno == ENOENT || errno == ENOTDIR)
        return true;
    if (there && access(path, R_OK | X_OK) == 0)
        return true;
    return sg_fail(error, "cannot read %.300s: %s", path, strerror(errno));
}

/* Looks only; the same questions are asked again when it is opened. */
bool sg_folder_check(const char *path, sg_folder_mode mode, sg_error *error)
{
    struct stat info;
    if (path[0] == '\0')
        return sg_fail(error, "the folder's name is empty");
    if (strlen(path) >= SG_PATH_SIZE - 64)
        return sg_fail(error, "the folder's name is too long");
    if (stat(path, &info) != 0 && errno == ENOENT)
        return check_above(path, error);
    if (stat(path, &info) != 0)
        return sg_fail(error, "cannot use %.300s: %s", path, strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return sg_fail(error, "%.300s exists and is not a folder", path);
    return sg_folder_readable(path, error) && check_existing(path, mode, error);
}

/* ---- making ---- */

/* As mkdir -p. */
static bool make_folders(const char *path, sg_error *error)
{
    char part[SG_PATH_SIZE];
    size_t length = strlen(path);

    /* At each slash and at the end. */
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        snprintf(part, sizeof part, "%.*s", (int)i, path);
        if (mkdir(part, 0777) == 0 || errno == EEXIST)
            continue;
        return sg_fail(error, "cannot make %.300s: %s", part, strerror(errno));
    }
    return true;
}

/* A lock on the folder itself leaves no file behind. */
static bool take_lock(const char *path, int *lock, sg_error *error)
{
    *lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock < 0)
        return sg_fail(error, "cannot open %.300s: %s", path, strerror(errno));
    /* Some file systems have no locks; there the user has to take care. */
    if (flock(*lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return true;
    close(*lock);
    *lock = -1;
    return sg_fail(error, "another process is training in %.300s", path);
}

/* The lock comes before the first change within. Another process may have begun and ended a run
 * just before: with the lock nobody else does, and all is looked at again. */
bool sg_folder_open(const char *path, sg_folder_mode mode, int *lock, sg_error *error)
{
    /* No lock is held unless all went well. */
    *lock = -1;
    if (!sg_folder_check(path, mode, error) || !make_folders(path, error))
        return false;
    if (!take_lock(path, lock, error))
        return false;
    if (sg_folder_check(path, mode, error))
        return true;
    sg_folder_unlock(*lock);
    *lock = -1;
    return false;
}

/* Closing releases the lock. */
void sg_folder_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}

/* ---- a new run in place of the old ---- */

/* One that was left behind by a killed process is emptied first. */
bool sg_folder_stage(const char *path, char stage[SG_PATH_SIZE], sg_error *error)
{
    if (!sg_path_join(stage, path, SG_FOLDER_STAGE, error))
        return false;
    sg_folder_unstage(path);
    if (mkdir(stage, 0777) == 0)
        return true;
    if (errno == EEXIST)
        return sg_fail(error, "%.300s is in the way, and not of a run: move it elsewhere", stage);
    return sg_fail(error, "cannot make %.300s: %s", stage, strerror(errno));
}

/* Puts the stage's file of that name in place. One that is not there leaves the old one, or
 * `removes` it. */
static bool install_file(const char *path, const char *stage, const char *name, bool removes,
                         sg_error *error)
{
    char from[SG_PATH_SIZE], to[SG_PATH_SIZE];
    if (!sg_path_join(from, stage, name, error) || !sg_path_join(to, path, name, error))
        return false;
    if (rename(from, to) == 0)
        return true;
    if (errno == ENOENT && (!removes || unlink(to) == 0 || errno == ENOENT))
        return true;
    return sg_fail(error, "cannot replace %.300s: %s", to, strerror(errno));
}

/* All of the stage's. */
static bool install_all(const char *path, bool removes, sg_error *error)
{
    char stage[SG_PATH_SIZE];
    if (!sg_path_join(stage, path, SG_FOLDER_STAGE, error))
        return false;
    for (int i = 0; i < OUR_FILE_COUNT; i++) {
        if (!install_file(path, stage, OUR_FILES[i], removes, error))
            return false;
    }
    rmdir(stage);
    return sg_file_sync_folder(path, error);
}

/* The old checkpoint goes first: records and a checkpoint of two runs never stand together. */
bool sg_folder_install(const char *path, sg_error *error)
{
    char checkpoint[SG_PATH_SIZE];
    if (!sg_path_join(checkpoint, path, SG_CHECKPOINT_FILE, error))
        return false;
    if (!check_replaceable(path, error))
        return false;
    if (unlink(checkpoint) != 0 && errno != ENOENT)
        return sg_fail(error, "cannot remove %.300s: %s", checkpoint, strerror(errno));
    return install_all(path, true, error);
}

/* Each of the new files is right beside old ones. */
bool sg_folder_renew(const char *path, sg_error *error) { return install_all(path, false, error); }

/* Our files only, as everywhere; a link to another folder is not followed. */
void sg_folder_unstage(const char *path)
{
    char stage[SG_PATH_SIZE], file[SG_PATH_SIZE];
    struct stat info;
    if (!sg_path_join(stage, path, SG_FOLDER_STAGE, NULL))
        return;
    if (lstat(stage, &info) != 0 || !S_ISDIR(info.st_mode))
        return;
    for (int i = 0; i < OUR_FILE_COUNT; i++) {
        if (sg_path_join(file, stage, OUR_FILES[i], NULL))
            unlink(file);
    }
    rmdir(stage);
}

/* True for the names under which sg_file_replace builds. */
static bool is_temporary(const char *name)
{
    size_t length = strlen(name), end = sizeof SG_FILE_TEMPORARY - 1;
    return length > end && strcmp(name + length - end, SG_FILE_TEMPORARY) == 0;
}

void sg_folder_tidy(const char *path)
{
    char file[SG_PATH_SIZE];
    sg_folder_unstage(path);
    for (int i = 0; i < OUR_FILE_COUNT; i++) {
        if (is_temporary(OUR_FILES[i]) && sg_path_join(file, path, OUR_FILES[i], NULL))
            unlink(file);
    }
}
