/* minatar.c - the base of the MinAtar games. */
#include "envs/minatar/minatar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- for the games ---- */

bool sg_minatar_chance(sg_minatar *game, double probability)
{
    return sg_mt19937_unit(&game->random) < probability;
}

static int limit(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

int sg_minatar_walk_x(int x, sg_minatar_action action)
{
    int way = (action == SG_MINATAR_RIGHT) - (action == SG_MINATAR_LEFT);
    return limit(x + way, 0, SG_MINATAR_LAST);
}

int sg_minatar_walk_y(int y, sg_minatar_action action, int low, int high)
{
    int way = (action == SG_MINATAR_DOWN) - (action == SG_MINATAR_UP);
    return limit(y + way, low, high);
}

/* ---- steps ---- */

/* Most of the board is empty. */
static void observe(const sg_minatar *game, double *obs)
{
    memset(obs, 0, (size_t)game->env.spec.obs_size * sizeof *obs);
    game->rules->show(game, obs);
}

/* The last action stays. */
static bool reset(sg_env *env, double *obs, sg_error *error)
{
    (void)error;
    sg_minatar *game = (sg_minatar *)env;
    game->over = false;
    game->rules->begin(game);
    observe(game, obs);
    return true;
}

/* The draw for the repetition is the first of every step, even after the end. */
static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    (void)error;
    sg_minatar *game = (sg_minatar *)env;
    if (!sg_minatar_chance(game, game->config.sticky_action_prob))
        game->last_action = (int)game->actions[(int)action[0]];

    *t = (sg_transition){0};
    if (!game->over)
        t->reward = game->rules->act(game, (sg_minatar_action)game->last_action);
    t->terminated = game->over;
    observe(game, obs);
    return true;
}

/* As a MinAtar environment made with random_seed=number: nothing is left of earlier actions. */
static void seed(sg_env *env, uint64_t number)
{
    sg_minatar *game = (sg_minatar *)env;
    sg_mt19937_seed(&game->random, number);
    game->last_action = SG_MINATAR_STAY;
}

/* ---- saving ---- */

/* The limits keep indices of a damaged file within their arrays. */
static void visit(sg_minatar *game, const sg_minatar_field *field, sg_archive *archive)
{
    int *values = (int *)((char *)game + field->offset);
    sg_archive_ints(archive, field->name, values, field->count, field->low, field->high);
}

static void state(sg_env *env, sg_archive *archive)
{
    static const sg_minatar_field last_action =
        SG_MINATAR_FIELD(sg_minatar, last_action, 0, SG_MINATAR_ACTIONS - 1);
    sg_minatar *game = (sg_minatar *)env;
    sg_mt19937_state(&game->random, "random", archive);
    visit(game, &last_action, archive);
    sg_archive_bool(archive, "over", &game->over);
    for (int i = 0; i < game->rules->field_count; i++)
        visit(game, &game->rules->fields[i], archive);
}

/* ---- making ---- */

/* What an agent would see, in colours. */
static bool render(sg_env *env, sg_picture *picture, sg_error *error)
{
    (void)error;
    double board[SG_MINATAR_MOST_CHANNELS * SG_MINATAR_SIDE * SG_MINATAR_SIDE];
    observe((const sg_minatar *)env, board);
    sg_draw_channels(picture, board, env->spec.obs_dim);
    return true;
}

static void close_task(sg_env *env) { free(env); }

static const sg_env_functions functions = {.name = "minatar",
                                           .reset = reset,
                                           .step = step,
                                           .seed = seed,
                                           .state = state,
                                           .close = close_task,
                                           .render = render};

static const sg_option known[] = {
    {"sticky_action_prob", SG_OPTION_NUMBER, offsetof(sg_minatar_config, sticky_action_prob), 0, 1},
    {"difficulty_ramping", SG_OPTION_SWITCH, offsetof(sg_minatar_config, difficulty_ramping), 0, 0},
};

/* The version is the choice of actions. */
static void choose_actions(sg_minatar *game, const char *id)
{
    static const sg_minatar_action all[] = {SG_MINATAR_STAY,  SG_MINATAR_LEFT, SG_MINATAR_UP,
                                            SG_MINATAR_RIGHT, SG_MINATAR_DOWN, SG_MINATAR_FIRE};
    bool minimal = strcmp(id + strlen(id) - 3, "-v1") == 0;
    game->actions = minimal ? game->rules->minimal_actions : all;
    game->env.spec.action_count = minimal ? game->rules->minimal_count : SG_MINATAR_ACTIONS;
}

static void fill_spec(sg_env_spec *spec, int channels, const char *id)
{
    snprintf(spec->id, sizeof spec->id, "%s", id);
    spec->obs_rank = 3;
    spec->obs_dim[0] = channels;
    spec->obs_dim[1] = spec->obs_dim[2] = SG_MINATAR_SIDE;
    spec->obs_size = channels * SG_MINATAR_SIDE * SG_MINATAR_SIDE;
    spec->discrete = true;
    spec->action_size = 1;
}

/* Options are checked before anything is allocated. */
sg_env *sg_minatar_make(const sg_minatar_rules *rules, const char *id, const char *options,
                        sg_error *error)
{
    sg_minatar_config config = {.sticky_action_prob = 0.1, .difficulty_ramping = true};
    if (!sg_options_parse(id, known, SG_MINATAR_COUNT(known), &config, options, error))
        return NULL;
    sg_minatar *game = sg_alloc(rules->size);
    game->env.functions = &functions;
    game->rules = rules;
    game->config = config;
    fill_spec(&game->env.spec, rules->channels, id);
    choose_actions(game, id);
    /* there is a state to save before the first reset, too; its draws are taken back */
    seed(&game->env, 0);
    rules->begin(game);
    seed(&game->env, 0);
    return &game->env;
}
