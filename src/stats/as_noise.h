/* as_noise.h -- finding wrong labels, how far probabilities can be trusted, comparing two models */
#ifndef STATS_AS_NOISE_H
#define STATS_AS_NOISE_H

#include "stats/as_votes.h"

#define AS_NOISE_CLASSES_MAX 4096
#define AS_PROBS_SLACK       1e-3   /* a row may sum to 1 this far off: printed with few digits */

struct as_probs {                   /* a model's word on rows it was not trained on */
    size_t n;
    uint32_t classes;
    const double *p;                /* [n * classes] within 0 … 1, rows sum to 1 */
    const uint16_t *label;          /* [n] the given class, or the true one (as_calibrate) */
};
/* All of the functions that take it: AS_EINVAL (NaN, out of range, a row that does not sum to 1,
   an unknown class), AS_ETOOBIG, AS_ENOMEM. */

/* ------------------------------------------------------------------ confident learning */

/*
 * Northcutt, Jiang and Chuang, JAIR 2021.  A row counts as class k when p_k reaches the mean p_k of
 * the rows given k (less 1e-6); of several such classes the one with the highest p wins, and a row
 * with none counts nowhere.  Any of the outputs may be NULL.
 *   threshold  [classes]      the mean; 2, which nobody reaches, for a class that is never given
 *   joint      [classes^2]    rows given s that count as k
 *   calibrated [classes^2]    the same scaled to the rows given s, whole numbers, row sums kept;
 *                             what rounding leaves goes to the largest remainders, ties to the
 *                             highest class
 *   errors                    rows off the diagonal of joint
 * O(n * classes).
 */
int as_noise_joint(const struct as_probs *in, double *threshold, uint64_t *joint,
                   uint64_t *calibrated, size_t *errors);

enum as_noise_filter {              /* a row whose class is the model's first is never found */
    AS_NOISE_BY_CLASS,              /* per class, as many of lowest p_given as it has errors */
    AS_NOISE_BY_RATE,               /* per pair of classes, as many of lowest p_given - p_other */
    AS_NOISE_BOTH,                  /* found by both of them */
    AS_NOISE_CONFIDENT,             /* off the diagonal of joint */
    AS_NOISE_ARGMAX,                /* the model's first is another class */
    AS_NOISE_LOW_MARGIN,            /* as many as `errors`, of lowest normalised margin */
    AS_NOISE_LOW_CONFIDENCE,        /* as many as `errors`, of lowest p_given */
    AS_NOISE_FILTERS
};
const struct as_method_info *as_noise_filter(unsigned at);      /* in this order; NULL past it */

/* found[i] = 1 where the label is likely wrong; *count of them (or NULL).  O(n * classes), and the
   sorting. */
int as_noise_find(const struct as_probs *in, enum as_noise_filter how, uint8_t *found,
                  size_t *count);

enum as_noise_score {               /* all within 0 … 1, low is suspicious */
    AS_SELF_CONFIDENCE,             /* p_given */
    AS_NORMALIZED_MARGIN,           /* (p_given - best other + 1) / 2 */
    AS_WEIGHTED_ENTROPY,            /* ln(1 + e) / e, e = entropy / ln classes / p_given */
};
int as_noise_score(const struct as_probs *in, enum as_noise_score which, double *score);

/* Rows with found[i] (NULL: all) by rising score, ties by row; *count of them stand in order[n].
   AS_EINVAL when a score is NaN. */
int as_noise_rank(const double *score, const uint8_t *found, size_t n, size_t *order,
                  size_t *count);

/* ------------------------------------------------------------------ a model among the people */

struct as_crowdlab_worker {
    uint64_t n;                     /* labels */
    double quality;                 /* 0 … 1: of how likely the labels are, and of agreement */
    double agreement;               /* with the consensus, on tasks with two labels or more */
    double weight;                  /* of one label */
};

struct as_crowdlab {                /* as_crowdlab_free ends it */
    uint32_t tasks, workers, classes;
    uint16_t *label;                /* [tasks] consensus, AS_ABSTAIN where nobody answered */
    double *quality;                /* [tasks] how likely it is right */
    uint8_t *flags;                 /* [tasks] AS_NO_VOTES */
    double *q;                      /* [tasks * classes] posterior; the model's own without votes */
    struct as_crowdlab_worker *worker;
    double model_weight, agreement; /* agreement: of labels with the consensus, mean over tasks */
};

/*
 * CROWDLAB (Goh, Tkachenko and Mueller, 2022): people and a model vote together, each by how much
 * better than a constant answer they are.  p: [tasks * classes], rows as in as_probs.
 * AS_EUNFIT when no task has two labels, AS_EINVAL, AS_ETOOBIG, AS_ENOMEM.
 * O(labels + tasks * classes).
 */
int as_crowdlab(const struct as_votes *v, const double *p, struct as_crowdlab **out);
void as_crowdlab_free(struct as_crowdlab *c);

/* ------------------------------------------------------------------ calibration */

struct as_bin {                     /* lo < confidence <= hi (the first takes lo too) */
    double lo, hi;
    uint64_t n;
    double confidence, accuracy;    /* means over the bin; 0 when it is empty */
    double low, high;               /* 95 % Wilson interval of the accuracy; 0 … 1 when empty */
};

struct as_calibration {
    double ece, mce;                /* mean (by rows) and greatest gap of a bin's two means */
    double brier;                   /* mean over rows of sum over classes (p - truth)^2: 0 … 2 */
    double log_loss;                /* natural logarithm, p floored at 1e-15 */
    double accuracy, confidence;    /* of the class with the highest p */
};

/* Reliability of the top class in `bins` bins of equal width, or of equal numbers of rows.  bin:
   [bins] or NULL.  AS_EUNDEFINED without rows; AS_EINVAL unless 1 <= bins <= 10000. */
int as_calibrate(const struct as_probs *in, uint32_t bins, int equal_mass, struct as_bin *bin,
                 struct as_calibration *out);

/* ------------------------------------------------------------------ two models on the same rows */

#define AS_ROUNDS_MAX 10000000

struct as_compare_opts {            /* as_compare_opts_init first */
    uint64_t seed;
    uint32_t rounds;                /* 10000 bootstrap rounds; 0: none */
    double level;                   /* .95 */
};
void as_compare_opts_init(struct as_compare_opts *o);

struct as_comparison {
    uint64_t both, only_a, only_b, neither;     /* right */
    double accuracy_a, accuracy_b, difference;  /* a - b */
    double lo, hi;                  /* percentile interval of the difference, rows drawn in pairs */
    double boot_p;                  /* two-sided, of no difference; 1 without rounds */
    double exact_p, mid_p;          /* McNemar, two-sided */
    double chi2, chi2_p;            /* McNemar with Edwards' correction */
};

/* a, b, truth: [n]; a row whose truth is AS_ABSTAIN is left out, an AS_ABSTAIN answer is wrong.
   AS_EUNDEFINED without rows, AS_EINVAL, AS_ETOOBIG, AS_ENOMEM.  O(n + rounds log n). */
int as_compare(const uint16_t *a, const uint16_t *b, const uint16_t *truth, size_t n,
               const struct as_compare_opts *o, struct as_comparison *out);

#endif
