/* number.c - numbers as people write them, and back without loss. */
#include "tensor/number.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where the program around has asked for a locale, its decimal point may be a comma. Numbers here
 * are written and read with a point. Returns what to give to leave_c_locale. */
static locale_t enter_c_locale(void) { return uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0)); }

static void leave_c_locale(locale_t before) { freelocale(uselocale(before)); }

/* The end of a run of digits. */
static const char *skip_digits(const char *text)
{
    while (isdigit((unsigned char)*text))
        text++;
    return text;
}

/* The end of an unsigned decimal number with or without a fraction and an exponent, "12", "1.5",
 * "1e-3"; `text` itself where none begins. strtod would take blanks, signs, words and hexadecimal
 * digits, too. */
static const char *skip_decimal(const char *text)
{
    const char *end = skip_digits(text);
    int digits = (int)(end - text);
    if (*end == '.') {
        const char *fraction = end + 1;
        end = skip_digits(fraction);
        digits += (int)(end - fraction);
    }
    if (digits == 0)
        return text;
    if (*end != 'e' && *end != 'E')
        return end;
    const char *exponent = end + 1;
    exponent += *exponent == '-' || *exponent == '+';
    const char *exponent_end = skip_digits(exponent);
    return exponent_end > exponent ? exponent_end : end;
}

static double read_number(const char *text)
{
    locale_t before = enter_c_locale();
    double number = strtod(text, NULL);
    leave_c_locale(before);
    return number;
}

/* Tries more digits until nothing is lost; NaN takes all of them. */
const char *sg_number_text(double number, char text[SG_NUMBER_SIZE])
{
    locale_t before = enter_c_locale();
    /* Most numbers were typed with few digits; computed ones need 15 to 17. */
    static const int DIGITS[] = {6, 15, 16, 17};
    for (size_t i = 0; i < sizeof DIGITS / sizeof *DIGITS; i++) {
        snprintf(text, SG_NUMBER_SIZE, "%.*g", DIGITS[i], number);
        if (strtod(text, NULL) == number)
            break;
    }
    leave_c_locale(before);
    return text;
}

/* What "k", "M" or "G" after a number stand for; 0 for other letters. */
static double multiplier(const char *suffix)
{
    if (*suffix == '\0')
        return 1;
    if (suffix[1] != '\0')
        return 0;
    switch (*suffix) {
    case 'k':
    case 'K': return 1e3;
    case 'm':
    case 'M': return 1e6;
    case 'g':
    case 'G': return 1e9;
    default: return 0;
    }
}

bool sg_number_count(const char *text, int64_t *count)
{
    const char *end = skip_decimal(text);
    if (!isdigit((unsigned char)*text))
        return false;
    double value = read_number(text) * multiplier(end);
    /* Everything after the number must be a known letter, and nothing be lost. */
    if (multiplier(end) == 0 || !(value <= (double)SG_NUMBER_LARGEST_COUNT) ||
        value != floor(value))
        return false;
    *count = (int64_t)value;
    return true;
}

/* Signs and blanks, which strtoull would read, are refused. */
bool sg_number_u64(const char *text, uint64_t *number)
{
    char *end;
    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (*end != '\0' || errno != 0)
        return false;
    *number = value;
    return true;
}

bool sg_number_real(const char *text, double low, double high, double *number)
{
    const char *start = text + (*text == '-'), *end = skip_decimal(start);
    /* The one word that is a number; a decimal one that is too large is none. */
    bool infinite = strcmp(start, "inf") == 0;
    if (infinite)
        end = start + 3;
    if (end == start || *end != '\0')
        return false;
    double value = read_number(text);
    if (!(value >= low && value <= high) || (isinf(value) && !infinite))
        return false;
    *number = value;
    return true;
}

/* Every int is a double. */
bool sg_number_int(const char *text, double low, double high, int *number)
{
    double value;
    if (!sg_number_real(text, fmax(low, INT_MIN), fmin(high, INT_MAX), &value) ||
        value != floor(value))
        return false;
    *number = (int)value;
    return true;
}

/* The words for false stand at even places. */
bool sg_number_switch(const char *text, bool *on)
{
    static const char *const WORDS[] = {"false", "true", "off", "on", "0", "1", "no", "yes"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (strcasecmp(text, WORDS[i]) != 0)
            continue;
        *on = i % 2 == 1;
        return true;
    }
    return false;
}
