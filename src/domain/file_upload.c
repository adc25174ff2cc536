/* file_upload.c -- see file_upload.h. */
#include "domain/file_upload.h"

#include "domain/audit.h"
#include "domain/leftover.h"
#include "domain/page.h"
#include "domain/task_set.h"
#include "store/db.h"

#define MARK_CHARS 12           /* of the hash, in front of the name in its path */
#define COLUMNS "id, project_id, bytes, created_ms, hash, name FROM file_upload"
#define IN_IDS TASK_COLUMN_IN("id")

static void read_row(struct rows *q, struct file_upload *u)
{
    *u = (struct file_upload){
        .id = rows_int(q, 0),
        .project = rows_int(q, 1),
        .bytes = rows_int(q, 2),
        .created = rows_int(q, 3),
        .hash = rows_text_keep(q, 4),
        .name = rows_text_keep(q, 5),
    };
}

const char *file_upload_path(struct ctx *cx, const struct file_upload *u)
{
    return talloc_asprintf(cx->mem, "upload/%lld/%.*s-%s", (long long)u->project, MARK_CHARS,
                           u->hash, u->name);
}

int file_upload_add(struct ctx *cx, int64_t project, const char *hash, const char *name,
                    int64_t bytes, int64_t *id)
{
    int rc = db_int(cx, id,
                    "INSERT INTO file_upload(project_id, hash, name, bytes, created_by, created_ms)"
                    " VALUES(?, ?, ?, ?, ?, ?) RETURNING id",
                    "ittiii", project, hash, name, bytes, cx->who.person, cx->now);

    return rc < 0 ? rc : 0;
}

static int not_found(struct ctx *cx)
{
    return fail(cx, E_NOTFOUND, "There is no such uploaded file.");
}

static int one(struct ctx *cx, struct rows *q, struct file_upload *out)
{
    int rc = rows_next(q);

    if (rc <= 0)
        return rc < 0 ? rc : not_found(cx);
    read_row(q, out);
    rows_end(q);
    return 0;
}

int file_upload_get(struct ctx *cx, int64_t id, struct file_upload *out)
{
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT " COLUMNS " WHERE id = ?", "i", id);

    return rc < 0 ? rc : one(cx, q, out);
}

int file_upload_find(struct ctx *cx, int64_t project, const char *name, struct file_upload *out)
{
    struct rows *q;
    char *mark;
    int rc;

    if (strlen(name) <= MARK_CHARS || name[MARK_CHARS] != '-' ||
        strspn(name, "0123456789abcdef") != MARK_CHARS)
        return not_found(cx);
    mark = talloc_strndup(cx->mem, name, MARK_CHARS);
    /* All hashes that begin with the mark: "g" stands behind the last hex digit. */
    rc = db_query(cx, &q,
                  "SELECT " COLUMNS " WHERE hash >= ? AND hash < ? AND project_id = ? AND name = ?"
                  " ORDER BY id DESC LIMIT 1",
                  "ttit", mark, talloc_asprintf(cx->mem, "%sg", mark), project,
                  name + MARK_CHARS + 1);
    return rc < 0 ? rc : one(cx, q, out);
}

int file_upload_list(struct ctx *cx, int64_t project, const int64_t *ids, int nids, int64_t after,
                     int limit, struct file_upload **out, int *n)
{
    int cap = page_rows(limit), rc;
    struct rows *q;

    *n = 0;
    *out = NEW_N(cx, struct file_upload, cap);
    if (ids)
        rc = db_query(cx, &q,
                      "SELECT " COLUMNS " WHERE project_id = ? AND id > ? AND " IN_IDS
                      " ORDER BY id LIMIT ?",
                      "iiiiti", project, after, TASKS(tasks_of(cx, ids, nids)), (int64_t)cap);
    else
        rc = db_query(cx, &q,
                      "SELECT " COLUMNS " WHERE project_id = ? AND id > ? ORDER BY id LIMIT ?",
                      "iii", project, after, (int64_t)cap);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        read_row(q, &(*out)[(*n)++]);
    return rc;
}

int file_upload_replace(struct ctx *cx, int64_t id, const char *hash, const char *name,
                        int64_t bytes)
{
    struct file_upload was;
    int rc;

    if ((rc = file_upload_get(cx, id, &was)) < 0 || (rc = leftover_note(cx, was.hash)) < 0 ||
        (rc = db_run(cx, "UPDATE file_upload SET hash = ?, name = ?, bytes = ? WHERE id = ?",
                     "ttii", hash, name, bytes, id)) < 0)
        return rc;
    return audit(cx, was.project, "upload.change", id, "{\"was\":\"%s\",\"bytes\":%lld}", was.hash,
                 (long long)bytes);
}

/* The blobs of these rows are noted, the rows go. */
static int drop(struct ctx *cx, const struct file_upload *u, int n)
{
    int rc = 0;

    for (int i = 0; i < n && rc >= 0; i++)
        if ((rc = leftover_note(cx, u[i].hash)) == 0)
            rc = db_run(cx, "DELETE FROM file_upload WHERE id = ?", "i", u[i].id);
    return rc < 0 ? rc : 0;
}

int file_upload_delete(struct ctx *cx, int64_t project, const int64_t *ids, int nids, int64_t *gone)
{
    struct file_upload *u;
    int n, rc;

    *gone = 0;
    do {
        if ((rc = file_upload_list(cx, project, ids, nids, 0, (int)LIMIT_PAGE_ROWS, &u,
                                   &n)) < 0 ||
            (rc = drop(cx, u, n)) < 0)
            return rc;
        *gone += n;
    } while (n == LIMIT_PAGE_ROWS);
    return *gone ? audit(cx, project, "upload.delete", ids && nids == 1 ? ids[0] : 0,
                         "{\"count\":%lld}", (long long)*gone) : 0;
}

/* The rule: nothing is imported twice while the first import runs or its tasks are there. */
static int is_free(struct ctx *cx, const struct file_upload *u)
{
    const char *state = NULL;
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT i.state FROM file_upload f JOIN import i ON i.id = f.import_id"
                      " WHERE f.id = ? AND (i.state IN ('checking', 'loading') OR (i.state = 'done'"
                      "  AND EXISTS (SELECT 1 FROM task t WHERE t.project_id = f.project_id"
                      "   AND t.id >= i.first_task AND t.import_id = i.id)))",
                      "i", u->id);

    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) > 0)
        state = rows_text_keep(q, 0);
    rows_end(q);
    if (rc <= 0)
        return rc;
    return fail_at(cx, E_EXISTS, "file_upload_ids", "File %lld %s.", (long long)u->id,
                   strcmp(state, "done") == 0 ? "became tasks of this project already"
                                              : "is being imported");
}

int file_upload_take(struct ctx *cx, int64_t project, const int64_t *ids, int nids,
                     struct file_upload **out)
{
    int n, rc = file_upload_list(cx, project, ids, nids, 0, (int)LIMIT_PAGE_ROWS, out, &n);

    if (rc < 0)
        return rc;
    if (n != nids)
        return fail_at(cx, E_NOTFOUND, "file_upload_ids",
                       "One of these is no uploaded file of this project, or is named twice.");
    for (int i = 0; i < n && rc >= 0; i++)
        rc = is_free(cx, &(*out)[i]);
    return rc < 0 ? rc : 0;
}

int file_upload_taken(struct ctx *cx, const struct file_upload *u, int n, int64_t import)
{
    int rc = 0;

    for (int i = 0; i < n && rc >= 0; i++)
        rc = db_run(cx, "UPDATE file_upload SET import_id = ? WHERE id = ?", "ii", import, u[i].id);
    return rc < 0 ? rc : 0;
}

int file_upload_forget_some(struct ctx *cx, int64_t project)
{
    struct file_upload *u;
    int n, rc;

    if ((rc = file_upload_list(cx, project, NULL, 0, 0, (int)LIMIT_PAGE_ROWS, &u, &n)) < 0 ||
        (rc = drop(cx, u, n)) < 0)
        return rc;
    return n;
}
