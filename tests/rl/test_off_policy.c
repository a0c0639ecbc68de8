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

static const cleanrl_series ddpg_series[] = {{"losses/critic", "qf1_loss", "learn", false},
                                             {"losses/value", "qf1_a", "learn", false},
                                             {"losses/actor", "actor_loss", "learn_actor", false},
                                             {0}};

static const cleanrl_case ddpg = {.algorithm = "ddpg",
                                  .parameters = ddpg_parameters,
                                  .settings = ddpg_settings,
                                  .series = ddpg_series,
                                  .act_noise = "actor.noise"};

Test(ddpg, follows_every_recorded_run_in_float64)
{
    cleanrl_replay(&ddpg, "cleanrl_ddpg");
    cleanrl_replay(&ddpg, "cleanrl_ddpg_n1");
}

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
                                 .parameters = td3_parameters,
                                 .settings = td3_settings,
                                 .series = ddpg_series + 1,
                                 .noise = td3_noise,
                                 .act_noise = "actor.noise"};

Test(td3, follows_every_recorded_run_in_float64)
{
    cleanrl_replay(&td3, "cleanrl_td3");
    cleanrl_replay(&td3, "cleanrl_td3_n1");
}

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

static const cleanrl_series sac_series[] = {{"losses/critic", "qf_loss", "learn", false},
                                            {"losses/value", "qf1_a", "learn", false},
                                            {"losses/temperature", "alpha", "learn", false},
                                            {"losses/actor", "actor_loss", "learn_actor", true},
                                            {"losses/log_prob", "logp_pi", "learn_actor", true},
                                            {"losses/alpha", "alpha_loss", "learn_alpha", true},
                                            {0}};

static const cleanrl_noise sac_noise[] = {{"actor.noise.2", "eps_next", "learn"},
                                          {"actor.noise.3", "eps_pi", "learn_actor"},
                                          {"actor.noise.4", "eps_alpha", "learn_alpha"},
                                          {0}};

static const cleanrl_case sac = {.algorithm = "sac",
                                 .parameters = sac_parameters,
                                 .settings = sac_settings,
                                 .series = sac_series,
                                 .noise = sac_noise,
                                 .act_noise = "actor.noise"};

Test(sac, follows_every_recorded_run_in_float64)
{
    cleanrl_replay(&sac, "cleanrl_sac_auto");
    cleanrl_replay(&sac, "cleanrl_sac_freq");
    cleanrl_replay(&sac, "cleanrl_sac_n1");
}

/* Without the phase that learns alpha. */
Test(sac, follows_the_recorded_run_with_a_constant_temperature)
{
    cleanrl_case fixed = sac;
    cleanrl_series series[sizeof sac_series / sizeof *sac_series];
    for (size_t i = 0; i < sizeof series / sizeof *series; i++)
        series[i] = sac_series[i];
    series[5] = (cleanrl_series){0};
    fixed.series = series;
    cleanrl_replay(&fixed, "cleanrl_sac_fixed");
}
