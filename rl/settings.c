/* settings.c - reads, checks and prints the fields of configuration structs by their table. */
#include "rl/settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rl/pairs.h"
#include "tensor/nearest.h"
#include "tensor/number.h"
#include "tensor/tensor.h"

/* ---- fields ---- */

/* A value of any kind on its way into a struct. */
typedef union {
    double real;
    int integer; /* INT, and the index of a CHOICE */
    bool on;
} setting_value;

/* Bytes of the field in the struct. */
static size_t value_size(sg_setting_kind kind)
{
    if (kind == SG_SETTING_REAL)
        return sizeof(double);
    return kind == SG_SETTING_SWITCH ? sizeof(bool) : sizeof(int);
}

/* The table's offset leads to the field. */
static void store(const sg_setting *setting, void *config, const setting_value *value)
{
    memcpy((char *)config + setting->offset, value, value_size(setting->kind));
}

/* Bytes beyond the field's size are zero. */
static setting_value fetch(const sg_setting *setting, const void *config)
{
    setting_value value;
    memset(&value, 0, sizeof value);
    memcpy(&value, (const char *)config + setting->offset, value_size(setting->kind));
    return value;
}

/* ---- what is allowed, in words ---- */

/* "a number from 0 to 1", "a whole number of at least 1" */
static void describe_range(const sg_setting *setting, char *text, size_t size)
{
    const char *noun = setting->kind == SG_SETTING_INT ? "a whole number" : "a number";
    bool below = isfinite(setting->low), above = isfinite(setting->high);

    /* Only the limits that there are. */
    if (below && above) {
        snprintf(text, size, "%s from %.10g to %.10g", noun, setting->low, setting->high);
    } else if (below) {
        snprintf(text, size, "%s of at least %.10g", noun, setting->low);
    } else if (above) {
        snprintf(text, size, "%s of at most %.10g", noun, setting->high);
    } else {
        snprintf(text, size, "%s", noun);
    }
}

/* What may stand after the equals sign. */
static void describe_allowed(const sg_setting *setting, char *text, size_t size)
{
    switch (setting->kind) {
    case SG_SETTING_SWITCH: snprintf(text, size, "on or off"); break;
    case SG_SETTING_CHOICE: snprintf(text, size, "one of %s", setting->choices); break;
    default: describe_range(setting, text, size);
    }
}

/* The line for a value that cannot be read or is out of range. */
static bool fail_value(const sg_setting *setting, const char *value, sg_error *error)
{
    char allowed[256];
    describe_allowed(setting, allowed, sizeof allowed);
    return sg_fail(error, "setting %s cannot be '%.60s': it must be %s", setting->name, value,
                   allowed);
}

/* ---- text to value ---- */

/* The index of `text` among words separated by '|'. */
static bool read_choice(const char *choices, const char *text, int *index)
{
    size_t length = strlen(text);
    *index = 0;
    /* Word by word; the index counts along. */
    for (const char *word = choices; word; ++*index) {
        size_t word_length = strcspn(word, "|");
        if (word_length == length && strncmp(word, text, length) == 0)
            return true;
        word = word[word_length] ? word + word_length + 1 : NULL;
    }
    return false;
}

/* By kind; false if the text is not such a value or not allowed. */
static bool read_value(const sg_setting *setting, const char *text, setting_value *value)
{
    double low = setting->low, high = setting->high;
    switch (setting->kind) {
    case SG_SETTING_REAL: return sg_number_real(text, low, high, &value->real);
    case SG_SETTING_INT: return sg_number_int(text, low, high, &value->integer);
    case SG_SETTING_SWITCH: return sg_number_switch(text, &value->on);
    case SG_SETTING_CHOICE: return read_choice(setting->choices, text, &value->integer);
    }
    return false;
}

/* ---- the table ---- */

/* Tables are short; a search from the start will do. */
const sg_setting *sg_settings_find(const sg_settings *settings, const char *name)
{
    for (int i = 0; i < settings->count; i++) {
        if (strcmp(settings->items[i].name, name) == 0)
            return &settings->items[i];
    }
    return NULL;
}

/* Mistakes of the table's author: a name twice, a default that the table itself refuses. */
static setting_value initial_value(const sg_settings *settings, const sg_setting *setting)
{
    setting_value value;
    if (sg_settings_find(settings, setting->name) != setting)
        sg_misuse("setting %s stands in its table twice", setting->name);
    if (!read_value(setting, setting->initial, &value))
        sg_misuse("setting %s: its default '%s' is not allowed", setting->name, setting->initial);
    return value;
}

void sg_settings_defaults(const sg_settings *settings, void *config)
{
    memset(config, 0, settings->config_size);
    for (int i = 0; i < settings->count; i++) {
        setting_value value = initial_value(settings, &settings->items[i]);
        store(&settings->items[i], config, &value);
    }
}

/* All names, or as many whole ones as there is room for. */
static void list_names(const sg_settings *settings, char *text, size_t size)
{
    static const char MORE[] = ", ...";
    size_t used = 0;
    *text = '\0';
    for (int i = 0; i < settings->count; i++) {
        const char *name = settings->items[i].name;
        bool fits = used + strlen(name) + 2 + sizeof MORE <= size;
        used += (size_t)snprintf(text + used, size - used, "%s%s", i && fits ? ", " : "",
                                 fits ? name : MORE);
        if (!fits)
            return;
    }
}

/* The line for an unknown name: the nearest one, and what there is. */
static bool fail_name(const sg_settings *settings, const char *name, sg_error *error)
{
    char names[800];
    sg_nearest search = sg_nearest_start(name);
    list_names(settings, names, sizeof names);
    for (int i = 0; i < settings->count; i++)
        sg_nearest_offer(&search, settings->items[i].name);
    if (search.best) {
        return sg_fail(error, "there is no setting '%.60s'; did you mean %s? There are: %s", name,
                       search.best, names);
    }
    return sg_fail(error, "there is no setting '%.60s'; there are: %s", name, names);
}

/* True if the setting's name is "<something>_<name>". */
static bool ends_with(const sg_setting *setting, const char *name)
{
    size_t all = strlen(setting->name), end = strlen(name);
    return all > end + 1 && setting->name[all - end - 1] == '_' &&
           strcmp(setting->name + all - end, name) == 0;
}

/* "lr" for both actor_lr and critic_lr. How many there are; they are set only if `store_them`. */
static int set_all(const sg_settings *settings, void *config, const char *name, const char *value,
                   bool store_them, const sg_setting **bad)
{
    int count = 0;
    *bad = NULL;
    for (int i = 0; i < settings->count; i++) {
        setting_value read;
        if (!ends_with(&settings->items[i], name))
            continue;
        count++;
        if (!read_value(&settings->items[i], value, &read))
            *bad = &settings->items[i];
        else if (store_them)
            store(&settings->items[i], config, &read);
    }
    return count;
}

/* The value is read before anything is stored, so a bad one changes nothing. */
bool sg_settings_set(const sg_settings *settings, void *config, const char *name, const char *value,
                     sg_error *error)
{
    const sg_setting *setting = sg_settings_find(settings, name);
    setting_value read;

    if (!setting) {
        if (set_all(settings, config, name, value, false, &setting) < 2)
            return fail_name(settings, name, error);
        if (!setting)
            return set_all(settings, config, name, value, true, &setting) > 0;
    }
    if (!read_value(setting, value, &read))
        return fail_value(setting, value, error);
    store(setting, config, &read);
    return true;
}

static char *copied(const char *text, int size)
{
    char *copy = sg_alloc((size_t)size + 1);
    memcpy(copy, text, (size_t)size);
    copy[size] = '\0';
    return copy;
}

/* "=value" and "name" are slips, not settings. */
static bool fail_pair(const sg_pair *pair, sg_error *error)
{
    int size = pair->value ? pair->name_size + 1 + pair->value_size : pair->name_size;
    return sg_fail(error, "setting '%.*s' must be written as name=value", size < 60 ? size : 60,
                   pair->name);
}

static bool set_pair(const sg_settings *settings, void *config, const sg_pair *pair,
                     sg_error *error)
{
    if (!pair->value || !pair->name_size)
        return fail_pair(pair, error);
    char *name = copied(pair->name, pair->name_size);
    char *value = copied(pair->value, pair->value_size);
    bool ok = sg_settings_set(settings, config, name, value, error);
    free(value);
    free(name);
    return ok;
}

/* All or nothing: a copy is changed, and taken over when every pair was good. */
bool sg_settings_parse(const sg_settings *settings, void *config, const char *text, sg_error *error)
{
    void *changed = memcpy(sg_alloc(settings->config_size), config, settings->config_size);
    bool ok = true;
    for (; text && ok; text = sg_pairs_rest(text)) {
        sg_pair pair = sg_pairs_first(text);
        ok = set_pair(settings, changed, &pair, error);
    }
    if (ok)
        memcpy(config, changed, settings->config_size);
    free(changed);
    return ok;
}

/* ---- value to text ---- */

/* Skips as many words as the index says. */
static void print_choice(const char *choices, int index, char text[64])
{
    for (; index > 0 && *choices; index--) {
        choices += strcspn(choices, "|");
        if (*choices)
            choices++;
    }
    snprintf(text, 64, "%.*s", (int)strcspn(choices, "|"), choices);
}

/* The inverse of sg_settings_set. */
const char *sg_settings_text(const sg_setting *setting, const void *config, char text[64])
{
    setting_value value = fetch(setting, config);

    switch (setting->kind) {
    case SG_SETTING_REAL: sg_number_text(value.real, text); break;
    case SG_SETTING_INT: snprintf(text, 64, "%d", value.integer); break;
    case SG_SETTING_SWITCH: snprintf(text, 64, "%s", value.on ? "true" : "false"); break;
    case SG_SETTING_CHOICE: print_choice(setting->choices, value.integer, text); break;
    }
    return text;
}

/* ---- settings that have no effect ---- */

/* True if "a=b" holds in config: b is a's value, or another setting that has the same. */
static bool holds(const sg_settings *settings, const void *config, const sg_pair *pair)
{
    char name[64], value[64], is[64], other[64];
    snprintf(name, sizeof name, "%.*s", pair->name_size, pair->name);
    snprintf(value, sizeof value, "%.*s", pair->value_size, pair->value);
    const sg_setting *setting = sg_settings_find(settings, name);
    const sg_setting *same = sg_settings_find(settings, value);
    setting_value wanted, now;
    if (!setting)
        return false;
    if (same)
        return !strcmp(sg_settings_text(setting, config, is),
                       sg_settings_text(same, config, other));
    memset(&wanted, 0, sizeof wanted);
    now = fetch(setting, config);
    return read_value(setting, value, &wanted) && !memcmp(&wanted, &now, sizeof now);
}

/* True if all pairs of a list hold. */
static bool all_hold(const sg_settings *settings, const void *config, const char *list)
{
    bool all = true;
    for (; list && all; list = sg_pairs_rest(list)) {
        sg_pair pair = sg_pairs_first(list);
        all = holds(settings, config, &pair);
    }
    return all;
}

/* The first of the lists "a=b or c=d,e=f" that holds is copied. */
static bool is_idle(const sg_settings *settings, const void *config, const sg_setting *setting,
                    char why[128])
{
    static const char OR[] = " or ";
    for (const char *list = setting->idle; list;) {
        const char *end = strstr(list, OR);
        snprintf(why, 128, "%.*s", (int)(end ? (size_t)(end - list) : strlen(list)), list);
        if (all_hold(settings, config, why))
            return true;
        list = end ? end + strlen(OR) : NULL;
    }
    return false;
}

/* One written name: false with the line where all that it sets are idle. */
static bool one_not_idle(const sg_settings *settings, const void *config, const char *name,
                         sg_error *error)
{
    char why[128] = "";
    const sg_setting *exact = sg_settings_find(settings, name);
    for (int i = 0; i < settings->count; i++) {
        const sg_setting *setting = &settings->items[i];
        if (exact ? setting != exact : !ends_with(setting, name))
            continue;
        if (!is_idle(settings, config, setting, why))
            return true;
    }
    return !*why || sg_fail(error, "setting %s has no effect with %s", name, why);
}

bool sg_settings_none_idle(const sg_settings *settings, const void *config, const char *const *sets,
                           int count, sg_error *error)
{
    char name[64];
    bool ok = true;
    for (int i = 0; i < count; i++)
        for (const char *list = sets[i]; list && ok; list = sg_pairs_rest(list)) {
            sg_pair pair = sg_pairs_first(list);
            snprintf(name, sizeof name, "%.*s", pair.name_size, pair.name);
            ok = one_not_idle(settings, config, name, error);
        }
    return ok;
}

bool sg_settings_written(const char *const *sets, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (sg_pairs_have(sets[i], name))
            return true;
    return false;
}
