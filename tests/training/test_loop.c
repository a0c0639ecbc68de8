/* test_loop.c - training: resuming, saving and evaluating change no number.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rl/training/checkpoint.h"
#include "rl/training/records.h"
#include "rl/training/safetensors.h"
#include "tests/training/runs.h"
#include "tests/training/scratch.h"

Test(loop, the_same_seed_gives_the_same_run)
{
    char *folder = scratch_make();
    runs_assert_same(runs_train_whole(folder, "a"), runs_train_whole(folder, "b"));
    scratch_remove(folder);
}

Test(loop, another_seed_gives_another_run)
{
    char *folder = scratch_make();
    sg_experiment run = runs_small(4, RUNS_STEPS);
    runs_train(&run, scratch_path(folder, "b"), SG_FOLDER_NEW, 0);
    char *a = runs_episodes(runs_train_whole(folder, "a")),
         *b = runs_episodes(scratch_path(folder, "b"));
    cr_assert_str_neq(a, b);
    free(a);
    free(b);
    sg_experiment_release(&run);
    scratch_remove(folder);
}

Test(loop, a_run_in_parts_equals_a_whole_one)
{
    char *folder = scratch_make();
    const char *parts = scratch_path(folder, "parts");
    /* In mid-episode, at its end, one step later, twice the same. */
    static const int64_t STOPS[] = {1, 777, 1000, 1001, 1001, RUNS_STEPS};

    for (size_t i = 0; i < sizeof STOPS / sizeof *STOPS; i++) {
        sg_experiment run = runs_small(3, STOPS[i]);
        runs_train(&run, parts, i == 0 ? SG_FOLDER_NEW : SG_FOLDER_RESUME, 0);
        sg_experiment_release(&run);
    }
    runs_assert_same(runs_train_whole(folder, "whole"), parts);
    scratch_remove(folder);
}

/* Contacts, warm starts and early ends: the physics' state must be whole. */
Test(loop, mujoco_runs_in_parts_equal_whole_ones)
{
    static const char *const IDS[] = {"HalfCheetah-v4", "Hopper-v4", "Ant-v4"};
    for (size_t i = 0; i < sizeof IDS / sizeof *IDS; i++) {
        char *folder = scratch_make();
        const char *whole = scratch_path(folder, "whole"), *parts = scratch_path(folder, "parts");
        sg_experiment run = runs_small(3, 1500);

        free(run.environment);
        run.environment = strdup(IDS[i]);
        runs_train(&run, whole, SG_FOLDER_NEW, 0);
        run.steps = 437;
        runs_train(&run, parts, SG_FOLDER_NEW, 0);
        run.steps = 1500;
        runs_train(&run, parts, SG_FOLDER_RESUME, 0);
        runs_assert_same(whole, parts);
        sg_experiment_release(&run);
        scratch_remove(folder);
    }
}

/* Rollouts are cut in their middle, at their end and behind it. */
Test(loop, rollouts_in_parts_equal_whole_ones)
{
    static const char *const IDS[] = {"Pendulum-v1", "CartPole-v1"};
    static const int64_t STOPS[] = {1, 150, 256, 257, 700};
    for (size_t i = 0; i < sizeof IDS / sizeof *IDS; i++) {
        char *folder = scratch_make();
        const char *whole = scratch_path(folder, "whole"), *parts = scratch_path(folder, "parts");
        sg_experiment run =
            runs_of("ppo", IDS[i], "hidden=16,num_steps=128,anneal_steps=1280", 3, 700);
        runs_train(&run, whole, SG_FOLDER_NEW, 0);
        for (size_t k = 0; k < sizeof STOPS / sizeof *STOPS; k++) {
            run.steps = STOPS[k];
            runs_train(&run, parts, k == 0 ? SG_FOLDER_NEW : SG_FOLDER_RESUME, 0);
        }
        runs_assert_same(whole, parts);
        sg_experiment_release(&run);
        scratch_remove(folder);
    }
}

Test(loop, how_often_it_saves_changes_nothing)
{
    char *folder = scratch_make();
    const char *often = scratch_path(folder, "often");
    sg_experiment run = runs_small(3, RUNS_STEPS);
    runs_train(&run, often, SG_FOLDER_NEW, 97);
    runs_assert_same(runs_train_whole(folder, "whole"), often);
    sg_experiment_release(&run);
    scratch_remove(folder);
}

/* Lines of a text. */
static int count_lines(const char *text)
{
    int lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

Test(loop, evaluating_changes_nothing)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "evaluated");
    size_t size;
    sg_experiment run = runs_small(3, RUNS_STEPS);
    run.eval_every = 450;
    run.eval_episodes = 2;
    runs_train(&run, path, SG_FOLDER_NEW, 0);
    runs_assert_same(runs_train_whole(folder, "whole"), path);

    char *rows = scratch_read(scratch_path(path, SG_EVALUATIONS_FILE), &size);
    cr_assert_eq(count_lines(rows), 1 + RUNS_STEPS / 450, "%s", rows);
    cr_assert(strstr(rows, "\n450,2,-") && strstr(rows, "\n2700,2,-"), "%s", rows);
    free(rows);
    sg_experiment_release(&run);
    scratch_remove(folder);
}

Test(loop, evaluations_are_resumed_too)
{
    char *folder = scratch_make();
    const char *parts = scratch_path(folder, "parts"), *whole = scratch_path(folder, "whole");
    size_t size;
    sg_experiment run = runs_small(3, RUNS_STEPS);
    run.eval_every = 500;
    run.eval_episodes = 1;
    runs_train(&run, whole, SG_FOLDER_NEW, 0);
    run.steps = 1200;
    runs_train(&run, parts, SG_FOLDER_NEW, 0);
    run.steps = RUNS_STEPS;
    runs_train(&run, parts, SG_FOLDER_RESUME, 0);

    char *expected = scratch_read(scratch_path(whole, SG_EVALUATIONS_FILE), &size);
    char *rows = scratch_read(scratch_path(parts, SG_EVALUATIONS_FILE), &size);
    cr_assert_str_eq(rows, expected);
    free(rows);
    free(expected);
    sg_experiment_release(&run);
    scratch_remove(folder);
}

Test(loop, run_json_holds_the_whole_run)
{
    char *folder = scratch_make();
    sg_error error;
    sg_experiment run = runs_small(UINT64_MAX, 12345), read;
    char id[SG_HASH_DIGITS + 1], read_id[SG_HASH_DIGITS + 1];
    run.eval_every = 77;
    run.dtype = SG_F64;
    cr_assert(sg_settings_set(&run.algorithm->settings, run.config, "alpha", "0.1234567890123456",
                              &error));

    cr_assert(sg_experiment_write(&run, folder, &error), "%s", error.text);
    cr_assert(sg_experiment_read(&read, folder, &error), "%s", error.text);
    cr_assert(read.algorithm == run.algorithm && read.seed == UINT64_MAX && read.steps == 12345);
    cr_assert(read.eval_every == 77 && read.dtype == SG_F64 && read.threads == 1);
    cr_assert_str_eq(read.environment, "Pendulum-v1");
    cr_assert_null(read.environment_options);
    sg_experiment_id(&run, id);
    sg_experiment_id(&read, read_id);
    cr_assert_str_eq(id, read_id); /* of every setting to the bit */
    sg_experiment_release(&read);
    sg_experiment_release(&run);
    scratch_remove(folder);
}

/* ---- numbers that are not finite ---- */

/* Puts a NaN into the first float32 array of the agent's state. */
static void break_a_weight(sg_agent *agent)
{
    sg_archive *archive = sg_archive_new();
    const sg_archive_entry *entry;
    size_t i = 0;

    sg_agent_state(agent, archive);
    while ((entry = sg_archive_at(archive, i)) && entry->type != SG_ARCHIVE_F32)
        i++;
    cr_assert_not_null(entry);
    *(float *)entry->data = NAN;
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_agent_state(agent, archive);
    sg_archive_free(archive);
}

Test(loop, weights_that_are_not_finite_are_never_saved)
{
    char *folder = scratch_make();
    sg_error error = {""};
    sg_experiment run = runs_small(3, 10);
    sg_env *monitor, *env = sg_experiment_make_env(&run, &monitor, &error);
    sg_agent *agent = sg_experiment_make_agent(&run, &env->spec, &error);
    sg_counters counters = {0};
    double *obs = calloc((size_t)env->spec.obs_size, sizeof *obs);
    sg_training_state state = {agent, env, &counters, obs, &run};
    sg_archive *archive = sg_archive_new();

    cr_assert(sg_env_reset(env, &run.seed, obs, &error));
    cr_assert(sg_checkpoint_save(folder, &state, archive, &error), "%s", error.text);
    break_a_weight(agent);
    cr_assert_not(sg_checkpoint_save(folder, &state, archive, &error));
    cr_assert(strstr(error.text, "no longer finite"), "%s", error.text);
    cr_assert(sg_checkpoint_load(folder, &state, &error), "the one before: %s", error.text);

    sg_archive_free(archive);
    free(obs);
    sg_agent_free(agent);
    sg_env_close(env);
    sg_experiment_release(&run);
    scratch_remove(folder);
}

/* Makes every critic weight in a saved run so large that the loss overflows. */
static void blow_up(const char *checkpoint)
{
    sg_error error;
    const sg_archive_entry *entry;
    int changed = 0;
    sg_archive *archive = sg_safetensors_read(checkpoint, &error);
    cr_assert_not_null(archive, "%s", error.text);
    for (size_t i = 0; (entry = sg_archive_at(archive, i)); i++) {
        if (!strstr(entry->name, "critic") || entry->type != SG_ARCHIVE_F32)
            continue;
        float *values = entry->data;
        for (size_t k = 0; k < entry->bytes / sizeof *values; k++)
            values[k] = 1e30f;
        changed++;
    }
    cr_assert(changed > 0);
    cr_assert(sg_safetensors_write(checkpoint, archive, &error), "%s", error.text);
    sg_archive_free(archive);
}

Test(loop, a_loss_that_is_not_finite_ends_the_run_with_a_report)
{
    char *folder = scratch_make();
    const char *path = runs_train_whole(folder, "a");
    const char *checkpoint = scratch_path(path, SG_CHECKPOINT_FILE);
    sg_experiment run = runs_small(3, RUNS_STEPS + 500);
    sg_train_config config = sg_train_config_default(&run, path);
    sg_error error = {""};
    size_t size, after_size;

    blow_up(checkpoint);
    char *before = scratch_read(checkpoint, &size);
    config.mode = SG_FOLDER_RESUME;
    config.quiet = true;
    config.checkpoint_every = 1;
    cr_assert_eq(sg_train(&config, &error), SG_TRAIN_FAILED);
    cr_assert(strstr(error.text, "after step 3000") && strstr(error.text, "failure.txt"), "%s",
              error.text);

    char *after = scratch_read(checkpoint, &after_size);
    cr_assert(after_size == size && memcmp(before, after, size) == 0, "the checkpoint changed");
    char *report = scratch_read(scratch_path(path, SG_FAILURE_FILE), &size);
    cr_assert(strstr(report, "step 3000, episode 15") && strstr(report, "losses/critic"), "%s",
              report);
    free(report);
    free(after);
    free(before);
    sg_experiment_release(&run);
    scratch_remove(folder);
}
