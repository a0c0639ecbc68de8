/* misuse.c - catches a misuse by jumping out of it. */
#include "tests/misuse.h"

#include <setjmp.h>
#include <stdio.h>

#include "tensor/error.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define UNDER_ADDRESS_SANITIZER
#endif
#ifdef UNDER_ADDRESS_SANITIZER
#include <sanitizer/lsan_interface.h>
static void ignore_leaks(int ignore) { ignore ? __lsan_disable() : __lsan_enable(); }
#else
static void ignore_leaks(int ignore) { (void)ignore; }
#endif

static jmp_buf caught;
static char message[512];

static void catch_misuse(const char *text)
{
    snprintf(message, sizeof message, "%s", text);
    longjmp(caught, 1);
}

const char *misuse_of(void (*mistake)(void))
{
    message[0] = '\0';
    sg_on_misuse(catch_misuse);
    ignore_leaks(1);
    if (!setjmp(caught))
        mistake();
    ignore_leaks(0);
    sg_on_misuse(NULL);
    return message;
}
