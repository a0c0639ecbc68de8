/* error.c - messages of all kinds. */
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

/* ---- what does not return ---- */

static sg_error_handler *misuse_handler, *memory_handler;

static sg_error_handler *replace(sg_error_handler **handler, sg_error_handler *by)
{
    sg_error_handler *before = *handler;
    *handler = by;
    return before;
}

sg_error_handler *sg_on_misuse(sg_error_handler *handler)
{
    return replace(&misuse_handler, handler);
}

sg_error_handler *sg_on_out_of_memory(sg_error_handler *handler)
{
    return replace(&memory_handler, handler);
}

__attribute__((noreturn, format(printf, 2, 0))) static void end(sg_error_handler *handler,
                                                                const char *format, va_list args)
{
    char text[512];
    vsnprintf(text, sizeof text, format, args);
    sg_keep_to_one_line(text);
    if (handler)
        handler(text);
    fprintf(stderr, "streamgrad: %s\n", text);
    abort();
}

void sg_misuse(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    end(misuse_handler, format, args);
}

void sg_out_of_memory(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    end(memory_handler, format, args);
}
