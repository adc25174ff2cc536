/* calibration.c -- see calibration.h. */
#include "domain/calibration.h"

#include <math.h>
#include <uthash.h>

#include "core/json.h"
#include "domain/fit.h"
#include "domain/task_set.h"
#include "label/answer.h"
#include "store/db.h"
#include "store/vault.h"

#define BILLION 1000000000LL

/* ---- what is true of a task, and how far its consensus is that ---- */

/* 1 and the newest ground-truth answer of a task, 0 when it has none. */
static int truth_of(struct ctx *cx, int64_t project, int64_t task, json_t **out)
{
    struct rows *q;
    const char *plain;
    size_t size;
    const void *sealed;
    int rc = db_query(cx, &q,
                      "SELECT r.result FROM annotation a JOIN revision r ON r.annotation_id = a.id"
                      " AND r.n = a.n WHERE a.project_id = ? AND a.task_id = ?"
                      " AND a.ground_truth = 1 AND a.withdrawn_ms IS NULL AND a.was_cancelled = 0"
                      " ORDER BY a.id DESC LIMIT 1", "ii", project, task);

    if (rc < 0 || (rc = rows_next(q)) <= 0)
        return rc;
    sealed = rows_blob(q, 0, &size);
    if ((rc = vault_open(cx, project, sealed, size, &plain, &size)) >= 0)
        rc = json_stored(cx, plain, size, out);
    rows_end(q);
    return rc < 0 ? rc : 1;
}

/* Was the truth in hand when this control's method was fitted? */
static bool knew(const struct fits *fits, const char *control)
{
    for (int i = 0; i < fits->n; i++)
        if (strcmp(fits->of[i].control, control) == 0)
            return fits->of[i].method.engine == ENGINE_VOTES;
    return false;
}

static json_t *said_of(struct ctx *cx, const struct answer *list, int n, const char *control)
{
    json_t *items = json_keep(cx, json_array());

    for (int i = 0; i < n; i++)
        for (int k = 0; k < list[i].n && strcmp(list[i].control, control) == 0; k++)
            json_array_append(items, (json_t *)list[i].items[k]);
    return items;
}

/* How far one control's answer is what is true: the agreement of two who say the one and the
 * other. */
static int fit_of(struct ctx *cx, const struct label_config *config, const json_t *said,
                  const json_t *truth, double *out)
{
    const struct opinion_in in[] = {{1, 1, 1, said}, {2, 1, 2, truth}};
    struct opinions both;
    int rc = opinion_form(cx, config, in, 2, NULL, NULL, &both);

    *out = rc < 0 || both.agreement < 0 ? 0 : both.agreement;
    return rc;
}

int calibration_of(struct ctx *cx, int64_t project, int64_t task, const struct fits *fits,
                   const struct opinions *o, struct certainty **out, int *n)
{
    struct answer *list;
    json_t *truth;
    int count, rc;

    *n = 0;
    if ((rc = truth_of(cx, project, task, &truth)) <= 0)
        return rc;
    if ((rc = answer_split(cx, fits->config, truth, &list, &count)) < 0)
        return rc;
    *out = NEW_N(cx, struct certainty, o->n + 1);
    for (int i = 0; i < o->n; i++) {
        const struct opinion *p = &o->list[i];
        double fit;

        if (!*p->control || knew(fits, p->control))
            continue;
        rc = fit_of(cx, fits->config, p->answer, said_of(cx, list, count, p->control), &fit);
        if (rc < 0)
            return rc;
        (*out)[(*n)++] = (struct certainty){p->control, llround(p->confidence * (double)BILLION),
                                            llround(fit * (double)BILLION)};
    }
    return 0;
}

int calibration_same(struct ctx *cx, int64_t project, int64_t task, const struct certainty *c,
                     int n, bool *same)
{
    struct rows *q;
    int found = 0, kept = 0, rc;

    rc = db_query(cx, &q,
                  "SELECT control, sure, fit FROM calibration WHERE project_id = ?"
                  " AND task_id = ?", "ii", project, task);
    for (; rc >= 0 && (rc = rows_next(q)) > 0; kept++)
        for (int i = 0; i < n; i++)
            found += strcmp(c[i].control, rows_text(q, 0)) == 0 && c[i].sure == rows_int(q, 1) &&
                     c[i].fit == rows_int(q, 2);
    *same = found == n && kept == n;
    return rc;
}

/* ---- changing ---- */

struct calibration_step {
    char *key;                  /* tenth TAB control */
    const char *control;
    int64_t tenth, tasks, sure, fit;
    UT_hash_handle hh;
};

static int64_t tenth_of(int64_t sure)
{
    int64_t tenth = sure / (BILLION / 10);

    return tenth < 0 ? 0 : tenth > 9 ? 9 : tenth;
}

static struct calibration_step *step(struct calibration_change *c, const char *control,
                                     int64_t tenth)
{
    char *key = talloc_asprintf(c->cx->mem, "%lld\t%s", (long long)tenth, control);
    struct calibration_step *s;

    HASH_FIND_STR(c->steps, key, s);
    if (s)
        return s;
    s = NEW(c->cx, struct calibration_step);
    *s = (struct calibration_step){
        .key = key, .control = talloc_strdup(c->cx->mem, control), .tenth = tenth};
    HASH_ADD_KEYPTR(hh, c->steps, s->key, strlen(s->key), s);
    return s;
}

static void add(struct calibration_change *c, const struct certainty *of, int sign)
{
    struct calibration_step *s = step(c, of->control, tenth_of(of->sure));

    s->tasks += sign;
    s->sure += sign * of->sure;
    s->fit += sign * of->fit;
}

void calibration_begin(struct calibration_change *c, struct ctx *cx, int64_t project)
{
    *c = (struct calibration_change){.cx = cx, .project = project};
}

int calibration_count(struct calibration_change *c, int64_t at, const struct tasks *tasks, int sign)
{
    struct rows *q;
    int rc = db_query(c->cx, &q,
                      "SELECT control, sure, fit FROM calibration WHERE project_id = ?"
                      " AND " IN_TASKS, "iiit", at, TASKS(tasks));

    while (rc >= 0 && (rc = rows_next(q)) > 0)
        add(c, &(struct certainty){rows_text(q, 0), rows_int(q, 1), rows_int(q, 2)}, sign);
    return rc < 0 ? rc : 0;
}

int calibration_forget(struct calibration_change *c, const struct tasks *tasks)
{
    int rc = calibration_count(c, c->project, tasks, -1);

    if (rc < 0)
        return rc;
    rc = db_run(c->cx, "DELETE FROM calibration WHERE project_id = ? AND " IN_TASKS, "iiit",
                c->project, TASKS(tasks));
    return rc < 0 ? rc : 0;
}

int calibration_put(struct calibration_change *c, int64_t task, const struct certainty *of, int n)
{
    int rc = 0;

    for (int i = 0; i < n && rc >= 0; i++) {
        rc = db_run(c->cx,
                    "INSERT INTO calibration(project_id, task_id, control, sure, fit)"
                    " VALUES(?, ?, ?, ?, ?)",
                    "iitii", c->project, task, of[i].control, of[i].sure, of[i].fit);
        add(c, &of[i], 1);
    }
    return rc < 0 ? rc : 0;
}

static int in_order(const struct calibration_step *x, const struct calibration_step *y)
{
    return strcmp(x->key, y->key);
}

int calibration_end(struct calibration_change *c)
{
    int rc = 0;

    HASH_SORT(c->steps, in_order);
    for (struct calibration_step *s = c->steps; s && rc >= 0; s = s->hh.next)
        if (s->tasks || s->sure || s->fit)
            rc = db_run(c->cx,
                        "INSERT INTO calibration_sum(project_id, control, tenth, tasks, sure, fit)"
                        " VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(project_id, control, tenth)"
                        " DO UPDATE SET tasks = calibration_sum.tasks + excluded.tasks,"
                        " sure = calibration_sum.sure + excluded.sure,"
                        " fit = calibration_sum.fit + excluded.fit",
                        "itiiii", c->project, s->control, s->tenth, s->tasks, s->sure, s->fit);
    HASH_CLEAR(hh, c->steps);
    return rc < 0 ? rc : 0;
}

/* ---- reading ---- */

int calibration_bins(struct ctx *cx, int64_t project, struct calibration_bin **out, int *n)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT control, tenth, tasks, sure, fit FROM calibration_sum"
                      " WHERE project_id = ? AND tasks > 0 ORDER BY control, tenth LIMIT ?",
                      "ii", project, (int64_t)LIMIT_PAGE_ROWS);

    *out = NEW_N(cx, struct calibration_bin, LIMIT_PAGE_ROWS);
    for (*n = 0; rc >= 0 && (rc = rows_next(q)) > 0; (*n)++) {
        double all = (double)rows_int(q, 2) * (double)BILLION;

        (*out)[*n] = (struct calibration_bin){rows_text_keep(q, 0), (int)rows_int(q, 1),
                                              rows_int(q, 2), (double)rows_int(q, 3) / all,
                                              (double)rows_int(q, 4) / all};
    }
    return rc;
}

int calibration_verify(struct ctx *cx, int64_t project, int64_t *wrong)
{
    struct calibration_change c;
    struct rows *q;
    int rc;

    *wrong = 0;
    calibration_begin(&c, cx, project);
    rc = db_query(cx, &q, "SELECT control, sure, fit FROM calibration WHERE project_id = ?", "i",
                  project);
    while (rc >= 0 && (rc = rows_next(q)) > 0)
        add(&c, &(struct certainty){rows_text(q, 0), rows_int(q, 1), rows_int(q, 2)}, 1);
    if (rc >= 0)
        rc = db_query(cx, &q,
                      "SELECT control, tenth, tasks, sure, fit FROM calibration_sum"
                      " WHERE project_id = ?", "i", project);
    while (rc >= 0 && (rc = rows_next(q)) > 0) {
        struct calibration_step *s = step(&c, rows_text(q, 0), rows_int(q, 1));

        s->tasks -= rows_int(q, 2);
        s->sure -= rows_int(q, 3);
        s->fit -= rows_int(q, 4);
    }
    for (struct calibration_step *s = c.steps; s; s = s->hh.next)
        *wrong += s->tasks || s->sure || s->fit;
    HASH_CLEAR(hh, c.steps);
    return rc < 0 ? rc : 0;
}
