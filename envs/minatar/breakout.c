/* breakout.c - MinAtar/Breakout: a paddle on the bottom row keeps a ball going that breaks bricks.
 *
 * Channels: paddle, ball, trail (where the ball was), bricks. Three rows of bricks; 1 for each that
 * breaks, and new rows once all are gone. The ball flies diagonally, a cell a step. Ends when it
 * passes the paddle. One draw an episode: the side that the ball comes from.
 */
#include <string.h>

#include "envs/minatar/minatar.h"
#include "envs/tasks.h"

enum { PADDLE, BALL, TRAIL, BRICK, CHANNELS };
enum { FIRST_ROW = 1, LAST_ROW = 3, START_ROW = 3 };

/* The ball's ways, clockwise from the upper left. */
enum { LEFT_UP, RIGHT_UP, RIGHT_DOWN, LEFT_DOWN };

typedef struct {
    sg_minatar base;
    int pos; /* column of the paddle */
    int ball_x, ball_y, ball_dir;
    int last_x, last_y;
    int strike; /* a brick broke in the last step: the next one in the way is safe */
    int brick[SG_MINATAR_SIDE][SG_MINATAR_SIDE];
} breakout;

/* ---- reflections ---- */

static int flip_x(int way) { return way ^ 1; }
static int flip_y(int way) { return LEFT_DOWN - way; }

/* ---- bricks ---- */

static void lay_bricks(breakout *b)
{
    for (int y = FIRST_ROW; y <= LAST_ROW; y++) {
        for (int x = 0; x < SG_MINATAR_SIDE; x++)
            b->brick[y][x] = 1;
    }
}

static bool bricks_left(const breakout *b)
{
    int sum = 0;
    for (int y = FIRST_ROW; y <= LAST_ROW; y++) {
        for (int x = 0; x < SG_MINATAR_SIDE; x++)
            sum += b->brick[y][x];
    }
    return sum > 0;
}

/* ---- steps ---- */

/* The ball comes in at a side and flies towards the other. */
static void begin(sg_minatar *game)
{
    breakout *b = (breakout *)game;
    bool right = sg_mt19937_integer(&game->random, 0, 2) == 1;
    b->ball_x = b->last_x = right ? SG_MINATAR_LAST : 0;
    b->ball_y = b->last_y = START_ROW;
    b->ball_dir = right ? LEFT_DOWN : RIGHT_DOWN;
    b->pos = 4;
    b->strike = false;
    memset(b->brick, 0, sizeof b->brick);
    lay_bricks(b);
}

/* A brick in the way throws the ball back; it breaks unless it is the neighbour of the last. */
static double hit_brick(breakout *b, int x, int *y)
{
    if (b->strike)
        return 0;
    b->strike = true;
    b->brick[*y][x] = 0;
    *y = b->last_y;
    b->ball_dir = flip_y(b->ball_dir);
    return 1;
}

/* On the bottom row: the paddle under the ball returns it, the paddle in its way returns it where
 * it came from. */
static void reach_bottom(breakout *b, int x, int *y)
{
    if (!bricks_left(b))
        lay_bricks(b);
    if (b->ball_x != b->pos && x != b->pos) {
        b->base.over = true;
        return;
    }
    b->ball_dir = flip_y(b->ball_dir);
    if (b->ball_x != b->pos)
        b->ball_dir = flip_x(b->ball_dir);
    *y = b->last_y;
}

/* Off the side walls the ball goes on in its column. */
static double fly(breakout *b)
{
    bool leftward = b->ball_dir == LEFT_UP || b->ball_dir == LEFT_DOWN;
    int x = b->ball_x + (leftward ? -1 : 1);
    int y = b->ball_y + (b->ball_dir < RIGHT_DOWN ? -1 : 1);
    if (x < 0 || x > SG_MINATAR_LAST) {
        x = x < 0 ? 0 : SG_MINATAR_LAST;
        b->ball_dir = flip_x(b->ball_dir);
    }

    /* what is there */
    double reward = 0;
    bool contact = false;
    if (y < 0) {
        y = 0;
        b->ball_dir = flip_y(b->ball_dir);
    } else if (y <= SG_MINATAR_LAST && b->brick[y][x]) {
        contact = true;
        reward = hit_brick(b, x, &y);
    } else if (y >= SG_MINATAR_LAST) {
        reach_bottom(b, x, &y);
    }
    b->strike = b->strike && contact;
    b->ball_x = x;
    b->ball_y = y;
    return reward;
}

static double act(sg_minatar *game, sg_minatar_action action)
{
    breakout *b = (breakout *)game;
    b->pos = sg_minatar_walk_x(b->pos, action);
    b->last_x = b->ball_x;
    b->last_y = b->ball_y;
    return fly(b);
}

/* ---- the game ---- */

static void show(const sg_minatar *game, double *obs)
{
    const breakout *b = (const breakout *)game;
    sg_minatar_mark(obs, BALL, b->ball_x, b->ball_y);
    sg_minatar_mark(obs, PADDLE, b->pos, SG_MINATAR_LAST);
    sg_minatar_mark(obs, TRAIL, b->last_x, b->last_y);
    for (int y = FIRST_ROW; y <= LAST_ROW; y++) {
        for (int x = 0; x < SG_MINATAR_SIDE; x++) {
            if (b->brick[y][x])
                sg_minatar_mark(obs, BRICK, x, y);
        }
    }
}

static const sg_minatar_action minimal[] = {SG_MINATAR_STAY, SG_MINATAR_LEFT, SG_MINATAR_RIGHT};

static const sg_minatar_field fields[] = {
    SG_MINATAR_FIELD(breakout, pos, 0, SG_MINATAR_LAST),
    SG_MINATAR_FIELD(breakout, ball_x, 0, SG_MINATAR_LAST),
    SG_MINATAR_FIELD(breakout, ball_y, 0, SG_MINATAR_LAST),
    SG_MINATAR_FIELD(breakout, ball_dir, LEFT_UP, LEFT_DOWN),
    SG_MINATAR_FIELD(breakout, last_x, 0, SG_MINATAR_LAST),
    SG_MINATAR_FIELD(breakout, last_y, 0, SG_MINATAR_LAST),
    SG_MINATAR_FIELD(breakout, strike, 0, 1),
    SG_MINATAR_FIELD(breakout, brick, 0, 1),
};

static const sg_minatar_rules rules = {.size = sizeof(breakout),
                                       .channels = CHANNELS,
                                       .minimal_actions = minimal,
                                       .minimal_count = SG_MINATAR_COUNT(minimal),
                                       .fields = fields,
                                       .field_count = SG_MINATAR_COUNT(fields),
                                       .begin = begin,
                                       .act = act,
                                       .show = show};

sg_env *sg_minatar_breakout_make(const char *id, const char *options, sg_error *error)
{
    return sg_minatar_make(&rules, id, options, error);
}
