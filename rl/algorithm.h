/* algorithm.h - what an algorithm is: a name, a table of settings, presets, and a graph builder.
 *
 * An algorithm file fills one sg_algorithm and adds a line to rl/algorithms/list.h. Its build
 * function writes the graph; the agent (agent.h) finds inputs and phases by name:
 *
 *   inputs   obs, reward, next_obs, terminated, episode_end: those it uses
 *   phases   act (its first value is the action), learn, and optionally, declared alone, act_greedy
 *            and after_learn (run after each learn, for what it has changed)
 *
 * An algorithm that learns from rollouts has obs, next_obs, act, learn and act_greedy of these, and
 * a phase next_value and inputs of its own ("batch.obs", ...): rl/rollout_learner.h.
 *
 * With a timetable it learns from a replay (replay_learner.h), and all phases but act are alone:
 *
 *   inputs   obs, and the batch: batch.obs, batch.action, batch.reward, batch.next_obs,
 *            batch.terminated
 *   phases   act, act_greedy, and those that the timetable names: learn, and whatever else the
 *            algorithm has (learn_actor, update_targets)
 *
 * Any other name is misuse. Reports (sg_report) become metrics: "losses/critic" in TensorBoard.
 */
#ifndef SG_ALGORITHM_H
#define SG_ALGORITHM_H

#include "autograd/graph.h"
#include "envs/env.h"
#include "envs/wrappers.h"
#include "rl/optimizers.h"
#include "rl/replay_learner.h"
#include "rl/rollout.h"
#include "rl/settings.h"

/* What is put between the environment and the agent. Every algorithm's config holds one, so each
 * paper's choice is that algorithm's default (SG_PIPELINE_SETTINGS below). */
typedef enum { SG_ACTION_CLIP, SG_ACTION_SCALE, SG_ACTION_NONE } sg_action_mode;
typedef struct {
    int action;                /* sg_action_mode */
    int normalize_observation; /* sg_normalizer */
    int scale_reward;          /* sg_normalizer */
    bool time_feature;
    double observation_traces;            /* their decay; 0: none */
    int frame_stack;                      /* observations seen at once */
    double clip_observation, clip_reward; /* limits after normalisation; 0: none */
} sg_pipeline;

/* The settings of the pipeline, for a config struct with a member `sg_pipeline pipeline`. */
/* clang-format off */
#define SG_PIPELINE_SETTINGS(config, action_, observation_, reward_, time_) \
    SG_PIPELINE_LINES(config, action_, observation_, reward_, time_, "0", "0")
/* The same with a limit of normalised observations and rewards. */
#define SG_PIPELINE_SETTINGS_CLIPPED(config, action_, observation_, reward_, time_, clip_) \
    SG_PIPELINE_LINES(config, action_, observation_, reward_, time_, "0", clip_)
/* The same with running averages in the place of observations. */
#define SG_PIPELINE_SETTINGS_TRACED(config, action_, observation_, reward_, time_, traces_) \
    SG_PIPELINE_LINES(config, action_, observation_, reward_, time_, traces_, "0")
#define SG_PIPELINE_LINES(config, action_, observation_, reward_, time_, traces_, clip_) \
    SG_CHOICE_LINE(NULL, "action", config, pipeline.action, action_, "clip|scale|none", \
        "how actions meet the bounds: clipped, scaled from [-1, 1], or left alone"), \
    SG_CHOICE_LINE(NULL, "normalize_observation", config, pipeline.normalize_observation, \
        observation_, "none|gymnasium|streaming", "running normalisation of observations"), \
    SG_CHOICE_LINE(NULL, "scale_reward", config, pipeline.scale_reward, reward_, \
        "none|gymnasium|streaming|streaming_through", \
        "rewards divided by the spread of the discounted return"), \
    SG_SWITCH_LINE(NULL, "time_feature", config, pipeline.time_feature, time_, \
        "append the time in the episode to the observation"), \
    SG_REAL_LINE(NULL, "observation_traces", config, pipeline.observation_traces, traces_, 0, \
        0.999999, "decay of running averages that replace the observation, 0 for none"), \
    SG_INT_LINE(NULL, "frame_stack", config, pipeline.frame_stack, "1", 1, 64, \
        "last observations seen at once"), \
    SG_REAL_LINE(NULL, "clip_observation", config, pipeline.clip_observation, clip_, 0, 1e9, \
        "observations limited to +- this after normalisation, 0 for no limit"), \
    SG_REAL_LINE(NULL, "clip_reward", config, pipeline.clip_reward, clip_, 0, 1e9, \
        "rewards limited to +- this after normalisation, 0 for no limit")
/* clang-format on */

/* Settings by environment: the first line whose pattern matches the id (shell wildcards) is applied
 * on top of the defaults and below --set. The table ends with {NULL, NULL}. */
typedef struct {
    const char *environments; /* "Hopper-v4" or "dm_control/dog-*" */
    const char *settings;     /* "actor_lr=1.1e-5,critic_lr=7.7e-5" */
} sg_preset;

typedef struct {
    const char *name;    /* "avg" */
    const char *summary; /* one line: full name, paper */
    sg_settings settings;
    const sg_preset *presets;
    const sg_network_slot *networks;    /* whose optimisers can be chosen, or NULL */
    const sg_timetable_line *timetable; /* what learns from a replay, and when; NULL: no replay */
    size_t replay_offset;               /* of the sg_replay_config in the config */
    size_t pipeline_offset;             /* of the sg_pipeline in the config */
    size_t gamma_offset;                /* of the discount (double), which scale_reward needs too */
    bool rollouts;                      /* it learns from rollouts */
    size_t rollout_offset;              /* of the sg_rollout_config in the config */
    /* False with a line if the algorithm cannot act in such an environment; NULL: always can. */
    bool (*suits)(const sg_env_spec *spec, const void *config, sg_error *error);
    /* Writes the whole graph. */
    void (*build)(sg_graph *g, const sg_env_spec *spec, const void *config);
} sg_algorithm;

/* What an sg_algorithm says of its config: the table, and where the two members are that every
 * config has, `sg_pipeline pipeline` and `double gamma`. */
#define SG_ALGORITHM_SETTINGS(table, config)                             \
    .settings = {table, sizeof table / sizeof table[0], sizeof(config)}, \
    .pipeline_offset = SG_MEMBER(config, pipeline, sg_pipeline),         \
    .gamma_offset = SG_MEMBER(config, gamma, double)

/* And of one that learns from rollouts (rl/rollout_learner.h): where its member
 * `sg_rollout_config rollout` is. */
#define SG_ALGORITHM_ROLLOUT(config) \
    .rollouts = true, .rollout_offset = SG_MEMBER(config, rollout, sg_rollout_config)
/* Or of one that learns from a replay (rl/replay_learner.h): its timetable, and where its
 * member `sg_replay_config replay` is. */
#define SG_ALGORITHM_REPLAY(table, config) \
    .timetable = table, .replay_offset = SG_MEMBER(config, replay, sg_replay_config)

/* False with a line where the algorithm or its rollouts cannot do with the environment or the
 * config. */
bool sg_algorithm_suits(const sg_algorithm *algorithm, const sg_env_spec *spec, const void *config,
                        sg_error *error);

/* The phase "act_greedy", alone: the action without exploration. */
void sg_act_greedy(sg_node action);

/* A phase that is declared alone, with these updates. */
void sg_update_alone(sg_graph *g, const char *phase, sg_updates updates);
/* Such a phase with one step of the optimiser down the loss [1]. */
void sg_descend_alone(sg_node loss, const char *phase, sg_network_role role,
                      const sg_optimizer *optimizer, sg_nodes params);

/* For `suits`: continuous actions are needed. */
bool sg_suits_continuous(const sg_env_spec *spec, const void *config, sg_error *error);
/* Continuous actions within finite bounds are needed. */
bool sg_suits_bounded(const sg_env_spec *spec, const void *config, sg_error *error);
/* Discrete actions are needed. */
bool sg_suits_discrete(const sg_env_spec *spec, const void *config, sg_error *error);

#define SG_ALGORITHM(name) extern const sg_algorithm sg_##name##_algorithm;
#include "rl/algorithms/list.h"
#undef SG_ALGORITHM

/* In the order of list.h; NULL beyond the ends. */
int sg_algorithm_count(void);
const sg_algorithm *sg_algorithm_at(int index);
/* NULL, with a line that names what there is, when there is none of that name. */
const sg_algorithm *sg_algorithm_find(const char *name, sg_error *error);

/* A new config (free() it): defaults, then the preset for env_id, then each of `sets` in turn. */
void *sg_algorithm_config(const sg_algorithm *algorithm, const char *env_id,
                          const char *const *sets, int set_count, sg_error *error);
/* Wraps the environment as config's pipeline asks; owns env from then on (closed on failure too).
 */
sg_env *sg_algorithm_wrap(const sg_algorithm *algorithm, const void *config, sg_env *env,
                          sg_error *error);

#endif
