/* api_prediction.c -- what models guessed, in Label Studio's shape. */
#include <math.h>

#include "core/json.h"
#include "domain/exposure.h"
#include "domain/config.h"
#include "domain/prediction.h"
#include "domain/project.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"
#include "label/config.h"
#include "label/tags.h"

static int reply_prediction(struct rq *r, int status, int64_t id)
{
    struct prediction p;
    struct buf b;
    int rc = prediction_get(r->cx, id, &p);

    if (rc < 0)
        return rc;
    buf_init(&b, r->cx, ANSWER_BYTES);
    put_prediction(&b, &p);
    return reply_put(r, status, &b);
}

/* Members but `result`; a score is a number, or null, or left out. */
static void read_members(struct field *f, struct prediction_new *p)
{
    json_t *v = json_object_get(f->o, "model_version");

    p->score = (double)NAN;
    p->model_version = "";
    field_num(f, "score", &p->score);
    if (json_is_integer(v))                 /* seen in the wild */
        p->model_version = talloc_asprintf(f->r->cx->mem, "%lld", (long long)json_integer_value(v));
    else
        field_str(f, "model_version", &p->model_version);
}

static int read_prediction(struct rq *r, struct field *f, struct prediction_new *p, bool need)
{
    json_t *v;
    int rc;

    read_members(f, p);
    if (need)
        field_need(f, "result");
    if (f->rc < 0)
        return f->rc;
    if ((rc = field_raw(r, f->o, "result", &p->result, &p->nresult, &v)) < 0)
        return rc;
    if (v && !json_is_array(v) && !(need && (json_is_string(v) || json_is_object(v))))
        return fail_at(r->cx, E_INVALID, "result", "A result is a list of items.");
    p->parsed = v;
    return 0;
}

/*
 * Label Studio's short forms: "Cat" for the one Choices of a config, or just the
 * value, {"choices": ["Cat"]}, for its one control.  They become a whole result.
 */
static int lengthen(struct rq *r, struct prediction_new *p)
{
    const struct label_config *c;
    const struct label_tag *t = NULL;
    bool word = json_is_string(p->parsed);
    struct project project;
    json_t *value, *result;
    int n = 0, rc;

    if ((rc = project_get(r->cx, r->access.project, &project)) < 0 ||
        (rc = config_parsed(r->cx, project.id, project.config_n, &c)) < 0)
        return rc;
    for (int i = 0; i < c->ncontrols; i++) {
        if (word && !label_is(c->controls[i], "Choices"))
            continue;
        t = c->controls[i];
        n++;
    }
    if (n != 1 || t->nto < 1 || !t->row || !t->row->type)
        return fail_at(r->cx, E_INVALID, "result",
                       "This short form needs a config with one control; send a list of items.");
    value = word ? json_pack("{s:[O]}", "choices", p->parsed)
                 : json_incref((json_t *)(uintptr_t)p->parsed);
    result = json_pack("[{s:s, s:s, s:s, s:o}]", "from_name", t->name, "to_name", t->to_name[0],
                       "type", t->row->type, "value", value);
    p->parsed = json_keep(r->cx, result);
    p->result = json_text(r->cx, p->parsed);
    p->nresult = strlen(p->result);
    return 0;
}

int prediction_new_in(struct rq *r)
{
    struct prediction_new *p = NEW(r->cx, struct prediction_new);
    struct field f;

    r->arg = p;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_need(&f, "task");
    field_int(&f, "task", 1, INT64_MAX, &r->id[0]);
    return read_prediction(r, &f, p, true);
}

int prediction_create(struct rq *r)
{
    struct prediction_new p = *(struct prediction_new *)r->arg;
    int64_t id;
    int rc = json_is_array(p.parsed) ? 0 : lengthen(r, &p);

    if (rc >= 0)
        rc = prediction_add(r->cx, r->id[0], &p, &id);

    return rc < 0 ? rc : reply_prediction(r, 201, id);
}

/* A prediction quotes its task: a party sees it only where it was lent the content. */
static int may_read(struct rq *r, int64_t task)
{
    struct content c;

    return r->access.core ? 0 : exposure_open(r->cx, &r->access, task, &c);
}

int prediction_show(struct rq *r)
{
    struct prediction p;
    int rc = prediction_get(r->cx, r->id[0], &p);

    if (rc >= 0 && (rc = may_read(r, p.task)) == E_NOTFOUND) {
        fail_clear(r->cx);
        return fail(r->cx, E_NOTFOUND, "There is no prediction %lld.", (long long)r->id[0]);
    }
    return rc < 0 ? rc : reply_prediction(r, 200, r->id[0]);
}

int prediction_in(struct rq *r)
{
    struct prediction_new *p = NEW(r->cx, struct prediction_new);
    struct field f;

    r->arg = p;
    if (field_body(r, &f) < 0)
        return f.rc;
    return read_prediction(r, &f, p, false);
}

int prediction_change(struct rq *r)
{
    struct prediction_new *p = r->arg, whole = *p;
    struct prediction old;
    json_t *parsed;
    int rc;

    if (!p->result) {               /* as it was */
        if ((rc = prediction_get(r->cx, r->id[0], &old)) < 0 ||
            (rc = json_stored(r->cx, old.result, old.nresult, &parsed)) < 0)
            return rc;
        whole.result = old.result;
        whole.nresult = old.nresult;
        whole.parsed = parsed;
        if (isnan(whole.score))
            whole.score = old.score;
        if (!*whole.model_version)
            whole.model_version = old.model_version;
    }
    rc = prediction_set(r->cx, r->id[0], &whole);
    return rc < 0 ? rc : reply_prediction(r, 200, r->id[0]);
}

int prediction_drop(struct rq *r)
{
    int rc = prediction_delete(r->cx, r->id[0]);

    return rc < 0 ? rc : reply_empty(r, 204);
}

/* By task, or by project with a cursor (Label Studio's list is a bare array). */
int predictions_in(struct rq *r)
{
    r->id[1] = query_int(r, "task", 0);
    r->id[0] = query_int(r, "project", 0);
    if (r->id[0] == 0 && r->id[1]) {
        r->on = ON_TASK;
        r->id[0] = r->id[1];
    }
    return 0;
}

int predictions_list(struct rq *r)
{
    struct prediction *p;
    struct buf b;
    int n, rc;

    if (r->id[1])
        rc = prediction_list(r->cx, r->access.project, r->id[1], &p, &n);
    else
        rc = prediction_page(r->cx, r->access.project, query_int(r, "after", 0), page_limit(r), &p,
                             &n);
    if (rc < 0)
        return rc;
    buf_init(&b, r->cx, ANSWER_BYTES);
    buf_addc(&b, '[');
    for (int i = 0, shown = 0; i < n; i++) {
        if ((rc = may_read(r, p[i].task)) < 0) {
            if (rc != E_NOTFOUND)
                return rc;
            fail_clear(r->cx);
            continue;
        }
        if (shown++)
            buf_addc(&b, ',');
        put_prediction(&b, &p[i]);
    }
    buf_addc(&b, ']');
    return reply_put(r, 200, &b);
}

/* ---- many at once: [{task, result, score, model_version}] -------------------------------- */

#define MANY 1000 /* one act stays short; scripts send as many requests as they need */

struct many {
    json_t *list;
    struct prediction_new *p;
    int64_t *task;
    int n;
};

int predictions_many_in(struct rq *r)
{
    struct many *m = NEW(r->cx, struct many);
    int rc = field_json(r, &m->list);

    r->arg = m;
    if (rc < 0)
        return rc;
    if (!json_is_array(m->list) || json_array_size(m->list) > MANY)
        return fail(r->cx, E_INVALID, "The body must be a list of at most %d predictions.", MANY);
    m->n = (int)json_array_size(m->list);
    m->p = NEW_N(r->cx, struct prediction_new, m->n + 1);
    m->task = NEW_N(r->cx, int64_t, m->n + 1);
    for (int i = 0; i < m->n; i++) {
        json_t *o = json_array_get(m->list, (size_t)i);
        struct field f;

        field_of(r, json_is_object(o) ? o : json_keep(r->cx, json_object()),
                 talloc_asprintf(r->cx->mem, "[%d]", i), &f);
        field_need(&f, "task");
        field_int(&f, "task", 1, INT64_MAX, &m->task[i]);
        read_members(&f, &m->p[i]);
        m->p[i].parsed = json_object_get(f.o, "result");
        if (!json_is_array(m->p[i].parsed))
            f.rc = fail_at(r->cx, E_INVALID, talloc_asprintf(r->cx->mem, "[%d].result", i),
                           "A result is a list of items.");
        if (f.rc < 0)
            return f.rc;
        m->p[i].result = json_text(r->cx, m->p[i].parsed);
        m->p[i].nresult = strlen(m->p[i].result);
    }
    return 0;
}

int predictions_many(struct rq *r)
{
    struct many *m = r->arg;
    int rc = prediction_add_many(r->cx, r->id[0], m->task, m->p, m->n);

    return rc < 0 ? rc : reply_json(r, 201, json_pack("{s:i}", "created", m->n));
}
