/* graph.c - `streamgrad graph ALGO --env ID`: the graph as text or Graphviz, or its plan. */
#include <stdio.h>

#include "autograd/program.h"
#include "cli/cli.h"
#include "cli/subject.h"

/* In the form that was asked for. */
static void print(const sg_subject *subject, bool dot, bool plan)
{
    if (dot) {
        sg_graph_dot(subject->graph, stdout);
    } else if (plan) {
        sg_program *program = sg_compile(subject->graph, sg_compile_options_default());
        sg_program_print(program, stdout);
        sg_program_free(program);
    } else {
        sg_graph_print(subject->graph, stdout);
    }
}

/* Nothing is trained: the graph is built, printed and thrown away. */
int sg_cli_graph(int argc, char **argv)
{
    static sg_option_value arguments, env, env_set, set, float64, dot, plan;
    const sg_option options[] = {
        {"env", SG_OPTION_TEXT, "ID", "environment, e.g. HalfCheetah-v4", 0, 0, &env},
        {"env-set", SG_OPTION_TEXT, "KEY=VALUE", "an option of the environment; may be repeated", 0,
         0, &env_set},
        {"set", SG_OPTION_TEXT, "KEY=VALUE", "a setting of the algorithm; may be repeated", 0, 0,
         &set},
        {"float64", SG_OPTION_FLAG, NULL, "the graph in double precision", 0, 0, &float64},
        {"dot", SG_OPTION_FLAG, NULL, "Graphviz, e.g. for: dot -Tsvg", 0, 0, &dot},
        {"plan", SG_OPTION_FLAG, NULL, "the compiled plan, one line a kernel call", 0, 0, &plan},
    };
    const sg_command_line line = {
        .usage = "graph ALGO --env ID [--dot | --plan] [options]",
        .summary = "Prints the graph that an algorithm builds for an environment, one line a node.",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .least = 1,
        .most = 1,
    };
    sg_error error;
    sg_subject subject;

    sg_options_result read = sg_options_read(&line, argc, argv, &arguments, &error);
    if (read == SG_OPTIONS_HELP)
        return SG_EXIT_OK;
    if (read == SG_OPTIONS_READ && dot.given && plan.given) {
        sg_fail(&error, "--dot and --plan exclude each other");
        read = SG_OPTIONS_BAD;
    }
    if (read == SG_OPTIONS_BAD)
        return sg_cli_fail("graph", SG_EXIT_BAD_INPUT, &error);

    bool ok = sg_subject_open(&subject, arguments.words[0], &env, &env_set, &set,
                              float64.given ? SG_F64 : SG_F32, &error);
    if (ok)
        print(&subject, dot.given, plan.given);
    sg_subject_close(&subject);
    return ok ? SG_EXIT_OK : sg_cli_fail("graph", SG_EXIT_BAD_INPUT, &error);
}
