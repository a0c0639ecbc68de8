/* eval.c - `streamgrad eval DIR`: plays episodes with the agent of a checkpoint. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "rl/training/checkpoint.h"
#include "rl/training/evaluation.h"

typedef struct {
    sg_cli_value arguments, episodes, seed, stochastic, env;
} eval_options;

/* Each episode is seen as soon as it is over. */
void sg_cli_print_episode(int episode, double episode_return, int64_t length)
{
    printf("episode %d  return %.2f  length %" PRId64 "\n", episode, episode_return, length);
    fflush(stdout);
}

/* Playing on for nobody is of no use. */
static void report(int episode, double episode_return, int64_t length)
{
    sg_cli_print_episode(episode, episode_return, length);
    sg_cli_flush_or_end("eval");
}

/* Mean and standard deviation over all episodes. */
static void print_result(const sg_evaluation_record *result)
{
    printf("%" PRId64 " episode%s: return %.2f \302\261 %.2f, length %.1f\n", result->episodes,
           result->episodes == 1 ? "" : "s", result->return_mean, result->return_sd,
           result->length_mean);
    if (result->cut > 0)
        printf("%" PRId64 " of them without an end, cut at %d steps\n", result->cut,
               SG_EVALUATION_STEPS);
}

/* Restores agent and statistics, and plays. */
static int play(const char *folder, const sg_experiment *run, sg_evaluator *evaluator,
                sg_agent *agent, const sg_evaluation_options *options)
{
    sg_error error;
    sg_evaluation_record result;
    /* Counters and the current observation are of no interest here. */
    sg_training_state state = {.agent = agent, .env = sg_evaluator_env(evaluator), .run = run};

    if (!sg_checkpoint_load(folder, &state, &error)) {
        return sg_cli_fail("eval", SG_EXIT_BAD_INPUT, &error);
    }
    if (sg_evaluate(evaluator, agent, options, &result, &error) != SG_EVALUATION_DONE) {
        return sg_cli_fail("eval", SG_EXIT_FAILED, &error);
    }
    print_result(&result);
    return SG_EXIT_OK;
}

/* Makes the environment and an agent of the run's shape, and plays with them. */
static int evaluate(const char *folder, const sg_experiment *run,
                    const sg_evaluation_options *options)
{
    sg_error error;
    sg_agent *agent = NULL;
    sg_evaluator *evaluator = sg_evaluator_new(run, &error);

    /* The agent takes its sizes from the environment. */
    if (evaluator)
        agent = sg_experiment_make_agent(run, &sg_evaluator_env(evaluator)->spec, &error);
    int code = agent ? play(folder, run, evaluator, agent, options)
                     : sg_cli_fail("eval", SG_EXIT_BAD_INPUT, &error);
    if (agent)
        sg_agent_free(agent);
    sg_evaluator_free(evaluator);
    return code;
}

/* A plugin may have moved since; it, or a model, may have been changed. */
static bool find_environment(sg_experiment *run, const sg_cli_value *env, sg_error *error)
{
    if (env->given && !sg_experiment_move_environment(run, env->text, error))
        return false;
    if (sg_experiment_changed(run))
        fprintf(stderr, "warning: the environment's file has changed since the run began\n");
    return true;
}

/* The command line. */
static sg_cli_outcome read_line(eval_options *o, int argc, char **argv, sg_error *error)
{
    const sg_cli_option options[] = {
        {"episodes", SG_CLI_COUNT, "N", "episodes to play (default 10)", 1, 1000000, &o->episodes},
        {"seed", SG_CLI_SEED, "S", "seed of the episodes' beginnings (default 0)", 0, 0, &o->seed},
        {"stochastic", SG_CLI_FLAG, NULL, "sample actions as in training", 0, 0, &o->stochastic},
        {"env", SG_CLI_TEXT, "PATH", "where the run's own environment (.so) is now", 0, 0, &o->env},
    };
    const sg_cli_line line = {
        .usage = "eval DIR [options]",
        .summary =
            "Plays episodes with the trained agent in DIR, without learning, and prints their\n"
            "returns, with mean and standard deviation at the end.",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .most = 1,
        .missing = "name the folder of a run",
    };
    return sg_cli_read(&line, argc, argv, &o->arguments, error);
}

/* run.json says what to make, the checkpoint what it had learned. */
int sg_cli_eval(int argc, char **argv)
{
    static eval_options o; /* large, and zero at the start */
    sg_error error;
    sg_experiment run;
    char folder[SG_PATH_SIZE];

    sg_cli_outcome read = read_line(&o, argc, argv, &error);
    if (read == SG_CLI_HELP)
        return SG_EXIT_OK;
    const char *given = o.arguments.words[0];
    /* The environment may go elsewhere before the checkpoint is read. */
    if (read == SG_CLI_BAD || !sg_path_absolute(folder, given, &error) ||
        !sg_experiment_read(&run, given, &error))
        return sg_cli_fail("eval", SG_EXIT_BAD_INPUT, &error);

    sg_evaluation_options play_options = {
        .episodes = o.episodes.given ? (int)o.episodes.count : 10,
        .seed = o.seed.seed,
        .stochastic = o.stochastic.given,
        .report = report,
    };
    int code = find_environment(&run, &o.env, &error)
                   ? evaluate(folder, &run, &play_options)
                   : sg_cli_fail("eval", SG_EXIT_BAD_INPUT, &error);
    sg_experiment_release(&run);
    return code;
}
