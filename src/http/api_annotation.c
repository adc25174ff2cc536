/* api_annotation.c -- answers given without the queue, their revisions, their end. */
#include "core/json.h"
#include "domain/annotation.h"
#include "domain/user.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

struct change {
    struct annotation_new new;
    struct annotation_edit edit;
    int64_t seen;               /* If-Match: the revision the writer saw */
    int64_t by;                 /* completed_by, as an id … */
    const char *by_email;       /* … or an e-mail */
};

static int reply_annotation(struct rq *r, int status, const struct annotation *a)
{
    struct buf b;

    buf_init(&b, r->cx, ANSWER_BYTES);
    put_annotation(&b, a);
    reply_header(r, "ETag", "\"%lld\"", (long long)a->n);
    return reply_put(r, status, &b);
}

/* ---- reading --------------------------------------------------------------------------- */

static int read_result(struct rq *r, struct field *f, const char **bytes, size_t *n,
                       const json_t **parsed)
{
    json_t *v;
    int rc = field_raw(r, f->o, "result", bytes, n, &v);

    if (rc >= 0 && v && !json_is_array(v))
        rc = fail_at(r->cx, E_INVALID, "result", "A result is a list of items.");
    if (rc >= 0 && *n > (size_t)LIMIT_RESULT_BYTES)
        rc = fail_at(r->cx, E_TOOBIG, "result", "A result is at most %lld bytes.",
                     (long long)LIMIT_RESULT_BYTES);
    *parsed = v;
    return rc;
}

/* Seconds as a number, into milliseconds. */
static void field_seconds(struct field *f, const char *name, int64_t *ms)
{
    double s = -1;

    field_num(f, name, &s);
    if (s >= 0 && s < 1e9)
        *ms = (int64_t)(s * 1000.0 + 0.5);
}

static void field_author(struct field *f, struct change *c)
{
    json_t *v = json_object_get(f->o, "completed_by");

    if (json_is_object(v)) {
        c->by = json_int(v, "id", 0);
        c->by_email = json_str(v, "email", NULL);
    } else if (json_is_string(v)) {
        c->by_email = json_string_value(v);
    } else if (json_is_integer(v)) {
        c->by = json_integer_value(v);
    }
}

static int64_t if_match(struct rq *r)
{
    const char *h = r->head[RH_IF_MATCH];
    int64_t n = 0;

    if (!h)
        return 0;
    h += strspn(h, "W/\" ");
    return str_int(talloc_strndup(r->cx->mem, h, strcspn(h, "\" ")), &n) ? n : -1;
}

int annotation_new_in(struct rq *r)
{
    struct change *c = NEW(r->cx, struct change);
    struct field f;
    int rc;

    r->arg = c;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_str(&f, "unique_id", &c->new.unique_id);
    field_int(&f, "parent_prediction", 0, INT64_MAX, &c->new.parent_prediction);
    field_int(&f, "parent_annotation", 0, INT64_MAX, &c->new.parent_annotation);
    field_flag(&f, "was_cancelled", &c->new.was_cancelled);
    field_flag(&f, "ground_truth", &c->new.ground_truth);
    field_seconds(&f, "lead_time", &c->new.active_ms);
    field_author(&f, c);
    if (f.rc < 0 || (rc = read_result(r, &f, &c->new.result, &c->new.nresult, &c->new.parsed)) < 0)
        return f.rc < 0 ? f.rc : rc;
    if (!c->new.result) {
        c->new.result = "[]";
        c->new.nresult = 2;
        c->new.parsed = json_keep(r->cx, json_array());
    }
    return 0;
}

int annotation_in(struct rq *r)
{
    struct change *c = NEW(r->cx, struct change);
    struct field f;

    r->arg = c;
    c->edit.active_ms = -1;
    c->edit.was_cancelled = c->edit.ground_truth = -1;
    c->seen = if_match(r);
    if (c->seen < 0)
        return fail(r->cx, E_INVALID, "If-Match must be the number of a revision.");
    if (field_body(r, &f) < 0)
        return f.rc;
    field_tri(&f, "was_cancelled", &c->edit.was_cancelled);
    field_tri(&f, "ground_truth", &c->edit.ground_truth);
    field_seconds(&f, "lead_time", &c->edit.active_ms);
    field_str(&f, "reason", &c->edit.reason);
    return f.rc < 0 ? f.rc : read_result(r, &f, &c->edit.result, &c->edit.nresult, &c->edit.parsed);
}

/* ---- acts ------------------------------------------------------------------------------ */

int annotation_create(struct rq *r)
{
    struct change *c = r->arg;
    struct annotation a;
    int rc;

    c->new.person = 0;
    if (c->by || c->by_email) {
        rc = user_lookup(r->cx, r->access.project, c->by, c->by_email, &c->new.person);
        if (rc <= 0)
            return rc < 0 ? rc : fail_at(r->cx, E_INVALID, "completed_by",
                                         "There is no such person in this organisation.");
        if (c->new.person == r->cx->who.person)
            c->new.person = 0;
    }
    if ((rc = annotation_add(r->cx, &r->access, r->id[0], &c->new, &a)) < 0)
        return rc;
    return reply_annotation(r, 201, &a);
}

int annotation_list_of(struct rq *r)
{
    struct annotation *a;
    struct buf b;
    int n, rc = annotation_list(r->cx, &r->access, r->id[0], &a, &n);

    if (rc < 0)
        return rc;
    buf_init(&b, r->cx, ANSWER_BYTES);
    buf_addc(&b, '[');
    for (int i = 0; i < n; i++) {
        if (i)
            buf_addc(&b, ',');
        put_annotation(&b, &a[i]);
    }
    buf_addc(&b, ']');
    return reply_put(r, 200, &b);
}

/* One answer, if this caller may see it: the list of its task knows (blindness is decided there).
 */
static int visible(struct rq *r, int64_t id, struct annotation *out)
{
    struct annotation *a;
    int n, rc;

    if ((rc = annotation_get(r->cx, id, out)) < 0 ||
        (rc = annotation_list(r->cx, &r->access, out->task, &a, &n)) < 0)
        return rc;
    for (int i = 0; i < n; i++) {
        if (a[i].id == id) {
            *out = a[i];
            return 0;
        }
    }
    return fail(r->cx, E_NOTFOUND, "There is no annotation %lld.", (long long)id);
}

int annotation_show(struct rq *r)
{
    struct annotation a;
    int rc = visible(r, r->id[0], &a);

    return rc < 0 ? rc : reply_annotation(r, 200, &a);
}

int annotation_change(struct rq *r)
{
    struct change *c = r->arg;
    struct annotation a;
    int rc = visible(r, r->id[0], &a);

    if (rc >= 0)
        rc = annotation_set(r->cx, &r->access, r->id[0], c->seen, &c->edit, &a);
    return rc < 0 ? rc : reply_annotation(r, 200, &a);
}

int annotation_drop(struct rq *r)
{
    int rc = annotation_delete(r->cx, r->id[0]);

    return rc < 0 ? rc : reply_empty(r, 204);
}

int annotation_take_back(struct rq *r)
{
    int64_t lease, epoch;
    int rc = annotation_withdraw(r->cx, r->id[0], &lease, &epoch);

    return rc < 0 ? rc : reply_json(r, 200, json_pack("{s:I, s:I}", "lease", (json_int_t)lease,
                                                      "epoch", (json_int_t)epoch));
}

int annotation_history(struct rq *r)
{
    struct annotation a;
    struct revision *v;
    struct buf b;
    int n, rc;

    if ((rc = visible(r, r->id[0], &a)) < 0 || (rc = annotation_revisions(r->cx, a.id, &v, &n)) < 0)
        return rc;
    buf_init(&b, r->cx, ANSWER_BYTES);
    buf_adds(&b, "{\"results\":[");
    for (int i = 0; i < n; i++) {
        if (i)
            buf_addc(&b, ',');
        put_open(&b, json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:s?}", "n", (json_int_t)v[i].n,
                               "parent", (json_int_t)v[i].parent, "person", (json_int_t)v[i].person,
                               "config_version", (json_int_t)v[i].config_n,
                               "active_ms", (json_int_t)v[i].active_ms,
                               "created_at", json_time(v[i].created), "reason", v[i].reason));
        put_raw(&b, "result", v[i].nresult ? v[i].result : "[]", v[i].nresult ? v[i].nresult : 2);
        put_close(&b);
    }
    buf_adds(&b, "],\"next\":null}");
    return reply_put(r, 200, &b);
}
