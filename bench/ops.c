/* ops.c - every op of the list at its benchmark size, forward: one kernel call each. */
#include <stdio.h>

#include "autograd/op.h"
#include "autograd/program.h"
#include "bench/bench.h"

static void run(void *context) { sg_run(context, 0); }

static void one_op(bench *b, int op)
{
    char name[96], shape[64];
    sg_graph *g = sg_graph_new(SG_F32);
    sg_node y = sg_op_get(op)->example(g, op, SG_BENCH);
    sg_phase_values(g, "run", y);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    snprintf(name, sizeof name, "op/%s/%s", sg_op_get(op)->name,
             sg_shape_text(sg_node_shape(y), shape));
    bench_time(b, name, run, p, (bench_work){0});
    sg_program_free(p);
    sg_graph_free(g);
}

void bench_ops(bench *b)
{
    bench_section(b, "ops");
    for (int op = 0; op < SG_OP_COUNT; op++)
        if (!sg_op_get(op)->is_source)
            one_op(b, op);
}
