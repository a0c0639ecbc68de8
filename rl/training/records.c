/* records.c - what a run writes down as it goes: episodes.csv, evaluations.csv and the event file.
 */
#include "rl/training/records.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/number.h"
#include "rl/training/tensorboard.h"

/* ---- opening and closing ---- */

/* A table in CSV; a new one gets its header line. */
static bool open_table(sg_log_file *table, const char *folder, const char *name, sg_log_end keep,
                       const char *header, sg_error *error)
{
    char path[SG_PATH_SIZE];
    return sg_path_join(path, folder, name, error) && sg_log_file_open(table, path, keep, error) &&
           (keep.bytes > 0 || sg_log_file_write(table, header, strlen(header), error)) &&
           sg_log_file_flush(table, error);
}

/* The file for TensorBoard. */
static bool open_events(sg_log_file *events, const char *folder, sg_log_end keep, sg_error *error)
{
    char path[SG_PATH_SIZE];
    return sg_path_join(path, folder, SG_EVENTS_FILE, error) &&
           sg_tensorboard_open(events, path, keep, error);
}

/* All files or none: a failure closes what was open. */
sg_records *sg_records_open(const char *folder, const sg_record_positions *positions,
                            sg_error *error)
{
    sg_records *records = sg_alloc(sizeof *records);
    /* Closed, until each is opened. */
    records->episodes.descriptor = -1;
    records->evaluations.descriptor = -1;
    records->events.descriptor = -1;

    bool ok = open_table(&records->episodes, folder, SG_EPISODES_FILE, positions->episodes,
                         SG_EPISODES_HEADER, error) &&
              open_table(&records->evaluations, folder, SG_EVALUATIONS_FILE, positions->evaluations,
                         SG_EVALUATIONS_HEADER, error) &&
              open_events(&records->events, folder, positions->events, error);
    if (ok)
        return records;
    sg_records_close(records, NULL);
    return NULL;
}

/* ---- files that were taken away ---- */

bool sg_records_copy_name(char copy[SG_PATH_SIZE], const char *path, sg_error *error)
{
    const char *name = sg_path_name(path);
    int folder = (int)(name - path), length = 0;
    /* TensorBoard would read a copy under the name of its file. */
    if (strcmp(name, SG_EVENTS_FILE) == 0)
        name = "events";
    for (int i = 1; length >= 0 && length < SG_PATH_SIZE; i++) {
        length = snprintf(copy, SG_PATH_SIZE, "%.*s%s.lost%d", folder, path, name, i);
        if (length < SG_PATH_SIZE && !sg_file_exists(copy))
            return true;
    }
    return sg_fail(error, "the path %.60s... is too long", path);
}

/* What a file without a name holds would go with us. */
static bool copy_nameless(sg_log_file *file, char copy[SG_PATH_SIZE], sg_error *error)
{
    return sg_log_file_flush(file, error) && sg_records_copy_name(copy, file->path, error) &&
           sg_log_file_copy(file, copy, error);
}

/* True if the file can be found where it is written. If not, what it holds is kept. */
static bool keep(sg_log_file *file, sg_error *error)
{
    char copy[SG_PATH_SIZE];
    sg_error line, reason;
    if (file->descriptor < 0 || sg_log_file_in_place(file, &line))
        return true;
    if (sg_log_file_has_a_name(file))
        sg_fail(
            error,
            "%.330s; the file has another name now, and all that it held: move it back to go on",
            line.text);
    else if (copy_nameless(file, copy, &reason))
        sg_fail(error, "%.330s; all that it held is in %.60s: move that back to go on", line.text,
                sg_path_name(copy));
    else
        sg_fail(error, "%.330s; what it held could not be kept: %.160s", line.text, reason.text);
    sg_log_file_close(file, NULL);
    return false;
}

/* All are looked at even if one is gone; the first one's line is kept. */
static bool keep_all(sg_records *records, sg_error *error)
{
    bool ok = keep(&records->episodes, error);
    ok = keep(&records->evaluations, ok ? error : NULL) && ok;
    return keep(&records->events, ok ? error : NULL) && ok;
}

bool sg_records_close(sg_records *records, sg_error *error)
{
    if (!records)
        return true;
    /* All are closed even if one fails; the first failure's line is kept. */
    bool ok = keep_all(records, error);
    ok = sg_log_file_close(&records->episodes, ok ? error : NULL) && ok;
    ok = sg_log_file_close(&records->evaluations, ok ? error : NULL) && ok;
    ok = sg_log_file_close(&records->events, ok ? error : NULL) && ok;
    free(records);
    return ok;
}

/* ---- writing ---- */

/* Flushed, so that others can follow the run and a kill loses no row. */
static bool write_row(sg_log_file *table, const char *row, int length, sg_error *error)
{
    return sg_log_file_write(table, row, (size_t)length, error) && sg_log_file_flush(table, error);
}

bool sg_records_scalar(sg_records *records, const char *tag, int64_t step, double value,
                       sg_error *error)
{
    return sg_tensorboard_scalar(&records->events, tag, step, value, error);
}

/* The return with all its digits; the seconds with few. */
bool sg_records_episode(sg_records *records, const sg_episode_record *e, sg_error *error)
{
    char row[160], number[SG_NUMBER_SIZE];
    long long ms = llround(fmax(0, e->seconds) * 1000);
    int length = snprintf(row, sizeof row, "%" PRId64 ",%" PRId64 ",%s,%" PRId64 ",%lld.%03lld\n",
                          e->step, e->episode, sg_number_text(e->episode_return, number), e->length,
                          ms / 1000, ms % 1000);

    return write_row(&records->episodes, row, length, error) &&
           sg_records_scalar(records, "charts/episodic_return", e->step, e->episode_return,
                             error) &&
           sg_records_scalar(records, "charts/episodic_length", e->step, (double)e->length, error);
}

/* Under tags of their own, beside the training's curves. */
bool sg_records_evaluation(sg_records *records, const sg_evaluation_record *e, sg_error *error)
{
    char row[160], mean[SG_NUMBER_SIZE], sd[SG_NUMBER_SIZE], steps[SG_NUMBER_SIZE];
    int length = snprintf(row, sizeof row, "%" PRId64 ",%" PRId64 ",%s,%s,%s\n", e->step,
                          e->episodes, sg_number_text(e->return_mean, mean),
                          sg_number_text(e->return_sd, sd), sg_number_text(e->length_mean, steps));

    return write_row(&records->evaluations, row, length, error) &&
           sg_records_scalar(records, "eval/episodic_return", e->step, e->return_mean, error) &&
           sg_records_scalar(records, "eval/episodic_length", e->step, e->length_mean, error);
}

bool sg_records_flush(sg_records *records, sg_error *error)
{
    return sg_log_file_flush(&records->episodes, error) &&
           sg_log_file_flush(&records->evaluations, error) &&
           sg_log_file_flush(&records->events, error);
}

/* ---- positions ---- */

/* The positions are those of files that are safely on the disk. */
bool sg_records_sync(sg_records *records, sg_record_positions *positions, sg_error *error)
{
    if (!sg_log_file_sync(&records->episodes, error))
        return false;
    if (!sg_log_file_sync(&records->evaluations, error))
        return false;
    if (!sg_log_file_sync(&records->events, error))
        return false;
    if (!keep_all(records, error))
        return false;
    /* Nothing is buffered any more, so the ends are those of the files. */
    positions->episodes = records->episodes.end;
    positions->evaluations = records->evaluations.end;
    positions->events = records->events.end;
    return true;
}

/* One file's end. */
static void visit_end(sg_log_end *end, const char *name, sg_archive *archive)
{
    int64_t sum = end->sum;
    sg_archive_enter(archive, name);
    sg_archive_i64(archive, "bytes", &end->bytes, 1);
    sg_archive_i64(archive, "crc32c", &sum, 1);
    sg_archive_leave(archive);
    end->sum = (uint32_t)sum;
}

/* Part of the checkpoint. */
void sg_record_positions_state(sg_record_positions *positions, sg_archive *archive)
{
    visit_end(&positions->episodes, SG_EPISODES_FILE, archive);
    visit_end(&positions->evaluations, SG_EVALUATIONS_FILE, archive);
    visit_end(&positions->events, SG_EVENTS_FILE, archive);
}
