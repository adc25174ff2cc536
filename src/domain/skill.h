/*
 * skill.h -- what the last fit of each control was, and what it says of each person.
 *
 * Written after the tasks that a fit settles: as long as the digest here is
 * not that of the answers, some task may still say what an older fit said, and
 * the consensus job or `annotary consensus settle` has work.
 *
 * Owns tables: fit, worker_skill.
 */
#ifndef DOMAIN_SKILL_H
#define DOMAIN_SKILL_H

#include "core/ctx.h"

struct fits;

/* READ: 1 when the fits that are kept are others than these, 0 when they are the same. */
int skill_stale(struct ctx *cx, int64_t project, const struct fits *f);

/*
 * READ: what a pass of settling rests on besides the answers: methods, config,
 * and the fits that were kept.  Another pass may run beside it; who finds at
 * the end that this text is another one goes over every task again.
 */
int skill_basis(struct ctx *cx, int64_t project, const char **out);

/* WRITE, audit 'consensus.fit'. */
int skill_store(struct ctx *cx, int64_t project, const struct fits *f);

struct skill {
    int64_t person, n;
    double skill, lo, hi;
};
struct skill_table {
    const char *control, *method, *unit, *note;
    int64_t votes, computed;
    struct skill *of;           /* the most answers first */
    int n;
};

/* READ: by control; each with at most LIMIT_PAGE_ROWS people. */
int skill_tables(struct ctx *cx, int64_t project, struct skill_table **out, int *n);

#endif
