/* train.c - `streamgrad train`: from options to an experiment, or from a folder's run.json. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "rl/training/loop.h"

typedef struct {
    sg_cli_value arguments, env, steps, seed, out, set, env_set, float64, threads;
    sg_cli_value eval_every, eval_episodes, checkpoint_every, resume, lost_records, force, quiet,
        profile, check_finite;
} train_options;

/* ---- a new experiment ---- */

/* The options that a resumed run shares with a new one. */
static void apply_numbers(sg_experiment *run, const train_options *o)
{
    if (o->steps.given)
        run->steps = o->steps.count;
    if (o->threads.given)
        run->threads = (int)o->threads.count;
    run->check_finite = o->check_finite.given;
}

static bool name_environment(sg_experiment *run, const train_options *o, sg_error *error)
{
    char *options = sg_cli_join(&o->env_set);
    bool ok = sg_experiment_set_environment(run, o->env.text, error) &&
              sg_experiment_set_options(run, options, error);
    free(options);
    return ok;
}

/* Everything by name or default; nothing is made yet but the settings. */
static bool from_options(sg_experiment *run, const train_options *o, sg_error *error)
{
    *run = sg_experiment_default();
    if (o->arguments.word_count == 0)
        return sg_fail(error, "name an algorithm (see streamgrad algorithms)");
    if (!o->env.given)
        return sg_fail(error, "name an environment: --env ID (see streamgrad envs)");
    run->algorithm = sg_algorithm_find(o->arguments.words[0], error);
    if (!run->algorithm)
        return false;
    run->config =
        sg_algorithm_config(run->algorithm, o->env.text, o->set.words, o->set.word_count, error);
    if (!run->config)
        return false;

    /* Everything else is as given, or as sg_experiment_default has it. */
    if (!name_environment(run, o, error))
        return false;
    run->dtype = o->float64.given ? SG_F64 : SG_F32;
    run->seed = o->seed.seed;
    run->eval_every = o->eval_every.count;
    if (o->eval_episodes.given)
        run->eval_episodes = (int)o->eval_episodes.count;
    apply_numbers(run, o);
    return true;
}

/* ---- an experiment to go on with ---- */

/* The line for an option that contradicts run.json. */
static bool conflict(const char *option, const char *asked, const char *recorded, sg_error *error)
{
    return sg_fail(error, "%s %.80s does not fit the run to be resumed, which has %.80s", option,
                   asked, recorded);
}

/* An option that was not given agrees with anything. */
static bool same_text(const char *option, const char *asked, const char *recorded, sg_error *error)
{
    if (!asked || strcmp(asked, recorded) == 0)
        return true;
    return conflict(option, asked, recorded, error);
}

/* The same for numbers. */
static bool same_count(const char *option, const sg_cli_value *asked, int64_t recorded,
                       sg_error *error)
{
    char text[32];
    if (!asked->given || asked->count == recorded)
        return true;
    snprintf(text, sizeof text, "%" PRId64, recorded);
    return conflict(option, asked->text, text, error);
}

/* Every --set must say what the run has already. */
static bool same_settings(const sg_experiment *run, const train_options *o, sg_error *error)
{
    const sg_settings *settings = &run->algorithm->settings;
    void *asked = sg_alloc(settings->config_size);
    bool ok = true;
    char is[64], was[64];

    /* The run's settings with the options on top must be the run's settings. */
    memcpy(asked, run->config, settings->config_size);
    for (int i = 0; ok && i < o->set.word_count; i++) {
        ok = sg_settings_parse(settings, asked, o->set.words[i], error);
    }
    for (int i = 0; ok && i < settings->count; i++) {
        const sg_setting *setting = &settings->items[i];
        sg_settings_text(setting, run->config, was);
        if (strcmp(sg_settings_text(setting, asked, is), was) == 0)
            continue;
        ok = sg_fail(error, "--set %s=%s does not fit the run to be resumed, which has %s",
                     setting->name, is, was);
    }
    free(asked);
    return ok;
}

/* The same for the seed, which may need all 64 bits. */
static bool same_seed(const sg_experiment *run, const train_options *o, sg_error *error)
{
    char recorded[32];
    if (!o->seed.given || o->seed.seed == run->seed)
        return true;
    snprintf(recorded, sizeof recorded, "%" PRIu64, run->seed);
    return conflict("--seed", o->seed.text, recorded, error);
}

/* All that decides a run's numbers must be as it was. */
static bool same_run(const sg_experiment *run, const train_options *o, sg_error *error)
{
    const char *algorithm = o->arguments.word_count ? o->arguments.words[0] : NULL;
    return same_text("algorithm", algorithm, run->algorithm->name, error) &&
           same_seed(run, o, error) &&
           same_text("--float64", o->float64.given ? "f64" : NULL, sg_dtype_name(run->dtype),
                     error) &&
           same_count("--eval-every", &o->eval_every, run->eval_every, error) &&
           same_count("--eval-episodes", &o->eval_episodes, run->eval_episodes, error) &&
           same_settings(run, o, error);
}

/* A model's file may be in another folder now. */
static bool same_options(sg_experiment *run, const train_options *o, sg_error *error)
{
    char *asked = sg_cli_join(&o->env_set);
    const char *recorded = run->environment_options ? run->environment_options : "none";
    bool ok = !asked || sg_experiment_move_options(run, asked) ||
              conflict("--env-set", asked, recorded, error);
    free(asked);
    return ok;
}

/* Only the number of steps may grow, and threads may change: they decide no number. */
static bool from_folder(sg_experiment *run, const char *folder, const train_options *o,
                        sg_error *error)
{
    if (!sg_experiment_read(run, folder, error))
        return false;
    if (!same_run(run, o, error) || !same_options(run, o, error))
        return false;
    if (o->env.given && !sg_experiment_move_environment(run, o->env.text, error))
        return false;
    /* A run may be made longer, not shorter. */
    if (o->steps.given && o->steps.count < run->steps)
        return sg_fail(error, "--steps %s is less than the run's %" PRId64 "; it can only grow",
                       o->steps.text, run->steps);
    apply_numbers(run, o);
    return true;
}

/* ---- the command ---- */

/* Options that contradict each other, or lack what they are about. */
static bool check(const train_options *o, sg_error *error)
{
    bool resume = o->resume.given;
    if (resume && o->force.given)
        return sg_fail(error, "--resume and --force exclude each other");
    if (o->lost_records.given && !resume)
        return sg_fail(error, "--lost-records needs --resume");
    if (o->eval_episodes.given && !o->eval_every.given && !resume)
        return sg_fail(error, "--eval-episodes needs --eval-every");
    if (o->out.given && strlen(o->out.text) >= SG_PATH_SIZE)
        return sg_fail(error, "--out is too long");
    /* Without a folder, algorithm and environment must lead to it. */
    return !resume || o->out.given || o->arguments.word_count > 0 ||
           sg_fail(error, "--resume needs --out DIR (or the algorithm and --env of the run)");
}

/* What to train and where. A folder to resume decides over the options, unless nothing is there
 * yet. */
static bool plan(sg_experiment *run, char folder[SG_PATH_SIZE], const train_options *o,
                 sg_error *error)
{
    if (!check(o, error))
        return false;
    if (o->out.given)
        snprintf(folder, SG_PATH_SIZE, "%s", o->out.text);
    if (o->out.given && !sg_folder_readable(folder, error))
        return false;
    /* With a folder named, nothing else need be. */
    if (o->out.given && o->resume.given && sg_folder_has_run(folder)) {
        return from_folder(run, folder, o, error);
    }
    if (o->out.given && o->resume.given && o->arguments.word_count == 0)
        return sg_fail(error, "no run to resume in %.300s; name algorithm and --env to begin one",
                       folder);
    if (!from_options(run, o, error))
        return false;
    if (o->out.given)
        return true;
    /* Without one, the options lead to it. */
    sg_experiment_default_folder(run, folder);
    if (!o->resume.given || !sg_folder_has_run(folder))
        return true;
    sg_experiment_release(run);
    return from_folder(run, folder, o, error);
}

/* A run goes on although nobody can read its progress; that is told at the end. */
static int tell_unread(const char *folder)
{
    sg_error reason, error;
    if (sg_cli_flush(&reason))
        return SG_EXIT_OK;
    sg_fail(&error, "%.120s; the run in %.360s is complete", reason.text, folder);
    return sg_cli_fail("train", SG_EXIT_FAILED, &error);
}

/* Runs the loop and turns its end into an exit code. */
static int train(const sg_experiment *run, const char *folder, const train_options *o)
{
    sg_error error;
    sg_train_config config = sg_train_config_default(run, folder);
    if (o->resume.given)
        config.mode = SG_FOLDER_RESUME;
    if (o->force.given)
        config.mode = SG_FOLDER_REPLACE;
    config.checkpoint_every = o->checkpoint_every.count;
    config.lost_records = o->lost_records.given;
    config.quiet = o->quiet.given;
    config.profile = o->profile.given;

    switch (sg_train(&config, &error)) {
    case SG_TRAIN_DONE: return tell_unread(folder);
    case SG_TRAIN_REFUSED: return sg_cli_fail("train", SG_EXIT_BAD_INPUT, &error);
    case SG_TRAIN_FAILED: return sg_cli_fail("train", SG_EXIT_FAILED, &error);
    /* Stopped on request: not a failure, but not the end either. */
    case SG_TRAIN_STOPPED: break;
    }
    sg_fail(&error, "stopped and saved; go on with: streamgrad train --resume --out %.400s",
            folder);
    return sg_cli_fail("train", SG_EXIT_STOPPED, &error);
}

static const char usage[] = "train ALGO --env ID [options]\n       streamgrad train --resume --out "
                            "DIR [--steps N] [--env PATH]";
static const char summary[] =
    "Trains an agent. DIR gets run.json, episodes.csv, a TensorBoard event file and a\n"
    "checkpoint; a run killed at any moment goes on with --resume as if it never was.";

/* A table of this command's options that writes into `o`. */
static sg_cli_outcome read_line(train_options *o, int argc, char **argv, sg_error *error)
{
    const sg_cli_option options[] = {
        {"env", SG_CLI_TEXT, "ID", "environment, e.g. HalfCheetah-v4; your own: ./my_env.so", 0, 0,
         &o->env},
        {"steps", SG_CLI_COUNT, "N", "environment steps: 300000, 3e5, 300k, 1M (default 1M)", 1, 0,
         &o->steps},
        {"seed", SG_CLI_SEED, "S", "seed of weights, noise and environment (default 0)", 0, 0,
         &o->seed},
        {"out", SG_CLI_TEXT, "DIR", "folder for the run (default runs/ALGO-ID-HASH-sSEED)", 0, 0,
         &o->out},
        SG_CLI_SET(&o->set),
        SG_CLI_ENV_SET(&o->env_set),
        {"float64", SG_CLI_FLAG, NULL, "compute in double precision", 0, 0, &o->float64},
        {"threads", SG_CLI_COUNT, "N", "threads for large layers (default 1)", 1, 1024,
         &o->threads},
        {"eval-every", SG_CLI_COUNT, "N", "steps between evaluations (default: none)", 1, 0,
         &o->eval_every},
        {"eval-episodes", SG_CLI_COUNT, "N", "episodes of an evaluation (default 10)", 1, 1000000,
         &o->eval_episodes},
        {"checkpoint-every", SG_CLI_COUNT, "N", "steps between checkpoints (default: every 10 s)",
         1, 0, &o->checkpoint_every},
        {"resume", SG_CLI_FLAG, NULL, "go on with the run in DIR; begin it if there is none", 0, 0,
         &o->resume},
        {"lost-records", SG_CLI_FLAG, NULL, "resume with the record rows that are sound", 0, 0,
         &o->lost_records},
        {"force", SG_CLI_FLAG, NULL, "begin anew in place of the run in DIR", 0, 0, &o->force},
        {"profile", SG_CLI_FLAG, NULL, "time every kernel call; see plan.txt in DIR at the end", 0,
         0, &o->profile},
        {"check-finite", SG_CLI_FLAG, NULL,
         "stop at the first node that is not finite and name it (slow)", 0, 0, &o->check_finite},
        {"quiet", SG_CLI_FLAG, NULL, "print nothing but warnings and errors", 0, 0, &o->quiet},
    };
    const sg_cli_line line = {
        .usage = usage,
        .summary = summary,
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .most = 1,
    };
    return sg_cli_read(&line, argc, argv, &o->arguments, error);
}

/* Every fault of the line is found before anything is written. */
int sg_cli_train(int argc, char **argv)
{
    static train_options options; /* large, and zero at the start */
    sg_experiment run = {0};
    char folder[SG_PATH_SIZE];
    sg_error error;

    switch (read_line(&options, argc, argv, &error)) {
    case SG_CLI_HELP: return SG_EXIT_OK;
    case SG_CLI_BAD: return sg_cli_fail("train", SG_EXIT_BAD_INPUT, &error);
    case SG_CLI_READ: break;
    }
    int code = plan(&run, folder, &options, &error)
                   ? train(&run, folder, &options)
                   : sg_cli_fail("train", SG_EXIT_BAD_INPUT, &error);
    sg_experiment_release(&run);
    return code;
}
