/*
 * special.h -- distributions and special functions, in double precision.  Not installed.
 *
 * Relative error below 1e-10 where nothing else is said; arguments outside a domain give NaN, never
 * a trap.  All of them are safe with threads (the C library's lgamma is not: it sets signgam).
 */
#ifndef STATS_SPECIAL_H
#define STATS_SPECIAL_H

double as_lgamma(double x);                             /* ln |Gamma(x)| */
double as_digamma(double x);                            /* psi(x), x > 0 */

double as_beta_cdf(double x, double a, double b);       /* P(Beta(a, b) <= x); a, b > 0 */
double as_beta_quantile(double p, double a, double b);  /* its inverse, to 1e-12 absolute */
double as_gamma_cdf(double x, double a);                /* P(Gamma(a, 1) <= x), a > 0 */
double as_chi2_cdf(double x, double df);
double as_chi2_quantile(double p, double df);           /* lower quantile */
double as_normal_cdf(double z);
double as_normal_quantile(double p);                    /* 0 < p < 1 */
double as_student_quantile(double p, double df);

#endif
