/*
 * agg_gold_majority.c -- a vote weighted by what people showed on tasks with a known answer.
 *
 *   w_j = (K0 + right) / (2 K0 + answered), over tasks with gold, K0 = 0.5
 *
 * so a person never tested weighs 0.5 and eight of ten weigh 8.5/11.  Only gold moves the weights:
 * a camp that errs together gains nothing.  O(votes + tasks * classes).
 */
#include "stats/tally.h"

#define K0 .5

static int run(struct as_fit *f)
{
    const struct as_votes *v = f->votes;
    double *right = as_take(f->pool, v->workers, sizeof *right);
    double *tested = as_take(f->pool, v->workers, sizeof *tested);

    if (!right || !tested)
        return AS_ENOMEM;
    for (uint32_t t = 0; t < v->tasks; t++) {
        if (v->gold[t] == AS_ABSTAIN)
            continue;
        for (size_t k = v->start[t]; k < v->start[t + 1]; k++) {
            tested[v->worker[k]]++;
            right[v->worker[k]] += v->label[k] == v->gold[t];
        }
    }
    for (uint32_t j = 0; j < v->workers; j++)
        right[j] = (K0 + right[j]) / (2 * K0 + tested[j]);
    as_vote_all(f, right);
    for (uint32_t j = 0; j < v->workers; j++)
        f->out->worker[j].skill = f->out->worker[j].weight = right[j];
    f->own_skill = 1;
    return AS_OK;
}

const struct as_agg as_agg_gold_majority = {
    { "gold-majority", "Majority weighted by gold", "",
      "Votes count by how well a person did on tasks with a known answer. A person never tested "
      "counts half. It needs gold tasks and trusts nothing else.", 1 },
    run
};
