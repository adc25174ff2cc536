/*
 * job.h -- what happens later is a row.
 *
 * A job is inserted in the transaction of the act that wants it; job workers
 * claim rows that are due, do the work in acts of their own, and record how
 * far they are.  A claim that is not renewed runs out and another worker takes
 * the job up; a failure is tried again after 1 s, 4 s, 16 s … (at most 10
 * times, at most an hour apart), then the job is `failed` and says why.
 *
 * Owns table: job.
 */
#ifndef STORE_JOB_H
#define STORE_JOB_H

#include "core/ctx.h"

#define JOB_CLAIM_MS (60 * 1000)
#define JOB_ATTEMPTS 10

struct job {
    int64_t id, project, person;
    const char *kind;           /* "import", "consensus", … */
    const char *arg;            /* JSON, the kind's own */
    const char *state;          /* "waiting" "running" "done" "failed" "cancelled" */
    int attempts;
    int64_t done, total;        /* progress, in the kind's own units */
    const char *report;         /* JSON: errors, result; "" when none */
    int64_t created, due, ended;
    int64_t stop;               /* since then somebody wants it to end; 0: nobody */
};

/* Inside an act.  `key`, when given, makes the job unique among those not yet begun: the one that
 * waits is kept as it is (INSERT … ON CONFLICT DO NOTHING) and *id is 0; never E_EXISTS. */
int job_add(struct ctx *cx, int64_t project, const char *kind, const char *key, const char *arg,
            int64_t due, int64_t *id);
int job_claim(struct ctx *cx, struct job *out);         /* HOUSE; 1 claimed, 0 nothing due */
/*
 * What a worker says of the job it runs.  E_CHANGED when it no longer runs
 * (cancelled, or its claim ran out and another worker ended it): stop working.
 *   job_progress  HOUSE; renews the claim; 1 when somebody wants the job to end: it then ends by
 *                 job_stopped, at a place where what it did is whole
 *   job_retry     back-off; `failed` after the last attempt
 */
int job_progress(struct ctx *cx, int64_t id, int64_t done, int64_t total);
int job_end(struct ctx *cx, int64_t id, bool failed_for_good, const char *report);
int job_stopped(struct ctx *cx, int64_t id, const char *report);
int job_retry(struct ctx *cx, int64_t id, const char *report);

/* Part of a larger act: one that runs is to end; nothing happens to any other. */
int job_halt(struct ctx *cx, int64_t id);

int job_cancel(struct ctx *cx, int64_t id);             /* E_CHANGED when it has ended already */
int job_get(struct ctx *cx, int64_t id, struct job *out);       /* E_NOTFOUND */
/* Newest first, before an id (0: from the newest); settling that went well is not told. */
int job_newest(struct ctx *cx, int64_t project, int64_t before, int limit, struct job **out,
               int *n);
int job_list(struct ctx *cx, int64_t project, int64_t after, int limit, struct job **out, int *n);

#endif
