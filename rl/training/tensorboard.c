/* tensorboard.c - scalars in an event file: protocol buffers by hand, framed as TFRecords. */
#include "rl/training/tensorboard.h"

#include <endian.h>
#include <string.h>
#include <time.h>

#include "rl/training/crc32c.h"

/* Longer tags are cut. */
enum { MAX_TAG = 200, MAX_MESSAGE = 400 };

/* ---- protocol buffers ---- */

/* Wire types of fields. */
enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

/* Field numbers of Event, Summary and Summary.Value. */
enum { EVENT_WALL_TIME = 1, EVENT_STEP = 2, EVENT_FILE_VERSION = 3, EVENT_SUMMARY = 5 };
enum { SUMMARY_VALUE = 1, VALUE_TAG = 1, VALUE_SIMPLE = 2 };

typedef struct {
    size_t size;
    unsigned char bytes[MAX_MESSAGE];
} message;

/* Seven bits a byte, the lowest first; the top bit says that more follow. */
static void put_varint(message *m, uint64_t value)
{
    while (value >= 0x80) {
        m->bytes[m->size++] = (unsigned char)(value | 0x80);
        value >>= 7;
    }
    m->bytes[m->size++] = (unsigned char)value;
}

/* Messages are small and bounded; see MAX_TAG. */
static void put_raw(message *m, const void *data, size_t size)
{
    memcpy(m->bytes + m->size, data, size);
    m->size += size;
}

/* Field number and wire type in one. */
static void put_key(message *m, int field, int wire)
{
    put_varint(m, (uint64_t)(field << 3 | wire));
}

/* Eight bytes, little endian. */
static void put_double(message *m, int field, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits = htole64(bits);
    put_key(m, field, WIRE_FIXED64);
    put_raw(m, &bits, sizeof bits);
}

/* Four bytes, little endian. */
static void put_float(message *m, int field, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits = htole32(bits);
    put_key(m, field, WIRE_FIXED32);
    put_raw(m, &bits, sizeof bits);
}

/* A string, or a message inside a message. */
static void put_bytes(message *m, int field, const void *data, size_t size)
{
    put_key(m, field, WIRE_BYTES);
    put_varint(m, size);
    put_raw(m, data, size);
}

/* ---- events ---- */

/* Every event tells when it was written. */
static void start_event(message *event)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    event->size = 0;
    put_double(event, EVENT_WALL_TIME, (double)now.tv_sec + 1e-9 * (double)now.tv_nsec);
}

/* One TFRecord: both the length and the data carry their checksum. */
static bool write_record(sg_log_file *events, const message *event, sg_error *error)
{
    uint64_t length = htole64(event->size);
    uint32_t length_sum = htole32(sg_crc32c_masked(&length, sizeof length));
    uint32_t data_sum = htole32(sg_crc32c_masked(event->bytes, event->size));

    return sg_log_file_write(events, &length, sizeof length, error) &&
           sg_log_file_write(events, &length_sum, sizeof length_sum, error) &&
           sg_log_file_write(events, event->bytes, event->size, error) &&
           sg_log_file_write(events, &data_sum, sizeof data_sum, error);
}

/* A new file is complete at once, even without a scalar. */
bool sg_tensorboard_open(sg_log_file *events, const char *path, sg_log_end keep, sg_error *error)
{
    static const char VERSION[] = "brain.Event:2";
    message event;

    if (!sg_log_file_open(events, path, keep, error))
        return false;
    if (keep.bytes > 0)
        return true;
    /* The first event of a file tells its version. */
    start_event(&event);
    put_bytes(&event, EVENT_FILE_VERSION, VERSION, sizeof VERSION - 1);
    return write_record(events, &event, error) && sg_log_file_flush(events, error);
}

/* From the inside out: value, summary, event. */
bool sg_tensorboard_scalar(sg_log_file *events, const char *tag, int64_t step, double value,
                           sg_error *error)
{
    message point = {0}, summary = {0}, event;

    /* Curves are drawn in single precision. */
    put_bytes(&point, VALUE_TAG, tag, strnlen(tag, MAX_TAG));
    put_float(&point, VALUE_SIMPLE, (float)value);
    put_bytes(&summary, SUMMARY_VALUE, point.bytes, point.size);

    /* Time, step, and the summary as the event's content. */
    start_event(&event);
    put_key(&event, EVENT_STEP, WIRE_VARINT);
    put_varint(&event, (uint64_t)step);
    put_bytes(&event, EVENT_SUMMARY, summary.bytes, summary.size);
    return write_record(events, &event, error);
}

/* ---- looking through a file ---- */

/* A record's length, its checksum, and the one behind the data. */
enum { LENGTH_SIZE = 8, SUM_SIZE = 4, FRAME_SIZE = LENGTH_SIZE + 2 * SUM_SIZE };

/* True if the masked checksum of `size` bytes follows them. */
static bool sum_fits(const char *bytes, size_t size)
{
    uint32_t sum;
    memcpy(&sum, bytes + size, sizeof sum);
    return le32toh(sum) == sg_crc32c_masked(bytes, size);
}

/* The size of the record at `bytes`; 0 if it is damaged, more than `left` if it is cut off. */
static size_t record_size(const char *bytes, size_t left)
{
    uint64_t length;
    if (left < FRAME_SIZE)
        return FRAME_SIZE;
    memcpy(&length, bytes, sizeof length);
    length = le64toh(length);
    if (!sum_fits(bytes, LENGTH_SIZE) || length > MAX_MESSAGE)
        return 0;
    size_t size = FRAME_SIZE + (size_t)length;
    bool cut_off = size > left;
    return cut_off || sum_fits(bytes + LENGTH_SIZE + SUM_SIZE, (size_t)length) ? size : 0;
}

bool sg_tensorboard_check(const char *path, const char *bytes, size_t size, size_t *whole,
                          size_t *sound, sg_error *error)
{
    size_t at = 0, next = 0, count = 0;
    while (at < size && (next = record_size(bytes + at, size - at)) > 0 && next <= size - at) {
        at += next;
        count++;
    }
    *sound = at;
    *whole = at < size && next == 0 ? size : at;
    return *sound == *whole ||
           sg_fail(error, "%.300s is damaged: record %zu, at byte %zu", path, count + 1, at);
}
