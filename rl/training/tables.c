/* tables.c - episodes.csv and evaluations.csv, read back strictly. */
#include "rl/training/tables.h"

#include <float.h>
#include <inttypes.h>
#include <string.h>

#include "tensor/number.h"

/* Every table has five columns; the longest row is far shorter than this. */
enum { COLUMNS = 5, ROW_SIZE = 200 };

typedef enum { COUNT, REAL } column_kind; /* from 1 to 2^63 - 1; any finite number */

typedef struct {
    const char *name;
    column_kind kind;
    size_t offset; /* of an int64_t or a double in the row */
} column;

static const column EPISODE[COLUMNS] = {
    {"step", COUNT, offsetof(sg_episode_record, step)},
    {"episode", COUNT, offsetof(sg_episode_record, episode)},
    {"return", REAL, offsetof(sg_episode_record, episode_return)},
    {"length", COUNT, offsetof(sg_episode_record, length)},
    {"seconds", REAL, offsetof(sg_episode_record, seconds)},
};

static const column EVALUATION[COLUMNS] = {
    {"step", COUNT, offsetof(sg_evaluation_record, step)},
    {"episodes", COUNT, offsetof(sg_evaluation_record, episodes)},
    {"return_mean", REAL, offsetof(sg_evaluation_record, return_mean)},
    {"return_sd", REAL, offsetof(sg_evaluation_record, return_sd)},
    {"length_mean", REAL, offsetof(sg_evaluation_record, length_mean)},
};

bool sg_table_open(sg_table *table, const char *path, const char *text, size_t size,
                   const char *header, sg_error *error)
{
    size_t length = strlen(header);
    if (size < length || memcmp(text, header, length) != 0) {
        return sg_fail(error, "%.300s: line 1 is not %.*s", path, (int)strcspn(header, "\n"),
                       header);
    }
    *table = (sg_table){.path = path,
                        .at = text + length,
                        .end = text + size,
                        .line = 1,
                        .most = INT64_MAX,
                        .limit = "any"};
    return true;
}

/* ---- one row ---- */

static bool read_count(const char *text, int64_t *number)
{
    uint64_t count;
    if (!sg_number_u64(text, &count) || count < 1 || count > INT64_MAX)
        return false;
    *number = (int64_t)count;
    return true;
}

/* Puts a field where it belongs in the row. */
static bool read_field(const sg_table *t, const column *c, const char *text, void *row,
                       sg_error *error)
{
    char *place = (char *)row + c->offset;
    bool ok = c->kind == REAL ? sg_number_real(text, -DBL_MAX, DBL_MAX, (double *)place)
                              : read_count(text, (int64_t *)place);
    return ok ||
           sg_fail(error, "%.300s: line %" PRId64 ": %s '%.40s' is not a %s", t->path, t->line,
                   c->name, text, c->kind == REAL ? "number" : "whole number from 1 on");
}

/* Cuts the row at its commas, in place, into exactly five fields. */
static bool cut(char *text, char *fields[COLUMNS])
{
    int count = 0;
    for (char *at = text; at; count++) {
        if (count == COLUMNS)
            return false;
        fields[count] = at;
        at = strchr(at, ',');
        if (at)
            *at++ = '\0';
    }
    return count == COLUMNS;
}

static bool read_fields(const sg_table *t, const column columns[COLUMNS], size_t length, void *row,
                        sg_error *error)
{
    char text[ROW_SIZE], *fields[COLUMNS];
    /* A zero byte would hide what follows it. */
    bool ok = length < ROW_SIZE && !memchr(t->at, '\0', length);
    if (ok) {
        memcpy(text, t->at, length);
        text[length] = '\0';
    }
    if (!ok || !cut(text, fields)) {
        return sg_fail(error, "%.300s: line %" PRId64 " is not %s,%s,%s,%s,%s", t->path, t->line,
                       columns[0].name, columns[1].name, columns[2].name, columns[3].name,
                       columns[4].name);
    }
    for (int i = 0; ok && i < COLUMNS; i++)
        ok = read_field(t, &columns[i], fields[i], row, error);
    return ok;
}

/* An episode or evaluation takes a step at least, and none is behind the end. */
static bool check_step(const sg_table *t, int64_t step, sg_error *error)
{
    if (step <= t->step)
        return sg_fail(error,
                       "%.300s: line %" PRId64 ": step %" PRId64 " does not come after %" PRId64,
                       t->path, t->line, step, t->step);
    return step <= t->most ||
           sg_fail(error, "%.300s: line %" PRId64 ": step %" PRId64 " is beyond %s last, %" PRId64,
                   t->path, t->line, step, t->limit, t->most);
}

/* A number that is left out is a row that is gone. */
static bool check_episode(const sg_table *t, int64_t episode, sg_error *error)
{
    if (t->gaps ? episode > t->episode : episode == t->episode + 1)
        return true;
    return sg_fail(error, "%.300s: line %" PRId64 ": episode %" PRId64 " does not follow %" PRId64,
                   t->path, t->line, episode, t->episode);
}

/* `step` and `episode`, which may be NULL, point into the row. */
static sg_table_outcome next(sg_table *t, const column columns[COLUMNS], void *row,
                             const int64_t *step, const int64_t *episode, sg_error *error)
{
    const char *end = t->at < t->end ? memchr(t->at, '\n', (size_t)(t->end - t->at)) : NULL;
    if (!end)
        return SG_TABLE_END;
    t->line++;
    if (!read_fields(t, columns, (size_t)(end - t->at), row, error) ||
        !check_step(t, *step, error) || (episode && !check_episode(t, *episode, error))) {
        t->line--;
        return SG_TABLE_BAD;
    }
    t->at = end + 1;
    t->step = *step;
    t->episode = episode ? *episode : 0;
    return SG_TABLE_ROW;
}

sg_table_outcome sg_table_episode(sg_table *table, sg_episode_record *row, sg_error *error)
{
    return next(table, EPISODE, row, &row->step, &row->episode, error);
}

sg_table_outcome sg_table_evaluation(sg_table *table, sg_evaluation_record *row, sg_error *error)
{
    return next(table, EVALUATION, row, &row->step, NULL, error);
}
