/* graph.c - `streamgrad graph ALGO --env ID`: the graph as text or Graphviz, or its plan. */
#include <stdio.h>

#include "autograd/program.h"
#include "cli/cli.h"
#include "cli/subject.h"

typedef struct {
    sg_subject_words subject;
    sg_cli_value float64, dot, plan, profile, without;
} graph_options;

/* With times if steps are to be played; the first ones warm the caches and are not counted. */
static bool print_plan(const sg_subject *subject, int64_t steps, sg_error *error)
{
    enum { WARM_UP_STEPS = 200 };
    sg_program *program = sg_agent_program(subject->agent);
    bool ok = steps == 0 || sg_subject_play(subject, WARM_UP_STEPS, 0, 0, error);
    if (ok && steps > 0) {
        sg_program_profile(program);
        ok = sg_subject_play(subject, steps, 0, 1, error);
    }
    if (ok)
        sg_program_print(program, stdout);
    return ok;
}

/* In the form that was asked for. */
static bool print(const sg_subject *subject, const graph_options *o, sg_error *error)
{
    if (o->plan.given)
        return print_plan(subject, o->profile.count, error);
    if (o->dot.given)
        sg_graph_dot(subject->graph, stdout);
    else
        sg_graph_print(subject->graph, stdout);
    return true;
}

/* What contradicts itself. */
static bool check(const graph_options *o, sg_error *error)
{
    if (o->dot.given && o->plan.given)
        return sg_fail(error, "--dot and --plan exclude each other");
    if (o->without.given && !o->plan.given)
        return sg_fail(error, "--without needs --plan");
    return !o->profile.given || o->plan.given || sg_fail(error, "--profile needs --plan");
}

/* The command line. */
static sg_cli_outcome read_line(graph_options *o, int argc, char **argv, sg_error *error)
{
    const sg_cli_option options[] = {
        SG_SUBJECT_OPTIONS(o->subject),
        {"float64", SG_CLI_FLAG, NULL, "the graph in double precision", 0, 0, &o->float64},
        {"dot", SG_CLI_FLAG, NULL, "Graphviz, e.g. for: dot -Tsvg", 0, 0, &o->dot},
        {"plan", SG_CLI_FLAG, NULL, "the compiled plan, one line a kernel call", 0, 0, &o->plan},
        {"profile", SG_CLI_COUNT, "N", "with --plan: play N steps and show each call's time", 1, 0,
         &o->profile},
        {"without", SG_CLI_TEXT, "LIST",
         "with --plan: leave rewrites out, of rows,bias,in_place,pair,product,block,columns or all",
         0, 0, &o->without},
    };
    const sg_cli_line line = {
        .usage = "graph ALGO --env ID [--dot | --plan [--profile N] [--without LIST]] [options]",
        .summary = "Prints the graph that an algorithm builds for an environment, one line a node.",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .most = 1,
        .missing = "name an algorithm (see streamgrad algorithms)",
    };
    return sg_cli_read(&line, argc, argv, &o->subject.arguments, error);
}

/* Nothing is trained: the graph is built, printed and thrown away. */
int sg_cli_graph(int argc, char **argv)
{
    static graph_options o; /* large, and zero at the start */
    sg_error error;
    sg_subject subject = {0};

    sg_cli_outcome read = read_line(&o, argc, argv, &error);
    if (read == SG_CLI_HELP)
        return SG_EXIT_OK;
    if (read == SG_CLI_BAD || !check(&o, &error))
        return sg_cli_fail("graph", SG_EXIT_BAD_INPUT, &error);

    sg_agent_options agent = sg_agent_options_default();
    agent.dtype = o.float64.given ? SG_F64 : SG_F32;
    bool ok = !o.without.given || sg_rewrites_read(o.without.text, &agent.without, &error);
    ok = ok && sg_subject_open(&subject, &o.subject, agent, &error) && print(&subject, &o, &error);
    sg_subject_close(&subject);
    return ok ? SG_EXIT_OK : sg_cli_fail("graph", SG_EXIT_BAD_INPUT, &error);
}
