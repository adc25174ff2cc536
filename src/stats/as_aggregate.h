/* as_aggregate.h -- one answer per task out of many */
#ifndef STATS_AS_AGGREGATE_H
#define STATS_AS_AGGREGATE_H

#include "stats/as_votes.h"

#define AS_DENSE_CLASSES 64         /* up to here the posterior is a full table, above it sparse */
#define AS_SINGLE_CELLS  ((size_t)1 << 22)

enum as_ties { AS_TIE_LOWEST, AS_TIE_UNDECIDED };

struct as_opts {                    /* as_opts_init first; a method ignores what it does not use */
    uint64_t seed;
    int max_iter;                   /* 500 */
    double tol;                     /* 1e-7 of objective gain per label */
    double prior;                   /* -1: the method's own default; 0: none */
    const double *class_prior;      /* [classes] positive; NULL: the method's own */
    const double *cost;             /* [classes * classes] of deciding for the row's class when the
                                       column's is true; the label is the class of least expected
                                       cost.  NULL: the most probable one, or for grades
                                       (ordinal-ds) the nearest.  Up to AS_DENSE_CLASSES. */
    enum as_ties ties;
    int clamp_gold;                 /* 1: a task whose class is known answers with it */
    double level;                   /* .95: of the intervals in the worker table */
    int restarts;                   /* 0: the method's own default */
    int threads;                    /* 1; the result never depends on it */
    int (*progress)(void *arg, int iteration, double objective);    /* non-zero: stop now */
    void *progress_arg;
};
void as_opts_init(struct as_opts *o);

enum as_flag {                      /* per task */
    AS_TIED = 1,                    /* two classes share the top */
    AS_NO_VOTES = 2,                /* nobody answered; label is AS_ABSTAIN, q is the class prior */
    AS_GOLD = 4,                    /* the answer is the known one */
};

struct as_worker {
    uint64_t n;                     /* answers counted */
    double skill, lo, hi;           /* share right, and where it may lie at opts.level */
    double weight;                  /* of one vote in the method's last step */
};

/*
 * Everything belongs to the result; as_result_free ends it.  Up to AS_DENSE_CLASSES classes the
 * posterior is a full table: q, or q32 above AS_SINGLE_CELLS cells (4 bytes a cell instead of 8).
 * Above that many classes a task lists the classes somebody voted for, and q_rest is what is left
 * for all the others together, spread evenly over them.  as_q reads all three.
 */
struct as_result {
    const char *method;
    const char *note;               /* a sentence when something was done otherwise than asked */
    int version;
    uint32_t tasks, workers, classes;
    uint64_t seed, digest;

    uint16_t *label;                /* [tasks], AS_ABSTAIN where undecided */
    uint8_t *flags;                 /* [tasks] enum as_flag */
    double *q;                      /* [tasks * classes], rows sum to 1 */
    float *q32;                     /* the same; exactly one of q, q32 and q_start is not NULL */
    const size_t *q_start;          /* sparse: row i is q_class/q_value[q_start[i]] … */
    uint32_t *q_len;                /*         … q_len[i] of them */
    uint16_t *q_class;
    double *q_value, *q_rest;
    double *class_share;            /* [classes] the class prior as fitted; sums to 1 */

    struct as_worker *worker;       /* [workers] */
    double *confusion;              /* [workers * classes * classes] P(given l | truth k) at
                                       [worker][k][l], rows sum to 1; or NULL */
    int params;                     /* the method's own figures per worker … */
    const char *const *param_name;  /* [params] */
    double *param;                  /* [workers * params] or NULL */

    int iterations, converged, stopped;
    double *trace;                  /* [trace_n] objective per iteration; trace_n 0: it has none */
    int trace_n;
};

/* The registry, in the order of agg.def; NULL past the end. */
const struct as_method_info *as_method(unsigned at);

/* AS_ENOMETHOD, AS_EUNFIT, AS_EINVAL (options), AS_ETOOBIG, AS_ENOMEM. */
int as_aggregate(const struct as_votes *v, const char *method, const struct as_opts *o,
                 struct as_result **out);
void as_result_free(struct as_result *r);

/* P(task has class k), however the posterior is stored.  0 for ids out of range. */
double as_q(const struct as_result *r, uint32_t task, uint32_t k);

/* Of one task: probability of the top class, its distance to the second, and the entropy of the
   posterior (natural logarithm).  0 for ids out of range.  O(classes stored). */
double as_confidence(const struct as_result *r, uint32_t task);
double as_margin(const struct as_result *r, uint32_t task);
double as_entropy(const struct as_result *r, uint32_t task);

/* The three of all tasks at once: [tasks] each, or NULL. */
void as_certainty(const struct as_result *r, double *confidence, double *margin, double *entropy);

#endif
