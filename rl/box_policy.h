/* box_policy.h - policies whose actions fill the environment's bounds: those of DDPG, TD3 and SAC,
 * and when DDPG and TD3 learn. Hidden layers are ReLU, weights and biases start as PyTorch's do. */
#ifndef SG_BOX_POLICY_H
#define SG_BOX_POLICY_H

#include "rl/action_box.h"
#include "rl/algorithm.h"
#include "rl/network.h"

/* clang-format off */
/* The timetable of a config with `int policy_every`: the critics learn at each step, the actor and
 * the targets wait. */
#define SG_DELAYED_TIMETABLE(config) { \
    {"learn", SG_EACH_STEP, false}, \
    {"learn_actor", SG_MEMBER(config, policy_every, int), false}, \
    {"update_targets", SG_MEMBER(config, policy_every, int), false}, \
    {NULL, 0, false}}
/* clang-format on */

/* Two ReLU layers of that width. */
sg_mlp_config sg_relu_mlp(int hidden);

/* ---- deterministic: mu(S) = centre + half_width tanh(head "mu") ---- */
typedef struct {
    const char *name;
    sg_action_box box;
    sg_mlp trunk;
    sg_linear_layer mu;
    sg_nodes params;
} sg_deterministic_policy;

/* Parameters are called "<name>....". S is [..., obs_size], actions [..., action_size]. */
sg_deterministic_policy sg_deterministic_policy_new(sg_graph *g, const char *name,
                                                    const sg_env_spec *spec, sg_mlp_config config);
/* mu(S) */
sg_node sg_deterministic_action(const sg_deterministic_policy *pi, sg_node S);
/* An action of it with Gaussian noise of `deviation` half widths, within the box. Draws are
 * "<name>.noise". */
sg_node sg_deterministic_explore(const sg_deterministic_policy *pi, sg_node A, double deviation);

/* ---- squashed Gaussian: u ~ N(mu(S), sigma(S)^2), A = centre + half_width tanh(u) ---- */

/* What sigma is of the head "log_std". Smooth: log sigma = -5 + 3.5 (tanh(head) + 1), a map onto
 * [-5, 2], and the change of variables is log(half_width (1 - tanh(u)^2) + 1e-6), as CleanRL has
 * them. Clamped: sigma = exp(head / 2), the head in [-20, 2], and an exact change of variables, as
 * AVG's programs have them (sg_gaussian_policy). */
typedef enum { SG_LOG_STD_SMOOTH, SG_LOG_STD_CLAMPED } sg_log_std;
#define SG_LOG_STD_CHOICES "smooth|clamped"

typedef struct {
    sg_action_box box;
    sg_policy gaussian; /* trunk and heads */
    sg_log_std log_std;
} sg_box_policy;

/* One draw, reparameterised. log_prob is that of A in the box. */
typedef struct {
    sg_node noise, action;
    sg_node log_prob; /* [..., 1] */
} sg_box_draw;

sg_box_policy sg_box_policy_new(sg_graph *g, const char *name, const sg_env_spec *spec,
                                sg_mlp_config config, sg_log_std log_std);
/* Each call has draws of its own: "<name>.noise", "<name>.noise.2", ... */
sg_box_draw sg_box_policy_draw(const sg_box_policy *pi, sg_node S);
/* The action of mu(S). */
sg_node sg_box_policy_centre(const sg_box_policy *pi, sg_node S);

#endif
