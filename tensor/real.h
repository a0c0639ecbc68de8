/* real.h - the number type of a file of kernels. Such a file is compiled once for each type, with
 * BITS defined as 32 or 64: `real` is float or double, `bits_of` an integer as wide. */
#ifndef SG_REAL_H
#define SG_REAL_H

#include <stdint.h>

#if BITS == 32
typedef float real;
typedef int32_t bits_of;
#elif BITS == 64
typedef double real;
typedef int64_t bits_of;
#else
#error "BITS is 32 or 64"
#endif

#endif
