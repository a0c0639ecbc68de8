/* cleanrl.h - drives an agent with a replay through a recorded run of CleanRL: the agent stores,
 * draws (the recorded slots), and runs its phases by itself; noise and environment are the recorded
 * ones. Compared at every step: the action, and the sums and norms of all parameters, targets
 * included; at every update what the recording has under a report's name. */
#ifndef CLEANRL_H
#define CLEANRL_H

#include "rl/agent.h"
#include "tests/golden.h"

/* {ours, recorded}: {"actor.phi.0", "actor.fc1"}; the list ends with {NULL, NULL}. */
typedef const char *const cleanrl_name[2];

/* Something recorded once an update: {"losses/critic", "qf_loss", "learn"}; if repeated, with a
 * second axis for the repetition. `only_if` names a recorded switch without which there is no such
 * phase, or is NULL. */
typedef struct {
    const char *report, *recorded, *phase;
    bool repeated;
    const char *only_if;
} cleanrl_series;

/* Noise set before a phase: {"actor.noise.2", "eps_next", "learn"}. */
typedef struct {
    const char *node, *recorded, *phase;
} cleanrl_noise;

typedef struct {
    const char *algorithm, *kind; /* kind: of golden_recording */
    cleanrl_name *parameters;
    cleanrl_name *settings;       /* {"actor_lr", "hp/policy_lr"} */
    const cleanrl_series *series; /* ends with NULL */
    const cleanrl_noise *noise;   /* ends with NULL; may be NULL */
    const char *act_noise;        /* the node of "roll/eps_act", NULL: discrete actions */
    const char *const *others;    /* recorded settings that say nothing to it; ends with NULL */
} cleanrl_case;

/* Replays every recording of the kind. Fails the test unless everything agrees to 1e-9 of the
 * largest value of its series. */
void cleanrl_replay(const cleanrl_case *c);

#endif
