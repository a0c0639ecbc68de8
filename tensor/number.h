/* number.h - numbers as people write them, and back without loss.
 *
 * Each reader wants the whole text; where it answers false, the text is no such number and what it
 * would have written is unchanged. Numbers are decimal, with or without an exponent; there are no
 * blanks, no plus sign and no hexadecimal digits. The decimal point is a point, whatever the
 * program's locale.
 */
#ifndef SG_NUMBER_H
#define SG_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

enum { SG_NUMBER_SIZE = 32 };

/* The shortest decimal that reads back as the same double; returns text. */
const char *sg_number_text(double number, char text[SG_NUMBER_SIZE]);
/* From 2^53 on a double may be a rounded neighbour. */
#define SG_NUMBER_LARGEST_COUNT ((INT64_C(1) << 53) - 1)
/* A whole number from 0 to 2^53 - 1: "300000", "3e5", "300k", "1.5M". False for anything else. */
bool sg_number_count(const char *text, int64_t *count);
/* A whole number from 0 to 2^64 - 1 in plain digits. */
bool sg_number_u64(const char *text, uint64_t *number);
/* Any number within low..high: "0.5", "-1e-3", "inf", "-inf". */
bool sg_number_real(const char *text, double low, double high, double *number);
/* A whole number within low..high and what an int holds: "256", "1e3". */
bool sg_number_int(const char *text, double low, double high, int *number);
/* true|false, on|off, 1|0, yes|no, in capital or small letters. */
bool sg_number_switch(const char *text, bool *on);

#endif
