/*
 * task.h -- one unit of content to label.
 *
 * Content is written once; a change makes a new version and a new exposure.
 * Lists read no content: it comes through exposure_open alone.
 *
 * Owns tables: task, task_field.
 */
#ifndef DOMAIN_TASK_H
#define DOMAIN_TASK_H

#include <jansson.h>

#include "core/ctx.h"
#include "domain/access.h"
#include "domain/lane.h"

struct task {
    int64_t id, project, inner_id, import, version, created, updated;
    const char *unique_id, *file_name;      /* NULL: none */
    struct slot slot;
    int64_t annotations, predictions;       /* live ones, any kind */
    double agreement;                       /* -1: not computed */
};

struct task_new {
    const char *data, *meta;    /* JSON objects, scanned, no white space around; meta may be NULL */
    size_t ndata, nmeta;
    const char *unique_id, *file_name;
    int64_t priority;
    int64_t overlap;            /* 0: the project's */
    bool digested;              /* hash and item are filled: see task_digest */
    uint8_t hash[32], item[32];
};

/* The digests of the content, so that an importer need not make them on the writer's time. */
int task_index_key(struct ctx *cx, int64_t project, uint8_t key[32]);
int task_digest(struct ctx *cx, const uint8_t key[32], struct task_new *new);

/*
 * One task that comes alone: stored, placed at the end of its live lane, counted.
 * E_INVALID  data is no object
 * E_EXISTS   unique_id is taken; the sentence names the task
 */
int task_add(struct ctx *cx, int64_t project, const struct task_new *new, int64_t *id);

/* The row alone, for the importer, which places and counts by itself.  No audit row. */
int task_store(struct ctx *cx, int64_t project, int64_t import, int64_t inner,
               const struct task_new *new, int64_t *id);

int task_get(struct ctx *cx, int64_t id, struct task *out);         /* E_NOTFOUND */

/* By id after a cursor; unpublished imports are left out. */
struct task_filter {
    const char *where;          /* from filter.h; NULL: all */
    const struct db_val *vals;
    int nvals;
    const char
        *state; /* "open": wants answers; "settled": has all; "answered": has one; NULL: any */
    const char *order;          /* from filter.h; NULL: by id */
    int64_t offset;             /* Label Studio's pages only */
};
int task_list(struct ctx *cx, int64_t project, const struct task_filter *f, int64_t after,
              int limit, struct task **out, int *n);
int task_total(struct ctx *cx, int64_t project, const struct task_filter *f, int64_t *total);

struct task_edit {
    const char *data, *meta;    /* NULL: as it is */
    size_t ndata, nmeta;
    int64_t overlap, priority;  /* -1: as it is */
};
int task_set(struct ctx *cx, int64_t id, const struct task_edit *e);

/* WRITE, audit 'task.set_some': a new overlap for a slice of tasks after `after`. */
int task_require_some(struct ctx *cx, int64_t project, int64_t after, int64_t overlap,
                      int64_t *last, int *n);

/* With its answers, drafts, predictions and leases.  Audit and exposure rows stay. */
int task_delete(struct ctx *cx, int64_t id);

/* What an import that never got published left: a slice; returns how many went.  No audit, no
 * counts. */
int task_sweep(struct ctx *cx, int64_t project, int64_t import, int64_t first);

/* A slice of at most LIMIT_SLICE_ROWS; returns how many went. */
int task_delete_some(struct ctx *cx, int64_t project);

#endif
