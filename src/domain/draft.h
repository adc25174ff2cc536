/*
 * draft.h -- unsubmitted work, saved by itself.
 *
 * A draft has a counter that the page counts up; the server refuses an older
 * one (E_STALE, 409), so the older of two tabs is told and nothing newer is
 * overwritten.  A draft outlives its lease: given back, run out or skipped, the
 * task comes to the same person with it, whoever else had the task meanwhile.
 * One that is written when the lease is over is kept and marked late; it is the
 * newest of that person's work and comes back as any other.  Submitting ends it.
 *
 * Owns table: draft.
 */
#ifndef DOMAIN_DRAFT_H
#define DOMAIN_DRAFT_H

#include "core/ctx.h"

struct tasks;                   /* task_set.h */

struct draft {
    int64_t project, task, person, counter, active_ms, updated;
    bool late;
    const char *result;         /* the bytes as sent */
    size_t nresult;
};

/*
 * E_STALE    counter <= the stored one; *stored tells it
 * E_NOTFOUND no such lease of the caller
 */
int draft_save(struct ctx *cx, int64_t lease, int64_t epoch, int64_t counter, const char *result,
               size_t nresult, int64_t active_ms, int64_t *stored);

int draft_get(struct ctx *cx, int64_t project, int64_t task, int64_t person,
              struct draft *out); /* 1, 0 */
int draft_put(struct ctx *cx, int64_t project, int64_t task, int64_t person, const char *result,
              size_t nresult,
              int64_t active_ms); /* after a withdrawal: the answer is a draft again */
int draft_drop(struct ctx *cx, int64_t project, int64_t task, int64_t person);
int draft_list(struct ctx *cx, int64_t project, int64_t task, struct draft **out, int *n);

int draft_forget(struct ctx *cx, int64_t project, const struct tasks *tasks);

#endif
