/* check_env.c - `streamgrad check-env ID`: does an environment keep the interface's promises? */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "envs/check.h"

/* Steps of a rollout whose rows still fit into reasonable memory. */
enum { MOST_STEPS = 100000 };

/* A line as soon as it is known: an environment that hangs shows where. */
static void print_check(void *context, const char *check, sg_env_check_outcome outcome,
                        const char *text)
{
    static const char *const words[] = {"ok", "note", "FAILED"};
    (void)context;
    printf("%-7s %-17s %s\n", words[outcome], check, text);
    sg_cli_flush_or_end("check-env");
}

/* All checks, and the verdict. */
static int check(const sg_env_entry *entry, const char *options, sg_env_check_config config)
{
    sg_env_check_result r = sg_env_check(entry, options, config, print_check, NULL);
    printf("%s: %d checks, %d failed, %d note%s\n", entry->id, r.ok + r.notes + r.failed, r.failed,
           r.notes, r.notes == 1 ? "" : "s");
    sg_cli_flush_or_end("check-env");
    return r.failed > 0 ? SG_EXIT_FAILED : SG_EXIT_OK;
}

/* What cannot even be made is bad input, as for every command. */
static int open_and_check(const char *id, const char *options, sg_env_check_config config)
{
    sg_error error;
    const sg_env_entry *entry = sg_env_find(id, &error);
    sg_env *env = entry ? sg_env_make_entry(entry, options, &error) : NULL;
    if (!env)
        return sg_cli_fail("check-env", SG_EXIT_BAD_INPUT, &error);
    sg_env_close(env);
    return check(entry, options, config);
}

/* The line names one environment. */
int sg_cli_check_env(int argc, char **argv)
{
    static sg_cli_value arguments, env_set, steps, seed;
    const sg_cli_option options[] = {
        SG_CLI_ENV_SET(&env_set),
        {"steps", SG_CLI_COUNT, "N", "steps of each of about ten rollouts (default 1000)", 1,
         MOST_STEPS, &steps},
        {"seed", SG_CLI_SEED, "S", "seed of environment and random actions (default 0)", 0, 0,
         &seed},
    };
    const sg_cli_line line = {
        .usage = "check-env ID [options]",
        .summary =
            "Checks an environment, registered or a plugin (./my_env.so): sizes, options, finite\n"
            "values, actions, seeds, save and restore to the bit, ends of episodes, time limit,\n"
            "memory.\n"
            "One line a check; exit code 1 if any fails.",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .most = 1,
        .missing = "name an environment (see streamgrad envs)",
    };
    sg_error error;

    sg_cli_outcome read = sg_cli_read(&line, argc, argv, &arguments, &error);
    if (read == SG_CLI_HELP)
        return SG_EXIT_OK;
    if (read == SG_CLI_BAD)
        return sg_cli_fail("check-env", SG_EXIT_BAD_INPUT, &error);
    sg_env_check_config config = sg_env_check_config_default();
    if (steps.given)
        config.steps = (int)steps.count;
    config.seed = seed.seed;
    char *joined = sg_cli_join(&env_set);
    int code = open_and_check(arguments.words[0], joined, config);
    free(joined);
    return code;
}
