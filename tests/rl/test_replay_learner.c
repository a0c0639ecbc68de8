/* test_replay_learner.c - the timetable: which phases run at which steps, in which order; what an
 * agent with a replay sees of a stream. */
#include <criterion/criterion.h>
#include <string.h>

#include "autograd/ops.h"
#include "rl/agent.h"
#include "tests/misuse.h"

typedef struct {
    sg_pipeline pipeline;
    sg_replay_config replay;
    double gamma;
    int policy_every, target_every;
} config;

static const sg_timetable_line timetable[] = {
    {"learn", SG_EACH_STEP, false},
    {"learn_actor", SG_MEMBER(config, policy_every, int), true},
    {"learn_again", SG_MEMBER(config, policy_every, int), true},
    {"update_targets", SG_MEMBER(config, target_every, int), false},
    {NULL, 0, false},
};

/* What the graph below does wrong. */
static enum { NOTHING, NOT_LISTED, NOT_ALONE, ONE_TRANSITION, NO_TIMETABLE } mistake;

/* Counts in `name` how often the phase ran. */
static void counting_phase(sg_graph *g, const char *phase, sg_node step)
{
    sg_node count = sg_state(g, phase, sg_vector(1), SG_F64, 0);
    sg_update_alone(g, phase, sg_assign(count, sg_add(count, step)));
}

static void build(sg_graph *g, const sg_env_spec *spec, const void *settings)
{
    const config *c = settings;
    sg_batch b = sg_batch_inputs(g, spec, &c->replay);
    sg_phase_values(g, "act", sg_slice(sg_input(g, "obs", spec->obs_size), 0, 1));
    counting_phase(g, "learn", sg_sum(b.R));
    counting_phase(g, "learn_actor", sg_constant(g, 1));
    if (c->gamma > 0)
        counting_phase(g, "learn_again", sg_constant(g, 1));
    if (mistake == NOT_ALONE)
        sg_phase_values(g, "update_targets", sg_mean(b.R));
    else
        counting_phase(g, "update_targets", sg_constant(g, 1));
    if (mistake == ONE_TRANSITION)
        sg_phase_values(g, "learn", sg_input(g, "reward", 1));
}

static const sg_algorithm algorithm = {
    .name = "counting",
    .timetable = timetable,
    .replay_offset = SG_MEMBER(config, replay, sg_replay_config),
    .build = build,
};

static char diary[1024];

/* "learn", "learn_actor", "learn_again", "update_targets" as l, c, a, t. */
static void write_down(void *context, const char *phase, int repetition, bool done)
{
    (void)context;
    size_t used = strlen(diary);
    const char *letter = !strcmp(phase, "learn")         ? "l"
                         : !strcmp(phase, "learn_actor") ? "c"
                         : !strcmp(phase, "learn_again") ? "a"
                                                         : "t";
    if (done)
        snprintf(diary + used, sizeof diary - used, "%s%d", letter, repetition);
}

/* Steps 0..steps-1 with reward t; the diary tells a line of each step. */
static sg_agent *live_with(const sg_algorithm *a, const config *c, int steps)
{
    const sg_env_spec spec = {.obs_size = 2, .action_size = 1};
    sg_agent_options options = sg_agent_options_default();
    options.dtype = SG_F64;
    sg_agent *agent = sg_agent_new(a, c, &spec, options, NULL);
    diary[0] = 0;
    sg_replay_learner_listen(sg_agent_replay(agent), write_down, NULL);
    for (int t = 0; t < steps; t++) {
        double action;
        const sg_transition tr = {.reward = t};
        sg_agent_act(agent, (double[]){t, 1}, &action);
        cr_assert(sg_agent_learn(agent, &tr, (double[]){t + 1, 1}, NULL));
        strcat(diary, " ");
    }
    return agent;
}

static sg_agent *live(const config *c, int steps) { return live_with(&algorithm, c, steps); }

Test(replay_learner, runs_what_is_due_in_the_order_of_the_timetable)
{
    const config c = {.replay = {10, 2, 3}, .gamma = 1, .policy_every = 3, .target_every = 2};
    sg_agent *agent = live(&c, 8);
    cr_expect_str_eq(diary, "    l0t0 l0 l0c0a0c1a1c2a2t0 l0 ");
    cr_expect_eq(sg_agent_updates(agent), 4, "runs of learn, not steps");
    sg_agent_free(agent);
}

/* Neighbours in turn end with the first that the graph lacks. */
Test(replay_learner, phases_that_the_graph_lacks_do_not_run)
{
    const config c = {.replay = {10, 2, 0}, .policy_every = 2, .target_every = 100};
    sg_agent *agent = live(&c, 5);
    cr_expect_str_eq(diary, " l0 l0c0c1 l0 l0c0c1 ");
    sg_agent_free(agent);
}

/* "learn_again" with another period than the line before it. */
Test(replay_learner, a_line_that_is_due_alone_runs_alone)
{
    const sg_timetable_line apart[] = {{"learn", SG_EACH_STEP, false},
                                       {"learn_actor", SG_MEMBER(config, policy_every, int), true},
                                       {"learn_again", SG_MEMBER(config, target_every, int), true},
                                       {"update_targets", SG_EACH_STEP, false},
                                       {NULL, 0, false}};
    const config c = {.replay = {10, 2, 0}, .gamma = 1, .policy_every = 2, .target_every = 3};
    sg_algorithm other = algorithm;
    other.timetable = apart;
    sg_agent *agent = live_with(&other, &c, 5);
    cr_expect_str_eq(diary, " l0t0 l0c0c1t0 l0a0a1a2t0 l0c0c1t0 ");
    sg_agent_free(agent);
}

/* The transition of a step is stored before that step's update: 1 + 2 + ... + 9. */
Test(replay_learner, with_a_buffer_of_one_each_update_is_of_its_own_step)
{
    const config c = {.replay = {1, 1, 0}, .policy_every = 2, .target_every = 2};
    sg_agent *agent = live(&c, 10);
    sg_program *p = sg_agent_program(agent);
    cr_expect_eq(sg_get_number(p, sg_find(p, "learn")), 45);
    sg_agent_free(agent);
}

/* ---- mistakes ---- */

static void make_mistaken(void)
{
    const config c = {.replay = {10, 2, 0}, .policy_every = 2, .target_every = 2};
    const sg_env_spec spec = {.obs_size = 2, .action_size = 1};
    sg_algorithm mistaken = algorithm;
    if (mistake == NO_TIMETABLE)
        mistaken.timetable = NULL;
    if (mistake == NOT_LISTED)
        mistaken.timetable++;
    sg_agent_options options = {.dtype = SG_F64, .threads = 1};
    sg_agent_free(sg_agent_new(&mistaken, &c, &spec, options, NULL));
}

Test(replay_learner, phases_and_inputs_that_nobody_serves_are_named)
{
    static const char *const told[] = {
        [NOTHING] = "",
        [NOT_LISTED] = "phase 'learn' of the graph is not in it",
        [NOT_ALONE] = "phase 'update_targets' must be alone",
        [ONE_TRANSITION] = "input 'reward' is not for learning from a replay",
        [NO_TIMETABLE] = "phase 'learn_actor' is not one of act, learn, act_greedy, after_learn",
    };
    for (int m = NOTHING; m <= NO_TIMETABLE; m++) {
        mistake = m;
        const char *message = misuse_of(make_mistaken);
        cr_expect(*told[m] ? strstr(message, told[m]) != NULL : !*message, "'%s' lacks '%s'",
                  message, told[m]);
    }
}
