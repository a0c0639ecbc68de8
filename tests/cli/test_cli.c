/* test_cli.c - the program as its users meet it: good lines, bad lines, and what is left behind. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "optim/optimizer.h"
#include "rl/training/loop.h"
#include "tests/cli/program.h"
#include "tests/training/runs.h"
#include "tests/training/scratch.h"

/* A quick run. */
#define QUICK "train avg --env Pendulum-v1 --set hidden=16 --steps 1k"

/* ---- lines that are refused ---- */

/* %s is a folder that does not exist. The message must hold the second text. */
static const struct {
    const char *line, *told;
} refused[] = {
    {"", "usage"},
    {"trian", "did you mean train? There are: "},
    {"nonsense",
     "'nonsense'; there are: train eval plot render envs check-env algorithms gradcheck graph"},
    {"two\nlines", "'two?lines'; there are: train"},
    {"train avg --env Two\nlines --out %s", "unknown environment 'Two?lines'"},
    {"check-env Pendulum-v1 --env-set=", "--env-set needs a value: --env-set KEY=VALUE"},
    {"train avg --env Pendulum-v1 --out=", "--out needs a value"},
    {"train", "name an algorithm"},
    {"train avg", "--env"},
    {"train avg pendulum --env Pendulum-v1", "pendulum"},
    {"train avgg --env Pendulum-v1 --out %s",
     "unknown algorithm 'avgg'; did you mean avg? There are: avg, iac,"},
    {"train avg --env Pendulum-v9 --out %s", "Pendulum-v1"},
    {"train avg --env CartPole-v1 --out %s", "CartPole-v1"},
    {"train avg --env Pendulum-v1 --out %s --stepz 10", "did you mean --steps"},
    {"train avg --env Pendulum-v1 --out %s --steps", "--steps needs a value"},
    {"train avg --env Pendulum-v1 --out %s --steps ten", "ten"},
    {"train avg --env Pendulum-v1 --out %s --steps -5", "-5"},
    {"train avg --env Pendulum-v1 --out %s --steps 0", "at least 1"},
    {"train avg --env Pendulum-v1 --out %s --steps 1.5", "whole number"},
    {"train avg --env Pendulum-v1 --out %s --steps 1e30", "at most 9007199254740991"},
    {"train avg --env Pendulum-v1 --out %s --steps 9007199254740993", "at most 9007199254740991"},
    {"train avg --env Pendulum-v1 --out %s --seed -1", "from 0 to"},
    {"train avg --env Pendulum-v1 --out %s --seed one", "from 0 to"},
    {"train avg --env Pendulum-v1 --out %s --threads 0", "at least 1"},
    {"train avg --env Pendulum-v1 --out %s --float64=yes", "takes no value"},
    {"train avg --env Pendulum-v1 --out %s --set gama=0.9", "did you mean gamma"},
    {"train avg --env Pendulum-v1 --out %s --set gamma=2", "from 0 to 1"},
    {"train avg --env Pendulum-v1 --out %s --set gamma=nan", "from 0 to 1"},
    {"train avg --env Pendulum-v1 --out %s --set gamma=0x1p-3", "from 0 to 1"},
    {"train avg --env Pendulum-v1 --out %s --set gamma=\t0.5", "from 0 to 1"},
    {"train avg --env Pendulum-v1 --out %s --env-set g=0x10", "option g is '0x10'"},
    {"train avg --env Pendulum-v1 --out %s --set gamma", "name=value"},
    {"train avg --env Pendulum-v1 --out %s --set action=sideways", "clip|scale|none"},
    {"train avg --env Pendulum-v1 --out %s --env-set colour=red", "colour"},
    {"train avg --env Pendulum-v1 --out %s --eval-every x", "--eval-every"},
    {"train avg --env Pendulum-v1 --out %s --resume --force", "exclude each other"},
    {"train avg --env Pendulum-v1 --out /proc/streamgrad", "/proc"},
    {"train avg --env Pendulum-v1 --out /dev/null", "not a folder"},
    {"train avg --env Pendulum-v1 --out /dev/null/run", "/dev/null"},
    {"train --resume --out %s", "no run to resume in"},
    {"train --resume", "--resume needs --out DIR"},
    {"train avg --env Pendulum-v1 --out %s --lost-records", "--lost-records needs --resume"},
    {"train avg --env Pendulum-v1 --out %s --eval-episodes 3", "--eval-episodes needs --eval-ev"},
    {"gradcheck avg --env Pendulum-v1 --all --elements 3", "--elements and --all exclude each"},
    {"eval", "name the folder of a run"},
    {"eval %s", "run.json"},
    {"eval %s --episodes 0", "at least 1"},
    {"envs Pendulum-v2", "Pendulum-v1"},
    {"check-env", "usage"},
    {"check-env Pendulum-v2", "Pendulum-v1"},
    {"check-env Pendulum-v1 --steps 0", "at least 1"},
    {"check-env Pendulum-v1 --env-set colour=red", "allowed are g"},
    {"algorithms agv", "did you mean avg? There are: avg, iac,"},
    {"algorithms reinforcement", "unknown algorithm 'reinforcement'; there are: avg, iac,"},
    {"graph avg", "--env"},
    {"graph avg --env Pendulum-v1 --dot --plan", "exclude each other"},
    {"graph avg --env CartPole-v1", "CartPole-v1"},
    {"train sac --env CartPole-v1 --out %s", "needs continuous ones"},
    {"train dqn --env Pendulum-v1 --out %s", "needs discrete ones"},
    {"train sac --env Pendulum-v1 --set critic_optimizer=obgd --out %s", "a batch has no one"},
    {"train sac --env Pendulum-v1 --set buffer=0 --out %s", "from 1 to 100000000"},
    {"train sac_1 --env Pendulum-v1 --set batch=256 --out %s", "batch=256 is more than buffer=1;"},
    {"gradcheck avg --env Nothing-v1", "Nothing-v1"},
    {"plot", "name the folder of a run"},
    {"plot %s", "--out"},
    {"plot %s --out picture.jpg", ".png or .svg"},
    {"plot %s --out /tmp/picture.svg", "run.json"},
};

static int count_lines(const char *text)
{
    int lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

Test(cli, bad_lines_are_told_in_one_line_and_leave_nothing)
{
    char *folder = scratch_make();
    char line[8192];

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const char *target = scratch_path(folder, "run");
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(line, sizeof line, refused[i].line, target);
        const program_result *r = program_run(folder, "%s", line);
        cr_assert_eq(r->code, 2, "exit code %d for: %s (%s)", r->code, line, r->err);
        cr_assert(strstr(r->err, refused[i].told), "'%s' lacks '%s', for: %s", r->err,
                  refused[i].told, line);
        cr_assert(i == 0 || count_lines(r->err) == 1, "not one line: %s", r->err);
        cr_assert_str_empty(r->out);
        cr_assert_not(sg_file_exists(target), "left behind by: %s", line);
    }
    scratch_remove(folder);
}

/* ---- lines that are fine ---- */

static const struct {
    const char *line, *told;
} GOOD[] = {
    {"--help", "streamgrad COMMAND --help"},
    {"--version", "streamgrad "},
    {"train --help", "--eval-every N"},
    {"eval --help", "--stochastic"},
    {"plot --help", "--out FILE"},
    {"render --help", "--policy DIR"},
    {"envs --help", "my_env.so"},
    {"check-env --help", "--steps N"},
    {"check-env Pendulum-v1 --steps 50 --seed 3 --env-set g=5", "13 checks, 0 failed"},
    {"--help", "my_env.so"},
    {"algorithms --help", "usage"},
    {"gradcheck --help", "--elements N"},
    {"graph --help", "--dot"},
    {"envs", "HalfCheetah-v4"},
    {"envs HalfCheetah-v4", "17 values"},
    {"algorithms", "Action Value Gradient"},
    {"envs HalfCheetah-v4", "ctrl_cost_weight                           0.1 "},
    {"envs Hopper-v4", "healthy_z_range                            0.7:inf  low:high\n"},
    {"envs Ant-v5", "frame_skip                                 5 "},
    {"envs Ant-v5", "xml_file                                   ant.xml"},
    {"algorithms avg", "actor_lr=1.1e-5"},
    {"algorithms avg", "overshoot              off          on|off                     report"},
    {"algorithms avg", SG_OPTIMIZER_CHOICES "\n"}, /* however many they become */
    {"graph sac --env Pendulum-v1 --set batch=4 --plan", "phase learn_alpha"},
    {"graph avg --env Pendulum-v1", "tanh"},
    {"graph avg --env Pendulum-v1 --dot", "digraph"},
    {"graph avg --env Pendulum-v1 --plan", "phase learn"},
};

Test(cli, help_and_lists)
{
    char *folder = scratch_make();
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        const program_result *r = program_run(folder, "%s", GOOD[i].line);
        cr_assert_eq(r->code, 0, "exit code %d for %s: %s", r->code, GOOD[i].line, r->err);
        cr_assert(strstr(r->out, GOOD[i].told), "no '%s' in %s: %s", GOOD[i].told, GOOD[i].line,
                  r->out);
        cr_assert_str_empty(r->err);
    }
    scratch_remove(folder);
}

Test(cli, gradients_are_checked)
{
    char *folder = scratch_make();
    const program_result *r =
        program_run(folder, "gradcheck avg --env Pendulum-v1 --set hidden=8 --elements 20");
    cr_assert_eq(r->code, 0, "%s%s", r->out, r->err);
    cr_assert(strstr(r->out, " 0 failed"), "%s", r->out);
    cr_assert(strstr(r->out, "actor") && strstr(r->out, "critic"), "%s", r->out);
    scratch_remove(folder);
}

Test(cli, a_run_leaves_its_records)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run");
    size_t size;
    const program_result *r = program_run(folder, QUICK " --seed 7 --out %s --eval-every=500", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->out, "step 1000/1000 100%"), "%s", r->out);
    cr_assert_not(strchr(r->out, '\r'), "terminal codes in a file");

    char *json = scratch_read(scratch_path(run, SG_RUN_FILE), &size);
    static const char *const KEYS[] = {"\"seed\": 7,",
                                       "\"hidden\": 16",
                                       "\"gamma\": 0.99",
                                       "\"steps\": 1000",
                                       "\"algorithm\": \"avg\"",
                                       "\"environment\": \"Pendulum-v1\"",
                                       "\"version\"",
                                       "\"cpu\"",
                                       "\"instruction_set\"",
                                       "\"compiler\""};
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        cr_assert(strstr(json, KEYS[i]), "no %s in %s", KEYS[i], json);
    }
    free(json);
    char *episodes = scratch_read(scratch_path(run, "episodes.csv"), &size);
    cr_assert(strncmp(episodes, "step,episode,return,length,seconds\n200,1,-", 42) == 0, "%s",
              episodes);
    cr_assert_eq(count_lines(episodes), 6);
    free(episodes);
    free(scratch_read(scratch_path(run, "events.out.tfevents.streamgrad"), &size));
    cr_assert(size > 500);

    r = program_run(folder, QUICK " --out %s", run);
    cr_assert(r->code == 2 && strstr(r->err, "exists already"), "%s", r->err);
    scratch_remove(folder);
}

Test(cli, a_trained_agent_plays)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run");
    cr_assert_eq(program_run(folder, QUICK " --quiet --out %s", run)->code, 0);

    const program_result *r = program_run(folder, "eval %s --episodes 3 --seed 5", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert_eq(count_lines(r->out), 4, "%s", r->out);
    cr_assert(strstr(r->out, "episode 3  return -") && strstr(r->out, "3 episodes: return -"), "%s",
              r->out);
    char *first = strdup(r->out);
    r = program_run(folder, "eval %s --episodes 3 --seed 5", run);
    cr_assert_str_eq(r->out, first);
    r = program_run(folder, "eval %s --episodes 3 --seed 5 --stochastic", run);
    cr_assert(r->code == 0 && strcmp(r->out, first) != 0, "%s", r->out);
    free(first);
    scratch_remove(folder);
}

Test(cli, resuming_holds_to_the_run)
{
    char *folder = scratch_make();
    const char *run = scratch_path(folder, "run");
    static const struct {
        const char *options, *told;
    } CONFLICTS[] = {
        {"--seed 1", "--seed 1"},
        {"--env HalfCheetah-v4", "HalfCheetah-v4 is not the environment of the run"},
        {"--float64", "f64"},
        {"--set gamma=0.5", "gamma=0.5"},
        {"--steps 500", "--steps 500"},
        {"--eval-every 10", "--eval-every 10"},
    };
    cr_assert_eq(program_run(folder, QUICK " --quiet --out %s", run)->code, 0);
    for (size_t i = 0; i < sizeof CONFLICTS / sizeof *CONFLICTS; i++) {
        const program_result *r =
            program_run(folder, "train --resume --out %s %s", run, CONFLICTS[i].options);
        cr_assert_eq(r->code, 2, "%s: %s", CONFLICTS[i].options, r->err);
        cr_assert(strstr(r->err, CONFLICTS[i].told), "%s", r->err);
        cr_assert_eq(count_lines(r->err), 1);
    }
    const program_result *r =
        program_run(folder, "train --resume --out %s --steps 1200 --seed 0", run);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->out, "step 1200/1200"), "%s", r->out);
    r = program_run(folder, "train --resume --out %s", run);
    cr_assert(r->code == 0 && strstr(r->out, "already taken"), "%s%s", r->out, r->err);
    scratch_remove(folder);
}

Test(cli, the_default_folder_is_named_after_the_run)
{
    char *folder = scratch_make();
    DIR *runs;
    char before[4096];
    const struct dirent *entry;
    int found = 0;

    /* The program starts in the scratch folder. */
    cr_assert_not_null(getcwd(before, sizeof before));
    if (!getenv("STREAMGRAD_BIN") || getenv("STREAMGRAD_BIN")[0] == '/')
        cr_assert_eq(chdir(folder), 0);
    cr_assert_eq(program_run(folder, QUICK " --seed 3 --quiet")->code, 0);
    cr_assert_eq(program_run(folder, QUICK " --seed 3 --quiet")->code, 2, "trained twice");
    cr_assert_eq(program_run(folder, QUICK " --seed 3 --quiet --set gamma=0.9")->code, 0);
    runs = opendir("runs");
    cr_assert_not_null(runs);
    while ((entry = readdir(runs))) {
        unsigned hash;
        int end = 0;
        if (sscanf(entry->d_name, "avg-Pendulum-v1-%8x-s3%n", &hash, &end) == 1)
            found += end == 27;
    }
    closedir(runs);
    cr_assert_eq(found, 2);
    scratch_remove(folder);
}

/* The same folder by two paths is one run; a run without an episode is left out, with a line. */
Test(cli, curves_are_of_different_runs_that_have_episodes)
{
    char *folder = scratch_make();
    const char *one = scratch_path(folder, "1"), *none = scratch_path(folder, "none");
    const char *picture = scratch_path(folder, "a.svg");
    size_t size;

    cr_assert_eq(program_run(folder, QUICK " --quiet --out %s", one)->code, 0);
    cr_assert_eq(
        program_run(folder,
                    "train avg --env Pendulum-v1 --set hidden=16 --steps 9 --quiet --out %s", none)
            ->code,
        0);
    const program_result *r =
        program_run(folder, "plot %s %s/../1 %s --out %s", one, one, none, picture);
    cr_assert_eq(r->code, 0, "%s", r->err);
    cr_assert(strstr(r->err, "none has no finished episode; it is left out\n"), "%s", r->err);
    cr_assert_eq(count_lines(r->err), 1, "%s", r->err);
    char *svg = scratch_read(picture, &size);
    cr_assert(strstr(svg, "avg Pendulum-v1, 1 run<"), "not one run");
    free(svg);

    /* The old picture stays where there is nothing to draw, and without --force. */
    r = program_run(folder, "plot %s %s --out %s --force", none, none, picture);
    cr_assert(r->code == 2 && strstr(r->err, "none has no finished episode\n"), "%s", r->err);
    cr_assert(sg_file_exists(picture));
    scratch_write(picture, "mine", 4);
    r = program_run(folder, "plot %s --out %s", one, picture);
    cr_assert(r->code == 2 && strstr(r->err, "a.svg exists already (--force replaces it)\n"), "%s",
              r->err);
    svg = scratch_read(picture, &size);
    cr_assert_str_eq(svg, "mine");
    free(svg);
    r = program_run(folder, "plot %s --out %s --force", one, picture);
    cr_assert_eq(r->code, 0, "%s", r->err);
    svg = scratch_read(picture, &size);
    cr_assert(strstr(svg, "<svg"), "not the picture");
    free(svg);
    scratch_remove(folder);
}

/* A user's FILE.tmp, and one that is a link, stay as they are, drawn or not. */
Test(cli, a_file_beside_the_curve_is_not_touched)
{
    char *folder = scratch_make();
    const char *one = scratch_path(folder, "1"), *picture = scratch_path(folder, "a.svg");
    const char *own = scratch_path(folder, "a.svg.tmp"), *notes = scratch_path(folder, "notes");
    size_t size;
    cr_assert_eq(program_run(folder, QUICK " --quiet --out %s", one)->code, 0);
    scratch_write(own, "mine", 4);
    for (int i = 0; i < 4; i++) {
        if (i == 2)
            cr_assert(rename(own, notes) == 0 && symlink(notes, own) == 0);
        if (i % 2)
            setenv("PATH", "/nowhere", 1);
        else
            setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
        const program_result *r = program_run(folder, "plot %s --force --out %s", one, picture);
        cr_assert_eq(r->code, i % 2 ? 2 : 0, "%s", r->err);
        char *kept = scratch_read(own, &size);
        cr_assert_str_eq(kept, "mine");
        free(kept);
    }
    setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
    char line[300];
    snprintf(line, sizeof line, "test $(ls %s | grep -c tmp) = 1", folder);
    cr_assert_eq(system(line), 0, "something is left behind");
    scratch_remove(folder);
}

/* gnuplot sees no name, and nothing that the user told it for other occasions. */
Test(cli, any_name_of_a_curve_is_a_name)
{
    static const char *const NAMES[] = {"|touch\tpwned;.png", "two\nlines.svg", "~/x.svg",
                                        "it's`touch\tpwned`.svg"};
    char *folder = scratch_make();
    const char *one = scratch_path(folder, "1"), *home = scratch_path(folder, "home");
    cr_assert_eq(program_run(folder, QUICK " --quiet --out %s", one)->code, 0);
    cr_assert_eq(chdir(folder), 0);
    cr_assert(mkdir("home", 0700) == 0 && mkdir("~", 0700) == 0);
    scratch_write(scratch_path(home, ".gnuplot"), "set fault\n", 10);
    setenv("HOME", home, 1);
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        const program_result *r = program_run(folder, "plot %s --out %s", one, NAMES[i]);
        cr_assert_eq(r->code, 0, "%s: %s", NAMES[i], r->err);
        cr_assert(sg_file_exists(NAMES[i]), "no %s", NAMES[i]);
    }
    cr_assert_not(sg_file_exists("pwned"));
    cr_assert_not(sg_file_exists(scratch_path(home, "x.svg")));
    scratch_remove(folder);
}

Test(cli, curves_are_drawn)
{
    char *folder = scratch_make();
    const char *one = scratch_path(folder, "1"), *two = scratch_path(folder, "2");
    const char *picture = scratch_path(folder, "it's.svg");
    size_t size;

    cr_assert_eq(program_run(folder, QUICK " --quiet --out %s", one)->code, 0);
    cr_assert_eq(program_run(folder, QUICK " --quiet --seed 1 --out %s", two)->code, 0);
    const program_result *r = program_run(folder, "plot %s %s --out %s", one, two, picture);
    cr_assert_eq(r->code, 0, "%s", r->err);
    char *svg = scratch_read(picture, &size);
    cr_assert(strstr(svg, "<svg") && strstr(svg, "avg Pendulum-v1, 2 runs"), "not the picture");
    free(svg);

    /* Without gnuplot the missing package is named. */
    cr_assert_eq(setenv("PATH", "/nowhere", 1), 0);
    r = program_run(folder, "plot %s --out %s", one, scratch_path(folder, "b.png"));
    cr_assert(r->code == 2 && strstr(r->err, "gnuplot-nox"), "%s", r->err);
    cr_assert_not(sg_file_exists(scratch_path(folder, "b.png")));
    scratch_remove(folder);
}
