/* optim.h - optimisers: parameters and gradients in, updates out.
 *
 * Each takes lists of the same length and returns assigns for the parameters and for its own
 * states, which are named after the parameter: "<parameter>.exp_avg". They are plain functions of
 * nodes: a new one needs nothing but ops and sg_state (docs/new-optimizer.md).
 */
#ifndef SG_OPTIM_H
#define SG_OPTIM_H

#include "autograd/graph.h"

/* ---- SGD: g += weight_decay p;  b = momentum b + g;  p -= lr b ---- */
typedef struct {
    double lr, momentum, weight_decay;
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
} sg_adam_config;
/* lr 1e-3, beta1 0.9, beta2 0.999, eps 1e-8, no decay. */
sg_adam_config sg_adam_config_default(void);
sg_updates sg_adam(sg_nodes parameters, sg_nodes gradients, sg_adam_config config);
/* The same composed of plain ops: the oracle of the fused kernel. */
sg_updates sg_adam_plain(sg_nodes parameters, sg_nodes gradients, sg_adam_config config);

/* ---- ObGD: overshooting-bounded gradient descent with traces (Elsayed et al. 2024) ----
 * z = gamma lambda z + g;  M = lr kappa max(|delta|, 1) ||z||_1 over all the parameters;
 * w += lr / max(1, M) delta z. The gradients are of the objective that rises (v, q, log pi); delta is
 * the TD error [1]; reset [1] is 1 where traces are cleared after the update (an episode's end). */
typedef struct {
    double lr, gamma, lambda, kappa;
} sg_obgd_config;
/* lr 1, gamma 0.99, lambda 0.8, kappa 2 (values; policies take 3). */
sg_obgd_config sg_obgd_config_default(void);
sg_updates sg_obgd(sg_nodes parameters, sg_nodes gradients, sg_node delta, sg_node reset,
                   sg_obgd_config config);

/* ---- shared by optimisers ---- */
/* Misuse unless the lists fit each other. */
void sg_require_gradients(const char *optimizer, sg_nodes parameters, sg_nodes gradients);
/* A state "<parameter>.<suffix>" of the parameter's shape and type, starting at 0. */
sg_node sg_state_of(sg_node parameter, const char *suffix);
/* A counter that is 1 in the first step, 2 in the second, ...: float64, named after the first
 * parameter; *updates gets its assign. */
sg_node sg_step_count(sg_nodes parameters, sg_updates *updates);

#endif
