/* tolerance.h - the DeepMind Control Suite's reward: 1 within bounds, less the farther outside.
 *
 * Source: Tassa et al. 2018, arXiv 1801.00690 (section 2.3), and 2020, arXiv 2006.12983.
 */
#ifndef SG_DM_TOLERANCE_H
#define SG_DM_TOLERANCE_H

/* How the value falls with the distance x from the bounds, in margins: 1 at x = 0, v at x = 1. */
typedef enum {
    SG_SIGMOID_GAUSSIAN,    /* exp(-(s x)^2 / 2) */
    SG_SIGMOID_HYPERBOLIC,  /* 1 / cosh(s x) */
    SG_SIGMOID_LONG_TAIL,   /* 1 / ((s x)^2 + 1) */
    SG_SIGMOID_RECIPROCAL,  /* 1 / (s x + 1) */
    SG_SIGMOID_COSINE,      /* (1 + cos(pi s x)) / 2, and 0 from s x = 1 on */
    SG_SIGMOID_LINEAR,      /* 1 - s x, and 0 from s x = 1 on */
    SG_SIGMOID_QUADRATIC,   /* 1 - (s x)^2, and 0 from s x = 1 on */
    SG_SIGMOID_TANH_SQUARED /* 1 - tanh(s x)^2 */
} sg_sigmoid;

/* The scale s follows from value_at_margin = v. */
typedef struct {
    double low, high; /* inclusive; may be infinite */
    double margin;    /* 0: the value is 0 outside the bounds */
    sg_sigmoid sigmoid;
    double value_at_margin; /* in (0, 1); cosine, linear and quadratic may have 0, too */
} sg_tolerance;

/* The suite's defaults where a task names none: a Gaussian that is 0.1 at the margin. */
#define SG_GAUSSIAN_TOLERANCE(low_, high_, margin_)                           \
    {                                                                         \
        .low = low_, .high = high_, .margin = margin_, .value_at_margin = 0.1 \
    }

/* A value in [0, 1]. Bounds in the wrong order, a negative margin or a value_at_margin out of its
 * range are misuse. */
double sg_tolerate(double x, const sg_tolerance *tolerance);

#endif
