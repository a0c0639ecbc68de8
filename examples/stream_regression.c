/* stream_regression.c - the engine without any reinforcement learning: a small network learns
 * y = sin(3 x1) x2 from a stream, one sample at a time, after its gradients were checked.
 *
 *   make examples && build/examples/stream_regression
 */
#include <math.h>
#include <stdio.h>

#include "autograd/check.h"
#include "autograd/grad.h"
#include "autograd/layers.h"
#include "optim/optim.h"

/* What the program needs to hold of the graph. */
typedef struct {
    sg_node x, y, loss;
} problem;

static problem build(sg_graph *g)
{
    sg_mlp_config c = sg_mlp_config_default();
    c.hidden[0] = c.hidden[1] = 32;
    c.activation = SG_TANH;
    sg_mlp mlp = sg_mlp_new(g, "net", 2, c);
    sg_linear_layer head = sg_linear_layer_new(g, "net.head", 32, 1, sg_init_lecun_normal());
    sg_nodes params = sg_nodes_join(mlp.parameters, sg_list(head.weight, head.bias));

    problem p = {.x = sg_input(g, "x", 2), .y = sg_input(g, "y", 1)};
    sg_node prediction = sg_linear_layer_apply(head, sg_mlp_apply(&mlp, p.x));
    p.loss = sg_square(sg_sub(p.y, prediction));

    sg_phase_updates(g, "learn",
                     sg_adam(params, sg_grad(p.loss, params), sg_adam_config_default()));
    sg_report(g, "learn", "loss", p.loss);
    return p;
}

/* Float64, for the check: every gradient of every loss that sg_grad was asked about. */
static bool gradients_are_right(void)
{
    sg_graph *g = sg_graph_new(SG_F64);
    problem p = build(g);
    sg_program *program = sg_compile(g, sg_compile_options_default());
    sg_set(program, p.x, (double[]){0.3, -0.7});
    sg_set(program, p.y, (double[]){1});
    sg_check_report report = sg_gradcheck_graph(g, program, sg_check_config_default(), NULL, NULL);
    printf("%d gradients checked, %d wrong, worst error %.1e\n", report.checked, report.failed,
           report.worst);
    sg_program_free(program);
    sg_graph_free(g);
    return sg_check_passed(&report);
}

int main(void)
{
    if (!gradients_are_right())
        return 1;
    sg_graph *g = sg_graph_new(SG_F32);
    problem p = build(g);
    sg_program *program = sg_compile(g, sg_compile_options_default());
    int learn = sg_phase_find(program, "learn");
    sg_random random;
    sg_random_seed(&random, 1);
    double mean = 0;
    for (int t = 1; t <= 20000; t++) {
        double x[2] = {sg_random_uniform(&random, -1, 1), sg_random_uniform(&random, -1, 1)};
        double y = sin(3 * x[0]) * x[1];
        sg_set(program, p.x, x);
        sg_set(program, p.y, &y);
        sg_run(program, learn);
        mean += (sg_get_number(program, p.loss) - mean) / (t % 5000 ? t % 5000 : 5000);
        if (t % 5000 == 0)
            printf("samples %5d  mean squared error %.5f\n", t, mean);
    }
    sg_program_free(program);
    sg_graph_free(g);
    return mean < 0.01 ? 0 : 1;
}
