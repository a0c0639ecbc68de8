/* not_run.h - tests that need something this machine lacks: told, counted, and not passed. */
#ifndef SG_TEST_NOT_RUN_H
#define SG_TEST_NOT_RUN_H

#include <criterion/criterion.h>
#include <stdio.h>

/* Ends the test as one that was not run. tests/run counts these lines. */
#define NOT_RUN(...)                  \
    do {                              \
        fprintf(stderr, "not run: "); \
        fprintf(stderr, __VA_ARGS__); \
        fprintf(stderr, "\n");        \
        fflush(stderr);               \
        cr_skip_test();               \
    } while (0)

#endif
