/* trainer.c - the parts of a training run, put together and taken apart. */
#include "rl/training/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rl/training/records_find.h"

/* ---- parts in memory ---- */

/* All that can be made without touching the disk. */
static bool make_parts(sg_trainer *t, sg_error *error)
{
    const sg_experiment *run = t->run;

    /* Each part knows what is wrong with its share of the input. */
    t->state.env = sg_experiment_make_env(run, &t->monitor, error);
    if (!t->state.env)
        return false;
    t->state.agent = sg_experiment_make_agent(run, &t->state.env->spec, error);
    if (!t->state.agent)
        return false;
    /* Without evaluation there is no second environment. */
    if (run->eval_every > 0) {
        t->evaluator = sg_evaluator_new(run, error);
        if (!t->evaluator)
            return false;
    }
    /* Buffers for all steps to come. */
    const sg_env_spec *spec = &t->state.env->spec;
    t->state.obs = sg_alloc((size_t)spec->obs_size * sizeof(double));
    t->next_obs = sg_alloc((size_t)spec->obs_size * sizeof(double));
    t->action = sg_alloc((size_t)spec->action_size * sizeof(double));
    t->state.counters = &t->counters;
    t->state.run = run;
    t->archive = sg_archive_new();
    sg_archive_lend_tensors(t->archive); /* what is saved is written before the next step */
    return true;
}

/* ---- saving ---- */

/* Records first: the checkpoint must not know of rows that the disk has not. */
static bool save_into(sg_trainer *t, const char *folder, sg_error *error)
{
    /* The time of saving counts as training. */
    t->saved = sg_clock();
    t->counters.seconds = t->saved - t->start;
    bool ok = sg_records_sync(t->records, &t->counters.positions, error) &&
              sg_checkpoint_save(folder, &t->state, t->archive, error);
    t->saving = sg_clock() - t->saved;
    return ok;
}

/* ---- a new run ---- */

/* run.json, empty records and the first checkpoint: at once a run that can be resumed. */
static bool write_beginning(sg_trainer *t, const char *folder, sg_error *error)
{
    t->start = sg_clock();
    t->records = sg_records_open(folder, &t->counters.positions, error);
    return t->records && sg_experiment_write(t->run, folder, error) && save_into(t, folder, error);
}

/* Put together aside, then moved into place: what the folder holds stays until all else is done. */
static bool begin(sg_trainer *t, sg_error *error)
{
    const char *folder = t->folder;
    char stage[SG_PATH_SIZE];

    if (!sg_folder_stage(folder, stage, error))
        return false;
    bool ok = write_beginning(t, stage, error);
    /* The records are opened again where they are then. */
    ok = sg_records_close(t->records, ok ? error : NULL) && ok;
    t->records = NULL;
    ok = ok && sg_folder_install(folder, error);
    if (!ok) {
        sg_folder_unstage(folder);
        return false;
    }
    t->records = sg_records_open(folder, &t->counters.positions, error);
    return t->records != NULL;
}

/* ---- a run that goes on ---- */

/* What earlier parts left: a failure report speaks no longer. */
static void remove_remains(const char *folder)
{
    char path[SG_PATH_SIZE];
    sg_folder_tidy(folder);
    if (sg_path_join(path, folder, SG_FAILURE_FILE, NULL))
        unlink(path);
}

/* run.json anew, and a checkpoint that does not know of rows that are to be cut: put together
 * aside, then moved into place. Whatever fails before that, a full disk for one, leaves all as it
 * was. */
static bool renew(sg_trainer *t, sg_records_lost *lost, sg_error *error)
{
    const char *folder = t->folder;
    char stage[SG_PATH_SIZE];

    if (!sg_folder_stage(folder, stage, error))
        return false;
    bool ok = sg_experiment_write(t->run, stage, error) &&
              (lost->count == 0 || sg_checkpoint_save(stage, &t->state, t->archive, error)) &&
              sg_records_copy_lost(lost, error);
    if (ok && sg_folder_renew(folder, error))
        return true;
    sg_folder_unstage(folder);
    if (ok)
        sg_records_remove_copies(lost);
    return false;
}

/* Everything is read and looked at before the first file changes. The records are cut last: a
 * checkpoint that knows of rows that are gone must not meet new ones in their place. */
static bool go_on(sg_trainer *t, sg_error *error)
{
    const char *folder = t->folder;
    sg_records_lost lost;

    if (!sg_checkpoint_load(folder, &t->state, error))
        return false;
    if (!sg_records_find(folder, &t->counters, t->config->lost_records, &lost, error))
        return false;
    if (!renew(t, &lost, error))
        return false;
    t->records = sg_records_open(folder, &t->counters.positions, error);
    if (!t->records)
        return false;
    remove_remains(folder);
    for (int i = 0; i < lost.count; i++)
        fprintf(stderr, "warning: %s\n", lost.files[i].line.text);
    return true;
}

/* ---- the folder ---- */

/* True if there is a checkpoint to go on from. */
static bool goes_on(const sg_trainer *t)
{
    return t->config->mode == SG_FOLDER_RESUME && sg_checkpoint_exists(t->folder);
}

/* From here on the disk is written to; a folder made for a run that cannot begin is removed. */
static bool open_folder(sg_trainer *t, bool resumes, sg_error *error)
{
    const char *folder = t->folder;
    bool made = !sg_file_exists(folder);

    if (!sg_folder_open(folder, t->config->mode, &t->lock, error))
        return false;
    /* Looked at again under the lock: another process may have begun the run just now. */
    if (resumes || goes_on(t) ? go_on(t, error) : begin(t, error))
        return true;
    if (made)
        rmdir(folder);
    return false;
}

/* ---- the state ---- */

/* Of what a visit saved; "nothing" past its end. */
static void describe_entry(const sg_archive_entry *entry, char text[200])
{
    snprintf(text, 200, "nothing");
    if (entry)
        snprintf(text, 200, "%.150s (%zu bytes)", entry->name, entry->bytes);
}

static bool same_entries(const sg_archive *first, const sg_archive *second, const char *id,
                         sg_error *error)
{
    char was[200], is[200];
    for (size_t i = 0;; i++) {
        const sg_archive_entry *a = sg_archive_at(first, i), *b = sg_archive_at(second, i);
        if (!a && !b)
            return true;
        if (a && b && strcmp(a->name, b->name) == 0 && a->bytes == b->bytes)
            continue;
        describe_entry(a, was);
        describe_entry(b, is);
        return sg_fail(error,
                       "%s: its state function makes a mistake: it saves %s, and the next time %s",
                       id, was, is);
    }
}

/* What is saved under other names each time could not be loaded, however long the run was. */
static bool check_state(sg_env *env, sg_error *error)
{
    sg_archive *first = sg_archive_new(), *second = sg_archive_new();
    bool ok = sg_env_visit(env, first, error) && sg_env_visit(env, second, error) &&
              same_entries(first, second, env->spec.id, error);
    sg_archive_free(first);
    sg_archive_free(second);
    return ok;
}

/* ---- opening, saving, closing ---- */

/* Seconds go on where the part before left off. */
static void start_clocks(sg_trainer *t)
{
    double now = sg_clock();
    t->start = now - t->counters.seconds;
    t->saved = t->logged = now;
    t->logged_step = t->counters.step;
    t->progress = sg_progress_start(t->config->quiet, t->run->steps, t->counters.step);
}

/* The folder is looked at first: that is the cheapest to find wrong. */
bool sg_trainer_open(sg_trainer *t, const sg_train_config *config, sg_error *error)
{
    /* What is zero was not made, for sg_trainer_close. */
    memset(t, 0, sizeof *t);
    t->config = config;
    t->run = config->run;
    t->lock = -1;
    if (!sg_folder_check(config->folder, config->mode, error) ||
        !sg_path_absolute(t->folder, config->folder, error))
        return false;
    if (!make_parts(t, error))
        return false;
    /* A task that cannot start, or be saved, is found before the folder is touched. */
    bool resumes = goes_on(t);
    if (!resumes && (!sg_env_reset(t->state.env, &t->run->seed, t->state.obs, error) ||
                     !check_state(t->state.env, error)))
        return false;
    if (!open_folder(t, resumes, error))
        return false;
    start_clocks(t);
    return true;
}

bool sg_trainer_save(sg_trainer *t, sg_error *error) { return save_into(t, t->folder, error); }

/* Parts that were never made are NULL. */
bool sg_trainer_close(sg_trainer *t, sg_error *error)
{
    /* The lock is released last, when all files are closed. */
    bool ok = sg_records_close(t->records, error);
    sg_evaluator_free(t->evaluator);
    if (t->state.agent)
        sg_agent_free(t->state.agent);
    if (t->archive)
        sg_archive_free(t->archive);
    sg_env_close(t->state.env);
    sg_folder_unlock(t->lock);
    free(t->state.obs);
    free(t->next_obs);
    free(t->action);
    return ok;
}
