/* golden.h - reads recorded reference data (safetensors files under tests/golden) for the tests.
 *
 * Everything is converted to double when the file is opened. A file or name that is not there fails
 * the running test with its name, so a test never goes on without its data.
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GOLDEN_MAX_RANK = 4 };

typedef struct golden golden;

/* `file` is relative to tests/golden, e.g. "algos/avg_b0.safetensors", where it lies with ".gz"
 * behind its name or as it is. Never NULL. */
golden *golden_open(const char *file);
void golden_close(golden *g);
/* What golden_open was given. */
const char *golden_file(const golden *g);

/* The recordings in tests/golden/algos whose names begin with `kind`, one by one, sorted: NULL past
 * the end. Fails the test if the kind is not in the table of golden.c or if there are fewer files
 * of it than are known. */
const char *golden_recording(const char *kind, int index);
/* The first file there that is of no kind of that table and not read by its name, or NULL. */
const char *golden_without_reader(void);

bool golden_has(const golden *g, const char *name);
/* The values of an array; count, rank and dim are filled where not NULL. Owned by `g`. */
const double *golden_array(const golden *g, const char *name, size_t *count, int *rank,
                           int64_t dim[GOLDEN_MAX_RANK]);
/* The value of an array of exactly one element. */
double golden_number(const golden *g, const char *name);
/* The first setting "hp/<name>" that has not been read by now and is not one of `others`, which
 * ends with NULL; NULL if there is none. */
const char *golden_unread_setting(const golden *g, const char *const *others);
/* True if parameters were recorded in float32. */
bool golden_is_float32(const golden *g);
/* A string of the file's metadata, NULL if there is none of that key. Owned by `g`. */
const char *golden_text(const golden *g, const char *key);

/* The arrays one by one, in no particular order: NULL past the end. */
const char *golden_name_at(const golden *g, size_t index);

#endif
