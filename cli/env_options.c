/* env_options.c - the options of an environment, as it tells them while it is made. */
#include "cli/env_options.h"

#include <stdio.h>

#include "envs/options.h"

/* "  noise    0   0 to 1" */
static void print_option(FILE *out, const sg_option *option, const void *config)
{
    const void *field = (const char *)config + option->offset;
    fprintf(out, "  %-42s ", option->name);
    if (option->kind == SG_OPTION_SWITCH) {
        fprintf(out, "%-8s true or false\n", *(const bool *)field ? "true" : "false");
    } else {
        fprintf(out, "%-8g %g to %g\n", *(const double *)field, option->low, option->high);
    }
}

/* The table and its defaults, as sg_options_parse is given them. */
static void print_table(void *context, const sg_option *const *options, int count,
                        const void *config)
{
    for (int i = 0; i < count; i++)
        print_option(context, options[i], config);
}

sg_env *sg_cli_list_env_options(const sg_env_entry *entry, char **list, sg_error *error)
{
    size_t size;
    FILE *out = open_memstream(list, &size);
    if (!out)
        sg_misuse("out of memory while listing options");
    /* Made without options, so that what is there are the defaults. */
    sg_options_listen(print_table, out);
    sg_env *env = sg_env_make_entry(entry, NULL, error);
    sg_options_listen(NULL, NULL);
    if (fclose(out) != 0)
        sg_misuse("out of memory while listing options");
    return env;
}
