/*
 * job.c -- see job.h.
 *
 * One column says when a row wants attention: due_ms.  While a job runs it is
 * the moment its claim runs out, so "waiting and due" and "running, but the
 * worker is gone" are the same question.
 */
#include "store/job.h"
#include "store/inside.h"

#define FIRST_WAIT_MS 1000
#define LONGEST_WAIT_MS (3600 * 1000)
#define LIST_MAX 500

#define COLUMNS "id, project_id, person_id, kind, arg, state, attempts, done, total, report, " \
                "created_ms, due_ms, ended_ms, stop_ms"

static void read_row(struct rows *q, struct job *out)
{
    *out = (struct job){
        .id = rows_int(q, 0), .project = rows_int(q, 1), .person = rows_int(q, 2),
        .kind = rows_text_keep(q, 3), .arg = rows_text_keep(q, 4), .state = rows_text_keep(q, 5),
        .attempts = (int)rows_int(q, 6), .done = rows_int(q, 7), .total = rows_int(q, 8),
        .report = rows_text_keep(q, 9), .created = rows_int(q, 10), .due = rows_int(q, 11),
        .ended = rows_int(q, 12), .stop = rows_int(q, 13),
    };
}

int job_add(struct ctx *cx, int64_t project, const char *kind, const char *key, const char *arg,
            int64_t due, int64_t *id)
{
    int64_t got = 0;
    int rc;

    rc = db_int(cx, &got,
                "INSERT INTO job (project_id, person_id, kind, name, arg, state, due_ms, "
                "created_ms) VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?) "
                "ON CONFLICT (project_id, kind, name) WHERE state = 'waiting' AND name IS NOT NULL "
                "DO UPDATE SET due_ms = excluded.due_ms RETURNING id", "iotttii", project,
                cx->who.person, kind, key, arg, due, cx->now);
    if (rc < 0)
        return rc;
    if (id)
        *id = got;
    return 0;
}

static int give_up(struct ctx *cx, int64_t id, const char *report)
{
    int rc = db_run(cx, "UPDATE job SET state = 'failed', ended_ms = ?, claim_ms = NULL, "
                    "report = ? WHERE id = ?", "iti", cx->now, report, id);

    return rc < 0 ? rc : 0;
}

int job_claim(struct ctx *cx, struct job *out)
{
    struct rows *q;
    int rc;

    if (cx->db->st && checkpoint_log_bytes(cx->db->st->checkpointer) > CHECKPOINT_JOBS_STOP)
        return 0;                   /* let the disk catch up: jobs can wait, people cannot */
    for (;;) {
        int64_t until = cx->now + JOB_CLAIM_MS;

        rc = db_query(cx, &q,
                      "UPDATE job SET state = 'running', attempts = attempts + 1, due_ms = ?, "
                      "claim_ms = ? WHERE id = (SELECT id FROM job "
                      "WHERE state IN ('waiting', 'running') AND due_ms <= ? "
                      "ORDER BY due_ms, id LIMIT 1 {pg:FOR UPDATE SKIP LOCKED}) "
                      "RETURNING " COLUMNS, "iii", until, until, cx->now);
        if (rc < 0 || (rc = rows_next(q)) <= 0)
            return rc;
        read_row(q, out);
        while ((rc = rows_next(q)) > 0)
            ;
        if (rc < 0)
            return rc;
        if (out->attempts <= JOB_ATTEMPTS)
            return 1;
        rc = give_up(cx, out->id,
                     "{\"error\":\"The job was begun many times and never came to an end.\"}");
        if (rc < 0)
            return rc;
    }
}

/* One row of a running job was to change; when none did, somebody cancelled or ended it. */
static int was_running(struct ctx *cx, int rc)
{
    if (rc == 0)
        return fail(cx, E_CHANGED, "The job no longer runs.");
    return rc < 0 ? rc : 0;
}

int job_progress(struct ctx *cx, int64_t id, int64_t done, int64_t total)
{
    int64_t until = cx->now + JOB_CLAIM_MS, stop;
    int rc = db_int(cx, &stop, "UPDATE job SET done = ?, total = ?, due_ms = ?, claim_ms = ?"
                    " WHERE id = ? AND state = 'running' RETURNING stop_ms", "iiiii", done, total,
                    until, until, id);

    return (rc = was_running(cx, rc)) < 0 ? rc : stop > 0;
}

static int end(struct ctx *cx, int64_t id, const char *state, const char *report)
{
    return was_running(cx, db_run(cx, "UPDATE job SET state = ?, ended_ms = ?, claim_ms = NULL, "
                                  "report = ? WHERE id = ? AND state = 'running'", "titi", state,
                                  cx->now, report ? report : "", id));
}

int job_end(struct ctx *cx, int64_t id, bool failed_for_good, const char *report)
{
    return end(cx, id, failed_for_good ? "failed" : "done", report);
}

int job_stopped(struct ctx *cx, int64_t id, const char *report)
{
    return end(cx, id, "cancelled", report);
}

int job_halt(struct ctx *cx, int64_t id)
{
    int rc = db_run(cx, "UPDATE job SET stop_ms = ? WHERE id = ? AND state = 'running'"
                        " AND stop_ms = 0", "ii", cx->now, id);

    return rc < 0 ? rc : 0;
}

/* 1 s, 4 s, 16 s … at most an hour */
static int64_t wait_ms(int attempts)
{
    int64_t ms = FIRST_WAIT_MS;

    for (int i = 1; i < attempts && ms < LONGEST_WAIT_MS; i++)
        ms *= 4;
    return ms < LONGEST_WAIT_MS ? ms : LONGEST_WAIT_MS;
}

int job_retry(struct ctx *cx, int64_t id, const char *report)
{
    int64_t attempts = 0;
    int rc = db_int(cx, &attempts, "SELECT attempts FROM job WHERE id = ? AND state = 'running'",
                    "i", id);

    if (rc <= 0)
        return was_running(cx, rc);
    if (attempts >= JOB_ATTEMPTS)
        return give_up(cx, id, report ? report : "");
    /* One of the same name that came in meanwhile does the work of this one. */
    rc = db_run(cx, "UPDATE job SET state = 'cancelled', ended_ms = ?, claim_ms = NULL, report = ? "
                "WHERE id = ? AND EXISTS (SELECT 1 FROM job j WHERE j.project_id = job.project_id "
                "AND j.kind = job.kind AND j.name = job.name AND j.state = 'waiting')", "iti",
                cx->now, report ? report : "", id);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    return was_running(cx, db_run(cx, "UPDATE job SET state = 'waiting', due_ms = ?, "
                                  "claim_ms = NULL, report = ? WHERE id = ? AND state = 'running'",
                                  "iti", cx->now + wait_ms((int)attempts), report ? report : "",
                                  id));
}

int job_cancel(struct ctx *cx, int64_t id)
{
    int rc = db_run(cx, "UPDATE job SET state = 'cancelled', ended_ms = ?, claim_ms = NULL "
                    "WHERE id = ? AND state IN ('waiting', 'running')", "ii", cx->now, id);

    if (rc == 0)
        return fail(cx, E_CHANGED, "The job has ended already.");
    return rc < 0 ? rc : 0;
}

int job_get(struct ctx *cx, int64_t id, struct job *out)
{
    struct rows *q;
    int rc;

    if ((rc = db_query(cx, &q, "SELECT " COLUMNS " FROM job WHERE id = ?", "i", id)) < 0 ||
        (rc = rows_next(q)) < 0)
        return rc;
    if (rc == 0)
        return fail(cx, E_NOTFOUND, "There is no such job.");
    read_row(q, out);
    rows_end(q);
    return 0;
}

int job_list(struct ctx *cx, int64_t project, int64_t after, int limit, struct job **out, int *n)
{
    struct rows *q;
    int rc;

    if (limit < 1 || limit > LIST_MAX)
        limit = LIST_MAX;
    *n = 0;
    *out = NEW_N(cx, struct job, limit);
    if ((rc = db_query(cx, &q, "SELECT " COLUMNS " FROM job WHERE project_id = ? AND id > ? "
                       "ORDER BY id LIMIT ?", "iii", project, after, (int64_t)limit)) < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        read_row(q, *out + (*n)++);
    return rc;
}

int job_newest(struct ctx *cx, int64_t project, int64_t before, int limit, struct job **out, int *n)
{
    struct rows *q;
    int rc;

    if (limit < 1 || limit > LIST_MAX)
        limit = LIST_MAX;
    *n = 0;
    *out = NEW_N(cx, struct job, limit);
    if ((rc = db_query(cx, &q, "SELECT " COLUMNS " FROM job WHERE project_id = ? AND id < ? "
                       "AND NOT (kind = 'consensus' AND state IN ('done', 'waiting')) "
                       "ORDER BY id DESC LIMIT ?", "iii", project, before ? before : INT64_MAX,
                       (int64_t)limit)) < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        read_row(q, *out + (*n)++);
    return rc;
}
