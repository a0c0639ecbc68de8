/* algorithms.c - `streamgrad algorithms [NAME]`: settings, defaults, meaning and presets. */
#include <math.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "rl/algorithm.h"

/* "0..1", ">= 0", "on|off", "clip|scale|none" */
static void range_text(const sg_setting *setting, char text[64])
{
    if (setting->kind == SG_SETTING_SWITCH) {
        snprintf(text, 64, "on|off");
    } else if (setting->kind == SG_SETTING_CHOICE) {
        snprintf(text, 64, "%s", setting->choices);
    } else if (isfinite(setting->low) && isfinite(setting->high)) {
        snprintf(text, 64, "%.10g..%.10g", setting->low, setting->high);
    } else if (isfinite(setting->low)) {
        snprintf(text, 64, ">= %.10g", setting->low);
    } else if (isfinite(setting->high)) {
        snprintf(text, 64, "<= %.10g", setting->high);
    } else {
        snprintf(text, 64, "any");
    }
}

/* The table that also feeds --set and run.json. */
static void print_settings(const sg_settings *settings)
{
    printf("  %-22s %-12s %-26s %s\n", "setting", "default", "allowed", "meaning");
    for (int i = 0; i < settings->count; i++) {
        const sg_setting *setting = &settings->items[i];
        char range[64];
        range_text(setting, range);
        printf("  %-22s %-12s %-26s %s%s%s\n", setting->name, setting->initial, range,
               setting->help, setting->idle ? "; not with " : "",
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
