/* runs.c - small training runs for tests, and whether two of them ended the same. */
#define _GNU_SOURCE /* memmem */
#include "tests/training/runs.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rl/training/checkpoint.h"
#include "rl/training/safetensors.h"
#include "tests/training/scratch.h"

sg_experiment runs_small(uint64_t seed, int64_t steps)
{
    return runs_of("avg", "Pendulum-v1", "hidden=16", seed, steps);
}

sg_experiment runs_of(const char *algorithm, const char *environment, const char *set,
                      uint64_t seed, int64_t steps)
{
    sg_error error;
    sg_experiment run = sg_experiment_default();

    run.algorithm = sg_algorithm_find(algorithm, &error);
    cr_assert_not_null(run.algorithm, "%s", error.text);
    run.environment = strdup(environment);
    run.config = sg_algorithm_config(run.algorithm, run.environment, &set, 1, &error);
    cr_assert_not_null(run.config, "%s", error.text);
    run.seed = seed;
    run.steps = steps;
    return run;
}

void runs_train(const sg_experiment *run, const char *folder, sg_folder_mode mode,
                int64_t checkpoint_every)
{
    sg_error error = {""};
    sg_train_config config = sg_train_config_default(run, folder);
    config.mode = mode;
    config.checkpoint_every = checkpoint_every;
    config.checkpoint_seconds = INFINITY;
    config.quiet = true;
    cr_assert_eq(sg_train(&config, &error), SG_TRAIN_DONE, "%s", error.text);
}

const char *runs_train_whole(const char *folder, const char *name)
{
    sg_experiment run = runs_small(3, RUNS_STEPS);
    const char *path = scratch_path(folder, name);
    runs_train(&run, path, SG_FOLDER_NEW, 0);
    sg_experiment_release(&run);
    return path;
}

/* ---- comparing ---- */

char *runs_episodes(const char *folder)
{
    size_t size;
    char *text = scratch_read(scratch_path(folder, SG_EPISODES_FILE), &size);
    char *to = text;

    for (char *line = text; *line;) {
        char *end = strchr(line, '\n');
        cr_assert_not_null(end, "the last row is not complete");
        *end = '\0';
        char *comma = strrchr(line, ',');
        cr_assert_not_null(comma);
        memmove(to, line, (size_t)(comma - line));
        to += comma - line;
        *to++ = '\n';
        line = end + 1;
    }
    *to = '\0';
    return text;
}

/* Time, and file positions behind a column of times, differ from run to run. */
static bool may_differ(const char *name)
{
    return strcmp(name, "loop/seconds") == 0 || strstr(name, "/bytes") != NULL ||
           strstr(name, "/crc32c") != NULL;
}

static sg_archive *open_checkpoint(const char *folder)
{
    sg_error error;
    sg_archive *archive = sg_safetensors_read(scratch_path(folder, SG_CHECKPOINT_FILE), &error);
    cr_assert_not_null(archive, "%s", error.text);
    return archive;
}

static void assert_same_state(const char *folder, const char *other)
{
    sg_archive *a = open_checkpoint(folder), *b = open_checkpoint(other);
    const sg_archive_entry *entry;

    cr_assert_eq(sg_archive_count(a), sg_archive_count(b));
    cr_assert(sg_archive_count(a) > 20);
    for (size_t i = 0; (entry = sg_archive_at(a, i)); i++) {
        const sg_archive_entry *twin = sg_archive_find(b, entry->name);
        cr_assert(twin && twin->bytes == entry->bytes, "%s", entry->name);
        if (may_differ(entry->name))
            continue;
        cr_assert(memcmp(twin->data, entry->data, entry->bytes) == 0, "%s differs", entry->name);
    }
    sg_archive_free(a);
    sg_archive_free(b);
}

/* The events of a folder but for their times, without speed and evaluations; *count tells how many
 * there are (free the text). An event is its length, a checksum, the data, a checksum; the data
 * begin with the time, 9 bytes. */
static char *scalars(const char *folder, size_t *size, int *count)
{
    size_t file_size, at = 0;
    char *file = scratch_read(scratch_path(folder, SG_EVENTS_FILE), &file_size), *to = file;
    *count = 0;
    while (at < file_size) {
        uint64_t length;
        memcpy(&length, file + at, 8);
        cr_assert(length > 9 && at + 16 + length <= file_size, "an event is not complete");
        const char *data = file + at + 12 + 9;
        size_t rest = length - 9;
        at += 16 + length;
        if (memmem(data, rest, "charts/SPS", 10) || memmem(data, rest, "eval/", 5))
            continue;
        memmove(to, data, rest);
        to += rest;
        ++*count;
    }
    *size = (size_t)(to - file);
    return file;
}

void runs_assert_same_scalars(const char *folder, const char *other)
{
    size_t size, other_size;
    int count, other_count;
    char *a = scalars(folder, &size, &count), *b = scalars(other, &other_size, &other_count);
    cr_assert(count > 5, "%d scalars", count);
    cr_assert(count == other_count && size == other_size && memcmp(a, b, size) == 0,
              "scalars differ: %d and %d of them", count, other_count);
    free(a);
    free(b);
}

void runs_assert_same(const char *folder, const char *other)
{
    char *episodes = runs_episodes(folder), *others = runs_episodes(other);
    cr_assert(strlen(episodes) > strlen("step,episode,return,length\n"), "no episode to compare");
    cr_assert_str_eq(episodes, others);
    free(episodes);
    free(others);
    assert_same_state(folder, other);
}
