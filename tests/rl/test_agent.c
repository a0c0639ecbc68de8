/* test_agent.c - an agent refuses graphs whose inputs, phases or sizes it could not serve: a
 * misspelt name must not train in silence. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "autograd/ops.h"
#include "rl/agent.h"
#include "tests/misuse.h"

typedef struct {
    sg_pipeline pipeline;
    double gamma;
} config;

static const sg_setting settings[] = {
    SG_REAL(config, gamma, "0.9", 0, 1, "discount factor"),
    SG_PIPELINE_SETTINGS(config, "clip", "none", "none", "false"),
};

/* What each mistake changes of a graph that is right. */
static struct {
    const char *obs, *reward, *learn, *further; /* a further phase, or NULL */
    int obs_size, action_size, reports;
    bool acts_on_reward, acts_last;
} names;

static void build(sg_graph *g, const sg_env_spec *spec, const void *settings_of_run)
{
    (void)spec;
    (void)settings_of_run;
    sg_node S = sg_input(g, names.obs, names.obs_size);
    sg_node sum = sg_state(g, "sum", sg_vector(1), SG_F64, 0);
    sg_node R = sg_input(g, names.reward, 1), A = sg_slice(S, 0, names.action_size);
    if (names.acts_last)
        sg_report(g, names.learn, "losses/sum", sum);
    sg_phase_values(g, "act", names.acts_on_reward ? sg_mul(A, R) : A);
    if (names.further)
        sg_phase_values(g, names.further, S);
    sg_phase_updates(g, names.learn, sg_assign(sum, sg_add(sum, R)));
    for (int k = 0; k < names.reports; k++)
        sg_report(g, names.learn, "losses/reward", R);
}

static const sg_algorithm algorithm = {
    .name = "mistaken",
    SG_ALGORITHM_SETTINGS(settings, config),
    .build = build,
};

static void make_agent(void)
{
    const config c = {.gamma = 0.9};
    const sg_env_spec spec = {.obs_size = 3, .action_size = 2};
    sg_agent_options options = sg_agent_options_default();
    options.dtype = SG_F64;
    sg_agent_free(sg_agent_new(&algorithm, &c, &spec, options, NULL));
}

static const char *message(void) { return misuse_of(make_agent); }

static void start_right(void)
{
    names.obs = "obs";
    names.reward = "reward";
    names.learn = "learn";
    names.further = NULL;
    names.obs_size = 3;
    names.action_size = 2;
    names.reports = 1;
    names.acts_on_reward = names.acts_last = false;
}

TestSuite(agent, .init = start_right);

static void expect_told(const char *words)
{
    const char *told = message();
    cr_expect(strstr(told, words), "'%s' lacks '%s'", told, words);
}

Test(agent, a_graph_without_mistakes_is_taken) { cr_expect_str_empty(message()); }

Test(agent, a_misspelt_input_is_named)
{
    names.reward = "rewrad";
    expect_told("input 'rewrad' is not one of obs, reward, next_obs, terminated, episode_end");
}

Test(agent, a_misspelt_phase_is_named)
{
    names.learn = "learning";
    expect_told("phase 'learning' is not one of act, learn, act_greedy, after_learn");
}

Test(agent, an_observation_of_another_size_is_named)
{
    names.obs_size = 4;
    expect_told("obs has shape [4], the environment's has 3 values");
}

Test(agent, an_action_of_another_size_is_named)
{
    names.action_size = 1;
    expect_told("the action (first value of \"act\") has shape [1], the environment's has 2");
}

Test(agent, a_phase_of_rollouts_is_refused_elsewhere)
{
    names.further = "next_value";
    expect_told("phase 'next_value' is not for learning from each transition");
}

Test(agent, an_action_of_what_is_not_known_yet_is_refused)
{
    names.acts_on_reward = true;
    expect_told(
        "the action of \"act\" reads the input 'reward', which is not known before the step");
}

Test(agent, learning_that_is_named_before_acting_is_refused)
{
    names.acts_last = true;
    expect_told("phase \"act\" must be named before \"learn\"");
}

Test(agent, a_report_that_is_made_twice_is_named)
{
    names.reports = 2;
    expect_told("report 'losses/reward': the graph has that report already");
}

Test(agent, actions_without_bounds_are_named)
{
    sg_env_spec spec = {
        .id = "Free-v0", .action_size = 2, .action_low = {-1, -1}, .action_high = {1, INFINITY}};
    sg_error error;
    cr_expect(!sg_suits_bounded(&spec, NULL, &error));
    cr_expect_str_eq(error.text,
                     "Free-v0 has actions without bounds; this algorithm needs finite ones");
    spec.action_high[1] = 1;
    cr_expect(sg_suits_bounded(&spec, NULL, &error));
}

/* ---- the table of settings ---- */

static const sg_setting twice[] = {
    SG_REAL(config, gamma, "0.9", 0, 1, "discount factor"),
    SG_REAL(config, gamma, "0.5", 0, 1, "again"),
};

static void use_twice(void)
{
    config c;
    sg_settings_defaults(&(sg_settings){twice, 2, sizeof c}, &c);
}

Test(agent, a_setting_that_stands_twice_is_named)
{
    cr_expect(strstr(misuse_of(use_twice), "setting gamma stands in its table twice"));
}

/* ---- the table of networks ---- */

typedef struct {
    config base;
    sg_optimizer critic, actor;
} learner;

static const sg_setting optimizer_lines[] = {
    SG_OPTIMIZER_SETTINGS(learner, critic, "critic_", "obgd", "1", "0", "2"),
};
static const sg_network_slot wrong_place[] = {{"critic_", offsetof(learner, actor), SG_VALUE, NULL},
                                              {NULL, 0, 0, NULL}};
static const sg_network_slot right_place[] = {
    {"critic_", offsetof(learner, critic), SG_VALUE, NULL}, {NULL, 0, 0, NULL}};
static const sg_network_slot too_many[] = {{"critic_", offsetof(learner, critic), SG_VALUE, NULL},
                                           {"actor_", offsetof(learner, actor), SG_POLICY, NULL},
                                           {NULL, 0, 0, NULL}};
static const sg_network_slot *table;

static void require_table(void)
{
    const sg_settings lines = {optimizer_lines, sizeof optimizer_lines / sizeof optimizer_lines[0],
                               sizeof(learner)};
    sg_optimizers_require_slots("mistaken", table, &lines);
}

Test(agent, optimizers_and_networks_that_do_not_fit_are_named)
{
    const char *missing = "no line of its .networks is for the setting critic_optimizer";
    table = right_place;
    cr_expect_str_empty(misuse_of(require_table));
    table = NULL;
    cr_expect(strstr(misuse_of(require_table), missing));
    table = wrong_place;
    cr_expect(strstr(misuse_of(require_table), missing));
    table = too_many;
    cr_expect(strstr(misuse_of(require_table), "'actor_optimizer' of its .networks is not in its"));
}
