/* api_consensus.c -- what the answers say together, and how far people agree. */
#include <uthash.h>

#include "core/json.h"
#include "domain/agreement.h"
#include "domain/calibration.h"
#include "domain/config.h"
#include "domain/consensus.h"
#include "domain/method.h"
#include "domain/project.h"
#include "domain/skill.h"
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
    put_open(b, json_pack("{s:I, s:I, s:s?, s:s?, s:s, s:b, s:f, s:I, s:o, s:o}", "task",
                          (json_int_t)c->task, "inner_id", (json_int_t)t->inner_id, "control",
                          *c->control ? c->control : NULL, "method",
                          *c->control ? c->method : NULL, "state", "settled", "bad", c->bad,
                          "confidence", c->confidence, "n", (json_int_t)c->n, "agreement",
                          t->agreement >= 0 ? json_real(t->agreement) : json_null(), "computed_at",
                          json_time(c->computed ? c->computed : t->updated)));
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
    return reply_json(r, 200, json_pack("{s:{s:o, s:I}, s:{s:O}, s:O, s:f}", "overall",
                                        "value", s.mean >= 0 ? json_real(s.mean) : json_null(),
                                        "n", (json_int_t)s.tasks, "tasks", "histogram", bins,
                                        "pairs", pairs, "goal", AGREEMENT_GOAL));
}

int calibration_show(struct rq *r)
{
    struct calibration_bin *b;
    json_t *list;
    int n, rc;

    if ((rc = calibration_bins(r->cx, r->id[0], &b, &n)) < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s, s:i, s:I, s:f, s:f}", "control", b[i].control,
                                              "tenth", b[i].tenth, "tasks", (json_int_t)b[i].tasks,
                                              "confidence", b[i].sure, "right", b[i].fit));
    return reply_json(r, 200, json_pack("{s:o}", "results", list));
}

/* ---- methods, and what they learnt ------------------------------------------------------ */

static void add_method(json_t *all, const struct way *m, enum method_family family)
{
    json_t *one;
    size_t i;

    json_array_foreach(all, i, one)
        if (strcmp(json_str(one, "id", ""), m->info->id) == 0) {
            json_array_append_new(json_object_get(one, "fits"),
                                  json_string(method_family_word(family)));
            return;
        }
    json_array_append_new(
        all, json_pack("{s:s, s:s, s:s, s:s, s:b, s:[s]}", "id", m->info->id, "title",
                       m->info->title, "about", m->info->about, "paper", m->info->paper,
                       "needs_gold", m->info->needs_gold, "fits",
                       method_family_word(family)));
}

int methods_show(struct rq *r)
{
    json_t *all = json_array();
    struct way m;

    for (int f = 0; f < METHOD_FAMILIES; f++)
        for (int k = 0; method_at((enum method_family)f, k, &m); k++)
            add_method(all, &m, (enum method_family)f);
    return reply_json(r, 200, json_pack("{s:o}", "results", all));
}

static json_t *control_row(const struct label_config *c, const struct label_tag *t,
                           const struct project *p, const json_t *chosen, bool truth)
{
    struct way is = method_of(c, t, p->method, chosen), m;
    json_t *fit = json_array();

    for (int k = 0; method_fits(c, t, truth, k, &m); k++)
        json_array_append_new(fit, json_string(m.info->id));
    return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:o}", "control", t->name, "tag", t->tag, "kind",
                     method_family_word(method_family(t)), "method", is.info->id, "chosen",
                     json_string_value(json_object_get(chosen, t->name)), "fits", fit);
}

int project_methods(struct rq *r)
{
    const struct label_config *c;
    struct project p;
    json_t *chosen, *list;
    bool truth;
    int rc;

    if ((rc = project_get(r->cx, r->id[0], &p)) < 0 ||
        (rc = config_parsed(r->cx, p.id, p.config_n, &c)) < 0 ||
        (rc = json_stored(r->cx, p.methods, strlen(p.methods), &chosen)) < 0 ||
        (rc = project_has_truth(r->cx, p.id, &truth)) < 0)
        return rc;
    list = json_array();
    for (int i = 0; i < c->ncontrols; i++)
        if (c->controls[i]->name)
            json_array_append_new(list, control_row(c, c->controls[i], &p, chosen, truth));
    return reply_json(r, 200, json_pack("{s:s, s:o}", "default", p.method, "controls", list));
}

int skills_show(struct rq *r)
{
    struct skill_table *t;
    struct known *names = NULL;
    json_t *list = json_keep(r->cx, json_array());
    int n, rc;

    if ((rc = skill_tables(r->cx, r->id[0], &t, &n)) < 0)
        return rc;
    for (int i = 0; i < n; i++) {
        json_t *people = json_array();

        for (int k = 0; k < t[i].n; k++) {
            const struct skill *s = &t[i].of[k];
            json_t *o = json_pack("{s:I, s:I, s:f, s:f, s:f}", "person", (json_int_t)s->person,
                                  "n", (json_int_t)s->n, "skill", s->skill, "lo", s->lo, "hi",
                                  s->hi);

            name_person(r, &names, o, "name", s->person);
            json_array_append_new(people, o);
        }
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:I, s:o, s:o}", "control", t[i].control,
                            "method", t[i].method, "unit", t[i].unit, "note", t[i].note, "answers",
                            (json_int_t)t[i].votes, "computed_at", json_time(t[i].computed),
                            "workers", people));
    }
    HASH_CLEAR(hh, names);
    return reply_json(r, 200, json_pack("{s:O}", "results", list));
}
