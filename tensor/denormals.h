/* denormals.h - numbers too small for full precision, taken as zeros while a program runs.
 *
 * Processors need many times as long for them (Adam's kernel with denormal second moments: 30 us
 * where it takes 6), and running means and traces of what no longer happens decay into them.
 *
 * Sets of instructions agree in what they flush, but for results that would be rounded up to the
 * smallest normal number: ARM flushes these, x86 does not. */
#ifndef SG_DENORMALS_H
#define SG_DENORMALS_H

#include <stdint.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

/* The calling thread's floating-point mode, to be given back. */
typedef uint64_t sg_float_mode;

static inline sg_float_mode sg_flush_denormals(void)
{
#if defined(__x86_64__)
    enum { RESULTS_TO_ZERO = 0x8000, OPERANDS_ARE_ZERO = 0x0040 };
    sg_float_mode before = _mm_getcsr();
    _mm_setcsr((unsigned)before | RESULTS_TO_ZERO | OPERANDS_ARE_ZERO);
#elif defined(__aarch64__)
    const uint64_t both_to_zero = 1 << 24;
    sg_float_mode before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | both_to_zero));
#else
    sg_float_mode before = 0;
#endif
    return before;
}

static inline void sg_restore_float_mode(sg_float_mode mode)
{
#if defined(__x86_64__)
    _mm_setcsr((unsigned)mode);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(mode));
#else
    (void)mode;
#endif
}

#endif
