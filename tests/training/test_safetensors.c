/* test_safetensors.c - archives on disk: the round trip, and every kind of damage refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rl/training/safetensors.h"
#include "tests/training/scratch.h"

/* Every type, odd sizes, and a name that needs escapes. */
static void visit(sg_archive *archive, float *weights, double *numbers, int64_t *whole,
                  uint64_t *bits, bool *flag)
{
    sg_archive_bool(archive, "flag", flag);
    sg_archive_enter(archive, "net");
    sg_archive_tensor(archive, "weight", SG_F32, sg_matrix(3, 5), weights);
    sg_archive_leave(archive);
    sg_archive_f64(archive, "a \"quoted\" \\ name", numbers, 3);
    sg_archive_i64(archive, "whole", whole, 1);
    sg_archive_u64(archive, "bits", bits, 2);
}

static void write_sample(const char *path)
{
    float weights[15];
    double numbers[3] = {0.1, -0.0, 1e-310};
    int64_t whole = INT64_MIN;
    uint64_t bits[2] = {UINT64_MAX, 1};
    bool flag = true;
    sg_error error;

    for (int i = 0; i < 15; i++)
        weights[i] = (float)i / 7;
    sg_archive *archive = sg_archive_new();
    visit(archive, weights, numbers, &whole, bits, &flag);
    cr_assert(sg_safetensors_write(path, archive, &error), "%s", error.text);
    sg_archive_free(archive);
}

/* True if the file is refused with a line that names it. */
static bool refused(const char *path, sg_error *error)
{
    error->text[0] = '\0';
    sg_archive *archive = sg_safetensors_read(path, error);
    if (archive)
        sg_archive_free(archive);
    return !archive && strstr(error->text, path);
}

Test(safetensors, round_trip_keeps_every_bit)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "a.safetensors");
    float weights[15] = {0};
    double numbers[3] = {0};
    int64_t whole = 0;
    uint64_t bits[2] = {0};
    bool flag = false;
    sg_error error;

    write_sample(path);
    sg_archive *archive = sg_safetensors_read(path, &error);
    cr_assert_not_null(archive, "%s", error.text);
    visit(archive, weights, numbers, &whole, bits, &flag);
    cr_assert(sg_archive_ok(archive, &error), "%s", error.text);
    for (int i = 0; i < 15; i++)
        cr_assert(weights[i] == (float)i / 7);
    cr_assert(numbers[0] == 0.1 && numbers[1] == 0 && 1 / numbers[1] < 0 && numbers[2] == 1e-310);
    cr_assert(whole == INT64_MIN && bits[0] == UINT64_MAX && bits[1] == 1 && flag);

    const sg_archive_entry *weight = sg_archive_find(archive, "net/weight");
    cr_assert(weight && weight->rank == 2 && weight->dim[0] == 3 && weight->dim[1] == 5);
    sg_archive_free(archive);
    scratch_remove(folder);
}

Test(safetensors, the_same_archive_gives_the_same_bytes)
{
    char *folder = scratch_make();
    size_t first_size, second_size;
    write_sample(scratch_path(folder, "1"));
    write_sample(scratch_path(folder, "2"));
    char *first = scratch_read(scratch_path(folder, "1"), &first_size);
    char *second = scratch_read(scratch_path(folder, "2"), &second_size);
    cr_assert(first_size == second_size && memcmp(first, second, first_size) == 0);
    free(first);
    free(second);
    scratch_remove(folder);
}

Test(safetensors, any_flipped_bit_is_found)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "a.safetensors");
    size_t size;
    sg_error error;

    write_sample(path);
    char *good = scratch_read(path, &size);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        good[bit / 8] ^= (char)(1 << bit % 8);
        scratch_write(path, good, size);
        cr_assert(refused(path, &error), "bit %zu of byte %zu: '%s'", bit % 8, bit / 8, error.text);
        good[bit / 8] ^= (char)(1 << bit % 8);
    }
    free(good);
    scratch_remove(folder);
}

Test(safetensors, any_truncation_and_any_tail_is_found)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "a.safetensors");
    size_t size;
    sg_error error;

    write_sample(path);
    char *good = scratch_read(path, &size);
    for (size_t length = 0; length < size; length++) {
        scratch_write(path, good, length);
        cr_assert(refused(path, &error), "%zu of %zu bytes: '%s'", length, size, error.text);
    }
    scratch_write(path, good, size + 1); /* the '\0' that scratch_read puts there */
    cr_assert(refused(path, &error));
    cr_assert(strstr(error.text, "bytes follow the last array"), "%s", error.text);
    free(good);
    scratch_remove(folder);
}

/* Headers that are read but promise what is not so; 8 bytes of data follow each. */
static const struct {
    const char *arrays, *told;
} lies[] = {
    {",\"x\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]}", "cut off"},
    {",\"x\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,8]}", "bad shape"},
    {",\"x\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[8,0]}", "bad shape"},
    {",\"x\":{\"dtype\":\"F64\",\"shape\":[-1],\"data_offsets\":[0,8]}", "bad shape"},
    {",\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}", "bad shape"},
    {",\"x\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}",
     "bad shape"},
    {",\"x\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,8],\"data_offsets\":[0,8]}", "bad shape"},
    {",\"x\":{\"dtype\":\"U8\",\"shape\":8,\"data_offsets\":[0,8]}", "bad shape"},
    {",\"x\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[0,8]}", "type BF16"},
    {",\"x\":{\"shape\":[4],\"data_offsets\":[0,8]}", "type none"},
    {",\"x\":7", "type none"},
    {",\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}", "bytes follow"},
    {",\"x\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}", "checksum"},
    {",\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"x\":{\"dtype\":\"U8\","
     "\"shape\":[4],\"data_offsets\":[4,8]}",
     "header cannot be read"},
    {",\"x\":", "header cannot be read"},
};

static void write_lie(const char *path, const char *metadata, const char *arrays)
{
    char file[1024] = {0};
    int length =
        snprintf(file + 8, sizeof file - 16,
                 "{\"__metadata__\":{\"checksum\":\"0123456789abcdef\"%s}%s}", metadata, arrays);
    uint64_t header = (uint64_t)length;
    memcpy(file, &header, 8);
    scratch_write(path, file, 8 + (size_t)length + 8);
}

Test(safetensors, headers_that_lie_are_found)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "a.safetensors");
    sg_error error;

    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        write_lie(path, ",\"format\":\"" SG_CHECKPOINT_FORMAT "\"", lies[i].arrays);
        cr_assert(refused(path, &error), "%s", lies[i].arrays);
        cr_assert(strstr(error.text, lies[i].told), "'%s' for %s", error.text, lies[i].arrays);
    }
    write_lie(path, ",\"format\":\"99\"", "");
    cr_assert(refused(path, &error) && strstr(error.text, "format 99"), "%s", error.text);
    write_lie(path, "", "");
    cr_assert(refused(path, &error) && strstr(error.text, "format (none)"), "%s", error.text);
    scratch_remove(folder);
}

Test(safetensors, other_files_are_refused)
{
    char *folder = scratch_make();
    sg_error error;
    char foreign[] =
        "\x40\0\0\0\0\0\0\0{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}     "
        "                               ";
    scratch_write(scratch_path(folder, "foreign"), foreign, sizeof foreign);
    cr_assert(refused(scratch_path(folder, "foreign"), &error));
    cr_assert(strstr(error.text, "not a streamgrad checkpoint"), "%s", error.text);
    cr_assert(refused(scratch_path(folder, "missing"), &error));
    cr_assert(refused(folder, &error), "a folder was read");
    scratch_remove(folder);
}

Test(safetensors, a_failed_write_leaves_the_old_file)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "a.safetensors");
    size_t size, after_size;
    sg_error error;
    sg_archive *archive = sg_archive_new();

    write_sample(path);
    char *before = scratch_read(path, &size);
    /* The temporary file cannot be made: a folder is in its place. */
    cr_assert_eq(mkdir(scratch_path(folder, "a.safetensors.tmp"), 0700), 0);
    cr_assert_not(sg_safetensors_write(path, archive, &error));
    cr_assert(strstr(error.text, path), "%s", error.text);
    char *after = scratch_read(path, &after_size);
    cr_assert(after_size == size && memcmp(before, after, size) == 0);
    free(before);
    free(after);
    cr_assert_not(sg_safetensors_write(scratch_path(folder, "no/such/folder"), archive, &error));
    sg_archive_free(archive);
    scratch_remove(folder);
}
