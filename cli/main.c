/* main.c - the program `streamgrad`: finds the command and hands over. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "tensor/kernels.h"
#include "tensor/nearest.h"

typedef struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} command;

static const command COMMANDS[] = {
    {"train", sg_cli_train, "train an agent; records and checkpoints go into a folder"},
    {"eval", sg_cli_eval, "play episodes with a trained agent"},
    {"plot", sg_cli_plot, "draw return against steps, mean and spread over runs"},
    {"render", sg_cli_render, "show an environment as a film or a picture"},
    {"envs", sg_cli_envs, "list the environments, or describe one"},
    {"check-env", sg_cli_check_env, "check an environment, for example one of your own"},
    {"algorithms", sg_cli_algorithms, "list the algorithms, or the settings and presets of one"},
    {"gradcheck", sg_cli_gradcheck, "check an algorithm's gradients by finite differences"},
    {"graph", sg_cli_graph, "print an algorithm's graph or its plan"},
};
enum { COMMAND_COUNT = sizeof COMMANDS / sizeof *COMMANDS };

/* What was printed before comes out before the message. */
int sg_cli_fail(const char *command_name, int code, const sg_error *error)
{
    fflush(stdout);
    fprintf(stderr, "streamgrad%s%s: %s\n", command_name ? " " : "",
            command_name ? command_name : "", error->text);
    return code;
}

/* The commands, one line each. */
static void print_help(FILE *out)
{
    fprintf(out, "streamgrad " STREAMGRAD_VERSION
                 ": incremental reinforcement learning from a stream\n\n"
                 "usage: streamgrad COMMAND ...\n\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "  %-12s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
    }
    fprintf(out,
            "\nstreamgrad COMMAND --help explains a command. Wherever an environment is named, a\n"
            "path such as ./my_env.so is one of your own (docs/new-environment.md).\n");
}

/* Names the nearest command and all there are. */
static int fail_unknown(const char *word)
{
    char names[200] = "", near[60] = "";
    sg_nearest search = sg_nearest_start(word);
    sg_error error;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        size_t used = strlen(names);
        sg_nearest_offer(&search, COMMANDS[i].name);
        snprintf(names + used, sizeof names - used, " %s", COMMANDS[i].name);
    }
    if (search.best)
        snprintf(near, sizeof near, "did you mean %s? There are:", search.best);
    sg_fail(&error, "there is no command '%.60s'; %s%s", word, *near ? near : "there are:", names);
    return sg_cli_fail(NULL, SG_EXIT_BAD_INPUT, &error);
}

/* The first word is the command; the rest is the command's own. */
static int run(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;

    /* Alone, the program explains itself, but has not done anything. */
    if (!word) {
        print_help(stderr);
        return SG_EXIT_BAD_INPUT;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_help(stdout);
        return SG_EXIT_OK;
    }
    if (strcmp(word, "--version") == 0) {
        printf("streamgrad " STREAMGRAD_VERSION "\n");
        return SG_EXIT_OK;
    }
    /* A run would go on with other kernels, and other roundings, than were asked for. */
    if (!sg_isa_mask_fits())
        return SG_EXIT_BAD_INPUT;
    /* The command sees its own name as word 0. */
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(word, COMMANDS[i].name) == 0)
            return COMMANDS[i].run(argc - 1, argv + 1);
    }
    return fail_unknown(word);
}

/* All that was printed has arrived, or the exit code is not 0. */
int main(int argc, char **argv)
{
    sg_cli_start(argc > 1 ? argv[1] : NULL);
    int code = run(argc, argv);
    if (code == SG_EXIT_OK)
        sg_cli_flush_or_end(argv[1]);
    return code;
}
