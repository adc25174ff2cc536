/*
 * as_rank.h -- who wins, and how sure: from comparisons of two items to a ranking.
 *
 *     struct as_duels in = { .n = n, .items = M, .left = left, .right = right, .outcome = won };
 *     struct as_rank_opts o;
 *     struct as_rank *r;
 *     as_rank_opts_init(&o);
 *     if ((rc = as_rank(&in, "bt", &o, &r)) == 0)
 *         use(r->item[0].score, r->item[0].rank);
 *
 * theta is the natural logarithm of an item's strength whatever the method, so the odds that a
 * beats b are exp(theta_a - theta_b); within a part of the graph the thetas sum to zero.
 * score = 1000 + 400 theta / ln 10, the scale of chess.  Nothing in a result is NaN or infinite.
 */
#ifndef STATS_AS_RANK_H
#define STATS_AS_RANK_H

#include "stats/as_votes.h"

#define AS_RANK_ITEMS_MAX  (1u << 24)
#define AS_RANK_ROWS_MAX   ((size_t)1 << 30)
#define AS_RANK_WEIGHT_MAX 1e9f
#define AS_RANK_STYLES_MAX 64       /* style columns */
#define AS_RANK_DENSE      2000     /* parameters of a full matrix; above: conjugate gradients */
#define AS_RANK_DRAWS_MAX  ((size_t)1 << 27)    /* bootstrap rounds times items */

enum as_outcome { AS_LEFT, AS_RIGHT, AS_TIE };

struct as_duels {
    size_t n;                       /* rows; elo and trueskill take them in this order */
    uint32_t items, judges;         /* judges 0: not known */
    const uint32_t *left, *right;   /* [n] never the same item */
    const uint8_t *outcome;         /* [n] enum as_outcome */
    const float *weight;            /* [n] 0 … AS_RANK_WEIGHT_MAX; NULL: 1 each */
    const uint32_t *judge;          /* [n] below judges; NULL: not known.  For the bt family any
                                       group of rows will do that hang together, e.g. a prompt */
    const uint32_t *period;         /* [n] never falling: rating periods of glicko2; NULL: one */
    unsigned styles;                /* columns of x */
    const double *x;                /* [n * styles] left against right, as as_style gives it */
    size_t lists;                   /* rankings of several items, for plackett-luce */
    const size_t *list_start;       /* [lists + 1] into list_item */
    const uint32_t *list_item;      /* best first, no item twice in a list */
};

enum as_tie_rule { AS_TIE_HALF, AS_TIE_DROP };          /* bt, crowd-bt, plackett-luce */
enum as_noise { AS_NOISE_FLIP, AS_NOISE_BIAS };         /* crowd-bt: Chen et al., or noisy BT */
enum as_spread {                    /* where intervals come from */
    AS_SPREAD_NONE,                 /* none: lo = hi = theta */
    AS_SPREAD_MODEL,                /* curvature of the likelihood, or the method's own figure */
    AS_SPREAD_SANDWICH,             /* bt family: robust, clustered by judge where known */
    AS_SPREAD_BOOTSTRAP,            /* resampled rows and lists, or judges with .by_judge */
};

struct as_rank_opts {               /* as_rank_opts_init first; unused ones are ignored */
    uint64_t seed;
    int max_iter;                   /* 500 */
    double tol;                     /* 1e-9: slope per comparison; crowd-bt: gain per comparison */
    double prior;                   /* alpha of -alpha sum theta^2; -1: .01; 0: none */
    enum as_tie_rule ties;          /* half a win each */
    enum as_noise noise;
    enum as_spread spread;          /* AS_SPREAD_MODEL */
    int rounds;                     /* 200 bootstrap rounds */
    int by_judge;                   /* 1: the bootstrap draws whole judges */
    double level;                   /* .95 */
    int home;                       /* 1: bt family, the advantage of standing left is fitted */
    double elo_k;                   /* 4 */
    double glicko_tau;              /* .5 */
    double draw_share;              /* .1: trueskill, how often two equals draw */
    const double *rating, *deviation, *volatility;  /* [items] start, own scale; NULL: the usual */
    int threads;                    /* 1; the result never depends on it */
    int (*progress)(void *arg, int iteration, double objective);    /* non-zero: stop now */
    void *progress_arg;
};
void as_rank_opts_init(struct as_rank_opts *o);

enum as_rank_flag {                 /* per item */
    AS_RANK_ALONE = 1,              /* no comparison counted; nothing is known of it */
    AS_RANK_APART = 2,              /* not connected with the largest part but by the prior */
    AS_RANK_SPLIT = 4,              /* outside the largest part in which wins lead everywhere and
                                       back: without a prior its distance is infinite */
    AS_RANK_NO_WIN = 8,             /* compared, but never won nor tied */
    AS_RANK_NO_LOSS = 16,           /* compared, but never lost nor tied */
};

struct as_ranked {
    double theta, se, lo, hi;       /* log strength and its interval at opts.level */
    double score, score_lo, score_hi;
    uint32_t rank;                  /* 1 is best; equals share a rank */
    uint32_t rank_lo, rank_hi;      /* 1 + those with an interval wholly above; same from below */
    double raw;                     /* theta without home and style; = theta where there are none */
    uint32_t raw_rank;
    uint32_t weak, strong;          /* part numbers, in the order of their first items */
    uint32_t flags;                 /* enum as_rank_flag */
    uint64_t n;                     /* comparisons and places in lists */
    double wins, losses, ties;      /* weighted; a list counts as each item against each below it */
    double rating, deviation, volatility;   /* elo, trueskill, glicko2: their own scale; else 0 */
};

struct as_rank_judge {
    uint64_t n;
    double quality, lo, hi;         /* share of attentive answers, and its interval */
    double left;                    /* noisy BT: how often careless answers say "left"; or .5 */
};

struct as_rank_param {              /* home, style0 …, nu, kappa */
    char name[16];
    double value, se, lo, hi;
};

struct as_rank {                    /* everything belongs to it; as_rank_free ends it */
    const char *method;
    int version;
    uint32_t items, judges;
    uint64_t seed, digest;
    struct as_ranked *item;         /* [items] */
    struct as_rank_judge *judge;    /* [judges] or NULL */
    struct as_rank_param *param;    /* [params] */
    int params;
    unsigned styles;
    double *style_scale;            /* [styles] what x was divided by: the unit of style's value */
    uint32_t weak_parts, strong_parts;
    uint64_t counted;               /* rows and lists that took part */
    enum as_spread spread;          /* what the intervals are; above AS_RANK_DENSE the bootstrap */
    double level, loglik, objective;
    int iterations, converged, stopped;
    double *trace;                  /* [trace_n] objective per iteration */
    int trace_n;
};

/* The registry, in the order of rank.def; NULL past the end. */
const struct as_method_info *as_rank_method(unsigned at);

/* AS_EINVAL or AS_ETOOBIG, and *fault (if given) says where; AS_EUNFIT without items. */
int as_duels_check(const struct as_duels *in, struct as_fault *fault);

/* Codes of as_duels_check, AS_ENOMETHOD, AS_EINVAL (options), AS_EUNFIT (crowd-bt without judges,
   a sandwich of fewer than two clusters), AS_EUNDEFINED (plackett-luce, weights too far apart for
   any number), AS_ETOOBIG (plackett-luce, a part of more than AS_RANK_DENSE items; a bootstrap of
   more than AS_RANK_DRAWS_MAX), AS_ENOMEM.  No rows at all is no error: all are alone. */
int as_rank(const struct as_duels *in, const char *method, const struct as_rank_opts *o,
            struct as_rank **out);
void as_rank_free(struct as_rank *r);

/* Chances of enum as_outcome for left against right; x: [styles], may be NULL (no difference).
   Without a model of ties p[AS_TIE] is 0.  AS_EINVAL for ids out of range. */
int as_rank_predict(const struct as_rank *r, uint32_t left, uint32_t right, const double *x,
                    double p[3]);

struct as_rank_test {               /* how well a ranking foretells other comparisons */
    uint64_t n, ties;               /* rows with a winner; rows without, which are left out */
    double accuracy;                /* share of winners foretold, an even chance counts half */
    double logloss;                 /* mean -ln P(the winner | no tie) */
    double logloss_all;             /* with ties as a third outcome; 0 where the method has none */
};
/* AS_EINVAL as as_duels_check, or another number of items or styles; AS_EUNDEFINED where nobody
   wins. */
int as_rank_test(const struct as_rank *r, const struct as_duels *in, struct as_rank_test *out);

/* Style differences for x: (a - b) / (a + b) per column of nonnegative measures (length, headers,
   bold …), 0 where both are 0.  a, b, x: [n].  AS_EINVAL for negative or not finite numbers. */
int as_style(const double *a, const double *b, size_t n, double *x);

/* Kendall's tau-b of two orders.  a, b: [n] finite.  O(n^2).  AS_EUNDEFINED where one is
   constant. */
int as_kendall(const double *a, const double *b, size_t n, double *tau);

#endif
