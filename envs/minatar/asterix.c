/* asterix.c - MinAtar/Asterix: gather the gold that crosses the board, and avoid the enemies.
 *
 * Channels: player, enemies, trails (behind things that move), gold. Each of the eight rows between
 * the outer ones has room for one thing; it comes from a side, all move together. 1 for gold; ends
 * at an enemy. With ramping, things come and move faster over time. Up to three draws when one
 * comes: side, gold or enemy, and which of the free rows.
 */
#include <limits.h>

#include "envs/minatar/minatar.h"
#include "envs/tasks.h"

enum { PLAYER, ENEMY, TRAIL, GOLD, CHANNELS };
/* The first steps between arrivals and between moves; the steps between two changes of these. */
enum { ROWS = 8, SPAWN_SPEED = 10, MOVE_SPEED = 5, RAMP_INTERVAL = 100 };
enum { NOWHERE = -1 };

/* In row y; x is NOWHERE where the row is free. */
typedef struct {
    int x, y, rightward, gold;
} thing;

typedef struct {
    sg_minatar base;
    int player_x, player_y;
    thing entities[ROWS];
    int spawn_speed, spawn_timer;
    int move_speed, move_timer;
    int ramp_timer, ramp_index;
} asterix;

static void begin(sg_minatar *game)
{
    asterix *a = (asterix *)game;
    a->player_x = a->player_y = 5;
    for (int i = 0; i < ROWS; i++)
        a->entities[i] = (thing){.x = NOWHERE, .y = i + 1};
    a->spawn_speed = a->spawn_timer = SPAWN_SPEED;
    a->move_speed = a->move_timer = MOVE_SPEED;
    a->ramp_timer = RAMP_INTERVAL;
    a->ramp_index = 0;
}

/* ---- things ---- */

/* In one of the free rows; with none, the first two draws are made all the same. */
static void spawn(asterix *a)
{
    bool rightward = sg_minatar_chance(&a->base, 0.5);
    bool gold = sg_minatar_chance(&a->base, 1.0 / 3);
    int room[ROWS], count = 0;
    for (int i = 0; i < ROWS; i++) {
        if (a->entities[i].x == NOWHERE)
            room[count++] = i;
    }
    if (count == 0)
        return;
    thing *t = &a->entities[room[sg_mt19937_integer(&a->base.random, 0, count)]];
    t->x = rightward ? 0 : SG_MINATAR_LAST;
    t->rightward = rightward;
    t->gold = gold;
}

/* The reward where the player is. */
static double meet(asterix *a, thing *t)
{
    if (t->x != a->player_x || t->y != a->player_y)
        return 0;
    if (!t->gold) {
        a->base.over = true;
        return 0;
    }
    t->x = NOWHERE;
    return 1;
}

/* A column on; past the edge a thing is gone. */
static void move(thing *t)
{
    if (t->x == NOWHERE)
        return;
    t->x += t->rightward ? 1 : -1;
    if (t->x > SG_MINATAR_LAST)
        t->x = NOWHERE;
}

/* ---- steps ---- */

/* Arrivals quicken every time, moves every other time, until nothing can be quicker. */
static void ramp(asterix *a)
{
    if (a->spawn_speed <= 1 && a->move_speed <= 1)
        return;
    if (a->ramp_timer >= 0) {
        a->ramp_timer--;
        return;
    }
    if (a->move_speed > 1 && a->ramp_index % 2)
        a->move_speed--;
    if (a->spawn_speed > 1)
        a->spawn_speed--;
    a->ramp_index++;
    a->ramp_timer = RAMP_INTERVAL;
}

/* The player may walk into things, and then things into the player. */
static double act(sg_minatar *game, sg_minatar_action action)
{
    asterix *a = (asterix *)game;
    double reward = 0;
    if (a->spawn_timer == 0) {
        spawn(a);
        a->spawn_timer = a->spawn_speed;
    }
    a->player_x = sg_minatar_walk_x(a->player_x, action);
    a->player_y = sg_minatar_walk_y(a->player_y, action, 1, ROWS);
    for (int i = 0; i < ROWS; i++)
        reward += meet(a, &a->entities[i]);

    if (a->move_timer == 0) {
        a->move_timer = a->move_speed;
        for (int i = 0; i < ROWS; i++) {
            move(&a->entities[i]);
            reward += meet(a, &a->entities[i]);
        }
    }
    a->spawn_timer--;
    a->move_timer--;
    if (game->config.difficulty_ramping)
        ramp(a);
    return reward;
}

/* ---- the game ---- */

static void show(const sg_minatar *game, double *obs)
{
    const asterix *a = (const asterix *)game;
    sg_minatar_mark(obs, PLAYER, a->player_x, a->player_y);
    for (int i = 0; i < ROWS; i++) {
        const thing *t = &a->entities[i];
        if (t->x == NOWHERE)
            continue;
        sg_minatar_mark(obs, t->gold ? GOLD : ENEMY, t->x, t->y);
        sg_minatar_mark(obs, TRAIL, t->rightward ? t->x - 1 : t->x + 1, t->y);
    }
}

static const sg_minatar_action minimal[] = {SG_MINATAR_STAY, SG_MINATAR_LEFT, SG_MINATAR_UP,
                                            SG_MINATAR_RIGHT, SG_MINATAR_DOWN};

static const sg_minatar_field fields[] = {
    SG_MINATAR_FIELD(asterix, player_x, 0, SG_MINATAR_LAST),
    SG_MINATAR_FIELD(asterix, player_y, 1, ROWS),
    SG_MINATAR_FIELD(asterix, entities, NOWHERE, SG_MINATAR_LAST),
    SG_MINATAR_FIELD(asterix, spawn_speed, 1, SPAWN_SPEED),
    SG_MINATAR_FIELD(asterix, spawn_timer, 0, SPAWN_SPEED),
    SG_MINATAR_FIELD(asterix, move_speed, 1, MOVE_SPEED),
    SG_MINATAR_FIELD(asterix, move_timer, 0, MOVE_SPEED),
    SG_MINATAR_FIELD(asterix, ramp_timer, -1, RAMP_INTERVAL),
    SG_MINATAR_FIELD(asterix, ramp_index, 0, INT_MAX),
};

static const sg_minatar_rules rules = {.size = sizeof(asterix),
                                       .channels = CHANNELS,
                                       .minimal_actions = minimal,
                                       .minimal_count = SG_MINATAR_COUNT(minimal),
                                       .fields = fields,
                                       .field_count = SG_MINATAR_COUNT(fields),
                                       .begin = begin,
                                       .act = act,
                                       .show = show};

sg_env *sg_minatar_asterix_make(const char *id, const char *options, sg_error *error)
{
    return sg_minatar_make(&rules, id, options, error);
}
