/* test_folder.c - a run's folder: what is refused, what is kept, and disks that are full. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rl/training/checkpoint.h"
#include "rl/training/folder.h"
#include "rl/training/records.h"
#include "tests/training/runs.h"
#include "tests/training/scratch.h"

static sg_train_result try_to_train(const char *folder, sg_folder_mode mode, sg_error *error)
{
    sg_experiment run = runs_small(3, 10);
    sg_train_config config = sg_train_config_default(&run, folder);
    config.mode = mode;
    config.quiet = true;
    sg_train_result result = sg_train(&config, error);
    sg_experiment_release(&run);
    return result;
}

Test(folder, an_existing_one_is_refused)
{
    char *folder = scratch_make();
    const char *path = runs_train_whole(folder, "a");
    sg_error error = {""};
    char *episodes = runs_episodes(path);
    cr_assert_eq(try_to_train(path, SG_FOLDER_NEW, &error), SG_TRAIN_REFUSED);
    cr_assert(strstr(error.text, path) && strstr(error.text, "--resume"), "%s", error.text);
    char *after = runs_episodes(path);
    cr_assert_str_eq(after, episodes);
    free(after);
    free(episodes);
    scratch_remove(folder);
}

/* Nothing in it can be lost, unless somebody is beginning a run there. */
Test(folder, an_empty_one_is_taken)
{
    char *folder = scratch_make();
    sg_error error = {""};
    int lock;
    cr_assert(sg_folder_open(folder, SG_FOLDER_NEW, &lock, &error), "%s", error.text);
    cr_assert_eq(try_to_train(folder, SG_FOLDER_NEW, &error), SG_TRAIN_REFUSED);
    cr_assert(strstr(error.text, "another process"), "%s", error.text);
    sg_folder_unlock(lock);
    cr_assert_eq(try_to_train(folder, SG_FOLDER_NEW, &error), SG_TRAIN_DONE, "%s", error.text);
    cr_assert_not(sg_folder_open(folder, SG_FOLDER_NEW, &lock, &error));
    cr_assert(lock == -1 && strstr(error.text, "exists already"), "%s", error.text);
    scratch_remove(folder);
}

/* A run that cannot begin leaves it as it was. */
Test(folder, an_empty_one_stays_where_nothing_begins)
{
    char *folder = scratch_make();
    sg_error error = {""};
    scratch_limit_files(4096);
    cr_assert_eq(try_to_train(folder, SG_FOLDER_NEW, &error), SG_TRAIN_REFUSED);
    scratch_limit_files(RLIM_INFINITY);
    cr_assert(strstr(error.text, "File too large"), "%s", error.text);
    cr_assert_eq(rmdir(folder), 0, "something is left, or all is gone");
    free(folder);
}

Test(folder, foreign_files_are_never_touched)
{
    char *folder = scratch_make();
    const char *file = scratch_path(folder, SG_EPISODES_FILE);
    sg_error error = {""};
    size_t size;

    scratch_write(file, "mine", 4);
    cr_assert_eq(try_to_train(folder, SG_FOLDER_REPLACE, &error), SG_TRAIN_REFUSED);
    cr_assert(strstr(error.text, "holds other files"), "%s", error.text);
    cr_assert_eq(try_to_train(folder, SG_FOLDER_RESUME, &error), SG_TRAIN_REFUSED);
    char *text = scratch_read(file, &size);
    cr_assert_str_eq(text, "mine");
    free(text);
    cr_assert_not(sg_folder_has_run(folder));
    scratch_remove(folder);
}

Test(folder, force_begins_anew_and_keeps_what_is_not_ours)
{
    char *folder = scratch_make();
    const char *path = runs_train_whole(folder, "a");
    sg_error error = {""};
    size_t size;

    scratch_write(scratch_path(path, "notes.txt"), "mine", 4);
    cr_assert_eq(try_to_train(path, SG_FOLDER_REPLACE, &error), SG_TRAIN_DONE, "%s", error.text);
    char *text = scratch_read(scratch_path(path, SG_EPISODES_FILE), &size);
    cr_assert_str_eq(text, "step,episode,return,length,seconds\n");
    free(text);
    text = scratch_read(scratch_path(path, "notes.txt"), &size);
    cr_assert_str_eq(text, "mine");
    free(text);
    scratch_remove(folder);
}

Test(folder, a_damaged_checkpoint_is_refused_and_kept)
{
    char *folder = scratch_make();
    const char *path = runs_train_whole(folder, "a");
    const char *checkpoint = scratch_path(path, SG_CHECKPOINT_FILE);
    sg_error error = {""};
    size_t size, after_size;

    char *good = scratch_read(checkpoint, &size);
    char *episodes = runs_episodes(path);
    scratch_write(checkpoint, good, size / 2);
    cr_assert_eq(try_to_train(path, SG_FOLDER_RESUME, &error), SG_TRAIN_REFUSED);
    cr_assert(strstr(error.text, checkpoint) && strstr(error.text, "cut off"), "%s", error.text);
    free(scratch_read(checkpoint, &after_size));
    cr_assert_eq(after_size, size / 2);
    char *after = runs_episodes(path);
    cr_assert_str_eq(after, episodes);
    free(after);
    free(episodes);
    free(good);
    scratch_remove(folder);
}

Test(folder, one_process_at_a_time)
{
    char *folder = scratch_make();
    sg_error error = {""};
    int lock;
    const char *path = runs_train_whole(folder, "a");
    cr_assert(sg_folder_open(path, SG_FOLDER_RESUME, &lock, &error), "%s", error.text);
    cr_assert_eq(try_to_train(path, SG_FOLDER_REPLACE, &error), SG_TRAIN_REFUSED);
    cr_assert(strstr(error.text, "another process"), "%s", error.text);
    sg_folder_unlock(lock);
    cr_assert_eq(try_to_train(path, SG_FOLDER_REPLACE, &error), SG_TRAIN_DONE);
    scratch_remove(folder);
}

Test(folder, a_full_disk_is_told_before_training)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "a");
    static const sg_folder_mode MODES[] = {SG_FOLDER_NEW, SG_FOLDER_RESUME, SG_FOLDER_REPLACE};

    /* run.json has room, the first checkpoint has not. */
    for (int i = 0; i < 3; i++) {
        sg_error error = {""};
        scratch_limit_files(4096);
        cr_assert_eq(try_to_train(path, MODES[i], &error), SG_TRAIN_REFUSED);
        scratch_limit_files(RLIM_INFINITY);
        cr_assert(strstr(error.text, "File too large"), "%s", error.text);
        cr_assert_not(sg_file_exists(path), "a folder is left behind");
    }
    scratch_remove(folder);
}

Test(folder, a_disk_that_fills_up_loses_nothing)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "a"), *whole = scratch_path(folder, "whole");
    sg_experiment run = runs_small(3, 60000);
    sg_train_config config = sg_train_config_default(&run, path);
    sg_error error = {""};

    runs_train(&run, whole, SG_FOLDER_NEW, 0);
    config.quiet = true;
    config.checkpoint_every = 1000;
    scratch_limit_files(30000);
    cr_assert_eq(sg_train(&config, &error), SG_TRAIN_FAILED);
    cr_assert(strstr(error.text, "File too large"), "%s", error.text);
    scratch_limit_files(RLIM_INFINITY);
    runs_train(&run, path, SG_FOLDER_RESUME, 0);
    runs_assert_same(whole, path);
    sg_experiment_release(&run);
    scratch_remove(folder);
}
