/* error.c - messages of both kinds. */
#include "tensor/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Names come from anywhere; what would end the line, or speak to a terminal, shows as a mark. */
void sg_keep_to_one_line(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = '?';
    }
}

bool sg_fail(sg_error *error, const char *format, ...)
{
    if (!error)
        return false;
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    sg_keep_to_one_line(error->text);
    return false;
}

static sg_misuse_handler *misuse_handler;

sg_misuse_handler *sg_on_misuse(sg_misuse_handler *handler)
{
    sg_misuse_handler *before = misuse_handler;
    misuse_handler = handler;
    return before;
}

void sg_misuse(const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sg_keep_to_one_line(text);
    if (misuse_handler)
        misuse_handler(text);
    fprintf(stderr, "streamgrad: %s\n", text);
    abort();
}
