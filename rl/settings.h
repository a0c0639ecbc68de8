/* settings.h - one table of settings feeds defaults, --set, `algorithms`, presets and the run
 * record.
 *
 * A configuration is a plain struct; a table of sg_setting describes its fields. Values come as
 * text ("actor_lr=1e-3") and are checked against the table; numbers inside the struct are ready to
 * use.
 */
#ifndef SG_SETTINGS_H
#define SG_SETTINGS_H

#include <stddef.h>

#include "tensor/error.h"

typedef enum {
    SG_SETTING_REAL,   /* double */
    SG_SETTING_INT,    /* int */
    SG_SETTING_SWITCH, /* bool, as sg_number_switch reads it: true|false, on|off */
    SG_SETTING_CHOICE  /* int: index into the words of `choices` */
} sg_setting_kind;

typedef struct {
    const char *name;
    sg_setting_kind kind;
    size_t offset;       /* of the field in the configuration struct */
    const char *initial; /* the default, as text */
    double low, high;    /* inclusive limits of a REAL or INT */
    const char *choices; /* "clip|scale|none" for a CHOICE, else NULL */
    const char *help;    /* one line: meaning, symbol in the paper */
    const char *idle;    /* what others must be for it to have no effect, or NULL */
} sg_setting;

/* A table and the size of its struct. */
typedef struct {
    const sg_setting *items;
    int count;
    size_t config_size;
} sg_settings;

/* The offset of a field; a field of another type does not compile. */
#define SG_MEMBER(config, field, type) \
    _Generic(((config *)0)->field, type : offsetof(config, field))

/* clang-format off */
/* Table lines: SG_REAL(sg_avg_config, gamma, "0.99", 0, 1, "discount factor"). The setting is named
 * as the field, which is a double, an int, a bool or, for the index of a choice, an int. */
#define SG_REAL(config, field, initial, low, high, help) \
    SG_REAL_LINE(NULL, #field, config, field, initial, low, high, help)
#define SG_INT(config, field, initial, low, high, help) \
    SG_INT_LINE(NULL, #field, config, field, initial, low, high, help)
#define SG_SWITCH(config, field, initial, help) \
    SG_SWITCH_LINE(NULL, #field, config, field, initial, help)
/* choices: "clip|scale|none"; the default is one of the words. */
#define SG_CHOICE(config, field, initial, choices, help) \
    SG_CHOICE_LINE(NULL, #field, config, field, initial, choices, help)

/* The same of settings that are idle, which is to have no effect, while others are as `idle` says
 * (sg_settings_none_idle). */
#define SG_REAL_IDLE(idle, config, field, initial, low, high, help) \
    SG_REAL_LINE(idle, #field, config, field, initial, low, high, help)
#define SG_INT_IDLE(idle, config, field, initial, low, high, help) \
    SG_INT_LINE(idle, #field, config, field, initial, low, high, help)
#define SG_SWITCH_IDLE(idle, config, field, initial, help) \
    SG_SWITCH_LINE(idle, #field, config, field, initial, help)
#define SG_CHOICE_IDLE(idle, config, field, initial, choices, help) \
    SG_CHOICE_LINE(idle, #field, config, field, initial, choices, help)

/* The same with a name of the setting's own, for a field that may lie in a member: "batch" for
 * replay.batch. idle: as above, or NULL. */
#define SG_REAL_LINE(idle, name, config, field, initial, low, high, help) \
    {name, SG_SETTING_REAL, SG_MEMBER(config, field, double), initial, low, high, NULL, help, idle}
#define SG_INT_LINE(idle, name, config, field, initial, low, high, help) \
    {name, SG_SETTING_INT, SG_MEMBER(config, field, int), initial, low, high, NULL, help, idle}
#define SG_SWITCH_LINE(idle, name, config, field, initial, help) \
    {name, SG_SETTING_SWITCH, SG_MEMBER(config, field, bool), initial, 0, 1, NULL, help, idle}
#define SG_CHOICE_LINE(idle, name, config, field, initial, choices, help) \
    {name, SG_SETTING_CHOICE, SG_MEMBER(config, field, int), initial, 0, 0, choices, help, idle}
/* clang-format on */

/* Fills every field of `config` with its default. A default that the table itself refuses and a
 * name that stands in it twice are misuse. */
void sg_settings_defaults(const sg_settings *settings, void *config);
/* Sets one field from text. Unknown name, unreadable or out-of-range value: false, with a line that
 * names what is allowed; config is then unchanged. A name that is the end of several others stands
 * for them all: "lr" for actor_lr and critic_lr. */
bool sg_settings_set(const sg_settings *settings, void *config, const char *name, const char *value,
                     sg_error *error);
/* Sets from "name=value"; several may be joined with commas ("gamma=0.9,alpha=0.1"). */
bool sg_settings_parse(const sg_settings *settings, void *config, const char *text,
                       sg_error *error);
/* The value of a field as text that sg_settings_set reads back to the same bits. */
const char *sg_settings_text(const sg_setting *setting, const void *config, char text[64]);
/* False with a line where one of the texts `sets` ("name=value,...") writes a setting that is idle
 * beside the others of config. Its `idle` lists what they are then, all of it: "a=off,b=c"; c is a
 * value or the name of another setting. Several such lists are joined by " or ". A name that stands
 * for several settings is refused where all of them are idle. */
bool sg_settings_none_idle(const sg_settings *settings, const void *config, const char *const *sets,
                           int count, sg_error *error);
/* True if one of the texts `sets` writes a setting of just that name. */
bool sg_settings_written(const char *const *sets, int count, const char *name);
/* NULL if there is none of that name. */
const sg_setting *sg_settings_find(const sg_settings *settings, const char *name);

#endif
