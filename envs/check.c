/* check.c - an environment on the bench: the list of checks, the spec, the report. */
#include "envs/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/check_internal.h"

/* ---- the spec ---- */

/* Observation: the shape's product is the size. */
static bool check_observation(const sg_env_spec *s, sg_error *error)
{
    if (s->obs_size < 1 || s->obs_size > SG_MAX_OBSERVATION) {
        return sg_fail(error, "%s: obs_size is %d, must be 1 to %d", s->id, s->obs_size,
                       SG_MAX_OBSERVATION);
    }
    if (s->obs_rank < 1 || s->obs_rank > 3)
        return sg_fail(error, "%s: obs_rank is %d, must be 1 to 3", s->id, s->obs_rank);
    int64_t product = 1;
    for (int i = 0; i < s->obs_rank && product <= s->obs_size; i++)
        product *= s->obs_dim[i] > 0 ? s->obs_dim[i] : 0;
    return product == s->obs_size || sg_fail(error, "%s: obs_dim has %lld values, obs_size is %d",
                                             s->id, (long long)product, s->obs_size);
}

/* Continuous actions: each bound below the other; NaN is below nothing. */
static bool check_bounds(const sg_env_spec *s, sg_error *error)
{
    if (s->action_size < 1 || s->action_size > SG_MAX_ACTIONS) {
        return sg_fail(error, "%s: action_size is %d, must be 1 to %d", s->id, s->action_size,
                       SG_MAX_ACTIONS);
    }
    for (int i = 0; i < s->action_size; i++) {
        if (!(s->action_low[i] < s->action_high[i])) {
            return sg_fail(error, "%s: action_low[%d] is %g, action_high[%d] %g; low must be less",
                           s->id, i, s->action_low[i], i, s->action_high[i]);
        }
    }
    return true;
}

/* Discrete actions are one value. */
static bool check_indices(const sg_env_spec *s, sg_error *error)
{
    if (s->action_count < 1 || s->action_count > SG_MAX_ACTION_COUNT) {
        return sg_fail(error, "%s: action_count is %d, must be 1 to %d", s->id, s->action_count,
                       SG_MAX_ACTION_COUNT);
    }
    return s->action_size == 1 ||
           sg_fail(error, "%s: action_size is %d, must be 1 where actions are discrete", s->id,
                   s->action_size);
}

/* Reads no further than an id can reach. */
bool sg_env_id_is_valid(const char *id)
{
    int length = 0;
    for (; length <= SG_ENV_ID_LENGTH && id[length]; length++) {
        if ((unsigned char)id[length] < ' ' || id[length] == 127)
            return false;
    }
    return length > 0 && length <= SG_ENV_ID_LENGTH;
}

bool sg_env_spec_check(const sg_env_spec *spec, sg_error *error)
{
    if (!sg_env_id_is_valid(spec->id))
        return sg_fail(error,
                       "an environment's id must have 1 to %d letters, and no control characters",
                       SG_ENV_ID_LENGTH);
    if (spec->time_limit < 0) {
        return sg_fail(error, "%s: time_limit is %d; 0 is none", spec->id, spec->time_limit);
    }
    return check_observation(spec, error) &&
           (spec->discrete ? check_indices(spec, error) : check_bounds(spec, error));
}

/* Told in a line; it was checked when the environment was made. */
static sg_env_check_outcome check_spec(sg_check_bench *bench, sg_error *line)
{
    const sg_env_spec *s = &bench->one.env->spec;
    bool bounded = true;
    if (s->discrete) {
        return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "%s: %d observed values, one of %d actions",
                            s->id, s->obs_size, s->action_count);
    }
    for (int i = 0; i < s->action_size; i++) {
        sg_action_bounds b = sg_action_bounds_of(s, i);
        bounded = bounded && isfinite(b.low) && isfinite(b.high);
    }
    if (!bounded) {
        return SG_CHECK_SAY(SG_ENV_CHECK_NOTE, line,
                            "%s: %d observed values, actions: %d, not all bounded: action=scale "
                            "will not do",
                            s->id, s->obs_size, s->action_size);
    }
    return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "%s: %d observed values, bounded actions: %d", s->id,
                        s->obs_size, s->action_size);
}

/* ---- options ---- */

/* One that nobody has, after those that are given, must not be taken in silence. */
static sg_env_check_outcome check_options(sg_check_bench *bench, sg_error *line)
{
    static const char unknown[] = "no_such_option=1";
    const char *given = bench->options && *bench->options ? bench->options : NULL;
    size_t size = (given ? strlen(given) : 0) + sizeof unknown + 1;
    char *text = sg_alloc(size);
    snprintf(text, size, "%s%s%s", given ? given : "", given ? "," : "", unknown);
    sg_error reason = {""};
    sg_env *env = sg_env_make_entry(bench->entry, text, &reason);
    free(text);
    if (!env)
        return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "unknown ones are refused");
    sg_env_close(env);
    return SG_CHECK_SAY(SG_ENV_CHECK_FAILED, line,
                        "%s is taken without a word; sg_options_parse refuses what it does not "
                        "know",
                        unknown);
}

/* ---- the list ---- */

/* In the order in which a fault explains the next ones; those that compare with the numbers of
 * "same seed" have no say where these are not the same. */
static const struct {
    const char *name;
    sg_env_check_function *run;
    bool compares;
} checks[] = {
    {"spec", check_spec, false},
    {"options", check_options, false},
    {"reset", sg_check_reset, false},
    {"values", sg_check_values, false},
    {"actions", sg_check_actions, false},
    {"bad actions", sg_check_bad_actions, false},
    {"same seed", sg_check_determinism, false},
    {"other seed", sg_check_seeds, true},
    {"two at once", sg_check_twins, true},
    {"save and restore", sg_check_restore, true},
    {"ends of episodes", sg_check_ends, false},
    {"time limit", sg_check_time_limit, false},
    {"memory", sg_check_memory, false},
};

enum { CHECK_COUNT = sizeof checks / sizeof checks[0] };

/* One of them, or why not. */
static sg_env_check_outcome run_check(int i, sg_check_bench *bench, sg_error *line)
{
    if (!checks[i].compares || bench->repeats)
        return checks[i].run(bench, line);
    return SG_CHECK_SAY(SG_ENV_CHECK_NOTE, line,
                        "not checked: it takes numbers that the same seed gives again");
}

sg_env_check_config sg_env_check_config_default(void)
{
    return (sg_env_check_config){.steps = 1000};
}

/* ---- the bench ---- */

/* Rows of large observations are kept for fewer steps: a gigabyte of them at most. */
static int steps_that_fit(int steps, int width)
{
    enum { VALUES = 1 << 27 };
    return steps < VALUES / width ? steps : VALUES / width;
}

/* Two environments of the kind, which know nothing of each other. */
static bool open_bench(sg_check_bench *bench, sg_error *error)
{
    if (!sg_player_open(&bench->one, bench->entry, bench->options, error) ||
        !sg_player_open(&bench->two, bench->entry, bench->options, error))
        return false;
    bench->width = sg_player_width(&bench->one);
    bench->config.steps = steps_that_fit(bench->config.steps, bench->width);
    bench->trace = sg_alloc((size_t)bench->config.steps * (size_t)bench->width * sizeof(double));
    return true;
}

/* Whatever was opened. */
static void close_bench(sg_check_bench *bench)
{
    sg_player_close(&bench->one);
    sg_player_close(&bench->two);
    free(bench->trace);
}

/* Counts, and tells who asked. */
static void tell(sg_env_check_result *result, sg_env_check_report *report, void *context,
                 const char *name, sg_env_check_outcome outcome, const char *text)
{
    result->ok += outcome == SG_ENV_CHECK_OK;
    result->notes += outcome == SG_ENV_CHECK_NOTE;
    result->failed += outcome == SG_ENV_CHECK_FAILED;
    if (report)
        report(context, name, outcome, text);
}

sg_env_check_result sg_env_check(const sg_env_entry *entry, const char *options,
                                 sg_env_check_config config, sg_env_check_report *report,
                                 void *context)
{
    if (!entry || !entry->make)
        sg_misuse("sg_env_check: entry or its make function is NULL");
    if (config.steps < 1)
        sg_misuse("sg_env_check: steps is %d, must be at least 1", config.steps);
    sg_check_bench bench = {.entry = entry, .options = options, .config = config};
    sg_env_check_result result = {0};
    sg_error line = {""};

    /* Without an environment there is nothing else to check. */
    if (!open_bench(&bench, &line)) {
        tell(&result, report, context, "make", SG_ENV_CHECK_FAILED, line.text);
        close_bench(&bench);
        return result;
    }
    for (int i = 0; i < CHECK_COUNT; i++) {
        sg_env_check_outcome outcome = run_check(i, &bench, &line);
        tell(&result, report, context, checks[i].name, outcome, line.text);
    }
    close_bench(&bench);
    return result;
}
