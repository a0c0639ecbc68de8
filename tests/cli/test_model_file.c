/* test_model_file.c - a run whose options name a model on the disk: found again from any folder,
 * and known if it changed. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cli/refused.h"
#include "tests/training/scratch.h"

#define RUN "train avg --env Hopper-v5 --steps 200 --set hidden=8 --quiet "

/* So that the program is found from other folders. */
static void use_absolute_program(void)
{
    char *full = realpath(program_path(), NULL);
    cr_assert_not_null(full);
    setenv("STREAMGRAD_BIN", full, 1);
    free(full);
}

/* The folders "one" and "two" with a model of the same name each, the second one heavier. */
static void make_models(const char *folder)
{
    char line[1000];
    snprintf(line, sizeof line,
             "mkdir %s/one %s/two && cp envs/mujoco/models/hopper.xml %s/one/my.xml && "
             "sed 's/armature=\"1\"/armature=\"2\"/' %s/one/my.xml >%s/two/my.xml && "
             "! cmp -s %s/one/my.xml %s/two/my.xml",
             folder, folder, folder, folder, folder, folder, folder);
    cr_assert_eq(system(line), 0);
}

/* What `eval` prints (free it). */
static char *play(const char *folder, const char *run)
{
    const program_result *r = program_run(folder, "eval %s --episodes 3", run);
    cr_assert(r->code == 0 && !*r->err, "exit code %d: %s", r->code, r->err);
    return strdup(r->out);
}

Test(model_file, a_relative_path_is_recorded_as_an_absolute_one)
{
    char *folder = scratch_make(), recorded[600];
    const char *run = scratch_path(folder, "run"), *two = scratch_path(folder, "two");
    size_t size;
    use_absolute_program();
    make_models(folder);
    cr_assert_eq(chdir(scratch_path(folder, "one")), 0);
    const program_result *r = program_run(folder, RUN "--env-set xml_file=.//my.xml --out %s", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    char *here = play(folder, run), *json = scratch_read(scratch_path(run, "run.json"), &size);
    snprintf(recorded, sizeof recorded, "\"xml_file=%s/one/my.xml\"", folder);
    cr_assert(strstr(json, recorded) && strstr(json, "\"model_hash\": \""), "%s", json);
    /* Where another model has that name, it is not taken. */
    cr_assert_eq(chdir(two), 0);
    char *there = play(folder, run);
    cr_assert_str_eq(there, here);
    r = program_run(folder, "train --resume --quiet --steps 300 --out %s", run);
    cr_assert(r->code == 0 && !*r->err, "%s", r->err);
    assert_refused(folder, run, "train --resume --env-set xml_file=./my.xml --out",
                   "does not fit the run to be resumed");
    r = program_run(folder,
                    "train --resume --quiet --steps 400 --env-set xml_file=../one/my.xml --out %s",
                    run);
    cr_assert(r->code == 0 && !*r->err, "%s", r->err);
    free(json);
    free(there);
    free(here);
    scratch_remove(folder);
}

Test(model_file, a_model_may_move_but_not_change_unnoticed)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run"), *one = scratch_path(folder, "one/my.xml");
    const char *moved = scratch_path(folder, "my.xml");
    use_absolute_program();
    make_models(folder);
    const program_result *r = program_run(folder, RUN "--env-set xml_file=%s --out %s", one, run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert_eq(rename(one, moved), 0);
    assert_refused(folder, run, "eval", "one/my.xml: No such file");
    assert_refused(folder, run, "train --resume --out", "one/my.xml: No such file");
    r = program_run(folder, "train --resume --quiet --env-set xml_file=%s --out %s", moved, run);
    cr_assert(r->code == 0 && !*r->err, "%s", r->err);
    /* Resuming recorded the new place. */
    free(play(folder, run));
    cr_assert_eq(rename(scratch_path(folder, "two/my.xml"), moved), 0);
    r = program_run(folder, "train --resume --quiet --steps 300 --out %s", run);
    assert_told(r, 0,
                "the environment's file has changed since the run began: results will differ");
    r = program_run(folder, "eval %s --episodes 1", run);
    assert_told(r, 0, "the environment's file has changed since the run began");
    scratch_remove(folder);
}

/* The folder's name tells of the content, as for plugins, not of where it is. */
Test(model_file, the_same_model_elsewhere_is_the_same_setting)
{
    char *folder = scratch_make(), line[600];
    use_absolute_program();
    make_models(folder);
    cr_assert(chdir(folder) == 0 && mkdir("three", 0700) == 0);
    cr_assert_eq(link("one/my.xml", "three/my.xml"), 0);
    static const char *const FOLDERS[] = {"one", "two", "three"};
    for (int i = 0; i < 3; i++) {
        const program_result *r =
            program_run(folder, RUN "--seed %d --env-set xml_file=./%s/my.xml", i, FOLDERS[i]);
        cr_assert_eq(r->code, 0, "%s", r->err);
    }
    snprintf(line, sizeof line,
             "cd runs && id() { ls | sed -n \"s/.*-\\(........\\)-s$1$/\\1/p\"; } && "
             "test -n \"$(id 0)\" && test $(id 0) = $(id 2) && test $(id 0) != $(id 1)");
    cr_assert_eq(system(line), 0);
    scratch_remove(folder);
}

/* What options cannot hold stays as it was typed, and is known by its content all the same. */
Test(model_file, a_folder_with_a_comma_is_no_hindrance)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run"), *comma = scratch_path(folder, "a,b");
    use_absolute_program();
    make_models(folder);
    cr_assert_eq(rename(scratch_path(folder, "one"), comma), 0);
    cr_assert_eq(chdir(comma), 0);
    const program_result *r = program_run(folder, RUN "--env-set xml_file=./my.xml --out %s", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    free(play(folder, run));
    cr_assert_eq(chdir(scratch_path(folder, "two")), 0);
    r = program_run(folder, "eval %s --episodes 1", run);
    assert_told(r, 0, "the environment's file has changed since the run began");
    scratch_remove(folder);
}
