/* check_internal.h - what the checks of envs/check.h are made of: players and a bench to play on.
 */
#ifndef SG_ENV_CHECK_INTERNAL_H
#define SG_ENV_CHECK_INTERNAL_H

#include "envs/check.h"

/* ---- a player: one environment, stepped with random actions over the ends of its episodes ---- */

/* `row` is what one step answered: the observation, then reward, terminated and truncated as
 * numbers, then the first observation of the next episode (zeros if none began). */
typedef struct {
    sg_env *env;
    sg_random actions;
    double action[SG_MAX_ACTIONS];
    double *row;
    double *obs;     /* where the task writes its observation, between margins */
    sg_transition t; /* of the last step */
    int length;      /* steps of the episode, of the one that ended if the last step ended it */
    bool ended;      /* by the last step */
} sg_player;

/* Values in a row. */
int sg_player_width(const sg_player *player);
/* Makes an environment; sg_player_close releases it, also after a failure. */
bool sg_player_open(sg_player *player, const sg_env_entry *entry, const char *options,
                    sg_error *error);
void sg_player_close(sg_player *player);
/* Resets with that seed; the actions to come are seeded too. */
bool sg_player_start(sg_player *player, uint64_t seed, sg_error *error);
/* Draws an action within the bounds and takes it. */
bool sg_player_step(sg_player *player, sg_error *error);
/* Steps with `action` as it stands, and resets where an episode ends. */
bool sg_player_take(sg_player *player, sg_error *error);
/* A reset in the middle, without a seed. */
bool sg_player_restart(sg_player *player, sg_error *error);

/* Any action: within bounds, at a bound one time in eight. */
void sg_player_draw(const sg_env_spec *spec, sg_random *random, double *action);
/* False, naming the first value that is not finite, not written, or written outside. */
bool sg_player_check_row(const sg_player *player, sg_error *error);
/* False, naming the first difference of two rows: "observation[3] is 1 and not 2". */
bool sg_player_same_row(const sg_player *player, const double *expected, sg_error *error);

/* ---- the bench ---- */

typedef struct {
    const sg_env_entry *entry;
    const char *options;
    sg_env_check_config config;
    sg_player one, two;
    double *trace; /* rows of `one` from the seed on, config.steps of them */
    int width;     /* values in a row */
    bool repeats;  /* the trace was seen twice: what compares with it can be judged */
} sg_check_bench;

/* A check writes one line, about what it saw or what is wrong. */
typedef sg_env_check_outcome sg_env_check_function(sg_check_bench *bench, sg_error *line);

/* The line and its outcome, for `return`. */
#define SG_CHECK_SAY(outcome, line, ...) (sg_fail(line, __VA_ARGS__), outcome)

/* check_steps.c */
sg_env_check_function sg_check_reset, sg_check_values, sg_check_actions, sg_check_bad_actions;
/* check_repeat.c */
sg_env_check_function sg_check_determinism, sg_check_seeds, sg_check_twins, sg_check_restore;
/* check_episodes.c */
sg_env_check_function sg_check_ends, sg_check_time_limit, sg_check_memory;

#endif
