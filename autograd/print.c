/* print.c - the graph as text and for Graphviz. */
#include <string.h>

#include "autograd/graph_internal.h"

/* The numbers that an op's line shows, e.g. affine's a and b. */
static void print_attributes(const sg_node_info *n, FILE *out)
{
    switch (n->op) {
    case SG_OP_affine: fprintf(out, ", a=%g, b=%g", n->attr.number[0], n->attr.number[1]); break;
    case SG_OP_clamp:
    case SG_OP_inside: fprintf(out, ", %g..%g", n->attr.number[0], n->attr.number[1]); break;
    case SG_OP_leaky_relu:
    case SG_OP_leaky_slope: fprintf(out, ", slope=%g", n->attr.number[0]); break;
    case SG_OP_approach:
    case SG_OP_add_scaled: fprintf(out, ", c=%g", n->attr.number[0]); break;
    case SG_OP_trace_step: fprintf(out, ", decay=%g", n->attr.number[0]); break;
    case SG_OP_unfold:
    case SG_OP_fold:
        fprintf(out, ", kernel=%d, stride=%d, padding=%d", n->attr.integer[0], n->attr.integer[1],
                n->attr.integer[2]);
        break;
    case SG_OP_slice:
    case SG_OP_pad: fprintf(out, ", start=%d", n->attr.integer[0]); break;
    case SG_OP_output: fprintf(out, ", %d", n->attr.integer[0]); break;
    case SG_OP_adam_step:
        fprintf(out, ", beta1=%g, beta2=%g, eps=%g", n->attr.number[0], n->attr.number[1],
                n->attr.number[2]);
        break;
    case SG_OP_rms_direction:
        fprintf(out, ", beta2=%g, eps_inside=%g, eps=%g", n->attr.number[0], n->attr.number[1],
                n->attr.number[2]);
        break;
    case SG_OP_constant: fprintf(out, n->values ? "given" : "%g", n->attr.number[0]); break;
    default: break;
    }
}

/* Names may hold what ends a label. */
static void print_label(const char *text, FILE *out)
{
    for (; *text; text++)
        fprintf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
}

static void print_node(const sg_graph *g, int id, FILE *out)
{
    char shape[64];
    const sg_node_info *n = &g->nodes[id];
    fprintf(out, "%%%d = %s(", id, sg_op_get(n->op)->name);
    for (int k = 0; k < n->input_count; k++)
        fprintf(out, "%s%%%d", k ? ", " : "", n->inputs[k]);
    print_attributes(n, out);
    fprintf(out, ")  %s", sg_shape_text(n->shape, shape));
    if (n->dtype != g->dtype)
        fprintf(out, " %s", sg_dtype_name(n->dtype));
    fprintf(out, n->name ? "  %s\n" : "\n", n->name);
}

void sg_graph_print(const sg_graph *g, FILE *out)
{
    fprintf(out, "graph of %d nodes, %s\n", g->node_count, sg_dtype_name(g->dtype));
    for (int id = 0; id < g->node_count; id++)
        print_node(g, id, out);
    for (int p = 0; p < g->phase_count; p++) {
        const sg_phase_info *phase = &g->phases[p];
        fprintf(out, "phase %s%s\n", phase->name, phase->alone ? " (alone)" : "");
        for (int i = 0; i < phase->value_count; i++)
            fprintf(out, "  value %%%d\n", phase->values[i]);
        for (int i = 0; i < g->report_count; i++)
            if (g->reports[i].phase == p)
                fprintf(out, "  report %s = %%%d\n", g->reports[i].name, g->reports[i].node);
        for (int i = 0; i < phase->update_count; i++)
            fprintf(out, "  %s becomes %%%d\n", g->nodes[phase->updates[i].state].name,
                    phase->updates[i].value);
    }
}

void sg_graph_dot(const sg_graph *g, FILE *out)
{
    char shape[64];
    fprintf(out,
            "digraph streamgrad {\n  rankdir=BT; node [fontname=\"sans-serif\", fontsize=10];\n");
    for (int id = 0; id < g->node_count; id++) {
        const sg_node_info *n = &g->nodes[id];
        bool source = sg_op_get(n->op)->is_source && n->op != SG_OP_output;
        fprintf(out, "  n%d [label=\"", id);
        print_label(n->name ? n->name : sg_op_get(n->op)->name, out);
        fprintf(out, "\\n%s\", shape=%s];\n", sg_shape_text(n->shape, shape),
                source ? "box, style=filled, fillcolor=\"#e8eef7\"" : "ellipse");
        for (int k = 0; k < n->input_count; k++)
            fprintf(out, "  n%d -> n%d;\n", n->inputs[k], id);
    }
    for (int p = 0; p < g->phase_count; p++)
        for (int i = 0; i < g->phases[p].update_count; i++) {
            const sg_assignment *update = &g->phases[p].updates[i];
            fprintf(out, "  n%d -> n%d [style=dashed, color=\"#b03030\", label=\"", update->value,
                    update->state);
            print_label(g->phases[p].name, out);
            fprintf(out, "\"];\n");
        }
    fprintf(out, "}\n");
}
