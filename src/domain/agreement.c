/* agreement.c -- see agreement.h. */
#include "domain/agreement.h"

#include <math.h>
#include <uthash.h>

#include "domain/task_set.h"
#include "store/db.h"

#define BILLION 1e9
#define PAIRS_MOST 10000

/* What is added to one sum.  Tenths stand as a = 0, b = tenth: people are numbered from 1. */
struct agreement_step {
    struct {
        int64_t a, b;
    } of;
    int64_t tasks, billionths;
    UT_hash_handle hh;
};

static int tenth_of(double value)
{
    return value >= 1 ? 9 : value <= 0 ? 0 : (int)floor(value * 10);
}

static void add(struct agreement_change *c, int64_t a, int64_t b, int sign, double value)
{
    struct agreement_step key = {.of = {a, b}}, *s;

    HASH_FIND(hh, c->steps, &key.of, sizeof key.of, s);
    if (!s) {
        s = NEW(c->cx, struct agreement_step);
        s->of = key.of;
        HASH_ADD(hh, c->steps, of, sizeof s->of, s);
    }
    s->tasks += sign;
    s->billionths += sign * llround(value * BILLION);
}

void agreement_begin(struct agreement_change *c, struct ctx *cx, int64_t project)
{
    *c = (struct agreement_change){.cx = cx, .project = project};
}

int agreement_forget(struct agreement_change *c, const struct tasks *tasks)
{
    struct ctx *cx = c->cx;
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT a_person, b_person, value FROM agreement_pair WHERE project_id = ?"
                      " AND " IN_TASKS,
                      "iiit", c->project, TASKS(tasks));

    while (rc >= 0 && (rc = rows_next(q)) > 0)
        add(c, rows_int(q, 0), rows_int(q, 1), -1, rows_num(q, 2));
    if (rc < 0)
        return rc;
    rc = db_query(cx, &q, "SELECT value FROM agreement WHERE project_id = ? AND " IN_TASKS, "iiit",
                  c->project, TASKS(tasks));
    while (rc >= 0 && (rc = rows_next(q)) > 0)
        add(c, 0, tenth_of(rows_num(q, 0)), -1, rows_num(q, 0));
    if (rc < 0)
        return rc;
    rc = db_run(cx, "DELETE FROM agreement_pair WHERE project_id = ? AND " IN_TASKS, "iiit",
                c->project, TASKS(tasks));
    if (rc >= 0)
        rc = db_run(cx, "DELETE FROM agreement WHERE project_id = ? AND " IN_TASKS, "iiit",
                    c->project, TASKS(tasks));
    return rc < 0 ? rc : 0;
}

static int put_pair(struct agreement_change *c, int64_t task, int64_t a, int64_t b, double value)
{
    int rc = db_run(c->cx,
                    "INSERT INTO agreement_pair(project_id, task_id, a_person, b_person, value)"
                    " VALUES(?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    "iiiid", c->project, task, a, b, value);

    if (rc > 0)         /* one who answered twice is one person */
        add(c, a, b, 1, value);
    return rc < 0 ? rc : 0;
}

int agreement_put(struct agreement_change *c, int64_t task, double value, const int64_t *person,
                  const double *pair, int n)
{
    int rc = db_run(c->cx,
                    "INSERT INTO agreement(project_id, task_id, value, pairs, computed_ms)"
                    " VALUES(?, ?, ?, ?, ?)",
                    "iidii", c->project, task, value, (int64_t)n * (n - 1) / 2, c->cx->now);

    if (rc < 0)
        return rc;
    add(c, 0, tenth_of(value), 1, value);
    for (int a = 0; a < n; a++)
        for (int b = 0; b < n; b++)
            if (person[a] < person[b] &&
                (rc = put_pair(c, task, person[a], person[b], pair[a * n + b])) < 0)
                return rc;
    return 0;
}

static int in_order(const struct agreement_step *x, const struct agreement_step *y)
{
    return x->of.a != y->of.a ? (x->of.a < y->of.a ? -1 : 1)
         : x->of.b != y->of.b ? (x->of.b < y->of.b ? -1 : 1) : 0;
}

static int write_step(struct agreement_change *c, const struct agreement_step *s)
{
    if (s->of.a == 0)
        return db_run(c->cx,
                      "INSERT INTO agreement_sum(project_id, tenth, tasks, billionths)"
                      " VALUES(?, ?, ?, ?) ON CONFLICT(project_id, tenth) DO UPDATE SET"
                      " tasks = agreement_sum.tasks + excluded.tasks,"
                      " billionths = agreement_sum.billionths + excluded.billionths",
                      "iiii", c->project, s->of.b, s->tasks, s->billionths);
    return db_run(c->cx,
                  "INSERT INTO agreement_pair_sum(project_id, a_person, b_person, tasks,"
                  " billionths) VALUES(?, ?, ?, ?, ?)"
                  " ON CONFLICT(project_id, a_person, b_person) DO UPDATE SET"
                  " tasks = agreement_pair_sum.tasks + excluded.tasks,"
                  " billionths = agreement_pair_sum.billionths + excluded.billionths",
                  "iiiii", c->project, s->of.a, s->of.b, s->tasks, s->billionths);
}

int agreement_end(struct agreement_change *c)
{
    int rc = 0;

    HASH_SORT(c->steps, in_order);
    for (struct agreement_step *s = c->steps; s && rc >= 0; s = s->hh.next)
        if (s->tasks || s->billionths)
            rc = write_step(c, s);
    HASH_CLEAR(hh, c->steps);
    return rc < 0 ? rc : 0;
}

/* ---- reading ---- */

int agreement_of(struct ctx *cx, int64_t project, int64_t task, double *value)
{
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT value FROM agreement WHERE project_id = ? AND task_id = ?",
                      "ii", project, task);

    if (rc < 0 || (rc = rows_next(q)) <= 0)
        return rc;
    *value = rows_num(q, 0);
    rows_end(q);
    return 1;
}

int agreement_pairs(struct ctx *cx, int64_t project, struct agreement_pair **out, int *n)
{
    struct rows *q;
    int cap = 64, rc;

    rc = db_query(cx, &q,
                  "SELECT a_person, b_person, tasks, billionths FROM agreement_pair_sum"
                  " WHERE project_id = ? AND tasks > 0 ORDER BY a_person, b_person LIMIT ?",
                  "ii", project, (int64_t)PAIRS_MOST);
    if (rc < 0)
        return rc;
    *out = NEW_N(cx, struct agreement_pair, cap);
    *n = 0;
    while ((rc = rows_next(q)) > 0) {
        int64_t tasks = rows_int(q, 2);

        if (*n == cap)
            *out = talloc_realloc(cx->mem, *out, struct agreement_pair, (unsigned)(cap *= 2));
        (*out)[(*n)++] = (struct agreement_pair){
            rows_int(q, 0), rows_int(q, 1), tasks,
            (double)rows_int(q, 3) / BILLION / (double)tasks};
    }
    return rc;
}

int agreement_sum(struct ctx *cx, int64_t project, struct agreement_summary *out)
{
    struct rows *q;
    int64_t sum = 0;
    int rc = db_query(cx, &q,
                      "SELECT tenth, tasks, billionths FROM agreement_sum WHERE project_id = ?",
                      "i", project);

    *out = (struct agreement_summary){.mean = -1};
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0) {
        out->histogram[rows_int(q, 0)] = rows_int(q, 1);
        out->tasks += rows_int(q, 1);
        sum += rows_int(q, 2);
    }
    if (out->tasks)
        out->mean = (double)sum / BILLION / (double)out->tasks;
    return rc;
}

/* Sums on one side, rows added up on the other; rounding may differ by one billionth a task. */
#define DIFFER(sums, key, rows)                                                                    \
    "SELECT COUNT(*) FROM (SELECT SUM(tasks) AS tasks, SUM(billionths) AS billionths,"             \
    " SUM(most) AS most FROM ("                                                                    \
    "  SELECT " key ", tasks, billionths, tasks AS most FROM " sums " WHERE project_id = ?"        \
    "  UNION ALL SELECT " rows " WHERE project_id = ? GROUP BY " key ") x GROUP BY " key ") y"     \
    " WHERE tasks <> 0 OR ABS(billionths) > most"
#define ADDED "-COUNT(*), -SUM(CAST(ROUND(value * 1000000000) AS BIGINT)), 0 FROM "

int agreement_verify(struct ctx *cx, int64_t project, int64_t *wrong)
{
    int64_t tenths, pairs;
    int rc;

    rc = db_int(cx, &tenths,
                DIFFER("agreement_sum", "tenth",
                       "CAST(CASE WHEN value >= 1 THEN 9 ELSE FLOOR(value * 10) END AS BIGINT)"
                       " AS tenth, " ADDED "agreement"),
                "ii", project, project);
    if (rc >= 0)
        rc = db_int(cx, &pairs,
                    DIFFER("agreement_pair_sum", "a_person, b_person",
                           "a_person, b_person, " ADDED "agreement_pair"),
                    "ii", project, project);
    if (rc < 0)
        return rc;
    *wrong = tenths + pairs;
    return 0;
}
