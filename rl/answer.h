/* answer.h - what the environment answers to an action, as inputs of a graph: what an episode's end
 * does to targets and traces, and the one-step targets that TD methods learn. */
#ifndef SG_ANSWER_H
#define SG_ANSWER_H

#include "autograd/graph.h"
#include "envs/env.h"
#include "rl/settings.h"

/* ---- the answer ---- */

/* Flags are 1 or 0. */
typedef struct {
    sg_node R;           /* "reward" [1] */
    sg_node S_next;      /* "next_obs" [obs_size]; at an episode's end its last one */
    sg_node terminated;  /* "terminated" [1]: nothing follows; not set by truncation */
    sg_node episode_end; /* "episode_end" [1]: terminated, or cut off by a time limit */
} sg_answer;
sg_answer sg_answer_inputs(sg_graph *g, const sg_env_spec *spec);

/* ---- time limits ---- */

/* bootstrap  targets go on through a time limit, which is not the task's end; traces end with the
 *            episode
 * end        a time limit is taken for the task's own end (Stream-X of 2024, whose time feature
 *            makes up for it)
 * carry      bootstrapped through, and the traces live on into the next episode (the first
 *            published Intentional AC) */
typedef enum { SG_TIME_LIMITS_BOOTSTRAP, SG_TIME_LIMITS_END, SG_TIME_LIMITS_CARRY } sg_time_limits;

/* A choice of an algorithm's settings: `int time_limits` in its config. */
#define SG_TIME_LIMITS_SETTING(config, initial)                                    \
    SG_CHOICE_IDLE("gamma=0", config, time_limits, initial, "bootstrap|end|carry", \
                   "targets go on through them, stop there, or traces go on too")

/* Which of an episode's two ends counts; both [1], 1 or 0. */
typedef struct {
    sg_node final; /* nothing follows: no bootstrapping */
    sg_node cut;   /* traces end after this step */
} sg_ending;
sg_ending sg_ending_of(const sg_answer *answer, int time_limits);

/* ---- targets, for one transition or a batch, [..., 1] ---- */

/* gamma, and 0 where nothing follows. */
sg_node sg_discount(sg_node final, double gamma);
/* R + discount v(S'), a constant to gradients. */
sg_node sg_td_target(sg_node R, sg_node discount, sg_node v_next);
/* delta = R + discount v(S') - v(S), a constant to gradients, named "delta". */
sg_node sg_td_error(sg_node R, sg_node discount, sg_node v_next, sg_node v_now);

#endif
