/* check_player.c - one environment on the bench, stepped with random actions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/check_internal.h"
#include "envs/margins.h"

/* reward, terminated, truncated */
enum { ANSWERS = 3 };

/* ---- opening ---- */

int sg_player_width(const sg_player *player) { return 2 * player->env->spec.obs_size + ANSWERS; }

/* The observation is written into a block of its own, so that its neighbours can be watched. */
bool sg_player_open(sg_player *player, const sg_env_entry *entry, const char *options,
                    sg_error *error)
{
    *player = (sg_player){.env = sg_env_make_entry(entry, options, error)};
    if (!player->env)
        return false;
    player->row = sg_alloc((size_t)sg_player_width(player) * sizeof(double));
    player->obs = sg_margins_new(player->env->spec.obs_size);
    return true;
}

void sg_player_close(sg_player *player)
{
    sg_env_close(player->env);
    free(player->row);
    sg_margins_free(player->obs);
    *player = (sg_player){0};
}

/* ---- playing ---- */

/* NaN stays wherever the task writes nothing. */
static void blank(sg_player *player)
{
    for (int i = 0; i < player->env->spec.obs_size; i++)
        player->obs[i] = NAN;
}

/* A reset whose observation goes to `to`. */
static bool begin(sg_player *player, const uint64_t *seed, double *to, sg_error *error)
{
    player->length = 0;
    if (!sg_env_reset(player->env, seed, player->obs, error))
        return false;
    memcpy(to, player->obs, (size_t)player->env->spec.obs_size * sizeof *to);
    return true;
}

bool sg_player_start(sg_player *player, uint64_t seed, sg_error *error)
{
    sg_random_seed_named(&player->actions, seed, "check/actions");
    memset(player->row, 0, (size_t)sg_player_width(player) * sizeof(double));
    player->ended = false;
    return begin(player, &seed, player->row, error);
}

bool sg_player_restart(sg_player *player, sg_error *error)
{
    player->ended = false;
    return begin(player, NULL, player->row, error);
}

/* A bound may be missing on either side. */
static double draw_between(sg_random *random, sg_action_bounds b)
{
    double unit = sg_random_unit(random), away = -log1p(-sg_random_unit(random));
    if (isfinite(b.low) && isfinite(b.high)) {
        /* at the bounds, too: clipping and limits begin there */
        return unit < 0.0625 ? b.low : unit > 0.9375 ? b.high : b.low + (b.high - b.low) * unit;
    }
    if (isfinite(b.low))
        return b.low + away;
    return isfinite(b.high) ? b.high - away : unit < 0.5 ? away : -away;
}

void sg_player_draw(const sg_env_spec *spec, sg_random *random, double *action)
{
    if (spec->discrete) {
        action[0] = (double)sg_random_integer(random, 0, spec->action_count);
        return;
    }
    for (int i = 0; i < spec->action_size; i++)
        action[i] = draw_between(random, sg_action_bounds_of(spec, i));
}

/* Flags of a step become numbers, so that rows are numbers only. */
static void fill_row(sg_player *player)
{
    int n = player->env->spec.obs_size;
    memset(player->row, 0, (size_t)sg_player_width(player) * sizeof(double));
    memcpy(player->row, player->obs, (size_t)n * sizeof *player->row);
    player->row[n] = player->t.reward;
    player->row[n + 1] = player->t.terminated;
    player->row[n + 2] = player->t.truncated;
}

bool sg_player_step(sg_player *player, sg_error *error)
{
    sg_player_draw(&player->env->spec, &player->actions, player->action);
    return sg_player_take(player, error);
}

bool sg_player_take(sg_player *player, sg_error *error)
{
    const sg_env_spec *spec = &player->env->spec;
    double given[SG_MAX_ACTIONS];
    size_t bytes = (size_t)spec->action_size * sizeof *given;

    blank(player);
    memcpy(given, player->action, bytes);
    if (player->ended)
        player->length = 0;
    if (!sg_env_step(player->env, player->action, player->obs, &player->t, error))
        return false;
    if (memcmp(given, player->action, bytes) != 0)
        return sg_fail(error, "step writes into the action it is given");

    /* What came of it, and on to the next episode. */
    fill_row(player);
    player->length++;
    player->ended = player->t.terminated || player->t.truncated;
    int length = player->length;
    if (player->ended && !begin(player, NULL, player->row + spec->obs_size + ANSWERS, error))
        return false;
    player->length = length;
    return true;
}

/* ---- looking ---- */

/* The margins on both sides. */
static bool check_margins(const sg_player *player, sg_error *error)
{
    int n = player->env->spec.obs_size;
    return sg_margins_kept(player->obs, n, SG_MARGIN) ||
           sg_fail(error, "an observation is written beyond its %d values", n);
}

/* What one number of a row is called. */
static const char *name_of(const sg_player *player, int i, char name[48])
{
    static const char *const answers[ANSWERS] = {"the reward", "terminated", "truncated"};
    int n = player->env->spec.obs_size;
    if (i >= n && i < n + ANSWERS)
        return answers[i - n];
    int index = i < n ? i : i - n - ANSWERS;
    snprintf(name, 48, "%s[%d]", i < n ? "observation" : "the next observation", index);
    return name;
}

bool sg_player_check_row(const sg_player *player, sg_error *error)
{
    char name[48];
    for (int i = 0; i < sg_player_width(player); i++) {
        if (isnan(player->row[i]))
            return sg_fail(error, "%s is NaN, or not written", name_of(player, i, name));
        if (!isfinite(player->row[i]))
            return sg_fail(error, "%s is %g", name_of(player, i, name), player->row[i]);
    }
    return check_margins(player, error);
}

bool sg_player_same_row(const sg_player *player, const double *expected, sg_error *error)
{
    char name[48];
    for (int i = 0; i < sg_player_width(player); i++) {
        if (memcmp(&player->row[i], &expected[i], sizeof(double)) == 0)
            continue;
        return sg_fail(error, "%s is %.17g and not %.17g", name_of(player, i, name), player->row[i],
                       expected[i]);
    }
    return true;
}
