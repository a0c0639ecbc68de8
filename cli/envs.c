/* envs.c - `streamgrad envs [ID]`: what environments there are, and what one looks like. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/env_options.h"
#include "cli/options.h"
#include "envs/env.h"

/* One line an environment. */
static void print_list(void)
{
    for (int i = 0; i < sg_env_count(); i++) {
        const sg_env_entry *entry = sg_env_entry_at(i);
        printf("%-39s %s\n", entry->id, entry->summary);
    }
}

/* Equal bounds in a row are told once. */
static void print_bounds(const sg_env_spec *spec)
{
    printf("actions       %d, bounds", spec->action_size);
    for (int i = 0; i < spec->action_size; i++) {
        bool repeated = i > 0 && spec->action_low[i] == spec->action_low[i - 1] &&
                        spec->action_high[i] == spec->action_high[i - 1];
        if (!repeated)
            printf(" [%g, %g]", spec->action_low[i], spec->action_high[i]);
    }
    printf("\n");
}

/* What an agent must know of the environment. */
static void print_spec(const sg_env_spec *spec)
{
    printf("observation   %d values", spec->obs_size);
    /* Images have a shape worth telling. */
    if (spec->obs_rank == 3) {
        printf(", [%d, %d, %d]", spec->obs_dim[0], spec->obs_dim[1], spec->obs_dim[2]);
    }
    printf("\n");
    if (spec->discrete)
        printf("actions       one of %d\n", spec->action_count);
    else
        print_bounds(spec);
    if (spec->time_limit > 0)
        printf("time limit    %d steps\n", spec->time_limit);
    else
        printf("time limit    none\n");
}

/* Name, spec and options of one environment. */
static int describe(const char *id)
{
    sg_error error;
    char *options = NULL;
    const sg_env_entry *entry = sg_env_find(id, &error);
    sg_env *env = entry ? sg_cli_list_env_options(entry, &options, &error) : NULL;

    /* Its own message names the nearest ids. */
    if (env) {
        printf("%s: %s\n", env->spec.id, entry->summary);
        print_spec(&env->spec);
        printf("options       %s\n%s", *options ? "--env-set NAME=VALUE, default, range" : "none",
               options);
    }
    free(options);
    if (!env)
        return sg_cli_fail("envs", SG_EXIT_BAD_INPUT, &error);
    sg_env_close(env);
    return SG_EXIT_OK;
}

/* With an id the environment is made and described, without one all are listed. */
int sg_cli_envs(int argc, char **argv)
{
    static sg_cli_value arguments;
    const sg_cli_line line = {
        .usage = "envs [ID]",
        .summary =
            "Lists the environments, or tells sizes, bounds, time limit and options of one, which\n"
            "may be your own: ./my_env.so (docs/new-environment.md; streamgrad check-env checks "
            "it).",
        .most = 1,
    };
    sg_error error;
    sg_cli_outcome read = sg_cli_read(&line, argc, argv, &arguments, &error);

    if (read == SG_CLI_HELP)
        return SG_EXIT_OK;
    if (read == SG_CLI_BAD)
        return sg_cli_fail("envs", SG_EXIT_BAD_INPUT, &error);
    if (arguments.word_count > 0)
        return describe(arguments.words[0]);
    print_list();
    return SG_EXIT_OK;
}
