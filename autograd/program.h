/* program.h - a compiled graph: one block of memory and, for each phase, a list of kernel calls.
 *
 * Everything is allocated in sg_compile; running a phase never allocates, cannot fail half-way and
 * takes a bounded time. The graph must outlive the program and may go on growing. One program is
 * used by one thread at a time; programs are independent of each other.
 */
#ifndef SG_PROGRAM_H
#define SG_PROGRAM_H

#include "autograd/graph.h"
#include "tensor/archive.h"
#include "tensor/kernels.h"

typedef struct sg_program sg_program;

/* The rewrites of a plan, as bits (docs/engine.md). */
typedef enum {
    SG_REWRITE_ROWS = 1,     /* "rows": an outer product is read from its vectors, never formed */
    SG_REWRITE_BIAS = 2,     /* "bias": added by the product before it */
    SG_REWRITE_IN_PLACE = 4, /* "in_place": states are updated where they lie */
    SG_REWRITE_PAIR = 8,     /* "pair": two vectors in one pass over a matrix */
    SG_REWRITE_PRODUCT = 16, /* "product": W^T dy in the pass that updates W */
    SG_REWRITE_BLOCK = 32,   /* "block": element-wise chains over large arrays, by blocks of rows */
    SG_REWRITE_COLUMNS = 64, /* "columns": of W^T dy only what a slice takes */
    SG_REWRITE_ALL = 127
} sg_rewrite;

/* Reads names with commas between them, or "all", as a set of rewrites. False: an unknown name. */
bool sg_rewrites_read(const char *names, unsigned *set, sg_error *error);

typedef struct {
    uint64_t seed;     /* of parameters' starting values and random nodes */
    sg_isa isa;        /* instruction set; sg_isa_best() by default */
    int threads;       /* at least 1, for kernels large enough to share; results do not change */
    unsigned without;  /* rewrites that are not made; SG_REWRITE_ALL: the plain oracle */
    bool keep_all;     /* every computed node stays readable (more memory) */
    bool check_finite; /* stop at the first node that is not finite */
} sg_compile_options;

/* seed 0, best instruction set, one thread, all rewrites, nothing kept, nothing checked. */
sg_compile_options sg_compile_options_default(void);

/* The graph must outlive the program; what is added to it afterwards does not matter. An
 * instruction set that this machine lacks, or no thread, is misuse; memory that is not there ends
 * in sg_out_of_memory. Free with sg_program_free, for which NULL is fine. */
sg_program *sg_compile(const sg_graph *graph, sg_compile_options options);
/* The same where the sizes are the world's: NULL with a line where a node has more elements than
 * an int counts, or where the program needs more memory than there is. */
sg_program *sg_try_compile(const sg_graph *graph, sg_compile_options options, sg_error *error);
void sg_program_free(sg_program *program);

/* The index of a phase, -1 if there is none of that name. */
int sg_phase_find(const sg_program *program, const char *phase);
int sg_phase_count(const sg_program *program);
const char *sg_phase_name(const sg_program *program, int index);
/* Runs a phase, with numbers too small for full precision taken as zeros (tensor/denormals.h).
 * The phases of a step run in their order, each once, and the first begins a new step at any time:
 * any other order is misuse; phases alone run at any time. False only with check_finite, when
 * a node was not finite (sg_program_fault); the updates are then not made. */
bool sg_run(sg_program *program, int phase);
/* After such a fault: "%45 tanh 'critic.phi.1' [256] is not finite at [3]". */
const char *sg_program_fault(const sg_program *program);

/* Writes an input, a parameter, a state, a random node that is held or the pinned node; `values`
 * has as many doubles as the node has elements. */
void sg_set(sg_program *program, sg_node node, const double *values);
/* Reads an input, parameter, state, phase value or report (any node with keep_all). */
void sg_get(const sg_program *program, sg_node node, double *values);
/* sg_get of a node with one element. */
double sg_get_number(const sg_program *program, sg_node node);
/* The input, parameter, state or random node of that name, or a node with graph NULL. */
sg_node sg_find(const sg_program *program, const char *name);

/* While held, random nodes keep the values they have or are given with sg_set: for replays. */
void sg_program_hold_draws(sg_program *program, bool held);
/* While frozen, sg_stop_grad nodes keep their values too: for finite differences. Needs keep_all.
 */
void sg_program_freeze(sg_program *program, bool frozen);
/* Pins a computed node: while the program is frozen, and only then, it keeps the value that it has
 * or is given with sg_set, whatever it would be computed from; so do the other outputs of its op.
 * One at a time; a node with graph NULL: none. Needs keep_all, and that nothing reads the node
 * without its value being formed: a program without SG_REWRITE_ROWS. */
void sg_program_pin(sg_program *program, sg_node node);

/* The random streams, one for each random node. Exchanged with `others` (as many), draws can be
 * made that the program's own streams do not notice. */
int sg_stream_count(const sg_program *program);
void sg_exchange_streams(sg_program *program, sg_random *others);

/* Reports, over all phases. */
int sg_report_count(const sg_program *program);
const char *sg_report_name(const sg_program *program, int index);
sg_node sg_report_node(const sg_program *program, int index);
double sg_report_value(const sg_program *program, int index);

/* Visits every parameter, state and random stream. */
void sg_program_state(sg_program *program, sg_archive *archive);
/* Visits the reports' values as the last phases left them. Nothing is computed of them, but what is
 * written down of a program that goes on would be zeros until its phases run again. */
void sg_program_reports_state(sg_program *program, sg_archive *archive);

/* ---- the plan, and where its time goes ---- */
size_t sg_program_bytes(const sg_program *program); /* of the block */
/* From now on every kernel call is timed, which costs a few nanoseconds a call; allocates. Numbers
 * do not change. Profiling anew starts from nothing. */
void sg_program_profile(sg_program *program);
/* One line a kernel call: the node, what it reads, the bytes it moves, and after a profiled run its
 * mean time and share of its phase. */
void sg_program_print(const sg_program *program, FILE *out);

#endif
