/*
 * as_agree.h -- how far people agree, with what chance alone would bring, and how sure we are.
 *
 *     struct as_agree_opts o;
 *     struct as_agreement *a;
 *     as_agree_opts_init(&o);
 *     o.weights = AS_W_QUADRATIC;
 *     if ((rc = as_agree(votes, "ac2", &o, &a)) == 0)
 *             use(a->value, a->lo, a->hi);
 *     as_agreement_free(a);
 *
 * One call for answers (as_agree), one for a table of numbers (as_agree_table), one for spans on a
 * line (as_agree_spans).  A "unit" is what was judged (a task), a "rater" who judged (a worker).
 * Missing answers are allowed everywhere; weights of votes are not looked at: a voice is a voice.
 * Whatever the number of threads, the same input, options and seed give the same bytes.
 */
#ifndef STATS_AS_AGREE_H
#define STATS_AS_AGREE_H

#include "stats/as_votes.h"

#define AS_PAIR_WORK_MAX    4000000000ull   /* sum over tasks of answers squared */
#define AS_PAIR_ROWS_MAX    50000000ull     /* answers of two raters to one unit, all pairs */
#define AS_PAIR_TABLE_MAX   1000000u        /* pairs that are listed; with more there is no list */
#define AS_MATRIX_MAX       4096            /* classes, where a weight or distance is a matrix */
#define AS_RATER_TABLE_MAX  (1ull << 24)    /* conger: raters times classes */
#define AS_BOOT_MAX         100000          /* rounds */
#define AS_SPANS_MAX        1000000         /* units on a line */
#define AS_SAMPLES_MAX      10000           /* gamma: random continua */

/* ------------------------------------------------------------------ one agreement figure */

/* What a near miss is worth: 1 for the same class, less for others.  k and l are the values of two
   classes, K their number.  linear 1-|k-l|/range, quadratic 1-(k-l)^2/range^2, ordinal (Gwet 2014)
   1-C(|k-l|+1,2)/C(K,2) with k, l counted as ranks. */
enum as_weights { AS_W_IDENTITY, AS_W_LINEAR, AS_W_QUADRATIC, AS_W_ORDINAL, AS_W_CUSTOM };

/* How far two values are apart, for alpha.  Ordinal is Krippendorff's own, from the ranks that the
   data give; ordinal-gwet is 1 minus the ordinal weight above.  Jaccard and MASI compare sets. */
enum as_distance {
    AS_D_NOMINAL, AS_D_ORDINAL, AS_D_INTERVAL, AS_D_RATIO,
    AS_D_ORDINAL_GWET, AS_D_LINEAR, AS_D_JACCARD, AS_D_MASI, AS_D_CUSTOM
};

struct as_agree_opts {              /* as_agree_opts_init first */
    enum as_weights weights;        /* the kappas, ac1, ac2, bp, percent */
    enum as_distance distance;      /* alpha */
    const double *weight;           /* AS_W_CUSTOM: [classes * classes], symmetric, 1 on the
                                       diagonal, others at most 1 */
    double (*apart)(void *arg, uint32_t a, uint32_t b);     /* AS_D_CUSTOM and gamma: how far
                                       classes a and b are apart, >= 0, symmetric, 0 for a = b;
                                       called from one thread only */
    void *arg;
    const double *value;            /* [classes] the number a class stands for; NULL: its id */
    const uint64_t *set;            /* [classes] the set a class stands for, a bit a member */
    double level;                   /* .95, of every interval */
    uint32_t rounds;                /* 1000 bootstrap rounds over units; 0: none */
    uint64_t seed;
    int threads;                    /* 1 */
    double alpha, beta, empty;      /* gamma: 3, 1, 1: weight of place, of category; cost of none */
    double precision;               /* gamma: .02 relative half width of the expected disorder */
};
void as_agree_opts_init(struct as_agree_opts *o);

struct as_agree_pair {              /* two raters, over the units both judged */
    uint32_t a, b;                  /* a < b */
    uint64_t units;
    double value, observed, expected, se, lo, hi;
    double max;                     /* cohen: the kappa that these margins allow at most */
    int undefined;                  /* one class only: no figure, left out of the mean */
};

struct as_agree_part {              /* one category of alpha-u or gamma */
    uint32_t category;
    uint64_t units;
    double value, observed, expected;
    int undefined;                  /* the category was not used, or could not be compared */
};

struct as_agreement {
    const char *method;
    double value;                   /* 1: perfect, 0: as by chance, below 0: worse */
    double observed, expected;      /* share of agreement; for alpha, alpha-u and gamma these are
                                       DISagreement, and value = 1 - observed / expected */
    double se, lo, hi;              /* from the influence of single units, Student's t; hi <= 1.
                                       One unit only: se 0 and lo, hi the whole range -1 … 1 */
    double boot_se, boot_lo, boot_hi;   /* percentiles over `rounds`; the value itself when 0 */
    uint32_t rounds;                /* that gave a figure */
    uint64_t units, values;         /* that entered; of gamma: unitary alignments, spans */
    uint32_t raters;
    double max;                     /* cohen: mean of the pairs' max; others 1 */
    struct as_agree_pair *pair;     /* percent, cohen, scott; none above AS_PAIR_TABLE_MAX */
    size_t pairs;
    struct as_agree_part *part;     /* alpha-u, gamma: by category */
    uint32_t parts;
    /* gamma only */
    double cat;                     /* gamma-cat: agreement on categories alone; a missing partner
                                       is a difference, as in the authors' program */
    double cat_pure;                /* the same over pairs of two units, as in their paper */
    int cat_undefined, pure_undefined;
    uint32_t alignments;            /* unitary alignments; a row of `aligned` each */
    int32_t *aligned;               /* [alignments * raters] span of that rater or -1 */
    uint32_t samples;               /* random continua drawn */
    int exact;                      /* the best alignment, proven; else a very good one */
};

/* The methods, in the order of --help; NULL past the last. */
const struct as_method_info *as_agree_method(unsigned at);

/* Of answers: percent, cohen, scott, fleiss, conger, ac1, ac2, bp, alpha.  With more than two
   raters cohen and scott give every pair and the mean.  ac1 takes no weights but identity.
   AS_ENOMETHOD, AS_EINVAL (options), AS_EUNFIT (spans wanted; kept duplicates with a method of
   pairs), AS_EUNDEFINED (nothing can be paired, or only one class occurs), AS_ETOOBIG, AS_ENOMEM.
   O(answers) where only equality counts, plus classes squared with weights or distances. */
int as_agree(const struct as_votes *v, const char *method, const struct as_agree_opts *o,
             struct as_agreement **out);

/* Of numbers: table[unit * raters + rater], NaN for missing; each distinct number is a class, in
   rising order, and stands for itself.  Codes as as_agree; infinite numbers are AS_EINVAL. */
int as_agree_table(const double *table, uint32_t units, uint32_t raters, const char *method,
                   const struct as_agree_opts *o, struct as_agreement **out);

void as_agreement_free(struct as_agreement *a);

/* ------------------------------------------------------------------ spans on a line */

struct as_stretch {                 /* half open, start <= end, finite */
    uint32_t annotator, category;
    double start, end;
};

struct as_continuum {
    const struct as_stretch *unit;
    size_t n;
    uint32_t annotators, categories;
    double begin, end;              /* of the line; begin == end: first start to last end */
};

/* alpha-u (Krippendorff 2004) and gamma (Mathet et al. 2015).  Codes as as_agree; AS_EUNDEFINED
   with fewer than two annotators or no units. */
int as_agree_spans(const struct as_continuum *c, const char *method, const struct as_agree_opts *o,
                   struct as_agreement **out);

/* The disorder of the best alignment of one continuum: what gamma compares.  Codes as above. */
int as_gamma_disorder(const struct as_continuum *c, const struct as_agree_opts *o, double *out);

/* ------------------------------------------------------------------ regions of any shape */

struct as_region_agreement {
    double f1, iou;                 /* means over pairs of workers; see as_agree_regions */
    uint64_t pairs, matched;
};

/* Two workers' regions are matched as well as can be, pairs below `floor` never.  f1 = 2 matched /
   (n + m): how often a region has its like.  iou = sum of matched similarity / (matched +
   unmatched): how well they cover each other.  Both are means over all pairs of workers, of whom
   each may have none (two empty sets agree: 1).  like(a, b) in 0 … 1; for spans or boxes let it
   give 0 when the labels differ.  AS_EINVAL, AS_EUNDEFINED (fewer than two workers), AS_ETOOBIG. */
int as_agree_regions(double (*like)(void *arg, uint32_t a, uint32_t b), void *arg,
                     const uint32_t *worker, uint32_t n, uint32_t workers, double floor,
                     struct as_region_agreement *out);

/* ------------------------------------------------------------------ numbers and ranks */

struct as_estimate { double value, lo, hi; };

struct as_icc {
    struct as_estimate one, two, three;     /* ICC(1), ICC(2,1), ICC(3,1) */
    uint32_t units, raters;                 /* units with an answer from everybody */
};

/* Shrout and Fleiss (1979): one-way, two-way random, two-way mixed; single rater, with intervals
   from F.  Units with a missing answer are left out.  AS_EUNDEFINED: no variance, or too few. */
int as_icc(const double *table, uint32_t units, uint32_t raters, double level, struct as_icc *out);

/* Kendall's tau-b and Spearman's rho of x[n] and y[n] (pairs with NaN are left out), with Fisher z
   intervals (Bonett & Wright 2000).  O(n log n).  AS_EUNDEFINED: a side does not vary. */
int as_kendall_tau(const double *x, const double *y, size_t n, double level,
                   struct as_estimate *out);
int as_spearman(const double *x, const double *y, size_t n, double level, struct as_estimate *out);

struct as_concordance { double w, chi2, p; uint32_t units, raters; };

/* Kendall's W of a table as above: do the raters rank the units alike?  Corrected for ties. */
int as_kendall_w(const double *table, uint32_t units, uint32_t raters, struct as_concordance *out);

/* ------------------------------------------------------------------ a judge among people */

struct as_judge {
    double value, lo, hi;           /* share of (judge, person) pairs that agree; Wilson interval
                                       with the units' own spread */
    double people;                  /* the same share among the people on these units, 0 if none */
    double kappa;                   /* corrected for chance, margins of judge and people apart */
    uint64_t units, pairs;
    int trusted;                    /* lo >= bound: shown to be good enough; 0: not to be trusted */
};

/* How well one rater -- a model that judges -- agrees with everybody else, over the units it and at
   least one of them judged.  AS_EINVAL, AS_EUNDEFINED (no such unit), AS_ENOMEM. */
int as_judge(const struct as_votes *v, uint32_t judge, double bound, double level,
             struct as_judge *out);

/* ------------------------------------------------------------------ the parts, also alone */

struct as_pair {
    uint32_t a, b;                  /* a < b */
    uint64_t common, agree;         /* tasks both answered; answered alike */
};

/* Every pair of workers that shares a task, sorted by (a, b); end with as_pairs_free.
   AS_EUNFIT on votes that kept duplicates, AS_ETOOBIG, AS_ENOMEM. */
int as_pairs_new(const struct as_votes *v, struct as_pair **out, size_t *n);
void as_pairs_free(struct as_pair *pairs);

struct as_alpha {
    double alpha, observed, expected;       /* disagreement seen, and by chance */
    uint64_t values, units;                 /* pairable answers, tasks with two or more */
};

/* Krippendorff's alpha for nominal data.  AS_EUNDEFINED when only one class occurs or nothing can
   be paired.  O(votes + classes). */
int as_alpha_nominal(const struct as_votes *v, struct as_alpha *out);

/* Mean of the n*(n-1)/2 entries above the diagonal of an n x n similarity matrix (row-major).
   AS_EUNDEFINED for n < 2, AS_EINVAL unless every one of them is within 0 … 1. */
int as_mean_pairwise(const double *sim, uint32_t n, double *out);

#endif
