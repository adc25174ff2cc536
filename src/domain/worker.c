/* worker.c -- see worker.h. */
#include "domain/worker.h"

#include <pthread.h>
#include <stdatomic.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"
#include "domain/bin.h"
#include "domain/bulk.h"
#include "domain/consensus.h"
#include "domain/file_upload.h"
#include "domain/fit.h"
#include "domain/idem.h"
#include "domain/importer.h"
#include "domain/leftover.h"
#include "domain/media.h"
#include "domain/notice.h"
#include "domain/project.h"
#include "domain/run.h"
#include "domain/session.h"
#include "domain/skill.h"
#include "domain/task.h"
#include "store/act.h"
#include "store/db.h"
#include "store/job.h"

#define IDLE_MS 250                     /* between two looks for work */
#define SETTLE_TASKS 50                 /* tasks settled in one act */
#define SWEEP_MS (10 * 60 * 1000)       /* between two clearings of what is over */
#define WHOLE_FACTOR 20 /* a whole-project method rests this many times as long as it worked */

/* A job in hand. */
struct work {
    struct run *run;
    struct ctx *cx;
    struct job job;
    int64_t told_ms;
    int64_t again;                      /* do it once more at this time; 0: done */
    bool stop;                          /* somebody wants it to end, and it can */
    const char *report;
};

typedef int kind_fn(struct work *w);

/* ---- progress ---- */

struct progress {
    int64_t job, done, total;
    bool stop;
};

static int put_progress(struct ctx *cx, void *arg)
{
    struct progress *p = arg;
    int rc = job_progress(cx, p->job, p->done, p->total);

    p->stop = rc > 0;
    return rc < 0 ? rc : 0;
}

/* How far it is; answers whether it is to stop here.  Those that cannot go on without looking. */
static bool tell(void *arg, int64_t done, int64_t total)
{
    struct work *w = arg;
    struct progress p = {w->job.id, done, total, false};
    struct ctx *cx;

    if (w->stop || (clock_now() - w->told_ms < 300 && done < total))
        return w->stop;
    w->told_ms = clock_now();
    cx = ctx_new(w->cx->mem);
    run_wait(w->run, cx, true, put_progress, &p);
    ctx_free(cx);
    return w->stop = p.stop && run_job_stops(w->job.kind);
}

/* ---- import ---- */

static int do_import(struct work *w)
{
    struct import done;
    json_t *arg;
    int rc;

    if ((rc = json_stored(w->cx, w->job.arg, strlen(w->job.arg), &arg)) < 0)
        return rc;
    rc = import_run(w->run, w->cx, json_int(arg, "import", 0), tell, w, &done);
    if (rc < 0)
        return rc;
    w->report = talloc_asprintf(w->cx->mem, "{\"import\":%lld,\"state\":\"%s\"}",
                                (long long)done.id, done.state);
    return 0;
}

/* ---- consensus ---- */

struct settle {
    int64_t project, after, next;
    bool due_only;
    int stale;                          /* the fits are others than those that are kept */
    bool moved;                         /* another pass, or a new method, came in between */
    const char *basis;
    int64_t *task;
    int n, stored;
    struct fits *fits;
    struct settled *settled;
};

static int settle_answers(struct ctx *cx, void *arg)
{
    struct settle *s = arg;
    int rc = skill_basis(cx, s->project, &s->basis);

    return rc < 0 ? rc : fits_read(cx, s->project, &s->fits);
}

static int settle_stale(struct ctx *cx, void *arg)
{
    struct settle *s = arg;

    s->stale = skill_stale(cx, s->project, s->fits);
    return s->stale < 0 ? s->stale : 0;
}

/* What this pass rests on is still so; else nothing is written, and it begins again. */
static int settle_moved(struct ctx *cx, struct settle *s)
{
    const char *basis;
    int rc = skill_basis(cx, s->project, &basis);

    if (rc < 0)
        return rc;
    s->moved = strcmp(basis, s->basis) != 0;
    return s->moved ? fail(cx, E_CHANGED, "Another pass of settling came in between.") : 0;
}

static int settle_end(struct ctx *cx, void *arg)
{
    struct settle *s = arg;
    int rc;

    if ((s->stale && (rc = project_lock(cx, s->project)) < 0) || (rc = settle_moved(cx, s)) < 0)
        return rc;
    return s->stale ? skill_store(cx, s->project, s->fits) : 0;
}

static int settle_read(struct ctx *cx, void *arg)
{
    struct settle *s = arg;
    int rc;

    if (s->due_only)
        rc = consensus_due(cx, s->project, SETTLE_TASKS, &s->task, &s->n, &s->next);
    else
        rc = consensus_complete(cx, s->project, s->after, SETTLE_TASKS, &s->task, &s->n);
    if (rc < 0)
        return rc;
    s->settled = NEW_N(cx, struct settled, s->n + 1);
    return consensus_form(cx, s->project, s->fits, s->task, s->n, s->settled);
}

static int settle_write(struct ctx *cx, void *arg)
{
    struct settle *s = arg;
    int rc = settle_moved(cx, s);

    return rc < 0 ? rc : consensus_store(cx, s->project, s->settled, s->n, &s->stored);
}

/* Slice after slice until nothing is left; *count tasks were written. */
static int settle_all(struct run *run, struct ctx *cx, struct settle *s, int64_t *count)
{
    int rc;

    *count = 0;
    do {
        struct ctx *slice = ctx_new(cx->mem);

        s->stored = 0;
        rc = act_run(run_store(run), slice, ACT_READ, settle_read, s);
        if (rc == 0 && s->n)
            rc = run_wait(run, slice, false, settle_write, s);
        if (rc < 0)
            fail(cx, rc, "%s", slice->why ? slice->why : "Consensus failed.");
        *count += s->stored;
        if (s->n)
            s->after = s->task[s->n - 1];
        ctx_free(slice);
    } while (rc == 0 && s->n == SETTLE_TASKS);
    return rc;
}

struct rest {
    int64_t project, next;
};

static int next_due(struct ctx *cx, void *arg)
{
    struct rest *r = arg;
    int64_t *task;
    int n, rc = consensus_due(cx, r->project, 1, &task, &n, &r->next);

    if (rc == 0 && n)
        r->next = cx->now;
    return rc;
}

static int settle_rest(struct work *w, int64_t began)
{
    struct rest r = {.project = w->job.project};
    int64_t earliest = clock_now() + WHOLE_FACTOR * (clock_now() - began);
    int rc = act_run(run_store(w->run), w->cx, ACT_READ, next_due, &r);

    w->again = r.next && r.next < earliest ? earliest : r.next;
    return rc;
}

/* A long fit holds its claim. */
static void still_here(void *arg)
{
    tell(arg, 0, 0);
}

/*
 * Read the answers, fit beside everybody, settle; the fits are kept last, so
 * that work cut short is done again.  Tasks that are not due follow a new fit.
 */
static int settle_once(struct run *run, struct ctx *cx, struct settle *s, struct work *w,
                       int64_t *count)
{
    int rc;

    *count = s->after = 0;
    if ((rc = act_run(run_store(run), cx, ACT_READ, settle_answers, s)) < 0 ||
        (rc = fits_run(s->fits, w ? still_here : NULL, w)) < 0 ||
        (rc = act_run(run_store(run), cx, ACT_READ, settle_stale, s)) < 0)
        return rc;
    s->due_only = s->due_only && !s->stale;
    if ((rc = settle_all(run, cx, s, count)) < 0)
        return rc;
    if (s->stale)
        return run_wait(run, cx, false, settle_end, s);
    return act_run(run_store(run), cx, ACT_READ, settle_end, s);
}

static int settle(struct run *run, struct ctx *cx, struct settle *s, struct work *w, int64_t *count)
{
    int64_t more;
    int rc;

    *count = 0;
    do {
        s->moved = false;
        rc = settle_once(run, cx, s, w, &more);
        *count += more;
        s->due_only = false;
        if (s->moved)
            fail_clear(cx);
    } while (s->moved);
    return rc;
}

static int do_consensus(struct work *w)
{
    struct settle s = {.project = w->job.project, .due_only = true};
    int64_t began = clock_now(), count;
    int rc;

    if ((rc = settle(w->run, w->cx, &s, w, &count)) < 0)
        return rc;
    w->again = s.next;
    /* What is fitted over the whole project costs more the larger it is: it rests accordingly. */
    return s.fits->n || s.stale ? settle_rest(w, began) : rc;
}

int worker_settle_all(struct run *run, struct ctx *cx, int64_t project, int64_t *settled)
{
    struct settle s = {.project = project};

    return settle(run, cx, &s, NULL, settled);
}

/* ---- long changes ---- */

struct change {
    int64_t project, after, overlap;
    struct bin_into into;
    int n;
};

static int by_slices(struct work *w, bool house, int (*slice)(struct ctx *, void *),
                     struct change *c)
{
    int rc;

    do {
        struct ctx *cx = ctx_new(w->cx->mem);

        rc = run_wait(w->run, cx, house, slice, c);
        ctx_free(cx);
    } while (rc == 0 && c->n > 0);
    return rc;
}

static int overlap_slice(struct ctx *cx, void *arg)
{
    struct change *c = arg;

    return task_require_some(cx, c->project, c->after, c->overlap, &c->after, &c->n);
}

static int do_overlap(struct work *w)
{
    struct change c = {.project = w->job.project};
    json_t *arg;
    int rc = json_stored(w->cx, w->job.arg, strlen(w->job.arg), &arg);

    if (rc < 0)
        return rc;
    c.overlap = json_int(arg, "overlap", 1);
    return by_slices(w, false, overlap_slice, &c);
}

/* Into the bin and out of it for good: two ways of going that are there already. */
static int delete_slice(struct ctx *cx, void *arg)
{
    struct change *c = arg;

    c->n = task_delete_some(cx, c->project, &c->into);
    return c->n < 0 ? c->n : 0;
}

static int empty_slice(struct ctx *cx, void *arg)
{
    struct change *c = arg;
    int64_t deletion;
    int rc = bin_any(cx, c->project, &deletion);

    c->n = rc;
    return rc <= 0 ? rc : (rc = bin_empty(cx, c->project, deletion, (int)LIMIT_SLICE_ROWS)) < 0
                              ? rc : 0;
}

static int forget_slice(struct ctx *cx, void *arg)
{
    struct change *c = arg;
    int rc = media_forget_some(cx, c->project);

    c->n = rc;
    if (rc == 0)
        c->n = rc = file_upload_forget_some(cx, c->project);
    return rc < 0 ? rc : 0;
}

/* What nobody sees any more goes without a word in the audit: the project's deletion was one. */
static int do_delete_project(struct work *w)
{
    struct change c = {.project = w->job.project, .into = {.for_good = true}};
    int rc = by_slices(w, false, delete_slice, &c);

    if (rc == 0)
        rc = by_slices(w, true, empty_slice, &c);
    return rc < 0 ? rc : by_slices(w, true, forget_slice, &c);
}

static int do_bulk(struct work *w)
{
    return bulk_run(w->run, w->cx, w->job.id, w->job.project, w->job.arg, tell, w, &w->report);
}

static int do_restore(struct work *w)
{
    return bin_run_restore(w->run, w->cx, w->job.id, w->job.project, w->job.arg, tell, w,
                           &w->report);
}

static int do_purge(struct work *w)
{
    return bin_run_purge(w->run, w->cx, w->job.id, w->job.project, w->job.arg, tell, w, &w->report);
}

static int do_bulk_purge(struct work *w)
{
    return bulk_purge(w->run, w->cx, w->job.project, w->job.arg);
}

static const struct {
    const char *kind;
    kind_fn *fn;
} kinds[] = {
    {"import", do_import},
    {"consensus", do_consensus},
    {"overlap", do_overlap},
    {"bulk", do_bulk},
    {"bulk_purge", do_bulk_purge},
    {"restore", do_restore},
    {"purge", do_purge},
    {"delete_project", do_delete_project},
};

/* ---- one job ---- */

static int claim(struct ctx *cx, void *arg)
{
    struct work *w = arg;

    return job_claim(cx, &w->job);
}

/* Jobs that a person waits for; an import tells its own, and the rest is the house's. */
static int tell_end(struct ctx *cx, const struct work *w, const char *kind)
{
    static const char *const quiet[] = {"import", "consensus", "overlap", "bulk_purge",
                                        "delete_project"};

    for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++)
        if (strcmp(quiet[i], w->job.kind) == 0)
            return 0;
    return notice_tell(cx, w->job.person, w->job.project, kind,
                       talloc_asprintf(cx->mem, "{\"job\":%lld,\"job_kind\":\"%s\"}",
                                       (long long)w->job.id, w->job.kind));
}

static int finish(struct ctx *cx, void *arg)
{
    struct work *w = arg;
    const char *report = w->report ? w->report : "";
    int rc = w->stop ? job_stopped(cx, w->job.id, report) : job_end(cx, w->job.id, false, report);

    if (rc == 0 && !w->stop)            /* who stopped it knows */
        rc = tell_end(cx, w, "job.done");
    if (rc < 0 || !w->again)
        return rc;
    return consensus_want(cx, w->job.project, w->again);
}

static int retry(struct ctx *cx, void *arg)
{
    struct work *w = arg;

    int rc = job_retry(cx, w->job.id, w->report);

    return rc < 0 || w->job.attempts < JOB_ATTEMPTS ? rc : tell_end(cx, w, "job.failed");
}

static int run_one(struct work *w)
{
    int rc = E_INTERNAL;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].kind, w->job.kind) == 0)
            rc = kinds[i].fn(w);
    if (rc >= 0)
        return run_wait(w->run, w->cx, true, finish, w);
    log_warn("job failed kind=%s id=%lld attempt=%d: %s", w->job.kind, (long long)w->job.id,
             w->job.attempts, w->cx->why ? w->cx->why : err_word(rc));
    w->report = json_text(
        w->cx, json_keep(w->cx, json_pack("{s:s}", "why", w->cx->why ? w->cx->why : err_word(rc))));
    return run_wait(w->run, w->cx, true, retry, w);
}

int worker_once(struct run *run, struct ctx *cx)
{
    struct work w = {.run = run, .cx = cx};
    int rc = act_run(run_store(run), cx, ACT_HOUSE, claim, &w);

    if (rc <= 0)
        return rc;
    cx->who = (struct who){.kind = WHO_SYSTEM, .ip = ""};
    w.stop = w.job.stop && run_job_stops(w.job.kind);
    rc = run_one(&w);
    return rc < 0 ? rc : 1;
}

/* ---- threads ---- */

struct workers {
    struct run *run;
    pthread_t *thread;
    int n;
    atomic_bool stop;
    _Atomic int64_t swept_ms;
};

static int sweep(struct ctx *cx, void *arg)
{
    int rc = idem_sweep(cx);

    (void)arg;
    return rc < 0 || (rc = session_sweep(cx)) < 0 ? rc : bin_sweep(cx);
}

static void *work(void *arg)
{
    struct workers *ws = arg;
    struct timespec idle = {.tv_nsec = IDLE_MS * 1000000};

    while (!atomic_load(&ws->stop)) {
        struct ctx *cx = ctx_new(NULL);
        int64_t swept = atomic_load(&ws->swept_ms), now = clock_now();
        int rc;

        if (now - swept > SWEEP_MS && atomic_compare_exchange_strong(&ws->swept_ms, &swept, now)) {
            run_wait(ws->run, cx, true, sweep, NULL);
            leftover_sweep(ws->run, cx);
        }
        rc = worker_once(ws->run, cx);
        ctx_free(cx);
        if (rc <= 0)
            nanosleep(&idle, NULL);
    }
    return NULL;
}

struct workers *workers_start(struct run *run, int threads)
{
    struct workers *ws = talloc_zero(NULL, struct workers);

    ws->run = run;
    ws->thread = talloc_zero_array(ws, pthread_t, (unsigned)threads);
    for (; ws->n < threads; ws->n++)
        if (pthread_create(&ws->thread[ws->n], NULL, work, ws) != 0)
            break;
    return ws;
}

void workers_stop(struct workers *ws)
{
    atomic_store(&ws->stop, true);
    for (int i = 0; i < ws->n; i++)
        pthread_join(ws->thread[i], NULL);
    talloc_free(ws);
}
