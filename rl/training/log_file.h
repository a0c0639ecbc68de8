/* log_file.h - a file that only grows, whose end can be taken back to an earlier position.
 *
 * A resumed run cuts its records where the checkpoint stands and writes on from there. Everything
 * is buffered here, so writing allocates nothing, and every failure is reported.
 */
#ifndef SG_LOG_FILE_H
#define SG_LOG_FILE_H

#include <stdint.h>

#include "rl/training/files.h"

typedef struct {
    int descriptor;   /* -1 while closed */
    int64_t position; /* where the next byte will stand */
    size_t used;      /* bytes waiting in the buffer */
    char path[SG_PATH_SIZE];
    char buffer[1 << 14];
} sg_log_file;

/* Opens and keeps the first `keep` bytes; false if there are fewer. One of which nothing is kept is
 * made if needed. */
bool sg_log_file_open(sg_log_file *log, const char *path, int64_t keep, sg_error *error);
bool sg_log_file_write(sg_log_file *log, const void *data, size_t size, sg_error *error);
/* Hands everything to the system: others can read it, and it survives our being killed. */
bool sg_log_file_flush(sg_log_file *log, sg_error *error);
/* Flushes and waits until the disk has it. */
bool sg_log_file_sync(sg_log_file *log, sg_error *error);
/* Flushes and closes; nothing to do if it is not open. */
bool sg_log_file_close(sg_log_file *log, sg_error *error);

#endif
