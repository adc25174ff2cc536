/*
 * weak_table.c -- the table a person reads first: what each labelling function does, before any
 * model.
 *
 *   coverage  = votes / rows
 *   overlaps  = rows where it and another one voted / rows
 *   conflicts = rows where it voted and another one voted for another class / rows
 *   accuracy  = correct / votes, on rows whose class is known
 *
 * O(rows * lfs): a row's lowest and highest vote tell whether anybody disagrees.
 */
#include "stats/weak.h"

const struct as_weak_model as_weak_lf_table = {
    { "lf-table", "Table of labelling functions", "as in Snorkel (Ratner et al., VLDB 2017)",
      "Polarity, coverage, overlaps and conflicts of every labelling function, and its accuracy "
      "where the class of some rows is known. One pass, no model. Look at it before anything else: "
      "a function that never overlaps cannot be checked by the others.", 0 },
    NULL
};

static void row_count(const struct as_lf_votes *in, size_t i, struct as_lf_table *t)
{
    const int16_t *vote = in->vote + i * in->lfs;
    int16_t known = in->gold ? in->gold[i] : -1, lowest = INT16_MAX, highest = -1;
    uint32_t votes = 0;

    for (uint32_t j = 0; j < in->lfs; j++) {
        if (vote[j] < 0)
            continue;
        lowest = vote[j] < lowest ? vote[j] : lowest;
        highest = vote[j] > highest ? vote[j] : highest;
        votes++;
    }
    t->covered += votes > 0;
    t->gold += known >= 0;
    for (uint32_t j = 0; votes && j < in->lfs; j++) {
        struct as_lf *f = &t->lf[j];
        if (vote[j] < 0)
            continue;
        f->votes++;
        f->overlaps += votes > 1;
        f->conflicts += lowest != highest;
        f->correct += vote[j] == known;
        f->incorrect += known >= 0 && vote[j] != known;
        t->polarity[(size_t)j * in->classes + (size_t)vote[j]]++;
    }
}

struct owned {
    struct as_lf_table t;
    struct as_pool pool;
};

int as_lf_table(const struct as_lf_votes *in, struct as_lf_table **out)
{
    struct as_pool pool = { 0 };
    int rc;

    *out = NULL;
    if ((rc = as_lf_check(in)))
        return rc;
    struct owned *own = as_take(&pool, 1, sizeof *own);
    struct as_lf *lf = as_take(&pool, in->lfs, sizeof *lf);
    uint64_t *polarity = as_take(&pool, (size_t)in->lfs * in->classes, sizeof *polarity);
    if (!own || !lf || !polarity) {
        as_pool_end(&pool);
        return AS_ENOMEM;
    }
    struct as_lf_table *t = &own->t;
    *t = (struct as_lf_table){ .rows = in->rows, .lfs = in->lfs, .classes = in->classes,
                               .lf = lf, .polarity = polarity };
    own->pool = pool;
    for (size_t i = 0; i < in->rows; i++)
        row_count(in, i, t);
    for (uint32_t j = 0; j < in->lfs && in->rows; j++) {
        uint64_t judged = lf[j].correct + lf[j].incorrect;
        lf[j].coverage = (double)lf[j].votes / (double)in->rows;
        lf[j].overlaps /= (double)in->rows;
        lf[j].conflicts /= (double)in->rows;
        lf[j].accuracy = judged ? (double)lf[j].correct / (double)judged : 0;
    }
    *out = t;
    return AS_OK;
}

void as_lf_table_free(struct as_lf_table *t)
{
    if (!t)
        return;
    struct as_pool pool = ((struct owned *)(void *)t)->pool;    /* t is the first member */
    as_pool_end(&pool);
}
