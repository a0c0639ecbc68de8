/* optimizers.c - settles which settings the chosen optimisers have, and refuses what they cannot
 * use. */
#include "rl/optimizers.h"

#include <stdio.h>
#include <string.h>

#include "rl/pairs.h"

/* True if the user wrote this setting, with its prefix or for all networks. */
static bool is_written(const char *const *sets, int count, const char *prefix, const char *field)
{
    char full[64];
    snprintf(full, sizeof full, "%s%s", prefix, field);
    return sg_settings_written(sets, count, full) || sg_settings_written(sets, count, field);
}

/* ---- one network ---- */

static int kind_of(const sg_network_slot *network, const void *config)
{
    return ((const sg_optimizer *)((const char *)config + network->offset))->kind;
}

/* The published numbers of an optimiser, where the user gave no other. */
static bool start_as_published(const sg_network_slot *network, const sg_settings *settings,
                               void *config, const char *const *sets, int count, sg_error *error)
{
    const sg_optimizer_info *info = sg_optimizer_get(kind_of(network, config));
    bool ok = true;
    for (const char *list = info->initial[network->role]; list && ok; list = sg_pairs_rest(list)) {
        char field[32], name[64], value[32];
        sg_pair pair = sg_pairs_first(list);
        snprintf(field, sizeof field, "%.*s", pair.name_size, pair.name);
        snprintf(name, sizeof name, "%s%s", network->prefix, field);
        snprintf(value, sizeof value, "%.*s", pair.value_size, pair.value);
        if (!is_written(sets, count, network->prefix, field))
            ok = sg_settings_set(settings, config, name, value, error);
    }
    return ok;
}

/* "sgd, adam, adamw": those that need no TD error, as many as there is room for. */
static const char *gradient_methods(char text[256])
{
    size_t used = 0;
    for (int i = 0; i < SG_OPTIMIZER_COUNT && used < 256; i++)
        if (!sg_optimizer_get(i)->needs_td)
            used += (size_t)snprintf(text + used, 256 - used, "%s%s", used ? ", " : "",
                                     sg_optimizer_get(i)->name);
    return text;
}

static bool suits(const sg_network_slot *network, const void *config, sg_error *error)
{
    char allowed[256];
    const sg_optimizer_info *info = sg_optimizer_get(kind_of(network, config));
    return !info->needs_td || !network->no_td ||
           sg_fail(error, "%soptimizer=%s needs a TD error, and %s; there are: %s", network->prefix,
                   info->name, network->no_td, gradient_methods(allowed));
}

/* ---- the table ---- */

static bool is_of(const sg_setting *choice, const sg_network_slot *network)
{
    return choice->choices && !strcmp(choice->choices, SG_OPTIMIZER_CHOICES) &&
           choice->offset == network->offset + offsetof(sg_optimizer, kind) &&
           !strncmp(choice->name, network->prefix, strlen(network->prefix));
}

/* True if the choice has its slot. */
static bool has_slot(const sg_setting *choice, const sg_network_slot *networks)
{
    for (const sg_network_slot *n = networks; n && n->prefix; n++)
        if (is_of(choice, n))
            return true;
    return !choice->choices || strcmp(choice->choices, SG_OPTIMIZER_CHOICES) != 0;
}

void sg_optimizers_require_slots(const char *algorithm, const sg_network_slot *networks,
                                 const sg_settings *settings)
{
    for (int i = 0; i < settings->count; i++)
        if (!has_slot(&settings->items[i], networks))
            sg_misuse("algorithm '%s': no line of its .networks is for the setting %s", algorithm,
                      settings->items[i].name);
    for (const sg_network_slot *n = networks; n && n->prefix; n++) {
        int found = 0;
        for (int i = 0; i < settings->count; i++)
            found += is_of(&settings->items[i], n);
        if (!found)
            sg_misuse("algorithm '%s': '%soptimizer' of its .networks is not in its settings",
                      algorithm, n->prefix);
    }
}

/* ---- what was written ---- */

/* True if some optimiser reads a setting of that name: what a value reads, a policy does too. */
static bool belongs_to_optimizers(const char *field)
{
    for (int i = 0; i < SG_OPTIMIZER_COUNT; i++)
        if (sg_pairs_have(sg_optimizer_get(i)->uses[SG_POLICY], field))
            return true;
    return false;
}

/* One written name: a network that it speaks of must have an optimiser that reads it. */
static bool is_read(const sg_network_slot *networks, const void *config, const char *name,
                    sg_error *error)
{
    const sg_optimizer_info *info = NULL;
    const char *uses = NULL, *of = "";
    for (const sg_network_slot *n = networks; n->prefix; n++) {
        size_t skip = strlen(n->prefix);
        bool own = skip < strlen(name) && !strncmp(name, n->prefix, skip);
        const char *field = own ? name + skip : name;
        if (!belongs_to_optimizers(field))
            continue;
        info = sg_optimizer_get(kind_of(n, config));
        uses = info->uses[n->role];
        of = own ? n->prefix : "";
        if (sg_pairs_have(uses, field))
            return true;
    }
    return !uses || sg_fail(error, "setting %s is not used by %soptimizer=%s, which has: %s", name,
                            of, info->name, uses);
}

/* All that one of `sets` writes. */
static bool all_are_read(const sg_network_slot *networks, const void *config, const char *list,
                         sg_error *error)
{
    char name[64];
    bool ok = true;
    for (; list && ok; list = sg_pairs_rest(list)) {
        sg_pair pair = sg_pairs_first(list);
        snprintf(name, sizeof name, "%.*s", pair.name_size, pair.name);
        ok = is_read(networks, config, name, error);
    }
    return ok;
}

/* Optimisers that read the same settings (adam, adamw) share the algorithm's numbers for them. */
static bool same_settings(int kind, int other)
{
    return !strcmp(sg_optimizer_get(kind)->uses[SG_POLICY],
                   sg_optimizer_get(other)->uses[SG_POLICY]);
}

bool sg_optimizers_settle(const sg_network_slot *networks, const sg_settings *settings,
                          const void *algorithm_default, void *config, const char *const *sets,
                          int set_count, sg_error *error)
{
    bool ok = true;
    for (const sg_network_slot *n = networks; n->prefix && ok; n++) {
        ok = suits(n, config, error);
        if (ok && !same_settings(kind_of(n, config), kind_of(n, algorithm_default)))
            ok = start_as_published(n, settings, config, sets, set_count, error);
    }
    for (int i = 0; i < set_count && ok; i++)
        ok = all_are_read(networks, config, sets[i], error);
    return ok;
}
