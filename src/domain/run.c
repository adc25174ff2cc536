/* run.c -- see run.h. */
#include "domain/run.h"

#include "domain/audit.h"

#include "domain/exposure.h"
#include "store/act.h"
#include "store/blob.h"
#include "store/job.h"
#include "store/store.h"

struct run {
    struct store *st;
};

struct run *run_new(void *parent, struct store *st)
{
    struct run *run = talloc_zero(parent, struct run);

    run->st = st;
    return run;
}

struct store *run_store(struct run *run)
{
    return run->st;
}

static int log_look(struct ctx *cx, void *arg)
{
    return exposure_log(cx, arg);
}

int run_read(struct run *run, struct ctx *cx, int (*fn)(struct ctx *, void *), void *arg)
{
    static char act[] = "content.read";
    int rc, logged;

    cx->looked = cx->looked_bytes = 0;
    rc = act_run(run->st, cx, ACT_READ, fn, arg);
    if (rc < 0 || cx->looked == 0)
        return rc;
    logged = act_run(run->st, cx, ACT_WRITE, log_look, act);
    return logged < 0 ? logged : rc;
}

int run_wait(struct run *run, struct ctx *cx, bool house, int (*fn)(struct ctx *, void *),
             void *arg)
{
    return act_run(run->st, cx, house ? ACT_HOUSE : ACT_WRITE, fn, arg);
}

static void done(struct act *a)
{
    struct run_write *w = a->owner;

    w->rc = a->rc;
    w->queued_us = a->queued_us;
    w->started_us = a->started_us;
    w->ended_us = a->ended_us;
    w->done(w);
}

int run_send(struct run *run, struct run_write *w)
{
    struct act *a = NEW(w->cx, struct act);

    a->fn = w->fn;
    a->arg = w->arg;
    a->kind = w->house ? ACT_HOUSE : ACT_WRITE;
    a->cx = w->cx;
    a->bytes = w->bytes;
    a->done = done;
    a->owner = w;
    w->act = a;
    return act_send(run->st, a);
}

int run_spool(struct ctx *cx, struct run *run, char **name, int *fd)
{
    return spool_create(cx, run->st, name, fd);
}

void run_spool_remove(struct run *run, const char *name)
{
    spool_remove(run->st, name);
}

int run_keep(struct ctx *cx, struct run *run, const char *name, char hash[ID_SHA256_HEX],
             int64_t *bytes)
{
    return blob_adopt(cx, run->st, name, hash, bytes);
}

int run_blob(struct ctx *cx, struct run *run, const char *hash, int *fd, int64_t *bytes)
{
    return blob_open(cx, run->st, hash, fd, bytes);
}

static struct run_job as_seen(const struct job *j)
{
    return (struct run_job){ .id = j->id, .project = j->project, .done = j->done, .total = j->total,
                             .created = j->created, .ended = j->ended, .kind = j->kind,
                             .state = j->state, .arg = j->arg, .report = j->report,
                             .stopping = j->stop && strcmp(j->state, "running") == 0 };
}

int run_job_get(struct ctx *cx, int64_t id, struct run_job *out)
{
    struct job j;
    int rc = job_get(cx, id, &j);

    if (rc >= 0)
        *out = as_seen(&j);
    return rc;
}

static int all_seen(struct ctx *cx, const struct job *j, int n, struct run_job **out)
{
    *out = NEW_N(cx, struct run_job, n + 1);
    for (int i = 0; i < n; i++)
        (*out)[i] = as_seen(&j[i]);
    return 0;
}

int run_job_list(struct ctx *cx, int64_t project, int64_t after, int limit, struct run_job **out,
                 int *n)
{
    struct job *j;
    int rc = job_list(cx, project, after, limit, &j, n);

    return rc < 0 ? rc : all_seen(cx, j, *n, out);
}

int run_job_newest(struct ctx *cx, int64_t project, int64_t before, int limit, struct run_job **out,
                   int *n)
{
    struct job *j;
    int rc = job_newest(cx, project, before, limit, &j, n);

    return rc < 0 ? rc : all_seen(cx, j, *n, out);
}

void run_stats(struct run *run, struct run_stats *out)
{
    struct act_stats a;

    act_stats(run->st, &a);
    *out = (struct run_stats){a.acts, a.batches, a.largest_batch, a.commit_us_sum, a.fn_us_sum};
}

bool run_job_stops(const char *kind)
{
    static const char *const stops[] = {"import", "bulk", "restore", "purge"};

    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
        if (strcmp(stops[i], kind) == 0)
            return true;
    return false;
}

int run_job_cancel(struct ctx *cx, int64_t id)
{
    struct job j;
    int rc = job_get(cx, id, &j);
    bool runs;

    if (rc < 0)
        return rc;
    runs = strcmp(j.state, "running") == 0;
    if (runs && !run_job_stops(j.kind))
        return fail(cx, E_CHANGED, "The job runs already and comes to its end by itself.");
    if (runs && j.stop)
        return 0;
    if ((rc = runs ? job_halt(cx, id) : job_cancel(cx, id)) < 0)
        return rc;
    return audit(cx, j.project, "job.stop", id, "{\"kind\":\"%s\"}", j.kind);
}
