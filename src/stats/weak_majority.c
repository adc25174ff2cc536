/*
 * weak_majority.c -- one vote a function.
 *
 *   q_k = votes for k / votes
 *
 * O(rows * lfs).
 */
#include "stats/weak.h"

static int fit(struct as_weak_fit *f)
{
    f->out->by_share = 1;
    for (uint32_t j = 0; j < f->in->lfs; j++)
        for (uint32_t k = 0; k < f->in->classes; k++)
            as_lf_score(f->out, j, (int)k)[k] = 1;
    return AS_OK;
}

const struct as_weak_model as_weak_majority = {
    { "majority", "Majority of the labelling functions", "folklore",
      "Every function that does not abstain has one vote; near copies are not told apart. "
      "One pass. The mark any label model has to beat, and hard to beat where votes seldom "
      "overlap.", 0 },
    fit
};
