/* rollout.c - reads recorded Gymnasium rollouts. */
#include "tests/envs/rollout.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* ---- the recordings ---- */

const char *const rollout_files[] = {
    "mujoco/HalfCheetah-v4.jsonl.gz",
    "mujoco/HalfCheetah-v4.through.jsonl.gz",
    "mujoco/HalfCheetah-v5.jsonl.gz",
    "mujoco/Hopper-v4.jsonl.gz",
    "mujoco/Hopper-v4.through.jsonl.gz",
    "mujoco/Hopper-v5.jsonl.gz",
    "mujoco/Walker2d-v4.jsonl.gz",
    "mujoco/Walker2d-v4.through.jsonl.gz",
    "mujoco/Walker2d-v5.jsonl.gz",
    "mujoco/Ant-v4.jsonl.gz",
    "mujoco/Ant-v4.through.jsonl.gz",
    "mujoco/Ant-v4-contact.jsonl.gz",
    "mujoco/Ant-v5.jsonl.gz",
    "mujoco/Humanoid-v4.jsonl.gz",
    "mujoco/Humanoid-v4.through.jsonl.gz",
    "mujoco/Humanoid-v5.jsonl.gz",
    "mujoco/HumanoidStandup-v4.through.jsonl.gz",
    "mujoco/HumanoidStandup-v5.through.jsonl.gz",
    "mujoco/Swimmer-v4.jsonl.gz",
    "mujoco/Swimmer-v4.through.jsonl.gz",
    "mujoco/Swimmer-v4.policy.jsonl.gz",
    "mujoco/Swimmer-v5.jsonl.gz",
    "mujoco/Swimmer-v5.through.jsonl.gz",
    "mujoco/Reacher-v4.jsonl.gz",
    "mujoco/Reacher-v4.through.jsonl.gz",
    "mujoco/Reacher-v5.jsonl.gz",
    "mujoco/Reacher-v5.through.jsonl.gz",
    "mujoco/Pusher-v4.jsonl.gz",
    "mujoco/Pusher-v4.through.jsonl.gz",
    "mujoco/Pusher-v4.policy.jsonl.gz",
    "mujoco/Pusher-v5.jsonl.gz",
    "mujoco/Pusher-v5.through.jsonl.gz",
    "mujoco/Pusher-v5.policy.jsonl.gz",
    "mujoco/InvertedPendulum-v4.jsonl.gz",
    "mujoco/InvertedPendulum-v4.through.jsonl.gz",
    "mujoco/InvertedPendulum-v4.policy.jsonl.gz",
    "mujoco/InvertedPendulum-v5.jsonl.gz",
    "mujoco/InvertedPendulum-v5.through.jsonl.gz",
    "mujoco/InvertedPendulum-v5.policy.jsonl.gz",
    "mujoco/InvertedDoublePendulum-v4.jsonl.gz",
    "mujoco/InvertedDoublePendulum-v4.through.jsonl.gz",
    "mujoco/InvertedDoublePendulum-v4.policy.jsonl.gz",
    "mujoco/InvertedDoublePendulum-v5.jsonl.gz",
    "mujoco/InvertedDoublePendulum-v5.through.jsonl.gz",
    "mujoco/InvertedDoublePendulum-v5.policy.jsonl.gz",
    "classic/CartPole-v1.jsonl.gz",
    "classic/Acrobot-v1.jsonl.gz",
    "classic/MountainCar-v0.jsonl.gz",
    "classic/MountainCarContinuous-v0.jsonl.gz",
    "classic/MountainCarContinuous-v0.nep50.jsonl.gz",
    "classic/Pendulum-v1.jsonl.gz",
    "classic/Pendulum-v1.nep50.jsonl.gz",
};

enum { FILE_COUNT = sizeof rollout_files / sizeof rollout_files[0] };

struct criterion_test_params rollout_parameters(void)
{
    static int index[FILE_COUNT];
    for (int i = 0; i < FILE_COUNT; i++)
        index[i] = i;
    return cr_make_param_array(int, index, FILE_COUNT);
}

/* ---- reading one ---- */

enum { LINE_SIZE = 1 << 18 };

struct rollout {
    gzFile stream;
    char path[256];
    char *line;
    json_t *header;
    json_t *record;
};

static json_t *read_record(rollout *r)
{
    if (!gzgets(r->stream, r->line, LINE_SIZE))
        return NULL;
    json_t *record = json_loads(r->line, 0, NULL);
    cr_assert(record != NULL, "%s: a line is not JSON", r->path);
    return record;
}

rollout *rollout_open(const char *file)
{
    rollout *r = calloc(1, sizeof *r);
    snprintf(r->path, sizeof r->path, "tests/golden/envs/%s", file);
    r->stream = gzopen(r->path, "rb");
    cr_assert(r->stream != NULL, "cannot open %s (tests run from the project's folder)", r->path);
    r->line = malloc(LINE_SIZE);
    r->header = read_record(r);
    cr_assert(record_is(r->header, "header"), "%s has no header", r->path);
    return r;
}

void rollout_close(rollout *r)
{
    gzclose(r->stream);
    json_decref(r->header);
    json_decref(r->record);
    free(r->line);
    free(r);
}

const json_t *rollout_header(const rollout *r) { return r->header; }

sg_env *rollout_make(const rollout *r)
{
    /* keyword arguments become key=value,key=value, and so does NumPy 2's arithmetic */
    const char *promotion = json_string_value(json_object_get(r->header, "promotion"));
    char options[256] = "";
    if (promotion && strcmp(promotion, "weak") == 0)
        strcpy(options, "numpy=2");
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(r->header, "kwargs"), key, value)
    {
        size_t used = strlen(options);
        char *text = json_dumps(value, JSON_ENCODE_ANY);
        snprintf(options + used, sizeof options - used, "%s%s=%s", used ? "," : "", key, text);
        free(text);
    }
    sg_error error = {""};
    sg_env *env = sg_env_make(json_string_value(json_object_get(r->header, "id")), options, &error);
    cr_assert(env != NULL, "%s", error.text);
    return env;
}

size_t rollout_steps(const rollout *r)
{
    size_t sum = 0, i;
    json_t *stream;
    json_array_foreach(json_object_get(r->header, "streams"), i, stream)
    {
        sum += (size_t)json_integer_value(json_object_get(stream, "steps"));
    }
    return sum;
}

const json_t *rollout_next(rollout *r)
{
    json_decref(r->record);
    return r->record = read_record(r);
}

bool record_is(const json_t *record, const char *kind)
{
    const char *k = json_string_value(json_object_get(record, "k"));
    return k && strcmp(k, kind) == 0;
}

bool record_has(const json_t *record, const char *key)
{
    return json_object_get(record, key) != NULL;
}

/* Booleans read as 0 and 1. */
static double number(const json_t *value, const char *key)
{
    cr_assert(json_is_number(value) || json_is_boolean(value), "'%s' is not a number", key);
    return json_is_boolean(value) ? json_boolean_value(value) : json_number_value(value);
}

double record_number(const json_t *record, const char *key)
{
    return number(json_object_get(record, key), key);
}

void record_values(const json_t *record, const char *key, double *values, size_t count)
{
    const json_t *list = json_object_get(record, key);
    size_t length = json_is_array(list) ? json_array_size(list) : 1;
    cr_assert(length == count, "'%s' has %zu values where the environment has %zu", key, length,
              count);
    for (size_t i = 0; i < count; i++) {
        values[i] = number(json_is_array(list) ? json_array_get(list, i) : list, key);
    }
}

void record_assert_equal(const json_t *record, const char *key, const double *values, size_t count,
                         const char *file, size_t step)
{
    enum { MOST = 1024 };
    double expected[MOST];
    cr_assert(count <= MOST);
    record_values(record, key, expected, count);
    for (size_t i = 0; i < count; i++) {
        cr_assert(values[i] == expected[i], "%s, step %zu: %s[%zu] is %.17g, not %.17g", file, step,
                  key, i, values[i], expected[i]);
    }
}

/* Bounds are recorded of MuJoCo's tasks. */
void record_assert_spec(const json_t *header, const sg_env_spec *spec, const char *file)
{
    size_t actions = (size_t)spec->action_size;
    cr_assert(spec->obs_size == (int)record_number(header, "obs_dim"), "%s", file);
    cr_assert(spec->time_limit == (int)record_number(header, "max_episode_steps"), "%s", file);
    if (!record_has(header, "act_dim"))
        return;
    cr_assert(spec->action_size == (int)record_number(header, "act_dim"), "%s", file);
    record_assert_equal(header, "act_low", spec->action_low, actions, file, 0);
    record_assert_equal(header, "act_high", spec->action_high, actions, file, 0);
}
