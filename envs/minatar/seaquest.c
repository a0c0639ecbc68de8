/* seaquest.c - MinAtar/Seaquest: a submarine shoots enemies, picks up divers, and must come up for
 * air.
 *
 * Channels: front and back of the submarine, friendly bullets, trails (behind things that move),
 * enemy bullets, fish, enemy submarines, gauges of oxygen and of divers on the bottom row, divers.
 * 1 for each enemy that is hit, and, on coming up with six divers, up to 10 by the oxygen left. It
 * costs a diver to come up. Ends at an enemy or its bullet, without oxygen, or on coming up without
 * a diver. With ramping, every time up makes enemies come or move faster.
 */
#include <limits.h>

#include "envs/minatar/seaquest.h"
#include "envs/tasks.h"

enum {
    SUB_FRONT,
    SUB_BACK,
    FRIENDLY_BULLET,
    TRAIL,
    ENEMY_BULLET,
    ENEMY_FISH,
    ENEMY_SUB,
    OXYGEN,
    DIVERS,
    DIVER,
    CHANNELS
};

/* Oxygen is steps; a full gauge is as many cells as the bonus for a full crew is worth. */
enum { MOST_OXYGEN = 200, GAUGE = 10, SHOT_INTERVAL = 5 };
/* The first steps between arrivals and between moves of enemies, and the fewest. */
enum { SPAWN_SPEED = 20, FIRST_DIVER = 30, MOVE_SPEED = 5, LEAST_SPAWN = 1, LEAST_MOVE = 2 };

/* ---- the submarine ---- */

static void begin(sg_minatar *game)
{
    sg_seaquest *s = (sg_seaquest *)game;
    s->sub_x = 5;
    s->sub_y = 0;
    s->sub_or = false;
    s->oxygen = MOST_OXYGEN;
    s->diver_count = 0;
    s->surface = true;
    s->shot_timer = 0;
    s->f_bullets = s->e_bullets = s->e_fish = s->e_subs = s->divers = (sg_seaquest_list){0};
    s->e_spawn_speed = s->e_spawn_timer = SPAWN_SPEED;
    s->d_spawn_timer = FIRST_DIVER;
    s->move_speed = MOVE_SPEED;
    s->ramp_index = 0;
}

/* It shoots where it looks, and looks where it last went. */
static void steer(sg_seaquest *s, sg_minatar_action action)
{
    if (action == SG_MINATAR_FIRE && s->shot_timer == 0) {
        sg_seaquest_thing bullet = {.x = s->sub_x, .y = s->sub_y, .rightward = s->sub_or};
        sg_seaquest_add(&s->f_bullets, bullet);
        s->shot_timer = SHOT_INTERVAL;
    }
    if (action == SG_MINATAR_LEFT || action == SG_MINATAR_RIGHT)
        s->sub_or = action == SG_MINATAR_RIGHT;
    s->sub_x = sg_minatar_walk_x(s->sub_x, action);
    s->sub_y = sg_minatar_walk_y(s->sub_y, action, 0, SG_SEAQUEST_DEEPEST);
}

/* ---- air ---- */

/* Enemies come faster every time, and move faster every other time. */
static void ramp(sg_seaquest *s)
{
    if (s->e_spawn_speed <= LEAST_SPAWN && s->move_speed <= LEAST_MOVE)
        return;
    if (s->move_speed > LEAST_MOVE && s->ramp_index % 2)
        s->move_speed--;
    if (s->e_spawn_speed > LEAST_SPAWN)
        s->e_spawn_speed--;
    s->ramp_index++;
}

static int gauge(int oxygen) { return oxygen > 0 ? oxygen * GAUGE / MOST_OXYGEN : 0; }

/* A full crew goes ashore for the bonus, and the diver that coming up costs is taken from nobody:
 * the count is then -1, with which one may come up once more. */
static double come_up(sg_seaquest *s)
{
    double reward = 0;
    s->surface = true;
    if (s->diver_count == SG_SEAQUEST_CREW) {
        s->diver_count = 0;
        reward = gauge(s->oxygen);
    }
    s->oxygen = MOST_OXYGEN;
    s->diver_count--;
    if (s->base.config.difficulty_ramping)
        ramp(s);
    return reward;
}

/* Oxygen is used below the surface alone; what was used up a step ago is missing even there. */
static double breathe(sg_seaquest *s)
{
    if (s->oxygen <= 0)
        s->base.over = true;
    if (s->sub_y > 0) {
        s->surface = false;
        s->oxygen--;
        return 0;
    }
    if (s->surface)
        return 0;
    if (s->diver_count != 0)
        return come_up(s);
    s->base.over = true;
    return 0;
}

/* ---- the game ---- */

static double act(sg_minatar *game, sg_minatar_action action)
{
    sg_seaquest *s = (sg_seaquest *)game;
    sg_seaquest_arrivals(s);
    steer(s, action);
    double reward = sg_seaquest_move_others(s);
    s->e_spawn_timer -= s->e_spawn_timer > 0;
    s->d_spawn_timer -= s->d_spawn_timer > 0;
    s->shot_timer -= s->shot_timer > 0;
    return reward + breathe(s);
}

static void show_list(const sg_seaquest_list *list, double *obs, int channel, bool trail)
{
    for (int i = 0; i < list->count; i++) {
        const sg_seaquest_thing *t = &list->thing[i];
        sg_minatar_mark(obs, channel, t->x, t->y);
        if (trail)
            sg_minatar_mark(obs, TRAIL, t->rightward ? t->x - 1 : t->x + 1, t->y);
    }
}

/* Oxygen from the left, divers up to the last cell but one from the right. */
static void show_gauges(const sg_seaquest *s, double *obs)
{
    for (int x = 0; x < gauge(s->oxygen); x++)
        sg_minatar_mark(obs, OXYGEN, x, SG_MINATAR_LAST);
    for (int i = 0; i < s->diver_count; i++)
        sg_minatar_mark(obs, DIVERS, SG_MINATAR_LAST - 1 - i, SG_MINATAR_LAST);
}

static void show(const sg_minatar *game, double *obs)
{
    const sg_seaquest *s = (const sg_seaquest *)game;
    sg_minatar_mark(obs, SUB_FRONT, s->sub_x, s->sub_y);
    sg_minatar_mark(obs, SUB_BACK, s->sub_or ? s->sub_x - 1 : s->sub_x + 1, s->sub_y);
    show_gauges(s, obs);
    show_list(&s->f_bullets, obs, FRIENDLY_BULLET, false);
    show_list(&s->e_bullets, obs, ENEMY_BULLET, false);
    show_list(&s->e_fish, obs, ENEMY_FISH, true);
    show_list(&s->e_subs, obs, ENEMY_SUB, true);
    show_list(&s->divers, obs, DIVER, true);
}

static const sg_minatar_action minimal[] = {SG_MINATAR_STAY,  SG_MINATAR_LEFT, SG_MINATAR_UP,
                                            SG_MINATAR_RIGHT, SG_MINATAR_DOWN, SG_MINATAR_FIRE};

/* clang-format off */
/* A list is its count and its things, with places on the board or near it, and timers. A bullet
 * that is shot at a submarine's last move, from beside the board, is two columns beside it when it
 * is taken out; files of earlier versions may hold it still. */
#define LIST(list)                                                                                 \
    {#list "_count", offsetof(sg_seaquest, list.count), 1, 0, SG_SEAQUEST_MOST},                   \
    {#list, offsetof(sg_seaquest, list.thing), NUMBERS, -2, SG_MINATAR_SIDE + 1}
/* clang-format on */
enum { NUMBERS = SG_SEAQUEST_MOST * sizeof(sg_seaquest_thing) / sizeof(int) };

static const sg_minatar_field fields[] = {
    SG_MINATAR_FIELD(sg_seaquest, sub_x, 0, SG_MINATAR_LAST),
    SG_MINATAR_FIELD(sg_seaquest, sub_y, 0, SG_SEAQUEST_DEEPEST),
    SG_MINATAR_FIELD(sg_seaquest, sub_or, 0, 1),
    SG_MINATAR_FIELD(sg_seaquest, oxygen, -1, MOST_OXYGEN),
    SG_MINATAR_FIELD(sg_seaquest, diver_count, INT_MIN, SG_SEAQUEST_CREW),
    SG_MINATAR_FIELD(sg_seaquest, surface, 0, 1),
    SG_MINATAR_FIELD(sg_seaquest, shot_timer, 0, SHOT_INTERVAL),
    LIST(f_bullets),
    LIST(e_bullets),
    LIST(e_fish),
    LIST(e_subs),
    LIST(divers),
    SG_MINATAR_FIELD(sg_seaquest, e_spawn_speed, LEAST_SPAWN, SPAWN_SPEED),
    SG_MINATAR_FIELD(sg_seaquest, e_spawn_timer, 0, SPAWN_SPEED),
    SG_MINATAR_FIELD(sg_seaquest, d_spawn_timer, 0, FIRST_DIVER),
    SG_MINATAR_FIELD(sg_seaquest, move_speed, LEAST_MOVE, MOVE_SPEED),
    SG_MINATAR_FIELD(sg_seaquest, ramp_index, 0, INT_MAX),
};

static const sg_minatar_rules rules = {.size = sizeof(sg_seaquest),
                                       .channels = CHANNELS,
                                       .minimal_actions = minimal,
                                       .minimal_count = SG_MINATAR_COUNT(minimal),
                                       .fields = fields,
                                       .field_count = SG_MINATAR_COUNT(fields),
                                       .begin = begin,
                                       .act = act,
                                       .show = show};

sg_env *sg_minatar_seaquest_make(const char *id, const char *options, sg_error *error)
{
    return sg_minatar_make(&rules, id, options, error);
}
