/* test_off_policy.c - DDPG, TD3 and SAC against the recorded runs of CleanRL, in float64 to 1e-9.
 */
#include <criterion/criterion.h>

#include "tests/rl/cleanrl.h"

#define LAYERS(ours, recorded) \
    {ours ".phi.0", recorded ".fc1"}, { ours ".phi.2", recorded ".fc2" }
#define CRITIC(ours, recorded) \
    LAYERS(ours, recorded), { ours ".q", recorded ".fc3" }

#define COMMON_SETTINGS                                                                      \
    {"buffer", "hp/buffer_size"}, {"batch", "hp/batch_size"},                                \
        {"learning_starts", "hp/learning_starts"}, {"gamma", "hp/gamma"}, {"tau", "hp/tau"}, \
        {"policy_every", "hp/policy_frequency"}, {"actor_eps", "hp/adam_eps"},               \
        {"critic_eps", "hp/adam_eps"},                                                       \
    {                                                                                        \
        "hidden", "rows:param/init/actor.fc1.bias"                                           \
    }

/* Training's length is the number of recorded steps. */
static const char *const others[] = {"total_timesteps", NULL};

/* ---- DDPG ---- */

static cleanrl_name ddpg_parameters[] = {LAYERS("actor", "actor"),
                                         {"actor.mu", "actor.fc_mu"},
                                         CRITIC("critic", "qf1"),
                                         LAYERS("target.actor", "target_actor"),
                                         {"target.actor.mu", "target_actor.fc_mu"},
                                         CRITIC("target.critic", "qf1_target"),
                                         {NULL, NULL}};

static cleanrl_name ddpg_settings[] = {COMMON_SETTINGS,
                                       {"actor_lr", "hp/learning_rate"},
                                       {"critic_lr", "hp/learning_rate"},
                                       {"exploration_noise", "hp/exploration_noise"},
                                       {NULL, NULL}};

static const cleanrl_series ddpg_series[] = {
    {"losses/critic", "qf1_loss", "learn", false, NULL},
    {"losses/value", "qf1_a", "learn", false, NULL},
    {"losses/actor", "actor_loss", "learn_actor", false, NULL},
    {0}};

/* Without noise at its targets, whatever was recorded of it. */
static const char *const noiseless[] = {"total_timesteps", "policy_noise", "noise_clip", NULL};

static const cleanrl_case ddpg = {.algorithm = "ddpg",
                                  .kind = "cleanrl_ddpg",
                                  .others = noiseless,
                                  .parameters = ddpg_parameters,
                                  .settings = ddpg_settings,
                                  .series = ddpg_series,
                                  .act_noise = "actor.noise"};

Test(ddpg, follows_every_recorded_run_in_float64) { cleanrl_replay(&ddpg); }

/* ---- TD3 ---- */

static cleanrl_name td3_parameters[] = {LAYERS("actor", "actor"),
                                        {"actor.mu", "actor.fc_mu"},
                                        CRITIC("critic1", "qf1"),
                                        CRITIC("critic2", "qf2"),
                                        LAYERS("target.actor", "target_actor"),
                                        {"target.actor.mu", "target_actor.fc_mu"},
                                        CRITIC("target.critic1", "qf1_target"),
                                        CRITIC("target.critic2", "qf2_target"),
                                        {NULL, NULL}};

static cleanrl_name td3_settings[] = {COMMON_SETTINGS,
                                      {"actor_lr", "hp/learning_rate"},
                                      {"critic_lr", "hp/learning_rate"},
                                      {"exploration_noise", "hp/exploration_noise"},
                                      {"policy_noise", "hp/policy_noise"},
                                      {"noise_clip", "hp/noise_clip"},
                                      {"first_bounds", "on"},
                                      {NULL, NULL}};

static const cleanrl_noise td3_noise[] = {{"target.noise", "eps_next", "learn"}, {0}};

static const cleanrl_case td3 = {.algorithm = "td3",
                                 .kind = "cleanrl_td3",
                                 .others = others,
                                 .parameters = td3_parameters,
                                 .settings = td3_settings,
                                 .series = ddpg_series + 1,
                                 .noise = td3_noise,
                                 .act_noise = "actor.noise"};

Test(td3, follows_every_recorded_run_in_float64) { cleanrl_replay(&td3); }

/* ---- SAC ---- */

static cleanrl_name sac_parameters[] = {LAYERS("actor", "actor"),
                                        {"actor.mu", "actor.fc_mean"},
                                        {"actor.log_std", "actor.fc_logstd"},
                                        CRITIC("critic1", "qf1"),
                                        CRITIC("critic2", "qf2"),
                                        CRITIC("target.critic1", "qf1_target"),
                                        CRITIC("target.critic2", "qf2_target"),
                                        {"log_alpha", "log_alpha"},
                                        {NULL, NULL}};

static cleanrl_name sac_settings[] = {COMMON_SETTINGS,
                                      {"actor_lr", "hp/policy_lr"},
                                      {"critic_lr", "hp/q_lr"},
                                      {"alpha_lr", "hp/q_lr"},
                                      {"alpha_eps", "hp/adam_eps"},
                                      {"target_every", "hp/target_network_frequency"},
                                      {"alpha", "hp/alpha"},
                                      {"tune_alpha", "hp/autotune"},
                                      {NULL, NULL}};

static const cleanrl_series sac_series[] = {
    {"losses/critic", "qf_loss", "learn", false, NULL},
    {"losses/value", "qf1_a", "learn", false, NULL},
    {"losses/temperature", "alpha", "learn", false, NULL},
    {"losses/actor", "actor_loss", "learn_actor", true, NULL},
    {"losses/log_prob", "logp_pi", "learn_actor", true, NULL},
    {"losses/alpha", "alpha_loss", "learn_alpha", true, "hp/autotune"},
    {0}};

static const cleanrl_noise sac_noise[] = {{"actor.noise.2", "eps_next", "learn"},
                                          {"actor.noise.3", "eps_pi", "learn_actor"},
                                          {"actor.noise.4", "eps_alpha", "learn_alpha"},
                                          {0}};

static const cleanrl_case sac = {.algorithm = "sac",
                                 .kind = "cleanrl_sac",
                                 .others = others,
                                 .parameters = sac_parameters,
                                 .settings = sac_settings,
                                 .series = sac_series,
                                 .noise = sac_noise,
                                 .act_noise = "actor.noise"};

/* With a temperature that is learned and with a constant one. */
Test(sac, follows_every_recorded_run_in_float64) { cleanrl_replay(&sac); }
