/*
 * writer.c -- SQLite's one writer: many acts, one fsync.
 *
 *     take what waits (at most LIMIT_BATCH_ACTS) → BEGIN IMMEDIATE →
 *     each act: SAVEPOINT, act, RELEASE or ROLLBACK TO → COMMIT → answers
 *
 * No timer: while one batch is being synced the next one gathers.  An act that
 * fails takes back its own changes only; its answer waits for the COMMIT too,
 * for it may have seen what others of the batch wrote.
 *
 * When SQLite gives up the whole transaction (disk full, out of memory), or
 * COMMIT is refused for certain, every act of the batch answers so.  After an
 * I/O error nobody is answered: the process ends.
 */
#include "core/clock.h"
#include "core/log.h"
#include "store/inside.h"
#include "store/migrate.h"

#include <assert.h>
#include <sqlite3.h>

#define ACT_LONG_US 5000
#define CLOCK_KEEP_MS 60000

void clock_keep(struct store *st, struct ctx *cx, struct db *db)
{
    int64_t now = clock_now();

    if (now - atomic_load(&st->clock_stored) < CLOCK_KEEP_MS)
        return;
    atomic_store(&st->clock_stored, now);
    db->spoilt = false;
    cx->db = db;
    (void)migrate_clock(cx);        /* next minute again */
    cx->db = NULL;
}

static int savepoint(struct ctx *cx, struct db *db, const char *sql)
{
    int rc = db->drv->run(cx, db, sql, NULL, 0);

    if (rc == E_IO)
        store_die("savepoint");
    return rc < 0 ? rc : 0;
}

/* One act in its savepoint.  Returns < 0 when the whole transaction is gone. */
static int one(struct db *db, struct act *a)
{
    int64_t before = db_changed(db);
    int rc;

    a->started_us = clock_mono_us();
    if ((rc = savepoint(a->cx, db, "SAVEPOINT act")) < 0)
        return rc;
    a->rc = act_step(db, a->cx, a->kind, a->fn, a->arg);
    a->ended_us = clock_mono_us();
    if (a->ended_us - a->started_us > ACT_LONG_US)
        log_line(LOG_DEBUG, "an act took %lld us in the writer",
                 (long long)(a->ended_us - a->started_us));
    if (a->rc == E_IO)
        store_die("write");
    if (!db->drv->in_transaction(db))
        return a->rc < 0 ? a->rc : E_INTERNAL;
    if (a->rc >= 0)
        return savepoint(a->cx, db, "RELEASE SAVEPOINT act");
    if ((rc = savepoint(a->cx, db, "ROLLBACK TO SAVEPOINT act")) == 0)
        rc = savepoint(a->cx, db, "RELEASE SAVEPOINT act");
    db->undone += db_changed(db) - before;
    return rc;
}

static void sample_version(struct store *st, struct ctx *cx)
{
    struct rows q = {.cx = cx, .db = st->writer};

    if (st->writer->drv->query(cx, st->writer, "PRAGMA data_version", NULL, 0, false, &q) < 0)
        return;
    if (st->writer->drv->next(&q) > 0)
        atomic_store(&st->version, st->writer->drv->col_int(&q, 0));
    st->writer->drv->end(&q);
}

int64_t store_version(struct store *st)
{
    static _Atomic int64_t never_the_same;

    if (st->pg)
        return atomic_fetch_add(&never_the_same, 1);
    /* While a batch runs, the value it began with is at most that batch old. */
    if (pthread_mutex_trylock(&st->writing) == 0) {
        struct ctx *cx = ctx_new(NULL);

        sample_version(st, cx);
        ctx_free(cx);
        pthread_mutex_unlock(&st->writing);
    }
    return atomic_load(&st->version);
}

/* All of `list` in one transaction; each act's rc is set. */
static void batch(struct store *st, struct ctx *own, struct act *list)
{
    struct db *db = st->writer;
    int64_t fn_us = 0, commit_us = 0, n = 0;
    int rc;

    if ((rc = db->drv->begin(own, db, ACT_WRITE)) == 0) {
        sample_version(st, own);
        for (struct act *a = list; a && rc == 0; a = a->next, n++) {
            rc = one(db, a);
            fn_us += a->ended_us - a->started_us;
        }
    }
    if (rc == 0) {
        clock_keep(st, own, db);
        commit_us = clock_mono_us();
        rc = db->drv->commit(own, db);
        commit_us = clock_mono_us() - commit_us;
    }
    if (rc == E_IO)
        store_die("commit");
    if (rc == 0) {
        act_counted(st, n, commit_us, fn_us);
        return;
    }
    db->drv->rollback(db);
    log_warn("a batch of %lld acts was not stored: %s", (long long)n, err_name(rc));
    for (struct act *a = list; a; a = a->next) {
        if (rc == E_FULL)
            a->rc = fail(a->cx, rc, "The disk is full. Nothing was stored.");
        else
            a->rc = fail(a->cx, rc == E_INTERNAL ? rc : E_BUSY,
                         "The database is busy, nothing was stored. Try again in a moment.");
    }
}

static void answer(struct store *st, struct act *a)
{
    queue_done(st->queue, a);
    a->done(a);                 /* may free a */
}

/* Those that waited too long are answered unexecuted: a disk that has recovered is not spent on
 * clients that have gone.  Those of act_run wait as long as it takes. */
static struct act *drop_old(struct store *st, struct act *list)
{
    int64_t now = clock_mono_us();
    struct act *keep = NULL, **end = &keep;

    while (list) {
        struct act *a = list;

        list = a->next;
        if (a->expires && now - a->queued_us > LIMIT_QUEUE_MS * 1000) {
            a->started_us = a->ended_us = now;
            a->rc = fail(a->cx, E_BUSY, "The server was too slow, nothing was stored. Try again.");
            answer(st, a);
        } else {
            *end = a;
            end = &a->next;
        }
    }
    *end = NULL;
    return keep;
}

static int after_commit(void *arg, sqlite3 *h, const char *name, int pages)
{
    struct store *st = arg;

    (void)h;
    (void)name;
    checkpoint_wrote(st->checkpointer, pages);
    return SQLITE_OK;
}

void *writer_main(void *arg)
{
    struct store *st = arg;
    struct act *list;

    if (st->checkpointer)
        sqlite3_wal_hook(lite_handle(st->writer), after_commit, st);
    while ((list = queue_take(st->queue, (int)LIMIT_BATCH_ACTS, -1))) {
        struct ctx *own = ctx_new(NULL);

        if ((list = drop_old(st, list))) {
            pthread_mutex_lock(&st->writing);
            if (st->checkpointer)
                checkpoint_turn(st->checkpointer, st->writer);
            batch(st, own, list);
            pthread_mutex_unlock(&st->writing);
        }
        while (list) {
            struct act *a = list;

            list = a->next;
            answer(st, a);
        }
        ctx_free(own);
    }
    return NULL;
}
