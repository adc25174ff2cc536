/* draft.c -- see draft.h. */
#include "domain/draft.h"

#include "domain/audit.h"
#include "domain/lease.h"
#include "domain/task_set.h"
#include "store/db.h"
#include "store/vault.h"

static int put(struct ctx *cx, int64_t project, int64_t task, int64_t person, int64_t counter,
               const char *result, size_t nresult, int64_t active_ms, bool late)
{
    struct sealed s = vault_seal(cx, project, result, nresult);

    /* The rule: only a higher counter replaces what is there. */
    return db_run(
        cx,
        "INSERT INTO draft(project_id, task_id, person_id, counter, result, active_ms, late,"
        " updated_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(project_id, task_id, person_id) DO UPDATE SET"
        " counter = excluded.counter, result = excluded.result,"
        " active_ms = excluded.active_ms, late = excluded.late,"
        " updated_ms = excluded.updated_ms WHERE draft.counter < excluded.counter",
        "iiiibizi", project, task, person, counter, s.p, s.n, active_ms, late, cx->now);
}

int draft_save(struct ctx *cx, int64_t lease, int64_t epoch, int64_t counter, const char *result,
               size_t nresult, int64_t active_ms, int64_t *stored)
{
    struct lease l;
    struct draft old;
    bool late;
    int rc = lease_lock(cx, lease, &l);

    if (rc < 0)
        return rc;
    if (l.person != cx->who.person)
        return fail(cx, E_NOTFOUND, "There is no such lease.");
    if (strcmp(l.state, "submitted") == 0)
        return fail(cx, E_STALE, "This task is submitted already.");
    late = l.epoch != epoch || strcmp(l.state, "active") != 0;
    /* A writer of the past changes nothing that a present lease is working on. */
    if (l.epoch != epoch && strcmp(l.state, "active") == 0)
        return fail(cx, E_STALE, "This task was lent to you again since; reload it.");
    rc = put(cx, l.project, l.task, l.person, counter, result, nresult, active_ms, late);
    if (rc < 0)
        return rc;
    if (rc == 0) {
        if ((rc = draft_get(cx, l.project, l.task, l.person, &old)) < 0)
            return rc;
        *stored = rc ? old.counter : 0;
        return fail_at(cx, E_STALE, "counter",
                       "A newer draft is stored (%lld); this one is %lld. Reload the task.",
                       (long long)*stored, (long long)counter);
    }
    *stored = counter;
    return audit(cx, l.project, "draft.save", lease, "{\"counter\":%lld}", (long long)counter);
}

int draft_put(struct ctx *cx, int64_t project, int64_t task, int64_t person, const char *result,
              size_t nresult, int64_t active_ms)
{
    int64_t last = 0;
    int rc =
        db_int(cx, &last,
               "SELECT counter FROM draft WHERE project_id = ? AND task_id = ? AND person_id = ?",
               "iii", project, task, person);

    if (rc < 0)
        return rc;
    rc = put(cx, project, task, person, last + 1, result, nresult, active_ms, false);
    return rc < 0 ? rc : 0;
}

int draft_drop(struct ctx *cx, int64_t project, int64_t task, int64_t person)
{
    return db_run(cx, "DELETE FROM draft WHERE project_id = ? AND task_id = ? AND person_id = ?",
                  "iii", project, task, person);
}

static int read_row(struct ctx *cx, struct rows *q, struct draft *d)
{
    size_t n;
    const void *sealed = rows_blob(q, 6, &n);

    *d = (struct draft){
        .project = rows_int(q, 0),
        .task = rows_int(q, 1),
        .person = rows_int(q, 2),
        .counter = rows_int(q, 3),
        .active_ms = rows_int(q, 4),
        .late = rows_int(q, 5) != 0,
        .updated = rows_int(q, 7),
    };
    sealed = talloc_memdup(cx->mem, sealed, (unsigned)n);
    return vault_open(cx, d->project, sealed, n, &d->result, &d->nresult);
}

#define COLUMNS                                                                                    \
    "project_id, task_id, person_id, counter, active_ms, late, result, updated_ms FROM draft"

int draft_get(struct ctx *cx, int64_t project, int64_t task, int64_t person, struct draft *out)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT " COLUMNS " WHERE project_id = ? AND task_id = ? AND person_id = ?",
                      "iii", project, task, person);

    if (rc < 0 || (rc = rows_next(q)) <= 0)
        return rc;
    rc = read_row(cx, q, out);
    rows_end(q);
    return rc < 0 ? rc : 1;
}

int draft_list(struct ctx *cx, int64_t project, int64_t task, struct draft **out, int *n)
{
    struct rows *q;
    int rc, cap = 8;

    rc = db_query(cx, &q,
                  "SELECT " COLUMNS " WHERE project_id = ? AND task_id = ? ORDER BY person_id",
                  "ii", project, task);
    if (rc < 0)
        return rc;
    *out = NEW_N(cx, struct draft, cap);
    *n = 0;
    while ((rc = rows_next(q)) > 0) {
        if (*n == cap)
            *out = talloc_realloc(cx->mem, *out, struct draft, (unsigned)(cap *= 2));
        if ((rc = read_row(cx, q, &(*out)[*n])) < 0)
            return rc;
        (*n)++;
    }
    return rc;
}

int draft_forget(struct ctx *cx, int64_t project, const struct tasks *tasks)
{
    return db_run(cx, "DELETE FROM draft WHERE project_id = ? AND " IN_TASKS, "iiit", project,
                  TASKS(tasks));
}
