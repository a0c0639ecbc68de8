/* temperature.h - alpha, the weight of the entropy in soft methods: a number, or learned so that
 * the entropy keeps near a target (Haarnoja et al. 2018, arXiv 1812.05905, section 5). */
#ifndef SG_TEMPERATURE_H
#define SG_TEMPERATURE_H

#include "autograd/graph.h"

typedef struct {
    sg_node log_alpha; /* parameter "log_alpha" [1], 0 at the start; graph NULL: alpha is fixed */
    sg_node alpha;     /* [1], a constant to gradients */
} sg_temperature;

/* Learned from 1 on, or fixed at alpha. */
sg_temperature sg_temperature_new(sg_graph *g, bool learned, double alpha);
/* -alpha (mean log_prob + target): falls with alpha where there is more entropy than the target.
 * Only of a learned one. */
sg_node sg_temperature_loss(const sg_temperature *t, sg_node log_prob, double target_entropy);

#endif
