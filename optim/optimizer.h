/* optimizer.h - optimisers by name, so that any network of any algorithm takes any that suits it.
 *
 * An algorithm says what there is to learn from (sg_lesson): a loss to descend, or an output that a
 * TD error teaches, or both. An optimiser takes what it needs of it, z being the eligibility traces
 * of the output's gradient:
 *
 *   gradient methods  sgd, adam, adamw, adamax, upgd: descend the loss; where there is none, or
 *                     with traces (decay > 0), they follow -delta z. They also take gradients that
 *                     are at hand already (clipped ones), and a schedule (rate)
 *   TD methods        obgd, adaptive_obgd, intentional: need output, delta and reset, since they
 *                     choose the step's size by what it does to delta
 */
#ifndef SG_OPTIMIZER_H
#define SG_OPTIMIZER_H

#include "optim/optim.h"

/* In the order of the words in SG_OPTIMIZER_CHOICES. */
typedef enum {
    SG_OPTIMIZER_SGD,
    SG_OPTIMIZER_ADAM,
    SG_OPTIMIZER_ADAMW,
    SG_OPTIMIZER_ADAMAX,
    SG_OPTIMIZER_UPGD,
    SG_OPTIMIZER_OBGD,
    SG_OPTIMIZER_ADAPTIVE_OBGD,
    SG_OPTIMIZER_INTENTIONAL,
    SG_OPTIMIZER_COUNT
} sg_optimizer_kind;
#define SG_OPTIMIZER_CHOICES "sgd|adam|adamw|adamax|upgd|obgd|adaptive_obgd|intentional"

/* What a network is: published numbers differ by it, and so does one rule (intentional). */
typedef enum { SG_POLICY, SG_VALUE } sg_network_role;

/* An optimiser with its numbers; it reads those named in `uses` of its description. */
typedef struct {
    int kind;  /* sg_optimizer_kind */
    double lr; /* step size; of intentional: eta */
    double beta1, beta2, eps, l2, kappa, noise;
    const sg_intentional_config *intentional; /* its further numbers; NULL: as published */
} sg_optimizer;

/* The optimiser with further numbers, which must outlive it. */
sg_optimizer sg_optimizer_with(sg_optimizer optimizer, const sg_intentional_config *intentional);

/* A TD error [1], and the traces along which it teaches: they decay by `decay` (gamma lambda) a
 * step and end after the update where reset [1] is 1. */
typedef struct {
    sg_node delta, reset;
    double decay;
} sg_td;

/* What one step has to teach a network. A node whose graph is NULL is absent. */
typedef struct {
    sg_network_role role;
    sg_node loss;       /* [1], is to fall */
    sg_nodes gradients; /* of the loss, in its place; for gradient methods */
    sg_node rate;       /* [1], multiplies lr; absent: 1; for gradient methods */
    sg_node output;     /* [1], is to rise where delta is positive: v, q, log pi */
    sg_td td;
} sg_lesson;

typedef struct {
    const char *name, *summary;
    /* for a policy and for a value */
    const char *uses[2];    /* "lr,beta1": names of the settings it reads */
    const char *initial[2]; /* published values: "lr=1,kappa=3" */
    bool needs_td;          /* a TD method */
} sg_optimizer_info;
const sg_optimizer_info *sg_optimizer_get(int kind);

/* The updates of `parameters` that the lesson asks for. Misuse if the optimiser needs a TD error
 * and the lesson has none (settings are checked before: rl/optimizers.h), or where a node is not
 * one number. */
sg_updates sg_optimize(const sg_optimizer *optimizer, sg_nodes parameters, sg_lesson lesson);

#endif
