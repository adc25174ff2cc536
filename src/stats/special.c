/*
 * special.c -- distributions and special functions.
 *
 * Incomplete beta: continued fraction (modified Lentz) on the side where it converges fast.
 * Incomplete gamma: series below a + 1, continued fraction above.  Quantiles by bisection, or by
 * Newton's steps inside a bracket; the normal one by Acklam's rational start and
 * one Halley step.  Digamma: recurrence up to 10, then the asymptotic series (Abramowitz &
 * Stegun 6.3.18).
 */
#include <math.h>

#include "stats/special.h"

#define STEPS 100000
#define TINY  1e-300

double as_lgamma(double x)
{
    int sign;

    return lgamma_r(x, &sign);
}

double as_digamma(double x)
{
    double sum = 0;

    if (!(x > 0))
        return NAN;
    for (; x < 10; x++)
        sum -= 1 / x;
    double f = 1 / (x * x);
    return sum + log(x) - .5 / x
           - f * (1. / 12 - f * (1. / 120 - f * (1. / 252 - f * (1. / 240 - f * (1. / 132
           - f * (691. / 32760 - f / 12))))));
}

/* ------------------------------------------------------------------ Beta */

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
    double front = exp(as_lgamma(a + b) - as_lgamma(a) - as_lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * fraction(x, a, b) / a;
    return 1 - front * fraction(1 - x, b, a) / b;
}

/*
 * Halley's steps from the normal approximation, each kept inside what brackets the answer.  A step
 * leaves an error of about its cube, in standard deviations, so one below 1e-4 of them is the last.
 */
double as_beta_quantile(double p, double a, double b)
{
    double lo = 0, hi = 1, mean = a / (a + b), sd = sqrt(mean * (1 - mean) / (a + b + 1));
    double scale = as_lgamma(a) + as_lgamma(b) - as_lgamma(a + b);
    double x = mean + as_normal_quantile(p) * sd;

    x = x > 0 && x < 1 ? x : mean;
    for (int k = 0; k < 100 && hi - lo > 1e-13; k++) {
        double off = as_beta_cdf(x, a, b) - p;
        if (off < 0)
            lo = x;
        else
            hi = x;
        double slope = exp((a - 1) * log(x) + (b - 1) * log1p(-x) - scale), step = off / slope;
        double bend = step * ((a - 1) / x - (b - 1) / (1 - x)) / 2;
        double next = x - step / (fabs(bend) < .5 ? 1 - bend : 1);
        if (!(next > lo && next < hi))
            next = (lo + hi) / 2;
        else if (fabs(next - x) < fmin(1e-4 * sd, 1e-5 * fmin(x, 1 - x)))
            return next;
        x = next;
    }
    return (lo + hi) / 2;
}

/* ------------------------------------------------------------------ Gamma and chi-square */

double as_gamma_cdf(double x, double a)
{
    if (!(a > 0) || isnan(x))
        return NAN;
    if (x <= 0)
        return 0;
    if (isinf(x))
        return 1;
    double front = exp(a * log(x) - x - as_lgamma(a));
    if (x < a + 1) {
        double term = 1 / a, sum = term;
        for (int k = 1; k < STEPS && term > sum * 1e-17; k++)
            sum += term *= x / (a + k);
        return fmin(1, front * sum);
    }
    double b = x + 1 - a, c = 1 / TINY, d = 1 / b, h = d;
    for (int k = 1; k < STEPS; k++) {
        double an = -k * (k - a);
        b += 2;
        d = an * d + b;
        d = 1 / (fabs(d) < TINY ? TINY : d);
        c = b + an / c;
        c = fabs(c) < TINY ? TINY : c;
        h *= c * d;
        if (fabs(c * d - 1) < 1e-15)
            break;
    }
    return fmax(0, 1 - front * h);
}

double as_chi2_cdf(double x, double df)
{
    return as_gamma_cdf(x / 2, df / 2);
}

/* Bracketed by doubling, then bisected to the last bits: small quantiles stay precise. */
double as_chi2_quantile(double p, double df)
{
    if (!(df > 0) || !(p >= 0 && p <= 1))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? 0 : INFINITY;
    double lo = df, hi = df;
    while (as_chi2_cdf(lo, df) > p && lo > 1e-300)
        lo /= 2;
    while (as_chi2_cdf(hi, df) < p)
        hi *= 2;
    for (int k = 0; k < 200 && hi - lo > 1e-14 * hi; k++) {
        double mid = (lo + hi) / 2;
        if (as_chi2_cdf(mid, df) < p)
            lo = mid;
        else
            hi = mid;
    }
    return (lo + hi) / 2;
}

/* ------------------------------------------------------------------ normal and Student */

double as_normal_cdf(double z)
{
    return erfc(-z / sqrt(2)) / 2;
}

double as_normal_quantile(double p)
{
    static const double a[] = { -3.969683028665376e+01, 2.209460984245205e+02,
        -2.759285104469687e+02, 1.383577518672690e+02, -3.066479806614716e+01,
        2.506628277459239e+00 };
    static const double b[] = { -5.447609879822406e+01, 1.615858368580409e+02,
        -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01 };
    static const double c[] = { -7.784894002430293e-03, -3.223964580411365e-01,
        -2.400758277161838e+00, -2.549732539343734e+00, 4.374664141464968e+00,
        2.938163982698783e+00 };
    static const double d[] = { 7.784695709041462e-03, 3.224671290700398e-01,
        2.445134137142996e+00, 3.754408661907416e+00 };
    double x;

    if (!(p >= 0 && p <= 1))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? -INFINITY : INFINITY;
    double tail = fmin(p, 1 - p);
    if (tail < .02425) {
        double q = sqrt(-2 * log(tail));
        x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5])
            / ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
        x = p < .5 ? x : -x;
    } else {
        double q = p - .5, r = q * q;
        x = (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q
            / (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
    }
    double e = x < 0 ? as_normal_cdf(x) - p : (1 - p) - as_normal_cdf(-x);
    double u = e * sqrt(2 * M_PI) * exp(x * x / 2);
    return x - u / (1 + x * u / 2);
}

double as_student_quantile(double p, double df)
{
    if (!(df > 0) || !(p > 0 && p < 1))
        return NAN;
    double x = as_beta_quantile(2 * fmin(p, 1 - p), df / 2, .5);
    double t = sqrt(df * (1 - x) / x);
    return p < .5 ? -t : t;
}
