/*
 * noise_joint.c -- how many labels of each class are really of another one (confident learning).
 *
 *   t_k  = mean of p_k over the rows given k
 *   C_sk = rows given s with p_k >= t_k - 1e-6, and k the most likely of all classes that reach
 *          their t
 *
 * A class's own threshold makes up for a model that is shy or bold about it, which is the whole
 * idea.  Rows that reach no threshold are left out of C; calibrating gives them back to their class
 * in proportion.  A class of which no row is sure is taken to be right.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/noise.h"

#define SLACK   1e-6
#define NEVER   2.

int as_by_score(const void *a, const void *b)
{
    const struct as_scored *x = a, *y = b;

    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

int as_probs_check(const struct as_probs *in)
{
    if (!in->classes || (in->n && !in->p))
        return AS_EINVAL;
    if (in->classes > AS_NOISE_CLASSES_MAX || in->n > SIZE_MAX / 32 / in->classes)
        return AS_ETOOBIG;
    for (size_t i = 0; i < in->n; i++) {
        const double *p = in->p + i * in->classes;
        double sum = 0, low = 0;
        for (uint32_t k = 0; k < in->classes; k++) {
            sum += p[k];
            low = p[k] < low ? p[k] : low;
        }
        if (!(fabs(sum - 1) <= AS_PROBS_SLACK) || low < 0
            || (in->label && in->label[i] >= in->classes))
            return AS_EINVAL;                   /* NAN makes the first of them true */
    }
    return AS_OK;
}

static void thresholds(const struct as_probs *in, const uint64_t *given, double *t)
{
    uint32_t K = in->classes;

    memset(t, 0, K * sizeof *t);
    for (size_t i = 0; i < in->n; i++)
        t[in->label[i]] += in->p[i * K + in->label[i]];
    for (uint32_t k = 0; k < K; k++)
        t[k] = given[k] ? t[k] / (double)given[k] : NEVER;
}

uint32_t as_sure(const double *p, const double *t, uint32_t K)
{
    uint32_t top = K;

    for (uint32_t k = 0; k < K; k++)
        if (p[k] >= t[k] - SLACK && (top == K || p[k] > p[top]))
            top = k;
    return top;
}

/* count, scaled to sum to total, as whole numbers. */
static void apportion(const uint64_t *count, uint64_t total, uint32_t K, uint32_t own,
                      struct as_scored *part, uint64_t *out)
{
    uint64_t sum = 0, left = total;

    memset(out, 0, K * sizeof *out);
    for (uint32_t k = 0; k < K; k++)
        sum += count[k];
    if (!sum) {
        out[own] = total;
        return;
    }
    for (uint32_t k = 0; k < K; k++) {
        double share = (double)count[k] * (double)total / (double)sum;
        out[k] = (uint64_t)share;
        left -= out[k] < left ? out[k] : left;
        part[k] = (struct as_scored){ share - floor(share), k };
    }
    qsort(part, K, sizeof *part, as_by_score);
    for (uint32_t k = K; left && k--; left--)       /* the largest remainders, from the end */
        out[part[k].row]++;
}

static int joint_fill(const struct as_probs *in, struct as_pool *pool, double *threshold,
                      uint64_t *joint, uint64_t *calibrated, size_t *errors)
{
    uint32_t K = in->classes;
    uint64_t *given = as_take(pool, K, sizeof *given);
    struct as_scored *part = as_take(pool, K, sizeof *part);

    if (!threshold)
        threshold = as_take(pool, K, sizeof *threshold);
    if (!joint)
        joint = as_take(pool, (size_t)K * K, sizeof *joint);
    if (!given || !part || !threshold || !joint)
        return AS_ENOMEM;
    for (size_t i = 0; i < in->n; i++)
        given[in->label[i]]++;
    thresholds(in, given, threshold);
    memset(joint, 0, (size_t)K * K * sizeof *joint);
    size_t off = 0;
    for (size_t i = 0; i < in->n; i++) {
        uint32_t k = as_sure(in->p + i * K, threshold, K);
        if (k == K)
            continue;
        joint[(size_t)in->label[i] * K + k]++;
        off += k != in->label[i];
    }
    if (errors)
        *errors = off;
    for (uint32_t s = 0; calibrated && s < K; s++)
        apportion(joint + (size_t)s * K, given[s], K, s, part, calibrated + (size_t)s * K);
    return AS_OK;
}

int as_noise_joint(const struct as_probs *in, double *threshold, uint64_t *joint,
                   uint64_t *calibrated, size_t *errors)
{
    struct as_pool pool = { 0 };
    int rc = in->n && !in->label ? AS_EINVAL : as_probs_check(in);

    if (rc)
        return rc;
    rc = joint_fill(in, &pool, threshold, joint, calibrated, errors);
    as_pool_end(&pool);
    return rc;
}
