/* records_find.c - what is left of a run's record files, before it goes on in them. */
#include "rl/training/records_find.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rl/training/crc32c.h"
#include "rl/training/tables.h"
#include "rl/training/tensorboard.h"

/* A file as it is, beside what the checkpoint knows of it. */
typedef struct {
    char path[SG_PATH_SIZE];
    const sg_log_end *known;
    bool missing;
    char *text; /* its first bytes, as many as are known if it has them; owned */
    size_t size;
    size_t all;   /* its bytes, with those after the checkpoint */
    size_t whole; /* of them: the end of the last row or record that is all there */
    size_t sound; /* the end of the last one that is as it should be */
    sg_error fault;
} record_file;

/* ---- reading ---- */

/* False if it is there but cannot be used. */
static bool look(record_file *file, const char *folder, const char *name, sg_error *error)
{
    struct stat info = {0};
    if (!sg_path_join(file->path, folder, name, error))
        return false;
    file->missing = stat(file->path, &info) != 0;
    /* A link that leads nowhere is missing, too. */
    if (file->missing && errno == ENOENT)
        return true;
    if (file->missing || access(file->path, W_OK) != 0)
        return sg_fail(error, "cannot write %.300s: %s", file->path, strerror(errno));
    return sg_file_read(file->path, &file->text, &file->size, error);
}

/* What was written after the checkpoint comes again. */
static void forget_rest(record_file *file)
{
    file->all = file->size;
    if (file->size > (size_t)file->known->bytes)
        file->size = (size_t)file->known->bytes;
}

bool sg_records_known(const char *path, const char *text, size_t size, const sg_log_end *known,
                      sg_error *error)
{
    size_t bytes = (size_t)known->bytes;
    if (size < bytes)
        return sg_fail(error, "%.300s was cut off: it has %zu bytes, the checkpoint knows of %zu",
                       path, size, bytes);
    return sg_crc32c(text, bytes) == known->sum ||
           sg_fail(error,
                   "%.300s is not as the checkpoint knows it: it was changed or is of "
                   "another run",
                   path);
}

/* ---- the last sound row or record ---- */

/* Reads a table to its end or first fault. */
static void check_table(record_file *file, bool episodes, int64_t step)
{
    sg_table table;
    sg_table_outcome outcome = SG_TABLE_BAD;
    union {
        sg_episode_record episode;
        sg_evaluation_record evaluation;
    } row;

    for (file->whole = file->size; file->whole > 0 && file->text[file->whole - 1] != '\n';)
        file->whole--;
    const char *header = episodes ? SG_EPISODES_HEADER : SG_EVALUATIONS_HEADER;
    /* Of a file that is cut off in its header nothing is left, and nothing is wrong. */
    if (file->whole == 0 ||
        !sg_table_open(&table, file->path, file->text, file->whole, header, &file->fault))
        return;
    table.most = step;
    table.limit = "the checkpoint's";
    do {
        file->sound = (size_t)(table.at - file->text);
        outcome = episodes ? sg_table_episode(&table, &row.episode, &file->fault)
                           : sg_table_evaluation(&table, &row.evaluation, &file->fault);
    } while (outcome == SG_TABLE_ROW);
}

static void check_events(record_file *file)
{
    sg_tensorboard_check(file->path, file->text, file->size, &file->whole, &file->sound,
                         &file->fault);
}

/* ---- what becomes of it ---- */

/* True if what is left may go on: nothing is lost but the end of a file that is not the result. */
static bool may_go_on(const record_file *file, bool episodes)
{
    return !episodes && file->size < (size_t)file->known->bytes && file->sound == file->whole;
}

typedef enum { EPISODES, EVALUATIONS, EVENTS, FILES } record_kind;
static const char *const NAMES[FILES] = {SG_EPISODES_FILE, SG_EVALUATIONS_FILE, SG_EVENTS_FILE};

/* Takes the position back and adds a line. Whoever asked to go on all the same gets a copy of a
 * file that is cut. */
static bool take_back(const record_file *file, record_kind kind, sg_log_end *end,
                      sg_records_lost *lost, sg_error *error)
{
    sg_lost_record *record = &lost->files[lost->count++];
    *end = (sg_log_end){(int64_t)file->sound, sg_crc32c(file->text, file->sound)};
    sg_fail(&record->line, "%.380s; it %s", file->fault.text,
            file->sound > 0 ? "goes on after its last sound row" : "begins anew");
    snprintf(record->path, sizeof record->path, "%s", file->path);
    record->copy[0] = '\0';
    if (may_go_on(file, kind == EPISODES) || file->sound == file->all)
        return true;
    return sg_records_copy_name(record->copy, file->path, error);
}

/* Rows in so many bytes of a table: its lines without the header. */
static size_t count_rows(const char *text, size_t size)
{
    size_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    return lines > 0 ? lines - 1 : 0;
}

/* What is wrong with a file, and what would be left of it. */
static bool refuse(const record_file *file, record_kind kind, sg_error *error)
{
    char left[96] = "what is sound of it";
    if (kind != EVENTS)
        snprintf(left, sizeof left, "the first %zu of its %zu rows",
                 count_rows(file->text, file->sound), count_rows(file->text, file->all));
    if (file->missing)
        snprintf(left, sizeof left, "a new one");
    return sg_fail(error, "%.360s; put it back, or go on with %s: --lost-records", file->fault.text,
                   left);
}

/* Looks at one file and finds its end. */
static bool find_end(record_file *file, record_kind kind, sg_log_end *end, int64_t step, bool allow,
                     sg_records_lost *lost, sg_error *error)
{
    forget_rest(file);
    /* The general fault, unless looking closer finds its place. */
    if (sg_records_known(file->path, file->text, file->size, file->known, &file->fault))
        return true;
    if (file->missing)
        sg_fail(&file->fault, "%.300s is missing", file->path);
    if (kind == EVENTS)
        check_events(file);
    else if (!file->missing)
        check_table(file, kind == EPISODES, step);
    if (!allow && !may_go_on(file, kind == EPISODES))
        return refuse(file, kind, error);
    return take_back(file, kind, end, lost, error);
}

/* All are looked at before the first position changes. */
bool sg_records_find(const char *folder, sg_counters *counters, bool allow, sg_records_lost *lost,
                     sg_error *error)
{
    sg_record_positions found = counters->positions;
    sg_log_end *const ends[FILES] = {&found.episodes, &found.evaluations, &found.events};
    bool ok = true;

    lost->count = 0;
    for (int kind = 0; ok && kind < FILES; kind++) {
        sg_log_end known = *ends[kind];
        record_file *file = sg_alloc(sizeof *file);
        file->known = &known;
        ok = look(file, folder, NAMES[kind], error) &&
             find_end(file, (record_kind)kind, ends[kind], counters->step, allow, lost, error);
        free(file->text);
        free(file);
    }
    if (ok)
        counters->positions = found;
    return ok;
}

/* ---- copies ---- */

static bool copy(const sg_lost_record *record, sg_error *error)
{
    char *data;
    size_t size;
    if (!sg_file_read(record->path, &data, &size, error))
        return false;
    bool ok = sg_file_create(record->copy, data, size, error);
    free(data);
    return ok;
}

bool sg_records_copy_lost(sg_records_lost *lost, sg_error *error)
{
    for (int i = 0; i < lost->count; i++) {
        sg_lost_record *record = &lost->files[i];
        sg_error line = record->line;
        if (!record->copy[0])
            continue;
        if (!copy(record, error)) {
            record->copy[0] = '\0';
            sg_records_remove_copies(lost);
            return false;
        }
        sg_fail(&record->line, "%.430s; %s has all that it held", line.text,
                sg_path_name(record->copy));
    }
    return true;
}

void sg_records_remove_copies(const sg_records_lost *lost)
{
    for (int i = 0; i < lost->count; i++) {
        if (lost->files[i].copy[0])
            unlink(lost->files[i].copy);
    }
}
