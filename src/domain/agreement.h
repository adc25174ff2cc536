/*
 * agreement.h -- how far people agree: on a task, two of them, in a project.
 *
 * The rows of a task come and go with its consensus.  Sums ride along, by
 * tenths of agreement and by pairs of people, so that reading them costs as
 * much as there are pairs, however many tasks there are.  They are counted in
 * whole billionths: in any order, on any database, what is taken away is what
 * was added, and agreement_verify compares them with the rows.
 *
 * Owns tables: agreement, agreement_pair, agreement_sum, agreement_pair_sum.
 */
#ifndef DOMAIN_AGREEMENT_H
#define DOMAIN_AGREEMENT_H

#include "core/ctx.h"

#define AGREEMENT_GOAL 0.8      /* at the edge of a tenth */

struct tasks;                   /* task_set.h */

/*
 * A change of some tasks' rows, part of a larger act.  The sums are written at
 * its end, each once and in one order: on PostgreSQL two such acts wait for
 * each other, never in a circle.
 */
struct agreement_change {
    struct ctx *cx;
    int64_t project;
    struct agreement_step *steps;
};

void agreement_begin(struct agreement_change *c, struct ctx *cx, int64_t project);
/* The rows of tasks that stand at a project's number or in its bin (bin.h), into the sums of the
 * project: out (-1) or in (1).  forget: out, and the rows go. */
int agreement_count(struct agreement_change *c, int64_t at, const struct tasks *tasks, int sign);
int agreement_forget(struct agreement_change *c, const struct tasks *tasks);

struct agreed {
    double value;
    int64_t answered;           /* when the last answer came, ms */
    bool ruled;
};

/* `pair` is [n * n], row-major, of the n people who answered. */
int agreement_put(struct agreement_change *c, int64_t task, const struct agreed *a,
                  const int64_t *person, const double *pair, int n);

/* Part of a larger act: somebody ruled on the task, or took a ruling back. */
int agreement_rule(struct ctx *cx, int64_t project, int64_t task, bool ruled);
int agreement_end(struct agreement_change *c);

/* READ.  1 and the agreement of a task, 0 when it has none. */
int agreement_of(struct ctx *cx, int64_t project, int64_t task, double *value);

struct agreement_pair {
    int64_t a, b, n;            /* persons, a < b; tasks both answered */
    double mean;
};
struct agreement_summary {
    double mean;                /* over tasks; -1 when there are none */
    int64_t tasks;
    int64_t histogram[10];      /* tasks by agreement, tenths */
    int64_t disputed, ruled;    /* below the goal: waiting for a ruling, and ruled on */
};
struct agreement_time {
    int64_t half, tasks;        /* half-hours since 1970, as in tally.h */
    double sum, squares;
};

/* READ, from the sums. */
int agreement_pairs(struct ctx *cx, int64_t project, struct agreement_pair **out, int *n);
int agreement_sum(struct ctx *cx, int64_t project, struct agreement_summary *out);
int agreement_times(struct ctx *cx, int64_t project, int64_t since, struct agreement_time **out,
                    int *n);

/*
 * READ: disputed tasks, least agreement first, after (value, task); without
 * those that the caller answered, whom another must judge.
 */
struct dispute {
    int64_t task, inner_id, pairs, answered;
    double value;
};
int agreement_disputes(struct ctx *cx, int64_t project, double after, int64_t after_task,
                       int limit, struct dispute **out, int *n);

/* READ: the number of sums that differ from what the rows add up to. */
int agreement_verify(struct ctx *cx, int64_t project, int64_t *wrong);

#endif
