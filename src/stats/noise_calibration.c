/*
 * noise_calibration.c -- can the probabilities be taken at their word?
 *
 *   ECE   = sum over bins of n_b / n * |accuracy_b - confidence_b|      (Guo et al., ICML 2017)
 *   MCE   = greatest |accuracy_b - confidence_b|
 *   Brier = mean over rows of sum over k of (p_k - [k is true])^2       (Brier 1950)
 *
 * Confidence is the probability of the first class.  Bins have equal width, or equal numbers of
 * rows (rows of equal confidence stay together).  O(n * classes), and a sort for equal numbers.
 */
#include <math.h>
#include <stdlib.h>

#include "stats/noise.h"

#define BINS_MAX   10000
#define P_MIN      1e-15
#define Z_95       1.959963984540054

struct top {
    double confidence;
    int right;
};

static int by_confidence(const void *a, const void *b)
{
    const struct top *x = a, *y = b;

    return x->confidence < y->confidence ? -1 : x->confidence > y->confidence;
}

/* Figures that need no bins; leaves the first class of every row in top. */
static void figures(const struct as_probs *in, struct top *top, struct as_calibration *out)
{
    double n = (double)in->n;

    for (size_t i = 0; i < in->n; i++) {
        const double *p = in->p + i * in->classes;
        uint32_t first = as_first(p, in->classes);
        double c = p[first] < 1 ? p[first] : 1;
        top[i] = (struct top){ c, first == in->label[i] };
        for (uint32_t k = 0; k < in->classes; k++) {
            double d = p[k] - (k == in->label[i]);
            out->brier += d * d;
        }
        out->log_loss -= log(fmax(p[in->label[i]], P_MIN));
        out->accuracy += top[i].right;
        out->confidence += c;
    }
    out->brier /= n;
    out->log_loss /= n;
    out->accuracy /= n;
    out->confidence /= n;
}

/* Upper bounds of bins with equal numbers, from rows sorted by confidence. */
static void even_bounds(const struct top *top, size_t n, uint32_t bins, struct as_bin *bin)
{
    for (uint32_t b = 0; b < bins; b++) {
        size_t last = (size_t)((double)n * (b + 1.) / bins);
        bin[b].lo = b ? bin[b - 1].hi : 0;
        bin[b].hi = b + 1 == bins ? 1 : last ? top[last - 1].confidence : 0;
    }
}

/* The bin of a confidence: the first whose upper bound is not below it. */
static uint32_t bin_of(const struct as_bin *bin, uint32_t bins, double c)
{
    uint32_t lo = 0, hi = bins - 1;

    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (bin[mid].hi >= c)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

static void wilson(struct as_bin *b)
{
    double n = (double)b->n, z = Z_95, p = b->accuracy;
    double mid = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));

    b->low = fmax(mid - half, 0);
    b->high = fmin(mid + half, 1);
}

static void bins_fill(const struct top *top, size_t n, uint32_t bins, struct as_bin *bin,
                      struct as_calibration *out)
{
    for (size_t i = 0; i < n; i++) {
        struct as_bin *b = &bin[bin_of(bin, bins, top[i].confidence)];
        b->n++;
        b->confidence += top[i].confidence;
        b->accuracy += top[i].right;
    }
    for (uint32_t k = 0; k < bins; k++) {
        struct as_bin *b = &bin[k];
        b->high = 1;
        if (!b->n)
            continue;
        b->confidence /= (double)b->n;
        b->accuracy /= (double)b->n;
        wilson(b);
        double gap = fabs(b->accuracy - b->confidence);
        out->ece += gap * (double)b->n / (double)n;
        out->mce = fmax(out->mce, gap);
    }
}

int as_calibrate(const struct as_probs *in, uint32_t bins, int equal_mass, struct as_bin *bin,
                 struct as_calibration *out)
{
    struct as_pool pool = { 0 };
    int rc = in->n && !in->label ? AS_EINVAL : as_probs_check(in);

    *out = (struct as_calibration){ 0 };
    if (rc || bins < 1 || bins > BINS_MAX)
        return rc ? rc : AS_EINVAL;
    if (!in->n)
        return AS_EUNDEFINED;
    struct top *top = as_take(&pool, in->n, sizeof *top);
    struct as_bin *own = as_take(&pool, bins, sizeof *own);
    if (!top || !own) {
        as_pool_end(&pool);
        return AS_ENOMEM;
    }
    figures(in, top, out);
    if (equal_mass) {
        qsort(top, in->n, sizeof *top, by_confidence);
        even_bounds(top, in->n, bins, own);
    }
    for (uint32_t b = 0; !equal_mass && b < bins; b++) {
        own[b].lo = (double)b / bins;
        own[b].hi = (b + 1.) / bins;
    }
    bins_fill(top, in->n, bins, own, out);
    for (uint32_t b = 0; bin && b < bins; b++)
        bin[b] = own[b];
    as_pool_end(&pool);
    return AS_OK;
}
