/* api_consensus.c -- what the answers say together, and how far people agree. */
#include <uthash.h>

#include "core/json.h"
#include "domain/agreement.h"
#include "domain/consensus.h"
#include "domain/task.h"
#include "domain/user.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

static int put_consensus(struct rq *r, struct buf *b, const struct consensus *c, struct task *t)
{
    int rc;

    if (t->id != c->task && (rc = task_get(r->cx, c->task, t)) < 0)
        return rc;
    put_open(b, json_pack("{s:I, s:I, s:s, s:s, s:s, s:f, s:I, s:o, s:o}", "task",
                          (json_int_t)c->task, "inner_id", (json_int_t)t->inner_id, "control",
                          c->control, "method", c->method, "state", "settled", "confidence",
                          c->confidence, "n", (json_int_t)c->n, "agreement",
                          t->agreement >= 0 ? json_real(t->agreement) : json_null(), "computed_at",
                          json_time(c->computed)));
    put_raw(b, "result", c->answer, c->nanswer);
    put_raw(b, "inputs", c->inputs, strlen(c->inputs));
    put_close(b);
    return 0;
}

int consensus_rows(struct rq *r)
{
    int64_t task = query_int(r, "task", 0), last = 0;
    struct consensus *c;
    struct task t = { 0 };
    struct buf b;
    int limit = page_limit(r), n, tasks = 0, rc;

    rc = task ? consensus_of(r->cx, r->id[0], task, &c, &n)
              : consensus_list(r->cx, r->id[0], query_int(r, "after", 0), limit, &c, &n);
    if (rc < 0)
        return rc;
    buf_init(&b, r->cx, ANSWER_BYTES);
    buf_adds(&b, "{\"results\":[");
    for (int i = 0; i < n; i++) {
        tasks += c[i].task != last;
        last = c[i].task;
        if (i)
            buf_addc(&b, ',');
        if ((rc = put_consensus(r, &b, &c[i], &t)) < 0)
            return rc;
    }
    if (!task && tasks >= limit)
        buf_addf(&b, "],\"next\":%lld}", (long long)last);
    else
        buf_adds(&b, "],\"next\":null}");
    return reply_put(r, 200, &b);
}

/* A person who stands in many pairs is looked up once. */
struct known {
    int64_t id;
    const char *name;           /* NULL: the caller may not know it */
    UT_hash_handle hh;
};

static void name_person(struct rq *r, struct known **all, json_t *o, const char *key, int64_t id)
{
    struct known *k;
    struct user u;

    HASH_FIND(hh, *all, &id, sizeof id, k);
    if (!k) {
        k = NEW(r->cx, struct known);
        k->id = id;
        if (user_get(r->cx, id, &u) >= 0)
            k->name = *u.name ? u.name : u.email;
        else
            fail_clear(r->cx);
        HASH_ADD(hh, *all, id, sizeof k->id, k);
    }
    if (k->name)
        json_object_set_new(o, key, json_string(k->name));
}

int agreement_show(struct rq *r)
{
    struct agreement_summary s;
    struct agreement_pair *p;
    struct known *names = NULL;
    json_t *bins = json_keep(r->cx, json_array()), *pairs = json_keep(r->cx, json_array());
    int n, rc;

    if ((rc = agreement_sum(r->cx, r->id[0], &s)) < 0 ||
        (rc = agreement_pairs(r->cx, r->id[0], &p, &n)) < 0)
        return rc;
    for (int i = 0; i < 10; i++)
        json_array_append_new(bins, json_integer(s.histogram[i]));
    for (int i = 0; i < n; i++) {
        json_t *o = json_pack("{s:I, s:I, s:I, s:f}", "a", (json_int_t)p[i].a, "b",
                              (json_int_t)p[i].b, "n", (json_int_t)p[i].n, "agreement", p[i].mean);

        name_person(r, &names, o, "a_name", p[i].a);
        name_person(r, &names, o, "b_name", p[i].b);
        json_array_append_new(pairs, o);
    }
    HASH_CLEAR(hh, names);
    return reply_json(r, 200, json_pack("{s:{s:o, s:I}, s:{s:O}, s:O}", "overall",
                                        "value", s.mean >= 0 ? json_real(s.mean) : json_null(),
                                        "n", (json_int_t)s.tasks, "tasks", "histogram", bins,
                                        "pairs", pairs));
}
