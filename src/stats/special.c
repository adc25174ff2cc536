/*
 * special.c -- the Beta distribution, for intervals.
 *
 * The regularised incomplete beta function by its continued fraction (modified Lentz), on the side
 * where it converges fast; the quantile by bisection, which needs no derivative and cannot leave
 * 0 … 1.  About 60 evaluations of at most a few hundred steps.
 */
#include <math.h>

#include "stats/tally.h"

#define STEPS 100000
#define TINY  1e-300

static double fraction(double x, double a, double b)
{
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < TINY ? TINY : d);
    double h = d;

    for (int m = 1; m < STEPS; m++) {
        double up = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double down = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double step = 1;
        for (int half = 0; half < 2; half++) {
            double t = half ? down : up;
            d = 1 + t * d;
            c = 1 + t / c;
            d = 1 / (fabs(d) < TINY ? TINY : d);
            c = fabs(c) < TINY ? TINY : c;
            step = c * d;
            h *= step;
        }
        if (fabs(step - 1) < 1e-15)
            break;
    }
    return h;
}

double as_beta_cdf(double x, double a, double b)
{
    if (x <= 0)
        return 0;
    if (x >= 1)
        return 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * fraction(x, a, b) / a;
    return 1 - front * fraction(1 - x, b, a) / b;
}

double as_beta_quantile(double p, double a, double b)
{
    double lo = 0, hi = 1;

    for (int k = 0; k < 60 && hi - lo > 1e-13; k++) {
        double mid = (lo + hi) / 2;
        if (as_beta_cdf(mid, a, b) < p)
            lo = mid;
        else
            hi = mid;
    }
    return (lo + hi) / 2;
}
