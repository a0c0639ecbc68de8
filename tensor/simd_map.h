/* simd_map.h - element-wise kernels and reductions over vectors; part of the one vector source
 * (kernels_simd.h). The last elements go through the same code in a partial vector, so an element's
 * result does not depend on where it lies. A number by itself, as graphs have many, is loaded and
 * stored as such: what reads a partial vector waits until the pieces stored are in the cache. */

/* ---- one input ---- */

#define UNARY(name, expression)                                           \
    INLINE vec name##_of(vec x) { return expression; }                    \
    static void name##_kernel(size_t n, const void *from, void *to)       \
    {                                                                     \
        const real *x = from;                                             \
        real *y = to;                                                     \
        size_t i = 0;                                                     \
        if (n == 1) {                                                     \
            *y = name##_of(fill(*x))[0];                                  \
            return;                                                       \
        }                                                                 \
        FOUR_TURNS                                                        \
        for (; i + LANES <= n; i += LANES)                                \
            store(y + i, name##_of(load(x + i)));                         \
        if (i < n)                                                        \
            store_part(y + i, name##_of(load_part(x + i, n - i)), n - i); \
    }
UNARY(abs, magnitude(x))
UNARY(sign, pick(x > 0, fill(1), pick(x < 0, fill(-1), x)))
UNARY(positive, one_where(x > 0))
UNARY(square, x *x)
UNARY(sqrt, root(x))
UNARY(reciprocal, (real)1 / x)
UNARY(exp, SLEEF(exp)(x))
UNARY(log, SLEEF(log)(x))
UNARY(tanh, SLEEF(tanh)(x))

/* e^-|x| never overflows: sigmoid(x) = 1 / (1 + e^-|x|), times e^-|x| for x < 0. */
INLINE vec logistic(vec x)
{
    vec e = SLEEF(exp)(-magnitude(x));
    return pick(x < 0, e, fill(1)) / ((real)1 + e);
}
UNARY(sigmoid, logistic(x))
UNARY(softplus, SLEEF(log1p)(SLEEF(exp)(-magnitude(x))) + pick(x > 0, x, (vec){0}))

/* SLEEF reduces the angles of a vector all in the way that the largest of them needs, and the last
 * bits show which that was. Large angles are taken one by one, so that the result of an angle does
 * not depend on its neighbours, nor on how many a vector has. */
enum { LARGE_ANGLE = BITS == 32 ? 125 : 15 }; /* from here on SLEEF needs other ways */

INLINE bool all_are_small(size_t n, const real *x)
{
    mask are_small = ~(mask){0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        are_small &= magnitude(load(x + i)) < LARGE_ANGLE;
    if (i < n)
        are_small &= magnitude(load_part(x + i, n - i)) < LARGE_ANGLE;
    return all_lanes(are_small);
}

#define OF_ANGLES(name)                                             \
    INLINE vec name##_one_by_one(vec x)                             \
    {                                                               \
        mask is_small = magnitude(x) < LARGE_ANGLE;                 \
        vec y = SLEEF(name)(pick(is_small, x, (vec){0}));           \
        for (size_t lane = 0; lane < LANES; lane++)                 \
            if (!is_small[lane])                                    \
                y[lane] = SLEEF(name)(fill(x[lane]))[lane];         \
        return y;                                                   \
    }                                                               \
    UNARY(small_##name, SLEEF(name)(x))                             \
    UNARY(large_##name, name##_one_by_one(x))                       \
    static void name##_kernel(size_t n, const void *from, void *to) \
    {                                                               \
        if (all_are_small(n, from))                                 \
            small_##name##_kernel(n, from, to);                     \
        else                                                        \
            large_##name##_kernel(n, from, to);                     \
    }
OF_ANGLES(sin)
OF_ANGLES(cos)

/* ---- two inputs, each a list or one number ---- */

/* The number is read once, since a store might have changed it for all that the compiler knows. */
typedef struct {
    const real *from;
    size_t step;
    vec number;
} list_or_number;

INLINE list_or_number list_or_number_of(const real *from, size_t step, size_t n)
{
    return (list_or_number){from, step, step || !n ? (vec){0} : fill(from[0])};
}

/* n elements from the i-th one on. */
INLINE vec load_step(const list_or_number *o, size_t i, size_t n)
{
    return o->step ? load_first(o->from + i, n) : o->number;
}

#define BINARY(name, expression)                                                                   \
    INLINE vec name##_of(vec a, vec b) { return expression; }                                      \
    INLINE void name##_steps(size_t n, const real *a, size_t a_step, const real *b, size_t b_step, \
                             real *y)                                                              \
    {                                                                                              \
        list_or_number left = list_or_number_of(a, a_step, n),                                     \
                       right = list_or_number_of(b, b_step, n);                                    \
        size_t i = 0;                                                                              \
        FOUR_TURNS                                                                                 \
        for (; i + LANES <= n; i += LANES)                                                         \
            store(y + i, name##_of(load_step(&left, i, LANES), load_step(&right, i, LANES)));      \
        if (i < n)                                                                                 \
            store_part(y + i, name##_of(load_step(&left, i, n - i), load_step(&right, i, n - i)),  \
                       n - i);                                                                     \
    }                                                                                              \
    static void name##_kernel(size_t n, const void *a, size_t a_step, const void *b,               \
                              size_t b_step, void *y)                                              \
    {                                                                                              \
        if (n == 1)                                                                                \
            *(real *)y = name##_of(fill(*(const real *)a), fill(*(const real *)b))[0];             \
        else if (a_step && b_step)                                                                 \
            name##_steps(n, a, 1, b, 1, y);                                                        \
        else if (a_step)                                                                           \
            name##_steps(n, a, 1, b, 0, y);                                                        \
        else                                                                                       \
            name##_steps(n, a, 0, b, b_step, y);                                                   \
    }
BINARY(add, a + b)
BINARY(sub, a - b)
BINARY(mul, a *b)
BINARY(div, a / b)
BINARY(maximum, larger(a, b))
BINARY(minimum, pick((a < b) | (a != a), a, b))
BINARY(pow, SLEEF(pow)(a, b))
BINARY(greater, one_where(a > b))
BINARY(greater_equal, one_where(a >= b))
BINARY(equal, one_where(a == b))

/* ---- one input and numbers ---- */

#define PARAM(name, expression)                                                              \
    INLINE vec name##_of(vec x, vec a, __attribute__((unused)) vec b) { return expression; } \
    static void name##_kernel(size_t n, const void *from, double a_, double b_, void *to)    \
    {                                                                                        \
        const real *x = from;                                                                \
        real *y = to;                                                                        \
        vec a = fill((real)a_), b = fill((real)b_);                                          \
        size_t i = 0;                                                                        \
        if (n == 1) {                                                                        \
            *y = name##_of(fill(*x), a, b)[0];                                               \
            return;                                                                          \
        }                                                                                    \
        FOUR_TURNS                                                                           \
        for (; i + LANES <= n; i += LANES)                                                   \
            store(y + i, name##_of(load(x + i), a, b));                                      \
        if (i < n)                                                                           \
            store_part(y + i, name##_of(load_part(x + i, n - i), a, b), n - i);              \
    }
PARAM(affine, fused(a, x, b))
PARAM(clamp, pick(x < a, a, pick(x > b, b, x)))
PARAM(inside, one_where((x >= a) & (x <= b)))
PARAM(leaky_relu, pick(x > 0, x, a *x))
PARAM(leaky_slope, pick(x > 0, fill(1), a))

static void select_kernel(size_t n, const void *condition, const void *from_a, const void *from_b,
                          void *to)
{
    const real *c = condition, *a = from_a, *b = from_b;
    real *y = to;
    size_t i = 0;
    if (n == 1) {
        *y = *c != 0 ? *a : *b;
        return;
    }
    FOUR_TURNS
    for (; i + LANES <= n; i += LANES)
        store(y + i, pick(load(c + i) != 0, load(a + i), load(b + i)));
    size_t rest = n - i;
    if (rest)
        store_part(
            y + i,
            pick(load_part(c + i, rest) != 0, load_part(a + i, rest), load_part(b + i, rest)),
            rest);
}

/* ---- reductions: four blocks of lanes, always in the same order ---- */

enum { FOUR = 4 * PARTS }; /* vectors of four blocks */

/* A sum so far with n elements of something more, LANES or fewer, from the i-th one on. */
typedef vec add_elements(vec so_far, size_t i, size_t n, const void *of);

/* The sum of `count` elements; `add` is a constant. */
INLINE real sum_up(size_t count, add_elements *add, const void *of)
{
    vec total[FOUR] = {{0}};
    size_t i = 0;
    for (; i + 4 * WIDE <= count; i += 4 * WIDE) {
        UNROLL
        for (size_t k = 0; k < FOUR; k++)
            total[k] = add(total[k], i + k * LANES, LANES, of);
    }
    for (; i + WIDE <= count; i += WIDE) {
        UNROLL
        for (size_t k = 0; k < PARTS; k++)
            total[k] = add(total[k], i + k * LANES, LANES, of);
    }
    UNROLL
    for (size_t k = 0; k < PARTS; k++) {
        size_t rest = part_of(count - i, k);
        if (rest)
            total[PARTS + k] = add(total[PARTS + k], i + k * LANES, rest, of);
    }
    return lane_sum_of_four(total);
}

typedef struct {
    const real *x, *most;
} shifted_list;

INLINE vec add_values(vec so_far, size_t i, size_t n, const void *x)
{
    return so_far + load_first((const real *)x + i, n);
}
/* e^(x - *most). What lies beyond the end is e^-*most, not 0. */
INLINE vec add_exponentials(vec so_far, size_t i, size_t n, const void *of)
{
    const shifted_list *l = of;
    return so_far + first_lanes(SLEEF(exp)(load_first(l->x + i, n) - *l->most), n);
}

static void sum_kernel(size_t n, const void *x, void *to)
{
    *(real *)to = sum_up(n, add_values, x);
}

/* The last elements one by one: an absent one must not count as 0. */
static void max_kernel(size_t n, const void *from, void *to)
{
    const real *x = from;
    vec most[FOUR];
    size_t i = 0;
    UNROLL
    for (size_t k = 0; k < FOUR; k++)
        most[k] = fill((real)-INFINITY);
    for (; i + 4 * WIDE <= n; i += 4 * WIDE) {
        UNROLL
        for (size_t k = 0; k < FOUR; k++)
            most[k] = larger(load(x + i + k * LANES), most[k]);
    }
    UNROLL
    for (size_t k = 0; k < PARTS; k++)
        most[k] = larger(larger(most[k], most[PARTS + k]),
                         larger(most[2 * PARTS + k], most[3 * PARTS + k]));
    for (; i + WIDE <= n; i += WIDE) {
        UNROLL
        for (size_t k = 0; k < PARTS; k++)
            most[k] = larger(load(x + i + k * LANES), most[k]);
    }
    real result = most[0][0];
    for (size_t lane = 1; lane < WIDE; lane++)
        result = larger_of_two(most[lane / LANES][lane % LANES], result);
    for (; i < n; i++)
        result = larger_of_two(x[i], result);
    *(real *)to = result;
}

/* NaN counts as the largest, as in max. */
static size_t argmax_kernel(size_t n, const void *from)
{
    const real *x = from;
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (x[i] > x[best] || (x[i] != x[i] && x[best] == x[best]))
            best = i;
    return best;
}

/* y = e^(x - largest), its sum as the answer. */
static real shifted_exp(size_t n, const real *x, real largest, real *y)
{
    real total;
    affine_kernel(n, x, 1, -(double)largest, y);
    exp_kernel(n, y, y);
    sum_kernel(n, y, &total);
    return total;
}

static void softmax_kernel(size_t n, const void *x, void *y)
{
    real largest;
    max_kernel(n, x, &largest);
    real total = shifted_exp(n, x, largest, y);
    div_kernel(n, y, 1, &total, 0, y);
}

/* Terms of the sum are not stored: y may be x. */
static void log_softmax_kernel(size_t n, const void *x, void *to)
{
    real largest;
    max_kernel(n, x, &largest);
    vec log_sum = SLEEF(log)(fill(sum_up(n, add_exponentials, &(shifted_list){x, &largest})));
    affine_kernel(n, x, 1, -(double)largest, to);
    affine_kernel(n, to, 1, -(double)log_sum[0], to);
}
