/* tally.c -- see tally.h. */
#include "domain/tally.h"

#include "domain/task_set.h"
#include "store/db.h"

#define SKIPS_SHOWN 20

/* Answers that count: tally_counts as SQL. */
#define GIVEN_HERE " withdrawn_ms IS NULL AND origin <> 'import' AND origin <> 'ruling'"

bool tally_counts(const char *origin)
{
    return strcmp(origin, "import") != 0 && strcmp(origin, "ruling") != 0;
}

/* ---- counting ---- */

static int add_pace(struct ctx *cx, int64_t project, const struct pace *p)
{
    return db_run(cx,
                  "INSERT INTO pace(project_id, half, answers, skips, active_ms)"
                  " VALUES(?, ?, ?, ?, ?) ON CONFLICT(project_id, half) DO UPDATE SET"
                  " answers = pace.answers + excluded.answers,"
                  " skips = pace.skips + excluded.skips,"
                  " active_ms = pace.active_ms + excluded.active_ms",
                  "iiiii", project, p->half, p->answers, p->skips, p->active_ms);
}

static int add_worker(struct ctx *cx, int64_t project, const struct worker_count *w)
{
    return db_run(cx,
                  "INSERT INTO worker_count(project_id, person_id, answers, skips, active_ms,"
                  " last_ms) VALUES(?, ?, ?, ?, ?, ?)"
                  " ON CONFLICT(project_id, person_id) DO UPDATE SET"
                  " answers = worker_count.answers + excluded.answers,"
                  " skips = worker_count.skips + excluded.skips,"
                  " active_ms = worker_count.active_ms + excluded.active_ms,"
                  " last_ms = CASE WHEN excluded.last_ms > worker_count.last_ms"
                  " THEN excluded.last_ms ELSE worker_count.last_ms END",
                  "iiiiii", project, w->person, w->answers, w->skips, w->active_ms, w->last);
}

int tally_answer(struct ctx *cx, int64_t project, int64_t person, int64_t at, int64_t answers,
                 int64_t active_ms)
{
    const struct pace p = {at / TALLY_HALF_MS, answers, 0, active_ms};
    const struct worker_count w = {person, answers, 0, active_ms, answers > 0 ? at : 0};
    int rc = add_pace(cx, project, &p);

    if (rc >= 0)
        rc = add_worker(cx, project, &w);
    return rc < 0 ? rc : 0;
}

int tally_skip(struct ctx *cx, int64_t project, const char *reason)
{
    const struct pace p = {cx->now / TALLY_HALF_MS, 0, 1, 0};
    const struct worker_count w = {cx->who.person, 0, 1, 0, cx->now};
    int rc = add_pace(cx, project, &p);

    if (rc >= 0)
        rc = add_worker(cx, project, &w);
    if (rc >= 0)
        rc = db_run(cx,
                    "INSERT INTO skip_count(project_id, reason, skips) VALUES(?, ?, 1)"
                    " ON CONFLICT(project_id, reason) DO UPDATE SET skips = skip_count.skips + 1",
                    "it", project, reason ? reason : "");
    return rc < 0 ? rc : 0;
}

/* ---- what goes with its task ---- */

struct tally_gone {
    struct gone {
        int64_t person, half, answers, active_ms;
    } *of;
    int n;
};

int tally_gather(struct ctx *cx, int64_t project, const struct tasks *tasks,
                 struct tally_gone **out)
{
    struct rows *q;
    int cap = 16, rc;

    *out = NEW(cx, struct tally_gone);
    (*out)->of = NEW_N(cx, struct gone, cap);
    /* In one order: half-hours, then people, as everywhere. */
    rc = db_query(cx, &q,
                  "SELECT person_id, created_ms / 1800000 AS half, COUNT(*),"
                  " CAST(SUM(lead_ms) AS BIGINT)"
                  " FROM annotation WHERE project_id = ? AND " IN_TASKS " AND" GIVEN_HERE
                  " GROUP BY person_id, half ORDER BY half, person_id",
                  "iiit", project, TASKS(tasks));
    while (rc >= 0 && (rc = rows_next(q)) > 0) {
        if ((*out)->n == cap)
            (*out)->of =
                talloc_realloc(cx->mem, (*out)->of, struct gone, (unsigned)(cap *= 2));
        (*out)->of[(*out)->n++] =
            (struct gone){rows_int(q, 0), rows_int(q, 1), rows_int(q, 2), rows_int(q, 3)};
    }
    return rc;
}

int tally_count(struct ctx *cx, int64_t project, const struct tally_gone *gone, int sign)
{
    int rc = 0;

    for (int i = 0; i < gone->n && rc >= 0; i++)
        rc = add_pace(cx, project,
                      &(struct pace){.half = gone->of[i].half,
                                     .answers = sign * gone->of[i].answers,
                                     .active_ms = sign * gone->of[i].active_ms});
    for (int i = 0; i < gone->n && rc >= 0; i++)
        rc = add_worker(cx, project,
                        &(struct worker_count){.person = gone->of[i].person,
                                               .answers = sign * gone->of[i].answers,
                                               .active_ms = sign * gone->of[i].active_ms});
    return rc < 0 ? rc : 0;
}

/* ---- reading ---- */

int tally_pace(struct ctx *cx, int64_t project, int64_t since, struct pace **out, int *n)
{
    struct rows *q;
    int cap = 64, rc;

    *out = NEW_N(cx, struct pace, cap);
    *n = 0;
    rc = db_query(cx, &q,
                  "SELECT half, answers, skips, active_ms FROM pace"
                  " WHERE project_id = ? AND half >= ? ORDER BY half",
                  "ii", project, since / TALLY_HALF_MS);
    while (rc >= 0 && (rc = rows_next(q)) > 0) {
        if (*n == cap)
            *out = talloc_realloc(cx->mem, *out, struct pace, (unsigned)(cap *= 2));
        (*out)[(*n)++] =
            (struct pace){rows_int(q, 0), rows_int(q, 1), rows_int(q, 2), rows_int(q, 3)};
    }
    return rc;
}

int tally_people(struct ctx *cx, int64_t project, struct worker_count **out, int *n)
{
    struct rows *q;
    int rc;

    *out = NEW_N(cx, struct worker_count, LIMIT_PAGE_ROWS);
    *n = 0;
    rc = db_query(cx, &q,
                  "SELECT person_id, answers, skips, active_ms, last_ms FROM worker_count"
                  " WHERE project_id = ? AND (answers > 0 OR skips > 0)"
                  " ORDER BY answers DESC, person_id LIMIT ?",
                  "ii", project, LIMIT_PAGE_ROWS);
    while (rc >= 0 && (rc = rows_next(q)) > 0)
        (*out)[(*n)++] = (struct worker_count){rows_int(q, 0), rows_int(q, 1), rows_int(q, 2),
                                               rows_int(q, 3), rows_int(q, 4)};
    return rc;
}

int tally_skips(struct ctx *cx, int64_t project, struct skip_count **out, int *n)
{
    struct rows *q;
    int rc;

    *out = NEW_N(cx, struct skip_count, SKIPS_SHOWN);
    *n = 0;
    rc = db_query(cx, &q,
                  "SELECT reason, skips FROM skip_count WHERE project_id = ?"
                  " ORDER BY skips DESC, reason LIMIT ?",
                  "ii", project, (int64_t)SKIPS_SHOWN);
    while (rc >= 0 && (rc = rows_next(q)) > 0)
        (*out)[(*n)++] = (struct skip_count){rows_text_keep(q, 0), rows_int(q, 1)};
    return rc;
}

/* Sums on one side, answers added up on the other. */
#define DIFFER(sums, key, column)                                                                  \
    "SELECT COUNT(*) FROM (SELECT SUM(answers) AS answers, SUM(active_ms) AS active_ms FROM ("     \
    "  SELECT " key " AS k, answers, active_ms FROM " sums " WHERE project_id = ?"                 \
    "  UNION ALL SELECT " column " AS k, -1, -lead_ms FROM annotation"                             \
    "  WHERE project_id = ? AND" GIVEN_HERE ") x GROUP BY k) y"                                    \
    " WHERE answers <> 0 OR active_ms <> 0"

int tally_verify(struct ctx *cx, int64_t project, int64_t *wrong)
{
    int64_t halves, people;
    int rc = db_int(cx, &halves, DIFFER("pace", "half", "created_ms / 1800000"), "ii", project,
                    project);

    if (rc >= 0)
        rc = db_int(cx, &people, DIFFER("worker_count", "person_id", "person_id"), "ii", project,
                    project);
    if (rc < 0)
        return rc;
    *wrong = halves + people;
    return 0;
}
