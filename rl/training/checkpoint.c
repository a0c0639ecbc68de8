/* checkpoint.c - the whole state of a training run in one file. */
#include "rl/training/checkpoint.h"

#include <math.h>
#include <string.h>

#include "rl/training/files.h"
#include "rl/training/safetensors.h"

/* One function for both directions, so that they cannot drift apart. `key` is the run's. */
static void visit(const sg_training_state *state, char key[SG_HASH_DIGITS + 1], sg_archive *archive)
{
    sg_archive_enter(archive, "agent");
    sg_agent_state(state->agent, archive);
    sg_archive_leave(archive);

    sg_archive_enter(archive, "env");
    sg_env_state(state->env, archive);
    sg_archive_leave(archive);

    sg_archive_enter(archive, "loop");
    /* Looking at a policy needs neither counters, metrics nor observation. */
    if (state->counters) {
        sg_counters_state(state->counters, archive);
        sg_agent_metrics_state(state->agent, archive);
    }
    if (state->obs)
        sg_archive_f64(archive, "obs", state->obs, (size_t)state->env->spec.obs_size);
    if (state->run)
        sg_archive_u8(archive, "run", key, SG_HASH_DIGITS);
    sg_archive_leave(archive);
}

/* ---- saving ---- */

/* Integers always are. */
static bool all_finite(const sg_archive_entry *entry)
{
    size_t count = entry->bytes / sg_archive_type_size(entry->type);
    const float *narrow = entry->data;
    const double *wide = entry->data;

    for (size_t i = 0; entry->type == SG_ARCHIVE_F32 && i < count; i++) {
        if (!isfinite(narrow[i]))
            return false;
    }
    for (size_t i = 0; entry->type == SG_ARCHIVE_F64 && i < count; i++) {
        if (!isfinite(wide[i]))
            return false;
    }
    return true;
}

/* An update may break the weights a step before the losses show it; such a state is never saved. */
bool sg_checkpoint_finite(const sg_archive *archive, sg_error *error)
{
    const sg_archive_entry *entry;
    for (size_t i = 0; (entry = sg_archive_at(archive, i)); i++) {
        if (strncmp(entry->name, "agent/", 6) != 0 || all_finite(entry))
            continue;
        return sg_fail(error, "%.200s is no longer finite", entry->name);
    }
    return true;
}

/* The archive keeps its memory, so that saving again allocates little. */
bool sg_checkpoint_save(const char *folder, const sg_training_state *state, sg_archive *archive,
                        sg_error *error)
{
    char path[SG_PATH_SIZE], key[SG_HASH_DIGITS + 1];
    if (!sg_path_join(path, folder, SG_CHECKPOINT_FILE, error))
        return false;
    if (state->run)
        sg_experiment_key(state->run, key);
    /* Everything is gathered and looked through before the file is touched. */
    sg_archive_rewind(archive);
    visit(state, key, archive);
    return sg_checkpoint_finite(archive, error) && sg_safetensors_write(path, archive, error);
}

/* ---- loading ---- */

/* Whether the key read is the run's; the same shapes alone do not make it that. */
static bool check_key(const sg_experiment *run, const char *key, const char *path, sg_error *error)
{
    char ours[SG_HASH_DIGITS + 1];
    if (!run)
        return true;
    sg_experiment_key(run, ours);
    return memcmp(key, ours, SG_HASH_DIGITS) == 0 ||
           sg_fail(error, "%.300s belongs to another run than " SG_RUN_FILE " beside it", path);
}

/* The file is checked as a whole before the first value is taken over. */
bool sg_checkpoint_load(const char *folder, const sg_training_state *state, sg_error *error)
{
    char path[SG_PATH_SIZE], key[SG_HASH_DIGITS + 1] = "";
    sg_error reason;

    if (!sg_path_join(path, folder, SG_CHECKPOINT_FILE, error))
        return false;
    /* The archive remembers the first array that is missing or of another size. */
    sg_archive *archive = sg_safetensors_read(path, error);
    if (!archive)
        return false;
    visit(state, key, archive);
    bool ok = sg_archive_ok(archive, &reason);
    sg_archive_free(archive);
    if (!ok)
        return sg_fail(error, "%.200s does not fit this run: %.280s", path, reason.text);
    return check_key(state->run, key, path, error);
}

/* What is looked for, and whether it was there. */
typedef struct {
    char key[SG_HASH_DIGITS + 1];
    sg_record_positions positions;
    bool found;
    sg_error reason;
} position_search;

static void find_positions(sg_archive *archive, void *context)
{
    position_search *search = context;
    sg_archive_enter(archive, "loop");
    sg_record_positions_state(&search->positions, archive);
    sg_archive_u8(archive, "run", search->key, SG_HASH_DIGITS);
    sg_archive_leave(archive);
    search->found = sg_archive_ok(archive, &search->reason);
}

bool sg_checkpoint_positions(const char *folder, const sg_experiment *run,
                             sg_record_positions *positions, sg_error *error)
{
    char path[SG_PATH_SIZE];
    position_search search = {0};
    if (!sg_path_join(path, folder, SG_CHECKPOINT_FILE, error) ||
        !sg_safetensors_look(path, find_positions, &search, error))
        return false;
    if (!search.found)
        return sg_fail(error, "%.200s does not fit this run: %.280s", path, search.reason.text);
    *positions = search.positions;
    return check_key(run, search.key, path, error);
}

/* Whether there is one, not whether it is good. */
bool sg_checkpoint_exists(const char *folder)
{
    char path[SG_PATH_SIZE];
    return sg_path_join(path, folder, SG_CHECKPOINT_FILE, NULL) && sg_file_exists(path);
}
