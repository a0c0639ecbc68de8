/* experiment_files.c - the files that an environment is made of: a plugin, a model. Both are found
 * again from any folder, and known if they changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/mujoco/models.h"
#include "envs/options.h"
#include "envs/plugin_file.h"
#include "rl/training/experiment.h"

/* ---- contents ---- */

/* "" if it cannot be read. */
static bool hash_file(const char *path, char hash[SG_HASH_DIGITS + 1], sg_error *error)
{
    char *content;
    size_t size;
    hash[0] = '\0';
    if (!sg_file_read(path, &content, &size, error))
        return false;
    sg_hash(content, size, hash);
    free(content);
    return true;
}

/* ---- plugins ---- */

bool sg_experiment_set_environment(sg_experiment *run, const char *id, sg_error *error)
{
    char *full = sg_plugin_full_id(id);
    free(run->environment);
    run->environment = full;
    run->plugin_hash[0] = '\0';
    return !sg_plugin_is_path(full) || hash_file(full, run->plugin_hash, error);
}

bool sg_experiment_move_environment(sg_experiment *run, const char *id, sg_error *error)
{
    sg_experiment other = {0};
    bool ok = sg_experiment_set_environment(&other, id, error);
    bool plugins = run->plugin_hash[0] && other.plugin_hash[0];
    bool same = plugins ? strcmp(run->plugin_hash, other.plugin_hash) == 0
                        : ok && strcmp(run->environment, other.environment) == 0;
    if (ok && !same) {
        ok = sg_fail(error, "%.150s is not the environment of the run, %.150s", id,
                     run->environment);
    }
    /* the name is all that changes */
    if (ok) {
        char *before = run->environment;
        run->environment = other.environment;
        other.environment = before;
    }
    sg_experiment_release(&other);
    return ok;
}

/* ---- models ---- */

/* The options' text around the name of a model that is a file. */
typedef struct {
    int before; /* bytes in front of it */
    char path[SG_PATH_SIZE];
    const char *after;
} model_place;

/* False if the options name no such file. */
static bool find_model(const char *options, model_place *place)
{
    size_t length;
    const char *value = sg_options_value(options, SG_MUJOCO_MODEL, &length);
    if (!value || length == 0 || length >= sizeof place->path || !sg_mujoco_is_path(value))
        return false;
    snprintf(place->path, sizeof place->path, "%.*s", (int)length, value);
    place->before = (int)(value - options);
    place->after = value + length;
    return true;
}

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(sg_alloc(size), text, size);
}

/* The options with another name in that place (free it). */
static char *put_model(const char *options, const model_place *place, const char *name)
{
    size_t size = strlen(options) + strlen(name) + 1;
    char *text = sg_alloc(size);
    snprintf(text, size, "%.*s%s%s", place->before, options, name, place->after);
    return text;
}

/* A path that options cannot have stays as it is: it holds a comma, or is too long. */
static bool find_full(const model_place *place, char full[SG_PATH_SIZE], sg_error *error)
{
    char plain[SG_PATH_SIZE];
    const char *from = plain;
    sg_mujoco_plain_path(place->path, plain, sizeof plain);
    while (strncmp(from, "./", 2) == 0)
        from += 2 + strspn(from + 2, "/");
    if (!sg_path_absolute(full, from, error))
        return false;
    if (strchr(full, ',') || strlen(full) >= SG_OPTION_STRING_SIZE)
        strcpy(full, place->path);
    return true;
}

bool sg_experiment_set_options(sg_experiment *run, const char *options, sg_error *error)
{
    char full[SG_PATH_SIZE];
    model_place place;
    bool model = find_model(options, &place);
    if (model && !find_full(&place, full, error))
        return false;
    free(run->environment_options);
    run->environment_options = model ? put_model(options, &place, full) : NULL;
    if (options && !model)
        run->environment_options = copy_text(options);
    /* What cannot be read is told when the environment is made. */
    run->model_hash[0] = '\0';
    if (model)
        hash_file(full, run->model_hash, NULL);
    return true;
}

char *sg_experiment_brief_options(const sg_experiment *run)
{
    const char *options = run->environment_options ? run->environment_options : "";
    model_place place;
    if (!run->model_hash[0] || !find_model(options, &place))
        return copy_text(options);
    return put_model(options, &place, sg_path_name(place.path));
}

/* The same text but for the folder, and the same content. */
static bool same_options(const sg_experiment *run, const sg_experiment *other)
{
    char *ours = sg_experiment_brief_options(run), *theirs = sg_experiment_brief_options(other);
    bool same = strcmp(ours, theirs) == 0 && strcmp(run->model_hash, other->model_hash) == 0;
    free(ours);
    free(theirs);
    return same;
}

bool sg_experiment_move_options(sg_experiment *run, const char *options)
{
    const char *ours = run->environment_options ? run->environment_options : "";
    sg_experiment other = {0};
    if (strcmp(ours, options) == 0)
        return true;
    bool ok = sg_experiment_set_options(&other, options, NULL);
    bool text = ok && strcmp(ours, other.environment_options) == 0;
    bool moved = ok && !text && same_options(run, &other);
    if (moved) {
        char *before = run->environment_options;
        run->environment_options = other.environment_options;
        other.environment_options = before;
    }
    sg_experiment_release(&other);
    return text || moved;
}

/* ---- changes ---- */

static bool has_changed(const char *path, const char *hash)
{
    char now[SG_HASH_DIGITS + 1];
    return hash[0] && hash_file(path, now, NULL) && strcmp(now, hash) != 0;
}

bool sg_experiment_changed(const sg_experiment *run)
{
    char plain[SG_PATH_SIZE];
    model_place place;
    if (has_changed(run->environment, run->plugin_hash))
        return true;
    if (!find_model(run->environment_options, &place))
        return false;
    sg_mujoco_plain_path(place.path, plain, sizeof plain);
    return has_changed(plain, run->model_hash);
}
