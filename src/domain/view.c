/* view.c -- see view.h. */
#include "domain/view.h"

#include "core/json.h"
#include "domain/audit.h"
#include "domain/filter.h"
#include "store/db.h"

#define COLUMNS "id, project_id, person_id, ord, created_ms, updated_ms, shared, data"
/* The rule: shared, or the caller's own. */
#define SEEN "(shared = 1 OR person_id = ?)"

static void read_row(struct rows *q, struct view *v)
{
    *v = (struct view){.id = rows_int(q, 0), .project = rows_int(q, 1), .person = rows_int(q, 2),
                       .ord = rows_int(q, 3), .created = rows_int(q, 4), .updated = rows_int(q, 5),
                       .shared = rows_int(q, 6) != 0, .data = rows_text_keep(q, 7)};
}

int view_list(struct ctx *cx, int64_t project, struct view **out, int *n)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT " COLUMNS " FROM view WHERE project_id = ? AND " SEEN
                      " ORDER BY ord, id LIMIT ?",
                      "iii", project, cx->who.person, LIMIT_VIEWS);

    if (rc < 0)
        return rc;
    *out = NEW_N(cx, struct view, LIMIT_VIEWS);
    *n = 0;
    while ((rc = rows_next(q)) > 0)
        read_row(q, &(*out)[(*n)++]);
    return rc;
}

int view_get(struct ctx *cx, int64_t id, struct view *out)
{
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT " COLUMNS " FROM view WHERE id = ? AND " SEEN, "ii", id,
                      cx->who.person);

    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) <= 0)
        return rc < 0 ? rc : fail(cx, E_NOTFOUND, "There is no view %lld.", (long long)id);
    read_row(q, out);
    rows_end(q);
    return 0;
}

/* What is stored can be asked: a view that would fail later is refused now. */
static int check(struct ctx *cx, int64_t project, const json_t *data, const char **text)
{
    struct task_filter f;
    int rc;

    if (!json_is_object(data))
        return fail_at(cx, E_INVALID, "data", "The data of a view is a JSON object.");
    if ((rc = filter_compile(cx, project, data, false, &f)) < 0)
        return rc;
    *text = json_text(cx, data);
    return strlen(*text) > (size_t)LIMIT_VIEW_BYTES
               ? fail_at(cx, E_TOOBIG, "data", "A view has at most %lld bytes.",
                         (long long)LIMIT_VIEW_BYTES) : 0;
}

int view_add(struct ctx *cx, int64_t project, const struct view_edit *e, int64_t *id)
{
    const char *text;
    int64_t have = 0;
    int rc;

    if ((rc = check(cx, project, e->data, &text)) < 0 ||
        (rc = db_int(cx, &have, "SELECT COUNT(*) FROM view WHERE project_id = ? AND " SEEN, "ii",
                     project, cx->who.person)) < 0)
        return rc;
    if (have >= LIMIT_VIEWS)
        return fail(cx, E_TOOBIG, "A project has at most %lld views. Delete one first.",
                    (long long)LIMIT_VIEWS);
    rc = db_int(cx, id,
                "INSERT INTO view(project_id, person_id, shared, ord, data, created_ms, updated_ms)"
                " SELECT ?, ?, ?, COALESCE(MAX(ord) + 1, 0), ?, ?, ? FROM view WHERE project_id = ?"
                " RETURNING id",
                "iiztiii", project, cx->who.person, e->shared != 0, text, cx->now, cx->now,
                project);
    return rc < 0 ? rc : audit(cx, project, "view.add", *id, NULL);
}

int view_set(struct ctx *cx, int64_t id, const struct view_edit *e)
{
    const char *text;
    struct view v;
    int rc;

    if ((rc = view_get(cx, id, &v)) < 0)
        return rc;
    text = v.data;
    if (e->data && (rc = check(cx, v.project, e->data, &text)) < 0)
        return rc;
    /* Only who made it may take it back from the others. */
    if (e->shared == 0 && v.shared && v.person != cx->who.person)
        return fail_at(cx, E_INVALID, "shared", "Somebody else made this view: it stays shared.");
    rc = db_run(cx, "UPDATE view SET data = ?, shared = ?, updated_ms = ? WHERE id = ?", "tzii",
                text, e->shared == -1 ? v.shared : e->shared != 0, cx->now, id);
    return rc < 0 ? rc : audit(cx, v.project, "view.set", id, NULL);
}

int view_delete(struct ctx *cx, int64_t id)
{
    struct view v;
    int rc;

    if ((rc = view_get(cx, id, &v)) < 0 ||
        (rc = db_run(cx, "DELETE FROM view WHERE id = ?", "i", id)) < 0)
        return rc;
    return audit(cx, v.project, "view.delete", id, NULL);
}

int view_reset(struct ctx *cx, int64_t project)
{
    int gone = db_run(cx, "DELETE FROM view WHERE project_id = ? AND " SEEN, "ii", project,
                      cx->who.person);

    return gone < 0 ? gone : audit(cx, project, "view.reset", 0, "{\"count\":%d}", gone);
}

int view_order(struct ctx *cx, int64_t project, const int64_t *id, int n)
{
    struct view *v;
    int have, next = 0, rc = view_list(cx, project, &v, &have);

    for (int k = 0; k < n + have && rc >= 0; k++) {
        int64_t one = k < n ? id[k] : v[k - n].id;
        bool named = false, known = false;

        for (int i = 0; i < n && k >= n; i++)
            named |= id[i] == one;
        for (int i = 0; i < have; i++)
            known |= v[i].id == one;
        if (known && !named)
            rc = db_run(cx, "UPDATE view SET ord = ? WHERE id = ?", "ii", (int64_t)next++, one);
    }
    return rc < 0 ? rc : audit(cx, project, "view.order", 0, "{\"count\":%d}", next);
}
