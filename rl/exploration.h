/* exploration.h - epsilon-greedy choices among discrete actions. */
#ifndef SG_EXPLORATION_H
#define SG_EXPLORATION_H

#include "autograd/ops.h"
#include "envs/env.h"
#include "rl/settings.h"

/* The share of random actions: from `start` linearly to `end` over so many choices, then `end`. */
typedef struct {
    double start, end, choices;
} sg_epsilon_schedule;

/* Settings of a schedule in a config: epsilon_start, epsilon_end, epsilon_choices. */
#define SG_EPSILON_SETTING(config, member, field, initial, low, high, help)                     \
    {                                                                                           \
        "epsilon_" #field, SG_SETTING_REAL, offsetof(config, member.field), initial, low, high, \
            NULL, help                                                                          \
    }
#define SG_EPSILON_SETTINGS(config, member)                                                   \
    SG_EPSILON_SETTING(config, member, start, "1", 0, 1, "share of random actions at first"), \
        SG_EPSILON_SETTING(config, member, end, "0.01", 0, 1, "and in the end"),              \
        SG_EPSILON_SETTING(config, member, choices, "25000", 1, 1e12,                         \
                           "steps from the first to the last (published: 5 % of a run)")

/* A state, float64 [1], that counts choices; the first is number 1. *updates is joined with its
 * assign. Returns the number of this step's choice. */
sg_node sg_choice_count(sg_graph *g, sg_updates *updates);
/* epsilon of choice number t (float64), in the graph's type. */
sg_node sg_epsilon_at(sg_node t, sg_epsilon_schedule schedule);

/* What was chosen; all [1]. */
typedef struct {
    sg_node action;
    sg_node greedy;      /* the first of the best actions */
    sg_node exploratory; /* 1 where action is not the greedy one: a random action may be */
} sg_choice;

/* An action drawn with equal chances: an index, or a vector within the bounds (a standard normal
 * number where there is none). Draws are "random_action". */
sg_node sg_random_action(sg_graph *g, const sg_env_spec *spec);

/* With probability epsilon any action with equal chances, else the greedy one, of values q [n].
 * Draws are "<name>.explore" and "<name>.random". */
sg_choice sg_epsilon_greedy(const char *name, sg_node q, sg_node epsilon);

#endif
