/* noise.h -- what the files of as_noise.h share.  Not installed. */
#ifndef STATS_NOISE_H
#define STATS_NOISE_H

#include "stats/as_noise.h"
#include "stats/mem.h"

/* Are all of these rows probabilities?  label may be NULL.  AS_EINVAL, AS_ETOOBIG. */
int as_probs_check(const struct as_probs *in);

/* The class a row surely is by the thresholds of as_noise_joint; `classes` when it is none. */
uint32_t as_sure(const double *p, const double *threshold, uint32_t classes);

/* The class with the highest probability, the lowest id of several. */
static inline uint32_t as_first(const double *p, uint32_t classes)
{
    uint32_t top = 0;

    for (uint32_t k = 1; k < classes; k++)
        if (p[k] > p[top])
            top = k;
    return top;
}

struct as_scored {
    double score;
    size_t row;
};

/* By rising score, then by row: for qsort. */
int as_by_score(const void *a, const void *b);

#endif
