/* temperature.h - alpha, the weight of the entropy in soft methods: a number, or learned so that
 * the entropy keeps near a target (Haarnoja et al. 2018, arXiv 1812.05905, section 5). */
#ifndef SG_TEMPERATURE_H
#define SG_TEMPERATURE_H

#include "envs/env.h"
#include "optim/optimizer.h"
#include "rl/optimizers.h"

/* A member `sg_temperature_config temperature` of an algorithm's config, beside the optimiser of
 * log alpha, `sg_optimizer alpha`. */
typedef struct {
    bool tune;
    double alpha, start;   /* where it is fixed; where a learned one starts */
    double target_entropy; /* for each dimension of the action */
} sg_temperature_config;

/* Its settings, with an algorithm's start, lr and beta1 (of Adam). */
/* clang-format off */
#define SG_TEMPERATURE_SETTINGS(config, start_, lr_, beta1_) \
    SG_OPTIMIZER_LINES("tune_alpha=off", "tune_alpha=off", config, alpha, "alpha_", "adam", lr_, \
                       beta1_, "0.999", "1e-8", "2"), \
    SG_SWITCH_LINE(NULL, "tune_alpha", config, temperature.tune, "true", \
        "alpha is learned; off: it is a number"), \
    SG_REAL_LINE("tune_alpha=on", "alpha", config, temperature.alpha, "0.2", 0, 100, \
        "weight of the entropy where it is not learned"), \
    SG_REAL_LINE("tune_alpha=off", "alpha_start", config, temperature.start, start_, 1e-9, 100, \
        "where a learned alpha starts"), \
    SG_REAL_LINE("tune_alpha=off", "target_entropy", config, temperature.target_entropy, "-1", \
        -100, 100, "entropy that a learned alpha aims at, for each dimension of the action")
/* clang-format on */

/* The networks of a config with `sg_optimizer actor, critic, alpha`. */
#define SG_SOFT_ACTOR_CRITIC(config, actor_no_td, critic_no_td)                      \
    {                                                                                \
        {"actor_", offsetof(config, actor), SG_POLICY, actor_no_td},                 \
            {"critic_", offsetof(config, critic), SG_VALUE, critic_no_td},           \
            {"alpha_", offsetof(config, alpha), SG_VALUE, "a temperature has none"}, \
            {NULL, 0, 0, NULL},                                                      \
    }

typedef struct {
    sg_node log_alpha; /* parameter "log_alpha" [1]; graph NULL: alpha is fixed */
    sg_node alpha;     /* [1], a constant to gradients */
    sg_nodes params;   /* log_alpha, or none */
    double target;     /* entropy aimed at */
} sg_temperature;

sg_temperature sg_temperature_new(sg_graph *g, const sg_env_spec *spec,
                                  const sg_temperature_config *config);
/* One step of a learned one, in `phase`, which is alone: by log_prob [..., 1] of the policy's draws
 * down -alpha (mean log_prob + target), which falls with alpha where there is more entropy than the
 * target. Reports losses/alpha. Misuse of a fixed one. */
void sg_temperature_learn(const sg_temperature *t, const char *phase, const sg_optimizer *optimizer,
                          sg_node log_prob);

#endif
