/* api_comment.c -- remarks on tasks and regions; Label Studio's words for them beside ours. */
#include "core/json.h"
#include "domain/annotation.h"
#include "domain/comment.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

struct words {
    struct comment_new new;
    struct comment_edit edit;
};

static json_t *id_or_null(int64_t id)
{
    return id ? json_integer(id) : json_null();
}

/* Who said it stands there only for those who may know it. */
static json_t *shape_comment(struct rq *r, const struct comment *c)
{
    bool known = c->author != NULL;
    json_t *o = json_pack("{s:I, s:s, s:I, s:I, s:o, s:o, s:s?, s:b, s:s?}", "id",
                          (json_int_t)c->id, "text", c->text, "project", (json_int_t)c->project,
                          "task", (json_int_t)c->task, "annotation", id_or_null(c->annotation),
                          "created_by", known ? id_or_null(c->person) : json_null(), "author",
                          c->author, "mine", c->person == r->cx->who.person, "region", c->region);
    json_t *more = json_pack("{s:o, s:o, s:o, s:b, s:o}", "parent", id_or_null(c->parent),
                             "created_at", json_time(c->created), "updated_at",
                             json_time(c->updated), "is_resolved", c->resolved != 0, "resolved_at",
                             json_time(c->resolved));

    json_object_update(o, more);
    json_decref(more);
    json_object_set_new(o, "region_ref",
                        c->region ? json_pack("{s:s}", "regionId", c->region) : json_null());
    return o;
}

static int reply_list(struct rq *r, int64_t task, int64_t annotation)
{
    struct comment *c;
    json_t *list;
    int n, rc = comment_list(r->cx, &r->access, task, &c, &n);

    if (rc < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++)
        if (annotation == 0 || c[i].annotation == annotation)
            json_array_append_new(list, shape_comment(r, &c[i]));
    return reply_json(r, 200, list);
}

int comment_in(struct rq *r)
{
    struct words *w = NEW(r->cx, struct words);
    struct field f;

    r->arg = w;
    w->edit.resolved = -1;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_str(&f, "text", &w->new.text);
    field_str(&f, "region", &w->new.region);
    if (!w->new.region)
        w->new.region = json_str(json_object_get(f.o, "region_ref"), "regionId", NULL);
    field_int(&f, "annotation", 1, INT64_MAX, &w->new.annotation);
    field_int(&f, "parent", 1, INT64_MAX, &w->new.parent);
    field_tri(&f, "is_resolved", &w->edit.resolved);
    w->edit.text = w->new.text;
    return f.rc;
}

int comments_of_task(struct rq *r)
{
    return reply_list(r, r->id[0], 0);
}

static int add(struct rq *r, int64_t task)
{
    struct words *w = r->arg;
    struct comment c;
    int rc = comment_add(r->cx, &r->access, task, &w->new, &c);

    return rc < 0 ? rc : reply_json(r, 201, shape_comment(r, &c));
}

int comment_create(struct rq *r)
{
    return add(r, r->id[0]);
}

int comment_change(struct rq *r)
{
    struct words *w = r->arg;
    struct comment c;
    int rc = comment_set(r->cx, &r->access, r->id[0], &w->edit, &c);

    return rc < 0 ? rc : reply_json(r, 200, shape_comment(r, &c));
}

int comment_drop(struct rq *r)
{
    int rc = comment_delete(r->cx, &r->access, r->id[0]);

    return rc < 0 ? rc : reply_empty(r, 204);
}

/* ---- Label Studio: by the answer they are about ------------------------------------------ */

int comments_in(struct rq *r)
{
    r->id[0] = query_int(r, "annotation", 0);
    return 0;
}

int comment_new_in(struct rq *r)
{
    int rc = comment_in(r);
    struct words *w = r->arg;

    r->id[0] = w->new.annotation;
    return rc;
}

/* Another annotator's answer is not there. */
static int answer_of(struct rq *r, struct annotation *a)
{
    int rc = annotation_get(r->cx, r->id[0], a);

    if (rc >= 0 && r->access.role < ROLE_REVIEWER && a->person != r->cx->who.person)
        rc = fail(r->cx, E_NOTFOUND, "There is no annotation %lld.", (long long)r->id[0]);
    return rc;
}

int comments_of_answer(struct rq *r)
{
    struct annotation a;
    int rc = answer_of(r, &a);

    return rc < 0 ? rc : reply_list(r, a.task, a.id);
}

int comment_create_on(struct rq *r)
{
    struct annotation a;
    int rc = answer_of(r, &a);

    return rc < 0 ? rc : add(r, a.task);
}
