/*
 * decide.c -- the answer by expected cost instead of by probability.
 *
 *   label_i = argmin_k sum_k' cost[k][k'] q_ik'
 *
 * Costs come from the caller; without them a method for grades decides by |k - k'|, which makes the
 * answer the median of the posterior.  Classes within one part in 10^9 of the least are tied, and
 * the tie goes to the lowest id as everywhere.  Known answers stay.
 */
#include <math.h>
#include <string.h>

#include "stats/tally.h"

static void decide(struct as_fit *f, const double *cost, uint32_t t)
{
    struct as_result *r = f->out;
    uint32_t K = r->classes, best = 0, tied = 0;
    double *expect = f->row, span = 0;

    for (uint32_t k = 0; k < K; k++) {
        for (uint32_t truth = 0; truth < K; truth++)
            expect[k] += cost[k * K + truth] * as_q(r, t, truth);
        span = fmax(span, fabs(expect[k]));
    }
    for (uint32_t k = 1; k < K; k++)
        best = expect[k] < expect[best] ? k : best;
    uint16_t lowest = AS_ABSTAIN;
    for (uint32_t k = K; k-- > 0; )
        if (expect[k] - expect[best] <= AS_TIE_EPS * span) {
            tied++;
            lowest = (uint16_t)k;
        }
    memset(f->row, 0, K * sizeof *f->row);
    r->flags[t] = tied > 1 ? AS_TIED : 0;
    r->label[t] = tied > 1 && f->opts->ties == AS_TIE_UNDECIDED ? AS_ABSTAIN : lowest;
}

int as_decide(struct as_fit *f)
{
    uint32_t K = f->votes->classes;
    const double *cost = f->opts->cost;

    if (!cost && f->graded && K <= AS_DENSE_CLASSES) {
        double *distance = as_take(f->pool, (size_t)K * K, sizeof *distance);
        if (!distance)
            return AS_ENOMEM;
        for (uint32_t k = 0; k < K; k++)
            for (uint32_t truth = 0; truth < K; truth++)
                distance[k * K + truth] = fabs((double)k - (double)truth);
        cost = distance;
    }
    for (uint32_t t = 0; cost && t < f->votes->tasks; t++)
        if (!(f->out->flags[t] & (AS_NO_VOTES | AS_GOLD)))
            decide(f, cost, t);
    return AS_OK;
}
