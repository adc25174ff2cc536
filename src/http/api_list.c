/*
 * api_list.c -- the task list: pages by key, and the map of a whole result.
 *
 * A page begins after a key, as a row before it or the map named it: the id, or
 * [what it is sorted by, id].  Callers take keys as they are.
 */
#include <math.h>

#include "core/json.h"
#include "domain/filter.h"
#include "domain/task.h"
#include "http/api.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"

struct ask {
    const json_t *query;
    struct task_key after, upto;
    bool has_after, has_upto;
    int64_t limit, skip, step;
};

static int read_key(struct rq *r, const json_t *o, const char *name, struct task_key *k, bool *has)
{
    const json_t *v = json_object_get(o, name), *first;

    *has = v && !json_is_null(v);
    if (!*has)
        return 0;
    if (json_is_integer(v)) {
        k->id = json_integer_value(v);
        return 0;
    }
    first = json_array_get(v, 0);
    k->id = json_integer_value(json_array_get(v, 1));
    k->word = json_string_value(first);
    k->num = json_number_value(first);
    return json_array_size(v) == 2 && k->id
               ? 0 : fail_at(r->cx, E_INVALID, name, "This is no key of a row.");
}

int list_in(struct rq *r)
{
    struct ask *a = NEW(r->cx, struct ask);
    struct field f;
    int rc;

    *a = (struct ask){.limit = 200, .step = 200};
    r->arg = a;
    if (field_body(r, &f) < 0)
        return f.rc;
    field_int(&f, "limit", 1, LIMIT_PAGE_ROWS, &a->limit);
    field_int(&f, "skip", 0, 1000000, &a->skip);
    field_int(&f, "step", 1, 1000000, &a->step);
    if (f.rc < 0)
        return f.rc;
    a->query = json_object_get(f.o, "query");
    if (a->query && !json_is_null(a->query) && !json_is_object(a->query))
        return fail_at(r->cx, E_INVALID, "query", "The query is a JSON object.");
    if ((rc = read_key(r, f.o, "after", &a->after, &a->has_after)) < 0)
        return rc;
    return read_key(r, f.o, "upto", &a->upto, &a->has_upto);
}

/* A filter can ask about any field of any task: only core readers may use one (trust.md 4.3). */
static int read_query(struct rq *r, bool whole, struct task_filter *f)
{
    const json_t *q = ((struct ask *)r->arg)->query;
    bool asks = json_array_size(json_object_get(json_object_get(q, "filters"), "items")) > 0 ||
                json_array_size(json_object_get(q, "ordering")) > 0 ||
                json_object_get(q, "selectedItems");

    *f = (struct task_filter){.whole = whole};
    if (!asks)
        return 0;
    if (!r->access.core)
        return fail(r->cx, E_FORBIDDEN, "Only managers and auditors may filter tasks.");
    return filter_compile(r->cx, r->access.project, q, whole, f);
}

static json_t *shape_key(const struct task_filter *f, const struct task_key *k)
{
    if (f->sort.by == SORT_ID)
        return json_integer(k->id);
    return json_pack("[o, I]", k->word ? json_string(k->word) : json_real(k->num),
                     (json_int_t)k->id);
}

static json_t *shape_facts(const struct task_facts *f)
{
    json_t *people = json_array();

    for (int i = 0; i < f->people; i++)
        json_array_append_new(people, json_integer(f->person[i]));
    return json_pack("{s:o, s:o, s:o, s:o, s:I}",
                     "completed_at", f->completed ? json_time(f->completed) : json_null(),
                     "avg_lead_time", isnan(f->lead_s) ? json_null() : json_real(f->lead_s),
                     "predictions_score", isnan(f->score) ? json_null() : json_real(f->score),
                     "annotators", people, "comment_count", (json_int_t)f->comments);
}

static void put_more(struct buf *b, json_t *members)
{
    const char *s = json_text(b->cx, json_keep(b->cx, members));

    buf_addc(b, ',');
    buf_add(b, s + 1, strlen(s) - 2);
}

static int put_rows(struct rq *r, struct buf *b, const struct task *t, int n)
{
    struct task_facts *facts;
    struct task_name *name;
    int nnames, rc = task_facts(r->cx, r->access.project, t, n, &facts, &name, &nnames);

    if (rc < 0)
        return rc;
    buf_adds(b, "{\"results\":[");
    for (int i = 0; i < n; i++) {
        if (i)
            buf_addc(b, ',');
        if ((rc = put_task(r, b, &t[i], TASK_BRIEF)) < 0)
            return rc;
        put_more(b, shape_facts(&facts[i]));
        put_close(b);
    }
    buf_adds(b, "],\"people\":{");
    for (int i = 0; i < nnames; i++) {
        buf_addf(b, "%s\"%lld\":", i ? "," : "", (long long)name[i].person);
        buf_add_json(b, name[i].name, strlen(name[i].name));
    }
    return buf_addc(b, '}');
}

int list_page(struct rq *r)
{
    const struct ask *a = r->arg;
    struct task_filter f;
    struct task_key *key;
    struct task *t;
    struct buf b;
    int nkeys, n, rc;

    if ((rc = task_patience(r->cx)) < 0 || (rc = read_query(r, false, &f)) < 0)
        return rc;
    f.offset = a->skip;
    if ((rc = task_keys(r->cx, r->access.project, &f, a->has_after ? &a->after : NULL,
                        a->has_upto ? &a->upto : NULL, (int)a->limit, &key, &nkeys)) < 0 ||
        (rc = task_rows(r->cx, r->access.project, key, nkeys, &t, &n)) < 0)
        return rc;
    buf_init(&b, r->cx, ANSWER_BYTES);
    if ((rc = put_rows(r, &b, t, n)) < 0)
        return rc;
    put_more(&b, json_pack("{s:o}", "next", nkeys < a->limit ? json_null()
                                                             : shape_key(&f, &key[nkeys - 1])));
    put_close(&b);
    return reply_put(r, 200, &b);
}

int list_map(struct rq *r)
{
    const struct ask *a = r->arg;
    int64_t step = a->step, total = 0;
    struct task_filter f;
    struct task_key *key;
    json_t *marks;
    int n, rc;

    if ((rc = task_patience(r->cx)) < 0 || (rc = read_query(r, true, &f)) < 0 ||
        (rc = task_map(r->cx, r->access.project, &f, &step, &key, &n, &total)) < 0)
        return rc;
    marks = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(marks, shape_key(&f, &key[i]));
    return reply_json(r, 200, json_pack("{s:I, s:I, s:o}", "total", (json_int_t)total,
                                        "step", (json_int_t)step, "marks", marks));
}

int list_fields(struct rq *r)
{
    struct task_field *f;
    json_t *list;
    int n, rc = task_fields(r->cx, r->access.project, &f, &n);

    if (rc < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s, s:b, s:b}", "name", f[i].name, "number",
                                              f[i].number, "word", f[i].word));
    return reply_json(r, 200, json_pack("{s:o}", "fields", list));
}

int list_spread(struct rq *r)
{
    const char *name = query_str(r, "name");
    struct task_spread s;
    json_t *list = json_array();
    int rc;

    json_keep(r->cx, list);
    if (!name)
        return fail_at(r->cx, E_INVALID, "name", "Which column?");
    if ((rc = task_patience(r->cx)) < 0 ||
        (rc = task_spread(r->cx, r->access.project, name, &s)) < 0)
        return rc;
    for (int i = 0; i < SPREAD_BINS && s.numbers; i++)
        json_array_append_new(list, json_integer(s.bin[i]));
    for (int i = 0; i < s.nwords; i++)
        json_array_append_new(list, json_pack("{s:s, s:I}", "word", s.word[i].word, "n",
                                              (json_int_t)s.word[i].n));
    if (!s.numbers)
        return reply_json(r, 200, json_pack("{s:O}", "words", list));
    return reply_json(r, 200, json_pack("{s:f, s:f, s:O}", "low", s.low, "high", s.high, "bins",
                                        list));
}
