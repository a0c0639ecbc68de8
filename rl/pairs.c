/* pairs.c - cuts lists of settings at their commas. */
#include "rl/pairs.h"

#include <string.h>

sg_pair sg_pairs_first(const char *list)
{
    size_t size = strcspn(list, ",");
    const char *equals = memchr(list, '=', size);
    if (!equals)
        return (sg_pair){.name = list, .name_size = (int)size};
    int name_size = (int)(equals - list);
    return (sg_pair){list, equals + 1, name_size, (int)size - name_size - 1};
}

const char *sg_pairs_rest(const char *list)
{
    list += strcspn(list, ",");
    return *list ? list + 1 : NULL;
}

bool sg_pairs_have(const char *list, const char *name)
{
    int size = (int)strlen(name);
    for (; list; list = sg_pairs_rest(list)) {
        sg_pair pair = sg_pairs_first(list);
        if (pair.name_size == size && !memcmp(pair.name, name, (size_t)size))
            return true;
    }
    return false;
}
