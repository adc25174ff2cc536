/*
 * act.c -- see act.h: one step and its invariants; reads; the door to the writer.
 *
 * The writer thread of SQLite is writer.c, the threads of PostgreSQL worker.c.
 */
#include "store/act.h"
#include "core/clock.h"
#include "core/log.h"
#include "store/inside.h"

#include <assert.h>
#include <semaphore.h>
#include <unistd.h>

#define READ_LONG_US 1000000

void store_die(const char *what)
{
    log_error("%s: the fate of the last writes is unknown, stopping with code 74", what);
    _exit(74);
}

int act_step(struct db *db, struct ctx *cx, enum act_kind kind, act_fn *fn, void *arg)
{
    int64_t before = db_changed(db);
    int rc;

    assert(!cx->db && "an act inside an act");
    db->spoilt = false;
    db->depth = 0;
    cx->db = db;
    cx->audits = 0;
    rc = fn(cx, arg);
    rows_end_all(db);
    cx->db = NULL;
    if (rc >= 0) {
        assert(!db->spoilt && "an act went on after a statement had failed");
        assert(db->depth == 0 && "an inner savepoint was left open");
        if (kind == ACT_WRITE)
            assert((cx->audits == 1 || (cx->audits == 0 && db_changed(db) == before)) &&
                   "a change has exactly one audit row");
        else
            assert(cx->audits == 0 && "only a WRITE act appends to the audit");
    }
    return rc;
}

void act_counted(struct store *st, int64_t acts, int64_t commit_us, int64_t fn_us)
{
    pthread_mutex_lock(&st->stats_lock);
    st->stats.acts += acts;
    st->stats.batches++;
    if (acts > st->stats.largest_batch)
        st->stats.largest_batch = acts;
    st->stats.commit_us_sum += commit_us;
    st->stats.fn_us_sum += fn_us;
    pthread_mutex_unlock(&st->stats_lock);
}

void act_stats(struct store *st, struct act_stats *out)
{
    pthread_mutex_lock(&st->stats_lock);
    *out = st->stats;
    pthread_mutex_unlock(&st->stats_lock);
}

static int run_read(struct store *st, struct ctx *cx, act_fn *fn, void *arg)
{
    struct db *db = NULL;
    int64_t began;
    int rc;

    if ((rc = pool_begin(cx, st->readers, ACT_READ, &db)) < 0)
        return rc;
    began = clock_mono_us();
    rc = act_step(db, cx, ACT_READ, fn, arg);
    db->drv->rollback(db);
    pool_give(st->readers, db);
    if (rc == E_IO)
        rc = fail(cx, E_BUSY, "The disk could not be read. Try again later.");
    if (clock_mono_us() - began > READ_LONG_US)
        log_warn("a read held its snapshot for %lld ms",
                 (long long)(clock_mono_us() - began) / 1000);
    return rc;
}

static void wake(struct act *a)
{
    sem_post(a->owner);
}

static int run_on_writer(struct store *st, struct ctx *cx, enum act_kind kind, act_fn *fn,
                         void *arg)
{
    sem_t done;
    struct act a = {.fn = fn, .arg = arg, .kind = kind, .cx = cx, .done = wake, .owner = &done};
    int rc;

    sem_init(&done, 0, 0);
    if ((rc = queue_push(st->queue, &a, false)) == 0) {
        while (sem_wait(&done) != 0)
            ;
        rc = a.rc;
    }
    sem_destroy(&done);
    return rc;
}

int act_run(struct store *st, struct ctx *cx, enum act_kind kind, act_fn *fn, void *arg)
{
    assert(!cx->db && "an act inside an act");
    if (kind == ACT_READ)
        return run_read(st, cx, fn, arg);
    if (st->pg)
        return worker_run(st, cx, kind, fn, arg);
    return run_on_writer(st, cx, kind, fn, arg);
}

int act_send(struct store *st, struct act *a)
{
    int rc;

    assert(a->kind != ACT_READ && a->done && !a->cx->db);
    if (checkpoint_log_bytes(st->checkpointer) > CHECKPOINT_WRITES_STOP)
        return fail(a->cx, E_BUSY, "The server is catching up with the disk. Try again soon.");
    rc = queue_push(st->queue, a, true);
    if (rc == 0 && st->pg)
        worker_wanted(st);
    return rc;
}
