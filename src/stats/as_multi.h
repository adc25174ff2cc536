/* as_multi.h -- one set of classes per task out of many people's sets */
#ifndef STATS_AS_MULTI_H
#define STATS_AS_MULTI_H

#include "stats/as_aggregate.h"

#define AS_MULTI_CELLS ((size_t)1 << 27)    /* tasks * classes */

struct as_sets {                    /* a row is one answer: all that a worker sees in a task */
    size_t n;                       /* rows; n * classes is at most AS_ROWS_MAX */
    uint32_t tasks, workers, classes;
    const uint32_t *task, *worker;  /* [n] */
    const size_t *start;            /* [n + 1] rising: the set of row r is label[start[r]] …
                                       label[start[r + 1] - 1], in any order; it may be empty */
    const uint16_t *label;          /* classes */
    const float *weight;            /* [n] finite and >= 0; NULL: 1 each */
    const int64_t *time;            /* [n] decides what is "last"; NULL: the order of the rows */
    const uint16_t *known;          /* [tasks * classes] 0, 1 or AS_ABSTAIN; NULL: nothing known */
};

struct as_multi {                   /* as_multi_free ends it */
    const char *method, *note;
    int version;
    uint32_t tasks, workers, classes;
    uint64_t digest;
    double *q;                      /* [tasks * classes] P(the class belongs to the task) */
    uint8_t *has;                   /* [tasks * classes] 1: it is in the answer */
    double *confidence;             /* [tasks] the least probability of the decisions taken; 0
                                       without answers */
    uint8_t *flags;                 /* [tasks] enum as_flag; AS_TIED: a class is at even odds */
    struct as_worker *worker;       /* [workers] n counts decisions, a class each.  With per_class
                                       skill, lo, hi and weight are means over them */
    int iterations, converged, stopped;     /* with per_class: most, all, any */
    double *trace;                  /* [trace_n] objective per iteration; summed over the classes,
                                       a finished one standing still; trace_n 0: it has none */
    int trace_n;
};

/*
 * Every class is a question of yes or no to all who answered the task, and any method of agg.def
 * answers it (class 0 is no, 1 is yes: class_prior and cost of the options are of these two).  The
 * questions are fitted together, so that a worker is judged by all answers to all classes; with
 * per_class each one alone, for classes that are easy or hard in ways of their own and have answers
 * enough.  At even odds a class stays out.
 *
 * Asking class by class is binary relevance (Godbole & Sarawagi, PAKDD 2004); Duan et al., Expert
 * Systems with Applications 41 (2014), compare fitting classes apart and jointly for crowds.
 *
 * AS_EINVAL (*fault says which row, if given), AS_EDUPLICATE, AS_ETOOBIG, AS_ENOMETHOD, AS_EUNFIT,
 * AS_ENOMEM.  Costs the method on n * classes votes.
 */
int as_aggregate_multi(const struct as_sets *in, enum as_duplicates policy, const char *method,
                       int per_class, const struct as_opts *o, struct as_multi **out,
                       struct as_fault *fault);
void as_multi_free(struct as_multi *r);

#endif
