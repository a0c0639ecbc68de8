/* test_dots.c - the dot environments against recorded rollouts of the published ones: from the seed
 * alone, every observation, reward and flag must be the recorded number itself. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "envs/env.h"
#include "tests/envs/rollout.h"

/* The recorded ids name the published classes; resets are counted as recorded. */
static const struct {
    const char *file, *id;
    size_t resets;
} files[] = {{"avg/DotReacherEasy.jsonl.gz", "DotReacherEasy-v0", 33},
             {"avg/DotReacherHard.jsonl.gz", "DotReacherHard-v0", 28},
             {"avg/DotReacher-timeout60.jsonl.gz", "DotReacherEasy-v0", 42},
             {"avg/DotSeeker.jsonl.gz", "DotSeeker-v0", 12}};

enum { FILE_COUNT = sizeof files / sizeof files[0], MOST = 6 };

typedef struct {
    const char *file, *id;
    const json_t *header;
    sg_env *env;
    uint64_t seed;
    bool seeded; /* the next reset starts from the seed */
    size_t resets, steps, numbers;
} replay;

/* One number against the recorded one; -0 is 0. */
static void same(replay *r, double value, double recorded, const char *what)
{
    cr_assert(value == recorded, "%s, step %zu: %s is %.17g, not %.17g", r->file, r->steps, what,
              value, recorded);
    r->numbers++;
}

static void same_values(replay *r, const json_t *record, const char *key, const double *values,
                        size_t n)
{
    double recorded[MOST];
    record_values(record, key, recorded, n);
    for (size_t i = 0; i < n; i++)
        same(r, values[i], recorded[i], key);
}

/* ---- records ---- */

/* The element of the header's list that says how this stream was recorded. */
static const json_t *stream_header(const replay *r, const json_t *record)
{
    size_t i;
    json_t *stream, *found = NULL;
    json_array_foreach(json_object_get(r->header, "streams"), i, stream)
    {
        if (record_number(stream, "stream") == record_number(record, "stream"))
            found = stream;
    }
    cr_assert(found != NULL, "%s: a stream is not in the header", r->file);
    return found;
}

/* The timeout stands in the stream or for all of them; the type of actions, for DotSeeker only. */
static void start_stream(replay *r, const json_t *record)
{
    const json_t *stream = stream_header(r, record);
    const json_t *timeout = record_has(stream, "timeout") ? stream : r->header;
    const char *type = json_string_value(json_object_get(stream, "action_dtype"));
    char options[100], switched[50] = "";
    if (type)
        snprintf(switched, sizeof switched, ",float32_actions=%d", strcmp(type, "float32") == 0);
    snprintf(options, sizeof options, "timeout=%g%s", record_number(timeout, "timeout"), switched);

    /* an environment of its own for every stream */
    sg_error error = {""};
    sg_env_close(r->env);
    r->env = sg_env_make(r->id, options, &error);
    cr_assert(r->env != NULL, "%s", error.text);
    cr_assert(r->env->spec.time_limit == (int)record_number(timeout, "timeout"));
    cr_assert(r->env->spec.obs_size == (int)record_number(r->header, "obs_dim"));
    cr_assert(r->env->spec.action_size == (int)record_number(r->header, "act_dim"));
    r->seed = (uint64_t)record_number(record, "seed");
    r->seeded = true;
}

/* DotSeeker's process as saved, newest first, against the recorded one, oldest first. */
static void compare_process(replay *r, const json_t *record)
{
    sg_archive *archive = sg_archive_new();
    sg_env_state(r->env, archive);
    const sg_archive_entry *past = sg_archive_find(archive, "dots/past");
    cr_assert(past != NULL && past->bytes == 6 * sizeof(double));
    size_t i;
    json_t *pair;
    json_array_foreach(json_object_get(record, "ar_history"), i, pair)
    {
        const double *saved = (const double *)past->data + 2 * (2 - i);
        same(r, saved[0], json_number_value(json_array_get(pair, 0)), "the process");
        same(r, saved[1], json_number_value(json_array_get(pair, 1)), "the process");
    }
    cr_assert(i == 3);
    sg_archive_free(archive);
}

static void compare_reset(replay *r, const json_t *record)
{
    sg_error error = {""};
    double obs[MOST];
    bool ok = sg_env_reset(r->env, r->seeded ? &r->seed : NULL, obs, &error);
    cr_assert(ok, "%s", error.text);
    r->seeded = false;
    r->resets++;
    same_values(r, record, "o", obs, (size_t)r->env->spec.obs_size);
    if (record_has(record, "ar_history"))
        compare_process(r, record);
}

static void compare_step(replay *r, const json_t *record)
{
    sg_error error = {""};
    sg_transition t;
    double action[2], obs[MOST];
    record_values(record, "a", action, 2);
    r->steps++;
    cr_assert(sg_env_step(r->env, action, obs, &t, &error), "%s", error.text);
    same_values(r, record, "o", obs, (size_t)r->env->spec.obs_size);
    same(r, t.reward, record_number(record, "r"), "reward");
    same(r, t.terminated, record_number(record, "te"), "terminated");
    same(r, t.truncated, record_number(record, "tr"), "truncated");
}

/* ---- files ---- */

static void replay_file(int index)
{
    rollout *recorded = rollout_open(files[index].file);
    replay r = {.file = files[index].file, .id = files[index].id};
    r.header = rollout_header(recorded);
    const json_t *record;
    while ((record = rollout_next(recorded))) {
        if (record_is(record, "stream"))
            start_stream(&r, record);
        else if (record_is(record, "reset"))
            compare_reset(&r, record);
        else
            compare_step(&r, record);
    }

    printf("%s: %zu steps and %zu resets equal, %zu numbers\n", r.file, r.steps, r.resets,
           r.numbers);
    cr_assert(r.steps > 0 && r.steps == rollout_steps(recorded));
    cr_assert(r.resets == files[index].resets, "%zu resets", r.resets);
    sg_env_close(r.env);
    rollout_close(recorded);
}

/* One process a file; the parameter is an index. */
ParameterizedTestParameters(dots, recorded)
{
    static int index[FILE_COUNT];
    for (int i = 0; i < FILE_COUNT; i++)
        index[i] = i;
    return cr_make_param_array(int, index, FILE_COUNT);
}

ParameterizedTest(int *index, dots, recorded) { replay_file(*index); }

/* ---- options ---- */

static void refused(const char *id, const char *options, const char *part)
{
    sg_error error = {""};
    cr_assert(sg_env_make(id, options, &error) == NULL, "%s with %s was accepted", id, options);
    cr_assert(strstr(error.text, part) != NULL, "'%s' does not say '%s'", error.text, part);
}

Test(dots, wrong_options_are_refused)
{
    refused("DotReacherEasy-v0", "timeout=0", "whole number from 1");
    refused("DotReacherHard-v0", "timeout=2.5", "whole number from 1");
    refused("DotSeeker-v0", "timeout=inf", "whole number from 1");
    refused("DotReacherEasy-v0", "float32_actions=true", "allowed are timeout");
    refused("DotSeeker-v0", "pos_tol=1", "allowed are timeout, float32_actions");
}
