/* minatar.h - what a MinAtar game is: a board of 10 x 10 cells, integers, and three functions.
 *
 * Young and Tian 2019, "MinAtar: An Atari-Inspired Testbed for Thorough and Reproducible
 * Reinforcement Learning Experiments". The base (minatar.c) repeats actions now and then, keeps the
 * random stream, shows the board and saves the state; a game is its rules.
 *
 * Observation: [channels, 10, 10] of zeros and ones, a channel for every kind of thing; rows from
 * the top. MinAtar-v0 ids have six actions, -v1 those that the game uses.
 */
#ifndef SG_MINATAR_H
#define SG_MINATAR_H

#include "envs/env.h"
#include "envs/options.h"
#include "tensor/mt19937.h"

/* Rows and columns count from the upper left corner, 0 to SG_MINATAR_LAST. */
enum { SG_MINATAR_SIDE = 10, SG_MINATAR_LAST = SG_MINATAR_SIDE - 1 };

/* Of all games. */
enum { SG_MINATAR_MOST_CHANNELS = 10 };

/* All six actions, as MinAtar numbers them. */
typedef enum {
    SG_MINATAR_STAY,
    SG_MINATAR_LEFT,
    SG_MINATAR_UP,
    SG_MINATAR_RIGHT,
    SG_MINATAR_DOWN,
    SG_MINATAR_FIRE,
    SG_MINATAR_ACTIONS
} sg_minatar_action;

/* The options of all games, by MinAtar's names. */
typedef struct {
    double sticky_action_prob; /* of repeating the last action, whatever is asked; 0.1 */
    bool difficulty_ramping;   /* games become faster with time; true */
} sg_minatar_config;

/* Some of a game's integers, one after the other, which must lie in low..high. */
typedef struct {
    const char *name; /* in a saved state */
    size_t offset, count;
    int low, high;
} sg_minatar_field;

typedef struct sg_minatar sg_minatar;

/* One game. Its struct begins with an sg_minatar; `fields` are the rest of it, all of it. */
typedef struct {
    size_t size; /* of that struct */
    int channels;
    const sg_minatar_action *minimal_actions; /* of the -v1 id */
    int minimal_count;
    const sg_minatar_field *fields;
    int field_count;

    void (*begin)(sg_minatar *game); /* an episode; what it does not set keeps its value */
    /* One step: returns the reward, sets `over` where the episode ends. */
    double (*act)(sg_minatar *game, sg_minatar_action action);
    void (*show)(const sg_minatar *game, double *obs); /* marks things on an empty board */
} sg_minatar_rules;

struct sg_minatar {
    sg_env env;
    const sg_minatar_rules *rules;
    sg_minatar_config config;
    sg_mt19937 random;
    const sg_minatar_action *actions; /* what an agent's action means */
    int last_action;                  /* an sg_minatar_action; goes on over episodes */
    bool over;                        /* until the next reset nothing happens */
};

/* clang-format off */
/* A member of a game's struct, made of ints, as an element of its table. */
#define SG_MINATAR_FIELD(type, member, low, high)                                                  \
    {#member, offsetof(type, member), sizeof(((type *)NULL)->member) / (sizeof(int)), low, high}
/* clang-format on */
/* The number of elements of an array. */
#define SG_MINATAR_COUNT(array) (int)(sizeof(array) / sizeof(array)[0])

/* For ids that end with "-v0" and "-v1". */
sg_env *sg_minatar_make(const sg_minatar_rules *rules, const char *id, const char *options,
                        sg_error *error);

/* A cell of `channel` becomes one; outside of the board nothing does. One test for both ends:
 * negative numbers are large as unsigned ones. */
static inline void sg_minatar_mark(double *obs, int channel, int x, int y)
{
    if ((unsigned)x < SG_MINATAR_SIDE && (unsigned)y < SG_MINATAR_SIDE)
        obs[(channel * SG_MINATAR_SIDE + y) * SG_MINATAR_SIDE + x] = 1;
}
/* True with that probability, by a draw as numpy.random.rand. */
bool sg_minatar_chance(sg_minatar *game, double probability);
/* x moved by the horizontal part of an action, or y by its vertical part, kept in low..high. */
int sg_minatar_walk_x(int x, sg_minatar_action action);
int sg_minatar_walk_y(int y, sg_minatar_action action, int low, int high);

#endif
