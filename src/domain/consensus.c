/* consensus.c -- see consensus.h. */
#include "domain/consensus.h"

#include <math.h>

#include "core/json.h"
#include "core/str.h"
#include "domain/agreement.h"
#include "domain/audit.h"
#include "domain/calibration.h"
#include "domain/fit.h"
#include "domain/lane.h"
#include "domain/ruling.h"
#include "domain/saying.h"
#include "domain/skill.h"
#include "domain/task_set.h"
#include "store/db.h"
#include "store/job.h"
#include "store/vault.h"

#define CONFIDENCE_SAME 1e-9

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

/* ---- forming ---- */

#define COUNTED                                                                                    \
    " a.counted = 1 AND a.withdrawn_ms IS NULL AND a.was_cancelled = 0 AND a.ground_truth = 0"

static int load_answers(struct ctx *cx, int64_t project, int64_t task, struct settled *s)
{
    struct rows *q;
    int cap = 8, rc;

    rc = db_query(cx, &q,
                  "SELECT a.id, a.n, a.person_id, r.result, a.created_ms FROM annotation a"
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
        if (rows_int(q, 4) > s->answered)
            s->answered = rows_int(q, 4);
    }
    return rc;
}

static const char *inputs_text(struct ctx *cx, const struct settled *s)
{
    struct buf b;

    buf_init(&b, cx, (size_t)LIMIT_OVERLAP * 48);
    buf_addc(&b, '[');
    if (s->ruling)
        buf_addf(&b, "[%lld,%lld]", (long long)s->ruling, (long long)s->ruling_n);
    for (int i = 0; i < s->n && !s->ruled; i++)
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
    const char *said;
    double was;
    bool same;
    int n, rc;

    if ((rc = consensus_of(cx, project, s->task, &old, &n)) < 0 ||
        (rc = saying_kept(cx, project, s->task, &said)) < 0 ||
        (rc = calibration_same(cx, project, s->task, s->sure, s->nsure, &same)) < 0)
        return rc;
    if (n == 1 && !*old->control)
        n = 0;
    s->differs = n != s->o.n || !same;
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
    s->differs = s->differs || !same_number(rc > 0 ? was : -1, s->o.agreement) || !said ||
                 strcmp(said, s->said) != 0;
    return 0;
}

/* What somebody ruled takes the place of what the answers say. */
static int obey_ruling(struct ctx *cx, int64_t project, const struct label_config *config,
                       struct settled *s)
{
    struct annotation answer;
    struct ruling r;
    json_t *result = NULL;
    int rc = ruling_of(cx, project, s->task, &r);

    if (rc <= 0)
        return rc;
    s->ruled = true;
    if (r.annotation) {
        if ((rc = annotation_get(cx, r.annotation, &answer)) < 0 ||
            (rc = json_stored(cx, answer.result, answer.nresult, &result)) < 0)
            return rc;
        s->ruling = answer.id;
        s->ruling_n = answer.n;
    }
    return ruling_apply(cx, config, result, s->n, &s->o);
}

int consensus_form(struct ctx *cx, int64_t project, const struct fits *fits, const int64_t *task,
                   int n, struct settled *out)
{
    struct slot slot;
    int rc;

    for (int i = 0; i < n; i++) {
        struct settled *s = &out[i];
        struct fits_view view = {fits, task[i]};

        *s = (struct settled){.task = task[i]};
        if ((rc = slot_get(cx, project, task[i], &slot)) < 0 ||
            (rc = load_answers(cx, project, task[i], s)) < 0)
            return rc;
        s->due = slot.settle;
        rc = opinion_form(cx, fits->config, s->in, s->n, fits_verdict, &view, &s->o);
        if (rc < 0 ||
            (rc = calibration_of(cx, project, task[i], fits, &s->o, &s->sure, &s->nsure)) < 0 ||
            (rc = obey_ruling(cx, project, fits->config, s)) < 0 ||
            (rc = saying_of(cx, fits->config, s->in, s->n, &s->o, &s->said)) < 0 ||
            (rc = compare(cx, project, s)) < 0)
            return rc;
    }
    return 0;
}

/* ---- storing ---- */

/* What rides along with the rows of consensus: sums of agreement, of labels, and of what is known
 * to be true. */
struct change {
    struct agreement_change agreed;
    struct saying_change said;
    struct calibration_change sure;
};

static void begin(struct change *c, struct ctx *cx, int64_t project)
{
    agreement_begin(&c->agreed, cx, project);
    saying_begin(&c->said, cx, project);
    calibration_begin(&c->sure, cx, project);
}

static int end(struct change *c)
{
    int rc = agreement_end(&c->agreed);

    if (rc >= 0)
        rc = saying_end(&c->said);
    return rc < 0 ? rc : calibration_end(&c->sure);
}

static int store_one(struct ctx *cx, int64_t project, const struct settled *s, struct change *c)
{
    const struct agreed agreed = {s->o.agreement, s->answered, s->ruled};
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
        rc = agreement_put(&c->agreed, s->task, &agreed, person, s->o.pair, s->n);
    if (rc >= 0)
        rc = saying_put(&c->said, s->task, s->said);
    if (rc >= 0)
        rc = calibration_put(&c->sure, s->task, s->sure, s->nsure);
    return rc < 0 ? rc : slot_settle_at(cx, project, s->task, 0);
}

static int forget(struct change *c, const struct tasks *tasks)
{
    int rc = db_run(c->agreed.cx, "DELETE FROM consensus WHERE project_id = ? AND " IN_TASKS,
                    "iiit", c->agreed.project, TASKS(tasks));

    if (rc >= 0)
        rc = agreement_forget(&c->agreed, tasks);
    if (rc >= 0)
        rc = saying_forget(&c->said, tasks);
    return rc < 0 ? rc : calibration_forget(&c->sure, tasks);
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
    struct change c;

    *stored = 0;
    for (int i = 0; i < n; i++)
        task[i] = s[i].task;
    if ((rc = slot_lock(cx, project, tasks_of(cx, task, n))) < 0 ||
        (rc = choose(cx, project, s, n, pick, task, stored)) < 0 || *stored == 0)
        return rc;
    begin(&c, cx, project);
    rc = forget(&c, tasks_of(cx, task, *stored));
    for (int i = 0; i < *stored && rc >= 0; i++)
        rc = store_one(cx, project, &s[pick[i]], &c);
    if (rc < 0 || (rc = end(&c)) < 0)
        return rc;
    return audit(cx, project, "consensus.settle", s[0].task, "{\"tasks\":%d}", *stored);
}

/* ---- reading ---- */

/*
 * A complete task of which nobody said anything has no control to keep a row
 * for; it reads as one row without control: all agree that there is nothing.
 */
#define COLUMNS                                                                                    \
    "s.task_id, COALESCE(c.control, ''), COALESCE(c.method, ''), c.answer,"                        \
    " COALESCE(c.confidence, 1), COALESCE(c.inputs, '[]'), COALESCE(c.n, s.answered),"             \
    " COALESCE(c.computed_ms, 0), COALESCE(r.kind, '') FROM slot s"                                \
    " LEFT JOIN consensus c ON c.project_id = s.project_id AND c.task_id = s.task_id"              \
    " LEFT JOIN ruling r ON r.project_id = s.project_id AND r.task_id = s.task_id"
#define SETTLED                                                                                    \
    " s.answered > 0 AND s.answered >= s.required AND (s.settle_ms = 0 OR EXISTS (SELECT 1"        \
    " FROM consensus x WHERE x.project_id = s.project_id AND x.task_id = s.task_id))"

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
                                .computed = rows_int(q, 7),
                                .bad = strcmp(rows_text(q, 8), "bad") == 0};
        c->answer = "[]";
        c->nanswer = 2;
        if (!*c->control)
            continue;
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
                  "SELECT " COLUMNS " WHERE s.project_id = ? AND s.task_id > ? AND s.task_id <= ("
                  " SELECT COALESCE(MAX(task_id), 0) FROM (SELECT s.task_id FROM slot s"
                  "  WHERE s.project_id = ? AND s.task_id > ? AND" SETTLED
                  "  ORDER BY s.task_id LIMIT ?) x) AND" SETTLED " ORDER BY s.task_id, c.control",
                  "iiiii", project, after_task, project, after_task, (int64_t)limit);
    return rc < 0 ? rc : read_all(cx, q, project, out, n);
}

int consensus_of(struct ctx *cx, int64_t project, int64_t task, struct consensus **out, int *n)
{
    struct rows *q;
    int rc =
        db_query(cx, &q,
                 "SELECT " COLUMNS " WHERE s.project_id = ? AND s.task_id = ? AND" SETTLED
                 " ORDER BY c.control", "ii", project, task);

    return rc < 0 ? rc : read_all(cx, q, project, out, n);
}

int consensus_verify(struct ctx *cx, int64_t project, const struct fits *fits, int64_t after,
                     int limit, int64_t *last, int *checked, int64_t *wrong, int *nwrong)
{
    struct settled *s;
    int64_t *task;
    int n, rc;

    if ((rc = consensus_complete(cx, project, after, limit, &task, &n)) < 0)
        return rc;
    s = NEW_N(cx, struct settled, n + 1);
    if ((rc = consensus_form(cx, project, fits, task, n, s)) < 0)
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
    struct change c;
    int rc;

    begin(&c, cx, project);
    rc = forget(&c, tasks);
    return rc < 0 ? rc : end(&c);
}

int consensus_count(struct ctx *cx, int64_t project, int64_t at, const struct tasks *tasks,
                    int sign)
{
    struct change c;
    int rc;

    begin(&c, cx, project);
    if ((rc = agreement_count(&c.agreed, at, tasks, sign)) >= 0)
        rc = saying_count(&c.said, at, tasks, sign);
    if (rc >= 0)
        rc = calibration_count(&c.sure, at, tasks, sign);
    return rc < 0 ? rc : end(&c);
}

int consensus_again(struct ctx *cx, int64_t project, const struct tasks *tasks)
{
    int due = slot_settle_again(cx, project, tasks, cx->now);

    return due > 0 ? consensus_want(cx, project, cx->now) : due;
}
