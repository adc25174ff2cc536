/*
 * lbfgs.h -- the minimum of a smooth function of many variables.  Not installed.
 *
 * Limited-memory BFGS (Liu and Nocedal, Math. Programming 1989) with a backtracking line search, so
 * the value never rises.  Deterministic: no chance, no threads.
 */
#ifndef STATS_LBFGS_H
#define STATS_LBFGS_H

#include <stddef.h>

/* The value at x, which may be infinite where x is out of bounds; fills the gradient. */
typedef double as_objective(void *arg, const double *x, double *gradient);

struct as_descent {
    int max_iter;
    double gain;                /* stop when an iteration gains less */
    double slope;               /* stop when no part of the gradient is larger */
    int (*step)(void *arg, double value);   /* after every iteration; non-zero: stop; or NULL */

    double value;               /* out: at x */
    int iterations, converged;
};

/* Moves x downhill.  AS_EINVAL when the start has no finite value, AS_ENOMEM. */
int as_lbfgs(as_objective *f, void *arg, size_t n, double *x, struct as_descent *d);

#endif
