/*
 * tally.h -- what a method of this room sees: the votes, a pool for its scratch, and how an
 * answer is written down.  Not installed; the public face is annotary_stats.h.
 *
 * A method fills the result through as_put, one call a task.  The registry (agg.c) has checked the
 * options before, and afterwards fills in the worker table, the gold clamp and the tasks without
 * votes, so no method repeats that.
 */
#ifndef STATS_TALLY_H
#define STATS_TALLY_H

#include <string.h>

#include "stats/annotary_stats.h"
#include "stats/digest.h"
#include "stats/mem.h"
#include "stats/special.h"

/* Votes of task i: worker[k], label[k], weight[k] for k in start[i] … start[i+1]-1, by worker. */
struct as_votes {
    struct as_pool pool;
    uint32_t tasks, workers, classes;
    size_t n;
    uint32_t *start;
    uint32_t *worker;
    uint16_t *label;
    float *weight;              /* NULL: 1 each */
    uint16_t *gold;             /* NULL: none */
    int repeats;                /* AS_KEEP_ALL kept some */
    struct as_votes_info info;
};

/* The digest of votes: begin, then vote after vote as they stand, then each known answer. */
static inline uint64_t as_digest_begin(const struct as_votes *v)
{
    return as_mix(as_mix(as_mix(1, v->tasks), v->workers), v->classes);
}

static inline uint64_t as_digest_vote(uint64_t h, uint32_t task, uint32_t worker, uint16_t label,
                                      const float *weight)
{
    uint32_t bits = 0;

    if (weight)
        memcpy(&bits, weight, sizeof bits);
    return as_mix(as_mix(h, (uint64_t)task << 32 | worker), (uint64_t)bits << 32 | label);
}

static inline uint64_t as_digest_gold(uint64_t h, uint32_t task, uint16_t gold)
{
    return as_mix(as_mix(h, task), gold);
}

struct as_held {                /* an answer that was kept from a method (auto.h) */
    uint32_t task, worker;
    uint16_t label;
    float weight;
};

struct as_quiz {                /* what a method makes of answers kept from it, if it says so */
    const struct as_held *held; /* [n] */
    size_t n;
    double *p;                  /* [n] their probabilities, when answered */
    int answered;
};

struct as_fit {                 /* one run of one method */
    const struct as_votes *votes;
    const struct as_opts *opts;
    struct as_result *out;
    struct as_pool *pool;       /* scratch, ends with the run */
    struct as_pool *keep;       /* what the result keeps: trace, parameters, confusion */
    double *row;                /* [classes], zero between two tasks */
    uint16_t *touched;          /* [classes] */
    uint32_t *seen, call;       /* [classes] the call of as_open that touched it last; this call */
    struct as_quiz *ask;        /* NULL: nobody asks */
    int own_skill;              /* the method set worker[].skill itself */
    int model;                  /* the posterior is a probability by a model: as_em_step says so */
    int graded;                 /* the method takes classes for grades: decide by |k - k'| */
};

struct as_agg {
    struct as_method_info info;
    int (*run)(struct as_fit *f);
};
/* as_aggregate, with a question. */
int as_aggregate_quiz(const struct as_votes *v, const char *method, const struct as_opts *o,
                     struct as_quiz *ask, struct as_result **out);

#define AGG(name) extern const struct as_agg as_agg_##name;
#include "stats/agg.def"
#undef AGG

/*
 * Adds up the votes of task i, each times skill[worker] (NULL: 1).  Fills f->row, lists the classes
 * voted for in f->touched and returns how many there are.  Where every weight is 0 the votes count
 * alike, so somebody's answer is never lost.
 */
uint32_t as_count(struct as_fit *f, uint32_t task, const double *skill);

/* The best class of the counted row by the tie rule, without writing it down. */
uint16_t as_top(const struct as_fit *f, uint32_t touched);

/* Back to zero after as_count. */
void as_uncount(struct as_fit *f, uint32_t touched);

/* Normalises the counted row, writes posterior, label and flags of the task, and clears the row.
   Any row of nonnegative numbers will do, not only counts. */
void as_put(struct as_fit *f, uint32_t task, uint32_t touched);

/* The same with `rest` for all untouched classes together (above AS_DENSE_CLASSES only). */
void as_put_rest(struct as_fit *f, uint32_t task, uint32_t touched, double rest);

/* Writes a task from a full row q[classes] of nonnegative numbers, which need not sum to 1. */
void as_put_row(struct as_fit *f, uint32_t task, const double *q);

/* Room for the posterior of every task in the result.  AS_ENOMEM. */
int as_posterior_new(const struct as_votes *v, struct as_result *r, struct as_pool *p);

/* lo and hi of the worker table for the posterior of a model (skill.c).  AS_ENOMEM. */
int as_skill_intervals(struct as_fit *f);

/* Labels by expected cost, where costs were given or the method is graded.  AS_ENOMEM. */
int as_decide(struct as_fit *f);

/* The task answers with a known class. */
void as_put_known(struct as_result *r, uint32_t task, uint16_t known);

/* The best class of every task by one weighted vote, by the tie rule; AS_ABSTAIN without votes. */
void as_top_all(struct as_fit *f, const double *skill, uint16_t *answer);

/* One weighted vote on every task, written down. */
void as_vote_all(struct as_fit *f, const double *skill);

/*
 * Log scores in place of counts.  as_open starts every class of the task that can be told apart
 * from the rest (all of few, of many the voted ones) at logp[class], NULL: 0, and returns how many;
 * the caller adds to f->row[label].  as_close makes probabilities of them, where each of the
 * classes not touched has log score `other` and all those together *rest; it returns the logarithm
 * of what they summed to.  Then as_put_rest or as_uncount.
 */
uint32_t as_open(struct as_fit *f, uint32_t task, const double *logp);
double as_close(struct as_fit *f, uint32_t touched, double other, double *rest);

/* Every task from the log odds of a vote: posterior proportional to exp(sum of w * odds). */
void as_vote_odds(struct as_fit *f, const double *odds);

/* skill[j] = share of j's votes equal to answer[task]; workers without votes get `none`.
   Tasks whose answer is AS_ABSTAIN do not count. */
int as_share_right(struct as_fit *f, const uint16_t *answer, double none, double *skill);

/* Two sums this close count as equal: weighted votes come in different orders. */
#define AS_TIE_EPS 1e-9

#endif
