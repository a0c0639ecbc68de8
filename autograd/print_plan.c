/* print_plan.c - the compiled plan as text: what each kernel call computes and reads, the bytes it
 * moves, and where it was profiled its time. */
#include <string.h>

#include "autograd/program_internal.h"

/* What is stored goes by its name, what is computed by its number. */
static void print_operand(const sg_graph *g, int id, FILE *out)
{
    const sg_node_info *n = &g->nodes[id];
    if (n->op == SG_OP_constant && !n->values)
        fprintf(out, " %g", n->attr.number[0]);
    else if (sg_op_get(n->op)->is_source && n->name)
        fprintf(out, " %s", n->name);
    else
        fprintf(out, " %%%d", id);
}

static size_t bytes_of(const sg_graph *g, int id)
{
    return (size_t)g->nodes[id].size * sg_dtype_size(g->nodes[id].dtype);
}

/* True if the call makes some columns of a backward product, in the place of a slice. */
static bool takes_columns(const sg_graph *g, const sg_step *step)
{
    return step->call != step->node && g->nodes[step->call].op == SG_OP_linear_t;
}

/* Bytes read of operand k: of a matrix, of which some columns are taken, so many. */
static size_t bytes_read(const sg_graph *g, const sg_step *step, int k)
{
    size_t bytes = bytes_of(g, step->operands[k]);
    if (k > 0 || step->node < 0 || !takes_columns(g, step))
        return bytes;
    return bytes / (size_t)g->nodes[step->call].size * (size_t)g->nodes[step->node].size;
}

/* Every operand is read once and every output written once; small ones come from the L1 cache,
 * large ones decide. */
static size_t bytes_moved(const sg_graph *g, const sg_step *step)
{
    size_t bytes = bytes_of(g, step->node < 0 ? step->operands[0] : step->node);
    for (int k = 0; k < step->operand_count; k++) {
        bool again = false;
        for (int j = 0; j < k; j++)
            again |= step->operands[j] == step->operands[k];
        bytes += again ? 0 : bytes_read(g, step, k);
    }
    if (step->also >= 0)
        bytes += bytes_of(g, step->also);
    for (int id = step->node + 1; step->node >= 0 && sg_is_output_of(g, id, step->node); id++)
        bytes += bytes_of(g, id);
    return bytes;
}

/* True if the step writes a state, by its first output or by a further one. */
static bool updates_state(const sg_plan *plan, int group, const sg_step *step)
{
    bool updates = sg_place_of(plan, group, step->node)->external;
    for (int id = step->node + 1; sg_is_output_of(plan->graph, id, step->node); id++)
        updates |= sg_place_of(plan, group, id)->external;
    return updates;
}

/* "%12 tanh [256]  <- %11": what is computed from what. */
static void print_step(const sg_plan *plan, int group, const sg_step *step, FILE *out)
{
    char text[160];
    const sg_graph *g = plan->graph;
    if (step->node < 0) {
        fprintf(out, "copy %%%d to %s\n", step->operands[0], g->nodes[step->state].name);
        return;
    }
    fprintf(out, "%-32s <-", sg_node_text(g, step->node, text));
    for (int k = 0; k < step->operand_count; k++)
        print_operand(g, step->operands[k], out);
    if (g->nodes[step->call].op == SG_OP_linear && step->inputs[2] >= 0)
        fprintf(out, "  with bias");
    if (takes_columns(g, step))
        fprintf(out, "  %d columns from %d on", g->nodes[step->node].size, step->first_column);
    if (step->rows.scale >= 0)
        fprintf(out, "  with the gradient as an outer product");
    if (step->also >= 0)
        fprintf(out, "  and %%%d in the same pass", step->also);
    if (updates_state(plan, group, step))
        fprintf(out, "  in place");
    if (step->block)
        fprintf(out, "  in block %d", step->block);
    fprintf(out, "\n");
}

/* Time, share and bytes stand before the call; without a profile only the bytes. */
static void print_cost(double ns, double total, size_t bytes, FILE *out)
{
    if (total > 0)
        fprintf(out, "  %9.1f %5.1f%%", ns, 100 * ns / total);
    fprintf(out, "  %9zu  ", bytes);
}

static double phase_ns(const sg_program *program, int phase)
{
    double total = 0;
    for (int i = 0; i < program->phases[phase].count; i++)
        total += sg_profile_ns(program, phase, i);
    return total;
}

/* Random draws come first, then the steps of the plan. */
static void print_phase(const sg_program *program, int p, FILE *out)
{
    const sg_plan *plan = &program->plan;
    const sg_phase_plan *phase = &plan->phases[p];
    const sg_phase_calls *calls = &program->phases[p];
    double total = phase_ns(program, p);
    int draws = calls->count - phase->step_count;

    fprintf(out, "phase %s: %d kernel calls", phase->name, calls->count);
    if (total > 0)
        fprintf(out, ", %.1f ns", total);
    fprintf(out, total > 0 ? "\n  %9s %6s  %9s\n" : "\n%.0s%.0s  %9s\n", "ns", "share", "bytes");
    for (int i = 0; i < calls->count; i++) {
        double ns = sg_profile_ns(program, p, i);
        if (i < draws) {
            print_cost(ns, total, bytes_of(plan->graph, calls->calls[i].node), out);
            fprintf(out, "draw %s\n", plan->graph->nodes[calls->calls[i].node].name);
        } else {
            print_cost(ns, total, bytes_moved(plan->graph, &phase->steps[i - draws]), out);
            print_step(plan, phase->group, &phase->steps[i - draws], out);
        }
    }
}

void sg_program_print(const sg_program *program, FILE *out)
{
    const sg_plan *plan = &program->plan;
    fprintf(out, "plan: %zu bytes in one block, %s\n", plan->bytes,
            sg_isa_name(program->options.isa));
    for (int p = 0; p < plan->graph->phase_count; p++)
        print_phase(program, p, out);
}
