/* records_find.c - what is left of a run's record files, before it goes on in them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rl/training/records.h"

/* A file as it is, and how much of it the checkpoint knows of. */
typedef struct {
    char path[SG_PATH_SIZE];
    bool missing;
    long long size, known;
} record_file;

/* False if it is there but cannot be used. */
static bool look(record_file *file, const char *folder, const char *name, int64_t known,
                 sg_error *error)
{
    struct stat info = {0};
    if (!sg_path_join(file->path, folder, name, error))
        return false;
    file->missing = stat(file->path, &info) != 0;
    file->size = (long long)info.st_size;
    file->known = known;
    /* A link that leads nowhere is missing, too. */
    if ((file->missing && errno == ENOENT) || (!file->missing && access(file->path, W_OK) == 0))
        return true;
    return sg_fail(error, "cannot write %.300s: %s", file->path, strerror(errno));
}

/* True if the checkpoint knows of more than there is. */
static bool is_short(const record_file *file)
{
    return file->known > 0 && (file->missing || file->size < file->known);
}

/* "FILE is missing", or how much of it is. */
static void describe(const record_file *file, sg_error *line)
{
    if (file->missing)
        sg_fail(line, "%.300s is missing", file->path);
    else
        sg_fail(line, "%.300s was cut off: it has %lld bytes, the checkpoint knows of %lld",
                file->path, file->size, file->known);
}

/* The end of a table's last whole row; 0 for none. */
static bool find_whole_rows(const record_file *file, int64_t *position, sg_error *error)
{
    char *text;
    size_t size;
    *position = 0;
    if (file->missing)
        return true;
    if (!sg_file_read(file->path, &text, &size, error))
        return false;
    /* What follows the last end of line is a part of a row. */
    while (size > 0 && text[size - 1] != '\n')
        size--;
    *position = (int64_t)size;
    free(text);
    return true;
}

/* A line for the file, and what becomes of it. */
static void add_line(sg_records_lost *lost, const record_file *file, int64_t position)
{
    sg_error what;
    describe(file, &what);
    sg_fail(&lost->lines[lost->count++], "%.420s; it %s", what.text,
            position > 0 ? "goes on after its last whole row" : "begins anew");
}

/* The episodes are the run's result: losing some must be agreed to. */
static bool refuse_lost_episodes(const record_file *file, sg_error *error)
{
    sg_error what;
    describe(file, &what);
    return sg_fail(error, "%.400s; put it back, or go on without its rows: --lost-records",
                   what.text);
}

/* All are looked at before the first position changes. */
bool sg_records_find(const char *folder, sg_record_positions *positions, bool allow,
                     sg_records_lost *lost, sg_error *error)
{
    record_file episodes, evaluations, events;

    lost->count = 0;
    if (!look(&episodes, folder, SG_EPISODES_FILE, positions->episodes, error) ||
        !look(&evaluations, folder, SG_EVALUATIONS_FILE, positions->evaluations, error) ||
        !look(&events, folder, SG_EVENTS_FILE, positions->events, error))
        return false;
    if (is_short(&episodes) && !allow)
        return refuse_lost_episodes(&episodes, error);
    if (is_short(&episodes)) {
        if (!find_whole_rows(&episodes, &positions->episodes, error))
            return false;
        add_line(lost, &episodes, positions->episodes);
    }
    if (is_short(&evaluations)) {
        if (!find_whole_rows(&evaluations, &positions->evaluations, error))
            return false;
        add_line(lost, &evaluations, positions->evaluations);
    }
    /* Records of the event file cannot be told apart where one is broken. */
    if (is_short(&events)) {
        positions->events = 0;
        add_line(lost, &events, 0);
    }
    return true;
}
