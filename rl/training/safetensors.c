/* safetensors.c - an archive as a safetensors file, with a checksum over all of it. */
#include "rl/training/safetensors.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rl/training/files.h"
#include "rl/training/hash.h"

/* The beginning of every file: the header's length, then this text, then the checksum's digits. */
static const char OPENING[] = "{\"__metadata__\":{\"checksum\":\"";
enum {
    LENGTH_SIZE = 8,
    CHECKSUM_AT = LENGTH_SIZE + sizeof OPENING - 1,
    CHECKSUM_END = CHECKSUM_AT + SG_HASH_DIGITS
};

/* In the order of sg_archive_type. */
static const char *const TYPE_NAMES[] = {"F32", "F64", "I64", "U64", "U8"};
enum { TYPE_COUNT = sizeof TYPE_NAMES / sizeof *TYPE_NAMES };

/* ---- writing ---- */

/* Arrays lie in the order of their element size, largest first, so that each is aligned. */
static const size_t ELEMENT_SIZES[] = {8, 4, 1};
enum { PASSES = sizeof ELEMENT_SIZES / sizeof *ELEMENT_SIZES };

/* Each array is in exactly one pass. */
static bool in_pass(const sg_archive_entry *entry, int pass)
{
    return sg_archive_type_size(entry->type) == ELEMENT_SIZES[pass];
}

/* A string with JSON's escapes and quotes. */
static void print_quoted(FILE *out, const char *text)
{
    json_t *string = json_stringn_nocheck(text, strlen(text));
    json_dumpf(string, out, JSON_ENCODE_ANY);
    json_decref(string);
}

/* ,"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]} */
static void print_entry(FILE *out, const sg_archive_entry *entry, size_t offset)
{
    fputc(',', out);
    print_quoted(out, entry->name);
    fprintf(out, ":{\"dtype\":\"%s\",\"shape\":[", TYPE_NAMES[entry->type]);
    for (int i = 0; i < entry->rank; i++)
        fprintf(out, "%s%" PRId64, i ? "," : "", entry->dim[i]);
    fprintf(out, "],\"data_offsets\":[%zu,%zu]}", offset, offset + entry->bytes);
}

/* The header's text, padded with blanks to a multiple of 8. */
static char *make_header(const sg_archive *archive, size_t *header_size)
{
    char *text = NULL;
    size_t data_size = 0;
    FILE *out = open_memstream(&text, header_size);
    if (!out)
        return NULL;

    /* The digits are zeros until the checksum is known. */
    fprintf(out,
            "%s%0*d\",\"format\":\"" SG_CHECKPOINT_FORMAT
            "\",\"program\":\"streamgrad " STREAMGRAD_VERSION "\"}",
            OPENING, SG_HASH_DIGITS, 0);
    /* Offsets grow in the order in which the arrays will lie. */
    for (int pass = 0; pass < PASSES; pass++) {
        for (size_t i = 0; i < sg_archive_count(archive); i++) {
            const sg_archive_entry *entry = sg_archive_at(archive, i);
            if (!in_pass(entry, pass))
                continue;
            print_entry(out, entry, data_size);
            data_size += entry->bytes;
        }
    }
    fputc('}', out);
    /* Blanks at the end are part of the format. */
    while (ftell(out) % LENGTH_SIZE != 0)
        fputc(' ', out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* The pieces of a file: what stands before the checksum's digits, these, what follows them in the
 * header, and the arrays. */
enum { LENGTH, BEFORE, DIGITS, AFTER, ARRAYS };

/* In the same order in which the header lists them. Returns the number of all pieces. */
static size_t add_arrays_to(sg_piece *pieces, const sg_archive *archive)
{
    size_t count = ARRAYS;
    for (int pass = 0; pass < PASSES; pass++)
        for (size_t i = 0; i < sg_archive_count(archive); i++) {
            const sg_archive_entry *entry = sg_archive_at(archive, i);
            if (in_pass(entry, pass))
                pieces[count++] = (sg_piece){entry->data, entry->bytes};
        }
    return count;
}

/* The checksum is that of everything but its own digits. */
static bool write_pieces(const char *path, const sg_archive *archive, const char *header,
                         size_t header_size, sg_piece *pieces, sg_error *error)
{
    char digits[SG_HASH_DIGITS + 1];
    uint64_t length = htole64(header_size);
    size_t before = sizeof OPENING - 1, after = before + SG_HASH_DIGITS;

    pieces[LENGTH] = (sg_piece){&length, LENGTH_SIZE};
    pieces[BEFORE] = (sg_piece){header, before};
    pieces[DIGITS] = (sg_piece){digits, 0};
    pieces[AFTER] = (sg_piece){header + after, header_size - after};
    size_t count = add_arrays_to(pieces, archive);
    sg_hash_pieces(pieces, count, digits);
    pieces[DIGITS].size = SG_HASH_DIGITS;
    return sg_file_replace_pieces(path, pieces, count, error);
}

/* Arrays are written from where they lie: a replay may be larger than the memory that is left. */
bool sg_safetensors_write(const char *path, const sg_archive *archive, sg_error *error)
{
    size_t header_size = 0;
    char *header = make_header(archive, &header_size);
    sg_piece *pieces = malloc((ARRAYS + sg_archive_count(archive)) * sizeof *pieces);
    bool ok = header && pieces ? write_pieces(path, archive, header, header_size, pieces, error)
                               : sg_fail(error, "out of memory while writing %.300s", path);
    free(pieces);
    free(header);
    return ok;
}

/* ---- reading ---- */

/* A file in memory, cut into its parts. */
typedef struct {
    const char *path;
    char *bytes;
    size_t size;
    size_t header_size;
    char *data;
    size_t data_size;
} file_view;

/* The line for a file that we wrote but that is not as we wrote it. */
static bool damaged(const file_view *file, const char *what, sg_error *error)
{
    return sg_fail(error, "%.300s is damaged: %s", file->path, what);
}

/* Finds the parts and sees that they can be there. */
static bool cut(file_view *file, sg_error *error)
{
    uint64_t length;
    if (file->size < CHECKSUM_END)
        return damaged(file, "it is too short to be a checkpoint", error);
    /* A damaged length may be any number; it must not lead out of the file. */
    memcpy(&length, file->bytes, LENGTH_SIZE);
    length = le64toh(length);
    if (length > file->size - LENGTH_SIZE) {
        return damaged(file, "its header is longer than the file (cut off?)", error);
    }
    /* Only our own files begin so. */
    if (memcmp(file->bytes + LENGTH_SIZE, OPENING, sizeof OPENING - 1) != 0) {
        return sg_fail(error, "%.300s is not a streamgrad checkpoint, or its beginning is damaged",
                       file->path);
    }
    if (length < CHECKSUM_END - LENGTH_SIZE)
        return damaged(file, "its header is too short", error);
    file->header_size = (size_t)length;
    file->data = file->bytes + LENGTH_SIZE + file->header_size;
    file->data_size = file->size - LENGTH_SIZE - file->header_size;
    return true;
}

/* "F32" to SG_ARCHIVE_F32, -1 for what we do not know. */
static int type_of(const char *name)
{
    for (int i = 0; i < TYPE_COUNT; i++) {
        if (strcmp(TYPE_NAMES[i], name) == 0)
            return i;
    }
    return -1;
}

/* An array of at most `limit` non-negative integers; their number, or -1. */
static int read_integers(const json_t *list, int64_t *numbers, int limit)
{
    if (!json_is_array(list) || json_array_size(list) > (size_t)limit)
        return -1;
    int count = (int)json_array_size(list);
    for (int i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, (size_t)i);
        if (!json_is_integer(item) || json_integer_value(item) < 0)
            return -1;
        numbers[i] = json_integer_value(item);
    }
    return count;
}

/* The bytes that a shape needs, or -1 when that overflows. */
static int64_t bytes_needed(int type, int rank, const int64_t *dim)
{
    int64_t bytes = (int64_t)sg_archive_type_size((sg_archive_type)type);
    for (int i = 0; i < rank; i++) {
        if (__builtin_mul_overflow(bytes, dim[i], &bytes))
            return -1;
    }
    return bytes;
}

/* Checks one array's entry and adds it. `end` is where the array before ended. */
static bool add_array(const file_view *file, const char *name, const json_t *entry, int64_t *end,
                      sg_archive *archive, sg_error *error)
{
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    int64_t dim[SG_MAX_RANK], place[2];
    int type = dtype ? type_of(dtype) : -1;
    int rank = read_integers(json_object_get(entry, "shape"), dim, SG_MAX_RANK);
    int places = read_integers(json_object_get(entry, "data_offsets"), place, 2);

    if (type < 0) {
        return sg_fail(error,
                       "%.200s is damaged: array '%.100s' is of type %.20s; known are F32, F64, "
                       "I64, U64, U8",
                       file->path, name, dtype ? dtype : "none");
    }
    /* Right after the array before, and as long as its shape says. */
    bool fits = rank >= 0 && places == 2 && place[0] == *end && place[1] >= place[0] &&
                place[1] - place[0] == bytes_needed(type, rank, dim);
    if (!fits) {
        return sg_fail(error, "%.200s is damaged: array '%.100s' has a bad shape or place",
                       file->path, name);
    }
    /* A truncated file ends in the middle of some array. */
    if ((uint64_t)place[1] > file->data_size) {
        return sg_fail(error, "%.200s is damaged: it is cut off in array '%.100s'", file->path,
                       name);
    }
    *end = place[1];
    return sg_archive_add(archive, name, (sg_archive_type)type, rank, dim, file->data + place[0],
                          true, error);
}

/* All arrays; they follow each other without holes and fill the file. */
static bool add_arrays(const file_view *file, json_t *header, sg_archive *archive, sg_error *error)
{
    int64_t end = 0;
    const char *name;
    json_t *entry;

    json_object_foreach(header, name, entry)
    {
        /* The one entry that is no array. */
        if (strcmp(name, "__metadata__") == 0)
            continue;
        if (!add_array(file, name, entry, &end, archive, error))
            return false;
    }
    if ((uint64_t)end != file->data_size)
        return damaged(file, "bytes follow the last array", error);
    return true;
}

/* A newer format is told as such, not as damage. */
static bool check_metadata(const file_view *file, const json_t *header, sg_error *error)
{
    const json_t *metadata = json_object_get(header, "__metadata__");
    const char *format = json_string_value(json_object_get(metadata, "format"));
    if (format && strcmp(format, SG_CHECKPOINT_FORMAT) == 0)
        return true;
    return sg_fail(error, "%.300s is of checkpoint format %.20s; this program reads format %s",
                   file->path, format ? format : "(none)", SG_CHECKPOINT_FORMAT);
}

/* Last, so that coarse damage gets a line that says more. */
static bool check_sum(const file_view *file, sg_error *error)
{
    char digits[SG_HASH_DIGITS + 1];
    const sg_piece around[] = {{file->bytes, CHECKSUM_AT},
                               {file->bytes + CHECKSUM_END, file->size - CHECKSUM_END}};
    sg_hash_pieces(around, 2, digits);
    if (memcmp(digits, file->bytes + CHECKSUM_AT, SG_HASH_DIGITS) == 0)
        return true;
    return damaged(file, "its checksum does not fit its content", error);
}

/* Everything is checked before the archive is used; the checksum only if all is to be read. */
static bool parse(file_view *file, bool whole, sg_archive *archive, sg_error *error)
{
    if (!cut(file, error))
        return false;
    /* A name twice would hide one of the arrays. */
    json_t *header =
        json_loadb(file->bytes + LENGTH_SIZE, file->header_size, JSON_REJECT_DUPLICATES, NULL);
    if (!header)
        return damaged(file, "its header cannot be read", error);

    bool ok = check_metadata(file, header, error) && add_arrays(file, header, archive, error) &&
              (!whole || check_sum(file, error));
    json_decref(header);
    return ok;
}

/* The archive keeps the file's memory, in which its arrays lie. */
sg_archive *sg_safetensors_read(const char *path, sg_error *error)
{
    file_view file = {.path = path};
    if (!sg_file_read(path, &file.bytes, &file.size, error))
        return NULL;

    sg_archive *archive = sg_archive_new();
    sg_archive_adopt(archive, file.bytes);
    bool ok = parse(&file, true, archive, error);
    /* Only a good archive is handed out. */
    if (ok) {
        sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
        return archive;
    }
    sg_archive_free(archive);
    return NULL;
}

/* ---- looking ---- */

/* The file's pages, which are read as they are touched. */
static bool map(file_view *file, sg_error *error)
{
    int descriptor = sg_file_open(file->path, &file->size, error);
    if (descriptor < 0)
        return false;
    bool empty = file->size == 0;
    void *bytes =
        empty ? MAP_FAILED : mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    int reason = errno;
    close(descriptor);
    if (empty)
        return damaged(file, "it is empty", error);
    file->bytes = bytes;
    return bytes != MAP_FAILED ||
           sg_fail(error, "cannot read %.300s: %s", file->path, strerror(reason));
}

/* Checkpoints are replaced as a whole, so the pages stay what they are. */
bool sg_safetensors_look(const char *path, void (*look)(sg_archive *archive, void *context),
                         void *context, sg_error *error)
{
    file_view file = {.path = path};
    if (!map(&file, error))
        return false;
    sg_archive *archive = sg_archive_new();
    bool ok = parse(&file, false, archive, error);
    if (ok) {
        sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
        look(archive, context);
    }
    sg_archive_free(archive);
    munmap(file.bytes, file.size);
    return ok;
}
