/* test_dqn.c - DQN against the recorded runs of CleanRL, in float64 to 1e-9. */
#include <criterion/criterion.h>

#include "tests/rl/cleanrl.h"

static cleanrl_name parameters[] = {{"q.phi.0", "q_network.network.0"},
                                    {"q.phi.2", "q_network.network.2"},
                                    {"q.q", "q_network.network.4"},
                                    {"target.q.phi.0", "target_network.network.0"},
                                    {"target.q.phi.2", "target_network.network.2"},
                                    {"target.q.q", "target_network.network.4"},
                                    {NULL, NULL}};

static cleanrl_name settings[] = {{"lr", "hp/learning_rate"},
                                  {"eps", "hp/adam_eps"},
                                  {"buffer", "hp/buffer_size"},
                                  {"batch", "hp/batch_size"},
                                  {"learning_starts", "hp/learning_starts"},
                                  {"gamma", "hp/gamma"},
                                  {"tau", "hp/tau"},
                                  {"epsilon_start", "hp/start_e"},
                                  {"epsilon_end", "hp/end_e"},
                                  {"epsilon_steps", "exploration"},
                                  {"train_every", "hp/train_frequency"},
                                  {"target_every", "hp/target_network_frequency"},
                                  {"hidden_1", "rows:param/init/q_network.network.0.bias"},
                                  {"hidden_2", "rows:param/init/q_network.network.2.bias"},
                                  {NULL, NULL}};

static const cleanrl_series series[] = {{"losses/q", "loss", "learn", false, NULL},
                                        {"losses/value", "old_val", "learn", false, NULL},
                                        {0}};

static const char *const others[] = {NULL};

static const cleanrl_case dqn = {.algorithm = "dqn",
                                 .kind = "cleanrl_dqn",
                                 .parameters = parameters,
                                 .settings = settings,
                                 .series = series,
                                 .others = others};

Test(dqn, follows_every_recorded_run_in_float64) { cleanrl_replay(&dqn); }
