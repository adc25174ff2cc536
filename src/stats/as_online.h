/* as_online.h -- while the answers come in: how sure of a task, ask again or stop, whom next */
#ifndef STATS_AS_ONLINE_H
#define STATS_AS_ONLINE_H

#include "stats/as_base.h"

#define AS_ONLINE_CLASSES_MAX 32            /* stopping early is for fields with few values */
#define AS_ONLINE_CELLS_MAX   ((size_t)1 << 28)     /* workers * classes^2, tasks * classes */
#define AS_PLAN_PAIRS_MAX     ((size_t)1 << 26)     /* tasks * people of one plan */

/* ------------------------------------------------------------------ one task, known skills */

/* Skill from test questions, (k0 + right) / (2*k0 + seen): .5 for a stranger, 17/22 for 8 of 10.
   k0 > 0 is how many questions a stranger's half is worth; .5 is customary. */
double as_gold_skill(uint64_t right, uint64_t seen, double k0);

/*
 * The posterior of one task while answers come, in log space: score[classes] begins as as_belief
 * says (prior NULL: uniform) and every answer moves one entry, whatever came before it:
 *
 *     P(x)  ~  prior(x) * prod over answers of  (q  if the answer is x, else (1-q)/(classes-1))
 *
 * The order of the answers does not matter.  A model's own answer enters as one more, with its q.
 * q is held within 1e-6 … 1-1e-6.  AS_EINVAL.
 */
int as_belief(double *score, uint32_t classes, const double *prior);
int as_belief_add(double *score, uint32_t classes, uint16_t answer, double q);
int as_belief_take(double *score, uint32_t classes, uint16_t answer, double q);     /* withdrawn */

/* The same for a worker whose confusion row P(answer | class) is given: chance[classes]. */
int as_belief_add_row(double *score, uint32_t classes, const double *chance);

struct as_verdict {
    uint16_t label;                 /* the best class, the lowest of equals */
    int tied;
    double confidence, margin, entropy;     /* its P, the distance to the second, natural log */
};
/* p[classes] may be NULL. */
int as_belief_read(const double *score, uint32_t classes, double *p, struct as_verdict *out);

/* Trust share: share[k] = trust of those who said k / trust of all.  Where all trust is 0 heads
   count alike.  AS_EINVAL; AS_EUNDEFINED when nobody answered. */
int as_trust_share(const uint16_t *answer, const double *trust, uint32_t n, uint32_t classes,
                   double *share);

/* ------------------------------------------------------------------ ask again, or stop */

/*
 * How much the chance of deciding right grows by m more answers of people who are right with
 * chance q.  m = 1 is exact for any number of classes; above, the two best classes are weighed
 * against each other and the rest is taken as lost.  0 <= gain <= 1.  AS_EINVAL.
 */
int as_gain(const double *p, uint32_t classes, double q, uint32_t m, double *gain);

struct as_stop {                    /* as_stop_init first */
    double confidence;              /* .95: sure enough, stop */
    uint32_t least, most;           /* 2, 5: answers a task gets at least and at most */
    double error_cost, price;       /* 1, 0: of a wrong label, of an answer; 0, 0: not looked at */
    double skill;                   /* .85: of the next person */
};
void as_stop_init(struct as_stop *s);

enum as_ask { AS_ASK, AS_STOP_SURE, AS_STOP_FULL, AS_STOP_WORTH };
/* One of enum as_ask, or a code.  AS_STOP_WORTH: no number of further answers is worth its price,
   gain(m) * error_cost <= m * price  for every m that is left; without a price, none of them could
   change the label any more. */
int as_stop(const struct as_stop *s, const double *p, uint32_t classes, uint32_t answers);

/* ------------------------------------------------------------------ testing people */

/* Wald's sequential test of accuracy <= low (fail) against >= high (pass): 1 pass, -1 fail, 0 go
   on.  err: chance of either mistake.  AS_EINVAL is told apart by *rc (may be NULL). */
int as_sprt(uint64_t right, uint64_t wrong, double low, double high, double err, int *rc);

struct as_habit {
    double chi2, df, p;             /* p: chance of a spread this odd if they answer as expected */
};
/* Do somebody's answers spread over the classes as expected?  said[classes] counts; usual[classes]
   shares, 0 where nothing is expected.  Classes expected less than five times are pooled.
   AS_EINVAL; AS_EUNDEFINED when fewer than two cells are left. */
int as_habit(const uint64_t *said, const double *usual, uint32_t classes, struct as_habit *out);

/* The chance that somebody who answers faster than the floor with chance `usual` does so in `fast`
   or more of n answers: small means in a hurry.  AS_EINVAL unless fast <= n and 0 < usual < 1. */
int as_hurry(uint64_t fast, uint64_t n, double usual, double *p);

/* ------------------------------------------------------------------ a whole project, live */

/*
 * Learns truths and skills together while answers come, without any known truth: each task is
 * judged by what the *other* tasks say of its people.  See online_crowd.c.
 */
struct as_online_opts {             /* as_online_opts_init first */
    uint32_t tasks, workers, classes;
    int tables;                     /* 0: one accuracy a worker; 1: a confusion table */
    double start_skill;             /* .7: what the crowd is held for … */
    double start_weight;            /* 50: … worth this many answers */
    double worker_weight;           /* 10: answers that the crowd weighs against a worker's own */
    double refit_growth;            /* .05: refit is due when the answers grew by this share … */
    double refit_drift;             /* 2: … or a worker moved by this many standard errors */
    struct as_stop stop;            /* its skill is raised to the crowd's */
};
void as_online_opts_init(struct as_online_opts *o);

struct as_online;
/* AS_EINVAL, AS_ETOOBIG, AS_ENOMEM. */
int as_online_new(const struct as_online_opts *o, struct as_online **out);
void as_online_free(struct as_online *s);

/* One answer more; a second one of the same person replaces the first, AS_ABSTAIN takes it back.
   O(answers of this task * classes).  AS_EINVAL, AS_ENOMEM. */
int as_online_answer(struct as_online *s, uint32_t task, uint32_t worker, uint16_t label);

/* A known truth (AS_ABSTAIN: no longer known). */
int as_online_gold(struct as_online *s, uint32_t task, uint16_t label);

/* How many answers this task gets at most, where it is not opts.stop.most. */
int as_online_limit(struct as_online *s, uint32_t task, uint32_t most);

/* What the task is held for now; p[classes] may be NULL.  Returns one of enum as_ask, or a code. */
int as_online_read(const struct as_online *s, uint32_t task, double *p, struct as_verdict *out);

/* Goes over all tasks until nothing moves.  as_online_due says when it is time. */
int as_online_refit(struct as_online *s);
int as_online_due(const struct as_online *s);

struct as_online_worker {
    uint64_t n;
    double skill, lo, hi;           /* chance of being right, 95 % of where it may lie */
};
int as_online_worker(const struct as_online *s, uint32_t worker, struct as_online_worker *out);

/* ------------------------------------------------------------------ whom to ask what */

struct as_plan_in {
    uint32_t tasks, people, vendors, classes;
    const double *p;                /* [tasks * classes] */
    const uint32_t *open;           /* [tasks] answers still wanted */
    const double *skill, *price;    /* [people]; price NULL: 1 each, else > 0 */
    const uint32_t *cap, *vendor;   /* [people] tasks each may take; vendor NULL: all are 0 */
    const uint32_t *vendor_cap;     /* [vendors]; NULL: none */
    const uint8_t *taken;           /* [tasks * people] 1: may not do this one; NULL: none */
    double audit;                   /* share of the answers that go to tasks by lot, 0 … 1 */
    uint64_t seed;
};
struct as_plan_row {
    uint32_t task, person;
    double gain;                    /* expected, of this answer alone */
    int audit;
};
/*
 * Pairs of task and person by falling gain per price, ties by task, then person, within all caps.
 * Answers planned for a task count as given when its next one is weighed, so a task that needs one
 * more does not get five; what no answer could change gets none.  The audit share comes first,
 * tasks and people drawn by lot, so what is learned from it is unbiased.  row[most]; *n: how many.
 * AS_EINVAL, AS_ETOOBIG, AS_ENOMEM.
 */
int as_plan(const struct as_plan_in *in, struct as_plan_row *row, size_t most, size_t *n);

#endif
