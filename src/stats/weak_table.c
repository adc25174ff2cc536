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

/* Whole numbers first; no branch on a vote, for those cannot be foretold. */
struct seen {
    uint64_t overlaps, conflicts, correct, judged;
};

static void row_count(const struct as_lf_votes *in, size_t i, struct as_lf_table *t,
                      struct seen *s, uint64_t *says)
{
    const int16_t *vote = in->vote + i * in->lfs;
    int16_t known = in->gold ? in->gold[i] : -1, lowest = INT16_MAX, highest = -1;
    uint32_t votes = 0;

    for (uint32_t j = 0; j < in->lfs; j++) {
        int16_t y = vote[j], low = y < 0 ? INT16_MAX : y;
        lowest = low < lowest ? low : lowest;
        highest = y > highest ? y : highest;
        votes += y >= 0;
    }
    t->covered += votes > 0;
    t->gold += known >= 0;
    unsigned several = votes > 1, torn = several && lowest != highest, judged = known >= 0;
    for (uint32_t j = 0; j < in->lfs; j++) {
        unsigned voted = vote[j] >= 0;
        s[j].overlaps += voted & several;
        s[j].conflicts += voted & torn;
        s[j].correct += judged & (unsigned)(vote[j] == known);
        s[j].judged += voted & judged;
        says[as_lf_at(in->classes, j, vote[j])]++;
    }
}

static void finish(const struct seen *s, const uint64_t *says, struct as_lf_table *t)
{
    double rows = (double)t->rows;

    for (uint32_t j = 0; j < t->lfs; j++) {
        struct as_lf *f = &t->lf[j];
        for (uint32_t k = 0; k < t->classes; k++)
            f->votes += t->polarity[(size_t)j * t->classes + k] =
                says[as_lf_at(t->classes, j, (int)k)];
        f->correct = s[j].correct;
        f->incorrect = s[j].judged - s[j].correct;
        f->accuracy = s[j].judged ? (double)s[j].correct / (double)s[j].judged : 0;
        if (!t->rows)
            continue;
        f->coverage = (double)f->votes / rows;
        f->overlaps = (double)s[j].overlaps / rows;
        f->conflicts = (double)s[j].conflicts / rows;
    }
}

struct owned {
    struct as_lf_table t;
    struct as_pool pool;
};

int as_lf_table(const struct as_lf_votes *in, struct as_lf_table **out)
{
    struct as_pool pool = { 0 }, scratch = { 0 };
    int rc;

    *out = NULL;
    if ((rc = as_lf_check(in)))
        return rc;
    struct owned *own = as_take(&pool, 1, sizeof *own);
    struct as_lf *lf = as_take(&pool, in->lfs, sizeof *lf);
    uint64_t *polarity = as_take(&pool, (size_t)in->lfs * in->classes, sizeof *polarity);
    struct seen *seen = as_take(&scratch, in->lfs, sizeof *seen);
    uint64_t *says = as_take(&scratch, as_lf_at(in->classes, in->lfs, -1), sizeof *says);
    if (!own || !lf || !polarity || !seen || !says) {
        as_pool_end(&pool);
        as_pool_end(&scratch);
        return AS_ENOMEM;
    }
    own->t = (struct as_lf_table){ .rows = in->rows, .lfs = in->lfs, .classes = in->classes,
                                   .lf = lf, .polarity = polarity };
    own->pool = pool;
    for (size_t i = 0; i < in->rows; i++)
        row_count(in, i, &own->t, seen, says);
    finish(seen, says, &own->t);
    as_pool_end(&scratch);
    *out = &own->t;
    return AS_OK;
}

void as_lf_table_free(struct as_lf_table *t)
{
    if (!t)
        return;
    struct as_pool pool = ((struct owned *)(void *)t)->pool;    /* t is the first member */
    as_pool_end(&pool);
}
