/* optim.h - optimisers: parameters and gradients in, updates out.
 *
 * Each takes lists of the same length and returns assigns for the parameters and for its own
 * states, which are named after the parameter: "<parameter>.exp_avg". They are plain functions of
 * nodes: a new one needs nothing but ops and sg_state (docs/new-optimizer.md).
 */
#ifndef SG_OPTIM_H
#define SG_OPTIM_H

#include "autograd/ops.h"

/* Where a config has a `rate` [1], of any float type, every step's lr is multiplied by it: a
 * schedule. A node whose graph is NULL is a rate of 1. */

/* ---- SGD: g += weight_decay p;  b = momentum b + g;  p -= lr b ---- */
typedef struct {
    double lr, momentum, weight_decay;
    sg_node rate;
} sg_sgd_config;
/* lr 1e-2, no momentum, no decay. */
sg_sgd_config sg_sgd_config_default(void);
sg_updates sg_sgd(sg_nodes parameters, sg_nodes gradients, sg_sgd_config config);

/* ---- Adam (Kingma & Ba 2015, algorithm 1) and AdamW (Loshchilov & Hutter 2019) ----
 * p -= lr / (1 - beta1^k) m / (sqrt(v) / sqrt(1 - beta2^k) + eps), as torch.optim.Adam computes it.
 * weight_decay is added to the gradient (Adam) or, when decoupled, taken off the parameter (AdamW).
 * With beta1 = 0 no first moment is kept. */
typedef struct {
    double lr, beta1, beta2, eps, weight_decay;
    bool decoupled;
    sg_node rate;
} sg_adam_config;
/* lr 1e-3, beta1 0.9, beta2 0.999, eps 1e-8, no decay. */
sg_adam_config sg_adam_config_default(void);
sg_updates sg_adam(sg_nodes parameters, sg_nodes gradients, sg_adam_config config);
/* The same composed of plain ops: the oracle of the fused kernel. */
sg_updates sg_adam_plain(sg_nodes parameters, sg_nodes gradients, sg_adam_config config);

/* ---- ObGD: overshooting-bounded gradient descent with traces (Elsayed et al. 2024) ----
 * z = gamma lambda z + g;  M = lr kappa max(|delta|, 1) ||z||_1 over all the parameters;
 * w += lr / max(1, M) delta z. The gradients are of the objective that rises (v, q, log pi); delta
 * is the TD error [1]; reset [1] is 1 where traces are cleared after the update (an episode's end).
 */
typedef struct {
    double lr, gamma, lambda, kappa;
} sg_obgd_config;
/* lr 1, gamma 0.99, lambda 0.8, kappa 2 (values; policies take 3). */
sg_obgd_config sg_obgd_config_default(void);
sg_updates sg_obgd(sg_nodes parameters, sg_nodes gradients, sg_node delta, sg_node reset,
                   sg_obgd_config config);

/* ---- AdaptiveObGD: the same, scaled weight by weight ----
 * v = beta2 v + (1 - beta2) (delta z)^2, corrected for its start;  r = z / sqrt(v + eps);
 * M = lr kappa max(|delta|, 1) ||r||_1;  w += lr / max(1, M) delta r. A reset clears z only. */
typedef struct {
    double lr, gamma, lambda, kappa, beta2, eps;
} sg_adaptive_obgd_config;
/* As ObGD; beta2 0.999, eps 1e-8. */
sg_adaptive_obgd_config sg_adaptive_obgd_config_default(void);
sg_updates sg_adaptive_obgd(sg_nodes parameters, sg_nodes gradients, sg_node delta, sg_node reset,
                            sg_adaptive_obgd_config config);

/* ---- AdaMax without first moment: v = max(beta2 v, |g|);  p -= lr g / (v + eps) ----
 * No weight moves by more than lr. With g = -delta z it is the per-coordinate rule of Stream-X as
 * of September 2026 (arXiv 2410.14606, third version), which keeps v where z is cleared. */
typedef struct {
    double lr, beta2, eps;
    sg_node rate;
} sg_adamax_config;
/* lr 2e-4 (values; policies take 1e-4), beta2 0.99995, eps 1e-8: those of Stream-X. */
sg_adamax_config sg_adamax_config_default(void);
sg_updates sg_adamax(sg_nodes parameters, sg_nodes gradients, sg_adamax_config config);

/* ---- UPGD: utility-based perturbed gradient descent (Elsayed & Mahmood, ICLR 2024) ----
 * First order. U = beta U + (1 - beta)(-g p), u: the same, corrected for its start;
 * s = sigmoid(u / max U) over all the parameters, or local: sigmoid(u / ||u||) within the last
 * dimension;  p -= lr ((g + n)(1 - s) + weight_decay p), n being sigma times standard normal draws
 * "<parameter>.noise"; not protecting: g + n (1 - s). As in the published code max U is that of U
 * before its correction. Where no U is positive it is undefined there; here it is the limit of a
 * maximum that falls to 0: s is 0 where u < 0, and 1/2 where u is 0. */
typedef struct {
    double lr, beta, sigma, weight_decay;
    bool local, protecting;
    sg_node rate;
} sg_upgd_config;
/* lr 1e-2, beta 0.99, sigma 0.05, weight_decay 1e-3, over all parameters, protecting. */
sg_upgd_config sg_upgd_config_default(void);
sg_updates sg_upgd(sg_nodes parameters, sg_nodes gradients, sg_upgd_config config);

/* ---- intentional updates (Sharifnassab et al., ICML 2026) ----
 * The output changes by about eta times the error. v = running mean of g^2 (beta2), corrected;
 * rho = 1 / (sqrt(v) + eps);  z = gamma lambda z + g;  sigma = running mean of sum g^2 rho (gamma
 * lambda), corrected (where gamma lambda is 1: the mean of all so far);
 * alpha = eta / max(sqrt(sigma sum z^2 rho), 1e-8);  w += alpha d rho z, where d is delta clipped
 * to `clip` roots of the running mean of delta^2 (beta_clip), and for policies divided by the
 * running mean of its size (beta_norm). A reset clears z only. Gradients, delta and reset are as
 * for ObGD. The switches are the paper's ablations: without rmsprop rho is 1, without sigma alpha
 * is eta / max(sum z^2 rho, 1e-8), without adaptive_clip delta is clipped to +-1. */
typedef struct {
    double eta, gamma, lambda, beta2, eps, clip, beta_clip, beta_norm;
    double clip_start; /* of the mean of delta^2: 0; the first published code had 1, by mistake */
    bool normalize_delta, rmsprop, sigma, adaptive_clip;
} sg_intentional_config;
/* eta 0.5 or 0.05, gamma 0.99, lambda 0.8, beta2 0.999, eps 1e-8, clip 20, both others 0.9998. */
sg_intentional_config sg_intentional_value_config(void);
sg_intentional_config sg_intentional_policy_config(void); /* normalize_delta is on */
sg_updates sg_intentional(sg_nodes parameters, sg_nodes gradients, sg_node delta, sg_node reset,
                          sg_intentional_config config);

/* ---- clipping by the global norm (Pascanu et al. 2013), as torch.nn.utils.clip_grad_norm_ ---- */
/* The L2 norm of all elements of all nodes together, [1]. */
sg_node sg_global_norm(sg_nodes list);
/* The gradients times min(1, max_norm / (norm + 1e-6)); norm is their sg_global_norm. */
sg_nodes sg_clip_to_norm(sg_nodes gradients, sg_node norm, double max_norm);
/* The gradients of a loss [1], clipped, and their norm before that. */
typedef struct {
    sg_nodes gradients;
    sg_node norm;
} sg_clipped;
sg_clipped sg_clipped_grad(sg_node loss, sg_nodes parameters, double max_norm);

/* ---- shared by optimisers ---- */
/* The node times the rate, which is cast to its type; the node itself without a rate. */
sg_node sg_at_rate(sg_node x, sg_node rate);
/* Misuse unless the lists fit each other and are not empty. */
void sg_require_gradients(const char *optimizer, sg_nodes parameters, sg_nodes gradients);
/* A state "<parameter>.<suffix>" of the parameter's shape and type, starting at 0. */
sg_node sg_state_of(sg_node parameter, const char *suffix);
/* One for each, in their order. */
sg_nodes sg_states_of(sg_nodes parameters, const char *suffix);
/* A counter that is 1 in the first step, 2 in the second, ...: float64, named after the first
 * parameter; *updates is joined with its assign. */
sg_node sg_step_count(sg_nodes parameters, sg_updates *updates);
/* A float64 number "<first parameter>.<suffix>" of the whole list. */
sg_node sg_number_state(sg_nodes parameters, const char *suffix, double initial);
/* 1 / (1 - beta^t), float64: corrects a running mean for its start at 0. t counts from 1. */
sg_node sg_bias_correction(sg_node t, double beta);
/* Eligibility traces "<parameter>.trace": z = decay z + g for each, cleared after the update where
 * reset [1] is 1; *updates is joined with their assigns. With decay 0 they are the gradients. */
sg_nodes sg_traces(sg_nodes parameters, sg_nodes gradients, double decay, sg_node reset,
                   sg_updates *updates);
/* The sum of the absolute values of all elements, [1]; of traces it costs nothing. */
sg_node sg_l1_norm(sg_nodes list);
/* Traces divided by root mean squares, with what is summed up on the way, each [1]. */
typedef struct {
    sg_nodes nodes;                  /* z rho, a node for each parameter */
    sg_node g2_rho, z2_rho, abs_sum; /* the sums of g^2 rho, z^2 rho and |z| rho over all */
} sg_directions;
/* With v = running mean of g^2 (a state "<parameter>.exp_avg_sq" for each) and its correction [1],
 * rho = 1 / (sqrt(correction v + eps_inside) + eps). `correction` of the numbers is not read. */
sg_directions sg_rms_directions(sg_nodes parameters, sg_nodes z, sg_nodes g, sg_node correction,
                                sg_rms_numbers numbers, sg_updates *updates);
/* lr / max(1, lr kappa max(|delta|, 1) norm), [1]: a step of that size times delta along what has
 * this L1 norm overshoots by no more than 1 / kappa (Elsayed et al. 2024, algorithm 3). */
sg_node sg_bounded_step(sg_node delta, sg_node norm, double lr, double kappa);
/* The list with one node more; the first makes the list. */
sg_nodes sg_nodes_append(sg_nodes list, sg_node node);
/* The sum of all elements of all nodes, [1]. */
sg_node sg_total(sg_nodes list);
/* The sum of the squares of all of them, [1]. */
sg_node sg_sum_of_squares(sg_nodes list);
/* Lists of gradients as one vector: each node times a number [1]; the sums of two lists; their
 * inner product, [1]. */
sg_nodes sg_scale_all(sg_nodes list, sg_node number);
sg_nodes sg_add_all(sg_nodes a, sg_nodes b);
sg_node sg_dot_all(sg_nodes a, sg_nodes b);
/* p += scale x for each; scale is [1]. */
sg_updates sg_add_scaled_all(sg_nodes parameters, sg_nodes x, sg_node scale);

#endif
