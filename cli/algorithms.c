/* algorithms.c - `streamgrad algorithms [NAME]`: settings, defaults, meaning and presets. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "rl/algorithm.h"
#include "tensor/number.h"

enum { RANGE = 26 }; /* columns of what is allowed */

/* "0..1", ">= 0", "on|off", "clip|scale|none"; `text` has room for the numbers. */
static const char *range_of(const sg_setting *setting, char text[64])
{
    if (setting->kind == SG_SETTING_SWITCH)
        return "on|off";
    if (setting->kind == SG_SETTING_CHOICE)
        return setting->choices;
    if (isfinite(setting->low) && isfinite(setting->high))
        snprintf(text, 64, "%.10g..%.10g", setting->low, setting->high);
    else if (isfinite(setting->low))
        snprintf(text, 64, ">= %.10g", setting->low);
    else if (isfinite(setting->high))
        snprintf(text, 64, "<= %.10g", setting->high);
    else
        return "any";
    return text;
}

/* A switch in the words that are allowed. */
static const char *default_of(const sg_setting *setting)
{
    bool on = false;
    if (setting->kind != SG_SETTING_SWITCH || !sg_number_switch(setting->initial, &on))
        return setting->initial;
    return on ? "on" : "off";
}

/* The table that also feeds --set and run.json. Behind many choices the meaning has a line of its
 * own. */
static void print_settings(const sg_settings *settings)
{
    printf("  %-22s %-12s %-*s %s\n", "setting", "default", RANGE, "allowed", "meaning");
    for (int i = 0; i < settings->count; i++) {
        const sg_setting *setting = &settings->items[i];
        char text[64];
        const char *range = range_of(setting, text);
        printf("  %-22s %-12s %-*s", setting->name, default_of(setting), RANGE, range);
        if (strlen(range) > RANGE)
            printf("\n%*s", 2 + 22 + 1 + 12 + 1 + RANGE, "");
        printf(" %s%s%s\n", setting->help, setting->idle ? "; not with " : "",
               setting->idle ? setting->idle : "");
    }
}

/* Published settings by environment; nothing for an algorithm that has none. */
static void print_presets(const sg_preset *presets)
{
    if (!presets || !presets->environments)
        return;
    printf("\npresets, used unless --set says otherwise (first match of the environment's id)\n");
    for (; presets->environments; presets++) {
        printf("  %-22s %s\n", presets->environments, presets->settings);
    }
}

/* All there is to know about one algorithm. */
static void print_algorithm(const sg_algorithm *algorithm)
{
    printf("%s: %s\n\n", algorithm->name, algorithm->summary);
    print_settings(&algorithm->settings);
    print_presets(algorithm->presets);
}

/* One line an algorithm. */
static void print_list(void)
{
    for (int i = 0; i < sg_algorithm_count(); i++)
        printf("%-20s %s\n", sg_algorithm_at(i)->name, sg_algorithm_at(i)->summary);
}

/* With a name all about that algorithm, without one the list. */
int sg_cli_algorithms(int argc, char **argv)
{
    static sg_cli_value arguments;
    const sg_cli_line line = {
        .usage = "algorithms [NAME]",
        .summary =
            "Lists the algorithms, or shows one with settings, defaults, meaning and presets.",
        .most = 1,
    };
    sg_error error;
    sg_cli_outcome read = sg_cli_read(&line, argc, argv, &arguments, &error);

    if (read == SG_CLI_HELP)
        return SG_EXIT_OK;
    if (read == SG_CLI_BAD)
        return sg_cli_fail("algorithms", SG_EXIT_BAD_INPUT, &error);
    if (arguments.word_count == 0) {
        print_list();
        return SG_EXIT_OK;
    }
    const sg_algorithm *algorithm = sg_algorithm_find(arguments.words[0], &error);
    if (!algorithm)
        return sg_cli_fail("algorithms", SG_EXIT_BAD_INPUT, &error);
    print_algorithm(algorithm);
    return SG_EXIT_OK;
}
