/*
 * align.h -- the best alignment of several annotators' units on a line (Mathet et al. 2015).
 * Not installed.
 *
 * A unitary alignment holds at most one unit of each annotator; an alignment is a set of them that
 * holds every unit once.  With c = C(annotators, 2) pairs, a unitary alignment costs the mean over
 * pairs of their dissimilarity, `empty` where one of the two is missing.  So a unit alone costs
 * just `empty`, and what matters is what joining j units gains over leaving them alone:
 *     gain = (j - 1) empty + (C(j, 2) empty - sum of dissimilarities) / c.
 * The best alignment is the set of disjoint unitary alignments of greatest gain; of two equal ones
 * that with fewer, so every unit joined gains AS_JOIN besides.
 */
#ifndef STATS_ALIGN_H
#define STATS_ALIGN_H

#include "stats/agree.h"

#define AS_JOIN 1e-8                /* times empty */

struct field {                      /* what is to be aligned */
    const struct line *line;        /* options and distances */
    uint32_t annotators, n;
    const struct as_stretch *unit;  /* [n] by annotator, then start */
    const uint32_t *start;          /* [annotators + 1] */
};

struct alignment {
    uint32_t n;
    int32_t *unit;                  /* [n * annotators] place in the field or -1 */
    double *cost;                   /* [n] */
    double total;
    int exact;                      /* proven to be the best */
};

/* AS_ENOMEM, AS_ETOOBIG.  Two annotators: always exact. */
int as_align(const struct field *f, struct as_pool *p, struct alignment *out);

/* alpha times place plus beta times category. */
double as_apart(const struct field *f, uint32_t a, uint32_t b);
double as_apart_place(const struct line *l, const struct as_stretch *a, const struct as_stretch *b);
double as_apart_category(const struct line *l, uint32_t a, uint32_t b);

/* align_match.c: the matching of greatest weight in a sparse bipartite graph.  Edges of row i are
   col[k], weight[k] > 0 for k = start[i] … start[i+1]-1; to[i] is the column of row i or -1. */
int as_match_sparse(uint32_t rows, uint32_t cols, const size_t *start, const uint32_t *col,
                    const double *weight, struct as_pool *p, int32_t *to);

/* align_exact.c: improves a grouping to the best one where that can be done in time.  group[u] is
   the number of u's unitary alignment, known their gain; *exact: the result is proven. */
int as_align_exact(const struct field *f, struct as_pool *p, uint32_t *group, double known,
                   int *exact);

double as_join_gain(const struct field *f, const uint32_t *unit, uint32_t n);

/* The units of annotator a that begin within reach of u: [*from, *to). */
void as_reach(const struct field *f, const double *longest, uint32_t u, uint32_t a, double times,
              uint32_t *from, uint32_t *to);
/* How many times the sum of two lengths their ends may be apart before the dissimilarity exceeds
   `limit` times empty. */
double as_reach_of(const struct line *l, double limit);

#endif
