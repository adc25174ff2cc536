/*
 * noise_find.c -- which labels are likely wrong, and in which order to look at them.
 *
 * The filters take their numbers from the joint counts of noise_joint.c and their rows from a
 * score, so they find about as many rows as there are errors.  A row whose given class is the
 * model's first is never found: there would be nothing to propose instead.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/noise.h"

#define PAPER "Northcutt et al., JAIR 2021"

static const struct as_method_info filters[AS_NOISE_FILTERS] = {
    { "prune_by_class", "Least likely of each class", PAPER,
      "Of every class the rows the model believes least, as many as the class has errors by the "
      "joint counts. One sort a class. Use it when classes differ much in their share of errors.",
      0 },
    { "prune_by_noise_rate", "Widest margin of each pair", PAPER,
      "Of every pair of classes the rows where the other class leads most, as many as the joint "
      "counts say. One sort a pair that has errors. The filter to begin with.", 0 },
    { "both", "Found by class and by rate", PAPER,
      "Rows that prune_by_class and prune_by_noise_rate both find. Their cost together. Use it "
      "when looking at a row is dear.", 0 },
    { "confident_learning", "Sure of another class", PAPER,
      "Rows that reach the threshold of another class. One pass, no sort. Fewer rows than "
      "prune_by_noise_rate, and mostly wrong ones.", 0 },
    { "predicted_neq_given", "The model says otherwise", "folklore",
      "Every row whose label is not the model's first class. One pass. It misses little and finds "
      "much that is right.", 0 },
    { "low_normalized_margin", "Lowest margins", PAPER,
      "As many rows of lowest margin as are sure of another class. One sort. Use it when a plain "
      "ranking is wanted.", 0 },
    { "low_self_confidence", "Lowest confidence", PAPER,
      "As many rows of lowest probability of their label as are sure of another class. One sort. "
      "It also finds rows that are strange to the model altogether.", 0 },
};

const struct as_method_info *as_noise_filter(unsigned at)
{
    return at < AS_NOISE_FILTERS ? &filters[at] : NULL;
}

/* ------------------------------------------------------------------ scores */

static double margin(const double *p, uint32_t K, uint32_t given)
{
    double other = 0;

    for (uint32_t k = 0; k < K; k++)
        if (k != given && p[k] > other)
            other = p[k];
    return (p[given] - other + 1) / 2;
}

/* Goes to 1 with a sure label and to 0 with an unlikely one. */
static double weighted_entropy(const double *p, uint32_t K, uint32_t given)
{
    double h = 0;

    for (uint32_t k = 0; k < K; k++)
        h -= p[k] > 0 ? p[k] * log(p[k]) : 0;
    h = K > 1 && h > 0 ? h / log(K) : 0;
    if (h == 0)
        return p[given] > .5;
    double e = h / p[given];                    /* infinite when p is 0 */
    return e < INFINITY ? log1p(e) / e : 0;
}

static double score_of(const struct as_probs *in, size_t i, enum as_noise_score which)
{
    const double *p = in->p + i * in->classes;
    double s = which == AS_NORMALIZED_MARGIN ? margin(p, in->classes, in->label[i])
               : which == AS_WEIGHTED_ENTROPY ? weighted_entropy(p, in->classes, in->label[i])
                                              : p[in->label[i]];

    return s < 0 ? 0 : s > 1 ? 1 : s;           /* a row may sum to a little more than 1 */
}

int as_noise_score(const struct as_probs *in, enum as_noise_score which, double *score)
{
    int rc = in->n && !in->label ? AS_EINVAL : as_probs_check(in);

    if (rc || which > AS_WEIGHTED_ENTROPY)
        return rc ? rc : AS_EINVAL;
    for (size_t i = 0; i < in->n; i++)
        score[i] = score_of(in, i, which);
    return AS_OK;
}

int as_noise_rank(const double *score, const uint8_t *found, size_t n, size_t *order,
                  size_t *count)
{
    struct as_pool pool = { 0 };
    struct as_scored *r = as_take(&pool, n, sizeof *r);
    size_t m = 0;
    int rc = r ? AS_OK : AS_ENOMEM;

    for (size_t i = 0; !rc && i < n; i++) {
        if (isnan(score[i]))
            rc = AS_EINVAL;
        else if (!found || found[i])
            r[m++] = (struct as_scored){ score[i], i };
    }
    if (!rc) {
        qsort(r, m, sizeof *r, as_by_score);
        for (size_t i = 0; i < m; i++)
            order[i] = r[i].row;
        *count = m;
    }
    as_pool_end(&pool);
    return rc;
}

/* ------------------------------------------------------------------ filters */

struct finder {
    const struct as_probs *in;
    uint64_t *calibrated;       /* [K * K] */
    double *threshold;          /* [K] */
    size_t errors;
    size_t *start, *row;        /* rows given k: row[start[k]] … row[start[k+1]-1] */
    struct as_scored *ranked;   /* [n] */
};

static int prepare(struct finder *f, struct as_pool *pool)
{
    size_t n = f->in->n, K = f->in->classes;

    f->calibrated = as_take(pool, K * K, sizeof *f->calibrated);
    f->threshold = as_take(pool, K, sizeof *f->threshold);
    f->start = as_take(pool, K + 2, sizeof *f->start);
    f->row = as_take(pool, n, sizeof *f->row);
    f->ranked = as_take(pool, n, sizeof *f->ranked);
    if (!f->calibrated || !f->threshold || !f->start || !f->row || !f->ranked)
        return AS_ENOMEM;
    for (size_t i = 0; i < n; i++)
        f->start[f->in->label[i] + 2]++;
    for (size_t k = 2; k < K + 2; k++)
        f->start[k] += f->start[k - 1];
    for (size_t i = 0; i < n; i++)
        f->row[f->start[f->in->label[i] + 1]++] = i;
    return as_noise_joint(f->in, f->threshold, NULL, f->calibrated, &f->errors);
}

/* Marks the lowest `most` of the m rows in f->ranked. */
static void mark_lowest(struct finder *f, size_t m, size_t most, uint8_t *found)
{
    qsort(f->ranked, m, sizeof *f->ranked, as_by_score);
    for (size_t i = 0; i < m && i < most; i++)
        found[f->ranked[i].row] = 1;
}

static void by_class(struct finder *f, uint8_t *found)
{
    uint32_t K = f->in->classes;

    for (uint32_t s = 0; s < K; s++) {
        size_t m = f->start[s + 1] - f->start[s];
        for (size_t i = 0; i < m; i++) {
            size_t row = f->row[f->start[s] + i];
            f->ranked[i] = (struct as_scored){ f->in->p[row * K + s], row };
        }
        mark_lowest(f, m, m - f->calibrated[(size_t)s * K + s], found);
    }
}

static void by_rate(struct finder *f, uint8_t *found)
{
    uint32_t K = f->in->classes;

    for (uint32_t s = 0; s < K; s++)
        for (uint32_t k = 0; k < K; k++) {
            size_t m = f->start[s + 1] - f->start[s], most = f->calibrated[(size_t)s * K + k];
            if (k == s || !most)
                continue;
            for (size_t i = 0; i < m; i++) {
                size_t row = f->row[f->start[s] + i];
                const double *p = f->in->p + row * K;
                f->ranked[i] = (struct as_scored){ p[s] - p[k], row };
            }
            mark_lowest(f, m, most, found);
        }
}

static void by_score(struct finder *f, enum as_noise_score which, uint8_t *found)
{
    for (size_t i = 0; i < f->in->n; i++)
        f->ranked[i] = (struct as_scored){ score_of(f->in, i, which), i };
    mark_lowest(f, f->in->n, f->errors, found);
}

static void by_threshold(struct finder *f, uint8_t *found)
{
    uint32_t K = f->in->classes;

    for (size_t i = 0; i < f->in->n; i++) {
        uint32_t k = as_sure(f->in->p + i * K, f->threshold, K);
        found[i] = k < K && k != f->in->label[i];
    }
}

static int find(struct finder *f, enum as_noise_filter how, struct as_pool *pool, uint8_t *found)
{
    uint8_t *second = as_take(pool, f->in->n, 1);

    if (!second)
        return AS_ENOMEM;
    switch (how) {
    case AS_NOISE_BY_CLASS:       by_class(f, found); break;
    case AS_NOISE_BY_RATE:        by_rate(f, found); break;
    case AS_NOISE_BOTH:
        by_class(f, found);
        by_rate(f, second);
        for (size_t i = 0; i < f->in->n; i++)
            found[i] &= second[i];
        break;
    case AS_NOISE_CONFIDENT:      by_threshold(f, found); break;
    case AS_NOISE_LOW_MARGIN:     by_score(f, AS_NORMALIZED_MARGIN, found); break;
    case AS_NOISE_LOW_CONFIDENCE: by_score(f, AS_SELF_CONFIDENCE, found); break;
    default:                      memset(found, 1, f->in->n); break;   /* below */
    }
    return AS_OK;
}

int as_noise_find(const struct as_probs *in, enum as_noise_filter how, uint8_t *found,
                  size_t *count)
{
    struct as_pool pool = { 0 };
    struct finder f = { .in = in };
    int rc = in->n && !in->label ? AS_EINVAL : as_probs_check(in);

    if (rc || how >= AS_NOISE_FILTERS)
        return rc ? rc : AS_EINVAL;
    if (in->n)
        memset(found, 0, in->n);
    if (!(rc = prepare(&f, &pool)))
        rc = find(&f, how, &pool, found);
    as_pool_end(&pool);
    size_t sum = 0;
    for (size_t i = 0; !rc && i < in->n; i++) {
        const double *p = in->p + i * in->classes;
        found[i] &= p[in->label[i]] < p[as_first(p, in->classes)];
        sum += found[i];
    }
    if (!rc && count)
        *count = sum;
    return rc;
}
