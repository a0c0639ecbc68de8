/* optimizers.h - which optimiser updates which network: the settings, and what they mean together.
 *
 * A config struct with `sg_optimizer actor, critic` takes SG_OPTIMIZER_SETTINGS lines for each and
 * names them in its algorithm's `networks`. A user then writes
 *     --set critic_optimizer=adaptive_obgd --set critic_kappa=3
 * or, for all networks at once, --set optimizer=adaptive_obgd. An optimiser other than the
 * algorithm's own starts from its own published numbers; a setting that the optimiser does not read
 * is refused, and so is an optimiser that has nothing to learn from there.
 */
#ifndef SG_OPTIMIZERS_H
#define SG_OPTIMIZERS_H

#include "optim/optimizer.h"
#include "rl/settings.h"

/* A network of an algorithm. Tables of them end with {NULL}. */
typedef struct {
    const char *prefix; /* of its settings: "critic_" */
    size_t offset;      /* of its sg_optimizer in the config */
    sg_network_role role;
    const char *no_td; /* why no TD error teaches it; NULL: one does */
} sg_network_slot;

/* The table of a config with `sg_optimizer actor, critic`. */
#define SG_ACTOR_CRITIC(config, actor_no_td, critic_no_td)                                     \
    {                                                                                          \
        {"actor_", offsetof(config, actor), SG_POLICY, actor_no_td},                           \
            {"critic_", offsetof(config, critic), SG_VALUE, critic_no_td}, {NULL, 0, 0, NULL}, \
    }

/* The table of a config with `sg_optimizer critic` alone, whose settings have no prefix. */
#define SG_VALUE_ALONE(config)                                              \
    {                                                                       \
        {"", offsetof(config, critic), SG_VALUE, NULL}, {NULL, 0, 0, NULL}, \
    }

/* Lines of a settings table: the optimiser of `member`, its settings named with `prefix`, and what
 * the algorithm gives it from the start, whatever that optimiser's published numbers are. kappa is
 * read by obgd and adaptive_obgd. beta2 is 0.999 and eps 1e-8, as Adam's are. */
#define SG_OPTIMIZER_SETTINGS(config, member, prefix, optimizer_, lr_, beta1_, kappa_)      \
    SG_OPTIMIZER_SETTINGS_MOMENTS(config, member, prefix, optimizer_, lr_, beta1_, "0.999", \
                                  "1e-8", kappa_)
/* SG_OPTIMIZER_SETTINGS with a beta2 and an eps of the algorithm's own. */
#define SG_OPTIMIZER_SETTINGS_MOMENTS(config, member, prefix, optimizer_, lr_, beta1_, beta2_,    \
                                      eps_, kappa_)                                               \
    SG_OPTIMIZER_LINES(NULL, NULL, config, member, prefix, optimizer_, lr_, beta1_, beta2_, eps_, \
                       kappa_)
/* The lines of an intentional optimiser, in a table that has SG_INTENTIONAL_SETTINGS too. With
 * rmsprop=off it has no second moments: beta2 and eps are idle then. */
#define SG_INTENTIONAL_OPTIMIZER(config, member, prefix, eta_, kappa_)                           \
    SG_OPTIMIZER_LINES(NULL, prefix "optimizer=intentional,rmsprop=off", config, member, prefix, \
                       "intentional", eta_, "0", "0.999", "1e-8", kappa_)
/* What the three above are made of, also for something that is not always learned. The lines
 * are idle while other settings are as `idle` says (sg_settings_none_idle), and beta2 and eps while
 * others are as `moments_idle` says. Both may be NULL: never. */
/* clang-format off */
#define SG_OPTIMIZER_LINES(idle, moments_idle, config, member, prefix, optimizer_, lr_, beta1_, \
                           beta2_, eps_, kappa_) \
    SG_CHOICE_LINE(idle, prefix "optimizer", config, member.kind, optimizer_, \
        SG_OPTIMIZER_CHOICES, "what updates the " #member), \
    SG_REAL_LINE(idle, prefix "lr", config, member.lr, lr_, 0, 100, \
        "step size (intentional: eta, the intended share of the error)"), \
    SG_REAL_LINE(idle, prefix "beta1", config, member.beta1, beta1_, 0, 0.999999, \
        "decay of the first moment (adam, adamw) or of utilities (upgd), momentum (sgd)"), \
    SG_REAL_LINE(moments_idle, prefix "beta2", config, member.beta2, beta2_, 0, 0.999999999, \
        "decay of second moments (adamax: of maxima)"), \
    SG_REAL_LINE(moments_idle, prefix "eps", config, member.eps, eps_, 0, 1, \
        "keeps divisions by moments finite"), \
    SG_REAL_LINE(idle, prefix "l2", config, member.l2, "0", 0, 1, \
        "L2 regularisation (adam, sgd), decay of weights (adamw, upgd)"), \
    SG_REAL_LINE(idle, prefix "kappa", config, member.kappa, kappa_, 0, 1000, \
        "bound on overshooting (obgd, adaptive_obgd)"), \
    SG_REAL_LINE(idle, prefix "noise", config, member.noise, "0.05", 0, 10, \
        "deviation of the noise in gradients (upgd)")

/* Lines for an sg_intentional_config: what all intentional optimisers of an algorithm share, */
#define SG_INTENTIONAL_SETTINGS(config, member) \
    SG_REAL_LINE("adaptive_clip=off", "clip", config, member.clip, "20", 0, 1e6, \
        "C: delta is clipped to +- C times its running root mean square"), \
    SG_REAL_LINE("adaptive_clip=off", "beta_clip", config, member.beta_clip, "0.9998", 0, \
        0.999999999, "decay of the running mean of delta^2"), \
    SG_REAL_LINE("adaptive_clip=off or beta_clip=0", "clip_start", config, member.clip_start, "0", \
        0, 1e6, "start of the running mean of delta^2; the first published code has 1"), \
    SG_SWITCH_LINE(NULL, "adaptive_clip", config, member.adaptive_clip, "true", \
        "off: delta clipped to [-1, 1]"), \
    SG_SWITCH_LINE(NULL, "rmsprop", config, member.rmsprop, "true", \
        "gradients divided by their root mean squares"), \
    SG_SWITCH_LINE(NULL, "sigma", config, member.sigma, "true", \
        "step size from gradients and traces; off: from traces alone")
/* and what those of policies have besides. */
#define SG_INTENTIONAL_POLICY_SETTING(config, member) \
    SG_REAL_LINE(NULL, "beta_norm", config, member.beta_norm, "0.9998", 0, 0.999999999, \
        "decay of the running |delta| by which the policy's delta is divided")
/* clang-format on */

/* Misuse unless each choice of an optimiser in the settings has a slot, and each slot its choice: a
 * network that is not in the table would have the name of an optimiser and another's numbers. */
void sg_optimizers_require_slots(const char *algorithm, const sg_network_slot *networks,
                                 const sg_settings *settings);

/* Called with a config that has its defaults, preset and `sets`: gives optimisers other than
 * `algorithm_default`'s their published numbers where `sets` says nothing, and refuses what does
 * not fit. False with a line that says what and why. */
bool sg_optimizers_settle(const sg_network_slot *networks, const sg_settings *settings,
                          const void *algorithm_default, void *config, const char *const *sets,
                          int set_count, sg_error *error);

#endif
