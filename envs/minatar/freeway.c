/* freeway.c - MinAtar/Freeway: a chicken crosses eight lanes of traffic, again and again.
 *
 * Channels: chicken, cars, and five for the cell behind a car, by its speed. The chicken walks up
 * or down a cell every third step; 1 for every crossing, after which it is back at the bottom and
 * the cars have new speeds. A car sends it back to the bottom. Ends after 2501 steps.
 */
#include <stdlib.h>

#include "envs/minatar/minatar.h"
#include "envs/tasks.h"

enum { CHICKEN, CAR, FASTEST, SLOWEST_CAR = FASTEST + 4, CHANNELS };
/* The chicken's column, the steps between its moves, and the length of an episode. */
enum { LANES = 8, COLUMN = 4, PATIENCE = 3, DURATION = 2500, SLOWEST = 5 };

/* The car of lane i is in row i + 1; its speed is the steps between two moves, negative to the
 * left. */
typedef struct {
    sg_minatar base;
    int car_x[LANES], car_timer[LANES], car_speed[LANES];
    int pos; /* row of the chicken */
    int move_timer, terminate_timer;
} freeway;

/* Two draws for each car, all first ones before all second ones; positions stay. */
static void draw_speeds(freeway *f)
{
    sg_mt19937 *random = &f->base.random;
    for (int i = 0; i < LANES; i++)
        f->car_timer[i] = sg_mt19937_integer(random, 1, SLOWEST + 1);
    for (int i = 0; i < LANES; i++) {
        double side = sg_mt19937_unit(random) - 0.5;
        int sign = (side > 0) - (side < 0);
        f->car_speed[i] = sign * f->car_timer[i];
    }
}

/* All cars at the left edge. */
static void begin(sg_minatar *game)
{
    freeway *f = (freeway *)game;
    for (int i = 0; i < LANES; i++)
        f->car_x[i] = 0;
    draw_speeds(f);
    f->pos = SG_MINATAR_LAST;
    f->move_timer = PATIENCE;
    f->terminate_timer = DURATION;
}

/* A step up or down if it is time for one; the reward of reaching the other side. */
static double walk(freeway *f, sg_minatar_action action)
{
    bool asked = action == SG_MINATAR_UP || action == SG_MINATAR_DOWN;
    if (asked && f->move_timer == 0) {
        f->move_timer = PATIENCE;
        f->pos = sg_minatar_walk_y(f->pos, action, 0, SG_MINATAR_LAST);
    }
    if (f->pos > 0)
        return 0;
    draw_speeds(f);
    f->pos = SG_MINATAR_LAST;
    return 1;
}

/* A column further in the direction of `way`: out at one edge, in at the other. */
static int around(int x, int way)
{
    return (x + (way > 0 ? 1 : SG_MINATAR_LAST)) % SG_MINATAR_SIDE;
}

static void meet(freeway *f, int lane)
{
    if (f->car_x[lane] == COLUMN && lane + 1 == f->pos)
        f->pos = SG_MINATAR_LAST;
}

/* Before its move and after it, a car may meet the chicken. */
static void drive(freeway *f, int lane)
{
    meet(f, lane);
    if (f->car_timer[lane] > 0) {
        f->car_timer[lane]--;
        return;
    }
    f->car_timer[lane] = abs(f->car_speed[lane]);
    f->car_x[lane] = around(f->car_x[lane], f->car_speed[lane]);
    meet(f, lane);
}

static double act(sg_minatar *game, sg_minatar_action action)
{
    freeway *f = (freeway *)game;
    double reward = walk(f, action);
    for (int lane = 0; lane < LANES; lane++)
        drive(f, lane);
    f->move_timer -= f->move_timer > 0;
    f->terminate_timer--;
    game->over = f->terminate_timer < 0;
    return reward;
}

/* The cell behind a car tells way and speed. */
static void show(const sg_minatar *game, double *obs)
{
    const freeway *f = (const freeway *)game;
    sg_minatar_mark(obs, CHICKEN, COLUMN, f->pos);
    for (int i = 0; i < LANES; i++) {
        int channel = FASTEST + abs(f->car_speed[i]) - 1;
        sg_minatar_mark(obs, CAR, f->car_x[i], i + 1);
        sg_minatar_mark(obs, channel, around(f->car_x[i], -f->car_speed[i]), i + 1);
    }
}

static const sg_minatar_action minimal[] = {SG_MINATAR_STAY, SG_MINATAR_UP, SG_MINATAR_DOWN};

static const sg_minatar_field fields[] = {
    SG_MINATAR_FIELD(freeway, car_x, 0, SG_MINATAR_LAST),
    SG_MINATAR_FIELD(freeway, car_timer, 0, SLOWEST),
    SG_MINATAR_FIELD(freeway, car_speed, -SLOWEST, SLOWEST),
    SG_MINATAR_FIELD(freeway, pos, 0, SG_MINATAR_LAST),
    SG_MINATAR_FIELD(freeway, move_timer, 0, PATIENCE),
    SG_MINATAR_FIELD(freeway, terminate_timer, -1, DURATION),
};

static const sg_minatar_rules rules = {.size = sizeof(freeway),
                                       .channels = CHANNELS,
                                       .minimal_actions = minimal,
                                       .minimal_count = SG_MINATAR_COUNT(minimal),
                                       .fields = fields,
                                       .field_count = SG_MINATAR_COUNT(fields),
                                       .begin = begin,
                                       .act = act,
                                       .show = show};

sg_env *sg_minatar_freeway_make(const char *id, const char *options, sg_error *error)
{
    return sg_minatar_make(&rules, id, options, error);
}
