/*
 * importer.h -- data comes in: whole or not at all, and nobody waits for it.
 *
 * The file stands in the spool.  import_run checks every row first; a single
 * bad row fails the import, with the lines and the reasons.  Then rows go in
 * by slices of at most LIMIT_SLICE_ROWS or LIMIT_SLICE_MS between the acts of
 * others, unpublished: no list, count or lease sees them.  One last act
 * publishes all of them in O(lanes), with one audit row that has the count and
 * the digest of the file.  An import that was killed is swept at start.
 *
 * Imported answers count towards the overlap once for each distinct author; an
 * author who is no member becomes an external author of the project.  A task
 * that brings more authors than the overlap wants as many answers as it has.
 *
 * States: checking, loading, done (published), checked (a dry run), failed, swept.
 *
 * Owns table: import.
 */
#ifndef DOMAIN_IMPORTER_H
#define DOMAIN_IMPORTER_H

#include "core/ctx.h"

struct run;

struct import_opts {
    const char *format;         /* a word of formats/reader; NULL: guess */
    const char *name;           /* of the file, as the person knows it */
    bool dry_run;               /* check only */
    int64_t priority;
    const char *preannotated;   /* Label Studio's preannotated_from_fields: "a,b"; NULL: none */
    bool want_ids;              /* keep the ids of the new tasks in the report (at most 100,000) */
};

struct import_error {
    int64_t line;
    const char *field, *why;    /* field may be NULL */
};

struct import {
    int64_t id, project, job, tasks, annotations, predictions, bytes, created, ended;
    const char *state;          /* see above */
    const char *format, *name, *digest;
    struct import_error *errors;
    int nerrors;
    int64_t *task_ids;          /* when wanted */
    int ntask_ids;
    double seconds;
};

/*
 * WRITE, audit 'import.begin'.  `spool` is a finished spool file and becomes
 * the importer's to remove.  With `queue` a job will run it; without, the
 * caller runs it at once.
 */
int import_begin(struct ctx *cx, int64_t project, const char *spool, int64_t bytes,
                 const struct import_opts *o, bool queue, int64_t *import, int64_t *job);

/*
 * Check, load, publish.  Not inside an act: runs acts of its own on the
 * calling thread (a job worker, an HTTP worker, a command).  Returns 0 also
 * when the import failed for its content: look at out->state and out->errors.
 * `progress` may be NULL; done and total are bytes of reading twice.
 */
int import_run(struct run *run, struct ctx *cx, int64_t import,
               void (*progress)(void *arg, int64_t done, int64_t total), void *arg,
               struct import *out);

int import_get(struct ctx *cx, int64_t id, struct import *out);        /* READ; E_NOTFOUND */
int import_list(struct ctx *cx, int64_t project, int64_t after, int limit, struct import **out,
                int *n);

/* At start: remove what killed imports left, slice by slice.  Not inside an act. */
int import_sweep(struct run *run, struct ctx *cx);

#endif
