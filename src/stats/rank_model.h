/*
 * rank_model.h -- the likelihoods of the Bradley-Terry family and their maximum.  Not installed.
 *
 * Comparisons are folded to cells: all rows of the same two items (in the same places where home
 * counts; each row by itself where it has style) are one cell with three sums.  Parameters stand in
 * one vector: a strength per place of as_parts, then home and style, then the logarithm of nu or
 * kappa where ties are modelled and occur.
 *
 *     d = theta_a - theta_b + x'beta
 *     Bradley-Terry   P(a) = s(d), s logistic
 *     Davidson 1970   P(a) : P(b) : P(tie) = e^(d/2) : e^(-d/2) : nu
 *     Rao-Kupper 1967 P(a) = s(d - ln kappa), P(b) = s(-d - ln kappa)
 *     objective = sum w ln P - alpha sum theta^2 - max(alpha, SLOPE_MIN) sum beta^2
 *
 * where the least prior on beta keeps a style that tells all winners from running away.
 * All three are concave, so Newton with halved steps finds the one maximum.
 */
#ifndef STATS_RANK_MODEL_H
#define STATS_RANK_MODEL_H

#include "stats/rank.h"

#define SLOPE_MIN 1e-4

struct as_cells {
    size_t n;
    uint32_t *a, *b;                /* places */
    double *w;                      /* [3n] weight of: a won, b won, tie */
    unsigned p;                     /* columns of x */
    double *x;                      /* [n * p], seen from a */
    size_t rows;                    /* rows that take part … */
    size_t *row;                    /* [rows] … their numbers in the input … */
    uint32_t *of;                   /* [rows] … and 3 * cell + outcome seen from a */
};

/* home: tell left from right and lead x with a column of ones; style: take x too. */
int as_cells_fold(const struct as_ranking *f, int home, int style, const double *scale,
                  struct as_cells *c);

enum as_likelihood { AS_BRADLEY_TERRY, AS_DAVIDSON, AS_RAO_KUPPER };

struct as_model {
    enum as_likelihood kind;
    const struct as_cells *cells;
    const struct as_parts *parts;
    uint32_t items, n;              /* strengths; all parameters */
    int extra;                      /* the last parameter is that of ties */
    double alpha, total;            /* total: weight of all rows */
    int max_iter;
    double tol;
    uint32_t *first;                /* [n] profile of the curvature */
};
int as_model_new(const struct as_ranking *f, enum as_likelihood kind, const struct as_cells *c,
                 struct as_model *m);

struct as_work {                    /* scratch of one thread */
    double *w;                      /* [3 * cells] the weights being fitted */
    double *par, *g, *step, *try, *power;               /* [n], power [items] */
    double *dd, *de;                /* [cells] curvature along d; between d and the tie parameter */
    double ee;                      /* curvature of the tie parameter alone */
    double *h;                      /* [n * n] while n <= AS_RANK_DENSE, else NULL */
    double *cg;                     /* [4n] */
};
int as_work_new(const struct as_model *m, struct as_pool *pool, int matrix, struct as_work *s);

double as_model_value(const struct as_model *m, const double *w, const double *par,
                      double *loglik);

/* e^theta into s->power; 0: some are so far out that the ratio of two need not be a number. */
int as_model_powers(const struct as_model *m, struct as_work *s, const double *par);

/* Gradient into s->g; with `curved` the curvature per cell too. */
void as_model_slope(const struct as_model *m, struct as_work *s, const double *par, int curved);

/* The curvature of the last slope into s->h and its factor.  pin: what was added to all of a part,
   whose level the likelihood does not know. */
int as_model_factor(const struct as_model *m, struct as_work *s, double *pin);

/* Strengths of a part sum to zero at the maximum; takes away what rounding left. */
void as_model_centre(const struct as_model *m, double *par);

/* Slope of one row of a cell: along d, and along the tie parameter. */
void as_model_row_slope(const struct as_model *m, const double *par, size_t cell, int outcome,
                        double *along_d, double *along_tie);

/* The maximum from s->par on; f: traces and may stop (NULL: quietly).  Returns AS_OK also when it
   did not converge; *converged says. */
int as_model_fit(const struct as_model *m, struct as_work *s, struct as_ranking *f,
                 int *iterations, int *converged);

/*
 * Intervals of all parameters (rank_spread.c), from the maximum in s->par.  Bootstrap: lo and hi
 * are quantiles; otherwise only se is written.  s->h is overwritten.
 */
struct as_margin {
    double *se, *lo, *hi;           /* [n] */
};
int as_spread_model(const struct as_model *m, struct as_work *s, struct as_margin *out);
int as_spread_sandwich(const struct as_model *m, struct as_work *s, const struct as_ranking *f,
                       struct as_margin *out);
int as_spread_bootstrap(const struct as_model *m, struct as_work *s, const struct as_ranking *f,
                        struct as_margin *out);

#endif
