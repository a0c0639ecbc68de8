/* options.h - command lines read by a table, which is also the text of --help.
 *
 * Options are long, "--steps 300k" or "--steps=300k"; "--" ends them. Everything else is an
 * argument.
 */
#ifndef SG_OPTIONS_H
#define SG_OPTIONS_H

#include <stdint.h>

#include "tensor/error.h"

enum { SG_MAX_WORDS = 1024 };

typedef enum {
    SG_OPTION_FLAG,  /* no value */
    SG_OPTION_TEXT,  /* any text; may be repeated where `words` are read */
    SG_OPTION_COUNT, /* a whole number: 300000, 3e5, 300k, 1M */
    SG_OPTION_SEED   /* a whole number of up to 64 bits */
} sg_option_kind;

/* What the command line said. */
typedef struct {
    bool given;
    const char *text;                /* the last value as written */
    int64_t count;                   /* COUNT */
    uint64_t seed;                   /* SEED */
    const char *words[SG_MAX_WORDS]; /* every value of a repeated option, in order */
    int word_count;
} sg_option_value;

typedef struct {
    const char *name; /* "steps" */
    sg_option_kind kind;
    const char *value; /* what stands for the value in --help: "N"; NULL for flags */
    const char *help;
    int64_t low, high; /* inclusive limits of a COUNT; 0, 0 for none */
    sg_option_value *result;
} sg_option;

/* A command's line. Arguments are put into `arguments`. */
typedef struct {
    const char *usage;   /* "train ALGO --env ID [options]" */
    const char *summary; /* one or more lines */
    const sg_option *options;
    int option_count;
    int most; /* number of arguments */
    const char
        *missing; /* the line where there is none, "name an algorithm"; NULL: none is needed */
} sg_command_line;

typedef enum { SG_OPTIONS_READ, SG_OPTIONS_HELP, SG_OPTIONS_BAD } sg_options_result;

/* HELP: --help was asked for and has been printed. BAD: `error` names what is wrong and allowed. */
sg_options_result sg_options_read(const sg_command_line *line, int argc, char **argv,
                                  sg_option_value *arguments, sg_error *error);

/* The values of a repeated option joined with commas (free it); NULL if there are none. */
char *sg_option_join(const sg_option_value *value);

#endif
