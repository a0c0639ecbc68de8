/* simd_norm.h - layer norm, L2 normalisation and their gradients; part of the one vector source
 * (kernels_simd.h). Each rounds as the kernels sub, sum, affine, square, sqrt, div and so on would
 * one after the other; where a number would be repeated along a row, 0 is added to it: -0 becomes
 * 0. */

/* Of n values, each c = x - mean: y = c keeps / spread. Numbers are in all lanes. */
typedef struct {
    const real *x, *y, *dy;
    real *dx;
    vec share;        /* 1 / n */
    vec mean, spread; /* spread: the deviation or the norm */
    vec keeps;        /* 1, or 0 where squares are not above the least */
    vec slope;        /* of a loss in the sum of squares */
} norm;

INLINE vec scaled(vec a, vec x) { return fused(a, x, (vec){0}); }
INLINE vec centred(size_t i, size_t n, const norm *r) { return load_first(r->x + i, n) - r->mean; }

INLINE vec add_squares(vec so_far, size_t i, size_t n, const void *of)
{
    vec c = centred(i, n, of);
    return so_far + first_lanes(c * c, n);
}

INLINE norm layer_norm_of(size_t n, const real *x, double eps)
{
    norm r = {.x = x, .share = fill((real)(1.0 / (double)n)), .keeps = fill(1)};
    r.mean = scaled(r.share, fill(sum_up(n, add_values, x)));
    r.spread = root(fused(r.share, fill(sum_up(n, add_squares, &r)), fill((real)eps)));
    return r;
}

/* `passes`: 1 where the gradient of the larger one goes to the squares, also if equal; else 0. */
INLINE norm l2_norm_of(size_t n, const real *x, double least, vec *passes)
{
    norm r = {.x = x};
    vec squares = fill(sum_up(n, add_squares, &r)), floor = fill((real)least);
    r.spread = root(larger(squares, floor));
    r.keeps = one_where(squares > floor);
    *passes = one_where(squares >= floor);
    return r;
}

INLINE void normalize(size_t n, const norm *r, real *y)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        store(y + i, centred(i, LANES, r) * r->keeps / r->spread);
    if (i < n)
        store_part(y + i, centred(i, n - i, r) * r->keeps / r->spread, n - i);
}

static void layer_norm_kernel(size_t n, const void *x, double eps, void *y)
{
    const norm r = layer_norm_of(n, x, eps);
    normalize(n, &r, y);
}

static void l2_normalize_kernel(size_t n, const void *x, double least, void *y)
{
    vec passes;
    const norm r = l2_norm_of(n, x, least, &passes);
    normalize(n, &r, y);
}

/* How a loss falls with the spread. */
INLINE vec add_falls(vec so_far, size_t i, size_t n, const void *of)
{
    const norm *r = of;
    vec fall = load_first(r->dy + i, n) * (load_first(r->y + i, n) / r->spread);
    return so_far + first_lanes(scaled(fill(-1), fall), n);
}

/* Writes the gradient of the c to dx, and adds up minus it. */
INLINE vec add_gradient(vec so_far, size_t i, size_t n, const void *of)
{
    const norm *r = of;
    vec by_spread = r->slope * scaled(fill(2), centred(i, n, r));
    vec g = load_first(r->dy + i, n) / r->spread * r->keeps + by_spread;
    store_first(r->dx + i, g, n);
    return so_far + first_lanes(scaled(fill(-1), g), n);
}

static void layer_norm_grad_kernel(size_t n, const void *x, const void *y, double eps,
                                   const void *dy, void *dx)
{
    norm r = layer_norm_of(n, x, eps);
    r.y = y, r.dy = dy, r.dx = dx;
    vec by_spread = fill(sum_up(n, add_falls, &r)) / scaled(fill(2), r.spread);
    r.slope = scaled(r.share, by_spread) + 0;
    real by_mean = scaled(r.share, fill(sum_up(n, add_gradient, &r)))[0] + 0;
    add_kernel(n, dx, 1, &by_mean, 0, dx);
}

static void l2_normalize_grad_kernel(size_t n, const void *x, const void *y, double least,
                                     const void *dy, void *dx)
{
    vec passes;
    norm r = l2_norm_of(n, x, least, &passes);
    r.y = y, r.dy = dy, r.dx = dx;
    vec by_spread = fill(sum_up(n, add_falls, &r)) / scaled(fill(2), r.spread);
    r.slope = by_spread * passes + 0;
    sum_up(n, add_gradient, &r);
}
