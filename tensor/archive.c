/* archive.c - named arrays in memory. */
#include "tensor/archive.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_LENGTH = 256, MOST_PREFIXES = 32, MOST_INTS = 1024 };

/* Entries stay where they are when the archive is rewound, so that the same visits find their
 * memory again: `used` counts those of the present round. */
struct sg_archive {
    sg_archive_mode mode;
    bool lends_tensors;
    void *adopted; /* in which lent data lie */
    sg_archive_entry *entries;
    size_t used, made, capacity;
    size_t next; /* where a LOAD looks first: visits usually come in the order of saving */
    char prefix[NAME_LENGTH];      /* all that were entered, each with its slash */
    size_t outside[MOST_PREFIXES]; /* the length before each of them */
    int depth;
    int guarded;      /* how many of them stood there when the visits of a guard began */
    sg_error fault;   /* the first of a LOAD; empty if none */
    sg_error mistake; /* the first of the guard */
};

size_t sg_archive_type_size(sg_archive_type type)
{
    static const size_t sizes[] = {4, 8, 8, 8, 1};
    return sizes[type];
}

static const char *type_name(sg_archive_type type)
{
    static const char *const names[] = {"float32", "float64", "int64", "uint64", "bytes"};
    return names[type];
}

/* ---- life ---- */

sg_archive *sg_archive_new(void) { return sg_alloc(sizeof(sg_archive)); }

static void release(const sg_archive_entry *entry)
{
    free(entry->name);
    if (!entry->lent)
        free(entry->data);
}

void sg_archive_free(sg_archive *archive)
{
    if (!archive)
        return;
    for (size_t i = 0; i < archive->made; i++)
        release(&archive->entries[i]);
    free(archive->entries);
    free(archive->adopted);
    free(archive);
}

void sg_archive_lend_tensors(sg_archive *archive) { archive->lends_tensors = true; }

void sg_archive_adopt(sg_archive *archive, void *memory)
{
    if (archive->adopted)
        sg_misuse("archive: memory is adopted once");
    archive->adopted = memory;
}

void sg_archive_set_mode(sg_archive *archive, sg_archive_mode mode)
{
    archive->mode = mode;
    archive->next = 0;
    archive->prefix[0] = 0;
    archive->depth = archive->guarded = 0;
    archive->fault.text[0] = 0;
}

sg_archive_mode sg_archive_get_mode(const sg_archive *archive) { return archive->mode; }

void sg_archive_rewind(sg_archive *archive)
{
    archive->used = 0;
    sg_archive_set_mode(archive, SG_ARCHIVE_SAVE);
}

/* ---- entries ---- */

size_t sg_archive_count(const sg_archive *archive) { return archive->used; }

const sg_archive_entry *sg_archive_at(const sg_archive *archive, size_t index)
{
    return index < archive->used ? &archive->entries[index] : NULL;
}

const sg_archive_entry *sg_archive_find(const sg_archive *archive, const char *full_name)
{
    for (size_t i = 0; i < archive->used; i++)
        if (!strcmp(archive->entries[i].name, full_name))
            return &archive->entries[i];
    return NULL;
}

/* Room for one more entry. */
static void grow(sg_archive *archive)
{
    if (archive->used < archive->capacity)
        return;
    size_t capacity = archive->capacity ? 2 * archive->capacity : 64;
    sg_archive_entry *grown = sg_alloc(capacity * sizeof *grown);
    if (archive->made)
        memcpy(grown, archive->entries, archive->made * sizeof *grown);
    free(archive->entries);
    archive->entries = grown;
    archive->capacity = capacity;
}

/* The next entry to be filled: the one that stood here before a rewind if it is alike, else new,
 * with memory unless its data are lent. */
static sg_archive_entry *next_entry(sg_archive *archive, const char *name, size_t bytes, bool lent)
{
    grow(archive);
    bool stands = archive->used < archive->made;
    sg_archive_entry *entry = &archive->entries[archive->used++];
    if (!stands)
        archive->made++;
    else if (entry->bytes == bytes && entry->lent == lent && !strcmp(entry->name, name))
        return entry;
    /* what was here is of no use */
    if (stands)
        release(entry);
    size_t length = strlen(name) + 1;
    *entry = (sg_archive_entry){.name = memcpy(sg_alloc(length), name, length),
                                .data = lent ? NULL : sg_alloc(bytes),
                                .bytes = bytes,
                                .lent = lent};
    return entry;
}

/* memcpy, also of nothing from nowhere. */
static void copy(void *to, const void *from, size_t bytes)
{
    if (bytes)
        memcpy(to, from, bytes);
}

/* The bytes of so many values; false where they do not fit into a size_t. */
static bool count_bytes(sg_archive_type type, int rank, const int64_t *dim, size_t *bytes)
{
    *bytes = sg_archive_type_size(type);
    for (int d = 0; d < rank; d++) {
        if (dim[d] < 0 || __builtin_mul_overflow(*bytes, (size_t)dim[d], bytes))
            return false;
    }
    return true;
}

bool sg_archive_add(sg_archive *archive, const char *full_name, sg_archive_type type, int rank,
                    const int64_t *dim, void *data, bool lent, sg_error *error)
{
    size_t bytes;
    if (rank < 0 || rank > SG_MAX_RANK)
        return sg_fail(error, "array '%s' has %d dimensions; allowed are 0 to %d", full_name, rank,
                       SG_MAX_RANK);
    if (sg_archive_find(archive, full_name))
        return sg_fail(error, "array '%s' is there twice", full_name);
    if (!count_bytes(type, rank, dim, &bytes))
        return sg_fail(error, "array '%s' has more values than fit into memory", full_name);
    sg_archive_entry *entry = next_entry(archive, full_name, bytes, lent);
    entry->type = type;
    entry->rank = rank;
    copy(entry->dim, dim, (size_t)rank * sizeof *dim);
    if (lent)
        entry->data = data;
    else
        copy(entry->data, data, bytes);
    return true;
}

/* ---- visits ---- */

void sg_archive_enter(sg_archive *archive, const char *prefix)
{
    size_t used = strlen(archive->prefix);
    int more = snprintf(archive->prefix + used, NAME_LENGTH - used, "%s/", prefix);
    if (used + (size_t)more >= NAME_LENGTH || archive->depth == MOST_PREFIXES)
        sg_misuse("archive: names below '%s' are too long", archive->prefix);
    archive->outside[archive->depth++] = used;
}

/* A mistake of whoever visits: remembered for a guard, told at once without one. */
static void mistake(sg_archive *archive, const char *text)
{
    if (!archive->guarded)
        sg_misuse("archive: %s", text);
    if (!archive->mistake.text[0])
        sg_fail(&archive->mistake, "%s", text);
}

/* A prefix may have slashes of its own: it goes as a whole. */
void sg_archive_leave(sg_archive *archive)
{
    if (archive->depth == archive->guarded)
        mistake(archive, "leave without enter");
    else
        archive->prefix[archive->outside[--archive->depth]] = 0;
}

/* The prefix is in the guard's own care. */
void sg_archive_guard(sg_archive *archive, const char *prefix)
{
    if (archive->guarded)
        sg_misuse("archive: a guard within a guard");
    sg_archive_enter(archive, prefix);
    archive->guarded = archive->depth;
    archive->mistake.text[0] = 0;
}

bool sg_archive_unguard(sg_archive *archive, sg_error *error)
{
    if (!archive->guarded)
        sg_misuse("archive: unguard without guard");
    if (archive->depth > archive->guarded)
        mistake(archive, "enter without leave");
    archive->depth = archive->guarded;
    archive->guarded = 0;
    archive->prefix[archive->outside[--archive->depth]] = 0;
    return !archive->mistake.text[0] || sg_fail(error, "%s", archive->mistake.text);
}

/* The entry of that name, looked for from where the last one was found. */
static const sg_archive_entry *find_next(sg_archive *archive, const char *name)
{
    for (size_t k = 0; k < archive->used; k++) {
        size_t i = (archive->next + k) % archive->used;
        if (!strcmp(archive->entries[i].name, name)) {
            archive->next = i + 1;
            return &archive->entries[i];
        }
    }
    return NULL;
}

/* Remembers why an array does not fit, unless something else did not before. */
static void blame(sg_archive *archive, const char *name, const sg_archive_entry *entry,
                  sg_archive_type type, size_t bytes)
{
    size_t size = sg_archive_type_size(type);
    if (archive->fault.text[0])
        return;
    if (!entry)
        sg_fail(&archive->fault, "there is no array '%s'", name);
    else if (entry->type != type)
        sg_fail(&archive->fault, "array '%s' holds %s where %s is needed", name,
                type_name(entry->type), type_name(type));
    else
        sg_fail(&archive->fault, "array '%s' has %zu values where %zu are needed", name,
                entry->bytes / size, bytes / size);
}

static void load(sg_archive *archive, const char *name, sg_archive_type type, size_t bytes,
                 void *data)
{
    const sg_archive_entry *entry = find_next(archive, name);
    if (entry && entry->type == type && entry->bytes == bytes)
        copy(data, entry->data, bytes);
    else
        blame(archive, name, entry, type, bytes);
}

/* The name with the prefixes around it. */
static void full_name(const sg_archive *archive, const char *name, char full[NAME_LENGTH])
{
    if (snprintf(full, NAME_LENGTH, "%s%s", archive->prefix, name) >= NAME_LENGTH)
        sg_misuse("archive: the name '%s%s' is too long", archive->prefix, name);
}

/* One array, in the direction of the mode. */
static void visit(sg_archive *archive, const char *name, sg_archive_type type, int rank,
                  const int64_t *dim, void *data, bool lent)
{
    char full[NAME_LENGTH];
    sg_error error;
    size_t bytes;
    full_name(archive, name, full);
    if (!count_bytes(type, rank, dim, &bytes))
        sg_misuse("archive: array '%s' has more values than fit into memory", full);
    if (archive->mode == SG_ARCHIVE_LOAD)
        load(archive, full, type, bytes, data);
    else if (!sg_archive_add(archive, full, type, rank, dim, data, lent, &error))
        mistake(archive, error.text);
}

/* count numbers in a row. */
static void visit_list(sg_archive *archive, const char *name, sg_archive_type type, size_t count,
                       void *data)
{
    visit(archive, name, type, 1, (int64_t[]){(int64_t)count}, data, false);
}

void sg_archive_f64(sg_archive *archive, const char *name, double *values, size_t count)
{
    visit_list(archive, name, SG_ARCHIVE_F64, count, values);
}

void sg_archive_i64(sg_archive *archive, const char *name, int64_t *values, size_t count)
{
    visit_list(archive, name, SG_ARCHIVE_I64, count, values);
}

void sg_archive_u64(sg_archive *archive, const char *name, uint64_t *values, size_t count)
{
    visit_list(archive, name, SG_ARCHIVE_U64, count, values);
}

void sg_archive_u8(sg_archive *archive, const char *name, void *bytes, size_t count)
{
    visit_list(archive, name, SG_ARCHIVE_U8, count, bytes);
}

void sg_archive_bool(sg_archive *archive, const char *name, bool *value)
{
    uint8_t byte = *value;
    sg_archive_u8(archive, name, &byte, 1);
    *value = byte != 0;
}

void sg_archive_int(sg_archive *archive, const char *name, int *value)
{
    sg_archive_ints(archive, name, value, 1, INT_MIN, INT_MAX);
}

/* Files hold 64 bits. The first number that is not allowed is told, and none is taken. */
void sg_archive_ints(sg_archive *archive, const char *name, int *values, size_t count, int low,
                     int high)
{
    int64_t wide[MOST_INTS];
    if (count > MOST_INTS)
        sg_misuse("sg_archive_ints: '%s' has %zu values, at most are %d", name, count, MOST_INTS);
    for (size_t i = 0; i < count; i++)
        wide[i] = values[i];
    sg_archive_i64(archive, name, wide, count);
    if (archive->mode == SG_ARCHIVE_SAVE)
        return;

    size_t fine = 0;
    while (fine < count && wide[fine] >= low && wide[fine] <= high)
        fine++;
    for (size_t i = 0; fine == count && i < count; i++)
        values[i] = (int)wide[i];
    if (fine < count && !archive->fault.text[0])
        sg_fail(&archive->fault, "array '%s%s' holds %" PRId64 "; allowed are %d to %d",
                archive->prefix, name, wide[fine], low, high);
}

void sg_archive_tensor(sg_archive *archive, const char *name, sg_dtype dtype, sg_shape shape,
                       void *values)
{
    int64_t dim[SG_MAX_RANK];
    for (int d = 0; d < shape.rank; d++)
        dim[d] = shape.dim[d];
    sg_archive_type type = dtype == SG_F32 ? SG_ARCHIVE_F32 : SG_ARCHIVE_F64;
    visit(archive, name, type, shape.rank, dim, values, archive->lends_tensors);
}

/* The whole stream as six words; saving puts back what was there. */
void sg_archive_random(sg_archive *archive, const char *name, sg_random *random)
{
    uint64_t words[] = {random->state[0],     random->state[1],  random->increment[0],
                        random->increment[1], random->has_spare, random->spare};
    sg_archive_u64(archive, name, words, sizeof words / sizeof *words);
    *random = (sg_random){.state = {words[0], words[1]},
                          .increment = {words[2], words[3]},
                          .has_spare = (uint32_t)words[4],
                          .spare = (uint32_t)words[5]};
}

bool sg_archive_ok(const sg_archive *archive, sg_error *error)
{
    return !archive->fault.text[0] || sg_fail(error, "%s", archive->fault.text);
}
