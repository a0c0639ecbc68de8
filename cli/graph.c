/* graph.c - `streamgrad graph ALGO --env ID`: the graph as text or Graphviz, or its plan. */
#include <stdio.h>

#include "autograd/program.h"
#include "cli/cli.h"
#include "cli/subject.h"

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
static bool print(const sg_subject *subject, bool dot, bool plan, int64_t steps, sg_error *error)
{
    if (plan)
        return print_plan(subject, steps, error);
    if (dot)
        sg_graph_dot(subject->graph, stdout);
    else
        sg_graph_print(subject->graph, stdout);
    return true;
}

/* Nothing is trained: the graph is built, printed and thrown away. */
int sg_cli_graph(int argc, char **argv)
{
    static sg_option_value arguments, env, env_set, set, float64, dot, plan, profile;
    const sg_option options[] = {
        {"env", SG_OPTION_TEXT, "ID", "environment, e.g. HalfCheetah-v4", 0, 0, &env},
        {"env-set", SG_OPTION_TEXT, "KEY=VALUE", "an option of the environment; may be repeated", 0,
         0, &env_set},
        {"set", SG_OPTION_TEXT, "KEY=VALUE", "a setting of the algorithm; may be repeated", 0, 0,
         &set},
        {"float64", SG_OPTION_FLAG, NULL, "the graph in double precision", 0, 0, &float64},
        {"dot", SG_OPTION_FLAG, NULL, "Graphviz, e.g. for: dot -Tsvg", 0, 0, &dot},
        {"plan", SG_OPTION_FLAG, NULL, "the compiled plan, one line a kernel call", 0, 0, &plan},
        {"profile", SG_OPTION_COUNT, "N", "with --plan: play N steps and show each call's time", 1,
         0, &profile},
    };
    const sg_command_line line = {
        .usage = "graph ALGO --env ID [--dot | --plan [--profile N]] [options]",
        .summary = "Prints the graph that an algorithm builds for an environment, one line a node.",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .most = 1,
        .missing = "name an algorithm (see streamgrad algorithms)",
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
    if (read == SG_OPTIONS_READ && profile.given && !plan.given) {
        sg_fail(&error, "--profile needs --plan");
        read = SG_OPTIONS_BAD;
    }
    if (read == SG_OPTIONS_BAD)
        return sg_cli_fail("graph", SG_EXIT_BAD_INPUT, &error);

    sg_agent_options agent = sg_agent_options_default();
    agent.dtype = float64.given ? SG_F64 : SG_F32;
    bool ok = sg_subject_open(&subject, arguments.words[0], &env, &env_set, &set, agent, &error);
    ok = ok && print(&subject, dot.given, plan.given, profile.count, &error);
    sg_subject_close(&subject);
    return ok ? SG_EXIT_OK : sg_cli_fail("graph", SG_EXIT_BAD_INPUT, &error);
}
