/* api_task.c -- tasks: Label Studio's pages, our list by cursor, one alone. */
#include "core/json.h"
#include "domain/filter.h"
#include "domain/task.h"
#include "domain/view.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

struct change {
    struct task_new new;
    struct task_edit edit;
};

static int put_list(struct rq *r, struct buf *b, struct task *t, int n, int what)
{
    int rc;

    buf_addc(b, '[');
    for (int i = 0; i < n; i++) {
        if (i)
            buf_addc(b, ',');
        if ((rc = put_task(r, b, &t[i], what)) < 0)
            return rc;
    }
    buf_addc(b, ']');
    return 0;
}

/* ---- lists ----------------------------------------------------------------------------- */

int tasks_cursor(struct rq *r)
{
    const char *state = query_str(r, "state");
    struct task_filter f = { 0 };
    struct task *t;
    struct buf b;
    int limit = page_limit(r), n, rc;

    if (state && (strcmp(state, "open") == 0 || strcmp(state, "settled") == 0))
        f.state = state;
    else if (state && *state)
        return fail_at(r->cx, E_INVALID, "state", "A state is open or settled.");
    if ((rc = task_list(r->cx, r->id[0], &f, query_int(r, "after", 0), limit, &t, &n)) < 0)
        return rc;
    buf_init(&b, r->cx, ANSWER_BYTES);
    buf_adds(&b, "{\"results\":");
    if ((rc = put_list(r, &b, t, n, TASK_ROW)) < 0)
        return rc;
    if (n >= limit)
        buf_addf(&b, ",\"next\":%lld}", (long long)t[n - 1].id);
    else
        buf_adds(&b, ",\"next\":null}");
    return reply_put(r, 200, &b);
}

/* The project stands in the query string, and so do Label Studio's filters. */
int tasks_in(struct rq *r)
{
    const char *query = query_str(r, "query");
    json_t *q = NULL;
    int rc;

    r->id[0] = query_int(r, "project", 0);
    if (query && *query && (rc = json_read(r->cx, query, strlen(query), &q)) < 0)
        return rc;
    r->arg = q;
    return 0;
}

/* A saved view's own question stands before the one that came with the request. */
static int of_view(struct rq *r, int64_t id, const json_t **q)
{
    struct view v;
    json_t *data;
    int rc = view_get(r->cx, id, &v);

    if (rc < 0)
        return rc;
    if (v.project != r->access.project)
        return fail(r->cx, E_NOTFOUND, "There is no view %lld.", (long long)id);
    if ((rc = json_stored(r->cx, v.data, strlen(v.data), &data)) >= 0)
        *q = data;
    return rc;
}

/*
 * What to list.  A filter can ask about any field of any task, so it would tell a party what it was
 * never lent (trust.md 4.3): only core readers may use one.
 */
static int read_filter(struct rq *r, struct task_filter *f)
{
    const json_t *q = r->arg, *selected = json_object_get(q, "selectedItems");
    bool asks = json_array_size(json_object_get(json_object_get(q, "filters"), "items")) > 0 ||
                json_array_size(json_object_get(q, "ordering")) > 0 ||
                json_array_size(json_object_get(selected, "included")) > 0 ||
                json_array_size(json_object_get(selected, "excluded")) > 0;
    int64_t view = query_int(r, "view", 0);
    int rc;

    *f = (struct task_filter){ 0 };
    if (view && (rc = of_view(r, view, &q)) < 0)
        return rc;
    asks |= view != 0;
    if (q && !json_is_object(q))
        return fail_at(r->cx, E_INVALID, "query", "The query is a JSON object.");
    if (asks && !r->access.core)
        return fail(r->cx, E_FORBIDDEN, "Only managers and auditors may filter tasks.");
    if (asks && (rc = filter_compile(r->cx, r->access.project, q, false, f)) < 0)
        return rc;
    f->state = query_flag(r, "only_annotated", false) ? "answered" : NULL;
    return 0;
}

int tasks_page(struct rq *r)
{
    int64_t page = query_int(r, "page", 1), size = query_int(r, "page_size", 100), total = 0;
    const char *fields = query_str(r, "fields");
    int what = fields && strcmp(fields, "task_only") == 0 ? TASK_ROW : TASK_ANSWERS;
    struct task_filter f;
    struct project p;
    struct task *t;
    struct buf b;
    int n, rc;

    size = size < 1 ? 100 : size > LIMIT_PAGE_ROWS ? LIMIT_PAGE_ROWS : size;
    page = page < 1 ? 1 : page;
    if (page > INT64_MAX / size)
        page = INT64_MAX / size;
    if ((rc = read_filter(r, &f)) < 0)
        return rc;
    f.offset = (page - 1) * size;
    if ((rc = project_get(r->cx, r->id[0], &p)) < 0 ||
        (rc = task_total(r->cx, r->id[0], &f, &total)) < 0 ||
        (rc = task_list(r->cx, r->id[0], &f, 0, (int)size, &t, &n)) < 0)
        return rc;
    if (n == 0 && page > 1)             /* the old client asks for pages until it sees this */
        return fail(r->cx, E_NOTFOUND, "Invalid page.");
    buf_init(&b, r->cx, ANSWER_BYTES);
    buf_adds(&b, "{\"tasks\":");
    if ((rc = put_list(r, &b, t, n, what)) < 0)
        return rc;
    buf_addf(&b, ",\"total\":%lld,\"total_annotations\":%lld,\"total_predictions\":%lld}",
             (long long)total, (long long)p.count.annotations, (long long)p.count.predictions);
    return reply_put(r, 200, &b);
}

/* Label Studio's other list of a project's tasks: a bare array. */
int tasks_of_project(struct rq *r)
{
    struct task_filter f = { 0 };
    struct task *t;
    struct buf b;
    int64_t page = query_int(r, "page", 1), size = query_int(r, "page_size", 100);
    int n, rc;

    size = size < 1 ? 100 : size > LIMIT_PAGE_ROWS ? LIMIT_PAGE_ROWS : size;
    f.offset = page > 1 && page < 1000000000 ? (page - 1) * size : 0;
    if ((rc = task_list(r->cx, r->id[0], &f, 0, (int)size, &t, &n)) < 0)
        return rc;
    if (n == 0 && page > 1)
        return fail(r->cx, E_NOTFOUND, "Invalid page.");
    buf_init(&b, r->cx, ANSWER_BYTES);
    return (rc = put_list(r, &b, t, n, TASK_ANSWERS)) < 0 ? rc : reply_put(r, 200, &b);
}

/* Our cursor and Label Studio's pages share one address. */
int project_tasks(struct rq *r)
{
    return query_str(r, "page") || query_str(r, "page_size") ? tasks_of_project(r)
                                                             : tasks_cursor(r);
}

/* ---- one ------------------------------------------------------------------------------- */

static int reply_task(struct rq *r, int status, int64_t id)
{
    struct task t;
    struct buf b;
    int rc;

    if ((rc = task_get(r->cx, id, &t)) < 0)
        return rc;
    buf_init(&b, r->cx, ANSWER_BYTES);
    return (rc = put_task(r, &b, &t, TASK_ANSWERS)) < 0 ? rc : reply_put(r, status, &b);
}

int task_show(struct rq *r)
{
    return reply_task(r, 200, r->id[0]);
}

static int read_object(struct rq *r, struct field *f, const char *name, const char **bytes,
                       size_t *n, json_t **parsed)
{
    int rc = field_raw(r, f->o, name, bytes, n, parsed);

    if (rc >= 0 && *parsed && json_is_null(*parsed)) {
        *bytes = NULL;
        *parsed = NULL;
    }
    if (rc >= 0 && *parsed && !json_is_object(*parsed))
        rc = fail_at(r->cx, E_INVALID, name, "This must be an object.");
    return rc;
}

int task_new_in(struct rq *r)
{
    struct change *c = NEW(r->cx, struct change);
    json_t *data, *meta;
    struct field f;
    int rc;

    r->arg = c;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_int(&f, "project", 1, INT64_MAX, &r->id[0]);
    field_need(&f, "data");
    field_str(&f, "unique_id", &c->new.unique_id);
    field_int(&f, "overlap", 1, LIMIT_OVERLAP, &c->new.overlap);
    field_int(&f, "priority", -1000000, 1000000, &c->new.priority);
    if (f.rc < 0)
        return f.rc;
    if ((rc = read_object(r, &f, "data", &c->new.data, &c->new.ndata, &data)) < 0 ||
        (rc = read_object(r, &f, "meta", &c->new.meta, &c->new.nmeta, &meta)) < 0)
        return rc;
    return c->new.ndata > (size_t)LIMIT_TASK_BYTES
               ? fail_at(r->cx, E_TOOBIG, "data", "The data of a task is at most %lld bytes.",
                         (long long)LIMIT_TASK_BYTES) : 0;
}

int task_create(struct rq *r)
{
    struct change *c = r->arg;
    int64_t id;
    int rc = task_add(r->cx, r->access.project, &c->new, &id);

    return rc < 0 ? rc : reply_task(r, 201, id);
}

int task_in(struct rq *r)
{
    struct change *c = NEW(r->cx, struct change);
    json_t *data, *meta;
    struct field f;
    int rc;

    r->arg = c;
    c->edit.overlap = c->edit.priority = -1;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_int(&f, "overlap", 1, LIMIT_OVERLAP, &c->edit.overlap);
    field_int(&f, "priority", 0, 1000000, &c->edit.priority);
    if (f.rc < 0)
        return f.rc;
    if ((rc = read_object(r, &f, "data", &c->edit.data, &c->edit.ndata, &data)) < 0 ||
        (rc = read_object(r, &f, "meta", &c->edit.meta, &c->edit.nmeta, &meta)) < 0)
        return rc;
    return c->edit.ndata > (size_t)LIMIT_TASK_BYTES
               ? fail_at(r->cx, E_TOOBIG, "data", "The data of a task is at most %lld bytes.",
                         (long long)LIMIT_TASK_BYTES) : 0;
}

int task_change(struct rq *r)
{
    struct change *c = r->arg;
    int rc = task_set(r->cx, r->id[0], &c->edit);

    return rc < 0 ? rc : reply_task(r, 200, r->id[0]);
}

int task_drop(struct rq *r)
{
    int rc = task_delete(r->cx, r->id[0], query_flag(r, "for_good", false));

    return rc < 0 ? rc : reply_empty(r, 204);
}
