/* faulty.c - a plugin with one fault at a time, chosen by a macro; test_plugin.c compiles it. */
#include "envs/plugin.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>

#ifdef UNDEFINED
double nobody_has_this(double x);
#endif

/* The program ends here, in one way or another. */
#define EXIT exit(0)
#define CRASH __builtin_trap()

/* What a state function may do wrong. */
#define ENTER sg_archive_enter(archive, "in")
#define LEAVE sg_archive_leave(archive)
#define SAVE_TWICE                                   \
    sg_archive_f64(archive, "x", (double[1]){0}, 1); \
    sg_archive_f64(archive, "x", (double[1]){0}, 1)
/* Another name each time. */
#define RENAME                 \
    static char name[] = "x0"; \
    name[1]++;                 \
    sg_archive_f64(archive, name, (double[1]){0}, 1)
/* After a while only: the visits before a run begins are fine. */
#define LATE(mistake)       \
    do {                    \
        static int visits;  \
        if (visits++ > 2) { \
            mistake;        \
        }                   \
    } while (0)

#ifdef AT_CONSTRUCTOR
__attribute__((constructor)) static void end(void) { AT_CONSTRUCTOR; }
#endif

/* Nothing happens here, unless resets fail. */
static bool reset(sg_env *env, double *obs, sg_error *error)
{
    (void)env, (void)error;
    obs[0] = 1;
#ifndef SHORT_OBSERVATION
    obs[1] = 0;
#endif
#ifdef AT_RESET
    AT_RESET;
#endif
#ifdef BAD_RESET
    return sg_fail(error, "Faulty-v0 cannot be reset");
#endif
    return true;
}

static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    *t = (sg_transition){.reward = action[0]};
#ifdef UNDEFINED
    t->reward = nobody_has_this(t->reward);
#endif
    bool ok = reset(env, obs, error);
    /* After a while only, so that a run has begun. */
    static int steps;
    steps++;
#ifdef AT_STEP
    if (steps > 50)
        AT_STEP;
#endif
#ifdef BAD_OBSERVATION
    obs[1] = steps > 50 ? BAD_OBSERVATION : 0;
#endif
#ifdef BAD_REWARD
    t->reward = steps > 50 ? BAD_REWARD : 0;
#endif
    return ok;
}

static void state(sg_env *env, sg_archive *archive)
{
    (void)env;
    (void)archive;
#ifdef AT_STATE
    AT_STATE;
#endif
}

static void close_task(sg_env *env) { free(env); }

static const sg_env_functions functions = {
    .reset = reset,
#ifndef NO_STEP
    .step = step,
#endif
    .state = state,
    .close = close_task,
};

/* Bounds that are none, no environment at all, or one that is fine. */
static sg_env *make(const char *id, const char *options, sg_error *error)
{
    (void)id, (void)options, (void)error, (void)functions, (void)step;
#ifdef SILENT
    return NULL;
#endif
#ifdef AT_MAKE
    AT_MAKE;
#endif
#ifndef IGNORES_OPTIONS
    if (!sg_options_parse(id, NULL, 0, NULL, options, error))
        return NULL;
#endif
    sg_env *env = sg_alloc(sizeof *env);
    env->functions = &functions;
    env->spec = (sg_env_spec){.obs_size = 2, .action_size = 1, .action_low = {-1}};
#ifndef BAD_BOUNDS
    env->spec.action_high[0] = 1;
#else
    env->spec.action_high[0] = -1;
#endif
#ifdef ACTIONS
    env->spec = (sg_env_spec){.obs_size = 2, .discrete = true, .action_count = ACTIONS};
#endif
    return env;
}

#if defined OTHER_VERSION
extern const sg_plugin sg_env_plugin;
const sg_plugin sg_env_plugin = {SG_ENV_ABI + 1, 0, 0, {"Faulty-v0", "", make}};
#elif defined OTHER_LAYOUT
extern const sg_plugin sg_env_plugin;
const sg_plugin sg_env_plugin = {SG_ENV_ABI, 8, 8, {"Faulty-v0", "", make}};
#elif defined NO_MAKE
SG_ENV_PLUGIN("Faulty-v0", "has no make function", NULL)
void *unused = make;
#elif defined NO_ID
SG_ENV_PLUGIN("", "has no id", make)
#elif defined ID_OF_TWO_LINES
SG_ENV_PLUGIN("Faulty\nv0", "has an id of two lines", make)
#elif defined NO_SYMBOL
void *unused = make;
#else
SG_ENV_PLUGIN("Faulty-v0", "has a fault", make)
#endif
