/*
 * noise_compare.c -- is one model better than the other, on the same rows?
 *
 * Only the rows where one is right and the other wrong tell: b of them for A, c for B.
 *
 *   exact  2 P(Bin(b + c, 1/2) <= min(b, c)), at most 1            (McNemar 1947, exact)
 *   mid-p  the same less P(Bin(b + c, 1/2) = min(b, c))            (Fagerland et al. 2013)
 *   chi2   (|b - c| - 1)^2 / (b + c)                               (Edwards 1948)
 *
 * Bootstrap of the difference (b - c) / n: drawing n rows with replacement makes b multinomial, so
 * a round is two binomial draws and not n of them.  Percentile interval; the p of no difference is
 * twice the smaller share of rounds on either side of 0, and never less than 1 / (rounds + 1).
 */
#include <math.h>
#include <stdlib.h>

#include "stats/chance.h"
#include "stats/mem.h"
#include "stats/as_noise.h"
#include "stats/special.h"

void as_compare_opts_init(struct as_compare_opts *o)
{
    *o = (struct as_compare_opts){ .rounds = 10000, .level = .95 };
}

static void mcnemar(struct as_comparison *out)
{
    double b = (double)out->only_a, c = (double)out->only_b, n = b + c;
    double k = fmin(b, c), apart = fmax(fabs(b - c) - 1, 0);

    out->exact_p = out->mid_p = out->chi2_p = 1;
    if (n == 0)
        return;
    double tail = k < n ? as_beta_cdf(.5, n - k, k + 1) : 1;
    double equal = exp(as_lgamma(n + 1) - as_lgamma(k + 1) - as_lgamma(n - k + 1) - n * log(2));
    out->exact_p = fmin(2 * tail, 1);
    out->mid_p = fmin(fmax(2 * tail - equal, 0), 1);
    out->chi2 = apart * apart / n;
    out->chi2_p = 1 - as_chi2_cdf(out->chi2, 1);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* The q-quantile of sorted numbers, straight lines between them. */
static double quantile(const double *x, uint32_t n, double q)
{
    double at = q * (n - 1);
    uint32_t k = (uint32_t)at;

    return k + 1 < n ? x[k] + (at - k) * (x[k + 1] - x[k]) : x[n - 1];
}

static int bootstrap(const struct as_compare_opts *o, uint64_t n, struct as_comparison *out)
{
    struct as_pool pool = { 0 };
    double *d = as_take(&pool, o->rounds, sizeof *d);
    double b = (double)out->only_a / (double)n, c = (double)out->only_b / (double)n;
    uint32_t below = 0, above = 0;

    if (!d)
        return AS_ENOMEM;
    for (uint32_t r = 0; r < o->rounds; r++) {
        struct as_rng g = { .seed = o->seed, .stream = r };
        uint64_t x = as_draw_binomial(&g, n, b);
        uint64_t y = b < 1 ? as_draw_binomial(&g, n - x, fmin(c / (1 - b), 1)) : 0;
        d[r] = ((double)x - (double)y) / (double)n;
        below += d[r] <= 0;
        above += d[r] >= 0;
    }
    qsort(d, o->rounds, sizeof *d, by_size);
    out->lo = quantile(d, o->rounds, (1 - o->level) / 2);
    out->hi = quantile(d, o->rounds, (1 + o->level) / 2);
    out->boot_p = fmin(2 * (1. + (below < above ? below : above)) / (o->rounds + 1.), 1);
    as_pool_end(&pool);
    return AS_OK;
}

int as_compare(const uint16_t *a, const uint16_t *b, const uint16_t *truth, size_t n,
               const struct as_compare_opts *o, struct as_comparison *out)
{
    struct as_compare_opts plain;

    *out = (struct as_comparison){ 0 };
    if (!o) {
        as_compare_opts_init(&plain);
        o = &plain;
    }
    if ((n && (!a || !b || !truth)) || !(o->level > 0 && o->level < 1))
        return AS_EINVAL;
    if (o->rounds > AS_ROUNDS_MAX)
        return AS_ETOOBIG;
    for (size_t i = 0; i < n; i++) {
        int right_a = a[i] == truth[i], right_b = b[i] == truth[i];
        if (truth[i] == AS_ABSTAIN)
            continue;
        out->both += right_a && right_b;
        out->only_a += right_a && !right_b;
        out->only_b += right_b && !right_a;
        out->neither += !right_a && !right_b;
    }
    uint64_t rows = out->both + out->only_a + out->only_b + out->neither;
    if (!rows)
        return AS_EUNDEFINED;
    out->accuracy_a = (double)(out->both + out->only_a) / (double)rows;
    out->accuracy_b = (double)(out->both + out->only_b) / (double)rows;
    out->difference = ((double)out->only_a - (double)out->only_b) / (double)rows;
    out->lo = out->hi = out->difference;
    out->boot_p = 1;
    mcnemar(out);
    return o->rounds ? bootstrap(o, rows, out) : AS_OK;
}
