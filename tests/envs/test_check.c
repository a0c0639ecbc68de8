/* test_check.c - the checker passes every registered environment, and finds every fault that an
 * environment can be given here. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/check.h"
#include "envs/options.h"
#include "tests/envs/engine.h"

/* ---- what was told ---- */

enum { MOST_CHECKS = 32 };

/* The names of checks that failed, and of those with a note, and what they said. */
typedef struct {
    int count, failed, notes;
    char names[MOST_CHECKS][32];
    sg_env_check_outcome outcomes[MOST_CHECKS];
    char text[4096];
} told;

static void keep(void *context, const char *check, sg_env_check_outcome outcome, const char *text)
{
    told *t = context;
    size_t used = strlen(t->text);
    cr_assert(t->count < MOST_CHECKS && *text && !strchr(text, '\n'), "%s: '%s'", check, text);
    snprintf(t->names[t->count], sizeof t->names[0], "%s", check);
    t->outcomes[t->count++] = outcome;
    t->failed += outcome == SG_ENV_CHECK_FAILED;
    t->notes += outcome == SG_ENV_CHECK_NOTE;
    snprintf(t->text + used, sizeof t->text - used, "%d %s: %s\n", outcome, check, text);
}

static told check(const sg_env_entry *entry, int steps)
{
    told t = {0};
    sg_env_check_config config = sg_env_check_config_default();
    config.steps = steps;
    config.seed = 7;
    sg_env_check_result r = sg_env_check(entry, NULL, config, keep, &t);
    cr_assert(r.failed == t.failed && r.notes == t.notes && r.ok == t.count - t.failed - t.notes);
    return t;
}

/* The first check of that outcome, or "". */
static const char *first(const told *t, sg_env_check_outcome outcome)
{
    for (int i = 0; i < t->count; i++) {
        if (t->outcomes[i] == outcome)
            return t->names[i];
    }
    return "";
}

/* ---- the registered ones ---- */

ParameterizedTestParameters(check, registered_environments_pass)
{
    static int index[1024];
    for (int i = 0; i < sg_env_count(); i++)
        index[i] = i;
    return cr_make_param_array(int, index, (size_t)sg_env_count());
}

ParameterizedTest(int *index, check, registered_environments_pass)
{
    const sg_env_entry *entry = sg_env_entry_at(*index);
    if (refuses_engine(entry->id))
        return;
    told t = check(entry, 120);
    cr_assert(t.count == 13 && t.failed == 0, "%s:\n%s", entry->id, t.text);
}

/* ---- faults ---- */

/* A small task that is right in everything but the fault. */
typedef enum {
    NONE,
    NAN_OBSERVATION,
    INFINITE_REWARD,
    OBSERVATION_NOT_WRITTEN,
    RESET_NOT_WRITTEN,
    BEYOND_THE_END,
    FAR_BEYOND_THE_END,
    REWARD_NOT_WRITTEN,
    IGNORES_OPTIONS,
    WRITES_ACTION,
    REFUSES_A_BOUND,
    IGNORES_SEED,
    HAS_NO_SEED,
    SHARES_STATE,
    SHARES_POSITION,
    FORGETS_RANDOM,
    FORGETS_POSITION,
    FORGETS_GUST,
    KEEPS_OVER_RESET,
    LEAKS,
    HIDDEN_LIMIT,
    UNBOUNDED,
    TOO_WIDE,
    NO_RANDOM
} fault;

/* The fault of the environments to be made. */
static fault present;
static double shared, shared_position;
static void *volatile leaked; /* volatile: a compiler may leave out what nobody sees */

typedef struct {
    sg_env env;
    sg_random random;
    double position, gust;
    int steps, lived; /* in the episode; since the seed */
} walk;

/* Two values: where it is, and how long it has been going. */
static void observe(const walk *w, double *obs)
{
    obs[0] = w->position + (present == SHARES_STATE ? shared : 0);
    obs[1] = w->steps;
    if (present == NAN_OBSERVATION && w->steps == 5)
        obs[1] = NAN;
    if (present == BEYOND_THE_END)
        obs[2] = 0;
    for (int i = 2; present == FAR_BEYOND_THE_END && w->steps > 0 && i < 500; i++)
        obs[i] = 0;
}

static bool reset(sg_env *env, double *obs, sg_error *error)
{
    walk *w = (walk *)env;
    (void)error;
    w->position = present == NO_RANDOM ? 0 : sg_random_uniform(&w->random, -1, 1);
    if (present != KEEPS_OVER_RESET)
        w->steps = 0;
    shared_position = w->position;
    if (present != RESET_NOT_WRITTEN)
        observe(w, obs);
    return true;
}

/* Faults in what a step answers. */
static void spoil(const walk *w, const double *action, double *obs, sg_transition *t)
{
    if (present == OBSERVATION_NOT_WRITTEN && w->steps == 3)
        obs[0] = NAN; /* as if it had been left alone */
    if (present == INFINITE_REWARD && w->steps == 3)
        t->reward = INFINITY;
    if (present == WRITES_ACTION)
        ((double *)action)[0] = 0;
}

/* A gust comes every 40 steps and lasts 10. */
static void blow(walk *w)
{
    int phase = w->lived++ % 40;
    if (phase == 10 && present != NO_RANDOM)
        w->gust = sg_random_uniform(&w->random, -0.1, 0.1);
    if (phase == 20)
        w->gust = 0;
}

static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    walk *w = (walk *)env;
    if (present == REFUSES_A_BOUND && action[0] == 1)
        return sg_fail(error, "too much");
    if (present == SHARES_POSITION)
        w->position = shared_position;
    blow(w);
    w->position += 0.1 * action[0] + w->gust;
    if (present != NO_RANDOM)
        w->position += 0.1 * sg_random_normal(&w->random);
    w->steps++;
    shared += action[0];
    shared_position = w->position;

    /* the answer */
    if (present != REWARD_NOT_WRITTEN)
        t->reward = -fabs(w->position);
    t->terminated = present == HIDDEN_LIMIT ? w->steps == 10 : fabs(w->position) > 2;
    observe(w, obs);
    spoil(w, action, obs, t);
    if (present == LEAKS)
        leaked = malloc(64);
    return true;
}

static void seed(sg_env *env, uint64_t number)
{
    walk *w = (walk *)env;
    if (present != IGNORES_SEED)
        sg_random_seed(&w->random, number);
    w->lived = 0;
    w->gust = 0;
}

static void state(sg_env *env, sg_archive *archive)
{
    walk *w = (walk *)env;
    if (present != FORGETS_RANDOM)
        sg_archive_random(archive, "random", &w->random);
    if (present != FORGETS_POSITION)
        sg_archive_f64(archive, "position", &w->position, 1);
    if (present != FORGETS_GUST)
        sg_archive_f64(archive, "gust", &w->gust, 1);
    sg_archive_int(archive, "steps", &w->steps);
    sg_archive_int(archive, "lived", &w->lived);
}

static void close_walk(sg_env *env) { free(env); }

static const sg_env_functions functions = {.name = "walk",
                                           .reset = reset,
                                           .step = step,
                                           .seed = seed,
                                           .state = state,
                                           .close = close_walk};

static const sg_env_functions without_seed = {
    .name = "walk", .reset = reset, .step = step, .state = state, .close = close_walk};

static sg_env *make(const char *id, const char *options, sg_error *error)
{
    if (present != IGNORES_OPTIONS && !sg_options_parse(id, NULL, 0, NULL, options, error))
        return NULL;
    walk *w = sg_alloc(sizeof *w);
    w->env.functions = present == HAS_NO_SEED ? &without_seed : &functions;
    w->env.spec = (sg_env_spec){.obs_size = 2,
                                .action_size = 1,
                                .action_low = {present == TOO_WIDE ? -1e308 : -1},
                                .action_high = {present == UNBOUNDED  ? INFINITY
                                                : present == TOO_WIDE ? 1e308
                                                                      : 1},
                                .time_limit = 20};
    sg_random_seed(&w->random, 0);
    return &w->env;
}

static const sg_env_entry entry = {"Walk-v0", "a random walk", make};

/* ---- what must be found ---- */

typedef struct {
    fault fault;
    sg_env_check_outcome outcome; /* expected, */
    char check[32];               /* in this check before any other */
} expectation;

ParameterizedTestParameters(check, faults_are_found)
{
    static expectation all[] = {
        {NAN_OBSERVATION, SG_ENV_CHECK_FAILED, "values"},
        {INFINITE_REWARD, SG_ENV_CHECK_FAILED, "values"},
        {OBSERVATION_NOT_WRITTEN, SG_ENV_CHECK_FAILED, "values"},
        {RESET_NOT_WRITTEN, SG_ENV_CHECK_FAILED, "reset"},
        {BEYOND_THE_END, SG_ENV_CHECK_FAILED, "reset"},
        {FAR_BEYOND_THE_END, SG_ENV_CHECK_FAILED, "values"},
        {REWARD_NOT_WRITTEN, SG_ENV_CHECK_FAILED, "values"},
        {IGNORES_OPTIONS, SG_ENV_CHECK_FAILED, "options"},
        {WRITES_ACTION, SG_ENV_CHECK_FAILED, "values"},
        {REFUSES_A_BOUND, SG_ENV_CHECK_FAILED, "values"},
        {IGNORES_SEED, SG_ENV_CHECK_FAILED, "same seed"},
        {HAS_NO_SEED, SG_ENV_CHECK_FAILED, "same seed"},
        {SHARES_STATE, SG_ENV_CHECK_FAILED, "same seed"},
        {SHARES_POSITION, SG_ENV_CHECK_FAILED, "two at once"},
        {FORGETS_RANDOM, SG_ENV_CHECK_FAILED, "save and restore"},
        {FORGETS_POSITION, SG_ENV_CHECK_FAILED, "save and restore"},
        {FORGETS_GUST, SG_ENV_CHECK_FAILED, "save and restore"},
        {KEEPS_OVER_RESET, SG_ENV_CHECK_FAILED, "same seed"},
        {LEAKS, SG_ENV_CHECK_FAILED, "memory"},
        {HIDDEN_LIMIT, SG_ENV_CHECK_NOTE, "ends of episodes"},
        {UNBOUNDED, SG_ENV_CHECK_NOTE, "spec"},
        {TOO_WIDE, SG_ENV_CHECK_NOTE, "spec"},
        {NO_RANDOM, SG_ENV_CHECK_NOTE, "other seed"},
    };
    return cr_make_param_array(expectation, all, sizeof all / sizeof *all);
}

/* Sanitizers have an allocator that cannot be asked, and report leaks themselves. */
#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_IS_KNOWN false
#elif defined(__has_feature)
#define MEMORY_IS_KNOWN (!__has_feature(address_sanitizer))
#else
#define MEMORY_IS_KNOWN true
#endif

ParameterizedTest(expectation *e, check, faults_are_found)
{
    if (e->fault == LEAKS && !MEMORY_IS_KNOWN)
        return;
    present = e->fault;
    told t = check(&entry, 200);
    cr_assert_str_eq(first(&t, e->outcome), e->check, "fault %d:\n%s", (int)e->fault, t.text);
    cr_assert((t.failed == 0) == (e->outcome == SG_ENV_CHECK_NOTE), "fault %d:\n%s", (int)e->fault,
              t.text);
}

Test(check, without_a_fault_all_is_well)
{
    present = NONE;
    told t = check(&entry, 200);
    int unknown = MEMORY_IS_KNOWN ? 0 : 1;
    cr_assert(t.count == 13 && t.failed == 0 && t.notes == unknown, "%s", t.text);
}

/* One fault is one failure, however many checks would trip over it. */
Test(check, a_missing_seed_function_is_told_once)
{
    present = HAS_NO_SEED;
    told t = check(&entry, 200);
    cr_assert(t.count == 13 && t.failed == 1, "%s", t.text);
    cr_assert(strstr(t.text, "it has no seed function"), "%s", t.text);
    cr_assert(strstr(t.text, "save and restore: not checked"), "%s", t.text);
}

/* ---- what cannot be made ---- */

static sg_env *make_wrong(const char *id, const char *options, sg_error *error)
{
    sg_env *env = make(id, options, error);
    env->spec.obs_rank = 3;
    env->spec.obs_dim[0] = 2;
    return env;
}

Test(check, a_spec_that_makes_no_sense_is_refused)
{
    const sg_env_entry wrong = {"Wrong-v0", "", make_wrong};
    told t = check(&wrong, 10);
    cr_assert(t.count == 1 && t.failed == 1);
    cr_assert(strstr(t.text, "Wrong-v0: obs_dim has 0 values, obs_size is 2"), "%s", t.text);
}

Test(check, every_part_of_a_spec_is_looked_at)
{
    static const struct {
        sg_env_spec spec;
        const char *told;
    } SPECS[] = {
        {{.id = "A", .obs_size = 0, .obs_rank = 1}, "obs_size is 0"},
        {{.id = "A", .obs_size = 1 << 25, .obs_rank = 1, .obs_dim = {1 << 25}}, "1 to 16777216"},
        {{.id = "A", .obs_size = 1, .obs_rank = 4, .obs_dim = {1}}, "obs_rank is 4"},
        {{.id = "A", .obs_size = 1, .obs_rank = 3, .obs_dim = {INT_MAX, INT_MAX, INT_MAX}},
         "obs_dim has"},
        {{.id = "", .obs_size = 1, .obs_rank = 1, .obs_dim = {1}}, "1 to 63 letters"},
        {{.id = "A\033", .obs_size = 1, .obs_rank = 1, .obs_dim = {1}}, "no control characters"},
        {{.id = "A", .obs_size = 1, .obs_rank = 1, .obs_dim = {1}, .time_limit = -1}, "time_limit"},
        {{.id = "A", .obs_size = 1, .obs_rank = 1, .obs_dim = {1}}, "action_size is 0"},
        {{.id = "A", .obs_size = 1, .obs_rank = 1, .obs_dim = {1}, .action_size = 65}, "1 to 64"},
        {{.id = "A", .obs_size = 1, .obs_rank = 1, .obs_dim = {1}, .discrete = true}, "count is 0"},
        {{.id = "A",
          .obs_size = 1,
          .obs_rank = 1,
          .obs_dim = {1},
          .discrete = true,
          .action_count = 2000000000},
         "A: action_count is 2000000000, must be 1 to 8192"},
        {{.id = "A",
          .obs_size = 1,
          .obs_rank = 1,
          .obs_dim = {1},
          .action_size = 1,
          .action_low = {NAN},
          .action_high = {1}},
         "action_low[0] is nan"},
    };
    for (size_t i = 0; i < sizeof SPECS / sizeof *SPECS; i++) {
        sg_error error = {""};
        cr_assert_not(sg_env_spec_check(&SPECS[i].spec, &error), "number %zu", i);
        cr_assert(strstr(error.text, SPECS[i].told), "'%s' lacks '%s'", error.text, SPECS[i].told);
    }
}
