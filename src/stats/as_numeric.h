/* as_numeric.h -- one number per task out of many people's numbers */
#ifndef STATS_AS_NUMERIC_H
#define STATS_AS_NUMERIC_H

#include "stats/as_aggregate.h"

struct as_numbers {
    size_t n;                       /* rows, at most AS_ROWS_MAX */
    uint32_t tasks, workers;
    const uint32_t *task, *worker;  /* [n] */
    const double *value;            /* [n] finite; any unit */
    const float *weight;            /* [n] finite and >= 0; NULL: 1 each */
    const int64_t *time;            /* [n] decides what is "last"; NULL: the order of the rows */
};

struct as_numeric_worker {
    uint64_t n;                     /* answers counted */
    double bias;                    /* how far above the truth, in the data's unit (gaussian) */
    double gain;                    /* how much an answer moves with the truth; 1: as much */
    double spread, lo, hi;          /* standard deviation about the result, and where it may lie at
                                       opts.level (chi-square); smaller is better */
    double weight;                  /* of an answer in the method's last step */
};

struct as_numeric {                 /* as_numeric_free ends it */
    const char *method;
    int version;
    uint32_t tasks, workers;
    uint64_t digest;
    double *value;                  /* [tasks] 0 where n is 0 */
    double *error;                  /* [tasks] standard error of value; 0 where n is 0 */
    uint32_t *n;                    /* [tasks] answers counted */
    struct as_numeric_worker *worker;   /* [workers] */
    int iterations, converged, stopped;
    double *trace;                  /* [trace_n] objective per round; 0: the method has none */
    int trace_n;
};

/* The registry, in the order of num.def; NULL past the end. */
const struct as_method_info *as_numeric_method(unsigned at);

/*
 * Of struct as_opts: max_iter, tol, level, progress.  Duplicates as in as_votes_new.
 * AS_EINVAL (ids, NaN, options; *fault says where, if given), AS_EDUPLICATE, AS_ENOMETHOD,
 * AS_ETOOBIG, AS_ENOMEM.  O(n log n) to sort, then O(n) a round.
 */
int as_numeric(const struct as_numbers *in, enum as_duplicates policy, const char *method,
               const struct as_opts *o, struct as_numeric **out, struct as_fault *fault);
void as_numeric_free(struct as_numeric *r);

#endif
