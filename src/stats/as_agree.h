/* as_agree.h -- how far people agree */
#ifndef STATS_AS_AGREE_H
#define STATS_AS_AGREE_H

#include "stats/as_votes.h"

#define AS_PAIR_WORK_MAX 4000000000ull      /* sum over tasks of answers squared */

struct as_pair {
    uint32_t a, b;                  /* a < b */
    uint64_t common, agree;         /* tasks both answered; answered alike */
};

/* Every pair of workers that shares a task, sorted by (a, b); end with as_pairs_free.
   AS_EUNFIT on votes that kept duplicates, AS_ETOOBIG, AS_ENOMEM. */
int as_pairs_new(const struct as_votes *v, struct as_pair **out, size_t *n);
void as_pairs_free(struct as_pair *pairs);

struct as_alpha {
    double alpha, observed, expected;       /* disagreement seen, and by chance */
    uint64_t values, units;                 /* pairable answers, tasks with two or more */
};

/* Krippendorff's alpha for nominal data.  AS_EUNDEFINED when only one class occurs or nothing can
   be paired.  O(votes + classes). */
int as_alpha_nominal(const struct as_votes *v, struct as_alpha *out);

/* Mean of the n*(n-1)/2 entries above the diagonal of an n x n similarity matrix (row-major).
   AS_EUNDEFINED for n < 2, AS_EINVAL unless every one of them is within 0 … 1. */
int as_mean_pairwise(const double *sim, uint32_t n, double *out);

#endif
