/* as_weak.h -- weak supervision: many labelling functions' votes become one label per row */
#ifndef STATS_AS_WEAK_H
#define STATS_AS_WEAK_H

#include "stats/as_aggregate.h"

#define AS_LFS_MAX        65535     /* labelling functions */
#define AS_LF_TABLE_MAX   16777216  /* lfs * (classes + 1) * classes: a score for every vote */
#define AS_LF_PAIRS_MAX   4096      /* lfs, and their classes, of a method that counts pairs */

struct as_lf_votes {
    size_t rows;
    uint32_t lfs, classes;
    const int16_t *vote;            /* [rows * lfs], row by row: a class, or -1: abstains */
    const int16_t *gold;            /* [rows] the known class or -1; NULL: nothing known */
};

/* ------------------------------------------------------------------ one look at the functions */

struct as_lf {
    uint64_t votes;                 /* rows it voted on */
    double coverage;                /* share of rows it voted on, */
    double overlaps;                /*   where another one voted too, */
    double conflicts;               /*   where another one voted for another class */
    uint64_t correct, incorrect;    /* on rows whose class is known */
    double accuracy;                /* correct / (correct + incorrect), 0 when both are 0 */
};

struct as_lf_table {                /* as_lf_table_free ends it */
    size_t rows, covered, gold;     /* rows in all, with a vote, with a known class */
    uint32_t lfs, classes;
    struct as_lf *lf;               /* [lfs] */
    uint64_t *polarity;             /* [lfs * classes] votes for each class */
};

/* AS_EINVAL (sizes, a vote or a class out of range), AS_ETOOBIG, AS_ENOMEM.  O(rows * lfs). */
int as_lf_table(const struct as_lf_votes *in, struct as_lf_table **out);
void as_lf_table_free(struct as_lf_table *t);

/* ------------------------------------------------------------------ label models */

struct as_weak_opts {               /* as_weak_opts_init first; a method ignores what it has no use
                                       for */
    uint64_t seed;
    int max_iter;                   /* 500, at most 1000000 */
    double tol;                     /* 1e-7 of objective gain per vote */
    const double *balance;          /* [classes] positive shares; NULL: of the gold, else uniform */
    double accuracy;                /* .7: what a function is expected to be before it is seen, */
    double mass;                    /* what this belief is worth; -1: the method's own default */
    double alike;                   /* .9: functions whose votes have more in common (Jaccard) are
                                       one group and share one voice; 1, or more functions than
                                       AS_LF_PAIRS_MAX: none are */
    double level;                   /* .95: of the intervals */
    enum as_ties ties;
    int clamp_gold;                 /* 1: a row whose class is known answers with it */
    int (*progress)(void *arg, int iteration, double objective);    /* non-zero: stop now */
    void *progress_arg;
};
void as_weak_opts_init(struct as_weak_opts *o);

enum as_balance { AS_BALANCE_UNIFORM, AS_BALANCE_GOLD, AS_BALANCE_GIVEN };

struct as_lf_fit {
    uint64_t votes;
    double accuracy, lo, hi;        /* expected share right of its votes, interval at opts.level */
    double weight;                  /* log odds of the accuracy against a guess, by the group */
    uint32_t group, group_size;     /* the lowest function of the group, and how many it has */
};

struct as_weak_result {             /* everything belongs to it; as_weak_free ends it */
    const char *method;
    int version;
    size_t rows, covered;           /* covered: with at least one vote */
    uint32_t lfs, classes;
    uint64_t seed, digest;

    int16_t *label;                 /* [rows], -1 where nobody voted or the tie is left open */
    double *confidence;             /* [rows] probability of the top class */
    double *margin;                 /* [rows] distance to the second */
    float *entropy;                 /* [rows] natural logarithm */
    uint8_t *flags;                 /* [rows] AS_TIED, AS_NO_VOTES, AS_GOLD */
    float *q;                       /* [rows * classes] posterior; the balance where nobody voted */

    enum as_balance balance_from;
    double *balance;                /* [classes] sums to 1 */
    struct as_lf_fit *lf;           /* [lfs] */
    double *score;                  /* [lfs * (classes + 1) * classes], see below */
    int by_share;                   /* 1: votes are shares of the sum (majority) */
    int params;                     /* the method's own figures per function … */
    const char *const *param_name;  /* [params] */
    double *param;                  /* [lfs * params] or NULL */

    int iterations, converged, stopped;
    double *trace;                  /* [trace_n] objective per iteration; trace_n 0: it has none */
    int trace_n;
};

/*
 * A fitted model is its table of scores: score[(j * (classes + 1) + y + 1) * classes + k] is what
 * function j saying y, or abstaining (-1), adds to the logarithm of class k; a row's posterior is
 *
 *     q_k  ~  balance_k * exp(sum over j of score[j][y_j][k])
 *
 * so it can be applied to rows it has not seen.  With by_share, q_k is the share of the sum itself.
 */

/* The registry, in the order of weak.def; NULL past the end.  "lf-table" stands there for its
   description only: as_lf_table makes it, and as_weak answers AS_EUNFIT. */
const struct as_method_info *as_weak_method(unsigned at);

/* AS_ENOMETHOD, AS_EINVAL (votes, options), AS_ETOOBIG, AS_ENOMEM; AS_ENOTMONOTONE, AS_EINTERNAL
   are mistakes of ours. */
int as_weak(const struct as_lf_votes *in, const char *method, const struct as_weak_opts *o,
            struct as_weak_result **out);

/* The same model on other rows of the same functions; gold is not looked at.  Codes as as_weak. */
int as_weak_apply(const struct as_weak_result *model, const struct as_lf_votes *in,
                  struct as_weak_result **out);
void as_weak_free(struct as_weak_result *r);

#endif
