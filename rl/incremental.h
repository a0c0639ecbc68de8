/* incremental.h - what AVG and the baselines of its paper (Vasan et al., NeurIPS 2024, arXiv
 * 2411.15370) share: their networks, two of their normalisations, and what they report. */
#ifndef SG_INCREMENTAL_H
#define SG_INCREMENTAL_H

#include "rl/algorithm.h"
#include "rl/answer.h"
#include "rl/policy.h"
#include "rl/statistics.h"

/* Lines of a settings table, for a config with `int hidden, critic_hidden` and `bool
 * normalize_features, scale_td_error`. */
#define SG_INCREMENTAL_SETTINGS(config)                                               \
    SG_INT(config, hidden, "256", 1, 4096, "units in each of the two hidden layers"), \
        SG_CRITIC_HIDDEN_SETTING(config),                                             \
        SG_SWITCH(config, normalize_features, "true",                                 \
                  "penultimate features divided by their norm"),                      \
        SG_SWITCH(config, scale_td_error, "true", "TD error divided by the spread of returns")

/* Two leaky ReLU layers of that width, whose last features are divided by their norm, or not. */
sg_mlp_config sg_incremental_mlp(int hidden, bool normalize_features);
/* delta / sigma, sigma being a constant to gradients; where `scaled` is off delta as it is. */
sg_node sg_scaled_td_error(sg_node delta, const sg_stat *sigma, bool scaled);
/* Reports of "learn": losses/actor, critic, td_error, log_prob and return_spread. */
void sg_report_losses(sg_node actor_loss, sg_node critic_loss, sg_node td_error, sg_node log_prob,
                      const sg_stat *sigma);

#endif
