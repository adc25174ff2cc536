/* as_match.h -- optimal matching of two sets of objects */
#ifndef STATS_AS_MATCH_H
#define STATS_AS_MATCH_H

#include "stats/as_base.h"

#define AS_ASSIGN_SIDE_MAX 20000
#define AS_ASSIGN_WORK_MAX 8000000000.0     /* shorter side squared times the longer one */

/* The matching of greatest total weight in an n x m matrix (row-major, finite).  to[i] is the
   column of row i or -1; a pair of weight <= 0 is never matched.  *total may be NULL.
   Jonker and Volgenant's shortest augmenting paths, O(min^2 * max).
   AS_EINVAL, AS_ETOOBIG, AS_ENOMEM. */
int as_assign(const double *weight, uint32_t n, uint32_t m, int32_t *to, double *total);

/* How alike two sets of objects are: optimal matching of pairs with similarity >= floor, then the
   mean over matched pairs and unmatched objects of both sides, an unmatched object adding 0.
   Two empty sets are alike: 1.  Codes as as_assign. */
int as_set_similarity(const double *sim, uint32_t n, uint32_t m, double floor, double *out);

#endif
