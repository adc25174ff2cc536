/*
 * errors.h -- vote and weigh in turn, for methods whose worker is a number of errors (PM, CATD).
 * Not installed.
 */
#ifndef STATS_ERRORS_H
#define STATS_ERRORS_H

#include "stats/tally.h"

struct as_errors {
    uint32_t workers;
    double *n, *wrong;          /* [workers] answers by weight; errors, and half a one more */
};

/*
 * Begins with the majority; then `weigh` makes a weight per worker from their errors, and the votes
 * are counted by it, until no answer changes or max_iter.  A task with a known class (gold) has
 * that answer throughout.  has_objective: minus the sum of weight * errors is kept as the trace.
 */
typedef void as_weigh(const struct as_errors *d, double *weight);
int as_errors_run(struct as_fit *f, as_weigh *weigh, int has_objective);

#endif
