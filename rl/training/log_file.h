/* log_file.h - a file that only grows, whose end can be taken back to an earlier position.
 *
 * A resumed run cuts its records where the checkpoint stands and writes on from there. Everything
 * is buffered here, so writing allocates nothing, and every failure is reported.
 */
#ifndef SG_LOG_FILE_H
#define SG_LOG_FILE_H

#include <stdint.h>

#include "rl/training/files.h"

/* How long a file is, and the CRC-32C of all of it. */
typedef struct {
    int64_t bytes;
    uint32_t sum;
} sg_log_end;

typedef struct {
    int descriptor;  /* -1 while closed */
    sg_log_end end;  /* with what waits in the buffer */
    size_t used;     /* bytes waiting in the buffer */
    int64_t written; /* bytes that the file must have */
    char path[SG_PATH_SIZE];
    char buffer[1 << 14];
} sg_log_file;

/* Opens and keeps the first `keep.bytes` bytes, of which `keep.sum` is taken as given; false if
 * there are fewer. One of which nothing is kept is made if needed. */
bool sg_log_file_open(sg_log_file *log, const char *path, sg_log_end keep, sg_error *error);
bool sg_log_file_write(sg_log_file *log, const void *data, size_t size, sg_error *error);
/* Hands everything to the system: others can read it, and it survives our being killed. False, with
 * nothing written, if somebody has cut the file: a hole would come where its beginning was. */
bool sg_log_file_flush(sg_log_file *log, sg_error *error);
/* Flushes and waits until the disk has it. */
bool sg_log_file_sync(sg_log_file *log, sg_error *error);
/* Whether the path still leads to the open file; false with a line if it was moved, removed or
 * replaced, for then nobody finds what is written. Devices and pipes are left alone. */
bool sg_log_file_in_place(const sg_log_file *log, sg_error *error);
/* Whether the open file is still found somewhere, whatever its path leads to. */
bool sg_log_file_has_a_name(const sg_log_file *log);
/* Writes all that the open file holds, but for what waits in the buffer, into a new file `copy`. */
bool sg_log_file_copy(const sg_log_file *log, const char *copy, sg_error *error);
/* Flushes and closes; nothing to do if it is not open. */
bool sg_log_file_close(sg_log_file *log, sg_error *error);

#endif
