/* graph.cpp - a C++ program against the installed library: a graph with the macros of lists,
 * updates and phases, differentiated, compiled and run. */
#include "streamgrad.h"

#include <cmath>
#include <cstdio>
#include <memory>

/* y = a x + b by gradient descent; the mean of its squared errors is kept, too. */
struct line {
    std::unique_ptr<sg_graph, void (*)(sg_graph *)> graph;
    sg_node x, y, a, b, guess, loss, mean;

    line() : graph(sg_graph_new(SG_F64), sg_graph_free)
    {
        sg_graph *g = graph.get();
        x = sg_input(g, "x", 1);
        y = sg_input(g, "y", 1);
        a = sg_parameter(g, "a", sg_vector(1), sg_init_constant(0));
        b = sg_parameter(g, "b", sg_vector(1), sg_init_constant(0));
        mean = sg_state(g, "mean", sg_vector(1), SG_F64, 0);
        guess = sg_add(sg_mul(a, x), b);
        loss = sg_square(sg_sub(guess, y));
        const sg_nodes parameters = sg_list(a, b);
        const sg_nodes gradients = sg_grad(loss, parameters);
        sg_sgd_config descent = sg_sgd_config_default();
        descent.lr = 0.1;
        const sg_updates follow = sg_assign(mean, sg_approach(mean, 0.1, loss));
        sg_phase_values(g, "act", guess);
        sg_phase_values(g, "look", loss, sg_nodes_at(gradients, 0), sg_nodes_at(gradients, 1));
        sg_phase_updates(g, "learn", sg_join(sg_sgd(parameters, gradients, descent), follow));
        sg_phase_updates(g, "learn", sg_join(sg_updates{}));
    }
};

/* Both gradients, at a = b = 0: -2 x y and -2 y. */
static bool differentiates(sg_program *p, const line &l)
{
    const sg_graph *g = l.graph.get();
    const int look = sg_phase_find(p, "look");
    const double da = sg_get_number(p, sg_phase_value(g, look, 1));
    const double db = sg_get_number(p, sg_phase_value(g, look, 2));
    return std::fabs(da + 2 * 0.5 * 2) < 1e-12 && std::fabs(db + 2 * 2) < 1e-12;
}

int main()
{
    line l;
    std::unique_ptr<sg_program, void (*)(sg_program *)> program(
        sg_compile(l.graph.get(), sg_compile_options_default()), sg_program_free);
    sg_program *p = program.get();
    bool ok = sg_list(l.a).count == 1 && sg_list(l.a, l.b, l.x).count == 3;
    for (int i = 0; i < 500; i++) {
        const double x = i % 2 ? -1 : 0.5, y = 2 * x + 1;
        sg_set(p, l.x, &x);
        sg_set(p, l.y, &y);
        for (int phase = 0; phase < sg_phase_count(p); phase++) {
            sg_run(p, phase);
            ok = ok && (i > 0 || phase != 1 || differentiates(p, l));
        }
    }
    const double a = sg_get_number(p, l.a), b = sg_get_number(p, l.b);
    std::printf("y = %.3f x + %.3f, mean error %.3f\n", a, b, sg_get_number(p, l.mean));
    return ok && sg_get_number(p, l.mean) < 1e-3 ? 0 : 1;
}
