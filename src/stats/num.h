/*
 * num.h -- what a method for numbers sees.  Not installed; the public face is as_numeric.h.
 *
 * Answers of task i: worker[k], value[k], weight[k] for k in start[i] … start[i+1]-1, by worker,
 * free of duplicates.  A method fills out->value and, where it knows better than the common rule,
 * out->error and the workers' bias and weight.
 */
#ifndef STATS_NUM_H
#define STATS_NUM_H

#include "stats/as_numeric.h"
#include "stats/mem.h"

struct num {
    uint32_t tasks, workers;
    size_t n;
    uint32_t *start;                /* [tasks + 1] */
    uint32_t *worker;               /* [n] */
    double *value, *weight;         /* [n] */
    const struct as_opts *opts;
    struct as_numeric *out;
    struct as_pool *pool;           /* scratch */
    struct as_pool *keep;           /* what the result keeps */
    int own_error;                  /* the method set out->error itself */
};

struct as_num {
    struct as_method_info info;
    int (*run)(struct num *m);
};
#define NUM(name) extern const struct as_num as_num_##name;
#include "stats/num.def"
#undef NUM

/* Weighted means of every task, each answer times its author's weight (NULL: 1); where all weights
   of a task are 0 its answers count alike. */
void as_num_means(struct num *m, const double *author, double *value);

/* The loop's rules: call once a round.  1: go on, 0: ended, negative: a code.  `objective` must not
   fall; moved is the largest change of a value, for methods without an objective (then NaN). */
int as_num_step(struct num *m, double objective, double moved);

#endif
