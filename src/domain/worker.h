/*
 * worker.h -- the threads that do what happens later: imports, consensus,
 * changes of overlap, deletions.  Kinds of jobs are a table in worker.c.
 */
#ifndef DOMAIN_WORKER_H
#define DOMAIN_WORKER_H

#include "core/ctx.h"

struct run;
struct workers;

struct workers *workers_start(struct run *run, int threads);
void workers_stop(struct workers *w);       /* waits for the slice in hand, not for whole jobs */

/* For commands: do one due job on this thread.  1 done, 0 none was due. */
int worker_once(struct run *run, struct ctx *cx);

/* Settle everything of a project now that is complete, whatever its due time ("consensus --now",
 * demo). */
int worker_settle_all(struct run *run, struct ctx *cx, int64_t project, int64_t *settled);

#endif
