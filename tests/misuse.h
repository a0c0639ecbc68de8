/* misuse.h - for tests of programmers' mistakes: what the library says of one. */
#ifndef TEST_MISUSE_H
#define TEST_MISUSE_H

/* Calls `mistake` and returns the message of its misuse, "" if there was none. Valid until the next
 * call. What the mistake had allocated so far is lost; the leak checker is told to let it pass. */
const char *misuse_of(void (*mistake)(void));

#endif
