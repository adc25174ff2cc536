/*
 * agg_pm.c -- truth as the point nearest to all, each by their weight (PM, or CRH: Li, Li, Gao,
 * Zhao, Fan & Han, SIGMOD 2014), for classes.
 *
 *   minimise  sum_j w_j D_j,  D_j = 1/2 + sum over j's votes of [y_ij != z_i],
 *   under     sum_j exp(-w_j) = 1
 *
 *   1. z = plain majority;
 *   2. w_j = log(sum_j' D_j' / D_j);
 *   3. z_i = the class of greatest weight; back to 2 until the sum stands still.
 *
 * Both halves lower the sum, so it ends.  The half keeps a worker who never erred from deciding
 * alone.  O(votes) a round.
 */
#include <math.h>

#include "stats/errors.h"

static void weigh(const struct as_errors *d, double *weight)
{
    double total = 0;

    for (uint32_t j = 0; j < d->workers; j++)
        total += d->wrong[j];
    for (uint32_t j = 0; j < d->workers; j++)
        weight[j] = log(total / d->wrong[j]);
}

static int run(struct as_fit *f)
{
    return as_errors_run(f, weigh, 1);
}

const struct as_agg as_agg_pm = {
    { "pm", "PM (CRH)", "Li, Li, Gao, Zhao, Fan & Han, SIGMOD (2014)",
      "Finds the answers that lie nearest to everybody's, each weighed by how near their own "
      "answers lie to those found. A few passes over the votes and one number per worker. Plain "
      "and quick; better methods exist for workers who err in their own ways.", 0 },
    run
};
