/* test_wrappers.c - wrappers against recorded traces of Gymnasium's and the streaming papers', and
 * against their definitions. */
#include <criterion/criterion.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "envs/wrappers.h"
#include "tests/envs/script_env.h"
#include "tests/golden.h"

/* The recorded number itself, to the last bit. */
static void same(double value, double expected, const char *what, size_t row)
{
    cr_assert(value == expected, "%s, row %zu: %.17g, not %.17g", what, row, value, expected);
}

/* Compares one saved array with row `row` of a recorded one. */
static void compare_saved(sg_archive *archive, const char *saved, const golden *g, const char *name,
                          size_t row)
{
    const sg_archive_entry *entry = sg_archive_find(archive, saved);
    cr_assert(entry != NULL, "the state has no '%s'", saved);
    size_t n = entry->bytes / sizeof(double);
    const double *expected = golden_array(g, name, NULL, NULL, NULL) + row * n;
    for (size_t i = 0; i < n; i++)
        same(((double *)entry->data)[i], expected[i], saved, row);
}

/* ---- recorded traces ---- */

enum { OBS = 7 };

/* A trace of resets and steps being played through a stack of wrappers. */
typedef struct {
    const golden *g;
    script_env script;
    sg_env *env;
} playback;

static const double *row_of(const playback *p, const char *name, size_t row, size_t width)
{
    return golden_array(p->g, name, NULL, NULL, NULL) + row * width;
}

/* Plays one event; the answer goes to obs and t. True for a step, false for a reset. */
static bool play_raw(playback *p, size_t row, double *obs, sg_transition *t)
{
    const double action[2] = {0, 0};
    memcpy(p->script.obs, row_of(p, "ev/raw_obs", row, OBS), sizeof(double) * OBS);
    bool rewarded = golden_has(p->g, "ev/raw_reward");
    p->script.transition = (sg_transition){rewarded ? *row_of(p, "ev/raw_reward", row, 1) : 0,
                                           *row_of(p, "ev/terminated", row, 1) != 0,
                                           *row_of(p, "ev/truncated", row, 1) != 0};
    bool is_step = *row_of(p, "ev/type", row, 1) != 0;
    cr_assert(is_step ? sg_env_step(p->env, action, obs, t, NULL)
                      : sg_env_reset(p->env, NULL, obs, NULL));
    return is_step;
}

/* The first OBS observed values against a recorded array. */
static void compare_obs(const playback *p, const double *obs, const char *name, size_t row)
{
    const double *expected = row_of(p, name, row, OBS);
    for (int i = 0; i < OBS; i++)
        same(obs[i], expected[i], name, row);
}

/* Plays one event and compares what the agent sees. */
static void play(playback *p, size_t row)
{
    double obs[OBS + 1];
    sg_transition t = {0};
    if (play_raw(p, row, obs, &t))
        same(t.reward, *row_of(p, "ev/reward_scaled", row, 1), "reward", row);
    compare_obs(p, obs, "ev/obs_norm", row);
    if (golden_has(p->g, "ev/time_feature")) {
        same(obs[OBS], *row_of(p, "ev/time_feature", row, 1), "time", row);
    }
}

static sg_archive *saved_state(sg_env *env)
{
    sg_archive *archive = sg_archive_new();
    sg_env_state(env, archive);
    return archive;
}

Test(wrappers, gymnasium_normalisers_match_the_recorded_trace)
{
    golden *g = golden_open("algos/norm_gymnasium.safetensors");
    playback p = {.g = g};
    p.env = sg_normalize_observation(script_env_init(&p.script, OBS), SG_NORMALIZE_GYMNASIUM);
    p.env = sg_normalize_reward(p.env, golden_number(g, "hp/gamma"));

    size_t rows;
    golden_array(g, "ev/type", &rows, NULL, NULL);
    cr_assert(rows == 319);
    for (size_t row = 0; row < rows; row++) {
        play(&p, row);
        sg_archive *archive = saved_state(p.env);
        compare_saved(archive, "normalize_observation/mean", g, "ev/obs_mean", row);
        compare_saved(archive, "normalize_observation/variance", g, "ev/obs_var", row);
        compare_saved(archive, "normalize_observation/count", g, "ev/obs_count", row);
        compare_saved(archive, "scale_reward/discounted_return", g, "ev/disc_return", row);
        compare_saved(archive, "scale_reward/mean", g, "ev/ret_mean", row);
        compare_saved(archive, "scale_reward/variance", g, "ev/ret_var", row);
        compare_saved(archive, "scale_reward/count", g, "ev/ret_count", row);
        sg_archive_free(archive);
    }
    sg_env_close(p.env);
    golden_close(g);
}

Test(wrappers, streaming_normalisers_match_the_recorded_trace)
{
    golden *g = golden_open("algos/norm_streaming.safetensors");
    playback p = {.g = g};
    p.env = sg_normalize_observation(script_env_init(&p.script, OBS), SG_NORMALIZE_STREAMING);
    p.env = sg_scale_reward(p.env, SG_NORMALIZE_STREAMING, golden_number(g, "hp/gamma"));
    p.env = sg_time_feature(p.env, (int)golden_number(g, "hp/max_episode_steps"));

    size_t rows;
    golden_array(g, "ev/type", &rows, NULL, NULL);
    cr_assert(rows == 324);
    for (size_t row = 0; row < rows; row++) {
        play(&p, row);
        sg_archive *archive = saved_state(p.env);
        compare_saved(archive, "normalize_observation/mean", g, "ev/obs_mean", row);
        compare_saved(archive, "normalize_observation/squares", g, "ev/obs_p", row);
        compare_saved(archive, "normalize_observation/count", g, "ev/obs_count", row);
        compare_saved(archive, "scale_reward/discounted_return", g, "ev/rew_trace", row);
        compare_saved(archive, "scale_reward/mean", g, "ev/rew_mean", row);
        compare_saved(archive, "scale_reward/count", g, "ev/rew_count", row);
        /* before the first reward the reference holds a 1 here that it never uses */
        if (*row_of(&p, "ev/rew_count", row, 1) > 0) {
            compare_saved(archive, "scale_reward/squares", g, "ev/rew_p", row);
        }
        sg_archive_free(archive);
    }
    sg_env_close(p.env);
    golden_close(g);
}

/* Rewards of an agent's recording, whose scaler cuts the return at termination only. */
Test(wrappers, reward_scale_through_time_limits_matches_the_recorded_trace)
{
    golden *g = golden_open("algos/intentional_ac_v2.safetensors");
    playback p = {.g = g};
    double obs[OBS], cut_off = 0;
    const double action[2] = {0, 0};
    size_t rows;
    p.env = sg_scale_reward(script_env_init(&p.script, OBS), SG_NORMALIZE_STREAMING_THROUGH,
                            golden_number(g, "hp/gamma"));
    cr_assert(sg_env_reset(p.env, NULL, obs, NULL));
    golden_array(g, "step/raw_reward", &rows, NULL, NULL);
    cr_assert(rows == 300);
    for (size_t row = 0; row < rows; row++) {
        sg_transition t;
        p.script.transition = (sg_transition){*row_of(&p, "step/raw_reward", row, 1),
                                              *row_of(&p, "step/terminated", row, 1) != 0,
                                              *row_of(&p, "step/truncated", row, 1) != 0};
        cr_assert(sg_env_step(p.env, action, obs, &t, NULL));
        same(t.reward, *row_of(&p, "step/reward", row, 1), "reward", row);
        cut_off += t.truncated && !t.terminated;
        if (t.truncated || t.terminated)
            cr_assert(sg_env_reset(p.env, NULL, obs, NULL));
    }
    cr_assert(cut_off > 2, "the trace has time limits");
    sg_env_close(p.env);
    golden_close(g);
}

/* The traces are compared bare, and once more as the normaliser around them shows them. */
Test(wrappers, observation_traces_match_the_recorded_trace)
{
    golden *g = golden_open("algos/norm_obs_traces.safetensors");
    double beta = golden_number(g, "hp/beta"), obs[OBS];
    sg_transition t = {0};
    playback bare = {.g = g}, p = {.g = g};
    bare.env = sg_observation_traces(script_env_init(&bare.script, OBS), beta);
    p.env = sg_observation_traces(script_env_init(&p.script, OBS), beta);
    p.env = sg_normalize_observation(p.env, SG_NORMALIZE_STREAMING);

    size_t rows;
    golden_array(g, "ev/type", &rows, NULL, NULL);
    cr_assert(rows == 328);
    for (size_t row = 0; row < rows; row++) {
        play_raw(&bare, row, obs, &t);
        compare_obs(&bare, obs, "ev/trace", row);
        play_raw(&p, row, obs, &t);
        compare_obs(&p, obs, "ev/obs_norm", row);
        sg_archive *archive = saved_state(p.env);
        compare_saved(archive, "observation_traces/trace", g, "ev/trace_state", row);
        const sg_archive_entry *count = sg_archive_find(archive, "observation_traces/count");
        cr_assert(count != NULL && count->type == SG_ARCHIVE_I64);
        same((double)*(int64_t *)count->data, *row_of(&p, "ev/trace_count", row, 1), "count", row);
        sg_archive_free(archive);
    }
    sg_env_close(bare.env);
    sg_env_close(p.env);
    golden_close(g);
}

/* ---- freezing ---- */

static void check_frozen(sg_normalizer kind)
{
    script_env script;
    sg_env *env = sg_normalize_observation(script_env_init(&script, 1), kind);
    env = sg_scale_reward(env, kind, 0.9);
    const double action[2] = {0, 0};
    double obs, first_obs = 0, first_reward = 0;
    sg_transition t;
    for (int i = 0; i < 10; i++) {
        script.obs[0] = i;
        script.transition.reward = i * i;
        cr_assert(sg_env_step(env, action, &obs, &t, NULL));
    }

    /* frozen: the same input gives the same output again and again */
    sg_env_freeze(env, true);
    for (int i = 0; i < 5; i++) {
        cr_assert(sg_env_step(env, action, &obs, &t, NULL));
        if (i == 0)
            first_obs = obs, first_reward = t.reward;
        cr_assert(obs == first_obs && t.reward == first_reward);
        cr_assert(isfinite(obs) && obs > 0 && t.reward > 0);
    }

    /* thawed: the statistics move again */
    sg_env_freeze(env, false);
    cr_assert(sg_env_step(env, action, &obs, &t, NULL));
    cr_assert(obs < first_obs && t.reward != first_reward);
    sg_env_close(env);
}

Test(wrappers, frozen_statistics_are_used_but_not_updated)
{
    check_frozen(SG_NORMALIZE_GYMNASIUM);
    check_frozen(SG_NORMALIZE_STREAMING);
}

/* What belongs to the episode and not to statistics goes on while frozen; a reset in mid-episode,
 * as an evaluation begins, forgets the episode before. */
Test(wrappers, episode_layers_ignore_freezing_and_start_anew)
{
    script_env script;
    sg_env *env = sg_frame_stack(sg_observation_traces(script_env_init(&script, 1), 0.5), 2);
    env = sg_time_feature(sg_record_episode_statistics(env), 4);
    const double action[2] = {0, 0};
    double obs[3];
    sg_transition t;
    sg_env_freeze(env, true);
    for (int episode = 0; episode < 2; episode++) {
        script.obs[0] = 4;
        cr_assert(sg_env_reset(env, NULL, obs, NULL));
        cr_assert(obs[0] == 4 && obs[1] == 4 && obs[2] == -0.5);
        script.obs[0] = 1;
        script.transition.reward = 3;
        for (int i = 0; i < 2; i++)
            cr_assert(sg_env_step(env, action, obs, &t, NULL));
        /* (4/4 + 1/2) / (3/4), then (4/8 + 1/4 + 1/2) / (7/8) */
        cr_assert(obs[0] == 2 && obs[1] == 1.25 / 0.875 && obs[2] == -0.25);
        cr_assert(sg_episode_return(env) == 6 && sg_episode_length(env) == 2);
    }
    sg_env_close(env);
}

/* ---- actions ---- */

Test(wrappers, clip_action_limits_to_the_bounds)
{
    script_env script;
    sg_env *env = sg_clip_action(script_env_init(&script, 1));
    double obs;
    sg_transition t;
    cr_assert(sg_env_step(env, (const double[]){-5, 5}, &obs, &t, NULL));
    cr_assert(script.action[0] == -2 && script.action[1] == 4);
    cr_assert(sg_env_step(env, (const double[]){0.25, 3.5}, &obs, &t, NULL));
    cr_assert(script.action[0] == 0.25 && script.action[1] == 3.5);
    cr_assert(env->spec.action_low[0] == -2 && env->spec.action_high[1] == 4);
    sg_env_close(env);
    cr_assert(script.closed == 1);
}

Test(wrappers, rescale_action_maps_onto_the_bounds)
{
    script_env script;
    sg_env *env = sg_rescale_action(script_env_init(&script, 1));
    double obs;
    sg_transition t;
    cr_assert(env->spec.action_low[0] == -1 && env->spec.action_high[0] == 1);
    cr_assert(sg_env_step(env, (const double[]){-1, 1}, &obs, &t, NULL));
    cr_assert(script.action[0] == -2 && script.action[1] == 4);
    cr_assert(sg_env_step(env, (const double[]){0, 0.5}, &obs, &t, NULL));
    cr_assert(script.action[0] == -0.5 && script.action[1] == 3);
    cr_assert(sg_env_step(env, (const double[]){7, -7}, &obs, &t, NULL));
    cr_assert(script.action[0] == 1 && script.action[1] == 0);
    sg_env_close(env);
}

/* ---- time ---- */

Test(wrappers, time_limit_truncates_from_its_last_step_on)
{
    script_env script;
    sg_env *env = sg_time_limit(script_env_init(&script, 1), 3);
    const double action[2] = {0, 0};
    double obs;
    sg_transition t;
    cr_assert(env->spec.time_limit == 3);
    for (int episode = 0; episode < 2; episode++) {
        cr_assert(sg_env_reset(env, NULL, &obs, NULL));
        for (int i = 1; i <= 5; i++) {
            script.transition.terminated = i == 3;
            cr_assert(sg_env_step(env, action, &obs, &t, NULL));
            cr_assert(t.truncated == (i >= 3) && t.terminated == (i == 3), "step %d", i);
        }
    }
    sg_env_close(env);
}

/* However long somebody steps on past the limit, the count does not run over. */
Test(wrappers, time_limit_counts_no_further_than_the_limit)
{
    script_env script;
    sg_env *env = sg_time_limit(script_env_init(&script, 1), INT_MAX);
    int elapsed = INT_MAX - 1;
    sg_transition t;
    double obs;
    sg_archive *archive = sg_archive_new();
    sg_archive_enter(archive, "time_limit");
    sg_archive_int(archive, "elapsed", &elapsed);
    sg_archive_leave(archive);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_env_state(env, archive);
    for (int i = 0; i < 3; i++) {
        cr_assert(sg_env_step(env, (const double[]){0, 0}, &obs, &t, NULL));
        cr_assert(t.truncated, "step %d", i);
    }
    sg_archive_free(archive);
    sg_env_close(env);
}

/* Two limits truncate at the lower one, in whatever order, and the spec says so. */
Test(wrappers, the_lower_of_two_time_limits_is_told)
{
    script_env script;
    sg_env *env = sg_time_limit(sg_time_limit(script_env_init(&script, 1), 9), 4);
    cr_assert_eq(env->spec.time_limit, 4);
    sg_env_close(env);
    env = sg_time_limit(sg_time_limit(script_env_init(&script, 1), 4), 9);
    cr_assert_eq(env->spec.time_limit, 4);
    sg_env_close(env);
}

/* ---- validity ---- */

/* The first observation that is not one, and its reason. */
static void check_refused(double value, int width, const char *told)
{
    script_env script;
    sg_error error;
    double obs[2];
    sg_env *env = sg_require_valid(script_env_init(&script, 2));
    script.obs[1] = value;
    /* the task writes what it has now; the wrapper has seen the spec */
    script.env.spec.obs_size = width;
    cr_assert(sg_env_reset(env, NULL, obs, &error) == !told);
    cr_assert(!told || strstr(error.text, told), "'%s' lacks '%s'", error.text, told);
    script.env.spec.obs_size = 2;
    sg_env_close(env);
}

Test(wrappers, observations_must_be_finite_and_of_their_size)
{
    check_refused(7, 2, NULL);
    check_refused(NAN, 2, "Script-v0: observation[1] is nan");
    check_refused(INFINITY, 2, "Script-v0: observation[1] is inf");
    check_refused(7, 3, "Script-v0: an observation is written beyond its 2 values");
    check_refused(7, 1, "Script-v0: observation[1] is nan, or not written");
}

/* ---- overflow ---- */

/* Resets and steps with values that go to and fro; false, with the reason, where one fails. */
static bool swing(sg_env *env, script_env *script, double obs, double reward, sg_error *error)
{
    double seen[2];
    sg_transition t;
    bool ok = true;
    for (int i = 0; ok && i < 6; i++) {
        script->obs[1] = i % 2 ? obs : -obs;
        script->transition.reward = i % 2 ? reward : -reward;
        ok = i ? sg_env_step(env, (const double[]){0, 0}, seen, &t, error)
               : sg_env_reset(env, NULL, seen, error);
        cr_assert(!ok || i == 0 || (isfinite(t.reward) && isfinite(seen[1])));
        cr_assert(!ok || seen[1] != 0 || obs == 0 || i == 0, "an observation is lost");
    }
    sg_env_close(env);
    return ok;
}

/* Finite values whose squares are not: the variance would be infinite, and all that follows 0. */
Test(wrappers, normalisers_refuse_what_they_cannot_square)
{
    static const sg_normalizer kinds[] = {SG_NORMALIZE_GYMNASIUM, SG_NORMALIZE_STREAMING};
    script_env script;
    sg_error error;
    for (int i = 0; i < 2; i++) {
        sg_env *env = sg_normalize_observation(script_env_init(&script, 2), kinds[i]);
        cr_assert(swing(env, &script, 1e150, 1, &error), "%s", error.text);
        env = sg_normalize_observation(script_env_init(&script, 2), kinds[i]);
        cr_assert_not(swing(env, &script, 1e160, 1, &error));
        cr_assert(strstr(error.text, "Script-v0: observation[1] is too large to be normalised"),
                  "%s", error.text);

        env = sg_scale_reward(script_env_init(&script, 2), kinds[i], 0.9);
        cr_assert(swing(env, &script, 0, 1e150, &error), "%s", error.text);
        env = sg_scale_reward(script_env_init(&script, 2), kinds[i], 0.9);
        cr_assert_not(swing(env, &script, 0, 1e155, &error));
        cr_assert(strstr(error.text, "Script-v0: the reward") &&
                      strstr(error.text, "is too large to be scaled"),
                  "%s", error.text);
    }
}

/* Statistics that are kept as they are do not make a large value a small one. */
Test(wrappers, frozen_normalisers_refuse_what_overflows)
{
    script_env script;
    sg_error error;
    sg_env *env = sg_normalize_observation(script_env_init(&script, 2), SG_NORMALIZE_GYMNASIUM);
    double seen[2];
    for (int i = 0; i < 100000; i++)
        cr_assert(sg_env_reset(env, NULL, seen, &error), "%s", error.text);
    sg_env_freeze(env, true);
    cr_assert_not(swing(env, &script, 1e307, 1, &error));
    cr_assert(strstr(error.text, "Script-v0: observation[1] is too large"), "%s", error.text);
}

/* ---- layers ---- */

Test(wrappers, two_layers_of_one_kind_keep_separate_state)
{
    script_env script;
    sg_env *env = sg_time_limit(sg_time_limit(script_env_init(&script, 1), 9), 4);
    double obs;
    cr_assert(sg_env_reset(env, NULL, &obs, NULL));
    sg_archive *archive = saved_state(env);
    cr_assert(sg_archive_count(archive) == 2);
    cr_assert(sg_archive_find(archive, "time_limit/elapsed") != NULL);
    cr_assert(sg_archive_find(archive, "time_limit.2/elapsed") != NULL);
    sg_archive_free(archive);
    sg_env_close(env);
}

Test(wrappers, no_normaliser_is_no_layer)
{
    script_env script;
    sg_env *env = script_env_init(&script, 1);
    cr_assert(sg_normalize_observation(env, SG_NORMALIZE_NONE) == env);
    cr_assert(sg_scale_reward(env, SG_NORMALIZE_NONE, 0.9) == env);
}
