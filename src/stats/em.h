/*
 * em.h -- expectation maximisation over confusion tables, for every method whose worker is a table
 *
 *     T^j_kl = P(worker j says l | the truth is k)      and a class prior  p_k.
 *
 * Dawid-Skene, one-coin, MACE, iBCC and ordinal Dawid-Skene differ only in how they make the table
 * from expected counts; the rest is here.  An iteration is one pass over the votes: the E step of a
 * task and its share of the next counts are done together, so the posterior is not stored until
 * the end.  Not installed.
 *
 *     logt[(j*K + l)*K + k] = log T^j_kl       a vote adds one contiguous row of K numbers
 *     count[same]           = sum over tasks with that vote of weight * q_ik
 *
 * A class may be split into hidden kinds of task (states), each with a table of its own, as EBCC
 * does: then S = classes * split columns stand where K stood, those of class k from k * split on.
 *
 * Tasks with a known class (votes->gold) keep it in every pass.  Sums are made in fixed stripes of
 * tasks and added in order, so the number of threads changes not one bit.
 */
#ifndef STATS_EM_H
#define STATS_EM_H

#include "stats/tally.h"

#define AS_EM_BATCH     32                  /* tasks scored together */
#define AS_EM_ROWS      1024                /* and at most as many votes, or one task */
#define AS_EM_BYTES_MAX ((size_t)2 << 30)   /* of tables; above it as_em_new says AS_ETOOBIG */

struct as_em {
    const struct as_votes *votes;
    uint32_t tasks, workers, classes, split, states;
    size_t cells;               /* workers * classes * states */
    double *logt, *count;       /* [cells] */
    double *logp, *mass;        /* [states]: log prior; expected tasks of each */
    double loglik;              /* sum over tasks of log sum_k exp(score), after a pass */
    int hard;                   /* 1: q is one-hot at the best class (lowest id on a tie) */
    int threads, stripes;       /* no more threads than stripes */
    /* vote shares of a task's classes, q[classes], to its states, q[states]; NULL: evenly.  Called
       from several threads. */
    void (*spread)(void *arg, uint32_t task, double *q);
    void *spread_arg;

    uint32_t quads;             /* of em_pass.c: rows of states, padded to fours */
    double *wide;               /* logt and logp, padded */
    size_t part_cells;
    double *part;               /* [stripes * part_cells] counts and mass of each stripe */
    double *part_loglik;        /* [stripes] */
    int once;                   /* no other run follows: the last round allowed may write */
    struct as_fit *last;        /* not NULL: the pass writes the posterior instead of counting */
    double *part_x;             /* a batch of scores for each stripe */
    size_t rows;                /* votes of the largest batch */
    uint32_t *part_row;         /* [stripes * rows] where the row of each of them begins */
};

/* Tables for the votes of f, on f's pool; one state a class, or `split`.  AS_ENOMEM, AS_ETOOBIG. */
int as_em_new(struct as_fit *f, struct as_em *em);
int as_em_new_split(struct as_fit *f, struct as_em *em, uint32_t split);

/* count and mass from the vote shares of every task: where all of them begin. */
void as_em_votes(struct as_em *em);

/* One pass: loglik, count and mass from logt and logp. */
void as_em_pass(struct as_em *em);

/* Posterior of every task from the tables of the last pass, gold or not and soft even after a hard
   pass, into f->out. */
void as_em_write(struct as_fit *f, struct as_em *em);

/* p_k = max(mass_k, 1e-10) normalised, or opts->class_prior where it is given; sets logp. */
void as_em_prior(const struct as_fit *f, struct as_em *em);

/*
 * The loop: m_step makes logt and logp from count and mass and returns what the parameters add to
 * the objective (a log prior, or minus a divergence).  Stops when the gain is below tol per vote,
 * at max_iter, or when progress says so; writes trace, iterations, converged, stopped, and last the
 * posterior; count and mass may then be old ones.  AS_ENOTMONOTONE when the objective falls by more
 * than 1e-6 + 1e-12 |objective|; AS_ENOMEM.
 */
typedef double as_m_step(struct as_fit *f, struct as_em *em, void *arg);
int as_em_run(struct as_fit *f, struct as_em *em, as_m_step *m_step, void *arg);

/*
 * The same from several starts; the one with the best objective answers.  start makes the counts of
 * restart r.  One that trails by more than three times its last gain for every round it has left is
 * given up.
 */
typedef void as_em_start(struct as_fit *f, struct as_em *em, void *arg, int r);
int as_em_restarts(struct as_fit *f, struct as_em *em, as_em_start *start, as_m_step *m_step,
                   void *arg, int restarts);

/* The M step of Dawid and Skene, with the default pseudo votes of agg_dawid_skene.c. */
as_m_step as_dawid_skene_step;

/* The same rules for a method with its own passes: call once an iteration with the objective.
   1: go on, 0: ended (out->converged or out->stopped is set), negative: a code. */
int as_em_step(struct as_fit *f, double objective);

/* out->confusion from exp(logt), states of a class by their share.  AS_ENOMEM. */
int as_em_confusion(struct as_fit *f, const struct as_em *em);

/* out->param [workers * n] with its names (static strings).  NULL: no memory. */
double *as_em_params(struct as_fit *f, int n, const char *const *names);

#endif
