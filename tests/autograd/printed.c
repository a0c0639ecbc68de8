/* printed.c - see printed.h. */
#include "tests/autograd/printed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int printed_count(const sg_program *p, const char *words)
{
    char *text = NULL;
    size_t size;
    int count = 0;
    FILE *out = open_memstream(&text, &size);
    sg_program_print(p, out);
    fclose(out);
    for (const char *at = text; (at = strstr(at, words)); at++)
        count++;
    free(text);
    return count;
}
