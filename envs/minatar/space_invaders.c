/* space_invaders.c - MinAtar/SpaceInvaders: a cannon on the bottom row shoots at aliens above.
 *
 * Channels: cannon, aliens, aliens again while they move left, and while they move right, friendly
 * bullets, enemy bullets. The aliens walk to and fro, a row lower at each turn, and faster when few
 * are left; the nearest one shoots now and then. 1 for each that is hit. Ends when the cannon is
 * hit or touched, or the aliens have reached the bottom row. A new block comes when all are gone,
 * with ramping a faster one. No draws of its own.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "envs/minatar/minatar.h"
#include "envs/tasks.h"

enum { CANNON, ALIEN, ALIEN_LEFT, ALIEN_RIGHT, FRIENDLY_BULLET, ENEMY_BULLET, CHANNELS };
/* Steps between shots of the cannon, shots of the aliens, moves of the aliens at the beginning, and
 * the fewest of these that blocks of aliens come with. */
enum { SHOT_INTERVAL = 5, ALIEN_SHOT_INTERVAL = 10, MOVE_INTERVAL = 12, LEAST_INTERVAL = 6 };
/* Where a block of aliens begins. */
enum { BLOCK_ROWS = 4, BLOCK_LEFT = 2, BLOCK_RIGHT = 7 };

/* Bit x of row y is a cell. */
typedef struct {
    int row[SG_MINATAR_SIDE];
} board;

enum { SIDE = SG_MINATAR_SIDE, LAST = SG_MINATAR_LAST, FULL = (1 << SIDE) - 1 };

typedef struct {
    sg_minatar base;
    int pos; /* column of the cannon */
    board f_bullet_map, e_bullet_map, alien_map;
    int alien_dir; /* -1 left, 1 right */
    int enemy_move_interval, alien_move_timer;
    int shot_timer, alien_shot_timer;
    int ramp_index; /* blocks that were faster than the one before */
} space_invaders;

/* ---- boards ---- */

static void move_up(board *b)
{
    memmove(b->row, b->row + 1, LAST * sizeof *b->row);
    b->row[LAST] = 0;
}

static void move_down(board *b)
{
    memmove(b->row + 1, b->row, LAST * sizeof *b->row);
    b->row[0] = 0;
}

static bool has(const board *b, int x, int y) { return b->row[y] >> x & 1; }

static int count(const board *b)
{
    int sum = 0;
    for (int y = 0; y < SIDE; y++)
        for (int left = b->row[y]; left; left &= left - 1)
            sum++; /* few are hit at a time */
    return sum;
}

/* The columns in which there is anything. */
static int columns(const board *b)
{
    int any = 0;
    for (int y = 0; y < SIDE; y++)
        any |= b->row[y];
    return any;
}

/* ---- aliens ---- */

static void new_block(space_invaders *s)
{
    for (int y = 0; y < BLOCK_ROWS; y++)
        s->alien_map.row[y] = (1 << (BLOCK_RIGHT + 1)) - (1 << BLOCK_LEFT);
}

static void begin(sg_minatar *game)
{
    space_invaders *s = (space_invaders *)game;
    s->pos = 5;
    s->f_bullet_map = s->e_bullet_map = s->alien_map = (board){{0}};
    new_block(s);
    s->alien_dir = -1;
    s->enemy_move_interval = s->alien_move_timer = MOVE_INTERVAL;
    s->alien_shot_timer = ALIEN_SHOT_INTERVAL;
    s->shot_timer = 0;
    s->ramp_index = 0;
}

/* A row lower. The end is when the lowest row has no place left; it is seen, and may be hit, at the
 * top in that last step. */
static void descend(space_invaders *s)
{
    int lowest = s->alien_map.row[LAST];
    move_down(&s->alien_map);
    s->alien_map.row[0] = lowest;
    if (lowest)
        s->base.over = true;
}

/* At an edge they turn and descend; elsewhere they go on. */
static void march(space_invaders *s)
{
    int any = columns(&s->alien_map);
    bool edge = s->alien_dir < 0 ? any & 1 : any >> LAST & 1;
    if (edge) {
        s->alien_dir = -s->alien_dir;
        descend(s);
        return;
    }
    for (int y = 0; y < SIDE; y++) {
        int *row = &s->alien_map.row[y];
        *row = s->alien_dir < 0 ? *row >> 1 : *row << 1;
    }
}

/* The aliens touch the cannon before their move, or after it. */
static void move_aliens(space_invaders *s)
{
    if (has(&s->alien_map, s->pos, LAST))
        s->base.over = true;
    if (s->alien_move_timer == 0) {
        int aliens = count(&s->alien_map);
        s->alien_move_timer = aliens < s->enemy_move_interval ? aliens : s->enemy_move_interval;
        march(s);
        if (has(&s->alien_map, s->pos, LAST))
            s->base.over = true;
    }
}

/* The lowest alien of the nearest column; of two columns equally near, the left one. */
static bool nearest_alien(const space_invaders *s, int *x, int *y)
{
    int any = columns(&s->alien_map);
    for (int far = 0; far < SIDE; far++) {
        int left = s->pos - far, right = s->pos + far;
        bool on_left = left >= 0 && any >> left & 1;
        if (!on_left && !(right < SIDE && any >> right & 1))
            continue;
        *x = on_left ? left : right;
        for (*y = LAST; !has(&s->alien_map, *x, *y);)
            --*y;
        return true;
    }
    return false;
}

static void shoot_back(space_invaders *s)
{
    int x, y;
    if (s->alien_shot_timer > 0)
        return;
    s->alien_shot_timer = ALIEN_SHOT_INTERVAL;
    if (nearest_alien(s, &x, &y))
        s->e_bullet_map.row[y] |= 1 << x;
}

/* ---- steps ---- */

/* Bullets and aliens in one cell go together. */
static double hit_aliens(space_invaders *s)
{
    board killed;
    for (int y = 0; y < SIDE; y++) {
        killed.row[y] = s->alien_map.row[y] & s->f_bullet_map.row[y];
        s->alien_map.row[y] &= ~killed.row[y];
        s->f_bullet_map.row[y] &= ~killed.row[y];
    }
    return count(&killed);
}

static void act_cannon(space_invaders *s, sg_minatar_action action)
{
    if (action == SG_MINATAR_FIRE && s->shot_timer == 0) {
        s->f_bullet_map.row[LAST] |= 1 << s->pos;
        s->shot_timer = SHOT_INTERVAL;
    }
    s->pos = sg_minatar_walk_x(s->pos, action);
}

/* The next block comes at once. */
static void replace_aliens(space_invaders *s)
{
    if (columns(&s->alien_map))
        return;
    if (s->enemy_move_interval > LEAST_INTERVAL && s->base.config.difficulty_ramping) {
        s->enemy_move_interval--;
        s->ramp_index++;
    }
    new_block(s);
}

/* Bullets fly a row a step. */
static double act(sg_minatar *game, sg_minatar_action action)
{
    space_invaders *s = (space_invaders *)game;
    act_cannon(s, action);
    move_up(&s->f_bullet_map);
    move_down(&s->e_bullet_map);
    if (has(&s->e_bullet_map, s->pos, LAST))
        game->over = true;
    move_aliens(s);
    shoot_back(s);
    double reward = hit_aliens(s);

    s->shot_timer -= s->shot_timer > 0;
    s->alien_move_timer--;
    s->alien_shot_timer--;
    replace_aliens(s);
    return reward;
}

/* ---- the game ---- */

static void show_board(const board *b, double *obs, int channel)
{
    double *cells = obs + channel * SIDE * SIDE;
    for (int y = 0; y < SIDE; y++, cells += SIDE)
        for (int left = b->row[y]; left; left &= left - 1)
            cells[__builtin_ctz((unsigned)left)] = 1;
}

static void show(const sg_minatar *game, double *obs)
{
    const space_invaders *s = (const space_invaders *)game;
    sg_minatar_mark(obs, CANNON, s->pos, LAST);
    show_board(&s->alien_map, obs, ALIEN);
    show_board(&s->alien_map, obs, s->alien_dir < 0 ? ALIEN_LEFT : ALIEN_RIGHT);
    show_board(&s->f_bullet_map, obs, FRIENDLY_BULLET);
    show_board(&s->e_bullet_map, obs, ENEMY_BULLET);
}

static const sg_minatar_action minimal[] = {SG_MINATAR_STAY, SG_MINATAR_LEFT, SG_MINATAR_RIGHT,
                                            SG_MINATAR_FIRE};

static const sg_minatar_field fields[] = {
    SG_MINATAR_FIELD(space_invaders, pos, 0, LAST),
    SG_MINATAR_FIELD(space_invaders, f_bullet_map, 0, FULL),
    SG_MINATAR_FIELD(space_invaders, e_bullet_map, 0, FULL),
    SG_MINATAR_FIELD(space_invaders, alien_map, 0, FULL),
    SG_MINATAR_FIELD(space_invaders, alien_dir, -1, 1),
    SG_MINATAR_FIELD(space_invaders, enemy_move_interval, 0, MOVE_INTERVAL),
    SG_MINATAR_FIELD(space_invaders, alien_move_timer, 0, MOVE_INTERVAL),
    SG_MINATAR_FIELD(space_invaders, shot_timer, 0, SHOT_INTERVAL),
    SG_MINATAR_FIELD(space_invaders, alien_shot_timer, 0, ALIEN_SHOT_INTERVAL),
    SG_MINATAR_FIELD(space_invaders, ramp_index, 0, MOVE_INTERVAL - LEAST_INTERVAL),
};

static const sg_minatar_rules rules = {.size = sizeof(space_invaders),
                                       .channels = CHANNELS,
                                       .minimal_actions = minimal,
                                       .minimal_count = SG_MINATAR_COUNT(minimal),
                                       .fields = fields,
                                       .field_count = SG_MINATAR_COUNT(fields),
                                       .begin = begin,
                                       .act = act,
                                       .show = show};

sg_env *sg_minatar_space_invaders_make(const char *id, const char *options, sg_error *error)
{
    return sg_minatar_make(&rules, id, options, error);
}
