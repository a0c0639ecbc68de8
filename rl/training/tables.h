/* tables.h - episodes.csv and evaluations.csv, read back strictly: the header as it was written,
 * then rows of five numbers whose steps grow; episodes are numbered 1, 2, 3, ... Every fault is
 * told with the file and its line.
 */
#ifndef SG_TABLES_H
#define SG_TABLES_H

#include "rl/training/records.h"

/* Where reading has come. */
typedef struct {
    const char *path;     /* for messages */
    const char *at, *end; /* the rows to come */
    int64_t line, step;   /* of the last row read; the header is line 1 */
    int64_t episode;      /* its number */
    bool gaps;            /* numbers of episodes may be left out, as after --lost-records */
    int64_t most;         /* no step may be larger */
    const char *limit;    /* what says so: "the checkpoint's" */
} sg_table;

typedef enum { SG_TABLE_ROW, SG_TABLE_END, SG_TABLE_BAD } sg_table_outcome;

/* Takes the header off the front of the `size` bytes at `text`, which must outlive the table. */
bool sg_table_open(sg_table *table, const char *path, const char *text, size_t size,
                   const char *header, sg_error *error);
/* The next row; END also before a last one that lacks its end of line. BAD stays on the row. */
sg_table_outcome sg_table_episode(sg_table *table, sg_episode_record *row, sg_error *error);
sg_table_outcome sg_table_evaluation(sg_table *table, sg_evaluation_record *row, sg_error *error);

#endif
