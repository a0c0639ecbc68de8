/* stream.h - what the streaming algorithms share: settings, presets, networks, the actor's
 * objective. Stream-X (Elsayed, Vasan & Mahmood 2024), its classic forms, and Intentional updates
 * on the same networks and traces. */
#ifndef SG_STREAM_H
#define SG_STREAM_H

#include "rl/algorithm.h"
#include "rl/answer.h"
#include "rl/exploration.h"
#include "rl/overshoot.h"
#include "rl/policy.h"

/* Lines of a settings table, for a config with `double gamma, lambda`, `sg_sparsity sparsity`,
 * `int hidden, time_limits` and `bool overshoot`. */
#define SG_STREAM_SETTINGS(config, time_limits_)                                                 \
    SG_REAL(config, gamma, "0.99", 0, 1, "discount factor"),                                     \
        SG_REAL_IDLE("gamma=0", config, lambda, "0.8", 0, 1, "decay of the eligibility traces"), \
        SG_SPARSITY_SETTINGS(config, sparsity),                                                  \
        SG_INT(config, hidden, "128", 0, 4096, "units in each hidden layer; 0: linear"),         \
        SG_TIME_LIMITS_SETTING(config, time_limits_), SG_OVERSHOOT_SETTING(config)

/* The weight of the entropy bonus, `double entropy`. */
#define SG_STREAM_ENTROPY(config) \
    SG_REAL(config, entropy, "0.01", 0, 100, "weight of the entropy bonus, tau")

/* epsilon-greedy, `sg_epsilon_schedule epsilon`: from 1 to 0.01 over 5 % of 500,000 steps. */
#define SG_STREAM_EPSILON(config)                         \
    SG_EPSILON_SETTINGS(config, epsilon, "0.01", "25000", \
                        "steps from the first to the last (published: 5 % of a run)")
/* In MinAtar over 20 % of 5,000,000. */
#define SG_MINATAR_EPSILON "epsilon_steps=1000000"

/* clang-format off */
/* Classic control as published: smaller networks. */
#define SG_CLASSIC_CONTROL_PRESETS SG_CLASSIC_CONTROL_PRESETS_WITH("")
/* The same with more settings, each after a comma. */
#define SG_CLASSIC_CONTROL_PRESETS_WITH(settings) \
    {"CartPole-v*", "hidden=32" settings}, {"Acrobot-v*", "hidden=32" settings}, \
    {"MountainCar-v*", "hidden=32" settings}
/* Images have no room for a time, and MinAtar's games have no time limit. */
#define SG_WITHOUT_TIME "time_feature=off"

/* Presets of Stream Q and SARSA, and of their classic forms, which differ by `settings` alone. */
#define SG_STREAM_Q_PRESETS { \
    SG_CLASSIC_CONTROL_PRESETS, \
    {"MinAtar/*", SG_WITHOUT_TIME "," SG_MINATAR_EPSILON}, \
    {NULL, NULL}}
#define SG_CLASSIC_Q_PRESETS(settings) { \
    {"MinAtar/*", settings "," SG_WITHOUT_TIME "," SG_MINATAR_EPSILON}, \
    {"*", settings}, \
    {NULL, NULL}}
/* clang-format on */

/* ---- networks, on sg_stream_mlp with sg_spread_zeros ---- */

/* q(S, .) "critic". */
sg_value sg_stream_q_network(sg_graph *g, const sg_env_spec *spec, int hidden,
                             sg_sparsity sparsity);
/* v(S) "critic". */
sg_value sg_stream_v_network(sg_graph *g, const sg_env_spec *spec, int hidden,
                             sg_sparsity sparsity);
/* pi(.|S) "actor" beside v(S) "critic". */
typedef struct {
    sg_policy pi;
    sg_value v;
} sg_stream_actor_critic;
sg_stream_actor_critic sg_stream_networks(sg_graph *g, const sg_env_spec *spec, int hidden,
                                          sg_sparsity sparsity);

/* ---- learning ---- */

/* log pi(A|S) + tau sign(delta) H, [1], named "actor objective": the traces of the actor follow it,
 * and times delta the bonus is tau |delta| H. delta is a constant to gradients. */
sg_node sg_stream_objective(const sg_sample *A, sg_node delta, double tau);
/* Reports of "learn": losses/td_error and losses/value. */
void sg_report_prediction(sg_node delta, sg_node value);

#endif
