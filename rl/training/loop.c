/* loop.c - training: act, step, learn, write down, save, until the steps are done. */
#include "rl/training/loop.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/wrappers.h"
#include "rl/training/stop.h"
#include "rl/training/trainer.h"
#include "tensor/kernels.h"

/* Steps between scalars of losses and speed. */
enum { LOG_EVERY = 1000 };

/* A new run that prints its progress. */
sg_train_config sg_train_config_default(const sg_experiment *run, const char *folder)
{
    return (sg_train_config){.run = run, .folder = folder, .checkpoint_seconds = 10};
}

/* ---- writing down ---- */

/* The monitor still holds the finished episode; the reset comes after. */
static bool finish_episode(sg_trainer *t, double now, sg_error *error)
{
    sg_counters *counters = &t->counters;
    double episode_return = sg_episode_return(t->monitor);
    int64_t length = sg_episode_length(t->monitor);

    if (!sg_counters_check_return(t->monitor->spec.id, episode_return, error))
        return false;
    /* The row carries the count with this episode in it. */
    sg_counters_add_episode(counters, episode_return, length);
    sg_episode_record row = {.step = counters->step,
                             .episode = counters->episode,
                             .length = length,
                             .episode_return = episode_return,
                             .seconds = now - t->start};
    return sg_records_episode(t->records, &row, error);
}

/* The losses of this step and the speed since the last ones. */
static bool write_scalars(sg_trainer *t, double now, sg_error *error)
{
    const sg_agent *agent = t->state.agent;
    int64_t step = t->counters.step;
    double elapsed = now - t->logged;
    double speed = elapsed > 0 ? (double)(step - t->logged_step) / elapsed : 0;

    if (!sg_records_scalar(t->records, "charts/SPS", step, speed, error))
        return false;
    /* What the algorithm reports, under its own names. */
    for (int i = 0; i < sg_agent_metric_count(agent); i++) {
        const char *name = sg_agent_metric_name(agent, i);
        double value = sg_agent_metric(agent, i);
        if (!sg_records_scalar(t->records, name, step, value, error))
            return false;
    }
    /* Losses every thousand steps are few enough to be flushed each time. */
    t->logged = now;
    t->logged_step = step;
    return sg_records_flush(t->records, error);
}

/* A fresh seed for each evaluation, from the run's seed and the step alone. */
static uint64_t evaluation_seed(uint64_t seed, int64_t step)
{
    char purpose[48];
    sg_random random;
    /* A resumed run draws the same seed: nothing needs to be saved. */
    snprintf(purpose, sizeof purpose, "evaluation/%" PRId64, step);
    sg_random_seed_named(&random, seed, purpose);
    return sg_random_u64(&random);
}

/* The line of an evaluation. */
static void note_evaluation(sg_trainer *t, const sg_evaluation_record *row)
{
    char cut[64] = "";
    if (row->cut > 0)
        snprintf(cut, sizeof cut, ", %" PRId64 " of them cut at %d steps", row->cut,
                 SG_EVALUATION_STEPS);
    sg_progress_note(&t->progress,
                     "evaluation at step %" PRId64 ": return %.1f, sd %.1f, over %" PRId64
                     " episode%s%s",
                     row->step, row->return_mean, row->return_sd, row->episodes,
                     row->episodes == 1 ? "" : "s", cut);
}

/* The numbers of training stay as they are, see evaluation.h. One that a signal stops is due when
 * the run goes on. */
static bool evaluate(sg_trainer *t, sg_error *error)
{
    int64_t step = t->counters.step;
    sg_evaluation_record row = {.step = step};
    sg_evaluation_options options = {.episodes = t->run->eval_episodes,
                                     .seed = evaluation_seed(t->run->seed, step)};

    sg_evaluation_outcome outcome =
        sg_evaluate_beside(t->evaluator, t->state.agent, t->state.env, &options, &row, error);
    t->counters.evaluation_due = outcome == SG_EVALUATION_STOPPED;
    if (outcome == SG_EVALUATION_STOPPED)
        return true;
    if (outcome == SG_EVALUATION_FAILED || !sg_records_evaluation(t->records, &row, error))
        return false;
    note_evaluation(t, &row);
    return true;
}

/* ---- stepping ---- */

/* By steps if asked for, else by the clock. */
static bool checkpoint_due(const sg_trainer *t, double now)
{
    const sg_train_config *config = t->config;
    if (config->checkpoint_every > 0)
        return t->counters.step % config->checkpoint_every == 0;
    /* A large replay takes a while: no more than a twentieth of the time goes into saving. */
    return now - t->saved >= fmax(config->checkpoint_seconds, 20 * t->saving);
}

/* What happens beside the learning, after each step. */
static bool attend(sg_trainer *t, sg_error *error)
{
    int64_t step = t->counters.step;
    double now = sg_clock();

    /* All of it in a fixed order, so that a checkpoint stands after the rows of its step. */
    if (step % LOG_EVERY == 0 && !write_scalars(t, now, error))
        return false;
    if (t->evaluator && step % t->run->eval_every == 0 && !evaluate(t, error))
        return false;
    if (checkpoint_due(t, now) && !sg_trainer_save(t, error))
        return false;
    sg_progress_update(&t->progress, &t->counters, now);
    return true;
}

/* One step of the environment and what is learned from it. */
static bool take_step(sg_trainer *t, sg_error *error)
{
    sg_training_state *s = &t->state;
    sg_transition transition;

    sg_agent_act(s->agent, s->obs, t->action);
    if (!sg_env_step(s->env, t->action, t->next_obs, &transition, error))
        return false;
    t->diverged = !sg_agent_learn(s->agent, &transition, t->next_obs, error);
    if (t->diverged)
        return false;
    t->counters.step++;

    /* At an episode's end the next observation is that of the new one. */
    if (transition.terminated || transition.truncated) {
        return finish_episode(t, sg_clock(), error) && sg_env_reset(s->env, NULL, s->obs, error);
    }
    /* Otherwise the two buffers change places. */
    double *seen = s->obs;
    s->obs = t->next_obs;
    t->next_obs = seen;
    return true;
}

/* Until the last step, a signal or a failure. */
static bool run_steps(sg_trainer *t, sg_error *error)
{
    if (t->counters.evaluation_due && t->evaluator && !evaluate(t, error))
        return false;
    while (t->counters.step < t->run->steps && !sg_stop_asked()) {
        if (!take_step(t, error) || !attend(t, error))
            return false;
    }
    return true;
}

/* ---- the end ---- */

/* What there is to know about a run that cannot go on. The checkpoint before stays as it is. False
 * if it cannot be written, as on a full disk. */
static bool write_failure(const sg_trainer *t, const char *reason)
{
    char path[SG_PATH_SIZE], *text = NULL;
    size_t size = 0;
    const sg_agent *agent = t->state.agent;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return false;
    /* Where it happened, why, and what the algorithm last reported. */
    fprintf(out, "step %" PRId64 ", episode %" PRId64 "\n%s\n\nlast metrics\n", t->counters.step,
            t->counters.episode, reason);
    for (int i = 0; i < sg_agent_metric_count(agent); i++) {
        fprintf(out, "  %s = %.9g\n", sg_agent_metric_name(agent, i), sg_agent_metric(agent, i));
    }
    bool ok = fclose(out) == 0 && sg_path_join(path, t->folder, SG_FAILURE_FILE, NULL) &&
              sg_file_replace(path, text, size, NULL);
    free(text);
    return ok;
}

/* Leaves the report and adds to the line where to look. */
static sg_train_result fail(const sg_trainer *t, sg_error *error)
{
    sg_error reason = *error;
    bool written = write_failure(t, reason.text);
    bool diverged = t->diverged || !sg_checkpoint_finite(t->archive, NULL);
    sg_fail(error, "stopped after step %" PRId64 ": %.500s (last checkpoint%s in %.120s%s)",
            t->counters.step, reason.text, written ? " and " SG_FAILURE_FILE : "",
            t->config->folder,
            diverged ? "; train --check-finite names the node where a number went wrong" : "");
    return SG_TRAIN_FAILED;
}

/* What is trained and where. */
static void announce(sg_trainer *t)
{
    const sg_experiment *run = t->run;
    sg_progress_note(&t->progress, "%s on %s, seed %" PRIu64 ", %s, %" PRId64 " steps%s, into %s",
                     run->algorithm->name, run->environment, run->seed, sg_dtype_name(run->dtype),
                     run->steps, t->counters.step > 0 ? " (resumed)" : "", t->config->folder);
}

/* What makes a resumed run differ from one that was never interrupted. */
static void warn_of_changes(const sg_experiment *run)
{
    const sg_machine here = sg_machine_here();
    sg_error line;
    if (sg_experiment_changed(run))
        fprintf(stderr, "warning: the environment's file has changed since the run began: results "
                        "will differ\n");
    /* Same binary and seed give the same bits on the same machine only. */
    if (!sg_machine_same(&run->machine, &here, &line))
        fprintf(stderr, "warning: %s\n", line.text);
}

/* The plan with the time of each call. */
static bool write_plan(sg_trainer *t, sg_error *error)
{
    char path[SG_PATH_SIZE], *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return sg_fail(error, "out of memory while writing " SG_PLAN_FILE);
    sg_program_print(sg_agent_program(t->state.agent), out);
    bool ok = fclose(out) == 0 && sg_path_join(path, t->folder, SG_PLAN_FILE, error) &&
              sg_file_replace(path, text, size, error);
    free(text);
    if (ok)
        sg_progress_note(&t->progress, "the time of each kernel call is in %s", path);
    return ok;
}

/* What came of it and what to do with it. */
static void conclude(sg_trainer *t)
{
    const sg_counters *c = &t->counters;
    const char *folder = t->config->folder;
    if (c->episode > 0)
        sg_progress_note(&t->progress, "mean return of the last %d episodes: %.1f",
                         sg_counters_recent(c), sg_counters_mean_return(c));
    /* Without an episode there is no curve. */
    if (c->episode > 0)
        sg_progress_note(&t->progress,
                         "curve: streamgrad plot %s --out %s/curve.png; play: streamgrad eval %s",
                         folder, folder, folder);
    else
        sg_progress_note(&t->progress, "no episode has ended yet; play: streamgrad eval %s",
                         folder);
}

/* Steps, and the evaluation of the last one. */
static bool is_complete(const sg_trainer *t)
{
    return t->counters.step >= t->run->steps && !t->counters.evaluation_due;
}

/* Trains, saves a last time, and tells how it ended. */
static sg_train_result run(sg_trainer *t, sg_error *error)
{
    /* A run that is resumed after its end has nothing left to do. */
    if (is_complete(t)) {
        sg_progress_note(&t->progress,
                         "all %" PRId64 " steps were already taken; a larger --steps goes on",
                         t->counters.step);
        return SG_TRAIN_DONE;
    }
    warn_of_changes(t->run);
    announce(t);
    if (t->config->profile)
        sg_program_profile(sg_agent_program(t->state.agent));
    bool ok = run_steps(t, error) && sg_trainer_save(t, error);
    sg_progress_finish(&t->progress, &t->counters);
    ok = ok && (!t->config->profile || write_plan(t, error));
    if (!ok)
        return fail(t, error);
    if (!is_complete(t))
        return SG_TRAIN_STOPPED;
    conclude(t);
    return SG_TRAIN_DONE;
}

/* Opens, runs, closes; the first thing that went wrong is what is told. */
sg_train_result sg_train(const sg_train_config *config, sg_error *error)
{
    sg_trainer trainer;
    sg_train_result result = SG_TRAIN_REFUSED;
    sg_error reason; /* `error` may be NULL, and closing must not overwrite the first line */
    struct sigaction file_limit = sg_stop_ignore_file_limit();

    if (sg_trainer_open(&trainer, config, &reason)) {
        sg_stop_handlers before = sg_stop_watch();
        result = run(&trainer, &reason);
        sg_stop_unwatch(&before);
    }
    /* A record that cannot be closed makes a good run a failed one. */
    bool refused = result == SG_TRAIN_REFUSED || result == SG_TRAIN_FAILED;
    if (!sg_trainer_close(&trainer, refused ? NULL : &reason) && !refused)
        result = SG_TRAIN_FAILED;
    sigaction(SIGXFSZ, &file_limit, NULL);
    if (result == SG_TRAIN_REFUSED || result == SG_TRAIN_FAILED)
        sg_fail(error, "%s", reason.text);
    return result;
}
