/*
 * api_ruling.c -- disputed tasks and what somebody decides about them.
 *
 * Blind: answers have numbers here, no names, no times, no ids.
 */
#include "core/json.h"
#include "domain/agreement.h"
#include "domain/consensus.h"
#include "domain/exposure.h"
#include "domain/ruling.h"
#include "domain/task.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

/* A cursor is AGREEMENT:TASK of the last row. */
static int read_after(struct rq *r, double *value, int64_t *task)
{
    const char *s = query_str(r, "after");
    char *end;

    *value = -1;
    *task = 0;
    if (!s || !*s)
        return 0;
    *value = strtod(s, &end);
    if (*end == ':')
        *task = strtoll(end + 1, &end, 10);
    return end == s || *end ? fail_at(r->cx, E_INVALID, "after", "This is no cursor of ours.") : 0;
}

int disputes_list(struct rq *r)
{
    struct agreement_summary s;
    struct dispute *d;
    json_t *list, *next = json_null();
    double after;
    int64_t after_task;
    int limit = page_limit(r), n, rc;

    if ((rc = read_after(r, &after, &after_task)) < 0 ||
        (rc = agreement_disputes(r->cx, r->id[0], after, after_task, limit, &d, &n)) < 0 ||
        (rc = agreement_sum(r->cx, r->id[0], &s)) < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(
            list, json_pack("{s:I, s:I, s:f, s:I, s:o, s:o}", "task", (json_int_t)d[i].task,
                            "inner_id", (json_int_t)d[i].inner_id, "agreement", d[i].value, "pairs",
                            (json_int_t)d[i].pairs, "since", json_time(d[i].answered), "at",
                            json_sprintf("%.17g:%lld", d[i].value, (long long)d[i].task)));
    if (n >= limit)
        next = json_sprintf("%.17g:%lld", d[n - 1].value, (long long)d[n - 1].task);
    return reply_json(r, 200, json_pack("{s:o, s:I, s:I, s:f, s:o}", "results", list, "disputed",
                                        (json_int_t)s.disputed, "ruled", (json_int_t)s.ruled,
                                        "goal", AGREEMENT_GOAL, "next", next));
}

/* ---- one ------------------------------------------------------------------------------- */

static void put_numbered(struct buf *b, const struct dispute_view *v)
{
    buf_adds(b, ",\"answers\":[");
    for (int i = 0; i < v->n; i++) {
        buf_addf(b, "%s{\"n\":%d", i ? "," : "", i + 1);
        put_raw(b, "result", v->answer[i].result, v->answer[i].nresult);
        put_close(b);
    }
    buf_addc(b, ']');
}

static json_t *matrix(const struct dispute_view *v)
{
    json_t *rows = json_array();

    for (int i = 0; v->pair && i < v->n; i++) {
        json_t *row = json_array();

        for (int j = 0; j < v->n; j++)
            json_array_append_new(row, i == j ? json_null() : json_real(v->pair[i * v->n + j]));
        json_array_append_new(rows, row);
    }
    return rows;
}

static int put_agreed(struct rq *r, struct buf *b, int64_t task)
{
    struct consensus *c;
    int n, put = 0, rc = consensus_of(r->cx, r->access.project, task, &c, &n);

    buf_adds(b, ",\"consensus\":[");
    for (int i = 0; rc >= 0 && i < n; i++) {
        if (!*c[i].control)
            continue;
        if (put++)
            buf_addc(b, ',');
        put_open(b, json_pack("{s:s, s:s, s:f, s:I}", "control", c[i].control, "method",
                              c[i].method, "confidence", c[i].confidence, "n",
                              (json_int_t)c[i].n));
        put_raw(b, "result", c[i].answer, c[i].nanswer);
        put_close(b);
    }
    buf_addc(b, ']');
    return rc;
}

static void put_ruling(struct rq *r, struct buf *b, const struct dispute_view *v)
{
    if (!v->ruled) {
        buf_adds(b, ",\"ruling\":null");
        return;
    }
    buf_adds(b, ",\"ruling\":");
    put_open(b, json_pack("{s:s, s:s, s:b, s:o}", "kind", v->ruling.kind, "reason",
                          v->ruling.reason, "mine", v->ruling.person == r->cx->who.person,
                          "made_at", json_time(v->ruling.made)));
    if (v->result)
        put_raw(b, "result", v->result, v->nresult);
    put_close(b);
}

int dispute_open(struct rq *r)
{
    struct dispute_view v;
    struct content c;
    struct task t;
    struct buf b;
    int rc;

    if ((rc = ruling_open(r->cx, &r->access, r->id[0], &v)) < 0 ||
        (rc = task_get(r->cx, r->id[0], &t)) < 0 ||
        (rc = exposure_open(r->cx, &r->access, t.id, &c)) < 0)
        return rc;
    buf_init(&b, r->cx, ANSWER_BYTES);
    put_open(&b, json_pack("{s:I, s:I, s:I, s:o, s:f, s:I, s:s, s:o}", "task", (json_int_t)t.id,
                           "inner_id", (json_int_t)t.inner_id, "overlap",
                           (json_int_t)t.slot.required, "agreement",
                           v.agreement >= 0 ? json_real(v.agreement) : json_null(), "goal",
                           AGREEMENT_GOAL, "others", (json_int_t)v.others, "seen", v.seen,
                           "pairs", matrix(&v)));
    put_raw(&b, "data", c.data, c.ndata);
    put_numbered(&b, &v);
    if ((rc = put_agreed(r, &b, t.id)) < 0)
        return rc;
    put_ruling(r, &b, &v);
    put_close(&b);
    return reply_put(r, 200, &b);
}

/* ---- deciding -------------------------------------------------------------------------- */

struct asked {
    struct ruling_new new;
    bool more;
};

int ruling_in(struct rq *r)
{
    struct asked *a = NEW(r->cx, struct asked);
    const char *verdict = NULL;
    int64_t pick = 0;
    json_t *parsed;
    struct field f;
    int rc;

    r->arg = a;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_need(&f, "verdict");
    field_need(&f, "seen");
    field_str(&f, "verdict", &verdict);
    field_str(&f, "seen", &a->new.seen);
    field_str(&f, "reason", &a->new.reason);
    field_int(&f, "pick", 1, LIMIT_OVERLAP, &pick);
    if (f.rc < 0)
        return f.rc;
    a->new.pick = (int)pick;
    a->more = strcmp(verdict, "more") == 0;
    a->new.bad = strcmp(verdict, "bad") == 0;
    if (!a->more && !a->new.bad && strcmp(verdict, "answer") != 0)
        return fail_at(r->cx, E_INVALID, "verdict", "A verdict is answer, bad or more.");
    rc = field_raw(r, f.o, "result", &a->new.answer.result, &a->new.answer.nresult, &parsed);
    if (rc < 0)
        return rc;
    a->new.answer.parsed = parsed;
    if (!a->more && !a->new.bad && !pick && !json_is_array(parsed))
        return fail_at(r->cx, E_INVALID, "result", "Give the answer as a list, or pick a number.");
    return 0;
}

int ruling_make(struct rq *r)
{
    struct asked *a = r->arg;
    int rc = a->more ? ruling_more(r->cx, &r->access, r->id[0], a->new.seen)
                     : ruling_set(r->cx, &r->access, r->id[0], &a->new);

    return rc < 0 ? rc
                  : reply_json(r, 200, json_pack("{s:I, s:s}", "task", (json_int_t)r->id[0],
                                                 "state", a->more ? "open" : "settled"));
}

int ruling_take_back(struct rq *r)
{
    int rc = ruling_undo(r->cx, &r->access, r->id[0]);

    return rc < 0 ? rc : reply_empty(r, 204);
}
