/* gradcheck.c - `streamgrad gradcheck ALGO --env ID`: every gradient of the algorithm's losses
 * against central differences, at a point reached by some learning. */
#include <stdio.h>
#include <stdlib.h>

#include "autograd/check.h"
#include "cli/cli.h"
#include "cli/subject.h"

/* Updates before the check, so that statistics and moments are not at their starts. */
enum { WARM_UP_UPDATES = 20 };

/* The largest layers have tens of thousands of weights; these many of each are checked by default.
 */
enum { DEFAULT_ELEMENTS = 50 };

typedef struct {
    sg_subject_words subject;
    sg_cli_value seed, elements, all;
} gradcheck_options;

/* ---- the check ---- */

/* What has no name is shown by its number in the graph. */
static const char *name_of(sg_node node, char number[32])
{
    const char *name = sg_node_name(node);
    snprintf(number, 32, "%%%d", node.id);
    return name ? name : number;
}

/* One loss by one node that it was asked about. */
static void print_row(void *context, sg_node loss, sg_node by, const sg_check_report *report)
{
    char numbers[2][32];
    (void)context;
    printf("%-18s %-28s %8d %12.3g  %s\n", name_of(loss, numbers[0]), name_of(by, numbers[1]),
           report->checked, report->worst, sg_check_passed(report) ? "ok" : "FAILED");
    sg_cli_flush_or_end("gradcheck");
}

/* Finds the point, checks there, and tells the worst of all elements. */
static int check(const sg_subject *subject, const sg_check_config *config)
{
    sg_error error;
    const sg_program *program = sg_agent_program(subject->agent);

    if (!sg_subject_play(subject, 0, WARM_UP_UPDATES, config->seed, &error))
        return sg_cli_fail("gradcheck", SG_EXIT_FAILED, &error);
    printf("%-18s %-28s %8s %12s\n", "loss", "gradient by", "checked", "worst error");
    sg_check_report all = sg_gradcheck_graph(subject->graph, program, *config, print_row, NULL);
    printf("\n%d elements checked, %d failed; worst error %.3g at %s (gradient %.9g, difference "
           "%.9g)\n",
           all.checked, all.failed, all.worst, all.where, all.gradient, all.difference);
    sg_cli_flush_or_end("gradcheck");
    return sg_check_passed(&all) ? SG_EXIT_OK : SG_EXIT_FAILED;
}

/* As many elements as asked for; 0 stands for all. */
static sg_check_config configure(const gradcheck_options *o)
{
    sg_check_config config = sg_check_config_default();
    config.seed = o->seed.seed;
    config.max_elements = o->elements.given ? (int)o->elements.count : DEFAULT_ELEMENTS;
    if (o->all.given)
        config.max_elements = 0;
    return config;
}

/* ---- the command ---- */

/* The command line. */
static sg_cli_outcome read_line(gradcheck_options *o, int argc, char **argv, sg_error *error)
{
    const sg_cli_option options[] = {
        SG_SUBJECT_OPTIONS(o->subject),
        {"seed", SG_CLI_SEED, "S", "seed of weights, noise and environment (default 0)", 0, 0,
         &o->seed},
        {"elements", SG_CLI_COUNT, "N", "elements checked of each gradient (default 50)", 1,
         1000000000, &o->elements},
        {"all", SG_CLI_FLAG, NULL, "check every element of every gradient (slow)", 0, 0, &o->all},
    };
    const sg_cli_line line = {
        .usage = "gradcheck ALGO --env ID [options]",
        .summary = "Checks every gradient that an algorithm asks for, by parameters or by what is "
                   "computed,\n"
                   "against central differences in float64, after some learning. Exit code 1 if "
                   "any fails.",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .most = 1,
        .missing = "name an algorithm (see streamgrad algorithms)",
    };
    return sg_cli_read(&line, argc, argv, &o->subject.arguments, error);
}

/* The graph is built in float64, whatever training uses. */
int sg_cli_gradcheck(int argc, char **argv)
{
    static gradcheck_options o; /* large, and zero at the start */
    sg_error error;
    sg_subject subject;

    sg_cli_outcome read = read_line(&o, argc, argv, &error);
    if (read == SG_CLI_HELP)
        return SG_EXIT_OK;
    if (read == SG_CLI_READ && o.elements.given && o.all.given) {
        sg_fail(&error, "--elements and --all exclude each other");
        read = SG_CLI_BAD;
    }
    if (read == SG_CLI_BAD)
        return sg_cli_fail("gradcheck", SG_EXIT_BAD_INPUT, &error);

    sg_check_config config = configure(&o);
    /* All values stay readable, as the check needs them. */
    sg_agent_options agent = sg_agent_options_default();
    agent.dtype = SG_F64;
    agent.seed = config.seed;
    agent.keep_all = true;
    int code = sg_subject_open(&subject, &o.subject, agent, &error)
                   ? check(&subject, &config)
                   : sg_cli_fail("gradcheck", SG_EXIT_BAD_INPUT, &error);
    sg_subject_close(&subject);
    return code;
}
