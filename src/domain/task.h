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
#include "store/vault.h"

struct task_scalar;             /* task_data.h */

struct tasks;                   /* task_set.h */
struct bin_into;                /* bin.h */

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
    /* what task_prepare fills */
    bool is_prepared, shows_files;
    uint8_t hash[32], item[32];
    struct sealed sealed_data, sealed_meta;
    struct task_scalar *scalar;
    int nscalars;
};

/* What can be made of the content before the act, so that it does not cost the writer's time. */
int task_index_key(struct ctx *cx, int64_t project, uint8_t key[32]);
void task_prepare(struct ctx *cx, int64_t project, const uint8_t key[32], struct task_new *new);

/*
 * One task that comes alone: stored, placed at the end of its live lane, counted.
 * E_INVALID  data is no object
 * E_EXISTS   unique_id is taken; the sentence names the task
 */
int task_add(struct ctx *cx, int64_t project, const struct task_new *new, int64_t *id);

/*
 * Rows alone, prepared, for the importer, which places and counts by itself; the first has the
 * number `inner` in its project.  No audit row.
 */
int task_store(struct ctx *cx, int64_t project, int64_t import, int64_t inner,
               struct task_new *const *new, int n, int64_t *id);

int task_get(struct ctx *cx, int64_t id, struct task *out);         /* E_NOTFOUND */

/*
 * Lists.  The order is total: what it is sorted by, then the id, both in one
 * direction; so a row is found again by its key, and the page after a key costs
 * the same wherever it stands.  Tasks of unpublished imports are left out.
 *
 * By id, by a field of the data and by agreement the order is that of an index;
 * a field and the agreement leave out tasks that have none.  By anything else
 * each page looks at all that fulfil the filter.
 */
enum task_by { SORT_ID, SORT_FIELD_NUM, SORT_FIELD_WORD, SORT_AGREEMENT, SORT_NUMBER, SORT_WORD };

struct task_sort {
    enum task_by by;
    bool down;
    const char *field;          /* SORT_FIELD_* */
    const char *sql;            /* SORT_NUMBER, SORT_WORD: of filter.c */
};

/* READ acts: what follows may work for LIMIT_LIST_MS; see db_patience. */
int task_patience(struct ctx *cx);

struct task_filter {
    const char *where;          /* from filter.h; NULL: all */
    const struct db_val *vals;
    int nvals;
    bool few;                   /* `where` holds for few, and has a list of them */
    bool whole;                 /* asked for all of it, not for a page */
    bool task;                  /* `where` or the sort speak of the row t of the task */
    const char
        *state; /* "open": wants answers; "settled": has all; "answered": has one; NULL: any */
    struct task_sort sort;
    int64_t offset;             /* Label Studio's pages only */
};

struct task_key {
    int64_t id;
    double num;                 /* what it is sorted by, where that is a number */
    const char *word;           /* or a text */
};

int task_list(struct ctx *cx, int64_t project, const struct task_filter *f, int64_t after,
              int limit, struct task **out, int *n);
int task_total(struct ctx *cx, int64_t project, const struct task_filter *f, int64_t *total);

/* The keys of a page: after one (NULL: from the beginning) and up to one, that included (NULL: no
 * end). */
int task_keys(struct ctx *cx, int64_t project, const struct task_filter *f,
              const struct task_key *after, const struct task_key *upto, int limit,
              struct task_key **out, int *n);

/* The rows of these keys, in their order; those that are gone meanwhile are left out. */
int task_rows(struct ctx *cx, int64_t project, const struct task_key *key, int nkeys,
              struct task **out, int *n);

/*
 * How tasks are spread over a field of the data ("data.x") or the agreement
 * (in per cent): 20 bins from the least to the largest number, or the most
 * frequent words.  E_INVALID: no such column; E_TOOBIG: it would take too long.
 */
#define SPREAD_BINS 20
#define SPREAD_WORDS 8
struct task_spread {
    bool numbers;
    double low, high;
    int64_t bin[SPREAD_BINS];
    struct {
        const char *word;
        int64_t n;
    } word[SPREAD_WORDS];
    int nwords;
};
int task_spread(struct ctx *cx, int64_t project, const char *name, struct task_spread *out);

/* What else a list may show of a page of tasks, worked out from their answers, guesses and
 * comments. */
struct task_facts {
    int64_t completed;          /* the last answer, where all are given; else 0 */
    double lead_s, score;       /* means; NaN: none */
    int64_t comments;
    int64_t *person;            /* who answered */
    int people;
};
struct task_name {
    int64_t person;
    const char *name;
};
int task_facts(struct ctx *cx, int64_t project, const struct task *t, int n,
               struct task_facts **out, struct task_name **names, int *nnames);

/* Fields of the data that filters know; those that stand only in texts over 64 bytes are found in
 * the first and the last tasks. */
#define TASK_FIELDS_MAX 200
struct task_field {
    const char *name;
    bool number, word;          /* which of its indexes it stands in */
};
int task_fields(struct ctx *cx, int64_t project, struct task_field **out, int *n);

/*
 * A map of the whole result, so that a scroll bar finds any place in it: how
 * many tasks there are, and the key of each step-th of them.  One walk over
 * the result; `step` grows where there would be more than TASK_MARKS.
 */
#define TASK_MARKS 20000
int task_map(struct ctx *cx, int64_t project, const struct task_filter *f, int64_t *step,
             struct task_key **out, int *n, int64_t *total);

struct task_edit {
    const char *data, *meta;    /* NULL: as it is */
    size_t ndata, nmeta;
    int64_t overlap, priority;  /* -1: as it is */
};
int task_set(struct ctx *cx, int64_t id, const struct task_edit *e);

/* WRITE, audit 'task.set_some': a new overlap for a slice of tasks after `after`. */
int task_require_some(struct ctx *cx, int64_t project, int64_t after, int64_t overlap,
                      int64_t *last, int *n);

/* WRITE, audit 'task.delete': into the bin (bin.h), with all that hangs on it; or for good. */
int task_delete(struct ctx *cx, int64_t id, bool for_good);

/* What one task adds to (1) or takes from (-1) the counters of its project. */
struct project_counts;
void task_count(const struct task *t, int sign, struct project_counts *d);

/* What an import that never got published left: a slice; returns how many went.  No audit, no
 * counts. */
int task_sweep(struct ctx *cx, int64_t project, int64_t import, int64_t first);

/* WRITE, audit 'task.delete_some': these go into the bin, as far as they are still there; returns
 * how many went. */
int task_delete_set(struct ctx *cx, int64_t project, struct bin_into *into,
                    const struct task_key *key, int n);

/* Of all, a slice of at most LIMIT_SLICE_ROWS; returns how many went. */
int task_delete_some(struct ctx *cx, int64_t project, struct bin_into *into);

#endif
