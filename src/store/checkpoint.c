/* checkpoint.c -- see checkpoint.h. */
#include "store/checkpoint.h"
#include "core/clock.h"
#include "core/log.h"
#include "store/driver.h"
#include "store/inside.h"

#include <errno.h>
#include <sqlite3.h>

#define PAGE_BYTES 4096
#define PAGES_WAKE 16000 /* 64 MiB; ANNOTARY_TEST_LOG_PAGES: the power-cut test wants many */
#define PAGES_LEFT 400              /* few enough for the writer's own short pass */
#define PASSES 6
#define AGAIN_MS 1000               /* a reader stood in the way */
#define SILENCE_MS 30000
#define LOG_WARN_BYTES (256LL << 20)

struct checkpointer {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    struct db *db;                  /* a connection of its own */
    bool stop;
    int wake;                       /* pages in the log that wake the thread */
    _Atomic int pages;              /* in the log after the last commit */
    _Atomic bool turn;              /* the writer shall finish */
    _Atomic int64_t again_us;       /* a reader stood in the way: not before */
    _Atomic int64_t wrote_us;       /* when the last commit was */
    int64_t warned_us;
};

/* One PASSIVE pass; pages in the log and pages copied.  False when it could not run. */
static bool pass(struct db *db, int mode, int *in_log, int *copied)
{
    int rc = sqlite3_wal_checkpoint_v2(lite_handle(db), NULL, mode, in_log, copied);

    if ((rc & 0xff) == SQLITE_IOERR)
        store_die("checkpoint");
    return rc == SQLITE_OK && *in_log >= 0;
}

/*
 * SQLite syncs the database only in the pass that reaches the end of the log;
 * do it here, so that the writer's pass finds nothing left to sync.  Through
 * SQLite's own file: to open and close it by hand would drop its locks.
 */
static void sync_database(struct db *db)
{
    sqlite3_file *f = NULL;

    if (sqlite3_file_control(lite_handle(db), "main", SQLITE_FCNTL_FILE_POINTER, &f) == SQLITE_OK &&
        f && f->pMethods && f->pMethods->xSync(f, SQLITE_SYNC_NORMAL) != SQLITE_OK)
        store_die("sync of the database file");
}

/* True when the writer can finish the rest. */
static bool copy(struct checkpointer *c)
{
    int in_log = 0, copied = 0;

    for (int i = 0; i < PASSES; i++) {
        if (!pass(c->db, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied))
            return false;
        sync_database(c->db);
        if (in_log - copied < PAGES_LEFT)
            return true;
    }
    return false;
}

static void complain(struct checkpointer *c)
{
    int64_t now = clock_mono_us(), bytes = checkpoint_log_bytes(c);

    if (bytes < LOG_WARN_BYTES || now - c->warned_us < 60 * 1000000LL)
        return;
    c->warned_us = now;
    log_warn("the write-ahead log holds %lld MiB: a reader keeps an old snapshot",
             (long long)(bytes >> 20));
}

static void cut(struct checkpointer *c)
{
    int in_log = 0, copied = 0;

    if (pass(c->db, SQLITE_CHECKPOINT_TRUNCATE, &in_log, &copied))
        atomic_store(&c->pages, 0);
}

/* Sleep until woken, stopped, or `ms` have passed.  Called and left with the lock. */
static void doze(struct checkpointer *c, int64_t ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&c->woken, &c->lock, &until);
}

static bool wanted(struct checkpointer *c)
{
    return atomic_load(&c->pages) >= c->wake && !atomic_load(&c->turn) &&
           clock_mono_us() >= atomic_load(&c->again_us);
}

static void *run(void *arg)
{
    struct checkpointer *c = arg;

    pthread_mutex_lock(&c->lock);
    while (!c->stop) {
        bool full = wanted(c);
        bool silent = atomic_load(&c->pages) > 0 &&
                      clock_mono_us() - atomic_load(&c->wrote_us) > SILENCE_MS * 1000LL;

        if (!full && !silent) {
            doze(c, SILENCE_MS / 3);
            continue;
        }
        pthread_mutex_unlock(&c->lock);
        if (silent)
            cut(c);
        else
            atomic_store(&c->turn, copy(c));
        complain(c);
        pthread_mutex_lock(&c->lock);
        if (!c->stop && (silent ? atomic_load(&c->pages) > 0 : !atomic_load(&c->turn)))
            doze(c, AGAIN_MS);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

int checkpoint_start(struct ctx *cx, const char *path, struct checkpointer **out)
{
    struct checkpointer *c = talloc_zero(NULL, struct checkpointer);
    const char *pages = getenv("ANNOTARY_TEST_LOG_PAGES");
    pthread_condattr_t attr;
    int rc;

    c->wake = pages && atoi(pages) > 0 ? atoi(pages) : PAGES_WAKE;
    if ((rc = lite_open(cx, path, false, &c->db)) < 0) {
        talloc_free(c);
        return rc;
    }
    sqlite3_busy_timeout(lite_handle(c->db), 0);    /* never make the writer wait for us */
    pthread_mutex_init(&c->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&c->woken, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&c->thread, NULL, run, c) != 0) {
        c->db->drv->close(c->db);
        talloc_free(c);
        return fail(cx, E_BUSY, "No thread could be started.");
    }
    *out = c;
    return 0;
}

void checkpoint_stop(struct checkpointer *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    pthread_cond_signal(&c->woken);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    c->db->drv->close(c->db);
    pthread_cond_destroy(&c->woken);
    pthread_mutex_destroy(&c->lock);
    talloc_free(c);
}

void checkpoint_wrote(struct checkpointer *c, int pages)
{
    atomic_store(&c->pages, pages);
    atomic_store(&c->wrote_us, clock_mono_us());
    if (pages < c->wake)
        atomic_store(&c->again_us, 0);      /* the log began from the top */
    if (wanted(c)) {
        pthread_mutex_lock(&c->lock);
        pthread_cond_signal(&c->woken);
        pthread_mutex_unlock(&c->lock);
    }
}

void checkpoint_turn(struct checkpointer *c, struct db *writer)
{
    int in_log = 0, copied = 0;

    if (!atomic_load(&c->turn))
        return;
    (void)pass(writer, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied);
    /* Should a reader keep the log from its beginning, there is no use in another try at once. */
    atomic_store(&c->again_us, clock_mono_us() + AGAIN_MS * 1000);
    atomic_store(&c->turn, false);
}

int64_t checkpoint_log_bytes(const struct checkpointer *c)
{
    return c ? (int64_t)atomic_load(&c->pages) * PAGE_BYTES : 0;
}
