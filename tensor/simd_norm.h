/* simd_norm.h - layer norm and its gradient; part of the one vector source (kernels_simd.h). Each
 * rounds as the kernels sub, sum, affine, square, sqrt, div and so on would one after the other. */

/* Of n values; numbers are in all lanes. */
typedef struct {
    const real *x, *dy;
    real *dx;
    vec share; /* 1 / n */
    vec mean, deviation;
    vec slope; /* of a loss in each centred value, by way of the deviation, over twice this value */
} norm;

INLINE vec scaled(vec a, vec x) { return fused(a, x, (vec){0}); }
INLINE vec centred(size_t i, size_t n, const norm *r) { return load_first(r->x + i, n) - r->mean; }

INLINE vec add_squares(vec so_far, size_t i, size_t n, const void *of)
{
    vec c = centred(i, n, of);
    return so_far + first_lanes(c * c, n);
}

INLINE norm norm_of(size_t n, const real *x, double eps)
{
    norm r = {.x = x, .share = fill((real)(1.0 / (double)n))};
    r.mean = scaled(r.share, fill(sum_up(n, add_values, x)));
    r.deviation = root(fused(r.share, fill(sum_up(n, add_squares, &r)), fill((real)eps)));
    return r;
}

static void layer_norm_kernel(size_t n, const void *x, double eps, void *to)
{
    const norm r = norm_of(n, x, eps);
    real *y = to;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        store(y + i, centred(i, LANES, &r) / r.deviation);
    if (i < n)
        store_part(y + i, centred(i, n - i, &r) / r.deviation, n - i);
}

/* How a loss falls with the deviation, by which y = c / deviation. */
INLINE vec add_falls(vec so_far, size_t i, size_t n, const void *of)
{
    const norm *r = of;
    vec y = centred(i, n, r) / r->deviation;
    vec fall = load_first(r->dy + i, n) * (y / r->deviation);
    return so_far + first_lanes(scaled(fill(-1), fall), n);
}

/* Writes the gradient of the centred values to dx, and adds up minus it. */
INLINE vec add_centred_gradient(vec so_far, size_t i, size_t n, const void *of)
{
    const norm *r = of;
    vec by_deviation = r->slope * scaled(fill(2), centred(i, n, r));
    vec g = load_first(r->dy + i, n) / r->deviation + by_deviation;
    store_first(r->dx + i, g, n);
    return so_far + first_lanes(scaled(fill(-1), g), n);
}

static void layer_norm_grad_kernel(size_t n, const void *x, double eps, const void *dy, void *dx)
{
    norm r = norm_of(n, x, eps);
    r.dy = dy, r.dx = dx;
    vec by_deviation = fill(sum_up(n, add_falls, &r));
    r.slope = scaled(r.share, by_deviation / scaled(fill(2), r.deviation));
    real by_mean = sum_up(n, add_centred_gradient, &r);
    by_mean = scaled(r.share, fill(by_mean))[0];
    add_kernel(n, dx, 1, &by_mean, 0, dx);
}
