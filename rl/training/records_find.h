/* records_find.h - what is left of a run's record files, before it goes on in them. */
#ifndef SG_RECORDS_FIND_H
#define SG_RECORDS_FIND_H

#include "rl/training/counters.h"

/* A file that lost something. */
typedef struct {
    sg_error line;
    char path[SG_PATH_SIZE];
    char copy[SG_PATH_SIZE]; /* "" where nothing is cut that is not written anew */
} sg_lost_record;

typedef struct {
    int count;
    sg_lost_record files[3];
} sg_records_lost;

/* Whether the first of the `size` bytes of a file are those that the checkpoint knows; a line if
 * not. */
bool sg_records_known(const char *path, const char *text, size_t size, const sg_log_end *known,
                      sg_error *error);
/* Looks, changing nothing, whether the folder's files can be written and are, up to the positions
 * in `counters`, what the checkpoint knows. Of one that is not, the position is taken back to the
 * end of its last sound row or record, and `lost` gets a line. False, with a line, unless `allow`
 * is set or all that is lost is the end of a file other than SG_EPISODES_FILE. */
bool sg_records_find(const char *folder, sg_counters *counters, bool allow, sg_records_lost *lost,
                     sg_error *error);

/* Before the files are cut: makes the copies, of which the lines then tell. False if one cannot be
 * written; none is left then. */
bool sg_records_copy_lost(sg_records_lost *lost, sg_error *error);
/* Removes them again, if the run does not go on. */
void sg_records_remove_copies(const sg_records_lost *lost);

#endif
