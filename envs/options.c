/* options.c - reads "key=value,key=value" by a table. */
#include "envs/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/number.h"

/* The table with the words that error messages need. */
typedef struct {
    const char *id;
    const sg_option *options;
    int count;
} table;

/* "allowed are a, b, c" */
static void list_names(const table *t, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, t->count ? "allowed are" : "it has no options");
    for (int i = 0; i < t->count && used < size; i++) {
        const char *comma = i ? "," : "";
        used += (size_t)snprintf(text + used, size - used, "%s %s", comma, t->options[i].name);
    }
}

/* NULL if there is none of that name. */
static const sg_option *find(const table *t, const char *name)
{
    for (int i = 0; i < t->count; i++) {
        if (strcmp(t->options[i].name, name) == 0)
            return &t->options[i];
    }
    return NULL;
}

/* One setter a kind. */
typedef bool setter(const table *t, const sg_option *option, void *field, const char *value,
                    sg_error *error);

static bool set_number(const table *t, const sg_option *option, void *field, const char *value,
                       sg_error *error)
{
    return sg_number_real(value, option->low, option->high, field) ||
           sg_fail(error, "%s: option %s is '%s'; allowed is a number from %g to %g", t->id,
                   option->name, value, option->low, option->high);
}

static bool set_integer(const table *t, const sg_option *option, void *field, const char *value,
                        sg_error *error)
{
    return sg_number_int(value, option->low, option->high, field) ||
           sg_fail(error, "%s: option %s is '%s'; allowed is a whole number from %g to %g", t->id,
                   option->name, value, option->low, option->high);
}

/* Two numbers around a colon. */
static bool set_range(const table *t, const sg_option *option, void *field, const char *value,
                      sg_error *error)
{
    char low[64];
    sg_range range;
    size_t length = strcspn(value, ":");
    snprintf(low, sizeof low, "%.*s", (int)length, value);
    if (value[length] != ':' || length >= sizeof low ||
        !sg_number_real(low, option->low, option->high, &range.low) ||
        !sg_number_real(value + length + 1, option->low, option->high, &range.high)) {
        return sg_fail(error, "%s: option %s is '%s'; allowed is low:high, both from %g to %g",
                       t->id, option->name, value, option->low, option->high);
    }
    if (range.low > range.high)
        return sg_fail(error, "%s: option %s is '%s'; in low:high, low must not be above high",
                       t->id, option->name, value);
    *(sg_range *)field = range;
    return true;
}

static bool set_switch(const table *t, const sg_option *option, void *field, const char *value,
                       sg_error *error)
{
    return sg_number_switch(value, field) ||
           sg_fail(error, "%s: option %s is '%s'; allowed are true and false", t->id, option->name,
                   value);
}

static bool set_string(const table *t, const sg_option *option, void *field, const char *value,
                       sg_error *error)
{
    size_t length = strlen(value);
    if (length == 0 || length >= SG_OPTION_STRING_SIZE) {
        return sg_fail(error, "%s: option %s has %zu characters; allowed are 1 to %d", t->id,
                       option->name, length, SG_OPTION_STRING_SIZE - 1);
    }
    memcpy(field, value, length + 1);
    return true;
}

static setter *const setters[] = {
    [SG_OPTION_NUMBER] = set_number, [SG_OPTION_INTEGER] = set_integer,
    [SG_OPTION_RANGE] = set_range,   [SG_OPTION_SWITCH] = set_switch,
    [SG_OPTION_STRING] = set_string,
};

/* One "key=value", cut apart in place. */
static bool set_one(const table *t, char *item, void *config, sg_error *error)
{
    char *equals = strchr(item, '=');
    if (!equals) {
        return sg_fail(error, "%s: option '%s' has no value; write key=value", t->id, item);
    }
    *equals = '\0';

    /* the field that the name stands for */
    const sg_option *option = find(t, item);
    if (!option) {
        char names[400];
        list_names(t, names, sizeof names);
        return sg_fail(error, "%s: unknown option '%s'; %s", t->id, item, names);
    }
    void *field = (char *)config + option->offset;
    return setters[option->kind](t, option, field, equals + 1, error);
}

const char *sg_options_value(const char *text, const char *name, size_t *length)
{
    const char *found = NULL;
    size_t size = strlen(name);
    while (text && *text) {
        size_t item = strcspn(text, ",");
        if (item > size && strncmp(text, name, size) == 0 && text[size] == '=') {
            found = text + size + 1;
            *length = item - size - 1;
        }
        text += item + (text[item] == ',');
    }
    return found;
}

/* Who wants to know of tables. */
static _Thread_local struct {
    sg_options_listener *tell;
    void *context;
} listener;

void sg_options_listen(sg_options_listener *tell, void *context)
{
    listener.tell = tell;
    listener.context = context;
}

bool sg_options_parse(const char *id, const sg_option *options, int count, void *config,
                      const char *text, sg_error *error)
{
    if (listener.tell)
        listener.tell(listener.context, options, count, config);
    if (!text || !*text)
        return true;
    /* a copy, since it is cut at commas and equal signs */
    const table t = {id, options, count};
    char *copy = strdup(text);
    if (!copy)
        return sg_fail(error, "%s: out of memory", id);

    /* strsep keeps empty items, so "a=1,,b=2" is noticed */
    char *rest = copy, *item;
    bool ok = true;
    while (ok && (item = strsep(&rest, ",")))
        ok = set_one(&t, item, config, error);
    free(copy);
    return ok;
}
