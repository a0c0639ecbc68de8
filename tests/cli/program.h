/* program.h - runs the built program `streamgrad` as a user would, and catches what it says. */
#ifndef SG_TEST_PROGRAM_H
#define SG_TEST_PROGRAM_H

#include <sys/types.h>

enum { PROGRAM_OUTPUT = 1 << 16 };

/* How a program ended and what it printed. */
typedef struct {
    int code; /* exit code, or 128 + signal */
    char out[PROGRAM_OUTPUT], err[PROGRAM_OUTPUT];
} program_result;

/* Where the program is: STREAMGRAD_BIN, or beside the test program in the build folder. */
const char *program_path(void);
/* Starts the program with words separated by single spaces, from a printf format. What it prints
 * goes into files in `folder`. */
pid_t program_start(const char *folder, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Waits for its end. The result is overwritten by the next call. */
const program_result *program_wait(const char *folder, pid_t child);
/* Start and wait. */
const program_result *program_run(const char *folder, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
