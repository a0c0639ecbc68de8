/* check_repeat.c - the same numbers again: from a seed, beside another environment, from a saved
 * state. */
#include "envs/check_internal.h"

#include <string.h>

/* The rows of the first rollout. */
static double *row(const sg_check_bench *bench, int step)
{
    return bench->trace + (size_t)step * (size_t)bench->width;
}

/* What went wrong, and where. */
static sg_env_check_outcome failed(sg_error *line, const char *where, int step,
                                   const sg_error *reason, const char *rule)
{
    return SG_CHECK_SAY(SG_ENV_CHECK_FAILED, line, "%s %d: %.300s%s%s", where, step + 1,
                        reason->text, *rule ? "; " : "", rule);
}

/* ---- seeds ---- */

/* Plays from the seed and keeps every row. */
static bool record(sg_check_bench *bench, int *step, sg_error *reason)
{
    sg_player *p = &bench->one;
    *step = -1;
    if (!sg_player_start(p, bench->config.seed, reason))
        return false;
    for (*step = 0; *step < bench->config.steps; ++*step) {
        if (!sg_player_step(p, reason))
            return false;
        memcpy(row(bench, *step), p->row, (size_t)bench->width * sizeof(double));
    }
    return true;
}

/* Plays on and compares with the rows from `first` up to `end`. */
static bool replay(sg_check_bench *bench, sg_player *p, int first, int end, int *step,
                   sg_error *reason)
{
    for (*step = first; *step < end; ++*step) {
        if (!sg_player_step(p, reason) || !sg_player_same_row(p, row(bench, *step), reason))
            return false;
    }
    return true;
}

/* What is to be done about numbers that do not come again. */
static const char *rule_of_seeds(const sg_env *env)
{
    bool seeded = false;
    for (; env; env = env->inner)
        seeded |= env->functions->seed != NULL;
    return seeded ? "after reset with a seed all must be the same"
                  : "it has no seed function, with which random numbers start anew";
}

/* Again in the same environment, which must have forgotten the first time. */
sg_env_check_outcome sg_check_determinism(sg_check_bench *bench, sg_error *line)
{
    sg_error reason = {""};
    int step;
    bench->repeats = false;
    if (!record(bench, &step, &reason))
        return failed(line, "step", step, &reason, "");
    bench->repeats = sg_player_start(&bench->one, bench->config.seed, &reason) &&
                     replay(bench, &bench->one, 0, bench->config.steps, &step, &reason);
    if (!bench->repeats)
        return failed(line, "second time, step", step, &reason, rule_of_seeds(bench->one.env));
    return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "%d steps are the same to the bit",
                        bench->config.steps);
}

/* The same actions after two seeds. */
sg_env_check_outcome sg_check_seeds(sg_check_bench *bench, sg_error *line)
{
    sg_player *one = &bench->one, *two = &bench->two;
    sg_error reason = {""};
    uint64_t seed = bench->config.seed;
    if (!sg_player_start(one, seed, &reason) || !sg_player_start(two, seed + 1, &reason))
        return failed(line, "step", -1, &reason, "");
    if (!sg_player_same_row(two, one->row, &reason))
        return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "another beginning");

    /* A start may be fixed while the steps are random. */
    two->actions = one->actions;
    for (int i = 0; i < bench->config.steps; i++) {
        if (!sg_player_step(one, &reason) || !sg_player_step(two, &reason))
            return failed(line, "step", i, &reason, "");
        if (!sg_player_same_row(two, one->row, &reason))
            return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "the same beginning, but another step %d",
                                i + 1);
    }
    return SG_CHECK_SAY(SG_ENV_CHECK_NOTE, line,
                        "changes nothing in %d steps: the environment draws no random numbers",
                        bench->config.steps);
}

/* ---- two at once ---- */

/* A static variable that both share would show. */
sg_env_check_outcome sg_check_twins(sg_check_bench *bench, sg_error *line)
{
    sg_player *one = &bench->one, *two = &bench->two;
    sg_error reason = {""};
    uint64_t seed = bench->config.seed;
    if (!sg_player_start(one, seed, &reason) || !sg_player_start(two, seed + 1, &reason))
        return failed(line, "step", -1, &reason, "");
    for (int i = 0; i < bench->config.steps; i++) {
        bool ok = sg_player_step(one, &reason) && sg_player_same_row(one, row(bench, i), &reason);
        if (!ok)
            return failed(line, "step", i, &reason, "another environment must not matter");
        if (!sg_player_step(two, &reason))
            return failed(line, "step", i, &reason, "");
    }
    return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "a second environment beside it does not matter");
}

/* ---- saving ---- */

/* Copies a state into an environment; all of it must be there. */
static bool load(sg_env *env, sg_archive *archive, sg_error *reason)
{
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_env_state(env, archive);
    return sg_archive_ok(archive, reason);
}

/* The original goes on as if nothing had been saved; then another environment, in the middle of
 * other things, goes on from the saved state; and then the original itself, once more. */
static bool go_on(sg_check_bench *bench, sg_archive *archive, int at, const char **who, int *step,
                  sg_error *reason)
{
    sg_player *one = &bench->one, *two = &bench->two, *again[] = {two, one};
    sg_random actions = one->actions;
    *who = "after saving, step";
    if (!replay(bench, one, at, bench->config.steps, step, reason))
        return false;
    *who = "restored, step";
    for (int i = 0; i < 2; i++) {
        *step = at - 1;
        if (!load(again[i]->env, archive, reason))
            return false;
        again[i]->actions = actions;
        again[i]->ended = false;
        if (!replay(bench, again[i], at, bench->config.steps, step, reason))
            return false;
    }
    return true;
}

/* Saves before step `at` of the recorded rollout. */
static bool restore_at(sg_check_bench *bench, int at, const char **who, int *step, sg_error *reason)
{
    sg_player *one = &bench->one, *two = &bench->two;
    *who = "step";
    *step = -1;
    if (!sg_player_start(one, bench->config.seed, reason) ||
        !sg_player_start(two, bench->config.seed + 2, reason))
        return false;
    for (*step = 0; *step < at; ++*step) {
        if (!sg_player_step(one, reason))
            return false;
    }
    /* the other one is somewhere else */
    if (!sg_player_step(two, reason))
        return false;
    sg_archive *archive = sg_archive_new();
    sg_env_state(one->env, archive);
    bool ok = go_on(bench, archive, at, who, step, reason);
    sg_archive_free(archive);
    return ok;
}

/* A step inside an episode, near the middle of the rollout, by the trace's flags. */
static int middle(const sg_check_bench *bench)
{
    int n = bench->one.env->spec.obs_size;
    for (int at = bench->config.steps / 2; at < bench->config.steps; at++) {
        const double *answers = at > 0 ? row(bench, at - 1) + n : NULL;
        if (answers && answers[1] == 0 && answers[2] == 0)
            return at;
    }
    return bench->config.steps / 2;
}

/* ---- saving often ---- */

/* Restore points at most, steps played from each, and steps of the rollout for each point. */
enum { MOST_POINTS = 100, POINT_STEPS = 16, STEPS_A_POINT = 4 };

/* How many fit into the rollout, so that all together cost a few rollouts at most. */
static int point_count(const sg_check_bench *bench)
{
    int count = bench->config.steps / STEPS_A_POINT;
    return count < MOST_POINTS ? count : MOST_POINTS;
}

/* Another environment, which was elsewhere for 1 to 8 steps, plays a while from the state of the
 * original as it is now, before step `at`. */
static bool copy_at(sg_check_bench *bench, int point, int at, int *step, sg_error *reason)
{
    sg_player *two = &bench->two;
    int steps = bench->config.steps, end = steps - at < POINT_STEPS ? steps : at + POINT_STEPS;
    if (!sg_player_start(two, bench->config.seed + 2 + (uint64_t)point, reason))
        return false;
    for (int i = 0; i <= point % 8; i++) {
        if (!sg_player_step(two, reason))
            return false;
    }
    /* from here on the same actions, too */
    sg_archive *archive = sg_archive_new();
    sg_env_state(bench->one.env, archive);
    two->actions = bench->one.actions;
    two->ended = false;
    *step = at - 1;
    bool ok = load(two->env, archive, reason) && replay(bench, two, at, end, step, reason);
    sg_archive_free(archive);
    return ok;
}

/* A point in each of equal parts of the rollout, at random there: what is drawn anew every few
 * steps must not always be drawn right after a point. */
static bool restore_often(sg_check_bench *bench, const char **who, int *step, sg_error *reason)
{
    sg_player *one = &bench->one;
    sg_random places;
    int64_t count = point_count(bench), steps = bench->config.steps;
    int now = 0;
    sg_random_seed_named(&places, bench->config.seed, "check/places");
    *who = "step";
    *step = -1;
    if (!sg_player_start(one, bench->config.seed, reason))
        return false;
    for (int64_t i = 0; i < count; i++) {
        int at = (int)sg_random_integer(&places, i * steps / count, (i + 1) * steps / count);
        *who = "step";
        for (*step = now; *step < at; ++*step) {
            if (!sg_player_step(one, reason))
                return false;
        }
        *who = "restored, step";
        if (!copy_at(bench, (int)i, now = at, step, reason))
            return false;
    }
    return true;
}

/* ---- the check ---- */

/* From right after a reset and from the middle to the end; then from many points for a while. */
sg_env_check_outcome sg_check_restore(sg_check_bench *bench, sg_error *line)
{
    const int points[] = {0, middle(bench)};
    const char *who;
    int step;
    sg_error reason = {""};
    bool ok = true;
    for (int i = 0; ok && i < 2; i++)
        ok = restore_at(bench, points[i], &who, &step, &reason);
    if (!ok || !restore_often(bench, &who, &step, &reason))
        return failed(line, who, step, &reason, "does the state function visit everything?");
    return SG_CHECK_SAY(SG_ENV_CHECK_OK, line,
                        "before steps 1 and %d and at %d further points, "
                        "goes on to the bit",
                        points[1] + 1, point_count(bench));
}
