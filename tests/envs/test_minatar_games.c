/* test_minatar_games.c - MinAtar's versions, options, saved states and pictures. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "envs/env.h"
#include "tests/envs/rollout.h"

static const char *const games[] = {"Breakout", "Asterix", "Freeway", "Seaquest", "SpaceInvaders"};

enum { GAME_COUNT = sizeof games / sizeof games[0], CELLS = 1000, SIDE = 10 };

/* ---- versions and options ---- */

static sg_env *make(const char *game, const char *version, const char *options)
{
    char id[64];
    sg_error error = {""};
    snprintf(id, sizeof id, "MinAtar/%s-v%s", game, version);
    sg_env *env = sg_env_make(id, options, &error);
    cr_assert(env != NULL, "%s", error.text);
    return env;
}

/* Follows `script`, an action a letter as MinAtar calls them, and returns the last observation's
 * cells of channel 0, the player's, as a row and a column. */
static void walk(sg_env *env, const char *letters, const char *script, int *x, int *y)
{
    const uint64_t seed = 1;
    double obs[CELLS];
    sg_transition t;
    cr_assert(sg_env_reset(env, &seed, obs, NULL));
    for (; *script; script++) {
        double action = (double)(strchr(letters, *script) - letters);
        cr_assert(sg_env_step(env, &action, obs, &t, NULL));
    }
    *x = *y = -1;
    for (int i = 0; i < SIDE * SIDE; i++) {
        if (obs[i] == 1)
            *x = i % SIDE, *y = i / SIDE;
    }
}

/* The header's channels, six actions, and those that the -v1 id has: its letters of "nlurdf". */
Test(minatar_games, versions_have_the_recorded_actions)
{
    for (int i = 0; i < GAME_COUNT; i++) {
        char file[64];
        snprintf(file, sizeof file, "minatar/%s.jsonl.gz", games[i]);
        rollout *recorded = rollout_open(file);
        const json_t *header = rollout_header(recorded);
        const json_t *minimal = json_object_get(header, "minimal_action_set");
        sg_env *all = make(games[i], "0", NULL), *used = make(games[i], "1", NULL);
        const int channels = (int)json_object_size(json_object_get(header, "channels"));
        cr_assert(all->spec.action_count == (int)record_number(header, "num_actions"));
        cr_assert(used->spec.action_count == (int)json_array_size(minimal));
        cr_assert(all->spec.obs_rank == 3 && all->spec.obs_dim[0] == channels);
        cr_assert(all->spec.obs_dim[1] == SIDE && all->spec.obs_dim[2] == SIDE);
        cr_assert(all->spec.time_limit == 0 && used->spec.time_limit == 0);

        /* each of them does the same as in the full set */
        for (size_t k = 0; k < json_array_size(minimal); k++) {
            int action = (int)json_integer_value(json_array_get(minimal, k)), x[2], y[2];
            char one[2] = {"nlurdf"[action], 0}, index[2] = {(char)('0' + k), 0};
            char script[] = {one[0], one[0], one[0], one[0], one[0], 0};
            char same_script[] = {index[0], index[0], index[0], index[0], index[0], 0};
            walk(all, "nlurdf", script, &x[0], &y[0]);
            walk(used, "012345", same_script, &x[1], &y[1]);
            cr_assert(x[0] == x[1] && y[0] == y[1], "%s, action %d", games[i], action);
        }
        sg_env_close(all);
        sg_env_close(used);
        rollout_close(recorded);
    }
}

/* Without repetition every asked step is made; with nothing but repetition none is, since the last
 * action before the first is to stay. */
Test(minatar_games, sticky_actions)
{
    int x, y;
    sg_env *never = make("Breakout", "0", "sticky_action_prob=0");
    sg_env *always = make("Breakout", "0", "sticky_action_prob=1");
    walk(never, "nlurdf", "rrrlr", &x, &y);
    cr_assert(x == 7 && y == 9, "at %d, %d", x, y);
    walk(always, "nlurdf", "rrrlr", &x, &y);
    cr_assert(x == 4 && y == 9, "at %d, %d", x, y);
    sg_env_close(never);
    sg_env_close(always);
}

/* One of a game's numbers. */
static int64_t number_of(sg_env *env, const char *name)
{
    sg_archive *archive = sg_archive_new();
    sg_env_state(env, archive);
    char full[64];
    snprintf(full, sizeof full, "minatar/%s", name);
    const sg_archive_entry *entry = sg_archive_find(archive, full);
    cr_assert(entry != NULL, "%s", name);
    int64_t number = *(const int64_t *)entry->data;
    sg_archive_free(archive);
    return number;
}

/* Arrivals quicken after about 100 steps: in the first episode of Asterix that lasts so long with a
 * player who only waits. */
Test(minatar_games, difficulty_ramps_unless_told_not_to)
{
    const double stay = 0;
    double obs[CELLS];
    sg_transition t;
    int64_t speed[2] = {0, 0};
    sg_env *env[2] = {make("Asterix", "1", "difficulty_ramping=false"),
                      make("Asterix", "1", "difficulty_ramping=true")};
    for (int i = 0; i < 2; i++) {
        int lasted = 0;
        for (uint64_t seed = 0; lasted < 120 && seed < 1000; seed++) {
            lasted = 0;
            cr_assert(sg_env_reset(env[i], &seed, obs, NULL));
            do {
                cr_assert(sg_env_step(env[i], &stay, obs, &t, NULL));
            } while (!t.terminated && ++lasted < 120);
        }
        cr_assert(lasted == 120);
        speed[i] = number_of(env[i], "spawn_speed");
        sg_env_close(env[i]);
    }
    cr_assert(speed[0] == 10 && speed[1] == 9, "%ld and %ld", (long)speed[0], (long)speed[1]);
}

/* Nothing happens after the end, but the draw of every step. */
Test(minatar_games, nothing_happens_after_the_end)
{
    const uint64_t seed = 1;
    double obs[CELLS], last[CELLS], action = 1;
    sg_transition t = {0};
    sg_env *env = make("Breakout", "1", NULL);
    cr_assert(sg_env_reset(env, &seed, obs, NULL));
    while (!t.terminated)
        cr_assert(sg_env_step(env, &action, obs, &t, NULL));
    memcpy(last, obs, sizeof last);
    for (int i = 0; i < 10; i++) {
        int64_t next = number_of(env, "random/next");
        action = 2;
        cr_assert(sg_env_step(env, &action, obs, &t, NULL));
        cr_assert(t.terminated && t.reward == 0);
        cr_assert(memcmp(last, obs, 400 * sizeof *obs) == 0);
        cr_assert(number_of(env, "random/next") == next + 2);
    }
    sg_env_close(env);
}

static void refused(const char *id, const char *options, const char *part)
{
    sg_error error = {""};
    cr_assert(sg_env_make(id, options, &error) == NULL, "%s with %s was accepted", id, options);
    cr_assert(strstr(error.text, part) != NULL, "'%s' does not say '%s'", error.text, part);
    cr_assert(!strchr(error.text, '\n'), "%s", error.text);
}

Test(minatar_games, wrong_options_and_names_are_refused)
{
    refused("MinAtar/Breakout-v0", "sticky_action_prob=1.5", "allowed is a number from 0 to 1");
    refused("MinAtar/Seaquest-v1", "sticky_action_prob=nan", "allowed is a number from 0 to 1");
    refused("MinAtar/Freeway-v1", "difficulty_ramping=maybe", "difficulty_ramping");
    refused("MinAtar/Asterix-v1", "ramping=1",
            "allowed are sticky_action_prob, difficulty_ramping");
    refused("Breakout-v1", NULL, "nearest are MinAtar/Breakout-v1");
    refused("MinAtar/Freewy-v0", NULL, "nearest are MinAtar/Freeway-v0");
}

/* ---- saving ---- */

static void same_steps(sg_env *env, sg_env *copy, sg_random *actions, int steps)
{
    double a[CELLS] = {0}, b[CELLS] = {0};
    sg_transition t, u;
    sg_error error = {""};
    for (int i = 0; i < steps; i++) {
        double action = (double)sg_random_integer(actions, 0, env->spec.action_count);
        cr_assert(sg_env_step(env, &action, a, &t, &error), "%s", error.text);
        cr_assert(sg_env_step(copy, &action, b, &u, &error), "%s", error.text);
        if (t.terminated) {
            cr_assert(sg_env_reset(env, NULL, a, NULL));
            cr_assert(sg_env_reset(copy, NULL, b, NULL));
        }
        cr_assert(memcmp(a, b, sizeof a) == 0 && t.reward == u.reward &&
                      t.terminated == u.terminated,
                  "%s, step %d after the restart", env->spec.id, i);
    }
}

/* Loads all numbers anew; the faults, if any, are the archive's. */
static void load(sg_env *env, sg_archive *archive)
{
    sg_error error = {""};
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_env_state(env, archive);
    cr_assert(sg_archive_ok(archive, &error), "%s", error.text);
    sg_archive_set_mode(archive, SG_ARCHIVE_SAVE);
}

/* Every 50 steps another environment takes over the state and goes on to the bit. */
Test(minatar_games, a_saved_game_goes_on)
{
    const uint64_t seed = 4;
    double obs[CELLS];
    for (int i = 0; i < GAME_COUNT; i++) {
        sg_env *env = make(games[i], "1", NULL), *copy = make(games[i], "1", NULL);
        sg_archive *archive = sg_archive_new();
        sg_random actions;
        sg_random_seed(&actions, 9);
        cr_assert(sg_env_reset(env, &seed, obs, NULL));
        for (int k = 0; k < 60; k++) {
            sg_archive_rewind(archive);
            sg_env_state(env, archive);
            load(copy, archive);
            same_steps(env, copy, &actions, 50);
        }
        sg_archive_free(archive);
        sg_env_close(env);
        sg_env_close(copy);
    }
}

/* Numbers that are allowed or nearly so, in some places of a state. */
static void damage(sg_archive *archive, sg_random *random)
{
    for (size_t i = 0; i < sg_archive_count(archive); i++) {
        const sg_archive_entry *entry = sg_archive_at(archive, i);
        int64_t *numbers = entry->data;
        for (size_t k = 0; entry->type == SG_ARCHIVE_I64 && k < entry->bytes / 8; k++) {
            if (sg_random_unit(random) < 0.05)
                numbers[k] = sg_random_integer(random, -2, 12);
        }
    }
}

/* Restores a damaged state, as far as it goes, and plays on; true if all of it was accepted. */
static bool play_damaged(sg_env *env, sg_random *random)
{
    double obs[CELLS];
    sg_transition t;
    sg_archive *archive = sg_archive_new();
    sg_error error = {""};
    sg_env_state(env, archive);
    damage(archive, random);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_env_state(env, archive);
    bool accepted = sg_archive_ok(archive, &error);
    cr_assert(accepted || strstr(error.text, "; allowed are "), "%s", error.text);
    sg_archive_free(archive);
    for (int i = 0; i < 200; i++) {
        double action = (double)sg_random_integer(random, 0, env->spec.action_count);
        cr_assert(sg_env_step(env, &action, obs, &t, NULL));
        for (int k = 0; k < env->spec.obs_size; k++)
            cr_assert(obs[k] == 0 || obs[k] == 1);
    }
    return accepted;
}

/* Whatever numbers a damaged file has, a game stays inside of its arrays (the sanitizers would
 * tell) and shows nothing but zeros and ones; and most damage is told. */
Test(minatar_games, damaged_states_do_no_harm)
{
    const uint64_t seed = 4;
    double obs[CELLS];
    sg_random random;
    sg_random_seed(&random, 1);
    for (int i = 0; i < GAME_COUNT; i++) {
        int accepted = 0;
        sg_env *env = make(games[i], "0", NULL);
        for (int k = 0; k < 200; k++) {
            cr_assert(sg_env_reset(env, &seed, obs, NULL));
            accepted += play_damaged(env, &random);
        }
        cr_assert(accepted < 180, "%s accepted %d of 200", games[i], accepted);
        sg_env_close(env);
    }
}

/* ---- rules that no recording reaches ---- */

/* Element `index` of one of a game's arrays; a number is an array of one. */
static void put_element(sg_archive *archive, const char *name, int index, int64_t value)
{
    char full[64];
    snprintf(full, sizeof full, "minatar/%s", name);
    const sg_archive_entry *entry = sg_archive_find(archive, full);
    cr_assert(entry != NULL && (size_t)index < entry->bytes / sizeof value, "no %s", name);
    memcpy((int64_t *)entry->data + index, &value, sizeof value);
}

static void put_number(sg_archive *archive, const char *name, int64_t value)
{
    put_element(archive, name, 0, value);
}

/* The step in which a submarine with divers comes up ends the episode if the oxygen was used up in
 * the step before; with one unit left it does not. */
Test(minatar_games, seaquest_ends_without_oxygen_even_at_the_surface)
{
    const uint64_t seed = 4;
    double obs[CELLS], up = 2;
    sg_transition t;
    for (int oxygen = 0; oxygen < 2; oxygen++) {
        sg_env *env = make("Seaquest", "0", "sticky_action_prob=0");
        sg_archive *archive = sg_archive_new();
        cr_assert(sg_env_reset(env, &seed, obs, NULL));
        sg_env_state(env, archive);
        put_number(archive, "sub_y", 1);
        put_number(archive, "oxygen", oxygen);
        put_number(archive, "diver_count", 3);
        load(env, archive);
        cr_assert(sg_env_step(env, &up, obs, &t, NULL));
        cr_expect_eq(t.terminated, oxygen == 0, "oxygen %d", oxygen);
        sg_archive_free(archive);
        sg_env_close(env);
    }
}

/* One enemy submarine at an edge, which is about to leave and to shoot. */
static void put_leaving_submarine(sg_archive *archive, int x)
{
    const int64_t submarine[] = {x, 3, x > 0, 0, 0};
    put_number(archive, "e_subs_count", 1);
    for (int i = 0; i < 5; i++)
        put_element(archive, "e_subs", i, submarine[i]);
}

/* Its bullet is gone in the same step. What is left of both must not keep the state from being
 * loaded, and files that hold the bullet's last place, two columns beside the board, can be. */
Test(minatar_games, seaquest_forgets_a_bullet_shot_from_beside_the_board)
{
    const uint64_t seed = 4;
    double obs[CELLS], stay = 0;
    sg_transition t;
    for (int x = 0; x < SIDE; x += SIDE - 1) {
        sg_env *env = make("Seaquest", "0", NULL);
        sg_archive *archive = sg_archive_new();
        cr_assert(sg_env_reset(env, &seed, obs, NULL));
        sg_env_state(env, archive);
        put_leaving_submarine(archive, x);
        load(env, archive);
        cr_assert(sg_env_step(env, &stay, obs, &t, NULL));
        cr_expect_eq(number_of(env, "e_bullets_count"), 0);
        cr_expect_eq(number_of(env, "e_bullets"), 0, "a place that is free holds %d",
                     (int)number_of(env, "e_bullets"));

        sg_archive_rewind(archive);
        sg_env_state(env, archive);
        load(env, archive);
        put_number(archive, "e_bullets", x ? SIDE + 1 : -2);
        load(env, archive);
        sg_archive_free(archive);
        sg_env_close(env);
    }
}

/* Aliens that turn in the bottom row end the episode. The published board goes round: they are in
 * the last picture's top row, where a bullet that gets there in the same step earns a point. */
Test(minatar_games, space_invaders_ends_with_the_lowest_aliens_at_the_top)
{
    enum { ALIEN = 1, BULLET = 4, LEFT = 1, AIMED = 2 };
    const uint64_t seed = 4;
    double obs[CELLS], stay = 0;
    sg_transition t;
    for (int hit = 0; hit < 2; hit++) {
        sg_env *env = make("SpaceInvaders", "0", "sticky_action_prob=0");
        sg_archive *archive = sg_archive_new();
        cr_assert(sg_env_reset(env, &seed, obs, NULL));
        sg_env_state(env, archive);
        for (int y = 0; y < SIDE; y++)
            put_element(archive, "alien_map", y, y == SIDE - 1 ? LEFT | AIMED : 0);
        put_element(archive, "f_bullet_map", 1, hit ? AIMED : 0);
        put_number(archive, "alien_move_timer", 0);
        load(env, archive);
        cr_assert(sg_env_step(env, &stay, obs, &t, NULL));
        cr_expect(t.terminated && t.reward == hit, "reward %g", t.reward);

        /* the aliens are at the top alone; one of them is gone with the bullet */
        const double *aliens = obs + ALIEN * SIDE * SIDE, *bullets = obs + BULLET * SIDE * SIDE;
        for (int i = 0; i < SIDE * SIDE; i++) {
            cr_expect(aliens[i] == (i == 0 || (i == 1 && !hit)), "alien in cell %d", i);
            cr_expect(bullets[i] == 0, "bullet in cell %d", i);
        }
        sg_archive_free(archive);
        sg_env_close(env);
    }
}

/* ---- pictures ---- */

/* Every cell with anything in it has another colour than an empty one. */
Test(minatar_games, pictures_show_the_board)
{
    const uint64_t seed = 4;
    double obs[CELLS];
    unsigned char rgb[3 * SIDE * SIDE];
    sg_picture picture = {SIDE, SIDE, rgb};
    sg_error error = {""};
    for (int i = 0; i < GAME_COUNT; i++) {
        sg_env *env = make(games[i], "1", NULL);
        cr_assert(sg_env_reset(env, &seed, obs, NULL));
        cr_assert(sg_env_render(env, NULL, &picture, &error), "%s", error.text);
        const unsigned char *empty = NULL;
        for (int pass = 0; pass < 2; pass++) {
            for (int cell = 0; cell < SIDE * SIDE; cell++) {
                double things = 0;
                for (int c = 0; c < env->spec.obs_dim[0]; c++)
                    things += obs[c * SIDE * SIDE + cell];
                if (pass == 0 && things == 0)
                    empty = rgb + 3 * cell;
                else if (pass == 1)
                    cr_assert((memcmp(rgb + 3 * cell, empty, 3) == 0) == (things == 0));
            }
        }
        sg_env_close(env);
    }
}
