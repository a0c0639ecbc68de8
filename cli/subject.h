/* subject.h - an algorithm with an environment and settings, as graph and gradcheck look at it. */
#ifndef SG_SUBJECT_H
#define SG_SUBJECT_H

#include "cli/options.h"
#include "rl/agent.h"

/* What the command line says of it. */
typedef struct {
    sg_cli_value arguments; /* one: the algorithm's name */
    sg_cli_value env, env_set, set;
} sg_subject_words;

/* clang-format off */
/* The lines of a table of options that fill `words` but for the arguments. */
#define SG_SUBJECT_OPTIONS(words) \
    {"env", SG_CLI_TEXT, "ID", "environment, e.g. HalfCheetah-v4", 0, 0, &(words).env}, \
    SG_CLI_ENV_SET(&(words).env_set), \
    SG_CLI_SET(&(words).set)
/* clang-format on */

typedef struct {
    const sg_algorithm *algorithm;
    void *config;
    sg_env *env;     /* wrapped as the algorithm asks */
    sg_agent *agent; /* of the seed and type that were asked for */
    sg_graph *graph; /* the agent's */
} sg_subject;

/* False with a line; sg_subject_close releases it in any case. */
bool sg_subject_open(sg_subject *subject, const sg_subject_words *words, sg_agent_options options,
                     sg_error *error);
/* Trains for some steps from a reset, and for as many more as it takes to have learnt `updates`
 * times in all: statistics, moments and traces are then not at their starts. */
bool sg_subject_play(const sg_subject *subject, int64_t steps, int64_t updates, uint64_t seed,
                     sg_error *error);
void sg_subject_close(sg_subject *subject);

#endif
