/*
 * chance.c -- normal by Box and Muller, gamma by Marsaglia and Tsang (ACM TOMS 2000), binomial by
 * Beta splitting: the k-th smallest of n uniforms is Beta(k, n+1-k), so one draw halves n
 * (Relles 1972), and what is left is counted one by one.  O(log n) draws.
 */
#include <math.h>

#include "stats/chance.h"

#define FEW 24          /* trials that are counted one by one */

double as_draw(struct as_rng *g)
{
    return as_uniform(g->seed, g->stream, g->at++);
}

uint64_t as_draw_below(struct as_rng *g, uint64_t n)
{
    uint64_t k = (uint64_t)(as_draw(g) * (double)n);

    return k < n ? k : n - 1;
}

double as_draw_normal(struct as_rng *g)
{
    double u = 1 - as_draw(g), v = as_draw(g);      /* u > 0 */

    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

double as_draw_gamma(struct as_rng *g, double shape)
{
    if (shape < 1) {
        double u = 1 - as_draw(g);
        return as_draw_gamma(g, shape + 1) * pow(u, 1 / shape);
    }
    double d = shape - 1. / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = as_draw_normal(g), v = 1 + c * x;
        if (v <= 0)
            continue;
        v = v * v * v;
        double u = 1 - as_draw(g);
        if (log(u) < x * x / 2 + d - d * v + d * log(v))
            return d * v;
    }
}

double as_draw_beta(struct as_rng *g, double a, double b)
{
    double x = as_draw_gamma(g, a), y = as_draw_gamma(g, b);

    return x + y > 0 ? x / (x + y) : a / (a + b);
}

uint64_t as_draw_binomial(struct as_rng *g, uint64_t n, double p)
{
    uint64_t got = 0;

    while (n > FEW && p > 0 && p < 1) {
        uint64_t k = 1 + n / 2;
        double x = as_draw_beta(g, (double)k, (double)(n + 1 - k));
        if (x <= p) {
            got += k;
            p = (p - x) / (1 - x);
            n -= k;
        } else {
            p = p / x;
            n = k - 1;
        }
    }
    for (; n; n--)
        got += as_draw(g) < p;
    return got;
}
