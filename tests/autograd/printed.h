/* printed.h - a compiled plan as it is printed, for tests that look for its calls. */
#ifndef TEST_PRINTED_H
#define TEST_PRINTED_H

#include "autograd/program.h"

/* How often the printed plan has the words. */
int printed_count(const sg_program *p, const char *words);

#endif
