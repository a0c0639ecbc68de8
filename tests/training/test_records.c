/* test_records.c - record files: rows, event framing, checksums, taking the end back, full disks.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rl/training/crc32c.h"
#include "rl/training/records.h"
#include "rl/training/tensorboard.h"
#include "tests/training/scratch.h"

/* ---- log files ---- */

Test(log_file, goes_on_from_an_earlier_position)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "log");
    static sg_log_file log;
    sg_error error;
    size_t size;

    cr_assert(sg_log_file_open(&log, path, (sg_log_end){0}, &error), "%s", error.text);
    cr_assert(sg_log_file_write(&log, "first,", 6, &error));
    cr_assert_eq(log.end.bytes, 6);
    sg_log_end middle = log.end;
    cr_assert(sg_log_file_write(&log, "lost", 4, &error));
    cr_assert(sg_log_file_close(&log, &error));

    cr_assert(sg_log_file_open(&log, path, middle, &error), "%s", error.text);
    cr_assert(sg_log_file_write(&log, "second", 6, &error));
    cr_assert(sg_log_file_close(&log, &error));
    char *text = scratch_read(path, &size);
    cr_assert_str_eq(text, "first,second");
    free(text);

    cr_assert_not(sg_log_file_open(&log, path, (sg_log_end){13, 0}, &error));
    cr_assert(strstr(error.text, path) && strstr(error.text, "cut off"), "%s", error.text);
    scratch_remove(folder);
}

Test(log_file, long_writes_pass_through_the_buffer)
{
    char *folder = scratch_make();
    static sg_log_file log;
    static char data[100003];
    sg_error error;
    size_t size;

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * i % 251);
    cr_assert(sg_log_file_open(&log, scratch_path(folder, "log"), (sg_log_end){0}, &error));
    for (size_t at = 0; at < sizeof data; at += 20000) {
        size_t part = sizeof data - at < 20000 ? sizeof data - at : 20000;
        cr_assert(sg_log_file_write(&log, data + at, part, &error));
    }
    cr_assert_eq(log.end.bytes, (int64_t)sizeof data);
    cr_assert(sg_log_file_sync(&log, &error) && sg_log_file_close(&log, &error));
    char *read = scratch_read(scratch_path(folder, "log"), &size);
    cr_assert(size == sizeof data && memcmp(read, data, size) == 0);
    free(read);
    scratch_remove(folder);
}

Test(log_file, a_full_disk_is_reported)
{
    static sg_log_file log;
    sg_error error = {""};
    cr_assert(sg_log_file_open(&log, "/dev/full", (sg_log_end){0}, &error), "%s", error.text);
    cr_assert(sg_log_file_write(&log, "x", 1, &error));
    cr_assert_not(sg_log_file_flush(&log, &error));
    cr_assert(strstr(error.text, "/dev/full") && strstr(error.text, "No space"), "%s", error.text);

    cr_assert(sg_log_file_write(&log, "x", 1, &error));
    cr_assert_not(sg_log_file_close(&log, &error));
    cr_assert(sg_log_file_close(&log, &error), "closing twice");
    cr_assert_not(sg_log_file_open(&log, "/no/such/folder/log", (sg_log_end){0}, &error));
}

/* ---- tables ---- */

static void write_two_episodes(sg_records *records)
{
    sg_error error;
    sg_episode_record first = {
        .step = 200, .episode = 1, .length = 200, .episode_return = -0.1, .seconds = 0.0125};
    sg_episode_record second = {.step = 350,
                                .episode = 2,
                                .length = 150,
                                .episode_return = 1234.5678901234567,
                                .seconds = 3};
    cr_assert(sg_records_episode(records, &first, &error), "%s", error.text);
    cr_assert(sg_records_episode(records, &second, &error), "%s", error.text);
}

static const char two_episodes[] = "step,episode,return,length,seconds\n"
                                   "200,1,-0.1,200,0.013\n"
                                   "350,2,1234.5678901234567,150,3.000\n";

Test(records, rows_can_be_read_at_once)
{
    char *folder = scratch_make();
    sg_record_positions start = {0}, end;
    sg_error error;
    size_t size;
    sg_records *records = sg_records_open(folder, &start, &error);
    cr_assert_not_null(records, "%s", error.text);

    write_two_episodes(records);
    char *text = scratch_read(scratch_path(folder, SG_EPISODES_FILE), &size); /* still open */
    cr_assert_str_eq(text, two_episodes);
    free(text);
    cr_assert(sg_records_sync(records, &end, &error));
    cr_assert_eq(end.episodes.bytes, (int64_t)size);
    cr_assert(sg_records_close(records, &error));
    scratch_remove(folder);
}

Test(records, a_resumed_run_takes_its_end_back)
{
    char *folder = scratch_make();
    sg_record_positions start = {0}, middle;
    sg_evaluation_record row = {
        .step = 300, .episodes = 2, .return_mean = 1.5, .return_sd = 0.25, .length_mean = 7};
    sg_error error;
    size_t size;

    sg_records *records = sg_records_open(folder, &start, &error);
    cr_assert(sg_records_sync(records, &middle, &error));
    write_two_episodes(records);
    cr_assert(sg_records_evaluation(records, &row, &error));
    cr_assert(sg_records_close(records, &error));

    records = sg_records_open(folder, &middle, &error);
    cr_assert_not_null(records, "%s", error.text);
    write_two_episodes(records);
    cr_assert(sg_records_close(records, &error));
    char *text = scratch_read(scratch_path(folder, SG_EPISODES_FILE), &size);
    cr_assert_str_eq(text, two_episodes);
    free(text);
    text = scratch_read(scratch_path(folder, SG_EVALUATIONS_FILE), &size);
    cr_assert_str_eq(text, "step,episodes,return_mean,return_sd,length_mean\n");
    free(text);
    scratch_remove(folder);
}

Test(records, a_full_disk_is_reported)
{
    char *folder = scratch_make();
    sg_record_positions start = {0};
    sg_error error = {""};
    cr_assert_eq(symlink("/dev/full", scratch_path(folder, SG_EPISODES_FILE)), 0);
    cr_assert_null(sg_records_open(folder, &start, &error));
    cr_assert(strstr(error.text, "No space"), "%s", error.text);
    scratch_remove(folder);
}

/* ---- files taken away ---- */

/* What somebody does to a file that is being written. */
static void remove_it(const char *path) { cr_assert_eq(unlink(path), 0); }

static void replace_it(const char *path)
{
    char other[300];
    snprintf(other, sizeof other, "%s.new", path);
    scratch_write(other, "mine", 4);
    cr_assert_eq(rename(other, path), 0);
}

static void cut_it(const char *path) { cr_assert_eq(truncate(path, 10), 0); }

/* Told before a checkpoint could count on it, with all of its rows kept beside it. */
Test(records, what_a_file_without_its_name_holds_is_kept)
{
    static const struct {
        const char *name, *copy;
        void (*take)(const char *path);
        const char *told;
    } TAKEN[] = {
        {SG_EPISODES_FILE, SG_EPISODES_FILE ".lost1", remove_it, "was removed during the run"},
        {SG_EPISODES_FILE, SG_EPISODES_FILE ".lost2", replace_it, "was replaced by another file"},
        {SG_EVALUATIONS_FILE, SG_EVALUATIONS_FILE ".lost1", remove_it, "was removed"},
        {SG_EVENTS_FILE, "events.lost1", replace_it, "was replaced"},
    };
    char *folder = scratch_make();
    sg_record_positions start = {0}, end;
    for (size_t i = 0; i < sizeof TAKEN / sizeof *TAKEN; i++) {
        sg_error error = {""};
        size_t size;
        sg_records *records = sg_records_open(folder, &start, &error);
        cr_assert_not_null(records, "%s", error.text);
        cr_assert(sg_records_sync(records, &end, &error), "%s", error.text);
        TAKEN[i].take(scratch_path(folder, TAKEN[i].name));
        write_two_episodes(records);
        cr_assert_not(sg_records_sync(records, &end, &error));
        cr_assert(strstr(error.text, TAKEN[i].name) && strstr(error.text, TAKEN[i].told) &&
                      strstr(error.text, TAKEN[i].copy),
                  "%s", error.text);
        char *copy = scratch_read(scratch_path(folder, TAKEN[i].copy), &size);
        cr_assert(i > 1 || strcmp(copy, two_episodes) == 0, "%s", copy);
        cr_assert(sg_records_close(records, &error), "told and kept a second time");
        free(copy);
    }
    scratch_remove(folder);
}

/* A run that stops for another reason loses no row either. */
Test(records, closing_keeps_it_too)
{
    char *folder = scratch_make();
    sg_record_positions start = {0};
    sg_error error = {""};
    size_t size;
    sg_records *records = sg_records_open(folder, &start, &error);
    write_two_episodes(records);
    remove_it(scratch_path(folder, SG_EPISODES_FILE));
    remove_it(scratch_path(folder, SG_EVENTS_FILE));
    cr_assert_not(sg_records_close(records, &error));
    cr_assert(strstr(error.text, SG_EPISODES_FILE " was removed"), "%s", error.text);
    char *copy = scratch_read(scratch_path(folder, SG_EPISODES_FILE ".lost1"), &size);
    cr_assert_str_eq(copy, two_episodes);
    free(copy);
    free(scratch_read(scratch_path(folder, "events.lost1"), &size));
    cr_assert_gt(size, 100);
    scratch_remove(folder);
}

/* Rows that follow would stand behind a hole, and the length would be right again. */
Test(records, nothing_is_written_behind_a_cut)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, SG_EPISODES_FILE);
    sg_record_positions start = {0}, end;
    sg_episode_record row = {.step = 400, .episode = 3, .length = 50, .episode_return = 1};
    sg_error error = {""};
    size_t size;
    sg_records *records = sg_records_open(folder, &start, &error);
    write_two_episodes(records);
    cut_it(path);
    cr_assert_not(sg_records_episode(records, &row, &error));
    cr_assert(strstr(error.text, "was cut off by another program: it has 10 of"), "%s", error.text);
    cr_assert_not(sg_records_sync(records, &end, &error));
    cr_assert(sg_records_close(records, &error), "%s", error.text);
    free(scratch_read(path, &size));
    cr_assert_eq(size, 10);
    scratch_remove(folder);
}

/* ---- event files ---- */

/* RFC 3720, appendix B.4, and the customary check value. */
Test(crc32c, published_values)
{
    unsigned char zeros[32] = {0}, ones[32], rising[32];
    memset(ones, 0xff, sizeof ones);
    for (int i = 0; i < 32; i++)
        rising[i] = (unsigned char)i;
    cr_assert_eq(sg_crc32c("123456789", 9), 0xe3069283u);
    cr_assert_eq(sg_crc32c(zeros, 32), 0x8a9136aau);
    cr_assert_eq(sg_crc32c(ones, 32), 0x62a8ab43u);
    cr_assert_eq(sg_crc32c(rising, 32), 0x46dd794eu);
    cr_assert_eq(sg_crc32c("", 0), 0u);
}

/* Takes one TFRecord off the front of a file, checking its sums. */
static const unsigned char *next_record(const unsigned char **at, size_t *length)
{
    const unsigned char *record = *at;
    uint64_t size;
    uint32_t size_sum, data_sum;
    memcpy(&size, record, 8);
    memcpy(&size_sum, record + 8, 4);
    memcpy(&data_sum, record + 12 + size, 4);
    cr_assert_eq(size_sum, sg_crc32c_masked(record, 8));
    cr_assert_eq(data_sum, sg_crc32c_masked(record + 12, (size_t)size));
    *at = record + 12 + size + 4;
    *length = (size_t)size;
    return record + 12;
}

Test(tensorboard, scalars_are_framed_events)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, SG_EVENTS_FILE);
    static sg_log_file events;
    sg_error error;
    size_t size, length;
    float value = 2.5f;

    cr_assert(sg_tensorboard_open(&events, path, (sg_log_end){0}, &error), "%s", error.text);
    cr_assert(sg_tensorboard_scalar(&events, "charts/SPS", 300, value, &error));
    cr_assert(sg_log_file_close(&events, &error));
    unsigned char *file = (unsigned char *)scratch_read(path, &size);
    const unsigned char *at = file;

    /* wall_time (field 1, 8 bytes), then file_version (field 3) */
    const unsigned char *event = next_record(&at, &length);
    cr_assert(event[0] == 0x09 && event[9] == 0x1a && event[10] == 13);
    cr_assert(length == 24 && memcmp(event + 11, "brain.Event:2", 13) == 0);

    /* wall_time, step (field 2) = 300, summary (5) of value (1) with tag (1) and simple_value (2)
     */
    event = next_record(&at, &length);
    cr_assert(event[0] == 0x09 && event[9] == 0x10 && event[10] == 0xac && event[11] == 0x02);
    cr_assert(event[12] == 0x2a && event[13] == 19 && event[14] == 0x0a && event[15] == 17);
    cr_assert(event[16] == 0x0a && event[17] == 10 && memcmp(event + 18, "charts/SPS", 10) == 0);
    cr_assert(event[28] == 0x15 && memcmp(event + 29, &value, 4) == 0 && length == 33);
    cr_assert_eq(at, file + size);
    free(file);
    scratch_remove(folder);
}

Test(tensorboard, the_version_is_written_once)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, SG_EVENTS_FILE);
    static sg_log_file events;
    sg_error error;
    size_t size;

    cr_assert(sg_tensorboard_open(&events, path, (sg_log_end){0}, &error));
    sg_log_end start = events.end;
    cr_assert(sg_tensorboard_scalar(&events, "a", 1, NAN, &error));
    cr_assert(sg_log_file_close(&events, &error));
    cr_assert(sg_tensorboard_open(&events, path, start, &error));
    cr_assert_eq(events.end.bytes, start.bytes);
    cr_assert(sg_log_file_close(&events, &error));
    free(scratch_read(path, &size));
    cr_assert_eq((int64_t)size, start.bytes);
    scratch_remove(folder);
}
