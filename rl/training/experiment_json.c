/* experiment_json.c - run.json: every setting of a run, with the program and the machine. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rl/training/experiment.h"
#include "tensor/number.h"

/* ---- writing ---- */

/* "key": "text" with JSON's escapes; NULL becomes null. */
static void put_text(FILE *out, const char *key, const char *text)
{
    json_t *string = text ? json_string_nocheck(text) : json_null();
    fprintf(out, "\"%s\": ", key);
    json_dumpf(string, out, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
    json_decref(string);
}

/* Numbers and switches stand as JSON knows them, so that other programs read them as such. */
static void put_setting(FILE *out, const sg_setting *setting, const void *config)
{
    char text[64];
    sg_settings_text(setting, config, text);
    /* JSON has no infinity; words need quotes. */
    bool plain = setting->kind != SG_SETTING_CHOICE &&
                 (setting->kind == SG_SETTING_SWITCH || isfinite(strtod(text, NULL)));
    if (plain) {
        fprintf(out, "\"%s\": %s", setting->name, text);
    } else {
        put_text(out, setting->name, text);
    }
}

/* All of them, defaults included: a later version may have others. */
static void put_settings(FILE *out, const sg_experiment *run)
{
    const sg_settings *settings = &run->algorithm->settings;
    fprintf(out, "  \"settings\": {");
    for (int i = 0; i < settings->count; i++) {
        fprintf(out, "%s\n    ", i ? "," : "");
        put_setting(out, &settings->items[i], run->config);
    }
    fprintf(out, "\n  },\n");
}

/* Where the machine's parts are kept. */
static const struct {
    const char *key;
    size_t offset, size;
} MACHINE[] = {
    {"compiler", offsetof(sg_machine, compiler), sizeof((sg_machine *)0)->compiler},
    {"mujoco", offsetof(sg_machine, mujoco), sizeof((sg_machine *)0)->mujoco},
    {"instruction_set", offsetof(sg_machine, instruction_set),
     sizeof((sg_machine *)0)->instruction_set},
    {"cpu", offsetof(sg_machine, cpu), sizeof((sg_machine *)0)->cpu},
};
enum { MACHINE_COUNT = sizeof MACHINE / sizeof *MACHINE };

/* What the last bits of the results may depend on. */
static void put_machine(FILE *out, const sg_machine *machine)
{
    fprintf(out, "  \"machine\": {");
    for (int i = 0; i < MACHINE_COUNT; i++) {
        fprintf(out, "%s\n    ", i ? "," : "");
        put_text(out, MACHINE[i].key, (const char *)machine + MACHINE[i].offset);
    }
    fprintf(out, "\n  }");
}

/* Written by hand rather than by Jansson, which would print 0.98999999999999999. */
static void put_run(FILE *out, const sg_experiment *run)
{
    char id[SG_HASH_DIGITS + 1], key[SG_HASH_DIGITS + 1];
    /* Who and what. */
    sg_experiment_id(run, id);
    sg_experiment_key(run, key);
    fprintf(out, "{\n  \"program\": \"streamgrad\",\n  ");
    put_text(out, "version", run->machine.program);
    fprintf(out, ",\n  \"id\": \"%s\",\n  \"key\": \"%s\",\n  ", id, key);
    put_text(out, "algorithm", run->algorithm->name);
    fprintf(out, ",\n  ");
    put_text(out, "environment", run->environment);
    fprintf(out, ",\n  ");
    put_text(out, "environment_options", run->environment_options);
    if (run->plugin_hash[0])
        fprintf(out, ",\n  \"plugin_hash\": \"%s\"", run->plugin_hash);
    if (run->model_hash[0])
        fprintf(out, ",\n  \"model_hash\": \"%s\"", run->model_hash);
    fprintf(out, ",\n  \"dtype\": \"%s\",\n", sg_dtype_name(run->dtype));
    /* JSON's whole numbers end at 2^63 here; a larger seed stands as text. */
    const char *quote = run->seed > INT64_MAX ? "\"" : "";
    fprintf(out, "  \"seed\": %s%" PRIu64 "%s,\n", quote, run->seed, quote);
    fprintf(out, "  \"steps\": %" PRId64 ",\n", run->steps);
    fprintf(out, "  \"threads\": %d,\n  \"eval_every\": %" PRId64 ",\n  \"eval_episodes\": %d,\n",
            run->threads, run->eval_every, run->eval_episodes);
    /* Every setting, and where it ran. */
    put_settings(out, run);
    put_machine(out, &run->machine);
}

/* ---- the checksum, last in the file, of all text before its entry ---- */

static const char BEFORE_SUM[] = ",\n  \"checksum\": \"", AFTER_SUM[] = "\"\n}\n";
enum {
    SUM_SIZE = sizeof BEFORE_SUM - 1 + SG_HASH_DIGITS,
    END_SIZE = SUM_SIZE + sizeof AFTER_SUM - 1
};

/* The end of a file whose other text is this. */
static void make_end(const char *text, size_t size, char end[END_SIZE + 1])
{
    char digits[SG_HASH_DIGITS + 1];
    sg_hash(text, size, digits);
    snprintf(end, END_SIZE + 1, "%s%s%s", BEFORE_SUM, digits, AFTER_SUM);
}

/* True if the text ends as it would if it were written now. */
static bool sum_fits(const char *text, size_t size)
{
    char end[END_SIZE + 1];
    if (size < END_SIZE)
        return false;
    make_end(text, size - END_SIZE, end);
    return memcmp(text + size - END_SIZE, end, END_SIZE) == 0;
}

/* All of the file's text (free it); NULL if there is no memory. */
static char *make_text(const sg_experiment *run, size_t *size)
{
    char *text = NULL, end[END_SIZE + 1];
    FILE *out = open_memstream(&text, size);
    if (!out)
        return NULL;
    put_run(out, run);
    if (fflush(out) == 0) {
        make_end(text, *size, end);
        fputs(end, out);
    }
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* JSON is UTF-8, which names of folders need not be. */
static bool check_text(const char *what, const char *text, sg_error *error)
{
    json_t *string = text ? json_string(text) : json_null();
    json_decref(string);
    return string || sg_fail(error, "%s '%.300s' cannot be recorded: it is not UTF-8", what, text);
}

/* Built in memory, then put in place as a whole. */
bool sg_experiment_write(const sg_experiment *run, const char *folder, sg_error *error)
{
    char path[SG_PATH_SIZE];
    size_t size = 0;
    if (!sg_path_join(path, folder, SG_RUN_FILE, error) ||
        !check_text("the environment", run->environment, error) ||
        !check_text("the environment's options", run->environment_options, error))
        return false;
    char *text = make_text(run, &size);
    bool ok = text ? sg_file_replace(path, text, size, error)
                   : sg_fail(error, "out of memory for %s", path);
    free(text);
    return ok;
}

/* ---- reading ---- */

/* The line for a key that is not as we wrote it. */
static bool bad(const char *path, const char *key, sg_error *error)
{
    return sg_fail(error, "%.300s is damaged: '%s' is missing or cannot be read", path, key);
}

/* NULL if the key is missing or no text. */
static const char *text_of(const json_t *root, const char *key)
{
    return json_string_value(json_object_get(root, key));
}

/* A whole number within limits. */
static bool read_count(const json_t *root, const char *key, int64_t low, int64_t high,
                       int64_t *count)
{
    const json_t *value = json_object_get(root, key);
    *count = json_integer_value(value);
    return json_is_integer(value) && *count >= low && *count <= high;
}

/* A setting's value in the form sg_settings_set reads. */
static const char *value_text(const json_t *value, char text[64])
{
    /* Whole numbers keep their digits, others all that say something. */
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_boolean(value))
        return json_is_true(value) ? "true" : "false";
    if (json_is_integer(value))
        snprintf(text, 64, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else
        sg_number_text(json_real_value(value), text);
    return text;
}

/* Defaults first: a setting that an older version did not know keeps its default. */
static bool read_settings(sg_experiment *run, const json_t *root, const char *path, sg_error *error)
{
    json_t *settings = json_object_get(root, "settings");
    const char *name;
    json_t *value;
    char text[64];
    sg_error reason;

    /* Then what the file says, by the same way as --set. */
    run->config = sg_algorithm_config(run->algorithm, run->environment, NULL, 0, error);
    if (!run->config)
        return false;
    json_object_foreach(settings, name, value)
    {
        if (!sg_settings_set(&run->algorithm->settings, run->config, name, value_text(value, text),
                             &reason)) {
            return sg_fail(error, "%.200s: %.280s", path, reason.text);
        }
    }
    return json_is_object(settings) ? true : bad(path, "settings", error);
}

/* A number, or text where it was too large for one. */
static bool read_seed(const json_t *root, uint64_t *seed)
{
    const char *text = text_of(root, "seed");
    int64_t small;
    if (text)
        return sg_number_u64(text, seed);
    if (!read_count(root, "seed", 0, INT64_MAX, &small))
        return false;
    *seed = (uint64_t)small;
    return true;
}

/* What stands at the top level beside the names. */
static bool read_numbers(sg_experiment *run, const json_t *root, const char *path, sg_error *error)
{
    const char *dtype = text_of(root, "dtype");
    int64_t threads, episodes;

    if (!read_seed(root, &run->seed))
        return bad(path, "seed", error);
    if (!dtype || (strcmp(dtype, "f32") && strcmp(dtype, "f64")))
        return bad(path, "dtype", error);
    run->dtype = strcmp(dtype, "f64") == 0 ? SG_F64 : SG_F32;
    if (!read_count(root, "steps", 0, INT64_MAX, &run->steps))
        return bad(path, "steps", error);
    if (!read_count(root, "eval_every", 0, INT64_MAX, &run->eval_every))
        return bad(path, "eval_every", error);
    if (!read_count(root, "threads", 1, 4096, &threads))
        return bad(path, "threads", error);
    if (!read_count(root, "eval_episodes", 1, INT32_MAX, &episodes))
        return bad(path, "eval_episodes", error);
    run->threads = (int)threads;
    run->eval_episodes = (int)episodes;
    return true;
}

/* A text that fits where it is kept. */
static bool read_text(const json_t *root, const char *key, char *text, size_t size)
{
    const char *value = text_of(root, key);
    return value && (size_t)snprintf(text, size, "%s", value) < size;
}

/* What is compared with the machine that goes on. */
static bool read_machine(sg_machine *machine, const json_t *root, const char *path, sg_error *error)
{
    const json_t *parts = json_object_get(root, "machine");
    if (!read_text(root, "version", machine->program, sizeof machine->program))
        return bad(path, "version", error);
    for (int i = 0; i < MACHINE_COUNT; i++) {
        char *text = (char *)machine + MACHINE[i].offset;
        if (!read_text(parts, MACHINE[i].key, text, MACHINE[i].size))
            return bad(path, MACHINE[i].key, error);
    }
    return true;
}

/* Names are looked up at once, so an unknown one is told as such. */
static bool read_run(sg_experiment *run, const json_t *root, const char *path, sg_error *error)
{
    const char *algorithm = text_of(root, "algorithm"), *environment = text_of(root, "environment");
    const char *options = text_of(root, "environment_options");

    if (!algorithm)
        return bad(path, "algorithm", error);
    if (!environment)
        return bad(path, "environment", error);
    run->algorithm = sg_algorithm_find(algorithm, error);
    if (!run->algorithm)
        return false;
    /* Owned by the run from here on. */
    run->environment = strdup(environment);
    run->environment_options = options ? strdup(options) : NULL;
    /* Absent where the environment has no such file. */
    read_text(root, "plugin_hash", run->plugin_hash, sizeof run->plugin_hash);
    read_text(root, "model_hash", run->model_hash, sizeof run->model_hash);
    if (!read_text(root, "key", run->key, sizeof run->key))
        return bad(path, "key", error);
    return read_machine(&run->machine, root, path, error) && read_numbers(run, root, path, error) &&
           read_settings(run, root, path, error);
}

/* The text as JSON; NULL, with a line, unless it is all there and as we wrote it. */
static json_t *parse(const char *text, size_t size, const char *path, sg_error *error)
{
    json_error_t fault;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &fault);
    const char *program = root ? text_of(root, "program") : NULL;
    if (!root) {
        sg_fail(error, "%.300s is damaged: line %d: %.100s", path, fault.line, fault.text);
        return NULL;
    }
    /* Other programs write a run.json too. */
    if (!program || strcmp(program, "streamgrad") != 0)
        sg_fail(error, "%.300s is not the record of a streamgrad run", path);
    else if (!text_of(root, "checksum"))
        sg_fail(error, "%.300s has no checksum: it was changed or is of an older program", path);
    else if (!sum_fits(text, size))
        sg_fail(error, "%.300s was changed: its checksum does not fit; put it back as it was",
                path);
    else
        return root;
    json_decref(root);
    return NULL;
}

/* Whatever was filled before a fault is released. */
bool sg_experiment_read(sg_experiment *run, const char *folder, sg_error *error)
{
    char path[SG_PATH_SIZE], *text;
    size_t size;

    if (!sg_path_join(path, folder, SG_RUN_FILE, error))
        return false;
    if (!sg_file_read(path, &text, &size, error))
        return false;
    json_t *root = parse(text, size, path, error);
    free(text);
    if (!root)
        return false;

    /* Empty, so that a half-filled one can be released. */
    *run = (sg_experiment){0};
    bool ok = read_run(run, root, path, error);
    json_decref(root);
    if (!ok)
        sg_experiment_release(run);
    return ok;
}
