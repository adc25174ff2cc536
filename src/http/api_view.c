/* api_view.c -- saved views, in Label Studio's shape; `shared` and `mine` are ours. */
#include "core/clock.h"
#include "core/json.h"
#include "domain/view.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

struct sent {
    struct view_edit edit;
    int64_t *ids;
    int n;
};

static json_t *shape_view(struct rq *r, const struct view *v)
{
    json_t *data = json_loads(v->data, 0, NULL), *filters = json_object_get(data, "filters");
    json_t *ordering = json_object_get(data, "ordering");
    json_t *selected = json_object_get(data, "selectedItems");
    json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:b, s:b, s:o, s:o}", "id", (json_int_t)v->id,
                          "project", (json_int_t)v->project, "order", (json_int_t)v->ord,
                          "user", (json_int_t)v->person, "shared", v->shared,
                          "mine", v->person == r->cx->who.person,
                          "created_at", json_time(v->created), "updated_at", json_time(v->updated));

    json_object_set(o, "filter_group", filters ? filters : json_null());
    if (ordering)
        json_object_set(o, "ordering", ordering);
    else
        json_object_set_new(o, "ordering", json_array());
    if (selected)
        json_object_set(o, "selected_items", selected);
    else
        json_object_set_new(o, "selected_items",
                            json_pack("{s:b, s:[]}", "all", 0, "included"));
    json_object_set_new(o, "data", data);
    return o;
}

static int reply_view(struct rq *r, int status, int64_t id)
{
    struct view v;
    int rc = view_get(r->cx, id, &v);

    return rc < 0 ? rc : reply_json(r, status, shape_view(r, &v));
}

int views_in(struct rq *r)
{
    r->id[0] = query_int(r, "project", 0);
    return 0;
}

int views_list(struct rq *r)
{
    struct view *v;
    json_t *list;
    int n, rc = view_list(r->cx, r->access.project, &v, &n);

    if (rc < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, shape_view(r, &v[i]));
    return reply_json(r, 200, list);
}

static int read_view(struct rq *r, struct sent *s, bool in_project)
{
    int64_t project = query_int(r, "project", 0);
    struct field f;

    s->edit.shared = -1;
    r->arg = s;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_int(&f, "project", 1, INT64_MAX, &project);
    field_tri(&f, "shared", &s->edit.shared);
    if (in_project)
        r->id[0] = project;
    if (field_has(&f, "data"))
        s->edit.data = json_object_get(f.o, "data");
    return f.rc;
}

int view_new_in(struct rq *r)
{
    struct sent *s = NEW(r->cx, struct sent);
    int rc = read_view(r, s, true);

    if (!s->edit.data)
        s->edit.data = json_keep(r->cx, json_object());
    return rc;
}

int view_in(struct rq *r)
{
    return read_view(r, NEW(r->cx, struct sent), false);
}

int view_order_in(struct rq *r)
{
    struct sent *s = NEW(r->cx, struct sent);
    struct field f;
    json_t *one;
    size_t i;

    r->arg = s;
    r->id[0] = query_int(r, "project", 0);
    if (field_body(r, &f) < 0)
        return f.rc;
    field_int(&f, "project", 1, INT64_MAX, &r->id[0]);
    if (f.rc < 0)
        return f.rc;
    s->ids = NEW_N(r->cx, int64_t, json_array_size(json_object_get(f.o, "ids")) + 1);
    json_array_foreach(json_object_get(f.o, "ids"), i, one) {
        if (!json_is_integer(one))
            return fail_at(r->cx, E_INVALID, "ids", "The ids of views are whole numbers.");
        s->ids[s->n++] = json_integer_value(one);
    }
    return s->n > LIMIT_VIEWS ? fail_at(r->cx, E_TOOBIG, "ids", "There are at most %lld views.",
                                        (long long)LIMIT_VIEWS) : 0;
}

int view_create(struct rq *r)
{
    const struct sent *s = r->arg;
    int64_t id;
    int rc = view_add(r->cx, r->access.project, &s->edit, &id);

    return rc < 0 ? rc : reply_view(r, 201, id);
}

int view_show(struct rq *r)
{
    return reply_view(r, 200, r->id[0]);
}

int view_change(struct rq *r)
{
    const struct sent *s = r->arg;
    int rc = view_set(r->cx, r->id[0], &s->edit);

    return rc < 0 ? rc : reply_view(r, 200, r->id[0]);
}

int view_drop(struct rq *r)
{
    int rc = view_delete(r->cx, r->id[0]);

    return rc < 0 ? rc : reply_empty(r, 204);
}

int views_reset(struct rq *r)
{
    int rc = view_reset(r->cx, r->access.project);

    return rc < 0 ? rc : reply_empty(r, 204);
}

int views_order(struct rq *r)
{
    const struct sent *s = r->arg;
    int rc = view_order(r->cx, r->access.project, s->ids, s->n);

    return rc < 0 ? rc
                  : reply_json(r, 200, json_pack("{s:s}", "detail", "The views are in order."));
}
