/* bin_run.c -- see bin.h: the jobs that put deleted tasks back or take them away for good. */
#include "domain/bin_run.h"

#include "core/json.h"
#include "domain/audit.h"
#include "domain/run.h"
#include "store/act.h"
#include "store/db.h"
#include "store/job.h"

/* ---- asking for it ---- */

static int begin(struct ctx *cx, int64_t project, int64_t id, const char *kind, const char *act,
                 int64_t *job, int64_t *total)
{
    struct deletion d;
    struct job at;
    int rc = bin_get(cx, project, id, &d);

    if (rc < 0 || (d.busy && (rc = job_get(cx, d.busy, &at)) < 0))
        return rc;
    if (d.busy && (strcmp(at.state, "waiting") == 0 || strcmp(at.state, "running") == 0))
        return fail(cx, E_CHANGED, "Job %lld is at work on these tasks; stop it first, or wait"
                    " until it has ended.", (long long)d.busy);
    if ((rc = job_add(cx, project, kind, NULL,
                      talloc_asprintf(cx->mem, "{\"deletion\":%lld}", (long long)id), cx->now,
                      job)) < 0 ||
        (rc = db_run(cx, "UPDATE deletion SET busy_job = ? WHERE id = ?", "ii", *job, id)) < 0)
        return rc;
    *total = d.tasks;
    return audit(cx, project, act, *job, "{\"deletion\":%lld,\"tasks\":%lld}", (long long)id,
                 (long long)d.tasks);
}

int bin_restore(struct ctx *cx, int64_t project, int64_t id, int64_t *job, int64_t *total)
{
    return begin(cx, project, id, "restore", "bin.restore", job, total);
}

int bin_purge(struct ctx *cx, int64_t project, int64_t id, int64_t *job, int64_t *total)
{
    return begin(cx, project, id, "purge", "bin.purge", job, total);
}

/* ---- doing it ---- */

struct work {
    struct bin_slice s;
    int64_t done, left, total;
    bool more;
};

static int restore_slice(struct ctx *cx, void *arg)
{
    struct work *w = arg;
    int rc = bin_restore_slice(cx, &w->s);

    w->more = w->s.seen == BIN_SLICE;
    if (rc < 0 || w->s.moved == 0)
        return rc;
    return audit(cx, w->s.project, "task.restore_some", w->s.job,
                 "{\"deletion\":%lld,\"count\":%d,\"last\":%lld}", (long long)w->s.deletion,
                 w->s.moved, (long long)w->s.after);
}

static int purge_slice(struct ctx *cx, void *arg)
{
    struct work *w = arg;
    int64_t id = w->s.deletion;
    int rc = id ? 1 : bin_next_due(cx, w->s.project, w->s.job, w->s.due, &id);

    w->s.moved = 0;
    w->more = rc > 0;
    if (rc <= 0)
        return rc;
    if ((w->s.moved = rc = bin_empty(cx, w->s.project, id, BIN_SLICE)) < 0)
        return rc;
    w->more = rc == BIN_SLICE || !w->s.deletion;
    return audit(cx, w->s.project, "task.purge_some", w->s.job,
                 "{\"deletion\":%lld,\"count\":%d}", (long long)id, w->s.moved);
}

static int put_off(struct ctx *cx, void *arg)
{
    struct work *w = arg;

    return bin_put_off(cx, w->s.project, w->s.deletion, w->s.due);
}

static int count_due(struct ctx *cx, void *arg)
{
    struct work *w = arg;
    int rc = w->s.deletion ? db_int(cx, &w->total, "SELECT tasks FROM deletion WHERE id = ?", "i",
                                    w->s.deletion)
                           : db_int(cx, &w->total, "SELECT COALESCE(SUM(tasks), 0) FROM deletion"
                                    " WHERE project_id = ? AND ends_ms <= ?", "ii", w->s.project,
                                    w->s.due);

    return rc < 0 ? rc : 0;
}

/* 1 when it was stopped in between. */
static int go(struct run *run, struct ctx *cx, struct work *w,
              int (*slice_fn)(struct ctx *, void *), bin_tell *tell, void *tell_arg)
{
    int rc;

    do {
        struct ctx *slice = ctx_new(cx->mem);

        if (tell(tell_arg, w->done + w->left, w->total)) {
            ctx_free(slice);
            return 1;
        }
        slice->who = cx->who;
        w->s.seen = w->s.moved = 0;
        rc = run_wait(run, slice, false, slice_fn, w);
        if (rc < 0)
            fail(cx, rc, "%s", slice->why ? slice->why : "It could not be done.");
        ctx_free(slice);
        w->done += w->s.moved;
        w->left += w->s.seen > w->s.moved ? w->s.seen - w->s.moved : 0;
    } while (rc >= 0 && w->more);
    return rc < 0 ? rc : 0;
}

static int prepare(struct run *run, struct ctx *cx, struct work *w, int64_t job, int64_t project,
                   const char *arg)
{
    json_t *ask;
    int rc = json_stored(cx, arg, strlen(arg), &ask);

    if (rc < 0)
        return rc;
    *w = (struct work){.s = {.project = project, .job = job,
                             .deletion = json_int(ask, "deletion", 0),
                             .due = json_int(ask, "due", 0)}};
    return act_run(run_store(run), cx, ACT_READ, count_due, w);
}

static const char *report_of(struct ctx *cx, const struct work *w)
{
    return talloc_asprintf(cx->mem, "{\"done\":%lld,\"left\":%lld}", (long long)w->done,
                           (long long)w->left);
}

int bin_run_restore(struct run *run, struct ctx *cx, int64_t job, int64_t project, const char *arg,
                    bin_tell *tell, void *tell_arg, const char **report)
{
    struct work w;
    int rc = prepare(run, cx, &w, job, project, arg);

    if (rc < 0 || (rc = go(run, cx, &w, restore_slice, tell, tell_arg)) < 0)
        return rc;
    *report = report_of(cx, &w);
    return 0;
}

int bin_run_purge(struct run *run, struct ctx *cx, int64_t job, int64_t project, const char *arg,
                  bin_tell *tell, void *tell_arg, const char **report)
{
    struct work w;
    int rc = prepare(run, cx, &w, job, project, arg);

    if (rc < 0 || (rc = go(run, cx, &w, purge_slice, tell, tell_arg)) < 0)
        return rc;
    if (rc > 0 && (rc = run_wait(run, cx, true, put_off, &w)) < 0)
        return rc;
    *report = report_of(cx, &w);
    return 0;
}
