/* env.h - the environment interface.
 *
 * An environment is a struct that begins with an sg_env and a table of functions. Wrappers are
 * environments that hold another one. Observations and actions are doubles, at the caller's; a
 * discrete action is one double holding its index. All state, random stream included, is visited
 * by one function, so that every environment can be saved and continued to the bit.
 *
 * `terminated` says that the task ended (do not bootstrap); `truncated` that a limit outside the
 * task stopped it. Both can be true together.
 */
#ifndef SG_ENV_H
#define SG_ENV_H

#include "envs/picture.h"
#include "tensor/archive.h"
#include "tensor/error.h"
#include "tensor/random.h"

/* The most values of an action, of an observation, and the most discrete actions: some policies
 * need a matrix with a row and a column for each of these. */
enum { SG_MAX_ACTIONS = 64, SG_MAX_OBSERVATION = 1 << 24, SG_MAX_ACTION_COUNT = 1 << 13 };

/* What an agent must know. Constant for the life of the environment. */
typedef struct {
    char id[64];      /* "HalfCheetah-v4"; left empty: the registry's */
    int obs_size;     /* number of observed values */
    int obs_rank;     /* 1 for a vector, 3 for an image as [channels, height, width]; 0: a vector */
    int obs_dim[3];   /* obs_rank of them; their product is obs_size */
    bool discrete;    /* actions are indices 0..action_count-1 */
    int action_count; /* discrete only, up to SG_MAX_ACTION_COUNT */
    int action_size;  /* length of the action vector; 1 for discrete */
    double action_low[SG_MAX_ACTIONS]; /* continuous only; may be -/+ infinity */
    double action_high[SG_MAX_ACTIONS];
    int time_limit;      /* steps until truncation, 0 for none */
    double step_seconds; /* of the task's own time, for films in real time; 0: it has none */
} sg_env_spec;

/* What bounds a continuous action's element: a bound beyond +-1e300 is none and becomes infinite.
 * So the width of two that are left does not overflow. */
typedef struct {
    double low, high;
} sg_action_bounds;
sg_action_bounds sg_action_bounds_of(const sg_env_spec *spec, int index);

/* What one step answers besides the observation. */
typedef struct {
    double reward;
    bool terminated;
    bool truncated;
} sg_transition;

typedef struct sg_env sg_env;

/* The functions of one kind of environment. No step or reset may allocate. A wrapper's reset and
 * step call the inner environment's; the others are about this layer alone, since the sg_env_*
 * calls below walk from the outermost layer to the task themselves. */
typedef struct {
    /* Prefix of this layer's names in the state, "time_limit"; NULL: "env". */
    const char *name;
    /* Starts an episode and writes the first observation. */
    bool (*reset)(sg_env *env, double *obs, sg_error *error);
    /* Takes one action of spec.action_size values. The flags of `t` are false before, and its
     * reward NaN. */
    bool (*step)(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error);
    /* Restarts the random stream as Gymnasium's reset(seed=...) does. NULL: it has none. */
    void (*seed)(sg_env *env, uint64_t seed);
    /* Visits everything a bit-exact continuation needs. NULL: for wrappers that hold nothing. */
    void (*state)(sg_env *env, sg_archive *archive);
    /* While frozen, wrappers with statistics use them without updating them. May be NULL. */
    void (*freeze)(sg_env *env, bool frozen);
    /* Releases this layer, and not the inner one. */
    void (*close)(sg_env *env);
    /* Draws the present state; changes nothing that a step reads, and may allocate. NULL for tasks
     * without pictures, and for wrappers. */
    bool (*render)(sg_env *env, sg_picture *picture, sg_error *error);
} sg_env_functions;

struct sg_env {
    const sg_env_functions *functions;
    sg_env_spec spec;
    sg_env *inner; /* what a wrapper wraps; NULL for a task. Closed with the wrapper. */
};

/* The calls. Memory is the caller's: obs[spec.obs_size], action[spec.action_size]. An environment
 * is in one thread at a time; any number of them may run side by side.
 *
 * Both check the caller's side. The action may come from a policy gone astray, so a bad one (NaN,
 * infinite, no index) is an error that changes nothing; a NULL is misuse. False has a reason in
 * `error` always. */

/* Starts an episode, with the random stream of that seed; NULL: going on with the stream. What the
 * environment does not write of its first observation is NaN. */
bool sg_env_reset(sg_env *env, const uint64_t *seed, double *obs, sg_error *error);
/* One step of an episode that a reset began. */
bool sg_env_step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error);
/* Saves or restores all layers, in the middle of an episode as well. Names are "<layer>/<piece>",
 * "normalize_observation/mean"; a second layer of one kind is numbered. */
void sg_env_state(sg_env *env, sg_archive *archive);
/* The same, but a state function that saves a name twice, or does not leave what it enters, is an
 * error and no misuse. Making an environment tries it once. */
bool sg_env_visit(sg_env *env, sg_archive *archive, sg_error *error);
/* Statistics of wrappers are used as they are, or go on. */
void sg_env_freeze(sg_env *env, bool frozen);
/* Releases all layers, once. NULL is fine. */
void sg_env_close(sg_env *env);
/* Draws all of the picture: with the render function of the outermost layer that has one, or else,
 * where the task observes an image, from `obs`, the task's own last observation (sg_watch_task in
 * envs/wrappers.h has it; NULL: not known). False, with a line, if neither is there. */
bool sg_env_render(sg_env *env, const double *obs, sg_picture *picture, sg_error *error);

/* The registry: one line per id. `options` is "key=value,key=value" or NULL. */
typedef struct {
    const char *id;
    const char *summary;
    sg_env *(*make)(const char *id, const char *options, sg_error *error);
} sg_env_entry;

/* All but plugins, in the order of listings; NULL beyond the ends. */
int sg_env_count(void);
const sg_env_entry *sg_env_entry_at(int index);
/* The entry of that id, which may be a plugin's path (envs/plugin_file.h). NULL with a message that
 * names the nearest known ids when there is none. */
const sg_env_entry *sg_env_find(const char *id, sg_error *error);
/* The entry's task with its own time limit, nothing else around it, for the caller to close. NULL
 * with a message if the options are wrong, or if the task lacks a function or has a spec that makes
 * no sense. */
sg_env *sg_env_make_entry(const sg_env_entry *entry, const char *options, sg_error *error);
/* Finds and makes in one. */
sg_env *sg_env_make(const char *id, const char *options, sg_error *error);

#endif
