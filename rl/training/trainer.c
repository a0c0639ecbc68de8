/* trainer.c - the parts of a training run, put together and taken apart. */
#include "rl/training/trainer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    t->archive = sg_archive_new();
    return true;
}

/* ---- the folder ---- */

/* A checkpoint to go on from, or the first observation of a new run. */
static bool restore_or_begin(sg_trainer *t, sg_error *error)
{
    const char *folder = t->config->folder;
    if (t->config->mode == SG_FOLDER_RESUME && sg_checkpoint_exists(folder)) {
        return sg_checkpoint_load(folder, &t->state, error);
    }
    return sg_env_reset(t->state.env, &t->run->seed, t->state.obs, error);
}

/* A failure report of an earlier part speaks no longer. */
static void remove_failure(const char *folder)
{
    char path[SG_PATH_SIZE];
    if (sg_path_join(path, folder, SG_FAILURE_FILE, NULL))
        unlink(path);
}

/* From here on the disk is written to. */
static bool open_folder(sg_trainer *t, sg_error *error)
{
    const char *folder = t->config->folder;

    if (!sg_folder_open(folder, t->config->mode, &t->lock, error))
        return false;
    if (!restore_or_begin(t, error))
        return false;
    /* From here on files change. */
    remove_failure(folder);
    if (!sg_experiment_write(t->run, folder, error))
        return false;
    t->records = sg_records_open(folder, &t->counters.positions, error);
    return t->records != NULL;
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
    if (!sg_folder_check(config->folder, config->mode, error))
        return false;
    if (!make_parts(t, error) || !open_folder(t, error))
        return false;
    start_clocks(t);
    /* A new run is at once one that can be resumed. */
    return t->counters.step > 0 || sg_trainer_save(t, error);
}

/* Records first: the checkpoint must not know of rows that the disk has not. */
bool sg_trainer_save(sg_trainer *t, sg_error *error)
{
    /* The time of saving counts as training. */
    t->saved = sg_clock();
    t->counters.seconds = t->saved - t->start;
    bool ok = sg_records_sync(t->records, &t->counters.positions, error) &&
              sg_checkpoint_save(t->config->folder, &t->state, t->archive, error);
    t->saving = sg_clock() - t->saved;
    return ok;
}

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
