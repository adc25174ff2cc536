/*
 * bulk.h -- one act on many tasks, as a job.
 *
 * What to do and on which tasks (a filter and a selection, as filter.h reads
 * them) is written down at once; a worker then goes over the tasks by id, a
 * slice an act.  A task that comes in after the act was asked for is never
 * touched; one that no longer fulfils the filter when its turn comes is passed.
 * A job that was cut short begins again and passes what it has done.
 *
 *     delete_tasks                 with all that hangs on them, into the bin (bin.h)
 *     priority                     to the end of the live lane of that priority
 *     assign                       into a lane that only some people see; to nobody: open again
 *     ask                          so many answers more are wanted
 *     predictions_to_annotations   the newest prediction becomes an answer of who asked
 *     delete_tasks_annotations, delete_tasks_predictions
 *
 * Of priority, assign and ask what was before is kept for BULK_UNDO_MS and can be put back; so can
 * deleted tasks, for as long as the bin keeps them.  A job that was stopped did what it did whole,
 * and that can be undone.
 *
 * Owns table: undo.
 */
#ifndef DOMAIN_BULK_H
#define DOMAIN_BULK_H

#include <jansson.h>

#include "core/ctx.h"

struct run;

#define BULK_UNDO_MS (24LL * 3600 * 1000)
#define BULK_PEOPLE 100

/*
 * WRITE, audit 'bulk.begin'.  `ask` is {"action", "query": {filters, selectedItems}, "args":
 * {"priority", "people", "more", "model_version", "for_good"}}; *total is 0 where nobody knows yet.
 * E_INVALID  no such action, a filter that is none, args that do not fit
 */
int bulk_begin(struct ctx *cx, int64_t project, const json_t *ask, int64_t *job, int64_t *total);

/* WRITE, audit 'bulk.undo' or 'bin.restore': another job that puts back what job `of` changed.
 * E_NOTFOUND no such job here; E_STALE nothing is kept of it (any more); E_CHANGED it is at work,
 * or another job on the same tasks. */
int bulk_undo(struct ctx *cx, int64_t project, int64_t of, int64_t *job, int64_t *total);

/* The worker: goes on until all is done, or `tell` answers that it is to stop.  *report is JSON:
 * done, left, undo. */
typedef bool bulk_tell(void *arg, int64_t done, int64_t total);
int bulk_run(struct run *run, struct ctx *cx, int64_t job, int64_t project, const char *arg,
             bulk_tell *tell, void *tell_arg, const char **report);

/* The worker, later: what is kept of a job goes for good. */
int bulk_purge(struct run *run, struct ctx *cx, int64_t project, const char *arg);

#endif
