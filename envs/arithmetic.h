/* arithmetic.h - operations of the published environments' numbers, to the last digit.
 *
 * Where Gymnasium's tasks multiply a float32 (a part of an action) by a number that is written in
 * Python, the two NumPys do it in different types. NumPy 1 widens the float32 to double; NumPy 2
 * rounds the number to float32 (its NEP 50). A task that does so has the option `numpy`.
 */
#ifndef SG_ARITHMETIC_H
#define SG_ARITHMETIC_H

/* The values of the option `numpy`, an int. */
enum { SG_NUMPY_1 = 1, SG_NUMPY_2 = 2 };

/* The type of a number: x as a double is, and x rounded to float32. */
typedef double sg_rounding(double x);
double sg_double(double x);
double sg_float32(double x);

/* The lower bound, the upper bound, or x between them; x if it is NaN. */
double sg_limit(double x, double low, double high);

/* number * x, where x is a float32 and the number Python's. */
double sg_numpy_times(int numpy, double number, double x);

/* x ** 2 of a double and of a float32: the C library's pow and powf, which now and then miss the
 * number nearest to x * x. */
double sg_numpy_square(double x);
double sg_numpy_square32(double x);

/* term(context, 0) + ... + term(context, count - 1) in NumPy's order, every sum rounded by `to`. */
typedef double sg_numpy_term(const void *context, int i);
double sg_numpy_sum(int count, sg_numpy_term *term, const void *context, sg_rounding *to);

#endif
