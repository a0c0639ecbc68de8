/* env_options.c - the options of an environment, as it tells them while it is made. */
#include "cli/env_options.h"

#include <math.h>
#include <stdio.h>

#include "envs/options.h"

/* The default and what is allowed, one printer a kind. */
typedef void printer(FILE *out, const sg_option *option, const void *field);

static void print_number(FILE *out, const sg_option *option, const void *field)
{
    fprintf(out, "%-8g %g to %g", *(const double *)field, option->low, option->high);
}

static void print_integer(FILE *out, const sg_option *option, const void *field)
{
    fprintf(out, "%-8d %g to %g, whole", *(const int *)field, option->low, option->high);
}

static void print_range(FILE *out, const sg_option *option, const void *field)
{
    char text[64];
    const sg_range *range = field;
    snprintf(text, sizeof text, "%g:%g", range->low, range->high);
    fprintf(out, "%-8s low:high", text);
    if (isfinite(option->low) || isfinite(option->high))
        fprintf(out, ", each from %g to %g", option->low, option->high);
}

static void print_switch(FILE *out, const sg_option *option, const void *field)
{
    (void)option;
    fprintf(out, "%-8s true or false", *(const bool *)field ? "true" : "false");
}

static void print_string(FILE *out, const sg_option *option, const void *field)
{
    (void)option;
    fprintf(out, "%s", (const char *)field);
}

static printer *const printers[] = {
    [SG_OPTION_NUMBER] = print_number, [SG_OPTION_INTEGER] = print_integer,
    [SG_OPTION_RANGE] = print_range,   [SG_OPTION_SWITCH] = print_switch,
    [SG_OPTION_STRING] = print_string,
};

/* "  noise    0   0 to 1" */
static void print_option(FILE *out, const sg_option *option, const void *config)
{
    fprintf(out, "  %-42s ", option->name);
    printers[option->kind](out, option, (const char *)config + option->offset);
    fputc('\n', out);
}

/* The table and its defaults, as sg_options_parse is given them. */
static void print_table(void *context, const sg_option *options, int count, const void *config)
{
    for (int i = 0; i < count; i++)
        print_option(context, &options[i], config);
}

sg_env *sg_cli_list_env_options(const sg_env_entry *entry, char **list, sg_error *error)
{
    size_t size;
    FILE *out = open_memstream(list, &size);
    if (!out)
        sg_out_of_memory("out of memory while listing options");
    /* Made without options, so that what is there are the defaults. */
    sg_options_listen(print_table, out);
    sg_env *env = sg_env_make_entry(entry, NULL, error);
    sg_options_listen(NULL, NULL);
    if (fclose(out) != 0)
        sg_out_of_memory("out of memory while listing options");
    return env;
}
