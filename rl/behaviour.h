/* behaviour.h - actions taken to explore, as nodes of the phase "act".
 *
 * Steps are counted in the graph (state "steps", float64): the count is that of the acts before, so
 * it is 0 at the first.
 */
#ifndef SG_BEHAVIOUR_H
#define SG_BEHAVIOUR_H

#include "rl/action_box.h"

/* A and Gaussian noise of `deviation` half widths, cut off at the bounds. Draws: `name`. */
sg_node sg_box_noise(const sg_action_box *box, sg_node A, const char *name, double deviation);

/* What is done instead of A: it changes the count, which "act" has to update. */
typedef struct {
    sg_node action;
    sg_node explored; /* [1]: 1 where the action is not A, else 0 */
    sg_updates updates;
} sg_explored;
/* Uniform over the box at the first `steps` steps, then A [action_size]. Draws: "explore.action"
 * on [0, 1). */
sg_explored sg_random_start(const sg_action_box *box, sg_node A, int steps);

/* Epsilon falls in a straight line from `start` at step 0 to `end` at step `steps`, and stays. */
typedef struct {
    double start, end, steps;
} sg_epsilon_line;
/* With probability epsilon, any of n actions, each as likely; otherwise `greedy` [1], an index.
 * Draws: "explore.coin" [1], and "explore.action" [n], whose largest is the random action.
 * *epsilon, if wanted, is this step's. */
sg_explored sg_random_sometimes(sg_node greedy, int n, sg_epsilon_line line, sg_node *epsilon);

#endif
