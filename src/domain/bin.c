/* bin.c -- see bin.h: the rows of tasks on their way out and back.  The jobs stand in bin_run.c. */
#include "domain/bin_run.h"

#include "core/str.h"
#include "domain/annotation.h"
#include "domain/consensus.h"
#include "domain/lane.h"
#include "domain/lease.h"
#include "domain/media.h"
#include "domain/page.h"
#include "domain/project.h"
#include "domain/tally.h"
#include "domain/task.h"
#include "domain/task_set.h"
#include "store/db.h"
#include "store/job.h"

#define DAY_MS (24LL * 3600 * 1000)

static int64_t keep_ms = DAY_MS;

void bin_keep(int64_t ms)
{
    keep_ms = ms;
}

/* The project's number below zero. */
static int64_t bin_of(int64_t project)
{
    return -project;
}

/* ---- moving ---- */

#define MOVED(table, column)                                                                       \
    {"UPDATE " table " SET project_id = ? WHERE project_id = ? AND " TASK_COLUMN_IN(column),       \
     "DELETE FROM " table " WHERE project_id = ? AND " TASK_COLUMN_IN(column)}

/* Every table that has a project_id and tells of single tasks, but look and the lists of undo;
 * revisions belong to their annotations and name no project. */
static const struct {
    const char *move, *drop;
} tables[] = {
    MOVED("lease", "task_id"),          MOVED("slot", "task_id"),
    MOVED("annotation", "task_id"),     MOVED("prediction", "task_id"),
    MOVED("comment", "task_id"),        MOVED("draft", "task_id"),
    MOVED("ruling", "task_id"),         MOVED("media_use", "task_id"),
    MOVED("consensus", "task_id"),      MOVED("agreement", "task_id"),
    MOVED("agreement_pair", "task_id"), MOVED("label_part", "task_id"),
    MOVED("calibration", "task_id"),    MOVED("task_field", "task_id"),
    MOVED("task", "id"),
};

static int move_rows(struct ctx *cx, int64_t from, int64_t to, const struct tasks *tasks)
{
    int rc = 0;

    for (size_t i = 0; i < sizeof tables / sizeof *tables && rc >= 0; i++)
        rc = db_run(cx, tables[i].move, "iiiit", to, from, TASKS(tasks));
    return rc < 0 ? rc : 0;
}

static int drop_rows(struct ctx *cx, int64_t bin, const struct tasks *tasks)
{
    int rc = annotation_forget(cx, bin, tasks);

    for (size_t i = 0; i < sizeof tables / sizeof *tables && rc >= 0; i++)
        rc = db_run(cx, tables[i].drop, "iiit", bin, TASKS(tasks));
    return rc < 0 ? rc : 0;
}

/* Nobody else changes these meanwhile; in the order of lane.h. */
static int hold(struct ctx *cx, int64_t where, const struct tasks *tasks)
{
    int rc = lease_hold(cx, where, tasks);

    return rc < 0 ? rc : slot_lock(cx, where, tasks);
}

/* What a set of tasks adds to the sums of its project. */
struct weight {
    const struct tasks *tasks;
    struct task *task;
    int n;
    struct project_counts counts;
    struct tally_gone *answers;
};

/* Held, then read: what is counted is what is there now. */
static int weigh(struct ctx *cx, int64_t where, const int64_t *id, int n, int sign,
                 struct weight *w)
{
    struct task_key *key = NEW_N(cx, struct task_key, n + 1);
    int64_t *there = NEW_N(cx, int64_t, n + 1);
    int rc;

    *w = (struct weight){0};
    for (int i = 0; i < n; i++)
        key[i].id = id[i];
    if (n == 0 || (rc = hold(cx, where, tasks_of(cx, id, n))) < 0 ||
        (rc = task_rows(cx, where, key, n, &w->task, &w->n)) < 0)
        return n ? rc : 0;
    for (int i = 0; i < w->n; i++) {
        there[i] = w->task[i].id;
        task_count(&w->task[i], sign, &w->counts);
    }
    w->tasks = tasks_of(cx, there, w->n);
    return tally_gather(cx, where, w->tasks, &w->answers);
}

/* In the order of lane.h; `at` is where the rows stand by now. */
static int count(struct ctx *cx, int64_t project, int64_t at, const struct weight *w, int sign)
{
    int rc = project_count_add(cx, project, &w->counts);

    if (rc >= 0)
        rc = tally_count(cx, project, w->answers, sign);
    return rc < 0 ? rc : consensus_count(cx, project, at, w->tasks, sign);
}

/* ---- in ---- */

static int open_deletion(struct ctx *cx, int64_t project, struct bin_into *into)
{
    struct deletion d;
    int rc = into->id ? 1 : into->job ? bin_of_job(cx, project, into->job, &d) : 0;

    if (rc > 0 && !into->id)
        into->id = d.id;
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = db_int(cx, &into->id,
                "INSERT INTO deletion(project_id, person_id, job_id, busy_job, made_ms, ends_ms)"
                " VALUES(?, ?, ?, ?, ?, ?) RETURNING id",
                "ioiiii", project, cx->who.person, into->job, into->job, cx->now,
                into->for_good || keep_ms == 0 ? 0 : cx->now + keep_ms);
    return rc < 0 ? rc : 0;
}

int bin_put(struct ctx *cx, int64_t project, struct bin_into *into, const struct task_key *key,
            int n)
{
    int64_t *id = NEW_N(cx, int64_t, n + 1), bin = bin_of(project);
    struct weight w;
    int rc;

    for (int i = 0; i < n; i++)
        id[i] = key[i].id;
    if ((rc = weigh(cx, project, id, n, -1, &w)) < 0 || w.n == 0)
        return rc;
    if ((rc = open_deletion(cx, project, into)) < 0 ||
        (rc = move_rows(cx, project, bin, w.tasks)) < 0 ||
        (rc = db_run(cx, "INSERT INTO deleted(project_id, deletion_id, task_id)"
                         " SELECT ?, ?, id FROM task WHERE project_id = ? AND "
                         TASK_COLUMN_IN("id"), "iiiiit", project, into->id, bin,
                     TASKS(w.tasks))) < 0 ||
        (rc = db_run(cx, "UPDATE deletion SET total = total + ?, tasks = tasks + ? WHERE id = ?",
                     "iii", (int64_t)w.n, (int64_t)w.n, into->id)) < 0 ||
        (rc = count(cx, project, bin, &w, -1)) < 0)
        return rc;
    return w.n;
}

/* ---- out ---- */

/* These are in the deletion no more; one of which nothing is left is forgotten. */
static int strike(struct ctx *cx, int64_t project, int64_t deletion, const struct tasks *tasks)
{
    int n = db_run(cx, "DELETE FROM deleted WHERE project_id = ? AND deletion_id = ? AND " IN_TASKS,
                   "iiiit", project, deletion, TASKS(tasks)), rc = n;

    if (rc >= 0)
        rc = db_run(cx, "UPDATE deletion SET tasks = tasks - ? WHERE id = ?", "ii", (int64_t)n,
                    deletion);
    if (rc >= 0)
        rc = db_run(cx, "DELETE FROM deletion WHERE id = ? AND tasks = 0", "i", deletion);
    return rc < 0 ? rc : 0;
}

/* Of the next `limit` tasks those that may come back: *seen were looked at, up to *last. */
static int pick(struct ctx *cx, const struct bin_slice *s, int64_t *id, int *n, int *seen,
                int64_t *last)
{
    int64_t bin = bin_of(s->project);
    struct rows *q;
    int rc = db_query(
        cx, &q,
        "SELECT d.task_id, CASE WHEN EXISTS (SELECT 1 FROM task o WHERE o.project_id = ?"
        "  AND o.project_id > 0 AND o.unique_id = t.unique_id) OR EXISTS"
        " (SELECT 1 FROM annotation a JOIN annotation o ON o.project_id = ?"
        "  AND o.project_id > 0 AND o.unique_id = a.unique_id"
        "  WHERE a.project_id = ? AND a.task_id = d.task_id) THEN 1 ELSE 0 END"
        " FROM deleted d JOIN task t ON t.id = d.task_id WHERE d.project_id = ?"
        " AND d.deletion_id = ? AND d.task_id > ? ORDER BY d.task_id LIMIT ?",
        "iiiiiii", s->project, s->project, bin, s->project, s->deletion, s->after,
        (int64_t)BIN_SLICE);

    *n = *seen = 0;
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0) {
        *last = rows_int(q, 0);
        (*seen)++;
        if (!rows_int(q, 1))
            id[(*n)++] = *last;
    }
    return rc;
}

int bin_restore_slice(struct ctx *cx, struct bin_slice *s)
{
    int64_t id[BIN_SLICE], last = s->after, bin = bin_of(s->project);
    struct project p;
    struct weight w;
    int n, rc;

    /* Not into a project that is gone itself. */
    if ((rc = project_get(cx, s->project, &p)) < 0 ||
        (rc = pick(cx, s, id, &n, &s->seen, &last)) < 0 ||
        (rc = weigh(cx, bin, id, n, 1, &w)) < 0)
        return rc;
    s->after = last;
    s->moved = w.n;
    if (w.n == 0)
        return 0;
    if ((rc = move_rows(cx, bin, s->project, w.tasks)) < 0 ||
        (rc = strike(cx, s->project, s->deletion, w.tasks)) < 0 ||
        (rc = consensus_again(cx, s->project, w.tasks)) < 0)
        return rc;
    for (int i = 0; i < w.n && rc >= 0; i++)
        rc = slot_again(cx, s->project, &w.task[i].slot);
    return rc < 0 ? rc : count(cx, s->project, s->project, &w, 1);
}

int bin_empty(struct ctx *cx, int64_t project, int64_t deletion, int limit)
{
    int64_t *id = NEW_N(cx, int64_t, limit + 1), bin = bin_of(project);
    const struct tasks *tasks;
    struct rows *q;
    int n = 0, rc;

    rc = db_query(cx, &q, "SELECT task_id FROM deleted WHERE project_id = ? AND deletion_id = ?"
                          " ORDER BY task_id LIMIT ?", "iii", project, deletion, (int64_t)limit);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        id[n++] = rows_int(q, 0);
    tasks = tasks_of(cx, id, n);
    if (rc < 0 || (n && ((rc = hold(cx, bin, tasks)) < 0 ||
                         (rc = media_drop(cx, project, bin, tasks)) < 0 ||
                         (rc = drop_rows(cx, bin, tasks)) < 0)))
        return rc;
    return (rc = strike(cx, project, deletion, tasks)) < 0 ? rc : n;
}

/* ---- reading ---- */

#define COLUMNS                                                                                    \
    "d.id, d.project_id, d.person_id, d.job_id, d.busy_job, d.total, d.tasks, d.made_ms,"          \
    " d.ends_ms, COALESCE(u.name, '') FROM deletion d LEFT JOIN person u ON u.id = d.person_id"

static void read_row(struct rows *q, struct deletion *d)
{
    *d = (struct deletion){.id = rows_int(q, 0), .project = rows_int(q, 1),
                           .person = rows_int(q, 2), .job = rows_int(q, 3),
                           .busy = rows_int(q, 4), .total = rows_int(q, 5),
                           .tasks = rows_int(q, 6), .made = rows_int(q, 7),
                           .ends = rows_int(q, 8), .name = rows_text_keep(q, 9)};
}

static int read_one(struct rows *q, struct deletion *out)
{
    int rc = rows_next(q);

    if (rc <= 0)
        return rc;
    read_row(q, out);
    rows_end(q);
    return 1;
}

int bin_list(struct ctx *cx, int64_t project, int64_t before, int limit, struct deletion **out,
             int *n)
{
    struct rows *q;
    int cap = page_rows(limit), rc;

    *out = NEW_N(cx, struct deletion, cap);
    *n = 0;
    rc = db_query(cx, &q, "SELECT " COLUMNS " WHERE d.project_id = ? AND d.id < ? AND d.tasks > 0"
                          " ORDER BY d.id DESC LIMIT ?", "iii", project,
                  before > 0 ? before : INT64_MAX, (int64_t)cap);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        read_row(q, &(*out)[(*n)++]);
    return rc;
}

int bin_get(struct ctx *cx, int64_t project, int64_t id, struct deletion *out)
{
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT " COLUMNS " WHERE d.id = ? AND d.project_id = ?"
                              "{pg: FOR UPDATE OF d}", "ii", id, project);

    if (rc < 0 || (rc = read_one(q, out)) < 0)
        return rc;
    return rc > 0 ? 0 : fail(cx, E_NOTFOUND, "There is nothing left of this deletion.");
}

int bin_of_job(struct ctx *cx, int64_t project, int64_t job, struct deletion *out)
{
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT " COLUMNS " WHERE d.project_id = ? AND d.job_id = ?"
                              " AND d.job_id > 0", "ii", project, job);

    return rc < 0 ? rc : read_one(q, out);
}

int bin_any(struct ctx *cx, int64_t project, int64_t *deletion)
{
    return db_int(cx, deletion, "SELECT id FROM deletion WHERE project_id = ? ORDER BY id LIMIT 1",
                  "i", project);
}

/* ---- which are due ---- */

/* Another job is at work on a deletion d. */
#define BUSY                                                                                       \
    " EXISTS (SELECT 1 FROM job j WHERE j.id = d.busy_job AND j.id <> ?"                           \
    " AND j.state IN ('waiting', 'running'))"

int bin_next_due(struct ctx *cx, int64_t project, int64_t job, int64_t due, int64_t *deletion)
{
    int rc = db_int(cx, deletion,
                    "SELECT d.id FROM deletion d WHERE d.project_id = ? AND d.ends_ms <= ?"
                    " AND NOT" BUSY " ORDER BY d.id LIMIT 1", "iii", project, due, job);

    return rc <= 0 ? rc : db_run(cx, "UPDATE deletion SET busy_job = ? WHERE id = ?", "ii", job,
                                 *deletion);
}

int bin_put_off(struct ctx *cx, int64_t project, int64_t deletion, int64_t due)
{
    int64_t ends = cx->now + (keep_ms > 0 ? keep_ms : DAY_MS);
    int rc = deletion ? db_run(cx, "UPDATE deletion SET ends_ms = ? WHERE id = ?", "ii", ends,
                               deletion)
                      : db_run(cx, "UPDATE deletion SET ends_ms = ? WHERE project_id = ?"
                                   " AND ends_ms <= ?", "iii", ends, project, due);

    return rc < 0 ? rc : 0;
}

static int purge_job(struct ctx *cx, int64_t project)
{
    return job_add(cx, project, "purge", "due",
                   talloc_asprintf(cx->mem, "{\"due\":%lld}", (long long)cx->now), cx->now, NULL);
}

int bin_purge_soon(struct ctx *cx, int64_t project, int64_t deletion)
{
    int rc = db_run(cx, "UPDATE deletion SET busy_job = 0 WHERE id = ?", "i", deletion);

    return rc < 0 ? rc : purge_job(cx, project);
}

int bin_sweep(struct ctx *cx)
{
    int64_t project[64];
    struct rows *q;
    int n = 0, rc;

    rc = db_query(cx, &q, "SELECT DISTINCT d.project_id FROM deletion d WHERE d.ends_ms <= ?"
                          " AND NOT" BUSY " LIMIT 64", "ii", cx->now, (int64_t)0);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        project[n++] = rows_int(q, 0);
    for (int i = 0; i < n && rc >= 0; i++)
        rc = purge_job(cx, project[i]);
    return rc < 0 ? rc : 0;
}
