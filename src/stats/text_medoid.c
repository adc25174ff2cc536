/*
 * text_medoid.c -- the answer nearest to all others (the medoid), which is the choice of least
 * expected word errors when the answers themselves stand for the truth (minimum Bayes risk).
 *
 *     answer = argmin_a  sum over b of  weight_b * errors(a, b)
 *
 * Ties go to the answer given first.  With opts.rounds the weights become mean nearness to the
 * result, and it is chosen again.  O(answers^2 * words^2) a task.
 */
#include <math.h>

#include "stats/text.h"

/* Word errors between all answers of task t, [n * n]; NULL: no memory. */
const uint32_t *as_text_errors(struct as_text_fit *f, uint32_t t, struct as_pool *pool)
{
    const struct as_words *w = &f->words;
    size_t from = f->first[t], n = f->first[t + 1] - from;
    uint32_t *d = as_take(pool, n * n, sizeof *d);

    for (size_t a = 0; d && a < n; a++)
        for (size_t b = a + 1; b < n; b++) {
            const size_t *s = w->start + from;
            d[a * n + b] = d[b * n + a] = as_edits(w->id + s[a], s[a + 1] - s[a], w->id + s[b],
                                                   s[b + 1] - s[b], f->row_edits);
        }
    return d;
}

double as_text_risk(const struct as_text_fit *f, uint32_t t, const uint32_t *errors, size_t a)
{
    size_t from = f->first[t], n = f->first[t + 1] - from;
    double risk = 0, plain = 0, all = 0;

    for (size_t b = 0; b < n; b++) {
        double w = f->weight[f->worker[from + b]];
        risk += w * errors[a * n + b];
        plain += errors[a * n + b];
        all += w;
    }
    return all > 0 ? risk : plain;      /* nobody counts: then all count alike */
}

static int choose(struct as_text_fit *f, uint32_t t)
{
    struct as_pool pool = { 0 };
    size_t n = f->first[t + 1] - f->first[t], best = 0;
    const uint32_t *errors = as_text_errors(f, t, &pool);
    double least = INFINITY;
    int tied = 0;

    if (!errors)
        return AS_ENOMEM;
    for (size_t a = 0; a < n; a++) {
        double risk = as_text_risk(f, t, errors, a);
        int equal = risk <= least * (1 + 1e-9);
        if (equal && risk >= least * (1 - 1e-9)) {
            tied |= errors[best * n + a] > 0;   /* the same words twice are no tie */
        } else if (risk < least) {
            least = risk;
            best = a;
            tied = 0;
        }
    }
    if (n)
        as_choose(f, t, f->first[t] + best, tied);
    as_pool_end(&pool);
    return AS_OK;
}

static int run(struct as_text_fit *f)
{
    int rc = AS_OK;

    for (int round = 0; !rc && !f->out->stopped && round <= f->opts->rounds; round++) {
        if (round)
            rc = as_learn_weights(f, round);
        for (uint32_t t = 0; !rc && t < f->in->tasks; t++)
            rc = choose(f, t);
    }
    return rc;
}

const struct as_text_method as_text_medoid = {
    { "medoid", "Medoid", "minimum Bayes risk (Goel and Byrne, CSL 2000)",
      "Chooses the answer with the fewest word errors against all the others. It compares every "
      "two answers of a task and is done at once for ten or so. Use it when the result must be a "
      "text that somebody wrote, or for answers of language models.", 0 },
    run
};
