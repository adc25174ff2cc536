/*
 * saying.h -- which labels people say, and what one says where another says something else.
 *
 * Counted when a task is settled, from the answers it rests on and from what was
 * agreed: choices, taxonomy paths, ratings, sides, and the labels of regions.
 * Only labels that the config declares: what comes from a task's data is its
 * content, and stays there.  Two people's choices are paired by set, their
 * regions by place (IoU at least one half, best first); what has no partner is
 * paired with nothing, written ''.
 *
 * What each task added is kept beside, sealed, so that it can be taken away
 * again; sums are read, rows never.
 *
 * Owns tables: label_part, label_sum, label_pair_sum.
 */
#ifndef DOMAIN_SAYING_H
#define DOMAIN_SAYING_H

#include "core/ctx.h"
#include "domain/opinion.h"

struct tasks;                   /* task_set.h */

#define SAYING_PEOPLE 100       /* of one task, paired with each other */
#define SAYING_PAIRS 10000      /* pairs of regions looked at for two people; beyond: none */
#define SAYING_MASK_PAIRS 100   /* the same where each look is dear */

/* Pure.  What a task says, as JSON text: rows [control, label, tasks, answers, agreed] and
 * [control, label, label, pairs]. */
int saying_of(struct ctx *cx, const struct label_config *config, const struct opinion_in *in,
              int n, const struct opinions *agreed, const char **out);

/* READ.  What is kept of a task; NULL when nothing is. */
int saying_kept(struct ctx *cx, int64_t project, int64_t task, const char **out);

/* A change of some tasks' rows, part of a larger act; see agreement_change. */
struct saying_change {
    struct ctx *cx;
    int64_t project;
    struct saying_step *steps;
};

void saying_begin(struct saying_change *c, struct ctx *cx, int64_t project);
/* See agreement_count. */
int saying_count(struct saying_change *c, int64_t at, const struct tasks *tasks, int sign);
int saying_forget(struct saying_change *c, const struct tasks *tasks);
int saying_put(struct saying_change *c, int64_t task, const char *parts);
int saying_end(struct saying_change *c);

struct label_sum {
    const char *control, *label;
    int64_t tasks, answers, agreed;
    int64_t both, one;          /* pairs of people of whom both said it, or only one */
};
struct label_pair {
    const char *a, *b;          /* a <= b; '' nothing */
    int64_t pairs;
};

/* READ: by control, the most frequent first; at most LIMIT_PAGE_ROWS. */
int saying_labels(struct ctx *cx, int64_t project, struct label_sum **out, int *n);

/* READ: of one control, the most frequent first; at most 10 LIMIT_PAGE_ROWS. */
int saying_pairs(struct ctx *cx, int64_t project, const char *control, struct label_pair **out,
                 int *n);

/* READ: the number of sums that differ from what the tasks' parts add up to. */
int saying_verify(struct ctx *cx, int64_t project, int64_t *wrong);

#endif
