/*
 * weak.h -- what a label model of this room sees, and the two looks at a matrix of votes that
 * several of them share.  Not installed; the public face is as_weak.h.
 *
 * A model fills the table of scores and nothing else: the registry (weak.c) checks votes and
 * options before, settles the class balance and the groups of functions that are alike, and
 * afterwards gives every row its posterior and every function its accuracy.
 */
#ifndef STATS_WEAK_H
#define STATS_WEAK_H

#include "stats/as_weak.h"
#include "stats/mem.h"
#include "stats/special.h"

struct as_weak_fit {                /* one run of one model */
    const struct as_lf_votes *in;
    const struct as_weak_opts *opts;
    struct as_weak_result *out;     /* balance and groups stand in it already */
    struct as_pool *pool;           /* scratch, ends with the run */
    struct as_pool *keep;           /* ends with the result */
    const uint64_t *polarity;       /* [lfs * classes] votes of a function for a class */
    size_t total;                   /* votes in all */
};

struct as_weak_model {
    struct as_method_info info;
    int (*fit)(struct as_weak_fit *f);      /* NULL: a description only */
};
#define WEAK(name) extern const struct as_weak_model as_weak_##name;
#include "stats/weak.def"
#undef WEAK

/* Where a function j saying y, or abstaining (-1), stands in a table of [lfs * (classes + 1)]. */
static inline size_t as_lf_at(uint32_t classes, uint32_t j, int y)
{
    return (size_t)j * (classes + 1) + (size_t)(y + 1);
}

static inline double *as_lf_score(const struct as_weak_result *r, uint32_t j, int y)
{
    return r->score + as_lf_at(r->classes, j, y) * r->classes;
}

/* Reads rows with scores: base is what silence of all of them says, more[] what a vote adds to it
   (0 for silence itself), so that a row costs no branch. */
struct as_reader {
    uint32_t lfs, classes;
    double *base, *more;
};
int as_reader_new(const struct as_weak_result *r, struct as_pool *pool, struct as_reader *out);

/* Fills both from the scores as they stand. */
void as_reader_set(const struct as_weak_result *r, struct as_reader *out);

/* base plus what the votes of one row add. */
static inline void as_read(const struct as_reader *r, const int16_t *vote, double *row)
{
    for (uint32_t k = 0; k < r->classes; k++)
        row[k] = r->base[k];
    for (uint32_t j = 0; j < r->lfs; j++) {
        const double *more = r->more + as_lf_at(r->classes, j, vote[j]) * r->classes;
        for (uint32_t k = 0; k < r->classes; k++)
            row[k] += more[k];
    }
}

/* One vote's share of its group's voice. */
static inline double as_lf_voice(const struct as_weak_result *r, uint32_t j)
{
    return 1. / r->lf[j].group_size;
}

/* Turns logarithms, known up to a constant, into a row that sums to one; returns the logarithm of
   the sum they had. */
double as_soften(double *row, uint32_t classes);

/*
 * The share of votes for class y that is right, of a function of this accuracy that knows y only:
 * the accuracy, or more where the class is so common that less would be worse than a guess.
 */
double as_lf_right(const struct as_weak_fit *f, uint32_t y, double accuracy);

/* P(function j says y given class k) as expected before the truth is looked for: it says y as often
   as it does, and is right as as_lf_right has it for opts.accuracy. */
double as_lf_expect(const struct as_weak_fit *f, uint32_t j, uint32_t y, uint32_t k);

/* AS_EINVAL, AS_ETOOBIG unless sizes, votes and gold are within their bounds. */
int as_lf_check(const struct as_lf_votes *in);

/* Notes an objective; 1: the caller asked to stop. */
int as_weak_step(struct as_weak_fit *f, double objective);

/* ------------------------------------------------------------------ pairs of votes */

struct as_column { uint32_t lf; int16_t says; };    /* rows where function lf voted for `says` */

/* count[a * n + b]: rows that are in both columns a and b; symmetric, the diagonal is the column's
   own size.  Exact, O(rows * lfs + n^2 * rows / 64). */
int as_column_pairs(const struct as_lf_votes *in, const struct as_column *column, uint32_t n,
                    struct as_pool *pool, uint32_t *count);

/* The columns that are not empty, by function, then by class; at most AS_LF_PAIRS_MAX. */
int as_columns(const struct as_weak_fit *f, struct as_column **out, uint32_t *n);

/* Sets group and group_size: connected components of the functions of which two have more than
   `alike` of their votes in common, |same vote| / |votes of either|. */
int as_lf_groups(struct as_weak_fit *f);

/* ------------------------------------------------------------------ rows that say the same */

struct as_patterns {
    size_t n;
    int16_t *vote;                  /* [n * lfs] one row of each kind */
    double *count;                  /* [n] how many there are of it */
};

/* Sorted by their content, so that no sum depends on the order of the rows. */
int as_lf_patterns(const struct as_lf_votes *in, struct as_pool *pool, struct as_patterns *out);

#endif
