/* lease.c -- see lease.h. */
#include "domain/lease.h"

#include "domain/annotation.h"
#include "domain/audit.h"
#include "domain/exposure.h"
#include "domain/lane.h"
#include "domain/project.h"
#include "domain/tally.h"
#include "domain/task_set.h"
#include "store/db.h"

#define COLUMNS                                                                                    \
    "id, project_id, task_id, person_id, vendor_id, state, epoch, granted_ms, ends_ms, active_ms"

static void read_row(struct rows *q, struct lease *l)
{
    *l = (struct lease){
        .id = rows_int(q, 0),
        .project = rows_int(q, 1),
        .task = rows_int(q, 2),
        .person = rows_int(q, 3),
        .vendor = rows_int(q, 4),
        .state = rows_text_keep(q, 5),
        .epoch = rows_int(q, 6),
        .granted = rows_int(q, 7),
        .ends = rows_int(q, 8),
        .active_ms = rows_int(q, 9),
    };
}

static int fetch(struct ctx *cx, const char *sql, int64_t lease, struct lease *out)
{
    struct rows *q;
    int rc = db_query(cx, &q, sql, "i", lease);

    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) <= 0)
        return rc < 0 ? rc : fail(cx, E_NOTFOUND, "There is no such lease.");
    read_row(q, out);
    rows_end(q);
    return 0;
}

int lease_get(struct ctx *cx, int64_t lease, struct lease *out)
{
    return fetch(cx, "SELECT " COLUMNS " FROM lease WHERE id = ?", lease, out);
}

/* The same in an act that will change it: on PostgreSQL nobody else may meanwhile. */
int lease_lock(struct ctx *cx, int64_t lease, struct lease *out)
{
    return fetch(cx, "SELECT " COLUMNS " FROM lease WHERE id = ?{pg: FOR UPDATE}", lease, out);
}

int lease_mine(struct ctx *cx, int64_t project, int64_t task, struct lease *out)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT " COLUMNS " FROM lease WHERE project_id = ? AND task_id = ?"
                      " AND person_id = ?{pg: FOR UPDATE}",
                      "iii", project, task, cx->who.person);

    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) <= 0)
        return rc;
    read_row(q, out);
    rows_end(q);
    return 1;
}

/* The caller's own lease, and still of the epoch they know. */
static int mine(struct ctx *cx, int64_t lease, int64_t epoch, struct lease *out)
{
    int rc = lease_lock(cx, lease, out);

    if (rc < 0)
        return rc;
    if (out->person != cx->who.person)
        return fail(cx, E_NOTFOUND, "There is no such lease.");
    if (out->epoch != epoch)
        return fail(cx, E_STALE, "This task was lent to you again since; reload it.");
    return 0;
}

static int end(struct ctx *cx, const struct lease *l, const char *state)
{
    int rc = db_run(cx, "UPDATE lease SET state = ?, ended_ms = ? WHERE id = ?", "tii", state,
                    cx->now, l->id);

    return rc < 0 ? rc : 0;
}

int lease_state(struct ctx *cx, int64_t lease, const char *state, int64_t active_ms)
{
    int rc = db_run(cx,
                    "UPDATE lease SET state = ?, ended_ms = ?, active_ms = ? WHERE id = ?", "tiii",
                    state, cx->now, active_ms, lease);

    return rc < 0 ? rc : 0;
}

/* A lease ends AT ends_ms; what it held comes back in front of everybody's mark. */
int lease_expire(struct ctx *cx, int64_t project)
{
    struct lease gone[LEASE_SWEEP];
    int64_t task[LEASE_SWEEP];
    struct rows *q;
    int n = 0, rc;

    rc = db_query(cx, &q,
                  "SELECT " COLUMNS " FROM lease{lite: INDEXED BY lease_ends} WHERE project_id = ?"
                  " AND state = 'active' AND ends_ms <= ? ORDER BY ends_ms LIMIT ?{pg: FOR UPDATE "
                  "SKIP LOCKED}",
                  "iii", project, cx->now, (int64_t)LEASE_SWEEP);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0) {
        read_row(q, &gone[n]);
        task[n] = gone[n].task;
        n++;
    }
    if (rc < 0 || (n && (rc = slot_lock(cx, project, tasks_of(cx, task, n))) < 0))
        return rc;
    for (int i = 0; i < n; i++)
        if ((rc = end(cx, &gone[i], "expired")) < 0 ||
            (rc = slot_give_back(cx, project, gone[i].task)) < 0)
            return rc;
    return n;
}

/* One row for each (task, person): the first grant makes it, a later one raises its epoch. */
static int grant(struct ctx *cx, const struct access *a, int64_t task, struct lease *out)
{
    struct rows *q;
    int rc = db_query(
        cx, &q,
        "INSERT INTO lease(project_id, task_id, person_id, vendor_id, state, epoch, granted_ms,"
        " beat_ms, ends_ms) VALUES(?, ?, ?, ?, 'active', 1, ?, ?, ?)"
        " ON CONFLICT(project_id, task_id, person_id) DO UPDATE SET state = 'active',"
        " vendor_id = excluded.vendor_id, epoch = lease.epoch + 1, granted_ms = "
        "excluded.granted_ms,"
        " beat_ms = excluded.beat_ms, ends_ms = excluded.ends_ms, ended_ms = NULL"
        " RETURNING " COLUMNS,
        "iiiiiii", a->project, task, cx->who.person, a->vendor, cx->now, cx->now,
        cx->now + LEASE_TTL_MS);

    if (rc < 0 || (rc = rows_next(q)) < 0)
        return rc;
    read_row(q, out);
    rows_end(q);
    out->fresh = true;
    return exposure_grant(cx, a, task, out->id);
}

/* On PostgreSQL this keeps two pages of one person from taking more than LEASES_PER_PERSON
 * together. */
static int hold_member(struct ctx *cx, int64_t project)
{
    int64_t one;
    int rc = db_int(cx, &one,
                    "SELECT 1 FROM member WHERE project_id = ? AND person_id = ?{pg: FOR UPDATE}",
                    "ii", project, cx->who.person);

    return rc < 0 ? rc : 0;
}

/* What the caller holds already, oldest first. */
static int held(struct ctx *cx, const struct access *a, int want, struct lease *out, int *n)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                  /* Named, because the index of all of a person's leases would serve the order as
                   * well, and cost as much as they have done. */
                  "SELECT " COLUMNS " FROM lease{lite: INDEXED BY lease_mine} WHERE project_id = ?"
                  " AND person_id = ? AND state = 'active' ORDER BY id LIMIT ?",
                  "iii", a->project, cx->who.person, (int64_t)want);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        read_row(q, &out[(*n)++]);
    return rc;
}

int lease_claim(struct ctx *cx, const struct access *a, int want, struct lease *out, int *n,
                const char **why)
{
    int64_t paused = 0, task;
    int expired, fresh = 0, rc;
    bool moved = false;

    *n = 0;
    *why = "none";
    if (want < 1 || want > LEASES_PER_PERSON)
        return fail_at(cx, E_TOOMANY, "n", "One person holds 1 to %d tasks at once.",
                       LEASES_PER_PERSON);
    rc = db_int(cx, &paused, "SELECT 1 FROM project WHERE id = ? AND (paused = 1 OR published = 0)",
                "i", a->project);
    if (rc < 0)
        return rc;
    if (paused)
        *why = "paused";
    if ((rc = hold_member(cx, a->project)) < 0 || (rc = expired = lease_expire(cx, a->project)) < 0)
        return rc;
    if ((rc = held(cx, a, want, out, n)) < 0)
        return rc;
    while (*n < want && !paused) {
        if ((rc = lane_next(cx, a->project, &task, &moved)) <= 0)
            break;
        /* On PostgreSQL somebody else may have been faster; then look again. */
        if ((rc = slot_lease(cx, a->project, task)) < 0)
            return rc;
        if (rc == 0)
            continue;
        if ((rc = grant(cx, a, task, &out[*n])) < 0)
            return rc;
        (*n)++;
        fresh++;
    }
    if (rc < 0)
        return rc;
    if (!fresh && !expired && !moved)
        return 0;
    return audit(cx, a->project, "lease.claim", fresh ? out[*n - 1].task : 0,
                 "{\"granted\":%d,\"expired\":%d}", fresh, expired);
}

int lease_take(struct ctx *cx, const struct access *a, int64_t task, struct lease *out)
{
    int expired, rc;

    if ((expired = lease_expire(cx, a->project)) < 0)
        return expired;
    if ((rc = lease_mine(cx, a->project, task, out)) < 0)
        return rc;
    if (rc && strcmp(out->state, "active") == 0)
        return expired ? audit(cx, a->project, "lease.claim", task,
                               "{\"granted\":0,\"expired\":%d}", expired)
                       : 0;
    if (rc && (strcmp(out->state, "submitted") == 0 || strcmp(out->state, "skipped") == 0))
        return fail(cx, E_NOTFOUND, "You have answered or skipped this task already.");
    if ((rc = lane_admits(cx, a->project, task)) < 0)
        return rc;
    if (rc == 0)
        return fail(cx, E_NOTFOUND, "This task is assigned to others.");
    if ((rc = slot_lease(cx, a->project, task)) < 0)
        return rc;
    if (rc == 0)
        return fail(cx, E_NOTFOUND, "This task wants no further answer at the moment.");
    if ((rc = grant(cx, a, task, out)) < 0)
        return rc;
    return audit(cx, a->project, "lease.claim", task, "{\"granted\":1,\"expired\":%d}", expired);
}

int lease_beat(struct ctx *cx, int64_t lease, int64_t epoch, int64_t *ends)
{
    struct lease l;
    int rc = mine(cx, lease, epoch, &l);

    if (rc < 0)
        return rc;
    if (strcmp(l.state, "active") != 0)
        return fail(cx, E_STALE, "This lease has ended.");
    *ends = cx->now + LEASE_TTL_MS;
    rc = db_run(cx, "UPDATE lease SET beat_ms = ?, ends_ms = ? WHERE id = ?", "iii", cx->now, *ends,
                lease);
    return rc < 0 ? rc : audit(cx, l.project, "lease.beat", lease, NULL);
}

int lease_skip(struct ctx *cx, int64_t lease, int64_t epoch, const char *reason, const char *note)
{
    struct project p;
    struct slot was;
    struct lease l;
    bool again, ignore;
    int rc = mine(cx, lease, epoch, &l);

    if (rc < 0 || (rc = project_get(cx, l.project, &p)) < 0 ||
        (rc = slot_hold(cx, l.project, l.task, &was)) < 0)
        return rc;
    if (strcmp(l.state, "active") != 0)
        return fail(cx, E_STALE, "This lease has ended.");
    if (strlen(reason) > 100 || (note && strlen(note) > 2000))
        return fail_at(cx, E_INVALID, "note", "A reason has at most 100 bytes, a note 2000.");
    again = strcmp(p.skip_queue, "me") == 0;
    ignore = strcmp(p.skip_queue, "ignore") == 0;
    rc = db_run(cx, "UPDATE lease SET state = ?, ended_ms = ?, reason = ?, note = ? WHERE id = ?",
                "titti", again ? "released" : "skipped", cx->now, reason, note, lease);
    if (rc < 0)
        return rc;
    rc = ignore ? slot_ignore(cx, l.project, l.task) : slot_give_back(cx, l.project, l.task);
    if (rc < 0 || (rc = slot_tally(cx, l.project, l.task, 1, 0, 0)) < 0 ||
        (rc = project_count_add(cx, l.project, &(struct project_counts){.skipped = 1})) < 0 ||
        (rc = tally_skip(cx, l.project, reason)) < 0)
        return rc;
    if (ignore && (rc = annotation_recount(cx, l.project, l.task, &was)) < 0)
        return rc;
    return audit(cx, l.project, "lease.skip", lease, "{\"task\":%lld}", (long long)l.task);
}

int lease_release(struct ctx *cx, int64_t lease, int64_t epoch)
{
    struct lease l;
    int rc = mine(cx, lease, epoch, &l);

    if (rc == E_NOTFOUND || rc == E_STALE) {
        fail_clear(cx);
        return 0;
    }
    if (rc < 0 || strcmp(l.state, "active") != 0)
        return rc;
    if ((rc = end(cx, &l, "released")) < 0 || (rc = slot_give_back(cx, l.project, l.task)) < 0)
        return rc;
    return audit(cx, l.project, "lease.release", lease, "{\"task\":%lld}", (long long)l.task);
}

int lease_after_restart(struct ctx *cx)
{
    int rc = db_run(cx, "UPDATE lease SET ends_ms = ? WHERE state = 'active' AND ends_ms < ?", "ii",
                    cx->now + LEASE_RESTART_MS, cx->now + LEASE_RESTART_MS);

    return rc < 0 ? rc : 0;
}

int lease_revive(struct ctx *cx, int64_t lease)
{
    int rc =
        db_run(cx,
               "UPDATE lease SET state = 'active', epoch = epoch + 1, beat_ms = ?, ends_ms = ?,"
               " ended_ms = NULL WHERE id = ?",
               "iii", cx->now, cx->now + LEASE_TTL_MS, lease);

    return rc < 0 ? rc : 0;
}

int lease_imported(struct ctx *cx, int64_t project, int64_t task, int64_t person, int64_t vendor)
{
    return db_run(cx,
                  "INSERT INTO lease(project_id, task_id, person_id, vendor_id, state, epoch,"
                  " granted_ms, beat_ms, ends_ms, ended_ms)"
                  " VALUES(?, ?, ?, ?, 'submitted', 1, ?, ?, ?, ?)"
                  " ON CONFLICT(project_id, task_id, person_id) DO NOTHING",
                  "iiiiiiii", project, task, person, vendor, cx->now, cx->now, cx->now, cx->now);
}

int lease_hold(struct ctx *cx, int64_t project, const struct tasks *tasks)
{
    if (!db_is_pg(cx))
        return 0;
    int rc = db_run(cx,
                    "SELECT 1 FROM lease WHERE project_id = ? AND " IN_TASKS
                    " ORDER BY task_id, person_id{pg: FOR UPDATE}",
                    "iiit", project, TASKS(tasks));

    return rc < 0 ? rc : 0;
}

int lease_forget(struct ctx *cx, int64_t project, const struct tasks *tasks)
{
    return db_run(cx, "DELETE FROM lease WHERE project_id = ? AND " IN_TASKS, "iiit", project,
                  TASKS(tasks));
}
