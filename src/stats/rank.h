/*
 * rank.h -- what a ranking method sees.  Not installed; the public face is as_rank.h.
 *
 * A method writes theta, se and its own figures into the result and nothing else: the registry
 * (rank.c) has checked the input, found the parts of the graph and counted wins before, and
 * afterwards makes intervals, scores, ranks and flags.
 */
#ifndef STATS_RANK_H
#define STATS_RANK_H

#include "stats/as_rank.h"
#include "stats/mem.h"

/*
 * Items stand in a new order in which every part is one stretch: place[item], item_at[place].
 * A part is a weak component where there is a prior; without one it is a strong component, because
 * between two of those the likelihood rises for ever.  Rows that join two parts then say nothing
 * about what is inside them, and are left out (rank_keeps).
 */
struct as_parts {
    uint32_t n;                     /* parts */
    uint32_t *place, *item_at;      /* [items] */
    uint32_t *first;                /* [items] place -> first place of its part */
    uint32_t *size;                 /* [items] place -> places in its part */
    uint32_t *part;                 /* [items] item -> part */
};

struct as_ranking {                 /* one run of one method */
    const struct as_duels *in;
    const struct as_rank_opts *opts;
    struct as_rank *out;
    struct as_pool *pool, *keep;    /* scratch, ends with the run; the memory of the result */
    struct as_parts parts;
    double alpha;                   /* the prior in force */
    int drop_ties;
    int own_interval, own_raw;      /* the method set lo and hi, or raw, itself */
};

struct as_rank_row {
    struct as_method_info info;
    double prior;                   /* alpha by default */
    int lists;                      /* takes rankings of several items */
    int own_bootstrap;              /* resamples by itself; otherwise the registry runs it anew */
    int own_ties;                   /* has a model of ties, so opts.ties says nothing to it */
    int fixed_scale;                /* everybody starts at one figure, so there is always a scale */
    int (*run)(struct as_ranking *f);
};
#define RANK(name) extern const struct as_rank_row as_rank_##name;
#include "stats/rank.def"
#undef RANK

/* rank_graph.c: components of the comparisons into out->item[].weak/.strong, and f->parts. */
int as_rank_graph(struct as_ranking *f);

/* Does row k take part: does it weigh anything, is it no dropped tie, within one part? */
int as_rank_keeps(const struct as_ranking *f, size_t k);

/* Room for n parameters in the result; AS_ENOMEM. */
int as_rank_params(struct as_ranking *f, int n);

/* Adds one objective to the trace and asks whether to go on; 1: stop. */
int as_rank_trace(struct as_ranking *f, double objective);

/* rank_again.c: a bootstrap for any method, by running it anew; fills se, lo, hi per item. */
int as_rank_again(struct as_ranking *f, const struct as_rank_row *m);

/*
 * Standard deviation of n bootstrap draws, and the interval they give at a level: quantiles moved
 * for the share of draws below the estimate (bias-corrected percentiles, Efron 1981), because
 * strengths fitted to resamples lie further apart than those fitted to the rows.  Sorts x.
 */
void as_rank_margin(double *x, size_t n, double estimate, double level, double *se, double *lo,
                    double *hi);

#endif
