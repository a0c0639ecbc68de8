/* test_minatar.c - the MinAtar games against recorded episodes of the published ones: from the seed
 * alone, every draw, cell, reward, end and number behind the board must be the recorded one. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/env.h"
#include "tensor/mt19937.h"
#include "tests/envs/rollout.h"

static const char *const games[] = {"Breakout", "Asterix", "Freeway", "Seaquest", "SpaceInvaders"};

enum { GAME_COUNT = sizeof games / sizeof games[0], CELLS = 1000, SIDE = 10 };

typedef struct {
    const char *game;
    char id[64]; /* of the -v0 environment, which takes the recorded actions as they are */
    sg_env *env;
    sg_archive *archive; /* the state after the record */
    sg_mt19937 draws;    /* makes the recorded draws, beside the environment */
    uint64_t seed;
    bool seeded; /* the next reset starts from the seed */
    size_t resets, steps, drawn, cells, numbers;
} replay;

static void same(replay *r, double value, double recorded, const char *what)
{
    cr_assert(value == recorded, "%s, reset %zu, step %zu: %s is %.17g, not %.17g", r->game,
              r->resets, r->steps, what, value, recorded);
}

/* ---- draws ---- */

/* One number of a recorded ["rand", n, out] or ["randint", low, high, n, out]. */
static void same_draw(replay *r, const json_t *draw, const json_t *out)
{
    const char *kind = json_string_value(json_array_get(draw, 0));
    double number;
    if (strcmp(kind, "rand") == 0) {
        number = sg_mt19937_unit(&r->draws);
    } else {
        int low = (int)json_integer_value(json_array_get(draw, 1));
        int high = (int)json_integer_value(json_array_get(draw, 2));
        number = sg_mt19937_integer(&r->draws, low, high);
    }
    same(r, number, json_number_value(out), kind);
    r->drawn++;
}

/* The words taken by the environment are those of the recorded draws, no more and no less. */
static void compare_draws(replay *r, const json_t *record)
{
    size_t i, k;
    json_t *draw, *number;
    json_array_foreach(json_object_get(record, "d"), i, draw)
    {
        const json_t *out = json_array_get(draw, json_array_size(draw) - 1);
        if (json_is_array(out)) {
            json_array_foreach(out, k, number) same_draw(r, draw, number);
        } else {
            same_draw(r, draw, out);
        }
    }
    const sg_archive_entry *words = sg_archive_find(r->archive, "minatar/random/words");
    const sg_archive_entry *next = sg_archive_find(r->archive, "minatar/random/next");
    cr_assert(words != NULL && next != NULL);
    cr_assert(memcmp(words->data, r->draws.word, sizeof r->draws.word) == 0, "%s, step %zu: words",
              r->game, r->steps);
    same(r, (double)*(int64_t *)next->data, r->draws.next, "the number of words drawn");
}

/* ---- the board ---- */

static int hex_digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

/* Recorded [y, x, channel] in bits, the high one of a digit first. */
static void compare_board(replay *r, const json_t *record, const double *obs)
{
    const char *text = json_string_value(json_object_get(record, "s"));
    int channels = r->env->spec.obs_dim[0], size = r->env->spec.obs_size;
    cr_assert((int)strlen(text) == (size + 7) / 8 * 2);
    for (int i = 0; i < size; i++) {
        int bit = hex_digit(text[i / 4]) >> (3 - i % 4) & 1;
        int channel = i % channels, x = i / channels % SIDE, y = i / channels / SIDE;
        double cell = obs[(channel * SIDE + y) * SIDE + x];
        cr_assert(cell == bit, "%s, reset %zu, step %zu: channel %d, row %d, column %d is %g",
                  r->game, r->resets, r->steps, channel, y, x, cell);
    }
    r->cells += (size_t)size;
}

/* ---- numbers behind it ---- */

static const int64_t *saved(const replay *r, const char *name, const char *suffix)
{
    char full[64];
    snprintf(full, sizeof full, "minatar/%s%s", name, suffix);
    const sg_archive_entry *entry = sg_archive_find(r->archive, full);
    return entry ? entry->data : NULL;
}

/* Freeway's cars, recorded as [x, y, timer, speed], are saved in a row for each of these. */
static void compare_cars(replay *r, const json_t *cars)
{
    const int64_t *saved_as[] = {saved(r, "car_x", ""), NULL, saved(r, "car_timer", ""),
                                 saved(r, "car_speed", "")};
    size_t i, k;
    json_t *one, *number;
    json_array_foreach(cars, i, one)
    {
        json_array_foreach(one, k, number)
        {
            double value = k == 1 ? (double)i + 1 : (double)saved_as[k][i];
            same(r, value, json_number_value(number), "cars");
            r->numbers++;
        }
    }
    cr_assert(i == 8);
}

/* A list of things, each a list of numbers: saved with as many numbers for each as our structs
 * have. */
static void compare_list(replay *r, const char *name, const json_t *list)
{
    size_t i, k, width = strcmp(name, "entities") == 0 ? 4 : 5;
    const int64_t *values = saved(r, name, ""), *count = saved(r, name, "_count");
    json_t *thing, *number;
    cr_assert(values != NULL, "%s is not saved", name);
    cr_assert(!count || *count == (int64_t)json_array_size(list), "%s, step %zu: %ld %s, not %zu",
              r->game, r->steps, (long)*count, name, json_array_size(list));
    json_array_foreach(list, i, thing)
    {
        /* an empty place is recorded as null and saved with a column that there is not */
        if (json_is_null(thing))
            same(r, (double)values[i * width], -1, name);
        json_array_foreach(thing, k, number)
        {
            double value =
                json_is_boolean(number) ? json_boolean_value(number) : json_number_value(number);
            same(r, (double)values[i * width + k], value, name);
            r->numbers++;
        }
    }
}

/* Everything in the record must be in the saved state, but a timer that its game never uses. */
static void compare_numbers(replay *r, const json_t *record)
{
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(record, "n"), name, value)
    {
        bool unused = strcmp(r->game, "Asterix") == 0 && strcmp(name, "shot_timer") == 0;
        if (unused || strcmp(name, "terminal") == 0)
            continue;
        if (strcmp(name, "cars") == 0) {
            compare_cars(r, value);
            continue;
        }
        if (json_is_array(value)) {
            compare_list(r, name, value);
            continue;
        }
        const int64_t *number = saved(r, name, "");
        cr_assert(number != NULL, "%s is not saved", name);
        same(r, (double)*number,
             json_is_boolean(value) ? json_boolean_value(value) : json_number_value(value), name);
        r->numbers++;
    }
}

/* ---- records ---- */

static void compare(replay *r, const json_t *record, const double *obs)
{
    sg_archive_rewind(r->archive);
    sg_env_state(r->env, r->archive);
    compare_numbers(r, record);
    compare_board(r, record, obs);
    compare_draws(r, record);
}

static void compare_reset(replay *r, const json_t *record)
{
    sg_error error = {""};
    double obs[CELLS];
    bool ok = sg_env_reset(r->env, r->seeded ? &r->seed : NULL, obs, &error);
    cr_assert(ok, "%s", error.text);
    r->seeded = false;
    r->resets++;
    compare(r, record, obs);
    same(r, (double)*saved(r, "last_action", ""), record_number(record, "last_action"), "action");
}

static void compare_step(replay *r, const json_t *record)
{
    sg_error error = {""};
    sg_transition t;
    double obs[CELLS], action = record_number(record, "a");
    r->steps++;
    cr_assert(sg_env_step(r->env, &action, obs, &t, &error), "%s", error.text);
    compare(r, record, obs);
    same(r, (double)*saved(r, "last_action", ""), record_number(record, "u"), "action");
    same(r, t.reward, record_number(record, "r"), "reward");
    same(r, t.terminated, record_number(record, "te"), "terminated");
    cr_assert(!t.truncated);
}

static void replay_game(const char *game)
{
    char file[64];
    sg_error error = {""};
    replay r = {.game = game, .archive = sg_archive_new()};
    snprintf(file, sizeof file, "minatar/%s.jsonl.gz", game);
    snprintf(r.id, sizeof r.id, "MinAtar/%s-v0", game);
    rollout *recorded = rollout_open(file);
    r.env = sg_env_make(r.id, NULL, &error);
    cr_assert(r.env != NULL, "%s", error.text);

    const json_t *record;
    while ((record = rollout_next(recorded))) {
        if (record_is(record, "stream")) {
            r.seed = (uint64_t)record_number(record, "seed");
            r.seeded = true;
            sg_mt19937_seed(&r.draws, r.seed);
        } else if (record_is(record, "reset")) {
            compare_reset(&r, record);
        } else {
            compare_step(&r, record);
        }
    }
    printf("%s: %zu steps and %zu resets equal: %zu draws, %zu cells, %zu other numbers\n", r.id,
           r.steps, r.resets, r.drawn, r.cells, r.numbers);
    cr_assert(r.steps > 0 && r.steps == rollout_steps(recorded));
    sg_archive_free(r.archive);
    sg_env_close(r.env);
    rollout_close(recorded);
}

/* One process a game; the parameter is an index. */
ParameterizedTestParameters(minatar, recorded)
{
    static int index[GAME_COUNT];
    for (int i = 0; i < GAME_COUNT; i++)
        index[i] = i;
    return cr_make_param_array(int, index, GAME_COUNT);
}

ParameterizedTest(int *index, minatar, recorded) { replay_game(games[*index]); }
