/* prediction.c -- see prediction.h. */
#include "domain/prediction.h"

#include <math.h>

#include "domain/audit.h"
#include "domain/config.h"
#include "domain/project.h"
#include "domain/task.h"
#include "domain/task_set.h"
#include "label/result.h"
#include "store/db.h"
#include "store/vault.h"

#define COLUMNS                                                                                    \
    "id, project_id, task_id, score, model_version, result, created_ms, updated_ms FROM prediction"

static int read_row(struct ctx *cx, struct rows *q, struct prediction *p)
{
    size_t n;
    const void *sealed = rows_blob(q, 5, &n);

    *p = (struct prediction){
        .id = rows_int(q, 0),
        .project = rows_int(q, 1),
        .task = rows_int(q, 2),
        .score = rows_null(q, 3) ? (double)NAN : rows_num(q, 3),
        .model_version = rows_text_keep(q, 4),
        .created = rows_int(q, 6),
        .updated = rows_int(q, 7),
    };
    sealed = talloc_memdup(cx->mem, sealed, (unsigned)n);
    return vault_open(cx, p->project, sealed, n, &p->result, &p->nresult);
}

static int read_all(struct ctx *cx, struct rows *q, struct prediction **out, int *n)
{
    int cap = 8, rc;

    *out = NEW_N(cx, struct prediction, cap);
    *n = 0;
    while ((rc = rows_next(q)) > 0) {
        if (*n == cap)
            *out = talloc_realloc(cx->mem, *out, struct prediction, (unsigned)(cap *= 2));
        if ((rc = read_row(cx, q, &(*out)[*n])) < 0)
            return rc;
        (*n)++;
    }
    return rc;
}

static int check(struct ctx *cx, int64_t project, const struct prediction_new *new)
{
    const struct label_config *config;
    struct project p;
    int rc;

    if (strlen(new->model_version) > (size_t)LIMIT_NAME_BYTES)
        return fail_at(cx, E_INVALID, "model_version", "A model version has at most %lld bytes.",
                       (long long)LIMIT_NAME_BYTES);
    if ((rc = project_get(cx, project, &p)) < 0 ||
        (rc = config_parsed(cx, project, p.config_n, &config)) < 0)
        return rc;
    return label_check(cx, config, NULL, new->parsed, LABEL_CHECK_DRAFT);
}

int prediction_store(struct ctx *cx, int64_t project, int64_t task, int64_t import,
                     const struct prediction_new *new, int64_t *id)
{
    struct sealed s = vault_seal(cx, project, new->result, new->nresult);
    int rc;

    if (isnan(new->score))
        rc = db_int(cx, id,
                    "INSERT INTO prediction(project_id, task_id, import_id, result, model_version,"
                    " created_ms, updated_ms) VALUES(?, ?, ?, ?, ?, ?, ?) RETURNING id",
                    "iiibtii", project, task, import, s.p, s.n, new->model_version, cx->now,
                    cx->now);
    else
        rc = db_int(
            cx, id,
            "INSERT INTO prediction(project_id, task_id, import_id, result, score,"
            " model_version, created_ms, updated_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            "iiibdtii", project, task, import, s.p, s.n, new->score, new->model_version, cx->now,
            cx->now);
    return rc < 0 ? rc : 0;
}

int prediction_add(struct ctx *cx, int64_t task, const struct prediction_new *new, int64_t *id)
{
    struct task t;
    int rc;

    if ((rc = task_get(cx, task, &t)) < 0 || (rc = check(cx, t.project, new)) < 0 ||
        (rc = prediction_store(cx, t.project, task, 0, new, id)) < 0 ||
        (rc = project_count_add(cx, t.project, &(struct project_counts){.predictions = 1})) < 0)
        return rc;
    return audit(cx, t.project, "prediction.add", *id, "{\"task\":%lld}", (long long)task);
}

int prediction_add_many(struct ctx *cx, int64_t project, const int64_t *task,
                        const struct prediction_new *new, int n)
{
    struct task t;
    int64_t id;
    int rc;

    if (n == 0)
        return 0;
    for (int i = 0; i < n; i++) {
        rc = task_get(cx, task[i], &t);
        if (rc == E_NOTFOUND || (rc >= 0 && t.project != project))
            return fail_at(cx, E_INVALID, talloc_asprintf(cx->mem, "[%d].task", i),
                           "There is no such task in this project.");
        if (rc < 0 || (rc = check(cx, project, &new[i])) < 0 ||
            (rc = prediction_store(cx, project, task[i], 0, &new[i], &id)) < 0)
            return rc;
    }
    if ((rc = project_count_add(cx, project, &(struct project_counts){.predictions = n})) < 0)
        return rc;
    return audit(cx, project, "prediction.add_many", 0, "{\"count\":%d}", n);
}

int prediction_get(struct ctx *cx, int64_t id, struct prediction *out)
{
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT " COLUMNS " WHERE id = ?", "i", id);

    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) <= 0)
        return rc < 0 ? rc : fail(cx, E_NOTFOUND, "There is no such prediction.");
    rc = read_row(cx, q, out);
    rows_end(q);
    return rc;
}

int prediction_set(struct ctx *cx, int64_t id, const struct prediction_new *new)
{
    struct prediction old;
    struct sealed s;
    int rc;

    if ((rc = prediction_get(cx, id, &old)) < 0 || (rc = check(cx, old.project, new)) < 0)
        return rc;
    s = vault_seal(cx, old.project, new->result, new->nresult);
    rc = db_run(cx,
                "UPDATE prediction SET result = ?, model_version = ?, updated_ms = ? WHERE id = ?",
                "btii", s.p, s.n, new->model_version, cx->now, id);
    if (rc >= 0 && !isnan(new->score))
        rc = db_run(cx, "UPDATE prediction SET score = ? WHERE id = ?", "di", new->score, id);
    return rc < 0 ? rc : audit(cx, old.project, "prediction.set", id, NULL);
}

int prediction_delete(struct ctx *cx, int64_t id)
{
    struct prediction old;
    int rc;

    if ((rc = prediction_get(cx, id, &old)) < 0)
        return rc;
    if ((rc = db_run(cx, "DELETE FROM prediction WHERE id = ?", "i", id)) < 0 ||
        (rc = project_count_add(cx, old.project, &(struct project_counts){.predictions = -1})) < 0)
        return rc;
    return audit(cx, old.project, "prediction.delete", id, NULL);
}

int prediction_list(struct ctx *cx, int64_t project, int64_t task, struct prediction **out, int *n)
{
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT " COLUMNS " WHERE project_id = ? AND task_id = ? ORDER BY id",
                      "ii", project, task);

    return rc < 0 ? rc : read_all(cx, q, out, n);
}

int prediction_newest(struct ctx *cx, int64_t project, int64_t task, const char *model_version,
                      struct prediction *out)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT " COLUMNS " WHERE project_id = ? AND task_id = ?"
                      " AND (? = '' OR model_version = ?) ORDER BY id DESC LIMIT 1",
                      "iitt", project, task, model_version, model_version);

    if (rc < 0 || (rc = rows_next(q)) <= 0)
        return rc;
    rc = read_row(cx, q, out);
    rows_end(q);
    return rc < 0 ? rc : 1;
}

int prediction_range(struct ctx *cx, int64_t project, int64_t first, int64_t last,
                     struct prediction **out, int *n)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT " COLUMNS " WHERE project_id = ? AND task_id >= ? AND task_id <= ?"
                      " ORDER BY task_id, id",
                      "iii", project, first, last);

    return rc < 0 ? rc : read_all(cx, q, out, n);
}

int prediction_page(struct ctx *cx, int64_t project, int64_t after, int limit,
                    struct prediction **out, int *n)
{
    struct rows *q;
    int rc;

    if (limit < 1 || limit > LIMIT_PAGE_ROWS)
        limit = (int)LIMIT_PAGE_ROWS;
    rc = db_query(cx, &q,
                  "SELECT " COLUMNS " WHERE project_id = ? AND id > ? AND import_id NOT IN"
                  " (SELECT id FROM import WHERE project_id = ? AND state <> 'done')"
                  " ORDER BY id LIMIT ?",
                  "iiii", project, after, project, (int64_t)limit);
    return rc < 0 ? rc : read_all(cx, q, out, n);
}

int prediction_forget(struct ctx *cx, int64_t project, const struct tasks *tasks)
{
    return db_run(cx, "DELETE FROM prediction WHERE project_id = ? AND " IN_TASKS, "iiit", project,
                  TASKS(tasks));
}

int prediction_clear(struct ctx *cx, int64_t project, const struct tasks *tasks)
{
    int gone = prediction_forget(cx, project, tasks);

    if (gone <= 0)
        return gone;
    gone = project_count_add(cx, project, &(struct project_counts){.predictions = -gone});
    return gone < 0 ? gone : 1;
}
