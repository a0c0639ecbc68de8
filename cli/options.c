/* options.c - command lines read by a table, which is also the text of --help. */
#include "cli/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tensor/nearest.h"
#include "tensor/number.h"

/* Column at which explanations start in --help. */
enum { HELP_COLUMN = 26 };

/* ---- help ---- */

/* "  --steps N    explanation" */
static void print_option(const char *name, const char *value, const char *help)
{
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", name, value ? " " : "", value ? value : "");
    printf("  %-*s %s\n", HELP_COLUMN, left, help);
}

/* Usage, summary, and the table itself. */
static void print_help(const sg_cli_line *line)
{
    printf("usage: streamgrad %s\n\n%s\n\noptions:\n", line->usage, line->summary);
    for (int i = 0; i < line->option_count; i++) {
        print_option(line->options[i].name, line->options[i].value, line->options[i].help);
    }
    print_option("help", NULL, "print this and exit");
}

/* ---- one option ---- */

/* The option of exactly that name, NULL if there is none. */
static const sg_cli_option *find(const sg_cli_line *line, const char *name, size_t length)
{
    for (int i = 0; i < line->option_count; i++) {
        const char *known = line->options[i].name;
        if (strlen(known) == length && strncmp(known, name, length) == 0)
            return &line->options[i];
    }
    return NULL;
}

/* Names the nearest option, or all of them if none is near. */
static bool fail_unknown(const sg_cli_line *line, const char *word, sg_error *error)
{
    char name[64], allowed[300] = "";
    size_t used = 0;
    /* The value does not matter for a name that is wrong. */
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    sg_nearest search = sg_nearest_start(name + strspn(name, "-"));

    for (int i = 0; i < line->option_count && used < sizeof allowed; i++) {
        sg_nearest_offer(&search, line->options[i].name);
        used +=
            (size_t)snprintf(allowed + used, sizeof allowed - used, " --%s", line->options[i].name);
    }
    if (search.best)
        return sg_fail(error, "unknown option %s; did you mean --%s?", name, search.best);
    return sg_fail(error, "unknown option %s; there are:%s --help", name, allowed);
}

/* A number within the option's limits, or a line that names them. */
static bool read_count(const sg_cli_option *option, const char *text, sg_error *error)
{
    enum { LARGEST_EXAMPLE = 1000000 };
    /* A limit of 0 stands for the largest number that is read at all. */
    int64_t *count = &option->result->count;
    int64_t high = option->high ? option->high : SG_NUMBER_LARGEST_COUNT;

    if (sg_number_count(text, count) && *count >= option->low && *count <= high)
        return true;
    return sg_fail(error,
                   "--%s cannot be '%.60s': it must be a whole number%s, at least %" PRId64
                   " and at most %" PRId64,
                   option->name, text, high < LARGEST_EXAMPLE ? "" : " (300000, 3e5, 300k, 1M)",
                   option->low, high);
}

/* Checks the value by the option's kind and keeps it. */
static bool set_option(const sg_cli_option *option, const char *text, sg_error *error)
{
    sg_cli_value *result = option->result;

    if (option->kind == SG_CLI_COUNT && !read_count(option, text, error))
        return false;
    if (option->kind == SG_CLI_SEED && !sg_number_u64(text, &result->seed)) {
        return sg_fail(error,
                       "--%s cannot be '%.60s': it must be a whole number from 0 to 2^64 - 1",
                       option->name, text);
    }
    if (result->word_count == SG_CLI_MAX_WORDS) {
        return sg_fail(error, "--%s is given more than %d times", option->name, SG_CLI_MAX_WORDS);
    }
    /* The last value counts where one is wanted; all are kept. */
    result->given = true;
    result->text = text;
    result->words[result->word_count++] = text;
    return true;
}

/* Reads the option at argv[*at] and its value, which may be the next word; *at is left on the last.
 */
static bool read_option(const sg_cli_line *line, int argc, char **argv, int *at, sg_error *error)
{
    const char *word = argv[*at], *name = word + 2;
    size_t length = strcspn(name, "=");
    const char *value = name[length] == '=' ? name + length + 1 : NULL;
    const sg_cli_option *option = strncmp(word, "--", 2) == 0 ? find(line, name, length) : NULL;

    if (!option)
        return fail_unknown(line, word, error);
    /* Flags stand alone. */
    if (option->kind == SG_CLI_FLAG) {
        if (value)
            return sg_fail(error, "--%s takes no value", option->name);
        option->result->given = true;
        return true;
    }
    /* "--steps 10" and "--steps=10" are the same. */
    if (!value && *at + 1 < argc)
        value = argv[++*at];
    if (!value || !*value)
        return sg_fail(error, "--%s needs a value: --%s %s", option->name, option->name,
                       option->value);
    return set_option(option, value, error);
}

/* ---- the line ---- */

/* Messages take one line. */
static int first_line(const char *text) { return (int)strcspn(text, "\n"); }

/* A word that is no option. */
static bool add_argument(const sg_cli_line *line, const char *word, sg_cli_value *arguments,
                         sg_error *error)
{
    if (arguments->word_count >= line->most || arguments->word_count >= SG_CLI_MAX_WORDS) {
        return sg_fail(error, "'%.60s' is too much; usage: streamgrad %.*s", word,
                       first_line(line->usage), line->usage);
    }
    arguments->given = true;
    arguments->words[arguments->word_count++] = word;
    return true;
}

/* A lone "-" is an argument, as is customary. */
static bool is_option(const char *word) { return word[0] == '-' && word[1] != '\0'; }

/* Words from left to right; the first fault ends it. */
sg_cli_outcome sg_cli_read(const sg_cli_line *line, int argc, char **argv, sg_cli_value *arguments,
                           sg_error *error)
{
    /* After "--" nothing is an option. */
    bool options_end = false;

    for (int i = 1; i < argc; i++) {
        bool ok = true;
        if (!options_end && strcmp(argv[i], "--") == 0) {
            options_end = true;
        } else if (!options_end && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            print_help(line);
            return SG_CLI_HELP;
        } else if (!options_end && is_option(argv[i])) {
            ok = read_option(line, argc, argv, &i, error);
        } else {
            ok = add_argument(line, argv[i], arguments, error);
        }
        if (!ok)
            return SG_CLI_BAD;
    }
    if (arguments->word_count > 0 || !line->missing)
        return SG_CLI_READ;
    sg_fail(error, "%s; usage: streamgrad %.*s", line->missing, first_line(line->usage),
            line->usage);
    return SG_CLI_BAD;
}

/* Measures, then copies. */
char *sg_cli_join(const sg_cli_value *value)
{
    size_t size = 1;
    if (value->word_count == 0)
        return NULL;
    /* Each with its comma, the last with the end. */
    for (int i = 0; i < value->word_count; i++)
        size += strlen(value->words[i]) + 1;

    char *joined = malloc(size);
    if (!joined)
        sg_out_of_memory("out of memory while reading options");
    char *end = joined;
    for (int i = 0; i < value->word_count; i++) {
        end += snprintf(end, size - (size_t)(end - joined), "%s%s", i ? "," : "", value->words[i]);
    }
    return joined;
}

bool sg_cli_may_write(const char *path, bool force, sg_error *error)
{
    struct stat info;
    if (lstat(path, &info) != 0)
        return true;
    if (S_ISDIR(info.st_mode))
        return sg_fail(error, "%.300s is a folder", path);
    return force || sg_fail(error, "%.300s exists already (--force replaces it)", path);
}
