/*
 * agg_catd.c -- confidence-aware truth discovery (Li, Li, Gao, Su, Zhao, Demirbas, Fan & Han, VLDB
 * 2014), for classes.
 *
 *   w_j = chi2_{0.025}(n_j) / D_j,   D_j = 1/2 + sum over j's votes of [y_ij != z_i]
 *
 * The lower quantile over the errors is one over the upper bound of the variance, so a worker with
 * few answers is believed less than one with many at the same rate.  Begins with the majority,
 * votes and weighs in turn until no answer changes.  There is no objective.  O(votes) a round.
 */
#include <math.h>

#include "stats/errors.h"

#define TAIL .025

static void weigh(const struct as_errors *d, double *weight)
{
    for (uint32_t j = 0; j < d->workers; j++)
        weight[j] = d->n[j] > 0 ? as_chi2_quantile(TAIL, d->n[j]) / d->wrong[j] : 0;
}

static int run(struct as_fit *f)
{
    return as_errors_run(f, weigh, 0);
}

const struct as_agg as_agg_catd = {
    { "catd", "CATD", "Li, Li, Gao, Su, Zhao, Demirbas, Fan & Han, VLDB (2014)",
      "Weighs everybody by how few errors they make, and trusts those with few answers less. A few "
      "passes over the votes and one number per worker. Meant for crowds where most people gave "
      "only a few answers.", 0 },
    run
};
