/* options.h - "key=value,key=value" read into a configuration struct by a table.
 *
 * Every environment has a table of the options it knows; anything else is refused with one line
 * that names what is allowed.
 */
#ifndef SG_ENV_OPTIONS_H
#define SG_ENV_OPTIONS_H

#include <stddef.h>

#include "tensor/error.h"

typedef enum {
    SG_OPTION_NUMBER,  /* double; "inf" and "-inf" are numbers, "nan" is not */
    SG_OPTION_INTEGER, /* int */
    SG_OPTION_RANGE,   /* sg_range, written low:high with low not above high */
    SG_OPTION_SWITCH,  /* bool, as sg_number_switch reads it: true|false, on|off */
    SG_OPTION_STRING   /* char[SG_OPTION_STRING_SIZE]; not empty, without comma */
} sg_option_kind;

enum { SG_OPTION_STRING_SIZE = 256 };

typedef struct {
    double low, high;
} sg_range;

typedef struct {
    const char *name;
    sg_option_kind kind;
    size_t offset;    /* of the field in the configuration struct */
    double low, high; /* inclusive limits of a number, an integer or both ends of a range */
} sg_option;

/* Sets fields of `config` from `text` (NULL: nothing to set), by a table of `count` options. `id`
 * starts the messages. */
bool sg_options_parse(const char *id, const sg_option *options, int count, void *config,
                      const char *text, sg_error *error);

/* Where the value that counts of `name` stands in such a text, the last one, and how long it is;
 * NULL if there is none. The text may be NULL. */
const char *sg_options_value(const char *text, const char *name, size_t *length);

/* Called by every sg_options_parse of this thread, before it reads, with the table and the
 * configuration as it is then, which holds the defaults: so that options can be listed without a
 * second table. NULL: nobody. */
typedef void sg_options_listener(void *context, const sg_option *options, int count,
                                 const void *config);
void sg_options_listen(sg_options_listener *listener, void *context);

#endif
