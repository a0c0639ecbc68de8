/* simd_map.h - element-wise kernels and reductions over vectors; part of the one vector source
 * (kernels_simd.h). The last elements go through the same code in a partial vector, so an element's
 * result does not depend on where it lies. */

/* ---- one input ---- */

#define UNARY(name, expression)                                                             \
    INLINE VEC NAME(name##_of)(VEC x) { return expression; }                                \
    static void NAME(name)(size_t n, const void *from, void *to)                            \
    {                                                                                       \
        const REAL *x = from;                                                               \
        REAL *y = to;                                                                       \
        size_t i = 0;                                                                       \
        for (; i + LANES <= n; i += LANES)                                                  \
            NAME(store)(y + i, NAME(name##_of)(NAME(load)(x + i)));                         \
        if (i < n)                                                                          \
            NAME(store_part)(y + i, NAME(name##_of)(NAME(load_part)(x + i, n - i)), n - i); \
    }
UNARY(neg, -x)
UNARY(abs, NAME(magnitude)(x))
UNARY(sign, NAME(pick)(x > 0, NAME(fill)(1), NAME(pick)(x < 0, NAME(fill)(-1), x)))
UNARY(positive, NAME(one_where)(x > 0))
UNARY(square, x *x)
UNARY(sqrt, NAME(root)(x))
UNARY(reciprocal, (REAL)1 / x)
UNARY(exp, SLEEF(exp)(x))
UNARY(log, SLEEF(log)(x))
UNARY(tanh, SLEEF(tanh)(x))
UNARY(sin, SLEEF(sin)(x))
UNARY(cos, SLEEF(cos)(x))

/* e^-|x| never overflows: sigmoid(x) = 1 / (1 + e^-|x|), times e^-|x| for x < 0. */
INLINE VEC NAME(logistic)(VEC x)
{
    VEC e = SLEEF(exp)(-NAME(magnitude)(x));
    return NAME(pick)(x < 0, e, NAME(fill)(1)) / ((REAL)1 + e);
}
UNARY(sigmoid, NAME(logistic)(x))
UNARY(softplus, SLEEF(log1p)(SLEEF(exp)(-NAME(magnitude)(x))) + NAME(pick)(x > 0, x, (VEC){0}))

/* ---- two inputs, each a list or one number ---- */

INLINE VEC NAME(load_step)(const REAL *from, size_t i, size_t step)
{
    return step ? NAME(load)(from + i) : NAME(fill)(from[0]);
}
INLINE VEC NAME(load_step_part)(const REAL *from, size_t i, size_t step, size_t n)
{
    return step ? NAME(load_part)(from + i, n) : NAME(fill)(from[0]);
}

#define BINARY(name, expression)                                                                 \
    INLINE VEC NAME(name##_of)(VEC a, VEC b) { return expression; }                              \
    INLINE void NAME(name##_steps)(size_t n, const REAL *a, size_t a_step, const REAL *b,        \
                                   size_t b_step, REAL *y)                                       \
    {                                                                                            \
        size_t i = 0;                                                                            \
        for (; i + LANES <= n; i += LANES)                                                       \
            NAME(store)                                                                          \
            (y + i,                                                                              \
             NAME(name##_of)(NAME(load_step)(a, i, a_step), NAME(load_step)(b, i, b_step)));     \
        if (i < n)                                                                               \
            NAME(store_part)                                                                     \
            (y + i,                                                                              \
             NAME(name##_of)(NAME(load_step_part)(a, i, a_step, n - i),                          \
                             NAME(load_step_part)(b, i, b_step, n - i)),                         \
             n - i);                                                                             \
    }                                                                                            \
    static void NAME(name)(size_t n, const void *a, size_t a_step, const void *b, size_t b_step, \
                           void *y)                                                              \
    {                                                                                            \
        if (a_step && b_step)                                                                    \
            NAME(name##_steps)(n, a, 1, b, 1, y);                                                \
        else if (a_step)                                                                         \
            NAME(name##_steps)(n, a, 1, b, 0, y);                                                \
        else                                                                                     \
            NAME(name##_steps)(n, a, 0, b, b_step, y);                                           \
    }
BINARY(add, a + b)
BINARY(sub, a - b)
BINARY(mul, a *b)
BINARY(div, a / b)
BINARY(maximum, NAME(larger)(a, b))
BINARY(minimum, NAME(pick)((a < b) | (a != a), a, b))
BINARY(pow, SLEEF(pow)(a, b))
BINARY(greater, NAME(one_where)(a > b))
BINARY(greater_equal, NAME(one_where)(a >= b))
BINARY(equal, NAME(one_where)(a == b))

/* ---- one input and numbers ---- */

#define PARAM(name, expression)                                                                    \
    INLINE VEC NAME(name##_of)(VEC x, VEC a, __attribute__((unused)) VEC b) { return expression; } \
    static void NAME(name)(size_t n, const void *from, double a_, double b_, void *to)             \
    {                                                                                              \
        const REAL *x = from;                                                                      \
        REAL *y = to;                                                                              \
        VEC a = NAME(fill)((REAL)a_), b = NAME(fill)((REAL)b_);                                    \
        size_t i = 0;                                                                              \
        for (; i + LANES <= n; i += LANES)                                                         \
            NAME(store)(y + i, NAME(name##_of)(NAME(load)(x + i), a, b));                          \
        if (i < n)                                                                                 \
            NAME(store_part)(y + i, NAME(name##_of)(NAME(load_part)(x + i, n - i), a, b), n - i);  \
    }
PARAM(affine, a *x + b)
PARAM(clamp, NAME(pick)(x < a, a, NAME(pick)(x > b, b, x)))
PARAM(inside, NAME(one_where)((x >= a) & (x <= b)))
PARAM(leaky_relu, NAME(pick)(x > 0, x, a *x))
PARAM(leaky_slope, NAME(pick)(x > 0, NAME(fill)(1), a))

static void NAME(select)(size_t n, const void *condition, const void *from_a, const void *from_b,
                         void *to)
{
    const REAL *c = condition, *a = from_a, *b = from_b;
    REAL *y = to;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        NAME(store)
        (y + i, NAME(pick)(NAME(load)(c + i) != 0, NAME(load)(a + i), NAME(load)(b + i)));
    size_t rest = n - i;
    if (rest)
        NAME(store_part)
        (y + i,
         NAME(pick)(NAME(load_part)(c + i, rest) != 0, NAME(load_part)(a + i, rest),
                    NAME(load_part)(b + i, rest)),
         rest);
}

/* ---- reductions: four accumulators, always in the same order ---- */

#define SUM(name, term)                                                              \
    INLINE VEC NAME(name##_term)(VEC x) { return term; }                             \
    static void NAME(name)(size_t n, const void *from, void *to)                     \
    {                                                                                \
        const REAL *x = from;                                                        \
        VEC total[4] = {{0}, {0}, {0}, {0}};                                         \
        size_t i = 0;                                                                \
        for (; i + 4 * LANES <= n; i += 4 * LANES)                                   \
            for (size_t k = 0; k < 4; k++)                                           \
                total[k] += NAME(name##_term)(NAME(load)(x + i + k * LANES));        \
        for (; i + LANES <= n; i += LANES)                                           \
            total[0] += NAME(name##_term)(NAME(load)(x + i));                        \
        if (i < n)                                                                   \
            total[1] += NAME(name##_term)(NAME(load_part)(x + i, n - i));            \
        *(REAL *)to = NAME(lane_sum)((total[0] + total[1]) + (total[2] + total[3])); \
    }
SUM(sum, x)
SUM(sum_abs, NAME(magnitude)(x))
SUM(sum_square, x *x)

/* The last elements one by one: an absent one must not count as 0. */
static void NAME(max)(size_t n, const void *from, void *to)
{
    const REAL *x = from;
    VEC most[4];
    size_t i = 0;
    for (size_t k = 0; k < 4; k++)
        most[k] = NAME(fill)((REAL)-INFINITY);
    for (; i + 4 * LANES <= n; i += 4 * LANES)
        for (size_t k = 0; k < 4; k++)
            most[k] = NAME(larger)(NAME(load)(x + i + k * LANES), most[k]);
    most[0] = NAME(larger)(NAME(larger)(most[0], most[1]), NAME(larger)(most[2], most[3]));
    for (; i + LANES <= n; i += LANES)
        most[0] = NAME(larger)(NAME(load)(x + i), most[0]);
    REAL result = most[0][0];
    for (size_t lane = 1; lane < LANES; lane++)
        result = NAME(larger_of_two)(most[0][lane], result);
    for (; i < n; i++)
        result = NAME(larger_of_two)(x[i], result);
    *(REAL *)to = result;
}

static void NAME(dot)(size_t n, const void *first, const void *second, void *to)
{
    const REAL *a = first, *b = second;
    VEC total[4] = {{0}, {0}, {0}, {0}};
    size_t i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES)
        for (size_t k = 0; k < 4; k++)
            total[k] += NAME(load)(a + i + k * LANES) * NAME(load)(b + i + k * LANES);
    for (; i + LANES <= n; i += LANES)
        total[0] += NAME(load)(a + i) * NAME(load)(b + i);
    if (i < n)
        total[1] += NAME(load_part)(a + i, n - i) * NAME(load_part)(b + i, n - i);
    *(REAL *)to = NAME(lane_sum)((total[0] + total[1]) + (total[2] + total[3]));
}

/* NaN counts as the largest, as in max. */
static size_t NAME(argmax)(size_t n, const void *from)
{
    const REAL *x = from;
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (x[i] > x[best] || (x[i] != x[i] && x[best] == x[best]))
            best = i;
    return best;
}

/* y = e^(x - largest), its sum as the answer. */
static REAL NAME(shifted_exp)(size_t n, const REAL *x, REAL largest, REAL *y)
{
    REAL total;
    NAME(affine)(n, x, 1, -(double)largest, y);
    NAME(exp)(n, y, y);
    NAME(sum)(n, y, &total);
    return total;
}

static void NAME(softmax)(size_t n, const void *x, void *y)
{
    REAL largest;
    NAME(max)(n, x, &largest);
    REAL total = NAME(shifted_exp)(n, x, largest, y);
    NAME(div)(n, y, 1, &total, 0, y);
}

/* Terms of the sum are not stored: y may be x. */
static void NAME(log_softmax)(size_t n, const void *from, void *to)
{
    const REAL *x = from;
    REAL largest;
    VEC total = {0};
    size_t i = 0;
    NAME(max)(n, x, &largest);
    for (; i + LANES <= n; i += LANES)
        total += SLEEF(exp)(NAME(load)(x + i) - largest);
    REAL sum = NAME(lane_sum)(total);
    if (i < n) {
        VEC last = SLEEF(exp)(NAME(load_part)(x + i, n - i) - largest);
        for (size_t lane = 0; lane < n - i; lane++)
            sum += last[lane];
    }
    VEC log_sum = SLEEF(log)(NAME(fill)(sum));
    NAME(affine)(n, x, 1, -(double)largest, to);
    NAME(affine)(n, to, 1, -(double)log_sum[0], to);
}

#undef UNARY
#undef BINARY
#undef PARAM
#undef SUM
