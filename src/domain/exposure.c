/* exposure.c -- see exposure.h. */
#include "domain/exposure.h"

#include "domain/audit.h"
#include "store/db.h"
#include "store/vault.h"

int exposure_grant(struct ctx *cx, const struct access *a, int64_t task, int64_t lease)
{
    struct rows *q;
    int64_t version, bytes;
    size_t nkey;
    const void *key;
    int rc = db_query(cx, &q,
                      "SELECT version, item_key, LENGTH(data) - 1 FROM task"
                      " WHERE id = ? AND project_id = ?",
                      "ii", task, a->project);

    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) <= 0)
        return rc < 0 ? rc : fail(cx, E_NOTFOUND, "There is no such task.");
    version = rows_int(q, 0);
    key = rows_blob(q, 1, &nkey);
    key = talloc_memdup(cx->mem, key, (unsigned)nkey);
    bytes = rows_int(q, 2);
    rows_end(q);
    /* The same content seen again, by this or another person of the party, costs nothing more. */
    rc = db_run(cx,
                "INSERT INTO exposure(project_id, party_id, item_key, first_ms, lease_id, bytes)"
                " VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(project_id, party_id, item_key) DO NOTHING",
                "iibiii", a->project, a->vendor, key, nkey, cx->now, lease, bytes);
    if (rc < 0)
        return rc;
    rc = db_run(cx,
                "INSERT INTO look(project_id, person_id, task_id, version, party_id, lease_id,"
                " first_ms, bytes) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT(project_id, person_id, task_id, version) DO NOTHING",
                "iiiiiiii", a->project, cx->who.person, task, version, a->vendor, lease, cx->now,
                bytes);
    return rc < 0 ? rc : 0;
}

/* A sealed column, opened and copied off the row; NULL stays NULL. */
static int read_plain(struct ctx *cx, struct rows *q, int col, int64_t project, const char **plain,
                      size_t *n)
{
    const void *sealed;
    size_t size;

    if (rows_null(q, col))
        return 0;
    sealed = rows_blob(q, col, &size);
    return vault_open(cx, project, talloc_memdup(cx->mem, sealed, (unsigned)size), size, plain, n);
}

int exposure_open(struct ctx *cx, const struct access *a, int64_t task, struct content *out)
{
    struct rows *q;
    int rc;

    /* The rule: a party reads only what it was lent; the core reads, and is written down. */
    rc = db_query(cx, &q,
                  "SELECT t.version, t.data, t.meta FROM task t WHERE t.id = ? AND t.project_id = ?"
                  " AND (? = 1 OR EXISTS (SELECT 1 FROM look l WHERE l.project_id = t.project_id"
                  "  AND l.person_id = ? AND l.task_id = t.id AND l.version = t.version))",
                  "iizi", task, a->project, a->core, cx->who.person);
    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) <= 0)
        return rc < 0 ? rc : fail(cx, E_NOTFOUND, "There is no such task.");
    *out = (struct content){.task = task, .version = rows_int(q, 0)};
    if ((rc = read_plain(cx, q, 1, a->project, &out->data, &out->ndata)) < 0 ||
        (rc = read_plain(cx, q, 2, a->project, &out->meta, &out->nmeta)) < 0)
        return rc;
    rows_end(q);
    if (a->core) {
        cx->looked++;
        cx->looked_bytes += (int64_t)(out->ndata + out->nmeta);
        cx->looked_project = a->project;
    }
    return 0;
}

int exposure_open_range(struct ctx *cx, const struct access *a, int64_t first, int64_t last,
                        int limit, struct content **out, int *n)
{
    struct rows *q;
    int rc;

    if (!a->core)
        return fail(cx, E_FORBIDDEN, "Only the project's managers may read its tasks as a whole.");
    *out = NEW_N(cx, struct content, limit);
    *n = 0;
    rc = db_query(
        cx, &q,
        "SELECT id, version, data, meta FROM task WHERE project_id = ? AND id >= ? AND id <= ?"
        " ORDER BY id LIMIT ?",
        "iiii", a->project, first, last, (int64_t)limit);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0) {
        struct content *c = &(*out)[(*n)++];

        *c = (struct content){.task = rows_int(q, 0), .version = rows_int(q, 1)};
        if ((rc = read_plain(cx, q, 2, a->project, &c->data, &c->ndata)) < 0 ||
            (rc = read_plain(cx, q, 3, a->project, &c->meta, &c->nmeta)) < 0)
            return rc;
        cx->looked++;
        cx->looked_bytes += (int64_t)(c->ndata + c->nmeta);
    }
    cx->looked_project = a->project;
    return rc;
}

int exposure_file(struct ctx *cx, const struct access *a, int64_t bytes)
{
    if (!a->core)
        return fail(cx, E_FORBIDDEN, "Only the project's managers may read its uploaded files.");
    cx->looked++;
    cx->looked_bytes += bytes;
    cx->looked_project = a->project;
    return 0;
}

int exposure_log(struct ctx *cx, const char *act)
{
    int64_t items = cx->looked;

    cx->looked = 0;
    return audit(cx, cx->looked_project, act, 0, "{\"items\":%lld,\"bytes\":%lld}",
                 (long long)items, (long long)cx->looked_bytes);
}

int exposure_report(struct ctx *cx, int64_t project, int64_t after_task, int limit,
                    struct look **out, int *n)
{
    struct rows *q;
    int rc;

    if (limit < 1 || limit > LIMIT_PAGE_ROWS)
        limit = (int)LIMIT_PAGE_ROWS;
    *out = NEW_N(cx, struct look, limit);
    *n = 0;
    rc = db_query(cx, &q,
                  "SELECT person_id, task_id, party_id, lease_id, first_ms, bytes FROM look"
                  " WHERE project_id = ? AND task_id > ? ORDER BY task_id, person_id LIMIT ?",
                  "iii", project, after_task, (int64_t)limit);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        (*out)[(*n)++] = (struct look){rows_int(q, 0), rows_int(q, 1), rows_int(q, 2),
                                       rows_int(q, 3), rows_int(q, 4), rows_int(q, 5)};
    return rc;
}
