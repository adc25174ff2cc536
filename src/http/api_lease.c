/*
 * api_lease.c -- the work itself: lend, beat, draft, submit, skip, give back.
 *
 * Every write carries the epoch of its lease; what is late is decided in the domain.
 */
#include "core/json.h"
#include "domain/annotation.h"
#include "domain/draft.h"
#include "domain/exposure.h"
#include "domain/lease.h"
#include "domain/project.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

struct work {
    int64_t epoch, counter, active_ms;
    const char *reason, *note;
    const char *result;
    size_t nresult;
    struct annotation_new new;
};

/* ---- lending --------------------------------------------------------------------------- */

int lease_claim_in(struct rq *r)
{
    struct work *w = NEW(r->cx, struct work);
    struct field f;

    r->arg = w;
    w->counter = 1;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_int(&f, "n", 1, 1000, &w->counter);
    return f.rc;
}

/*
 * The model's guess for the task, unless the project hides guesses; of the model version the
 * project names, or of any.
 */
static int put_guess(struct rq *r, struct buf *b, const struct project *p, int64_t task)
{
    struct prediction g;
    json_t *settings;
    int rc = json_stored(r->cx, p->settings, strlen(p->settings), &settings);

    if (rc < 0 || json_is_false(json_object_get(settings, "show_collab_predictions")))
        return rc < 0 ? rc : 0;
    rc = prediction_newest(r->cx, p->id, task, json_str(settings, "model_version", ""), &g);
    if (rc <= 0)
        return rc;
    buf_adds(b, ",\"prediction\":");
    put_prediction(b, &g);
    return 0;
}

static int put_lease(struct rq *r, struct buf *b, const struct project *p, const struct lease *l)
{
    struct content c;
    struct draft d;
    int rc;

    if ((rc = exposure_open(r->cx, &r->access, l->task, &c)) < 0)
        return rc;
    put_open(b, json_pack("{s:I, s:I, s:o, s:I, s:I, s:I}", "lease", (json_int_t)l->id,
                          "epoch", (json_int_t)l->epoch, "expires_at", json_time(l->ends),
                          "active_ms", (json_int_t)l->active_ms,
                          "config_version", (json_int_t)p->config_n,
                          "instruction_version", (json_int_t)p->instr_n));
    buf_addf(b, ",\"task\":{\"id\":%lld", (long long)l->task);
    put_raw(b, "data", c.data, c.ndata);
    put_raw(b, "meta", c.meta ? c.meta : "{}", c.meta ? c.nmeta : 2);
    put_close(b);
    if ((rc = draft_get(r->cx, l->project, l->task, r->cx->who.person, &d)) < 0)
        return rc;
    if (rc > 0) {
        buf_addf(b, ",\"draft\":{\"counter\":%lld,\"late\":%s", (long long)d.counter,
                 d.late ? "true" : "false");
        put_raw(b, "result", d.result, d.nresult);
        put_close(b);
    } else {
        buf_adds(b, ",\"draft\":null");
        if (p->count.predictions > 0 && (rc = put_guess(r, b, p, l->task)) < 0)
            return rc;
    }
    put_close(b);
    return 0;
}

int lease_claim_act(struct rq *r)
{
    struct work *w = r->arg;
    struct lease l[LEASES_PER_PERSON];
    const char *why = "none";
    struct project p;
    struct buf b;
    int n = 0, rc;

    if (w->counter > LEASES_PER_PERSON)
        return fail_at(r->cx, E_INVALID, "n", "At most %d tasks are lent at once.",
                       LEASES_PER_PERSON);
    if ((rc = lease_claim(r->cx, &r->access, (int)w->counter, l, &n, &why)) < 0 ||
        (rc = project_get(r->cx, r->id[0], &p)) < 0)
        return rc;
    if (n == 0) {
        reply_empty(r, 204);
        reply_header(r, "X-Annotary-Reason", "%s", r->access.core && why ? why : "none");
        return 0;
    }
    buf_init(&b, r->cx, ANSWER_BYTES);
    for (int i = 0; i < n; i++) {
        buf_addc(&b, i ? ',' : '[');
        if ((rc = put_lease(r, &b, &p, &l[i])) < 0)
            return rc;
    }
    buf_addc(&b, ']');
    return reply_put(r, 200, &b);
}

/* Label Studio's "next": the same queue, one task, in its shape. */
int task_next(struct rq *r)
{
    struct lease l[LEASES_PER_PERSON];
    const char *why;
    struct task t;
    struct buf b;
    int n = 0, rc;

    if ((rc = lease_claim(r->cx, &r->access, 1, l, &n, &why)) < 0)
        return rc;
    if (n == 0)
        return reply_json(r, 404, json_pack("{s:s}", "detail", "There is no task left for you."));
    if ((rc = task_get(r->cx, l[0].task, &t)) < 0)
        return rc;
    buf_init(&b, r->cx, ANSWER_BYTES);
    return (rc = put_task(r, &b, &t, TASK_ANSWERS)) < 0 ? rc : reply_put(r, 200, &b);
}

/* ---- writing with an epoch -------------------------------------------------------------- */

static int read_work(struct rq *r, struct field *f, struct work **out)
{
    struct work *w = NEW(r->cx, struct work);

    r->arg = *out = w;
    w->active_ms = 0;
    if (field_body(r, f) < 0)
        return f->rc;
    field_need(f, "epoch");
    field_int(f, "epoch", 1, INT64_MAX, &w->epoch);
    field_int(f, "active_ms", 0, 1000LL * 3600 * 1000, &w->active_ms);
    return f->rc;
}

static int read_result(struct rq *r, struct field *f, struct work *w, json_t **parsed)
{
    int rc;

    field_need(f, "result");
    if (f->rc < 0)
        return f->rc;
    if ((rc = field_raw(r, f->o, "result", &w->result, &w->nresult, parsed)) < 0)
        return rc;
    if (!json_is_array(*parsed))
        return fail_at(r->cx, E_INVALID, "result", "A result is a list of items.");
    if (w->nresult > (size_t)LIMIT_RESULT_BYTES)
        return fail_at(r->cx, E_TOOBIG, "result", "A result is at most %lld bytes.",
                       (long long)LIMIT_RESULT_BYTES);
    return 0;
}

int lease_in(struct rq *r)
{
    struct work *w;
    struct field f;

    if (read_work(r, &f, &w) < 0)
        return f.rc;
    field_str(&f, "reason", &w->reason);
    field_str(&f, "note", &w->note);
    return f.rc;
}

int lease_submit_in(struct rq *r)
{
    struct work *w;
    struct field f;
    json_t *parsed;
    int rc;

    if ((rc = read_work(r, &f, &w)) < 0)
        return rc;
    field_str(&f, "unique_id", &w->new.unique_id);
    field_int(&f, "parent_prediction", 0, INT64_MAX, &w->new.parent_prediction);
    if (f.rc < 0 || (rc = read_result(r, &f, w, &parsed)) < 0)
        return f.rc < 0 ? f.rc : rc;
    w->new.result = w->result;
    w->new.nresult = w->nresult;
    w->new.parsed = parsed;
    w->new.active_ms = w->active_ms;
    return 0;
}

int lease_draft_in(struct rq *r)
{
    struct work *w;
    struct field f;
    json_t *parsed;
    int rc;

    if ((rc = read_work(r, &f, &w)) < 0)
        return rc;
    field_need(&f, "counter");
    field_int(&f, "counter", 1, INT64_MAX, &w->counter);
    return f.rc < 0 ? f.rc : read_result(r, &f, w, &parsed);
}

int lease_heartbeat(struct rq *r)
{
    struct work *w = r->arg;
    int64_t ends;
    int rc = lease_beat(r->cx, r->id[0], w->epoch, &ends);

    return rc < 0 ? rc : reply_json(r, 200, json_pack("{s:o}", "expires_at", json_time(ends)));
}

int lease_submit(struct rq *r)
{
    struct work *w = r->arg;
    struct annotation a;
    int rc = annotation_submit(r->cx, r->id[0], w->epoch, &w->new, &a);

    if (rc < 0)
        return rc;
    return reply_json(r, 200, json_pack("{s:I, s:I, s:b, s:b}", "annotation", (json_int_t)a.id,
                                        "revision", (json_int_t)a.n, "counted", a.counted,
                                        "late", a.late));
}

int lease_skip_act(struct rq *r)
{
    struct work *w = r->arg;
    int rc =
        lease_skip(r->cx, r->id[0], w->epoch, w->reason ? w->reason : "", w->note ? w->note : "");

    return rc < 0 ? rc : reply_json(r, 200, json_pack("{s:b}", "skipped", 1));
}

int lease_give_back(struct rq *r)
{
    struct work *w = r->arg;
    int rc = lease_release(r->cx, r->id[0], w->epoch);

    return rc < 0 ? rc : reply_json(r, 200, json_pack("{s:b}", "released", 1));
}

/* The older of two pages is told what the newer one has saved. */
static int reply_newer(struct rq *r, int64_t lease)
{
    struct lease l;
    struct draft d;
    struct buf b;
    int rc;

    if ((rc = lease_get(r->cx, lease, &l)) < 0 ||
        (rc = draft_get(r->cx, l.project, l.task, r->cx->who.person, &d)) < 0)
        return rc;
    buf_init(&b, r->cx, ANSWER_BYTES);
    put_open(&b, json_pack("{s:s, s:s, s:s}", "detail", "A newer draft of this task is stored.",
                           "code", "E_STALE", "request_id", r->request_id));
    if (rc > 0) {
        buf_addf(&b, ",\"draft\":{\"counter\":%lld", (long long)d.counter);
        put_raw(&b, "result", d.result, d.nresult);
        put_close(&b);
    }
    put_close(&b);
    return reply_put(r, 409, &b);
}

int lease_draft(struct rq *r)
{
    struct work *w = r->arg;
    int64_t stored = 0;
    int rc = draft_save(r->cx, r->id[0], w->epoch, w->counter, w->result, w->nresult, w->active_ms,
                        &stored);

    if (rc == E_STALE && stored > 0)
        return reply_newer(r, r->id[0]);
    return rc < 0 ? rc : reply_json(r, 200, json_pack("{s:I}", "counter", (json_int_t)stored));
}
