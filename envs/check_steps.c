/* check_steps.c - what one reset and one step answer, and which actions they take. */
#include <math.h>
#include <string.h>

#include "envs/check_internal.h"

/* What went wrong, and at which step. */
static sg_env_check_outcome failed(sg_error *line, int step, const sg_error *reason)
{
    return SG_CHECK_SAY(SG_ENV_CHECK_FAILED, line, "step %d: %.400s", step, reason->text);
}

/* ---- observations and rewards ---- */

sg_env_check_outcome sg_check_reset(sg_check_bench *bench, sg_error *line)
{
    sg_player *p = &bench->one;
    sg_error reason = {""};
    bool ok = sg_player_start(p, bench->config.seed, &reason) && sg_player_check_row(p, &reason) &&
              sg_player_restart(p, &reason) && sg_player_check_row(p, &reason);
    if (!ok)
        return SG_CHECK_SAY(SG_ENV_CHECK_FAILED, line, "%.400s", reason.text);
    return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "with and without a seed, %d finite values",
                        p->env->spec.obs_size);
}

sg_env_check_outcome sg_check_values(sg_check_bench *bench, sg_error *line)
{
    sg_player *p = &bench->one;
    sg_error reason = {""};
    double least = INFINITY, most = -INFINITY;

    /* All that comes out is finite and in its place. */
    if (!sg_player_start(p, bench->config.seed, &reason))
        return failed(line, 0, &reason);
    for (int i = 0; i < bench->config.steps; i++) {
        if (!sg_player_step(p, &reason) || !sg_player_check_row(p, &reason))
            return failed(line, i + 1, &reason);
        least = fmin(least, p->t.reward);
        most = fmax(most, p->t.reward);
    }
    return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "finite over %d steps; rewards from %.6g to %.6g",
                        bench->config.steps, least, most);
}

/* ---- actions ---- */

/* low + part * (high - low), or what stands for it where a bound is missing. */
static double between(sg_action_bounds b, double part)
{
    double low = isfinite(b.low) ? b.low : isfinite(b.high) ? b.high - 2 : -1;
    double high = isfinite(b.high) ? b.high : low + 2;
    return part == 1 ? high : low + part * (high - low);
}

/* Candidate `k` for an action: an index, or all elements at the same place between their bounds. */
static bool choose(const sg_env_spec *spec, int k, double *action)
{
    static const double parts[] = {0, 1, 0.5, 0.25, 0.75};
    if (spec->discrete) {
        action[0] = k;
        return k < spec->action_count;
    }
    if (k >= (int)(sizeof parts / sizeof parts[0]))
        return false;
    for (int i = 0; i < spec->action_size; i++)
        action[i] = between(sg_action_bounds_of(spec, i), parts[k]);
    return true;
}

/* Each from the same beginning. */
sg_env_check_outcome sg_check_actions(sg_check_bench *bench, sg_error *line)
{
    sg_player *p = &bench->one;
    const sg_env_spec *spec = &p->env->spec;
    int tried = 0;

    for (; choose(spec, tried, p->action); tried++) {
        double first = p->action[0];
        sg_error reason = {""};
        if (!sg_player_start(p, bench->config.seed, &reason) || !sg_player_take(p, &reason) ||
            !sg_player_check_row(p, &reason)) {
            return SG_CHECK_SAY(SG_ENV_CHECK_FAILED, line, "with actions of %g: %.400s", first,
                                reason.text);
        }
    }
    return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "%d tried, %s", tried,
                        spec->discrete ? "every index" : "at the bounds and between");
}

/* ---- actions that are none ---- */

/* The environment as it is now. */
static sg_archive *save(sg_env *env)
{
    sg_archive *archive = sg_archive_new();
    sg_env_state(env, archive);
    return archive;
}

/* True if both hold the same bytes under the same names. */
static bool same_state(const sg_archive *a, const sg_archive *b)
{
    const sg_archive_entry *entry;
    for (size_t i = 0; (entry = sg_archive_at(a, i)); i++) {
        const sg_archive_entry *twin = sg_archive_find(b, entry->name);
        if (!twin || twin->bytes != entry->bytes ||
            memcmp(twin->data, entry->data, entry->bytes) != 0)
            return false;
    }
    return sg_archive_count(a) == sg_archive_count(b);
}

/* Refused with a message, and nothing has changed. */
static bool check_refused(sg_player *p, const double *action, sg_error *reason)
{
    sg_transition t;
    sg_error told = {""};
    sg_archive *before = save(p->env);
    bool refused = !sg_env_step(p->env, action, p->obs, &t, &told);
    sg_archive *after = save(p->env);
    bool same = same_state(before, after);
    sg_archive_free(before);
    sg_archive_free(after);
    if (!refused)
        return sg_fail(reason, "is accepted");
    if (!told.text[0])
        return sg_fail(reason, "is refused without a message");
    return same || sg_fail(reason, "is refused, but changes the state");
}

sg_env_check_outcome sg_check_bad_actions(sg_check_bench *bench, sg_error *line)
{
    sg_player *p = &bench->one;
    const sg_env_spec *spec = &p->env->spec;
    const double bad[] = {NAN, INFINITY, -INFINITY, 0.5, -1, spec->action_count};
    int tried = spec->discrete ? 6 : 3;
    sg_error reason = {""};

    if (!sg_player_start(p, bench->config.seed, &reason))
        return failed(line, 0, &reason);
    /* One bad element at a time, the first and the last. */
    for (int k = 0; k < 2 * tried; k++) {
        double action[SG_MAX_ACTIONS];
        choose(spec, 0, action);
        action[k < tried ? 0 : spec->action_size - 1] = bad[k % tried];
        if (!check_refused(p, action, &reason)) {
            return SG_CHECK_SAY(SG_ENV_CHECK_FAILED, line, "an action of %g %.400s", bad[k % tried],
                                reason.text);
        }
    }
    if (!sg_player_step(p, &reason))
        return failed(line, 1, &reason);
    return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "%s refused, nothing changed",
                        spec->discrete ? "NaN, infinity, fractions and foreign indices"
                                       : "NaN and infinity");
}
