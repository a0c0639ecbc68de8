/* experiment.c - what a run is, its name, and the environment and agent it is made of. */
#include "rl/training/experiment.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/plugin_file.h"
#include "envs/wrappers.h"

/* Digits of the hash that folder names carry. */
enum { FOLDER_DIGITS = 8 };

sg_experiment sg_experiment_default(void)
{
    sg_experiment run = {.dtype = SG_F32, .steps = 1000000, .threads = 1, .eval_episodes = 10};
    run.machine = sg_machine_here();
    return run;
}

/* Leaves an empty one, so releasing twice is harmless. */
void sg_experiment_release(sg_experiment *run)
{
    free(run->config);
    free(run->environment);
    free(run->environment_options);
    *run = (sg_experiment){0};
}

/* ---- names ---- */

/* Everything that makes two runs comparable, one line each. */
static void describe(const sg_experiment *run, FILE *out)
{
    const sg_settings *settings = &run->algorithm->settings;
    char text[64], *options = sg_experiment_brief_options(run);

    /* What is not here, the seed and the length, does not make a run another one. */
    sg_plugin_label(run->environment, text);
    fprintf(out, "algorithm=%s\nenvironment=%s%s\n", run->algorithm->name,
            run->plugin_hash[0] ? text : run->environment, run->plugin_hash);
    fprintf(out, "options=%s%s\n", options, run->model_hash);
    free(options);
    fprintf(out, "dtype=%s\n", sg_dtype_name(run->dtype));
    for (int i = 0; i < settings->count; i++) {
        const sg_setting *setting = &settings->items[i];
        fprintf(out, "%s=%s\n", setting->name, sg_settings_text(setting, run->config, text));
    }
}

/* The hash of the description. */
void sg_experiment_id(const sg_experiment *run, char id[SG_HASH_DIGITS + 1])
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    /* Text rather than the struct: padding and layout must not count. */
    if (out)
        describe(run, out);
    if (!out || fclose(out) != 0)
        sg_out_of_memory("out of memory while naming a run");
    sg_hash(text, size, id);
    free(text);
}

/* Once in run.json it is never made again. */
void sg_experiment_key(const sg_experiment *run, char key[SG_HASH_DIGITS + 1])
{
    char id[SG_HASH_DIGITS + 1];
    const sg_piece all[] = {{id, SG_HASH_DIGITS}, {&run->seed, sizeof run->seed}};
    sg_experiment_id(run, id);
    if (run->key[0])
        memcpy(key, run->key, sizeof run->key);
    else
        sg_hash_pieces(all, 2, key);
}

/* The hash keeps runs with other settings apart, the seed runs with the same. */
void sg_experiment_default_folder(const sg_experiment *run, char path[SG_PATH_SIZE])
{
    char id[SG_HASH_DIGITS + 1], environment[64];

    /* Ids such as "dm_control/dog-run" must not become folders in folders. */
    sg_plugin_label(run->environment, environment);
    for (char *c = environment; *c; c++) {
        if (*c == '/')
            *c = '_';
    }
    sg_experiment_id(run, id);
    snprintf(path, SG_PATH_SIZE, "runs/%s-%s-%.*s-s%" PRIu64, run->algorithm->name, environment,
             FOLDER_DIGITS, id, run->seed);
}

/* ---- parts ---- */

/* From the inside out: task, a look at its numbers, monitor, the algorithm's wrappers. */
sg_env *sg_experiment_make_env(const sg_experiment *run, sg_env **monitor, sg_error *error)
{
    sg_env *task = sg_env_make(run->environment, run->environment_options, error);
    if (!task)
        return NULL;
    /* The monitor sees rewards before any wrapper changes them. */
    *monitor = sg_record_episode_statistics(sg_require_valid(task));
    return sg_algorithm_wrap(run->algorithm, run->config, *monitor, error);
}

/* The same seed feeds weights and noise; their streams have names of their own. */
sg_agent *sg_experiment_make_agent(const sg_experiment *run, const sg_env_spec *spec,
                                   sg_error *error)
{
    sg_agent_options options = sg_agent_options_default();
    /* All but the seed and the number type is for speed only. */
    options.dtype = run->dtype;
    options.seed = run->seed;
    options.threads = run->threads;
    options.check_finite = run->check_finite;
    return sg_agent_new(run->algorithm, run->config, spec, options, error);
}
