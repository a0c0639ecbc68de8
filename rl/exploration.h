/* exploration.h - actions that are taken to explore: epsilon-greedy choices, random ones at the
 * start, noise within bounds; and actions chosen a step before they are taken.
 */
#ifndef SG_EXPLORATION_H
#define SG_EXPLORATION_H

#include "autograd/ops.h"
#include "rl/action_box.h"
#include "rl/settings.h"

/* ---- when ---- */

/* A state "steps", float64 [1]: the number of acts before this one, 0 at the first. *updates is
 * joined with the assign that counts this one. */
sg_node sg_act_count(sg_graph *g, sg_updates *updates);

/* The share of random actions: in a straight line from `start` at step 0 to `end` at step `steps`,
 * then `end`. */
typedef struct {
    double start, end, steps;
} sg_epsilon_schedule;

/* Settings of a schedule in a config: epsilon_start, epsilon_end, epsilon_steps. `steps_help` says
 * in `streamgrad algorithms NAME` what the last means. */
/* clang-format off */
#define SG_EPSILON_SETTINGS(config, member, end_, steps_, steps_help) \
    SG_REAL_LINE(NULL, "epsilon_start", config, member.start, "1", 0, 1, \
        "share of random actions at first"), \
    SG_REAL_LINE(NULL, "epsilon_end", config, member.end, end_, 0, 1, "and in the end"), \
    SG_REAL_LINE("epsilon_start=epsilon_end", "epsilon_steps", config, member.steps, steps_, 1, \
        1e12, steps_help)
/* clang-format on */

/* epsilon at a step (float64), in the graph's type. */
sg_node sg_epsilon_at(sg_node step, sg_epsilon_schedule schedule);

/* ---- what instead ---- */

typedef struct {
    sg_node action;
    sg_node greedy;      /* what would be done without exploring */
    sg_node exploratory; /* [1]: 1 where action is not the greedy one: a random action may be */
} sg_choice;

/* With probability epsilon any action with equal chances, else the first of the best, of values
 * q [n]. Draws are "<name>.explore" and "<name>.random". */
sg_choice sg_epsilon_greedy(const char *name, sg_node q, sg_node epsilon);

/* An action drawn with equal chances: an index, or a vector within the bounds (a standard normal
 * number where there is none). Draws are "random_action". */
sg_node sg_random_action(sg_graph *g, const sg_env_spec *spec);

/* Such an action at the first `steps` acts, which the phase "act" then counts, and later A. */
sg_node sg_random_start(const sg_env_spec *spec, sg_node A, int steps);

/* A and Gaussian noise, `deviation` times standard normal draws of A's shape (sg_policy_noise), cut
 * off at +- `limit` (INFINITY: nowhere), both in half widths of the box, whose bounds the sum may
 * leave (sg_box_clip). */
sg_node sg_box_noise(const sg_action_box *box, sg_node A, sg_node draws, double deviation,
                     double limit);

/* ---- actions chosen a step ahead ---- */

/* An action, the observation it was chosen for, and 1 while it waits to be taken: states
 * "chosen_action", "chosen_for" and "action_is_chosen", all 0 at first. It waits for that very
 * observation, and not beyond an episode's end; with `carry` for whatever comes next. */
typedef struct {
    sg_node action, S, waits;
    bool carry;
} sg_ahead;
/* For observations like S. */
sg_ahead sg_ahead_new(sg_node S, bool carry);
/* What waits for S, else `otherwise`; the phase "act" takes it, once. */
sg_node sg_ahead_take(const sg_ahead *chosen, sg_node S, sg_node otherwise);
/* Updates: A waits for S from now on. episode_end: sg_answer. */
sg_updates sg_ahead_choose(const sg_ahead *chosen, sg_node A, sg_node S, sg_node episode_end);

#endif
