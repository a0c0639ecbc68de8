/* seaquest_others.c - MinAtar/Seaquest: bullets, divers, enemy submarines and fish. */
#include <string.h>

#include "envs/minatar/seaquest.h"

enum { DIVER_SPAWN_SPEED = 30, DIVER_MOVE_SPEED = 5, ENEMY_SHOT_INTERVAL = 10 };

/* ---- lists ---- */

void sg_seaquest_add(sg_seaquest_list *list, sg_seaquest_thing thing)
{
    if (list->count < SG_SEAQUEST_MOST)
        list->thing[list->count++] = thing;
}

/* The others keep their order. Places that are not in use hold zeros: a saved state has them, too.
 */
static void take_out(sg_seaquest_list *list, int index)
{
    list->count--;
    size_t after = (size_t)(list->count - index);
    memmove(&list->thing[index], &list->thing[index + 1], after * sizeof *list->thing);
    list->thing[list->count] = (sg_seaquest_thing){0};
}

/* The first one in that cell goes. */
static bool take_at(sg_seaquest_list *list, int x, int y)
{
    for (int i = 0; i < list->count; i++) {
        if (list->thing[i].x == x && list->thing[i].y == y) {
            take_out(list, i);
            return true;
        }
    }
    return false;
}

/* ---- arrivals ---- */

/* Sides are a coin's, depths are drawn. */
static sg_seaquest_thing at_side(bool rightward, int y, int move_timer)
{
    return (sg_seaquest_thing){.x = rightward ? 0 : SG_MINATAR_LAST,
                               .y = y,
                               .rightward = rightward,
                               .move_timer = move_timer};
}

static bool somebody_against(const sg_seaquest_list *list, const sg_seaquest_thing *t)
{
    for (int i = 0; i < list->count; i++) {
        if (list->thing[i].y == t->y && list->thing[i].rightward != t->rightward)
            return true;
    }
    return false;
}

/* One in three is a submarine. Enemies of one row all go one way: a newcomer against them stays
 * away. */
static void enemy_arrives(sg_seaquest *s)
{
    bool rightward = sg_minatar_chance(&s->base, 0.5);
    bool submarine = sg_minatar_chance(&s->base, 1.0 / 3);
    int y = sg_mt19937_integer(&s->base.random, 1, SG_SEAQUEST_DEEPEST + 1);
    sg_seaquest_thing enemy = at_side(rightward, y, s->move_speed);
    enemy.shot_timer = submarine ? ENEMY_SHOT_INTERVAL : 0;
    if (!somebody_against(&s->e_subs, &enemy) && !somebody_against(&s->e_fish, &enemy))
        sg_seaquest_add(submarine ? &s->e_subs : &s->e_fish, enemy);
}

static void diver_arrives(sg_seaquest *s)
{
    bool rightward = sg_minatar_chance(&s->base, 0.5);
    int y = sg_mt19937_integer(&s->base.random, 1, SG_SEAQUEST_DEEPEST + 1);
    sg_seaquest_add(&s->divers, at_side(rightward, y, DIVER_MOVE_SPEED));
}

void sg_seaquest_arrivals(sg_seaquest *s)
{
    if (s->e_spawn_timer == 0) {
        enemy_arrives(s);
        s->e_spawn_timer = s->e_spawn_speed;
    }
    if (s->d_spawn_timer == 0) {
        diver_arrives(s);
        s->d_spawn_timer = DIVER_SPAWN_SPEED;
    }
}

/* ---- moves ---- */

/* A column on; false when that is beyond the edge. */
static bool advance(sg_seaquest_thing *t)
{
    t->x += t->rightward ? 1 : -1;
    return t->x >= 0 && t->x <= SG_MINATAR_LAST;
}

static bool at_submarine(const sg_seaquest *s, const sg_seaquest_thing *t)
{
    return t->x == s->sub_x && t->y == s->sub_y;
}

/* A bullet of ours hits one fish, or else one submarine. Latest bullets move first, as later
 * things do in all lists. */
static double move_our_bullets(sg_seaquest *s)
{
    double reward = 0;
    for (int i = s->f_bullets.count - 1; i >= 0; i--) {
        sg_seaquest_thing *t = &s->f_bullets.thing[i];
        if (!advance(t)) {
            take_out(&s->f_bullets, i);
        } else if (take_at(&s->e_fish, t->x, t->y) || take_at(&s->e_subs, t->x, t->y)) {
            take_out(&s->f_bullets, i);
            reward++;
        }
    }
    return reward;
}

static bool comes_aboard(sg_seaquest *s, int index)
{
    if (s->diver_count >= SG_SEAQUEST_CREW || !at_submarine(s, &s->divers.thing[index]))
        return false;
    s->diver_count++;
    take_out(&s->divers, index);
    return true;
}

/* A diver is taken aboard before its move or after it. */
static void move_divers(sg_seaquest *s)
{
    for (int i = s->divers.count - 1; i >= 0; i--) {
        sg_seaquest_thing *t = &s->divers.thing[i];
        if (comes_aboard(s, i))
            continue;
        if (t->move_timer > 0) {
            t->move_timer--;
            continue;
        }
        t->move_timer = DIVER_MOVE_SPEED;
        if (!advance(t))
            take_out(&s->divers, i);
        else
            comes_aboard(s, i);
    }
}

/* Enemies are deadly before their move and after it, and may move into a bullet, for a reward.
 * False for one that is gone. */
static bool move_enemy(sg_seaquest *s, sg_seaquest_thing *t, double *reward)
{
    if (at_submarine(s, t))
        s->base.over = true;
    if (t->move_timer > 0) {
        t->move_timer--;
        return true;
    }
    t->move_timer = s->move_speed;
    if (!advance(t))
        return false;
    if (at_submarine(s, t)) {
        s->base.over = true;
        return true;
    }
    bool hit = take_at(&s->f_bullets, t->x, t->y);
    *reward += hit;
    return !hit;
}

/* A submarine shoots when its time has come, even one that is hit just then. */
static double move_submarines(sg_seaquest *s)
{
    double reward = 0;
    for (int i = s->e_subs.count - 1; i >= 0; i--) {
        sg_seaquest_thing *t = &s->e_subs.thing[i];
        bool stays = move_enemy(s, t, &reward);
        bool shoots = t->shot_timer == 0;
        t->shot_timer = shoots ? ENEMY_SHOT_INTERVAL : t->shot_timer - 1;
        if (shoots)
            sg_seaquest_add(&s->e_bullets, *t);
        if (!stays)
            take_out(&s->e_subs, i);
    }
    return reward;
}

static double move_fish(sg_seaquest *s)
{
    double reward = 0;
    for (int i = s->e_fish.count - 1; i >= 0; i--) {
        if (!move_enemy(s, &s->e_fish.thing[i], &reward))
            take_out(&s->e_fish, i);
    }
    return reward;
}

static void move_their_bullets(sg_seaquest *s)
{
    for (int i = s->e_bullets.count - 1; i >= 0; i--) {
        sg_seaquest_thing *t = &s->e_bullets.thing[i];
        bool hit = at_submarine(s, t), stays = advance(t);
        if (hit || at_submarine(s, t))
            s->base.over = true;
        if (!stays)
            take_out(&s->e_bullets, i);
    }
}

double sg_seaquest_move_others(sg_seaquest *s)
{
    double reward = move_our_bullets(s);
    move_divers(s);
    reward += move_submarines(s);
    move_their_bullets(s);
    return reward + move_fish(s);
}
