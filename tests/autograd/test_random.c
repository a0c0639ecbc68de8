/* test_random.c - random graphs of several phases, compiled in every way, against the interpreter,
 * which knows no plan: states read and updated anywhere, aliases of them, values and draws that
 * cross phases, phases alone in between, every optimiser. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/graph_internal.h"
#include "optim/optim.h"
#include "tests/autograd/interpreter.h"
#include "tests/autograd/printed.h"

/* ---- making a graph ---- */

/* What nodes of a graph are like, by shape: n and m are its two sizes. */
enum { NUMBER, OF_N, OF_M, N_BY_M, M_BY_N, BATCH_N, BATCH_M, FLAT, COLUMN, KINDS };
enum { MOST = 60, STATES = 2, GRAPHS = 300, MOST_RUNS = 9 };

typedef struct {
    sg_graph *g;
    sg_random r;
    sg_shape shape[KINDS];
    sg_node nodes[KINDS][MOST]; /* first the states, then a draw */
    int count[KINDS];
    bool optimised[KINDS][STATES];
} maker;

static int any(maker *m, int count) { return (int)sg_random_integer(&m->r, 0, count); }

/* One of a kind; the last ones more often. */
static sg_node pick(maker *m, int kind)
{
    int count = m->count[kind];
    return m->nodes[kind][any(m, 3) ? any(m, count) : count - 1 - any(m, count < 3 ? count : 3)];
}

static void put(maker *m, sg_node x)
{
    int kind = 0;
    while (kind < KINDS && !sg_shape_equal(m->shape[kind], sg_node_shape(x)))
        kind++;
    if (kind < KINDS)
        m->nodes[kind][m->count[kind] < MOST ? m->count[kind]++ : any(m, MOST)] = x;
}

/* A product, a sum of products, or an outer product; often with a parameter itself. */
static sg_node product(maker *m)
{
    sg_node W = any(m, 2) ? m->nodes[N_BY_M][any(m, STATES)] : pick(m, N_BY_M);
    sg_node V = any(m, 2) ? sg_reshape(W, m->shape[M_BY_N]) : pick(m, M_BY_N);
    switch (any(m, 13)) {
    case 0: return sg_linear(W, pick(m, OF_M));
    case 1: return sg_linear_t(W, pick(m, OF_N));
    case 2: return sg_linear(V, pick(m, OF_N));
    case 3: return sg_linear_t(V, pick(m, OF_M));
    case 4: return sg_linear(W, pick(m, BATCH_M));
    case 5: return sg_linear_t(W, pick(m, BATCH_N));
    case 6: return sg_linear(V, sg_linear(W, pick(m, OF_M)));
    case 7: return sg_linear_t(W, sg_linear(sg_stop_grad(W), pick(m, OF_M)));
    case 8: return sg_add(sg_linear(W, pick(m, OF_M)), sg_linear_t(V, pick(m, OF_M)));
    case 9: return sg_add(sg_linear(W, pick(m, OF_M)), pick(m, any(m, 2) ? OF_N : COLUMN));
    case 10: return sg_outer(pick(m, BATCH_N), pick(m, BATCH_M));
    case 11: return sg_mul(sg_outer(pick(m, OF_M), pick(m, OF_N)), pick(m, NUMBER));
    default: return sg_scale(sg_outer(pick(m, OF_N), pick(m, OF_M)), 0.1);
    }
}

/* Some columns of a backward product among zeros, and sometimes the whole of it, too. */
static sg_node columns(maker *m)
{
    sg_node y = sg_linear_t(pick(m, N_BY_M), pick(m, OF_N));
    int size = sg_shape_cols(m->shape[OF_M]), start = any(m, size);
    if (any(m, 3) == 0)
        put(m, y);
    return sg_pad(sg_slice(y, start, 1 + any(m, size - start)), start, size);
}

/* An op with further outputs, which are put among the others. */
static sg_node update_kernel(maker *m, int kind)
{
    sg_node a = pick(m, kind), b = pick(m, kind), c = pick(m, kind), y;
    sg_node one = sg_constant(m->g, 1), number = sg_square(sg_tanh(pick(m, NUMBER)));
    sg_rms_numbers rms = {.beta2 = 0.9, .eps_inside = 0.1, .eps = 0.01};
    sg_adam_numbers adam = {.beta1 = 0.9, .beta2 = 0.9, .eps = 0.01, .decay = 1};
    int op = any(m, 3);
    y = op == 0   ? sg_trace_step(a, b, 0.8)
        : op == 1 ? sg_rms_direction(sg_square(a), b, c, one, &rms)
                  : sg_adam_step(a, b, sg_square(c), b, number, one, &adam);
    put(m, sg_tanh(op ? sg_output(y, 2) : sg_sum(sg_output(y, 1))));
    return y;
}

static sg_node elementwise(maker *m, int kind)
{
    sg_node a = pick(m, kind), b = pick(m, kind), flag = sg_positive(pick(m, NUMBER));
    switch (any(m, 9)) {
    case 0: return sg_scale(sg_sub(a, b), 0.7);
    case 1: return sg_mul(a, sg_sigmoid(b));
    case 2: return sg_clear(a, flag);
    case 3: return sg_add_scaled(a, -0.1, b);
    case 4: return sg_approach(a, 0.3, b);
    case 5: return sg_select(sg_greater(a, b), b, a);
    case 6: return sg_mul(a, pick(m, NUMBER));
    case 7: return sg_stop_grad(a);
    default: return sg_tanh(a);
    }
}

static sg_node grow(maker *m)
{
    int kind = any(m, KINDS), size = sg_shape_cols(m->shape[OF_N]);
    switch (any(m, 15)) {
    case 0: return sg_sum(pick(m, kind));
    case 1: return sg_scale(sg_dot(pick(m, kind), pick(m, kind)), 0.1);
    case 2: return sg_reshape(pick(m, N_BY_M), m->shape[any(m, 2) ? M_BY_N : FLAT]);
    case 3: return sg_reshape(pick(m, FLAT), m->shape[any(m, 2) ? M_BY_N : N_BY_M]);
    case 4: return sg_reshape(pick(m, OF_N), m->shape[COLUMN]);
    case 5: return sg_add(pick(m, N_BY_M), pick(m, any(m, 2) ? OF_M : COLUMN));
    case 6: return sg_slice(pick(m, FLAT), 0, size);
    case 7: return update_kernel(m, kind);
    case 8:
    case 9:
    case 10: return sg_tanh(product(m));
    case 11: return product(m);
    case 12: return sg_tanh(columns(m));
    default: return elementwise(m, kind);
    }
}

static sg_updates optimise(maker *m, int kind, sg_node W)
{
    sg_node rows = kind == N_BY_M ? sg_outer(pick(m, OF_N), pick(m, OF_M))
                                  : sg_outer(pick(m, OF_M), pick(m, OF_N));
    sg_nodes p = sg_list(W);
    sg_nodes d = sg_list(any(m, 4) ? sg_mul(rows, sg_tanh(pick(m, NUMBER))) : pick(m, kind));
    sg_node reset = sg_positive(pick(m, NUMBER)), delta = sg_scale(sg_tanh(pick(m, NUMBER)), 0.1);
    sg_adam_config adam = sg_adam_config_default();
    adam.beta1 = any(m, 2) ? 0.9 : 0;
    adam.eps = 0.01;
    switch (any(m, 7)) {
    case 0: return sg_sgd(p, d, (sg_sgd_config){.lr = 0.1});
    case 1: return sg_sgd(p, d, (sg_sgd_config){.lr = 0.1, .momentum = 0.5});
    case 2: return sg_adam(p, d, adam);
    case 3: return sg_adam_plain(p, d, adam);
    case 4: return sg_obgd(p, d, delta, reset, sg_obgd_config_default());
    case 5: return sg_adaptive_obgd(p, d, delta, reset, sg_adaptive_obgd_config_default());
    default: return sg_intentional(p, d, delta, reset, sg_intentional_value_config());
    }
}

/* A new value for a state: a value that there is, a step from the old one, or an optimiser's. */
static sg_updates update(maker *m, int kind, int state)
{
    sg_node s = m->nodes[kind][state], x = pick(m, kind);
    bool matrix = kind == N_BY_M || kind == M_BY_N;
    if (matrix && any(m, 3) && !m->optimised[kind][state]) {
        m->optimised[kind][state] = true;
        return optimise(m, kind, s);
    }
    switch (any(m, 3)) {
    case 0: return sg_assign(s, x);
    case 1: return sg_assign(s, sg_tanh(x));
    default:
        return sg_assign(s,
                         sg_clear(sg_add_scaled(s, 0.1, sg_tanh(x)), sg_positive(pick(m, NUMBER))));
    }
}

static void add_phase(maker *m, const char *name)
{
    bool updated[KINDS][STATES] = {{0}};
    if (any(m, 3) == 0)
        sg_phase_alone(m->g, name);
    for (int i = 1 + any(m, 3); i > 0; i--)
        sg_phase_values(m->g, name, pick(m, any(m, KINDS)));
    for (int i = any(m, 7); i > 0; i--) {
        int kind = any(m, KINDS), state = any(m, STATES);
        if (!updated[kind][state])
            sg_phase_updates(m->g, name, update(m, kind, state));
        updated[kind][state] = true;
    }
}

static void add_sources(maker *m)
{
    char name[32];
    for (int kind = 0; kind < KINDS; kind++)
        for (int i = 0; i <= STATES; i++) {
            snprintf(name, sizeof name, "s%d.%d", kind, i);
            m->nodes[kind][m->count[kind]++] =
                i == STATES ? sg_normal(m->g, name, m->shape[kind])
                : i == 0 || kind == N_BY_M || kind == M_BY_N
                    ? sg_parameter(m->g, name, m->shape[kind], sg_init_uniform(-0.5, 0.5))
                    : sg_state(m->g, name, m->shape[kind], SG_F64, 0.2);
        }
}

static sg_graph *random_graph(uint64_t seed)
{
    static const int sizes[] = {1, 4, 48, 65, 70};
    static const char *const names[] = {"act", "look", "learn", "peek", "after"};
    maker m = {.g = sg_graph_new(SG_F64)};
    sg_random_seed(&m.r, seed);
    int n = sizes[any(&m, 5)], k = sizes[any(&m, 5)];
    const sg_shape shapes[KINDS] = {sg_vector(1),    sg_vector(n),     sg_vector(k),
                                    sg_matrix(n, k), sg_matrix(k, n),  sg_matrix(3, n),
                                    sg_matrix(3, k), sg_vector(n * k), sg_matrix(n, 1)};
    memcpy(m.shape, shapes, sizeof shapes);
    add_sources(&m);
    for (int i = 5 + any(&m, 60); i > 0; i--)
        put(&m, grow(&m));
    for (int p = any(&m, 5); p >= 0; p--)
        add_phase(&m, names[p]);
    return m.g;
}

/* ---- comparing ---- */

/* Rewrites left out, threads, instruction set, what is kept and checked. */
static sg_compile_options random_options(sg_random *r, uint64_t seed)
{
    sg_compile_options o = sg_compile_options_default();
    int way = (int)sg_random_integer(r, 0, 8), isa = (int)sg_random_integer(r, 0, SG_ISA_COUNT);
    o.seed = seed;
    o.without = way == 0   ? SG_REWRITE_ALL
                : way == 1 ? 1u << sg_random_integer(r, 0, 7)
                : way == 2 ? (unsigned)sg_random_integer(r, 0, SG_REWRITE_ALL)
                           : 0;
    o.keep_all = way == 3;
    o.check_finite = way == 4;
    o.threads = sg_random_integer(r, 0, 10) ? 1 : 2;
    if (sg_isa_usable((sg_isa)isa))
        o.isa = (sg_isa)isa;
    return o;
}

static double off_by(const sg_program *p, const interpreter *in, int phase, sg_node x)
{
    int size = (int)sg_shape_size(sg_node_shape(x));
    double *a = sg_alloc((size_t)size * sizeof *a), *b = sg_alloc((size_t)size * sizeof *b);
    double most = 1e-6, off = 0;
    sg_get(p, x, a);
    interpreter_get(in, phase, x, b);
    for (int i = 0; i < size; i++) {
        most = fmax(most, fabs(b[i]));
        off = isfinite(a[i]) == isfinite(b[i]) ? fmax(off, fabs(a[i] - b[i])) : INFINITY;
    }
    free(a);
    free(b);
    return off / most;
}

/* After a phase: its values, those of the phases of the step before it, and all states. */
static double compare(sg_graph *g, const sg_program *p, const interpreter *in, int phase)
{
    double worst = 0;
    for (int q = 0; q <= phase; q++)
        for (int i = 0; i < g->phases[q].value_count; i++)
            if (q == phase || (!g->phases[q].alone && !g->phases[phase].alone))
                worst = fmax(worst, off_by(p, in, q, sg_phase_value(g, q, i)));
    for (int id = 0; id < g->node_count; id++)
        if (g->nodes[id].op == SG_OP_parameter || g->nodes[id].op == SG_OP_state)
            worst = fmax(worst, off_by(p, in, phase, (sg_node){g, id}));
    return worst;
}

/* The next phase of the step or, at times, the first one again; or any that is alone. */
static int next_phase(const sg_graph *g, sg_random *r, int *last)
{
    int phase = (int)sg_random_integer(r, 0, g->phase_count);
    if (g->phases[phase].alone)
        return phase;
    int from = sg_random_integer(r, 0, 5) ? *last + 1 : 0;
    while (from < g->phase_count && g->phases[from].alone)
        from++;
    for (int first = 0; from >= g->phase_count; first++)
        from = g->phases[first].alone ? from : first;
    return *last = from;
}

Test(random, phases_are_as_the_interpreter_runs_them)
{
    int runs = 0, with_columns = 0;
    for (uint64_t seed = 0; seed < GRAPHS; seed++) {
        sg_random r;
        sg_random_seed(&r, seed + GRAPHS);
        sg_graph *g = random_graph(seed);
        sg_program *p = sg_compile(g, random_options(&r, seed));
        interpreter *in = interpreter_new(g, p, seed);
        with_columns += printed_count(p, "columns from") > 0;
        double off = 0;
        for (int t = 0, last = -1; t < MOST_RUNS && off < 1e-6; t++, runs++) {
            int phase = next_phase(g, &r, &last);
            if (!sg_run(p, phase))
                break;
            interpreter_run(in, phase);
            off = compare(g, p, in, phase);
            cr_expect_lt(off, 1e-6, "graph %d, run %d, phase '%s': off by %g", (int)seed, t,
                         g->phases[phase].name, off);
        }
        interpreter_free(in);
        sg_program_free(p);
        sg_graph_free(g);
    }
    cr_expect_gt(runs, GRAPHS * MOST_RUNS * 9 / 10);
    cr_expect_gt(with_columns, GRAPHS / 20, "%d", with_columns);
}
