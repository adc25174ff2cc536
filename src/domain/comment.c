/* comment.c -- see comment.h. */
#include "domain/comment.h"

#include "core/limits.h"
#include "domain/annotation.h"
#include "domain/audit.h"
#include "domain/notice.h"
#include "domain/lease.h"
#include "domain/task_set.h"
#include "store/db.h"
#include "store/vault.h"

#define COLUMNS                                                                                    \
    "c.id, c.project_id, c.task_id, c.annotation_id, c.region, c.parent_id, c.owner_id,"           \
    " c.person_id, c.body, c.created_ms, c.updated_ms, c.resolved_ms, c.resolved_by, u.name"       \
    " FROM comment c JOIN person u ON u.id = c.person_id"

/* Whose threads may the caller see?  Everybody's, or their own. */
#define SEEN "(? = 1 OR c.owner_id = ?)"
#define SEEN_ARGS(cx, a) (int64_t)sees_all(a), (cx)->who.person

static bool sees_all(const struct access *a)
{
    return a->role >= ROLE_REVIEWER;
}

static int read_row(struct ctx *cx, const struct access *a, struct rows *q, struct comment *c)
{
    const void *sealed;
    size_t n;
    int rc;

    *c = (struct comment){
        .id = rows_int(q, 0),
        .project = rows_int(q, 1),
        .task = rows_int(q, 2),
        .annotation = rows_int(q, 3),
        .region = rows_text_keep(q, 4),
        .parent = rows_int(q, 5),
        .owner = rows_int(q, 6),
        .person = rows_int(q, 7),
        .created = rows_int(q, 9),
        .updated = rows_int(q, 10),
        .resolved = rows_int(q, 11),
        .resolved_by = rows_int(q, 12),
    };
    sealed = rows_blob(q, 8, &n);
    sealed = talloc_memdup(cx->mem, sealed, (unsigned)n);
    if ((rc = vault_open(cx, c->project, sealed, n, &c->text, &n)) < 0)
        return rc;
    c->text = talloc_strndup(cx->mem, c->text, n);
    if (sees_all(a) || c->person == cx->who.person)
        c->author = rows_text_keep(q, 13);
    return 0;
}

int comment_get(struct ctx *cx, const struct access *a, int64_t id, struct comment *out)
{
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT " COLUMNS " WHERE c.id = ? AND c.project_id = ? AND " SEEN,
                      "iiii", id, a->project, SEEN_ARGS(cx, a));

    if (rc < 0 || (rc = rows_next(q)) < 0)
        return rc;
    if (rc == 0)
        return fail(cx, E_NOTFOUND, "There is no comment %lld.", (long long)id);
    rc = read_row(cx, a, q, out);
    rows_end(q);
    return rc;
}

int comment_list(struct ctx *cx, const struct access *a, int64_t task, struct comment **out, int *n)
{
    struct rows *q;
    int cap = (int)LIMIT_TASK_COMMENTS, rc;

    *n = 0;
    rc = db_query(cx, &q,
                  "SELECT " COLUMNS " WHERE c.project_id = ? AND c.task_id = ? AND " SEEN
                  " ORDER BY c.id LIMIT ?",
                  "iiiii", a->project, task, SEEN_ARGS(cx, a), (int64_t)cap);
    if (rc < 0)
        return rc;
    *out = NEW_N(cx, struct comment, cap);
    while (*n < cap && (rc = rows_next(q)) > 0) {
        if ((rc = read_row(cx, a, q, &(*out)[*n])) < 0)
            return rc;
        (*n)++;
    }
    rows_end(q);
    return rc < 0 ? rc : 0;
}

/* ---- saying something ------------------------------------------------------------------ */

static int check_text(struct ctx *cx, const char *text)
{
    size_t n = text ? strlen(text) : 0;

    if (n == 0 || text[strspn(text, " \t\r\n")] == '\0')
        return fail_at(cx, E_INVALID, "text", "Say something.");
    if (n > (size_t)LIMIT_COMMENT_BYTES)
        return fail_at(cx, E_TOOBIG, "text", "A comment has at most %lld bytes.",
                       (long long)LIMIT_COMMENT_BYTES);
    return 0;
}

/* May the caller speak about this task, and of this answer to it? */
static int check_place(struct ctx *cx, const struct access *a, int64_t task,
                       const struct comment_new *new)
{
    struct annotation of;
    struct lease l;
    int rc;

    if (!sees_all(a)) {
        if ((rc = lease_mine(cx, a->project, task, &l)) < 0)
            return rc;
        if (rc == 0)
            return fail(cx, E_NOTFOUND, "There is no task %lld.", (long long)task);
    }
    if (new->annotation == 0)
        return 0;
    rc = annotation_get(cx, new->annotation, &of);
    if (rc < 0 && rc != E_NOTFOUND)
        return rc;
    if (rc < 0 || of.task != task || (!sees_all(a) && of.person != cx->who.person)) {
        fail_clear(cx);
        return fail_at(cx, E_INVALID, "annotation", "There is no such answer to this task.");
    }
    return 0;
}

static int check_room(struct ctx *cx, const struct access *a, int64_t task)
{
    int64_t n = 0;
    int rc = db_int(cx, &n, "SELECT COUNT(*) FROM comment WHERE project_id = ? AND task_id = ?",
                    "ii", a->project, task);

    if (rc < 0 || n < LIMIT_TASK_COMMENTS)
        return rc < 0 ? rc : 0;
    return fail(cx, E_TOOMANY, "A task has at most %lld comments.", (long long)LIMIT_TASK_COMMENTS);
}

/* An answer to an answer stands in the same thread. */
static int find_thread(struct ctx *cx, const struct access *a, int64_t task,
                       const struct comment_new *new, struct comment *first)
{
    int rc;

    *first = (struct comment){.owner = cx->who.person, .annotation = new->annotation,
                              .region = new->region};
    if (new->parent == 0)
        return 0;
    rc = comment_get(cx, a, new->parent, first);
    if (rc < 0 && rc != E_NOTFOUND)
        return rc;
    if (rc < 0 || first->task != task) {
        fail_clear(cx);
        return fail_at(cx, E_INVALID, "parent", "There is no such comment on this task.");
    }
    if (first->parent)
        first->id = first->parent;
    return 0;
}

/* A question is told to those who can answer it, an answer to the others of its thread. */
static int tell(struct ctx *cx, const struct access *a, int64_t task, int64_t id,
                const struct comment *first)
{
    const char *about = talloc_asprintf(cx->mem, "{\"task\":%lld,\"comment\":%lld}",
                                        (long long)task, (long long)id);
    int64_t person[16];
    struct rows *q;
    int n = 0, rc;

    if (first->id == 0)
        return a->role == ROLE_ANNOTATOR ? notice_tell_roles(cx, a->project, ROLE_MANAGER, true,
                                                             "comment.new", about) : 0;
    rc = db_query(cx, &q,
                  "SELECT DISTINCT person_id FROM comment WHERE project_id = ? AND task_id = ?"
                  " AND (id = ? OR parent_id = ?) AND person_id <> ? LIMIT 16",
                  "iiiii", a->project, task, first->id, first->id, cx->who.person);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        person[n++] = rows_int(q, 0);
    for (int i = 0; i < n && rc >= 0; i++)
        rc = notice_tell(cx, person[i], a->project, "comment.reply", about);
    return rc < 0 ? rc : 0;
}

int comment_add(struct ctx *cx, const struct access *a, int64_t task,
                const struct comment_new *new, struct comment *out)
{
    struct comment first;
    struct sealed s;
    int64_t id;
    int rc;

    if ((rc = check_text(cx, new->text)) < 0 || (rc = check_place(cx, a, task, new)) < 0 ||
        (rc = check_room(cx, a, task)) < 0 || (rc = find_thread(cx, a, task, new, &first)) < 0)
        return rc;
    if (new->region && strlen(new->region) > 64)
        return fail_at(cx, E_INVALID, "region", "The id of a region has at most 64 bytes.");
    s = vault_seal(cx, a->project, new->text, strlen(new->text));
    rc = db_int(cx, &id,
                "INSERT INTO comment(project_id, task_id, annotation_id, region, parent_id,"
                " owner_id, person_id, body, created_ms, updated_ms)"
                " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                "iiotoiibii", a->project, task, first.annotation, first.region, first.id,
                first.owner, cx->who.person, s.p, s.n, cx->now, cx->now);
    if (rc < 0)
        return rc;
    if ((rc = tell(cx, a, task, id, &first)) < 0)
        return rc;
    rc = audit(cx, a->project, "comment.add", id, "{\"task\":%lld}", (long long)task);
    return rc < 0 ? rc : comment_get(cx, a, id, out);
}

int comment_set(struct ctx *cx, const struct access *a, int64_t id, const struct comment_edit *e,
                struct comment *out)
{
    struct comment c;
    struct sealed s;
    int rc = comment_get(cx, a, id, &c);

    if (rc < 0 || (e->text && (rc = check_text(cx, e->text)) < 0))
        return rc;
    if (e->text && c.person != cx->who.person)
        return fail(cx, E_FORBIDDEN, "Only its author may change a comment.");
    if (e->text) {
        s = vault_seal(cx, c.project, e->text, strlen(e->text));
        rc = db_run(cx, "UPDATE comment SET body = ?, updated_ms = ? WHERE id = ?", "bii", s.p, s.n,
                    cx->now, id);
        if (rc < 0)
            return rc;
    }
    if (e->resolved != -1) {
        rc = db_run(cx, "UPDATE comment SET resolved_ms = ?, resolved_by = ? WHERE id = ?", "ooi",
                    e->resolved ? cx->now : 0, e->resolved ? cx->who.person : 0, id);
        if (rc < 0)
            return rc;
    }
    rc = audit(cx, c.project, "comment.set", id, "{\"task\":%lld}", (long long)c.task);
    return rc < 0 ? rc : comment_get(cx, a, id, out);
}

int comment_delete(struct ctx *cx, const struct access *a, int64_t id)
{
    struct comment c;
    int rc = comment_get(cx, a, id, &c);

    if (rc < 0)
        return rc;
    if (c.person != cx->who.person && a->role < ROLE_MANAGER)
        return fail(cx, E_FORBIDDEN, "Only its author or a manager may delete a comment.");
    rc = db_run(cx, "DELETE FROM comment WHERE project_id = ? AND task_id = ? AND (id = ? OR"
                    " parent_id = ?)", "iiii", c.project, c.task, id, id);
    if (rc < 0)
        return rc;
    return audit(cx, c.project, "comment.delete", id, "{\"task\":%lld}", (long long)c.task);
}

int comment_forget(struct ctx *cx, int64_t project, const struct tasks *tasks)
{
    return db_run(cx, "DELETE FROM comment WHERE project_id = ? AND " IN_TASKS, "iiit", project,
                  TASKS(tasks));
}
