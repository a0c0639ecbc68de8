/* scratch.c - a folder for one test, and small help with files. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "tests/training/scratch.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rl/training/files.h"

char *scratch_make(void)
{
    char *folder = strdup("/tmp/streamgrad-test-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    return folder;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info, (void)kind, (void)at;
    return remove(path);
}

void scratch_remove(char *folder)
{
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(folder);
}

const char *scratch_path(const char *folder, const char *name)
{
    static char paths[64][256];
    static int next;
    char *path = paths[next++ % 64];
    int length = snprintf(path, sizeof *paths, "%s/%s", folder, name);
    cr_assert(length < (int)sizeof *paths);
    return path;
}

char *scratch_read(const char *path, size_t *size)
{
    char *data;
    sg_error error;
    cr_assert(sg_file_read(path, &data, size, &error), "%s", error.text);
    return data;
}

void scratch_write(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(data, 1, size, file), size);
    cr_assert_eq(fclose(file), 0);
}

void scratch_limit_files(rlim_t bytes)
{
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}
