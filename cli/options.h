/* options.h - command lines read by a table, which is also the text of --help.
 *
 * Options are long, "--steps 300k" or "--steps=300k"; "--" ends them. Everything else is an
 * argument.
 */
#ifndef SG_CLI_OPTIONS_H
#define SG_CLI_OPTIONS_H

#include <stdint.h>

#include "tensor/error.h"

enum { SG_CLI_MAX_WORDS = 1024 };

typedef enum {
    SG_CLI_FLAG,  /* no value */
    SG_CLI_TEXT,  /* any text; may be repeated where `words` are read */
    SG_CLI_COUNT, /* a whole number: 300000, 3e5, 300k, 1M */
    SG_CLI_SEED   /* a whole number of up to 64 bits */
} sg_cli_kind;

/* What the command line said. */
typedef struct {
    bool given;
    const char *text;                    /* the last value as written */
    int64_t count;                       /* COUNT */
    uint64_t seed;                       /* SEED */
    const char *words[SG_CLI_MAX_WORDS]; /* every value of a repeated option, in order */
    int word_count;
} sg_cli_value;

typedef struct {
    const char *name; /* "steps" */
    sg_cli_kind kind;
    const char *value; /* what stands for the value in --help: "N"; NULL for flags */
    const char *help;
    int64_t low, high; /* inclusive limits of a COUNT; high 0: none but 2^53 - 1 */
    sg_cli_value *result;
} sg_cli_option;

/* clang-format off */
/* Lines of several commands' tables; `value` is the address of an sg_cli_value. */
#define SG_CLI_ENV_SET(value) \
    {"env-set", SG_CLI_TEXT, "KEY=VALUE", "an option of the environment; may be repeated", 0, 0, \
     value}
#define SG_CLI_FORCE(value) \
    {"force", SG_CLI_FLAG, NULL, "replace an existing file", 0, 0, value}
#define SG_CLI_SET(value) \
    {"set", SG_CLI_TEXT, "KEY=VALUE", "a setting of the algorithm; may be repeated", 0, 0, value}
/* clang-format on */

/* A command's line. Arguments are put into `arguments`. */
typedef struct {
    const char *usage;   /* "train ALGO --env ID [options]" */
    const char *summary; /* one or more lines */
    const sg_cli_option *options;
    int option_count;
    int most; /* number of arguments */
    const char
        *missing; /* the line where there is none, "name an algorithm"; NULL: none is needed */
} sg_cli_line;

typedef enum { SG_CLI_READ, SG_CLI_HELP, SG_CLI_BAD } sg_cli_outcome;

/* HELP: --help was asked for and has been printed. BAD: `error` names what is wrong and allowed. */
sg_cli_outcome sg_cli_read(const sg_cli_line *line, int argc, char **argv, sg_cli_value *arguments,
                           sg_error *error);

/* The values of a repeated option joined with commas (free it); NULL if there are none. */
char *sg_cli_join(const sg_cli_value *value);

/* For commands with SG_CLI_FORCE: false, with a line, where `path` exists, unless `force`; where it
 * is a folder always. */
bool sg_cli_may_write(const char *path, bool force, sg_error *error);

#endif
