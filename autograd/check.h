/* check.h - gradients against central differences, in float64.
 *
 * Random nodes are drawn once and then kept, and what stands behind sg_stop_grad is held constant,
 * so that the differences see the same function as the gradients. An element's error is |gradient -
 * difference| / (max(|gradient|, |difference|) + floor), the floor being a thousandth of the
 * tensor's largest gradient (plus what rounding allows). An element that fails is tried again with
 * a tenth, a hundredth and a thousandth of the step, since a kink (ReLU) may lie between; a wrong
 * gradient fails with each of them. NaN fails.
 */
#ifndef SG_CHECK_H
#define SG_CHECK_H

#include "autograd/program.h"

typedef struct {
    double step;      /* of the difference, relative to max(1, |x|) */
    double tolerance; /* largest error that passes, above 0 */
    int max_elements; /* checked per tensor, spread over it; 0 for all */
    int order;        /* 1, or 2 to check the gradient's own gradient too */
    uint64_t seed;    /* of parameters, draws and cotangents */
} sg_check_config;

/* step 1e-5, tolerance 1e-5, all elements, order 1, seed 0. */
sg_check_config sg_check_config_default(void);

typedef struct {
    int checked; /* elements compared; 0 is a failure */
    int failed;
    double worst;    /* the largest error, and where it was */
    char where[160]; /* "critic.phi.0.weight[3]" */
    double gradient, difference;
} sg_check_report;

/* True if something was checked and nothing failed. */
bool sg_check_passed(const sg_check_report *report);

/* Checks d(sum y c)/d wrt for a random cotangent c. The graph must be SG_F64; it is added to, and
 * programs compiled before are not affected. */
sg_check_report sg_gradcheck(sg_node y, sg_nodes wrt, sg_check_config config);

/* What sg_gradcheck_graph tells of each loss and node that it was differentiated by; may be NULL.
 */
typedef void sg_check_listener(void *context, sg_node loss, sg_node wrt,
                               const sg_check_report *report);

/* Checks every loss that sg_grad was asked about, by each node that it was asked about, a computed
 * one included (a critic's value by an action: the action is moved, whatever made it), with inputs
 * and state as they are in `program` (NULL: inputs drawn from a standard normal, starting values).
 */
sg_check_report sg_gradcheck_graph(sg_graph *graph, const sg_program *program,
                                   sg_check_config config, sg_check_listener *listener,
                                   void *context);

#endif
