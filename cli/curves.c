/* curves.c - learning curves: episodes of each run smoothed onto a grid of steps, then averaged. */
#include "cli/curves.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "envs/plugin_file.h"
#include "rl/training/checkpoint.h"
#include "rl/training/records_find.h"
#include "rl/training/tables.h"

/* Episodes are averaged over this share of the curve's length. */
static const double WINDOW = 0.025;
/* Larger returns have squares that are not finite. */
static const double LARGEST = 1e150;

/* ---- one run ---- */

typedef struct {
    double step, episode_return;
} episode;

typedef struct {
    const char *folder;
    sg_experiment experiment;
    char id[SG_HASH_DIGITS + 1];
    episode *episodes;
    int count;
    int group;
} run_record;

/* The array doubles: few copies, whatever the length. */
static void add_episode(run_record *run, const sg_episode_record *row, int *capacity)
{
    if (run->count == *capacity) {
        *capacity = *capacity ? 2 * *capacity : 256;
        run->episodes = realloc(run->episodes, (size_t)*capacity * sizeof(episode));
        if (!run->episodes)
            sg_out_of_memory("out of memory while reading %s", run->folder);
    }
    run->episodes[run->count++] = (episode){(double)row->step, row->episode_return};
}

/* A last row without its line end was being written, and is left out. */
static bool parse_rows(run_record *run, const char *text, size_t size, const char *path, bool known,
                       sg_error *error)
{
    sg_table table;
    sg_episode_record row;
    sg_table_outcome outcome;
    int capacity = 0;

    if (!sg_table_open(&table, path, text, size, SG_EPISODES_HEADER, error))
        return false;
    table.most = run->experiment.steps;
    table.limit = "the run's";
    table.gaps = known;
    while ((outcome = sg_table_episode(&table, &row, error)) == SG_TABLE_ROW) {
        if (fabs(row.episode_return) > LARGEST)
            return sg_fail(error,
                           "%.300s: line %" PRId64 ": a return of %g is too large to be drawn",
                           path, table.line, row.episode_return);
        add_episode(run, &row, &capacity);
    }
    return outcome == SG_TABLE_END;
}

/* Episodes count only where a checkpoint says whose they are. It is read before them: they may grow
 * meanwhile. */
static bool read_episodes(run_record *run, const char *path, sg_error *error)
{
    char *text;
    size_t size;
    sg_record_positions positions;
    sg_error fault;
    bool saved = sg_checkpoint_exists(run->folder);

    if (saved && !sg_checkpoint_positions(run->folder, &run->experiment, &positions, error))
        return false;
    if (!sg_file_read(path, &text, &size, error))
        return false;
    bool known = saved && sg_records_known(path, text, size, &positions.episodes, &fault);
    /* A row that is wrong says more than a length or sum that is. */
    bool ok = parse_rows(run, text, size, path, known || !saved, error);
    free(text);
    if (ok && saved && !known)
        return sg_fail(error, "%s", fault.text);
    if (ok && !saved && run->count > 0)
        return sg_fail(error,
                       "%.300s has episodes but no " SG_CHECKPOINT_FILE
                       " that tells that they are of this run",
                       run->folder);
    return ok;
}

/* What a folder trained, and how its episodes went. */
static bool read_run(run_record *run, const char *folder, sg_error *error)
{
    char path[SG_PATH_SIZE];

    if (!sg_experiment_read(&run->experiment, folder, error))
        return false;
    sg_experiment_id(&run->experiment, run->id);
    return sg_path_join(path, folder, SG_EPISODES_FILE, error) && read_episodes(run, path, error);
}

/* Also after a failed read. */
static void release_run(run_record *run)
{
    sg_experiment_release(&run->experiment);
    free(run->episodes);
}

/* Mean return of the episodes that ended in (step - width, step], or of the last one before; NaN
 * while none has ended. */
static double smoothed(const run_record *run, double step, double width)
{
    double sum = 0;
    int count = 0, last = -1;
    for (int i = 0; i < run->count && run->episodes[i].step <= step; i++) {
        /* Episodes are in the order of their ends. */
        last = i;
        if (run->episodes[i].step <= step - width)
            continue;
        sum += run->episodes[i].episode_return;
        count++;
    }
    if (count > 0)
        return sum / count;
    return last >= 0 ? run->episodes[last].episode_return : NAN;
}

/* ---- a group ---- */

/* As far as all of the group's runs have come. */
static double common_length(const run_record *runs, int run_count, int group)
{
    double length = INFINITY;
    for (int i = 0; i < run_count; i++) {
        if (runs[i].group == group)
            length = fmin(length, runs[i].episodes[runs[i].count - 1].step);
    }
    return length;
}

/* False where a run has no episode yet. */
static bool average(const run_record *runs, int run_count, int group, double width,
                    sg_curve_point *point)
{
    double mean = 0, squares = 0; /* Welford */
    int count = 0;
    for (int i = 0; i < run_count; i++) {
        if (runs[i].group != group)
            continue;
        /* A NaN from any run makes the mean NaN. */
        double value = smoothed(&runs[i], point->step, width);
        double off = value - mean;
        mean += off / ++count;
        squares += off * (value - mean);
    }
    point->mean = mean;
    point->sd = count > 1 ? sqrt(squares / (count - 1)) : 0;
    return !isnan(mean);
}

/* The group's curve on an even grid, from the first step at which all runs have an episode. */
static void draw_points(sg_curve_group *group, const run_record *runs, int run_count, int index)
{
    double length = common_length(runs, run_count, index);
    for (int i = 1; i <= SG_CURVE_POINTS; i++) {
        sg_curve_point *point = &group->points[group->count];
        point->step = length * i / SG_CURVE_POINTS;
        /* Points without a value are left out. */
        if (average(runs, run_count, index, length * WINDOW, point))
            group->count++;
    }
}

/* ---- labels ---- */

static void append(char label[SG_LABEL_SIZE], const char *format, ...) SG_PRINTF(2, 3);

static void append(char label[SG_LABEL_SIZE], const char *format, ...)
{
    va_list arguments;
    size_t used = strlen(label);
    va_start(arguments, format);
    vsnprintf(label + used, SG_LABEL_SIZE - used, format, arguments);
    va_end(arguments);
}

/* True if some run of the same algorithm on the same environment has another value. */
static bool varies(const sg_setting *setting, const run_record *run, const run_record *runs,
                   int run_count)
{
    char mine[64], other[64];
    sg_settings_text(setting, run->experiment.config, mine);
    for (int i = 0; i < run_count; i++) {
        const sg_experiment *one = &runs[i].experiment;
        if (one->algorithm != run->experiment.algorithm)
            continue;
        if (strcmp(one->environment, run->experiment.environment) != 0)
            continue;
        if (strcmp(mine, sg_settings_text(setting, one->config, other)) != 0)
            return true;
    }
    return false;
}

/* Names the algorithm, the environment, and the settings by which groups differ. */
static void write_label(sg_curve_group *group, const run_record *run, const run_record *runs,
                        int run_count)
{
    const sg_experiment *experiment = &run->experiment;
    const sg_settings *settings = &experiment->algorithm->settings;
    char text[64], *options = sg_experiment_brief_options(experiment);

    sg_plugin_label(experiment->environment, text);
    append(group->label, "%s %s", experiment->algorithm->name, text);
    /* What most runs do not have is named only where it is there. */
    if (experiment->environment_options)
        append(group->label, " %s", options);
    free(options);
    if (experiment->dtype == SG_F64)
        append(group->label, " float64");
    for (int i = 0; i < settings->count; i++) {
        const sg_setting *setting = &settings->items[i];
        if (!varies(setting, run, runs, run_count))
            continue;
        append(group->label, " %s=%s", setting->name,
               sg_settings_text(setting, experiment->config, text));
    }
    append(group->label, ", %d run%s", group->runs, group->runs == 1 ? "" : "s");
}

/* ---- all ---- */

/* The group of a run, made if it is the first of its kind. */
static int find_group(sg_curve_group *groups, int *count, const char *id)
{
    for (int i = 0; i < *count; i++) {
        if (strcmp(groups[i].id, id) == 0)
            return i;
    }
    snprintf(groups[*count].id, sizeof groups->id, "%s", id);
    return (*count)++;
}

/* Sorts the runs into groups, then draws each group's curve. */
static void make_groups(sg_curve_group *groups, int *count, run_record *runs, int run_count)
{
    for (int i = 0; i < run_count; i++) {
        runs[i].group = find_group(groups, count, runs[i].id);
        groups[runs[i].group].runs++;
    }
    for (int g = 0; g < *count; g++) {
        /* Any run of the group can name it. */
        int first = 0;
        while (runs[first].group != g)
            first++;
        write_label(&groups[g], &runs[first], runs, run_count);
        draw_points(&groups[g], runs, run_count, g);
    }
}

/* By another path, too. */
static bool same_folder(const char *one, const char *other)
{
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static bool named_before(const char *const *folders, int index)
{
    for (int i = 0; i < index; i++) {
        if (same_folder(folders[i], folders[index]))
            return true;
    }
    return false;
}

/* Folders that are named once; stops at the first that cannot be read. */
static bool read_all(run_record *runs, int *run_count, const char *const *folders, int folder_count,
                     sg_error *error)
{
    for (int i = 0; i < folder_count; i++) {
        if (named_before(folders, i))
            continue;
        run_record *run = &runs[(*run_count)++];
        run->folder = folders[i];
        if (!read_run(run, folders[i], error))
            return false;
    }
    return true;
}

/* Runs without an episode go, and are told, if there are others. */
static bool drop_empty(run_record *runs, int *run_count, sg_curve_warning *warn, sg_error *error)
{
    int kept = 0, count = *run_count;
    for (int i = 0; i < count; i++)
        kept += runs[i].count > 0;
    if (kept == 0) {
        return sg_fail(error, "%.300s has no finished episode%s", runs[0].folder,
                       count > 1 ? ", nor has any other run" : "");
    }
    *run_count = 0;
    for (int i = 0; i < count; i++) {
        sg_error line;
        if (runs[i].count > 0) {
            runs[(*run_count)++] = runs[i];
            continue;
        }
        sg_fail(&line, "%.300s has no finished episode; it is left out", runs[i].folder);
        warn(&line);
        release_run(&runs[i]);
    }
    return true;
}

/* Nothing is drawn unless every folder can be read. */
sg_curve_group *sg_curves_read(const char *const *folders, int folder_count, int *count,
                               sg_curve_warning *warn, sg_error *error)
{
    run_record *runs = sg_alloc((size_t)folder_count * sizeof *runs);
    sg_curve_group *groups = NULL;
    int run_count = 0;

    *count = 0;
    /* At most as many groups as runs. */
    if (read_all(runs, &run_count, folders, folder_count, error) &&
        drop_empty(runs, &run_count, warn, error)) {
        groups = sg_alloc((size_t)run_count * sizeof *groups);
        make_groups(groups, count, runs, run_count);
    }
    for (int i = 0; i < run_count; i++)
        release_run(&runs[i]);
    free(runs);
    return groups;
}
