/* consensus.c -- see consensus.h. */
#include "domain/consensus.h"

#include <math.h>
#include <uthash.h>

#include "core/json.h"
#include "core/str.h"
#include "domain/agreement.h"
#include "domain/audit.h"
#include "domain/config.h"
#include "domain/lane.h"
#include "domain/project.h"
#include "domain/task_set.h"
#include "stats/annotary_stats.h"
#include "store/db.h"
#include "store/job.h"
#include "store/vault.h"

#define CONFIDENCE_SAME 1e-9
#define POOL_VOTES_MAX 2000000          /* votes a whole-project method looks at */

int consensus_want(struct ctx *cx, int64_t project, int64_t due)
{
    return job_add(cx, project, "consensus", "settle", "{}", due, NULL);
}

static int ids(struct ctx *cx, struct rows *q, int limit, int64_t **task, int *n)
{
    int rc;

    *task = NEW_N(cx, int64_t, limit);
    *n = 0;
    while ((rc = rows_next(q)) > 0)
        (*task)[(*n)++] = rows_int(q, 0);
    return rc;
}

int consensus_due(struct ctx *cx, int64_t project, int limit, int64_t **task, int *n, int64_t *next)
{
    struct rows *q;
    int rc = db_query(
        cx, &q,
        "SELECT task_id FROM slot WHERE project_id = ? AND settle_ms > 0 AND settle_ms <= ?"
        " ORDER BY settle_ms LIMIT ?",
        "iii", project, cx->now, (int64_t)limit);

    if (rc < 0 || (rc = ids(cx, q, limit, task, n)) < 0)
        return rc;
    *next = 0;
    rc = db_int(cx, next, "SELECT MIN(settle_ms) FROM slot WHERE project_id = ? AND settle_ms > ?",
                "ii", project, *n < limit ? cx->now : 0);
    return rc < 0 ? rc : 0;
}

int consensus_complete(struct ctx *cx, int64_t project, int64_t after, int limit, int64_t **task,
                       int *n)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT task_id FROM slot WHERE project_id = ? AND task_id > ?"
                      " AND answered >= required AND answered > 0 ORDER BY task_id LIMIT ?",
                      "iii", project, after, (int64_t)limit);

    return rc < 0 ? rc : ids(cx, q, limit, task, n);
}

/* ---- what one person's word weighs ---- */

struct skill {
    int64_t person;
    uint32_t index;
    double weight;
    UT_hash_handle hh;
};

struct skills {
    const char *method;
    bool whole;                 /* the method looks at the whole project */
    struct skill *table;        /* by person; freed with the struct */
};

static int skills_free(struct skills *s)
{
    struct skill *k, *tmp;

    HASH_ITER(hh, s->table, k, tmp)
        HASH_DEL(s->table, k);
    return 0;
}

bool skills_matter(const struct skills *s)
{
    return s->whole;
}

static double weight_of(const struct skills *s, int64_t person)
{
    struct skill *k;

    HASH_FIND(hh, s->table, &person, sizeof person, k);
    return k ? k->weight : 1;
}

static uint32_t person_index(struct ctx *cx, struct skills *s, int64_t person)
{
    struct skill *k;

    HASH_FIND(hh, s->table, &person, sizeof person, k);
    if (!k) {
        k = talloc_zero(s, struct skill);
        k->person = person;
        k->index = HASH_COUNT(s->table);
        HASH_ADD(hh, s->table, person, sizeof person, k);
    }
    (void)cx;
    return k->index;
}

/* All votes of complete tasks: a task is (task, control), a class is a vote's text. */
struct pool {
    struct ctx *cx;
    uint32_t *task, *worker;
    uint16_t *label;
    uint32_t n, cap, tasks, classes;
    struct named *items, *texts;
};

struct named {
    char *name;
    uint32_t id;
    UT_hash_handle hh;
};

static uint32_t name_id(struct pool *p, struct named **table, uint32_t *count, const char *name)
{
    struct named *e;

    HASH_FIND_STR(*table, name, e);
    if (!e) {
        e = NEW(p->cx, struct named);
        e->name = talloc_strdup(p->cx->mem, name);
        e->id = (*count)++;
        HASH_ADD_KEYPTR(hh, *table, e->name, strlen(e->name), e);
    }
    return e->id;
}

static void pool_add(struct pool *p, int64_t task, const char *control, const char *vote,
                     uint32_t worker)
{
    char item[512];
    uint32_t class;

    snprintf(item, sizeof item, "%lld %s", (long long)task, control);
    class = name_id(p, &p->texts, &p->classes, vote);
    if (class >= AS_CLASSES_MAX || p->n >= POOL_VOTES_MAX)
        return;
    if (p->n == p->cap) {
        p->cap = p->cap ? 2 * p->cap : 1024;
        p->task = talloc_realloc(p->cx->mem, p->task, uint32_t, p->cap);
        p->worker = talloc_realloc(p->cx->mem, p->worker, uint32_t, p->cap);
        p->label = talloc_realloc(p->cx->mem, p->label, uint16_t, p->cap);
    }
    p->task[p->n] = name_id(p, &p->items, &p->tasks, item);
    p->worker[p->n] = worker;
    p->label[p->n++] = (uint16_t)class;
}

static void pool_end(struct pool *p)
{
    HASH_CLEAR(hh, p->items);
    HASH_CLEAR(hh, p->texts);
}

#define COUNTED                                                                                    \
    " a.counted = 1 AND a.withdrawn_ms IS NULL AND a.was_cancelled = 0 AND a.ground_truth = 0"

static int fill_pool(struct ctx *cx, int64_t project, const struct label_config *config,
                     struct skills *s, struct pool *p)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT a.task_id, a.person_id, r.result FROM annotation a"
                      " JOIN revision r ON r.annotation_id = a.id AND r.n = a.n"
                      " JOIN slot s ON s.project_id = a.project_id AND s.task_id = a.task_id"
                      " WHERE a.project_id = ? AND" COUNTED " AND s.answered >= s.required"
                      " ORDER BY a.task_id, a.id",
                      "i", project);

    if (rc < 0)
        return rc;
    while (p->n < POOL_VOTES_MAX && (rc = rows_next(q)) > 0) {
        struct ctx *row = ctx_new(cx->mem);
        const char **control, **vote, *plain;
        size_t size;
        const void *sealed = rows_blob(q, 2, &size);
        json_t *result;
        uint32_t who = person_index(cx, s, rows_int(q, 1));
        int n;

        if (vault_open(row, project, sealed, size, &plain, &size) == 0 &&
            json_stored(row, plain, size, &result) == 0 &&
            opinion_votes(row, config, result, &control, &vote, &n) == 0)
            for (int i = 0; i < n; i++)
                pool_add(p, rows_int(q, 0), control[i], vote[i], who);
        ctx_free(row);
    }
    rows_end(q);
    return rc < 0 ? rc : 0;
}

/* The method's verdict on each person, over the whole pool. */
static int weigh(struct ctx *cx, struct skills *s, const struct pool *p)
{
    struct as_result *r = NULL;
    struct as_votes *v = NULL;
    struct as_opts o;
    struct skill *k;
    int rc;

    if (p->n == 0)
        return 0;
    as_opts_init(&o);
    rc = as_votes_new(&(struct as_labels){.n = p->n, .tasks = p->tasks,
                                          .workers = HASH_COUNT(s->table), .classes = p->classes,
                                          .task = p->task, .worker = p->worker, .label = p->label},
                      AS_KEEP_LAST, &v, NULL);
    if (rc == 0)
        rc = as_aggregate(v, s->method, &o, &r);
    if (rc == 0)
        for (k = s->table; k; k = k->hh.next)
            k->weight = r->worker[k->index].n ? r->worker[k->index].skill : 1;
    as_result_free(r);
    as_votes_free(v);
    return rc == 0 ? 0 : fail(cx, E_INTERNAL, "Consensus failed: %s", as_text(rc));
}

int consensus_skills(struct ctx *cx, int64_t project, struct skills **out)
{
    const struct label_config *config;
    struct pool pool = {.cx = cx};
    struct project p;
    int rc;

    if ((rc = project_get(cx, project, &p)) < 0 ||
        (rc = config_parsed(cx, project, p.config_n, &config)) < 0)
        return rc;
    *out = NEW(cx, struct skills);
    talloc_set_destructor(*out, skills_free);
    (*out)->method = p.method;
    (*out)->whole = strcmp(p.method, "majority") != 0;
    if (!(*out)->whole)
        return 0;
    if ((rc = fill_pool(cx, project, config, *out, &pool)) == 0)
        rc = weigh(cx, *out, &pool);
    pool_end(&pool);
    return rc;
}

/* ---- forming ---- */

static int load_answers(struct ctx *cx, int64_t project, int64_t task, struct settled *s)
{
    struct rows *q;
    int cap = 8, rc;

    rc = db_query(cx, &q,
                  "SELECT a.id, a.n, a.person_id, r.result FROM annotation a"
                  " JOIN revision r ON r.annotation_id = a.id AND r.n = a.n"
                  " WHERE a.project_id = ? AND a.task_id = ? AND" COUNTED " ORDER BY a.id",
                  "ii", project, task);
    if (rc < 0)
        return rc;
    s->in = NEW_N(cx, struct opinion_in, cap);
    while ((rc = rows_next(q)) > 0) {
        const char *plain;
        size_t size;
        const void *sealed = rows_blob(q, 3, &size);
        json_t *result;

        if ((rc = vault_open(cx, project, sealed, size, &plain, &size)) < 0 ||
            (rc = json_stored(cx, plain, size, &result)) < 0)
            return rc;
        if (s->n == cap)
            s->in = talloc_realloc(cx->mem, s->in, struct opinion_in, (unsigned)(cap *= 2));
        s->in[s->n++] = (struct opinion_in){rows_int(q, 0), rows_int(q, 1), rows_int(q, 2), result};
    }
    return rc;
}

static const char *inputs_text(struct ctx *cx, const struct settled *s)
{
    struct buf b;

    buf_init(&b, cx, (size_t)LIMIT_OVERLAP * 48);
    buf_addc(&b, '[');
    for (int i = 0; i < s->n; i++)
        buf_addf(&b, "%s[%lld,%lld]", i ? "," : "", (long long)s->in[i].annotation,
                 (long long)s->in[i].revision);
    buf_addc(&b, ']');
    return b.s;
}

static bool same_number(double a, double b)
{
    return fabs(a - b) <= CONFIDENCE_SAME;
}

/* Do the tables say what was just formed? */
static int compare(struct ctx *cx, int64_t project, struct settled *s)
{
    struct consensus *old;
    double was;
    int n, rc;

    if ((rc = consensus_of(cx, project, s->task, &old, &n)) < 0)
        return rc;
    s->differs = n != s->o.n;
    for (int i = 0; i < s->o.n && !s->differs; i++) {
        const struct opinion *o = &s->o.list[i];
        int k = 0;

        while (k < n && strcmp(old[k].control, o->control) != 0)
            k++;
        s->differs = k == n || !same_number(old[k].confidence, o->confidence) ||
                     old[k].n != o->n || strcmp(old[k].method, o->method) != 0 ||
                     strcmp(old[k].answer, json_text(cx, o->answer)) != 0 ||
                     strcmp(old[k].inputs, inputs_text(cx, s)) != 0;
    }
    if ((rc = agreement_of(cx, project, s->task, &was)) < 0)
        return rc;
    s->differs = s->differs || !same_number(rc > 0 ? was : -1, s->o.agreement);
    return 0;
}

int consensus_form(struct ctx *cx, int64_t project, const struct skills *skills,
                   const int64_t *task, int n, struct settled *out)
{
    const struct label_config *config;
    struct project p;
    struct slot slot;
    int rc;

    if ((rc = project_get(cx, project, &p)) < 0 ||
        (rc = config_parsed(cx, project, p.config_n, &config)) < 0)
        return rc;
    for (int i = 0; i < n; i++) {
        struct settled *s = &out[i];
        double *weight = NULL;

        *s = (struct settled){.task = task[i]};
        if ((rc = slot_get(cx, project, task[i], &slot)) < 0 ||
            (rc = load_answers(cx, project, task[i], s)) < 0)
            return rc;
        s->due = slot.settle;
        if (skills->whole) {
            weight = NEW_N(cx, double, s->n + 1);
            for (int k = 0; k < s->n; k++)
                weight[k] = weight_of(skills, s->in[k].person);
        }
        rc = opinion_form(cx, config, skills->method, s->in, s->n, weight, &s->o);
        if (rc < 0 || (rc = compare(cx, project, s)) < 0)
            return rc;
    }
    return 0;
}

/* ---- storing ---- */

static int store_one(struct ctx *cx, int64_t project, const struct settled *s,
                     struct agreement_change *c)
{
    const char *inputs = inputs_text(cx, s);
    int64_t *person = NEW_N(cx, int64_t, s->n + 1);
    int rc = 0;

    for (int i = 0; i < s->o.n && rc >= 0; i++) {
        const struct opinion *o = &s->o.list[i];
        const char *text = json_text(cx, o->answer);
        struct sealed sealed = vault_seal(cx, project, text, strlen(text));

        rc =
            db_run(cx,
                   "INSERT INTO consensus(project_id, task_id, control, method, answer, confidence,"
                   " inputs, n, computed_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   "iittbdtii", project, s->task, o->control, o->method, sealed.p, sealed.n,
                   o->confidence, inputs, (int64_t)o->n, cx->now);
    }
    for (int i = 0; i < s->n; i++)
        person[i] = s->in[i].person;
    if (rc >= 0 && s->o.agreement >= 0)
        rc = agreement_put(c, s->task, s->o.agreement, person, s->o.pair, s->n);
    return rc < 0 ? rc : slot_settle_at(cx, project, s->task, 0);
}

static int forget(struct agreement_change *c, const struct tasks *tasks)
{
    int rc = db_run(c->cx, "DELETE FROM consensus WHERE project_id = ? AND " IN_TASKS, "iiit",
                    c->project, TASKS(tasks));

    return rc < 0 ? rc : agreement_forget(c, tasks);
}

/*
 * Those to be written, in pick[].  The rule: what was read must still be so;
 * else the task is due again, or wants answers again.
 */
static int choose(struct ctx *cx, int64_t project, const struct settled *s, int n, int *pick,
                  int64_t *task, int *picked)
{
    struct slot slot;
    int rc;

    *picked = 0;
    for (int i = 0; i < n; i++) {
        if (!s[i].differs && s[i].due == 0)
            continue;
        rc = slot_get(cx, project, s[i].task, &slot);
        if (rc == E_NOTFOUND) {
            fail_clear(cx);
            continue;
        }
        if (rc < 0)
            return rc;
        if (slot.settle != s[i].due || slot.answered < slot.required)
            continue;
        task[*picked] = s[i].task;
        pick[(*picked)++] = i;
    }
    return 0;
}

int consensus_store(struct ctx *cx, int64_t project, const struct settled *s, int n, int *stored)
{
    int64_t *task = NEW_N(cx, int64_t, n + 1);
    int *pick = NEW_N(cx, int, n + 1), rc;
    struct agreement_change c;

    *stored = 0;
    for (int i = 0; i < n; i++)
        task[i] = s[i].task;
    if ((rc = slot_lock(cx, project, tasks_of(cx, task, n))) < 0 ||
        (rc = choose(cx, project, s, n, pick, task, stored)) < 0 || *stored == 0)
        return rc;
    agreement_begin(&c, cx, project);
    rc = forget(&c, tasks_of(cx, task, *stored));
    for (int i = 0; i < *stored && rc >= 0; i++)
        rc = store_one(cx, project, &s[pick[i]], &c);
    if (rc < 0 || (rc = agreement_end(&c)) < 0)
        return rc;
    return audit(cx, project, "consensus.settle", s[0].task, "{\"tasks\":%d}", *stored);
}

/* ---- reading ---- */

#define COLUMNS                                                                                    \
    "task_id, control, method, answer, confidence, inputs, n, computed_ms FROM consensus"

static int read_all(struct ctx *cx, struct rows *q, int64_t project, struct consensus **out, int *n)
{
    int cap = 16, rc;

    *out = NEW_N(cx, struct consensus, cap);
    *n = 0;
    while ((rc = rows_next(q)) > 0) {
        struct consensus *c;
        size_t size;
        const void *sealed = rows_blob(q, 3, &size);

        if (*n == cap)
            *out = talloc_realloc(cx->mem, *out, struct consensus, (unsigned)(cap *= 2));
        c = &(*out)[(*n)++];
        *c = (struct consensus){.task = rows_int(q, 0),
                                .control = rows_text_keep(q, 1),
                                .method = rows_text_keep(q, 2),
                                .confidence = rows_num(q, 4),
                                .inputs = rows_text_keep(q, 5),
                                .n = rows_int(q, 6),
                                .computed = rows_int(q, 7)};
        if ((rc = vault_open(cx, project, sealed, size, &c->answer, &c->nanswer)) < 0)
            return rc;
        c->answer = talloc_strndup(cx->mem, c->answer, c->nanswer);
    }
    return rc;
}

int consensus_list(struct ctx *cx, int64_t project, int64_t after_task, int limit,
                   struct consensus **out, int *n)
{
    struct rows *q;
    int rc;

    if (limit < 1 || limit > LIMIT_PAGE_ROWS)
        limit = (int)LIMIT_PAGE_ROWS;
    /* Whole tasks: a page never ends between two controls of one. */
    rc = db_query(cx, &q,
                  "SELECT " COLUMNS " WHERE project_id = ? AND task_id > ? AND task_id <= ("
                  " SELECT COALESCE(MAX(task_id), 0) FROM (SELECT DISTINCT task_id FROM consensus"
                  "  WHERE project_id = ? AND task_id > ? ORDER BY task_id LIMIT ?) x)"
                  " ORDER BY task_id, control",
                  "iiiii", project, after_task, project, after_task, (int64_t)limit);
    return rc < 0 ? rc : read_all(cx, q, project, out, n);
}

int consensus_of(struct ctx *cx, int64_t project, int64_t task, struct consensus **out, int *n)
{
    struct rows *q;
    int rc =
        db_query(cx, &q, "SELECT " COLUMNS " WHERE project_id = ? AND task_id = ? ORDER BY control",
                 "ii", project, task);

    return rc < 0 ? rc : read_all(cx, q, project, out, n);
}

int consensus_verify(struct ctx *cx, int64_t project, const struct skills *skills, int64_t after,
                     int limit, int64_t *last, int *checked, int64_t *wrong, int *nwrong)
{
    struct settled *s;
    int64_t *task;
    int n, rc;

    if ((rc = consensus_complete(cx, project, after, limit, &task, &n)) < 0)
        return rc;
    s = NEW_N(cx, struct settled, n + 1);
    if ((rc = consensus_form(cx, project, skills, task, n, s)) < 0)
        return rc;
    *checked = *nwrong = 0;
    *last = n ? task[n - 1] : 0;
    for (int i = 0; i < n; i++) {
        if (s[i].due)           /* not settled yet: nothing to compare */
            continue;
        (*checked)++;
        if (s[i].differs)
            wrong[(*nwrong)++] = s[i].task;
    }
    return 0;
}

int consensus_forget(struct ctx *cx, int64_t project, const struct tasks *tasks)
{
    struct agreement_change c;
    int rc;

    agreement_begin(&c, cx, project);
    rc = forget(&c, tasks);
    return rc < 0 ? rc : agreement_end(&c);
}
