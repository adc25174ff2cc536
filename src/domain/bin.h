/*
 * bin.h -- deleted tasks, until they go for good.
 *
 * Deleting moves every row of a task from its project P to the number -P, the
 * project's bin.  No project has such a number, and nobody can name one: what
 * is read by project asks for P, and what is read by its own id comes through
 * access_check, which joins the project.  So no reader of tasks needs to know
 * of deletion, and none can forget it; that each table moves is proved against
 * the schema itself (tests/api/test_bin.py).  Rows keep their ids and all else
 * they hold, so putting them back is moving them again.  What is kept in sums
 * (counters, pace, agreement, labels) is counted out and in with them.
 *
 * What stays with the project: audit, exposure and look, which tell what was,
 * and the row of a file (media), which is served no more when only deleted
 * tasks show it.
 *
 * Back in the project, a task that wants answers stands at the end of its
 * queue, for people may have passed its old place; leases run on where they
 * still run; what was settled is settled once more.  A task whose unique_id was
 * given to another meanwhile stays in the bin.
 *
 * A purge takes the rows away for good: by itself once the deletion is as old
 * as bin_keep says, or when asked.
 *
 * Invariant: the rows of a task stand under P or under -P, never under both;
 *            those under -P are named in `deleted`.
 *
 * Owns tables: deletion, deleted.
 */
#ifndef DOMAIN_BIN_H
#define DOMAIN_BIN_H

#include "core/ctx.h"

struct run;
struct task_key;

struct deletion {
    int64_t id, project, person, job, busy, total, tasks, made;
    int64_t ends;               /* 0: for good at once */
    const char *name;           /* of the person; "" the system */
};

/* How long deleted tasks are kept, for this process; 0: not at all. */
void bin_keep(int64_t ms);

/* A deletion in the making; `id` is 0 until something went into it. */
struct bin_into {
    int64_t job;                /* the tasks of one job go into one; 0: no job's */
    bool for_good;              /* due at once */
    int64_t id;
};

/*
 * Part of a larger act, which writes the audit row: these tasks, as far as they
 * are still there; returns how many went.
 */
int bin_put(struct ctx *cx, int64_t project, struct bin_into *into, const struct task_key *key,
            int n);

/* Part of a larger act: up to `limit` of these tasks go for good; returns how many. */
int bin_empty(struct ctx *cx, int64_t project, int64_t deletion, int limit);

/* READ.  Newest first, before an id (0: from the newest); E_NOTFOUND. */
int bin_list(struct ctx *cx, int64_t project, int64_t before, int limit, struct deletion **out,
             int *n);
int bin_get(struct ctx *cx, int64_t project, int64_t id, struct deletion *out);
int bin_of_job(struct ctx *cx, int64_t project, int64_t job, struct deletion *out);   /* 1 or 0 */

/*
 * WRITE, audit 'bin.restore' and 'bin.purge': a job that puts the tasks of a
 * deletion back, or takes them away for good.
 * E_NOTFOUND  no such deletion; nothing is left of it
 * E_CHANGED   another job is at work on it
 */
int bin_restore(struct ctx *cx, int64_t project, int64_t id, int64_t *job, int64_t *total);
int bin_purge(struct ctx *cx, int64_t project, int64_t id, int64_t *job, int64_t *total);

/*
 * The worker: goes on until all is done, or until `tell` answers that it is to
 * stop.  *report is JSON: done, left.  A purge that was stopped begins no
 * sooner than after another such while.
 */
typedef bool bin_tell(void *arg, int64_t done, int64_t total);
int bin_run_restore(struct run *run, struct ctx *cx, int64_t job, int64_t project, const char *arg,
                    bin_tell *tell, void *tell_arg, const char **report);
int bin_run_purge(struct run *run, struct ctx *cx, int64_t job, int64_t project, const char *arg,
                  bin_tell *tell, void *tell_arg, const char **report);

/* Of a deleted project: 1 and a deletion of which something is left; else 0. */
int bin_any(struct ctx *cx, int64_t project, int64_t *deletion);

/* HOUSE: jobs for the deletions that are due, everywhere; in one project, now that the job which
 * made this deletion is done with it. */
int bin_purge_soon(struct ctx *cx, int64_t project, int64_t deletion);
int bin_sweep(struct ctx *cx);

#endif
