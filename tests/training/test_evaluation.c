/* test_evaluation.c - evaluating beside the training: which statistics are used, and what is left.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rl/training/checkpoint.h"
#include "rl/training/evaluation.h"
#include "tests/training/runs.h"
#include "tests/training/scratch.h"

/* An agent and environment in the state of a finished run. */
typedef struct {
    sg_experiment run;
    sg_training_state state;
    sg_evaluator *evaluator;
    char *folder;
} scene;

static scene make_scene(void)
{
    scene s = {.run = runs_small(3, 900), .folder = scratch_make()};
    const char *path = scratch_path(s.folder, "run");
    sg_env *monitor;
    sg_error error;

    runs_train(&s.run, path, SG_FOLDER_NEW, 0);
    s.state.env = sg_experiment_make_env(&s.run, &monitor, &error);
    s.state.agent = sg_experiment_make_agent(&s.run, &s.state.env->spec, &error);
    cr_assert(sg_checkpoint_load(path, &s.state, &error), "%s", error.text);
    s.evaluator = sg_evaluator_new(&s.run, &error);
    return s;
}

static void free_scene(scene *s)
{
    sg_evaluator_free(s->evaluator);
    sg_agent_free(s->state.agent);
    sg_env_close(s->state.env);
    sg_experiment_release(&s->run);
    scratch_remove(s->folder);
}

static double evaluate_beside(scene *s, const sg_evaluation_options *options)
{
    sg_evaluation_record result;
    sg_error error;
    cr_assert_eq(
        sg_evaluate_beside(s->evaluator, s->state.agent, s->state.env, options, &result, &error),
        SG_EVALUATION_DONE, "%s", error.text);
    cr_assert(isfinite(result.return_mean) && result.length_mean == 200);
    return result.return_mean;
}

static double evaluate(scene *s, const sg_evaluation_options *options)
{
    sg_evaluation_record result;
    sg_error error;
    cr_assert_eq(sg_evaluate(s->evaluator, s->state.agent, options, &result, &error),
                 SG_EVALUATION_DONE, "%s", error.text);
    return result.return_mean;
}

Test(evaluation, uses_the_statistics_of_the_training)
{
    scene s = make_scene();
    sg_evaluation_options options = {.episodes = 3, .seed = 11};
    sg_error error;

    /* The evaluator's own normaliser has seen nothing yet; then it takes over the training's. */
    double fresh = evaluate(&s, &options);
    double beside = evaluate_beside(&s, &options);
    cr_assert(fresh != beside, "%g", fresh);

    /* The same as from the checkpoint, where `streamgrad eval` takes them from. */
    sg_training_state loaded = {.agent = s.state.agent, .env = sg_evaluator_env(s.evaluator)};
    cr_assert(sg_checkpoint_load(scratch_path(s.folder, "run"), &loaded, &error), "%s", error.text);
    cr_assert(evaluate(&s, &options) == beside);
    free_scene(&s);
}

Test(evaluation, statistics_stay_frozen)
{
    scene s = make_scene();
    sg_evaluation_options options = {.episodes = 3, .seed = 11};
    double first = evaluate_beside(&s, &options);
    cr_assert(evaluate(&s, &options) == first);
    cr_assert(evaluate(&s, &options) == first);
    free_scene(&s);
}

/* All of the agent's and environment's state. */
static sg_archive *take_state(const scene *s)
{
    sg_archive *archive = sg_archive_new();
    sg_agent_state(s->state.agent, archive);
    sg_archive_enter(archive, "env");
    sg_env_state(s->state.env, archive);
    sg_archive_leave(archive);
    return archive;
}

Test(evaluation, leaves_agent_and_environment_even_if_it_samples)
{
    scene s = make_scene();
    sg_evaluation_options options = {.episodes = 2, .seed = 11, .stochastic = true};
    const sg_archive_entry *entry;
    sg_archive *before = take_state(&s);
    double first = evaluate_beside(&s, &options);
    sg_archive *after = take_state(&s);

    cr_assert_eq(sg_archive_count(before), sg_archive_count(after));
    for (size_t i = 0; (entry = sg_archive_at(before, i)); i++) {
        const sg_archive_entry *twin = sg_archive_at(after, i);
        cr_assert_str_eq(entry->name, twin->name);
        cr_assert(memcmp(entry->data, twin->data, entry->bytes) == 0, "%s changed", entry->name);
    }
    cr_assert(evaluate_beside(&s, &options) == first);
    sg_archive_free(before);
    sg_archive_free(after);
    free_scene(&s);
}
