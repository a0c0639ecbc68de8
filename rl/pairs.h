/* pairs.h - lists as settings are written: "name=value,name=value", or names alone: "name,name". */
#ifndef SG_PAIRS_H
#define SG_PAIRS_H

#include <stdbool.h>

/* One of a list, as it stands there: its texts do not end with a 0. */
typedef struct {
    const char *name, *value; /* value NULL: there is no '=' */
    int name_size, value_size;
} sg_pair;

/* The first of a list; of an empty text a pair with an empty name. */
sg_pair sg_pairs_first(const char *list);
/* The list without its first; NULL after the last. */
const char *sg_pairs_rest(const char *list);
/* True if one of a list, or of NULL, has just this name. */
bool sg_pairs_have(const char *list, const char *name);

#endif
