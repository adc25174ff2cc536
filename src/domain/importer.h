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
 * The files of an import are read as if they were one.  They may be uploads that
 * were kept before: `keep` checks files and keeps them, and makes no task.
 *
 * States: checking, loading, done (published), checked (a dry run, or kept), failed, swept.
 *
 * Owns table: import.
 */
#ifndef DOMAIN_IMPORTER_H
#define DOMAIN_IMPORTER_H

#include "domain/import_source.h"

struct import_opts {
    const char *format;         /* a word of formats/reader; NULL: guess */
    const char *name;           /* of the file, as the person knows it */
    bool dry_run;               /* check only */
    bool keep;                  /* check only, and keep the files as uploads (file_upload.h) */
    int64_t priority;
    const char *preannotated;   /* Label Studio's preannotated_from_fields: "a,b"; NULL: none */
    json_t *map;                /* {column: field}: data of that name goes by another; null: is left
                                   out; NULL: as it comes.  import_map_check has passed it */
    bool want_ids;              /* for Label Studio: the ids of the new tasks (at most 100,000) and
                                   the columns of their data stand in the report */
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
    bool kept;                  /* began with `keep` */
    const int64_t *uploads;     /* the files it kept, or was made of */
    int nuploads;
    json_t *seen;               /* import_seen.h, once it was read; else NULL */
};

/*
 * WRITE, audit 'import.begin'.  `spool` is a finished spool file and becomes
 * the importer's to remove.  With `queue` a job will run it; without, the
 * caller runs it at once.
 */
int import_begin(struct ctx *cx, int64_t project, const char *spool, int64_t bytes,
                 const struct import_opts *o, bool queue, int64_t *import, int64_t *job);

/* The same with several files; `bytes` of each are known. */
int import_begin_files(struct ctx *cx, int64_t project, const struct import_source *file, int n,
                       const struct import_opts *o, bool queue, int64_t *import, int64_t *job);

/*
 * WRITE, audit 'import.begin': of uploads that were kept.  Not as_list: each
 * text, CSV or TSV file is one task, not one a line.
 * E_NOTFOUND, E_EXISTS  as in file_upload_take
 */
int import_begin_uploads(struct ctx *cx, int64_t project, const int64_t *ids, int nids,
                         bool as_list, const struct import_opts *o, bool queue, int64_t *import,
                         int64_t *job);

/*
 * Check, load, publish.  Not inside an act: runs acts of its own on the
 * calling thread (a job worker, an HTTP worker, a command).  Returns 0 also
 * when the import failed for its content: look at out->state and out->errors.
 * `progress` may be NULL; done and total are bytes of reading twice.  When it
 * answers that the import is to stop, it fails with that for its reason.
 */
int import_run(struct run *run, struct ctx *cx, int64_t import,
               bool (*progress)(void *arg, int64_t done, int64_t total), void *arg,
               struct import *out);

int import_get(struct ctx *cx, int64_t id, struct import *out);        /* READ; E_NOTFOUND */
int import_list(struct ctx *cx, int64_t project, int64_t after, int limit, struct import **out,
                int *n);

/* At start: remove what killed imports left, slice by slice.  Not inside an act. */
int import_sweep(struct run *run, struct ctx *cx);

#endif
