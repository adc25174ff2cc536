/* agreement.c -- see agreement.h. */
#include "domain/agreement.h"

#include <math.h>
#include <uthash.h>

#include "domain/task_set.h"
#include "store/db.h"

#define BILLION 1e9
#define PAIRS_MOST 10000

/*
 * What is added to one sum.  People are numbered from 1; tenths stand as a = TENTH, b = tenth,
 * half-hours as a = TIME, b = half.
 */
enum { TIME = -1, TENTH = 0 };
#define HALF_MS (30 * 60 * 1000)

struct agreement_step {
    struct {
        int64_t a, b;
    } of;
    int64_t tasks, billionths, squares, ruled;
    UT_hash_handle hh;
};

static int tenth_of(double value)
{
    return value >= 1 ? 9 : value <= 0 ? 0 : (int)floor(value * 10);
}

static struct agreement_step *add(struct agreement_change *c, int64_t a, int64_t b, int sign,
                                  double value)
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
    return s;
}

/* A task's own agreement, in its tenth and in its half-hour. */
static void add_task(struct agreement_change *c, int sign, const struct agreed *a)
{
    add(c, TENTH, tenth_of(a->value), sign, a->value)->ruled += sign * a->ruled;
    add(c, TIME, a->answered / HALF_MS, sign, a->value)->squares +=
        sign * llround(a->value * a->value * BILLION);
}

void agreement_begin(struct agreement_change *c, struct ctx *cx, int64_t project)
{
    *c = (struct agreement_change){.cx = cx, .project = project};
}

int agreement_count(struct agreement_change *c, int64_t at, const struct tasks *tasks, int sign)
{
    struct ctx *cx = c->cx;
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT a_person, b_person, value FROM agreement_pair WHERE project_id = ?"
                      " AND " IN_TASKS,
                      "iiit", at, TASKS(tasks));

    while (rc >= 0 && (rc = rows_next(q)) > 0)
        add(c, rows_int(q, 0), rows_int(q, 1), sign, rows_num(q, 2));
    if (rc < 0)
        return rc;
    rc = db_query(cx, &q,
                  "SELECT value, answered_ms, ruled FROM agreement WHERE project_id = ?"
                  " AND " IN_TASKS,
                  "iiit", at, TASKS(tasks));
    while (rc >= 0 && (rc = rows_next(q)) > 0)
        add_task(c, sign, &(struct agreed){rows_num(q, 0), rows_int(q, 1), rows_int(q, 2) != 0});
    return rc < 0 ? rc : 0;
}

int agreement_forget(struct agreement_change *c, const struct tasks *tasks)
{
    struct ctx *cx = c->cx;
    int rc = agreement_count(c, c->project, tasks, -1);

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

int agreement_put(struct agreement_change *c, int64_t task, const struct agreed *a,
                  const int64_t *person, const double *pair, int n)
{
    int rc = db_run(c->cx,
                    "INSERT INTO agreement(project_id, task_id, value, pairs, computed_ms,"
                    " answered_ms, ruled) VALUES(?, ?, ?, ?, ?, ?, ?)",
                    "iidiiiz", c->project, task, a->value, (int64_t)n * (n - 1) / 2, c->cx->now,
                    a->answered, a->ruled);

    if (rc < 0)
        return rc;
    add_task(c, 1, a);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (person[i] < person[j] &&
                (rc = put_pair(c, task, person[i], person[j], pair[i * n + j])) < 0)
                return rc;
    return 0;
}

int agreement_rule(struct ctx *cx, int64_t project, int64_t task, bool ruled)
{
    struct rows *q;
    int64_t tenth;
    int rc = db_query(cx, &q,
                      "UPDATE agreement SET ruled = ? WHERE project_id = ? AND task_id = ?"
                      " AND ruled <> ? RETURNING value",
                      "ziiz", ruled, project, task, ruled);

    if (rc < 0 || (rc = rows_next(q)) <= 0)
        return rc;
    tenth = tenth_of(rows_num(q, 0));
    rows_end(q);
    rc = db_run(cx,
                "UPDATE agreement_sum SET ruled = ruled + ? WHERE project_id = ? AND tenth = ?",
                "iii", (int64_t)(ruled ? 1 : -1), project, tenth);
    return rc < 0 ? rc : 0;
}

static int in_order(const struct agreement_step *x, const struct agreement_step *y)
{
    return x->of.a != y->of.a ? (x->of.a < y->of.a ? -1 : 1)
         : x->of.b != y->of.b ? (x->of.b < y->of.b ? -1 : 1) : 0;
}

static int write_step(struct agreement_change *c, const struct agreement_step *s)
{
    if (s->of.a == TIME)
        return db_run(c->cx,
                      "INSERT INTO agreement_time_sum(project_id, half, tasks, billionths, squares)"
                      " VALUES(?, ?, ?, ?, ?) ON CONFLICT(project_id, half) DO UPDATE SET"
                      " tasks = agreement_time_sum.tasks + excluded.tasks,"
                      " billionths = agreement_time_sum.billionths + excluded.billionths,"
                      " squares = agreement_time_sum.squares + excluded.squares",
                      "iiiii", c->project, s->of.b, s->tasks, s->billionths, s->squares);
    if (s->of.a == TENTH)
        return db_run(c->cx,
                      "INSERT INTO agreement_sum(project_id, tenth, tasks, billionths, ruled)"
                      " VALUES(?, ?, ?, ?, ?) ON CONFLICT(project_id, tenth) DO UPDATE SET"
                      " tasks = agreement_sum.tasks + excluded.tasks,"
                      " billionths = agreement_sum.billionths + excluded.billionths,"
                      " ruled = agreement_sum.ruled + excluded.ruled",
                      "iiiii", c->project, s->of.b, s->tasks, s->billionths, s->ruled);
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
        if (s->tasks || s->billionths || s->squares || s->ruled)
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
                      "SELECT tenth, tasks, billionths, ruled FROM agreement_sum"
                      " WHERE project_id = ?",
                      "i", project);

    *out = (struct agreement_summary){.mean = -1};
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0) {
        out->histogram[rows_int(q, 0)] = rows_int(q, 1);
        out->tasks += rows_int(q, 1);
        sum += rows_int(q, 2);
        if (rows_int(q, 0) >= tenth_of(AGREEMENT_GOAL))
            continue;
        out->ruled += rows_int(q, 3);
        out->disputed += rows_int(q, 1) - rows_int(q, 3);
    }
    if (out->tasks)
        out->mean = (double)sum / BILLION / (double)out->tasks;
    return rc;
}

int agreement_times(struct ctx *cx, int64_t project, int64_t since, struct agreement_time **out,
                    int *n)
{
    struct rows *q;
    int cap = 64, rc;

    *out = NEW_N(cx, struct agreement_time, cap);
    *n = 0;
    rc = db_query(cx, &q,
                  "SELECT half, tasks, billionths, squares FROM agreement_time_sum"
                  " WHERE project_id = ? AND half >= ? AND tasks > 0 ORDER BY half",
                  "ii", project, since / HALF_MS);
    while (rc >= 0 && (rc = rows_next(q)) > 0) {
        if (*n == cap)
            *out = talloc_realloc(cx->mem, *out, struct agreement_time, (unsigned)(cap *= 2));
        (*out)[(*n)++] =
            (struct agreement_time){rows_int(q, 0), rows_int(q, 1),
                                    (double)rows_int(q, 2) / BILLION,
                                    (double)rows_int(q, 3) / BILLION};
    }
    return rc;
}

int agreement_disputes(struct ctx *cx, int64_t project, double after, int64_t after_task,
                       int limit, struct dispute **out, int *n)
{
    struct rows *q;
    int rc;

    *out = NEW_N(cx, struct dispute, limit);
    *n = 0;
    /* The index of disputes ends the list early; who gave an answer is no judge of it. */
    rc = db_query(cx, &q,
                  "SELECT g.task_id, t.inner_id, g.pairs, g.answered_ms, g.value FROM agreement g"
                  " JOIN task t ON t.id = g.task_id WHERE g.project_id = ? AND g.ruled = 0"
                  " AND g.value < ? AND (g.value > ? OR (g.value = ? AND g.task_id > ?))"
                  " AND NOT EXISTS (SELECT 1 FROM annotation a WHERE a.project_id = g.project_id"
                  "  AND a.task_id = g.task_id AND a.person_id = ? AND a.counted = 1)"
                  " ORDER BY g.value, g.task_id LIMIT ?",
                  "idddiii", project, AGREEMENT_GOAL, after, after, after_task, cx->who.person,
                  (int64_t)limit);
    while (rc >= 0 && (rc = rows_next(q)) > 0)
        (*out)[(*n)++] = (struct dispute){rows_int(q, 0), rows_int(q, 1), rows_int(q, 2),
                                          rows_int(q, 3), rows_num(q, 4)};
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
    int64_t tenths, pairs, times, ruled;
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
    if (rc >= 0)
        rc = db_int(cx, &times,
                    DIFFER("agreement_time_sum", "half",
                           "answered_ms / 1800000 AS half, " ADDED "agreement"),
                    "ii", project, project);
    if (rc >= 0)
        rc = db_int(cx, &ruled,
                    "SELECT ABS(COALESCE((SELECT SUM(ruled) FROM agreement_sum"
                    " WHERE project_id = ?), 0) - COALESCE((SELECT SUM(ruled) FROM agreement"
                    " WHERE project_id = ?), 0))",
                    "ii", project, project);
    if (rc < 0)
        return rc;
    *wrong = tenths + pairs + times + ruled;
    return 0;
}
