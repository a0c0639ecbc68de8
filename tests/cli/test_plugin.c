/* test_plugin.c - environments of one's own, as their authors meet them: the examples are built
 * with their own Makefiles and used through the program; faulty ones are told in one line. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/cli/program.h"
#include "tests/not_run.h"
#include "tests/training/runs.h"
#include "tests/training/scratch.h"

/* ---- building ---- */

/* A shell's line, from the project's folder. */
static void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void shell(const char *format, ...)
{
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    cr_assert_eq(system(line), 0, "failed: %s", line);
}

/* Copies examples/NAME into the scratch folder and makes it there; the plugin's path. */
static const char *build_example(const char *folder, const char *name)
{
    char here[2048], object[128];
    cr_assert_not_null(getcwd(here, sizeof here));
    shell("mkdir %s/%s && cp examples/%s/*.[cx]* examples/%s/Makefile %s/%s", folder, name, name,
          name, folder, name);
    shell("make -s -B -C %s/%s HEADERS=-I%s CFLAGS='-O2 -Wall -Wextra -Werror'", folder, name,
          here);
    snprintf(object, sizeof object, "%s/%s.so", name, name);
    return scratch_path(folder, object);
}

/* ---- the examples ---- */

/* What is known of each. */
typedef struct {
    char name[32], id[32], option[32];
    int values;
} example;

ParameterizedTestParameters(plugin, works_like_any_environment)
{
    static example examples[] = {
        {"double_integrator", "DoubleIntegrator-v0", "noise=0.1", 2},
        {"ball_on_beam", "BallOnBeam-v0", "ctrl_cost_weight=0.5", 7},
    };
    return cr_make_param_array(example, examples, 2);
}

/* The commands that name an environment. */
static void look(const char *folder, const example *e, const char *path)
{
    char text[128];
    const program_result *r = program_run(folder, "check-env %s --steps 300", path);
    cr_assert_eq(r->code, 0, "%s%s", r->out, r->err);
    snprintf(text, sizeof text, "%s: 13 checks, 0 failed", e->id);
    cr_assert(strstr(r->out, text), "%s", r->out);

    r = program_run(folder, "envs %s", path);
    snprintf(text, sizeof text, "observation   %d values", e->values);
    cr_assert(r->code == 0 && strstr(r->out, e->id) && strstr(r->out, text), "%s", r->out);
    snprintf(text, sizeof text, "  %.*s ", (int)strcspn(e->option, "="), e->option);
    cr_assert(strstr(r->out, text), "no '%s' in %s", text, r->out);

    r = program_run(folder, "graph avg --env %s --env-set %s", path, e->option);
    cr_assert(r->code == 0 && strstr(r->out, "tanh"), "%s", r->err);
    r = program_run(folder, "gradcheck avg --env %s --set hidden=8 --elements 5", path);
    cr_assert(r->code == 0 && strstr(r->out, " 0 failed"), "%s%s", r->out, r->err);
}

#define RUN "train avg --env %s --env-set %s --set hidden=16 --quiet --out %s"

/* Interrupted and resumed it ends as if it never was, whatever the folder it is resumed from. */
ParameterizedTest(example *e, plugin, works_like_any_environment)
{
    char *folder = scratch_make();
    const char *path = build_example(folder, e->name);
    const char *whole = scratch_path(folder, "whole"), *parts = scratch_path(folder, "parts");
    look(folder, e, path);

    const program_result *r = program_run(folder, RUN " --steps 900", path, e->option, whole);
    cr_assert_eq(r->code, 0, "%s", r->err);
    r = program_run(folder, RUN " --steps 450", path, e->option, parts);
    cr_assert_eq(r->code, 0, "%s", r->err);
    r = program_run(folder, "train --resume --quiet --out %s --steps 900", parts);
    cr_assert_eq(r->code, 0, "%s", r->err);
    runs_assert_same(whole, parts);

    r = program_run(folder, "eval %s --episodes 2", whole);
    cr_assert(r->code == 0 && strstr(r->out, "2 episodes"), "%s%s", r->out, r->err);
    scratch_remove(folder);
}

/* ---- paths ---- */

/* Builds the first example and trains with it. */
static const char *train_example(const char *folder, const char *run)
{
    const char *path = build_example(folder, "double_integrator");
    const program_result *r = program_run(folder, RUN " --steps 300", path, "noise=0", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    return path;
}

/* So that the program is found from other folders. */
static void use_absolute_program(void)
{
    const char *given = getenv("STREAMGRAD_BIN");
    char *full = given ? realpath(given, NULL) : NULL;
    if (full)
        setenv("STREAMGRAD_BIN", full, 1);
    free(full);
}

Test(plugin, a_relative_path_is_recorded_as_an_absolute_one)
{
    char *folder = scratch_make(), before[2048];
    const char *run = scratch_path(folder, "run");
    build_example(folder, "double_integrator");
    cr_assert_not_null(getcwd(before, sizeof before));
    use_absolute_program();
    cr_assert_eq(chdir(scratch_path(folder, "double_integrator")), 0);
    const program_result *r =
        program_run(folder, RUN " --steps 300", "./double_integrator.so", "mass=2", run);
    cr_assert_eq(r->code, 0, "%s", r->err);

    /* somewhere else, by run.json alone and by the path from there */
    cr_assert_eq(chdir(before), 0);
    r = program_run(folder, "eval %s --episodes 1", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert_eq(chdir(folder), 0);
    r = program_run(folder, "train --resume --quiet --out %s --steps 400 --env %s", run,
                    "./double_integrator/double_integrator.so");
    cr_assert_eq(r->code, 0, "%s", r->err);

    /* the default folder has the plugin's short name */
    r = program_run(folder, "train avg --env %s --steps 10 --set hidden=8 --quiet",
                    "./double_integrator/double_integrator.so");
    cr_assert_eq(r->code, 0, "%s", r->err);
    shell("ls -d runs/avg-double_integrator-*-s0 >/dev/null");
    cr_assert_eq(chdir(before), 0);
    scratch_remove(folder);
}

Test(plugin, a_plugin_may_move_but_not_change_unnoticed)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run"), *moved = scratch_path(folder, "moved.so");
    const char *path = train_example(folder, run);
    shell("mv %s %s", path, moved);
    const program_result *r = program_run(folder, "eval %s --episodes 1", run);
    cr_assert(r->code == 2 && strstr(r->err, "No such file"), "%s", r->err);
    r = program_run(folder, "eval %s --episodes 1 --env %s", run, moved);
    cr_assert(r->code == 0 && !*r->err, "%s", r->err);
    r = program_run(folder, "train --resume --quiet --out %s --steps 400 --env %s", run, moved);
    cr_assert_eq(r->code, 0, "%s", r->err);

    /* Resuming recorded the new place; another content there is told, at another place refused. */
    shell("cp %s %s && printf x >>%s", moved, path, moved);
    r = program_run(folder, "train --resume --out %s --steps 500", run);
    cr_assert(r->code == 0 && strstr(r->err, "has changed since"), "%s%s", r->out, r->err);
    r = program_run(folder, "eval %s --episodes 1", run);
    cr_assert(r->code == 0 && strstr(r->err, "has changed since"), "%s", r->err);
    r = program_run(folder, "train --resume --out %s --env %s", run, "Pendulum-v1");
    cr_assert(r->code == 2 && strstr(r->err, "Pendulum-v1 is not the environment"), "%s", r->err);
    r = program_run(folder, "eval %s --episodes 1 --env %s", run, path);
    cr_assert(r->code == 0, "%s", r->err);
    scratch_remove(folder);
}

/* ---- other models ---- */

/* An actuator with a state of its own and without limits: saved, and bounded by nothing. */
Test(plugin, actuators_may_have_states_and_no_bounds)
{
    char *folder = scratch_make();
    const char *path = build_example(folder, "ball_on_beam");
    const char *model = scratch_path(folder, "ball_on_beam/ball_on_beam.xml");
    shell("sed -i 's/<motor name=\"tilt\"/<general dyntype=\"filter\" dynprm=\"0.2\"/; "
          "s/ctrllimited=\"true\"/ctrllimited=\"false\"/' %s",
          model);
    const program_result *r = program_run(folder, "check-env %s --steps 300", path);
    cr_assert(r->code == 0 && strstr(r->out, "13 checks, 0 failed"), "%s%s", r->out, r->err);
    cr_assert(strstr(r->out, "not all bounded"), "%s", r->out);
    r = program_run(folder, "envs %s", path);
    cr_assert(strstr(r->out, "bounds [-inf, inf]"), "%s", r->out);
    scratch_remove(folder);
}

/* ---- the guide ---- */

/* The C file in docs/new-environment.md does what the guide says of it. */
Test(plugin, the_guide_works)
{
    char *folder = scratch_make();
    const char *source = scratch_path(folder, "hover.c"), *path = scratch_path(folder, "hover.so");
    size_t size;
    char *guide = scratch_read("docs/new-environment.md", &size);
    const char *begin = strstr(guide, "```c\n"), *end = begin ? strstr(begin + 5, "```\n") : NULL;
    cr_assert_not_null(end, "no C file in the guide");
    scratch_write(source, begin + 5, (size_t)(end - begin - 5));
    free(guide);

    shell("cc -shared -fPIC -O2 -Wall -Wextra -Werror -I. %s -o %s", source, path);
    const program_result *r = program_run(folder, "check-env %s --steps 400", path);
    cr_assert(r->code == 0 && strstr(r->out, "Hover-v0: 13 checks, 0 failed"), "%s", r->out);
    r = program_run(folder, RUN " --steps 300", path, "gust=0.05", scratch_path(folder, "run"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    r = program_run(folder, "eval %s --episodes 1", scratch_path(folder, "run"));
    cr_assert_eq(r->code, 0, "%s", r->err);
    scratch_remove(folder);
}

/* ---- faults ---- */

/* Exit code 2 and one line that says `told`, with nothing else printed and nothing left behind. */
static void refused(const char *folder, const char *path, const char *more, const char *told)
{
    static const char *const commands[] = {"check-env", "graph avg --env", "envs",
                                           "train avg --steps 10 --out"};
    const char *run = scratch_path(folder, "run");
    for (int i = 0; i < 4; i++) {
        if (i == 2 && *more)
            continue; /* envs takes no options */
        const program_result *r = program_run(folder, "%s %s%s%s%s", commands[i], i == 3 ? run : "",
                                              i == 3 ? " --env " : "", path, more);
        cr_assert_eq(r->code, 2, "%s: exit code %d (%s%s)", commands[i], r->code, r->out, r->err);
        cr_assert(strstr(r->err, told), "'%s' lacks '%s'", r->err, told);
        cr_assert(strchr(r->err, '\n') == r->err + strlen(r->err) - 1, "not one line: %s", r->err);
        cr_assert_str_empty(r->out);
    }
    cr_assert_not(sg_file_exists(run));
}

/* Compiled with a macro each; the message must hold the text. */
static const struct {
    const char *macro, *told;
} FAULTS[] = {
    {"OTHER_VERSION", "version 4 of the environment interface, this program has version 3"},
    {"OTHER_LAYOUT", "another layout of envs/env.h"},
    {"NO_SYMBOL", "lacks SG_ENV_PLUGIN"},
    {"NO_MAKE", "no make function"},
    {"NO_ID", "must have 1 to 63 letters"},
    {"ID_OF_TWO_LINES", "must have 1 to 63 letters, and no control characters"},
    {"NO_STEP", "Faulty-v0: the environment has no step function"},
    {"BAD_BOUNDS", "Faulty-v0: action_low[0] is -1, action_high[0] -1"},
    {"ACTIONS=2000000000", "Faulty-v0: action_count is 2000000000, must be 1 to 8192"},
    {"SILENT", "Faulty-v0: its make function failed and gave no reason"},
    {"UNDEFINED", "undefined symbol: nobody_has_this"},
    {"AT_STATE=ENTER", "Faulty-v0: its state function makes a mistake: enter without leave"},
    {"AT_STATE=LEAVE", "Faulty-v0: its state function makes a mistake: leave without enter"},
    {"AT_STATE=SAVE_TWICE",
     "Faulty-v0: its state function makes a mistake: array 'env/x' is there twice"},
};

Test(plugin, faulty_plugins_are_told_in_one_line)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "faulty.so");
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        shell("cc -shared -fPIC -I. -D%s tests/envs/plugins/faulty.c -o %s", FAULTS[i].macro, path);
        refused(folder, path, "", FAULTS[i].told);
    }
    /* Without a fault it is loaded: the rest is not refused for another reason. */
    shell("cc -shared -fPIC -I. tests/envs/plugins/faulty.c -o %s", path);
    const program_result *r = program_run(folder, "check-env %s --steps 20", path);
    cr_assert_eq(r->code, 0, "%s%s", r->out, r->err);
    scratch_remove(folder);
}

Test(plugin, files_that_are_no_plugins_are_told_in_one_line)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "text.so"), *gone = scratch_path(folder, "gone.so");
    const char *directory = scratch_path(folder, "folder.so");
    scratch_write(path, "no program\n", 11);
    shell("mkdir %s", directory);
    refused(folder, path, "", "cannot load the environment");
    refused(folder, gone, "", "No such file");
    refused(folder, directory, "", "folder.so");
    refused(folder, "my_env.so", "", "a plugin in this folder is ./my_env.so");
    refused(folder, "./my_env", "", "unknown environment './my_env'; a plugin's file ends in .so");
    scratch_remove(folder);
}

/* Nobody writes into the pipe: whoever opened it as a file would wait for ever. */
Test(plugin, a_pipe_is_no_plugin, .timeout = 60)
{
    char *folder = scratch_make();
    const char *pipe = scratch_path(folder, "pipe.so");
    shell("mkfifo %s", pipe);
    const program_result *r = program_run(folder, "envs %s", pipe);
    cr_expect(r->code == 2 && strstr(r->err, "pipe.so: it is no regular file\n"), "%s", r->err);
    r = program_run(folder, "check-env %s", pipe);
    cr_expect(r->code == 2 && strstr(r->err, "pipe.so: it is no regular file\n"), "%s", r->err);
    scratch_remove(folder);
}

/* A copy that was interrupted, anywhere, is told before the system's loader maps it. */
Test(plugin, a_plugin_cut_off_is_told_in_one_line)
{
    char *folder = scratch_make(), told[128];
    const char *whole = build_example(folder, "double_integrator");
    const char *part = scratch_path(folder, "part.so");
    size_t size, tried = 0;
    char *bytes = scratch_read(whole, &size);
    for (size_t left = 64; left < size; left += size / 6, tried++) {
        scratch_write(part, bytes, left);
        snprintf(told, sizeof told, "is cut off: it has %zu bytes, its headers speak of ", left);
        refused(folder, part, "", told);
    }
    cr_assert_geq(tried, 6);
    free(bytes);
    scratch_remove(folder);
}

Test(plugin, options_and_models_are_told_in_one_line)
{
    char *folder = scratch_make();
    const char *path = build_example(folder, "double_integrator");
    refused(folder, path, " --env-set colour=red", "allowed are noise, mass");
    refused(folder, path, " --env-set mass=0", "from 0.1 to 10");

    /* a model that is missing, and one that is none */
    path = build_example(folder, "ball_on_beam");
    const char *model = scratch_path(folder, "ball_on_beam/ball_on_beam.xml");
    refused(folder, path, " --env-set noise=0", "allowed are reset_noise_scale, ctrl_cost_weight");
    scratch_write(model, "<mujoco><worldbody><bodi/></worldbody></mujoco>", 48);
    refused(folder, path, "", "MuJoCo does not accept the model");
    scratch_write(model, "<mujoco/>", 9);
    refused(folder, path, "", "and 0 controls");
    cr_assert_eq(unlink(model), 0);
    refused(folder, path, "", "cannot read the model");
    scratch_remove(folder);
}

/* The environment's numbers are told as its own, not as the agent's. */
Test(plugin, numbers_that_are_not_finite_are_told_with_their_place)
{
    static const struct {
        const char *fault, *told;
    } NUMBERS[] = {
        {"BAD_OBSERVATION=NAN", "stopped after step 50: Faulty-v0: observation[1] is nan"},
        {"BAD_OBSERVATION=-INFINITY", "stopped after step 50: Faulty-v0: observation[1] is -inf"},
        {"BAD_REWARD=NAN", "stopped after step 50: Faulty-v0: the reward is nan"},
        {"BAD_REWARD=INFINITY", "stopped after step 50: Faulty-v0: the reward is inf"},
        {"BAD_OBSERVATION=1e160", "after step 50: Faulty-v0: observation[1] is too large"},
    };
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "faulty.so"), *run = scratch_path(folder, "run");
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        shell("cc -shared -fPIC -I. -D%s tests/envs/plugins/faulty.c -o %s", NUMBERS[i].fault,
              path);
        const program_result *r = program_run(
            folder, "train avg --env %s --steps 300 --quiet --force --out %s", path, run);
        cr_assert_eq(r->code, 1, "exit code %d: %s", r->code, r->err);
        cr_assert(strstr(r->err, NUMBERS[i].told), "'%s' lacks '%s'", r->err, NUMBERS[i].told);
        cr_assert_not(strstr(r->err, "--check-finite"), "%s", r->err);
    }
    scratch_remove(folder);
}

/* ---- no fault passes in silence ---- */

/* A failure, with a reason or without, the end of the program and a crash are told with the
 * environment and the function that they happen in; a run is not taken for a finished one. */
Test(plugin, failures_are_told_with_their_source)
{
    static const struct {
        const char *fault, *told;
        int code; /* of a shell, for a crash */
    } FAULTS_AT_WORK[] = {
        {"AT_RESET='return false'", "Faulty-v0: its reset function failed and gave no reason", 2},
        {"AT_STEP='return false'", "Faulty-v0: its step function failed and gave no reason", 1},
        {"AT_CONSTRUCTOR=EXIT", "faulty.so: its constructor function ended the program", 1},
        {"AT_MAKE=EXIT", "Faulty-v0: its make function ended the program", 1},
        {"AT_RESET=EXIT", "Faulty-v0: its reset function ended the program", 1},
        {"AT_STEP=EXIT", "Faulty-v0: its step function ended the program", 1},
        {"AT_STEP='quick_exit(0)'", "Faulty-v0: its step function ended the program", 1},
        {"AT_STEP=CRASH", "Faulty-v0: its step function crashed", 128 + SIGILL},
        {"AT_STEP='abort()'", "Faulty-v0: its step function crashed", 128 + SIGABRT},
        {"SHORT_OBSERVATION", "Faulty-v0: observation[1] is nan, or not written", 2},
        {"AT_MAKE='return sg_fail(error, \"no luck\"), NULL'",
         "train: Faulty-v0: its make function failed: no luck\n", 2},
        {"AT_RESET='return sg_fail(error, \"no luck\")'",
         "train: Faulty-v0: its reset function failed: no luck\n", 2},
        {"AT_STEP='return sg_fail(error, \"no luck\")'",
         "after step 50: Faulty-v0: its step function failed: no luck (last", 1},
        {"BAD_RESET", "train: Faulty-v0 cannot be reset\n", 2},
        {"AT_RESET='obs[2] = 0'", "train: Faulty-v0: an observation is written beyond its 2 values",
         2},
        {"AT_STEP='obs[-1] = 0'",
         "after step 50: Faulty-v0: an observation is written beyond its 2 values", 1},
    };
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "faulty.so"), *run = scratch_path(folder, "run");
    for (size_t i = 0; i < sizeof FAULTS_AT_WORK / sizeof *FAULTS_AT_WORK; i++) {
        shell("cc -shared -fPIC -I. -D%s tests/envs/plugins/faulty.c -o %s",
              FAULTS_AT_WORK[i].fault, path);
        const program_result *r = program_run(
            folder, "train avg --env %s --steps 300 --quiet --force --out %s", path, run);
        cr_expect_eq(r->code, FAULTS_AT_WORK[i].code, "%s: exit code %d: %s",
                     FAULTS_AT_WORK[i].fault, r->code, r->err);
        cr_expect(strstr(r->err, FAULTS_AT_WORK[i].told), "%s: '%s' lacks '%s'",
                  FAULTS_AT_WORK[i].fault, r->err, FAULTS_AT_WORK[i].told);
    }
    scratch_remove(folder);
}

/* What the library says of a mistake is told once, with its place. */
Test(plugin, misuse_is_told_in_one_line)
{
    static const struct {
        const char *fault, *told;
    } MISUSES[] = {
        {"AT_STEP='sg_misuse(\"no luck\")'", "streamgrad: Faulty-v0: its step function: no luck\n"},
        {"AT_STATE='LATE(ENTER)'",
         "streamgrad: Faulty-v0: its state function makes a mistake: enter without leave\n"},
    };
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "faulty.so"), *run = scratch_path(folder, "run");
    for (size_t i = 0; i < sizeof MISUSES / sizeof *MISUSES; i++) {
        shell("cc -shared -fPIC -I. -D%s tests/envs/plugins/faulty.c -o %s", MISUSES[i].fault,
              path);
        const program_result *r = program_run(
            folder, "train avg --env %s --steps 300 --quiet --force --out %s", path, run);
        cr_expect_eq(r->code, 128 + SIGABRT, "exit code %d: %s", r->code, r->err);
        cr_expect_str_eq(r->err, MISUSES[i].told);
    }
    scratch_remove(folder);
}

/* A run of any length could neither be resumed nor played. */
Test(plugin, a_state_that_changes_its_names_is_told_before_the_run)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "faulty.so"), *run = scratch_path(folder, "run");
    shell("cc -shared -fPIC -I. -DAT_STATE=RENAME tests/envs/plugins/faulty.c -o %s", path);
    const program_result *r =
        program_run(folder, "train avg --env %s --steps 300 --quiet --out %s", path, run);
    cr_assert_eq(r->code, 2, "exit code %d: %s", r->code, r->err);
    cr_assert(strstr(r->err, "Faulty-v0: its state function makes a mistake: it saves ") &&
                  strstr(r->err, "/x2 (8 bytes), and the next time ") &&
                  strstr(r->err, "/x3 (8 bytes)\n"),
              "%s", r->err);
    cr_assert_not(sg_file_exists(run));
    scratch_remove(folder);
}

/* Makes a locale with decimal commas that programs started from here will find. */
static bool prepare_commas(const char *folder)
{
    char command[600];
    snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s >/dev/null 2>&1",
             scratch_path(folder, "de_DE.UTF-8"));
    setenv("LOCPATH", folder, 1);
    setenv("LC_ALL", "de_DE.UTF-8", 1);
    return system(command) == 0;
}

/* Numbers have points, whatever locale a plugin sets for itself. */
Test(plugin, a_locale_of_a_plugin_stays_there)
{
    static const char *const places[] = {"AT_CONSTRUCTOR", "AT_MAKE", "AT_RESET", "AT_STEP"};
    char *folder = scratch_make();
    if (!prepare_commas(folder)) {
        scratch_remove(folder);
        NOT_RUN("a locale with decimal commas: apt-get install locales");
    }
    const char *path = scratch_path(folder, "faulty.so");
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        shell("LC_ALL=C cc -shared -fPIC -I. -DBAD_REWARD=0.5 -D%s='setlocale(LC_ALL,\"\")' "
              "tests/envs/plugins/faulty.c -o %s",
              places[i], path);
        const program_result *r = program_run(folder, "check-env %s --steps 100", path);
        cr_expect(strstr(r->out, "rewards from 0 to 0.5\n"), "%s: %s%s", places[i], r->out, r->err);
    }
    scratch_remove(folder);
}

/* A plugin that does not read its options would take any. */
Test(plugin, options_that_are_not_read_are_told_by_the_check)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "faulty.so");
    shell("cc -shared -fPIC -I. -DIGNORES_OPTIONS tests/envs/plugins/faulty.c -o %s", path);
    const program_result *r = program_run(folder, "check-env %s --steps 20", path);
    cr_assert_eq(r->code, 1, "%s%s", r->out, r->err);
    cr_assert(strstr(r->out, "no_such_option=1 is taken without a word"), "%s", r->out);
    scratch_remove(folder);
}
