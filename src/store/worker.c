/*
 * worker.c -- acts on PostgreSQL: each in a transaction of its own.
 *
 * The server groups commits by itself, so there is no writer thread.  A
 * serialization failure or a deadlock (E_RETRY) is repeated up to three times,
 * with the chance of the context as it was, so that a repeat decides alike.
 */
#include "core/clock.h"
#include "core/log.h"
#include "store/inside.h"

#include <assert.h>
#include <unistd.h>

#define REPEATS 3

/* In the transaction that has begun. */
static int attempt(struct store *st, struct db *db, struct ctx *cx, enum act_kind kind, act_fn *fn,
                   void *arg)
{
    int64_t began = clock_mono_us(), worked;
    int rc, said;

    if ((said = act_step(db, cx, kind, fn, arg)) < 0) {
        db->drv->rollback(db);
        return said;
    }
    clock_keep(st, cx, db);
    worked = clock_mono_us();
    if ((rc = db->drv->commit(cx, db)) < 0)
        return rc;
    act_counted(st, 1, clock_mono_us() - worked, worked - began);
    return said;
}

int worker_run(struct store *st, struct ctx *cx, enum act_kind kind, act_fn *fn, void *arg)
{
    struct rng chance = cx->rng;
    struct db *db;
    int rc;

    for (int i = 0;; i++) {
        if ((rc = pool_begin(cx, st->writers, kind, &db)) < 0)
            return rc;
        rc = attempt(st, db, cx, kind, fn, arg);
        pool_give(st->writers, db);
        if (rc != E_RETRY)
            return rc;
        if (i == REPEATS)
            return fail(cx, E_BUSY,
                        "Too many people changed the same thing. Try again in a moment.");
        cx->rng = chance;
        fail_clear(cx);
        usleep((useconds_t)(1000 << i) + (useconds_t)(clock_mono_us() & 1023));
    }
}

void *worker_main(void *arg)
{
    struct store *st = arg;
    struct act *a;

    for (;;) {
        atomic_fetch_add(&st->workers_idle, 1);
        a = queue_take(st->queue, 1, -1);
        atomic_fetch_sub(&st->workers_idle, 1);
        if (!a)
            return NULL;
        a->started_us = clock_mono_us();
        if (a->expires && a->started_us - a->queued_us > LIMIT_QUEUE_MS * 1000)
            a->rc = fail(a->cx, E_BUSY, "The server was too slow, nothing was stored. Try again.");
        else
            a->rc = worker_run(st, a->cx, a->kind, a->fn, a->arg);
        a->ended_us = clock_mono_us();
        queue_done(st->queue, a);
        a->done(a);             /* may free a */
    }
}

/* Start another thread when all are busy.  One too many is no harm; they stay. */
void worker_wanted(struct store *st)
{
    pthread_mutex_lock(&st->workers_lock);
    if (st->nworkers < st->pg_workers &&
        atomic_load(&st->workers_idle) < queue_waiting(st->queue)) {
        if (pthread_create(&st->workers[st->nworkers], NULL, worker_main, st) == 0)
            st->nworkers++;
        else
            log_warn("no thread for another database worker");
    }
    pthread_mutex_unlock(&st->workers_lock);
}
