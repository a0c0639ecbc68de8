/* cli.h - the commands of the program `streamgrad` and what they share. */
#ifndef SG_CLI_H
#define SG_CLI_H

#include <stdint.h>

#include "tensor/error.h"

/* Exit codes. */
enum { SG_EXIT_OK = 0, SG_EXIT_FAILED = 1, SG_EXIT_BAD_INPUT = 2, SG_EXIT_STOPPED = 130 };

/* Each gets the words from its own name on and returns an exit code. */
int sg_cli_train(int argc, char **argv);
int sg_cli_eval(int argc, char **argv);
int sg_cli_envs(int argc, char **argv);
int sg_cli_check_env(int argc, char **argv);
int sg_cli_algorithms(int argc, char **argv);
int sg_cli_gradcheck(int argc, char **argv);
int sg_cli_graph(int argc, char **argv);
int sg_cli_plot(int argc, char **argv);
int sg_cli_render(int argc, char **argv);

/* Prints "streamgrad COMMAND: message" on stderr and returns `code`; NULL: no command. */
int sg_cli_fail(const char *command, int code, const sg_error *error);
/* Before anything else: standard streams that are closed are kept from being taken by files;
 * writing where nobody reads fails instead of ending the program; want of memory is told in a line
 * and is bad input, as nothing has begun; a crash is told in a line that names the command (NULL:
 * none). */
void sg_cli_start(const char *command);
/* Hands what was printed to whoever reads it. False, with a line, if nobody does or a disk is full.
 */
bool sg_cli_flush(sg_error *error);
/* The same for a command that has nothing to lose but its output: it ends there, with exit code 1.
 */
void sg_cli_flush_or_end(const char *command);
/* The line of one episode that was played. */
void sg_cli_print_episode(int episode, double episode_return, int64_t length);

#endif
