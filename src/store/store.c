/*
 * store.c -- see store.h: the folder, its lock, opening and closing in order.
 */
#include "store/store.h"
#include "core/clock.h"
#include "core/log.h"
#include "store/inside.h"
#include "store/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_WAIT_MS 10000          /* for somebody's migration or restore */
#define LOCK_STEP_MS 50
#define SPOOL_KEEP_S (7 * 24 * 3600)

/* ---- the folder ---- */

static int make_dir(struct ctx *cx, const char *path)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    if (errno == ENOSPC || errno == EDQUOT)
        return fail(cx, E_FULL, "The disk is full: the data folder cannot be made.");
    return fail(cx, E_FORBIDDEN, "The data folder cannot be made: %s.", strerror(errno));
}

static int folder(struct ctx *cx, const struct store_opts *o)
{
    static const char *const inner[] = {"blobs", "spool", "backups"};
    struct stat s;
    int rc;

    if (stat(o->data, &s) != 0 && !o->create)
        return fail(cx, E_NOTFOUND, "There is no data folder here. Start the server once, or give "
                    "--data.");
    if ((rc = make_dir(cx, o->data)) < 0)
        return rc;
    if (stat(o->data, &s) != 0 || !S_ISDIR(s.st_mode))
        return fail(cx, E_INVALID, "The data folder is not a folder.");
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
        char *path = talloc_asprintf(cx->mem, "%s/%s", o->data, inner[i]);

        if ((rc = make_dir(cx, path)) < 0)
            return rc;
    }
    return 0;
}

/* Try for `ms`; 0 or -1. */
static int lock_within(int fd, int how, int ms)
{
    for (;; ms -= LOCK_STEP_MS) {
        if (flock(fd, how | LOCK_NB) == 0)
            return 0;
        if (ms <= 0)
            return -1;
        usleep(LOCK_STEP_MS * 1000);
    }
}

/*
 * An exclusive lock when it can be had, for there may be steps to run; else a
 * shared one.  *alone says which.
 */
static int lock(struct ctx *cx, struct store *st, bool exclusive, bool *alone)
{
    char *path = talloc_asprintf(cx->mem, "%s/annotary.lock", st->dir);

    st->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (st->lock_fd < 0)
        return fail(cx, E_FORBIDDEN, "The data folder cannot be written: %s.", strerror(errno));
    *alone = lock_within(st->lock_fd, LOCK_EX, exclusive ? 1000 : 0) == 0;
    if (*alone)
        return 0;
    if (exclusive)
        return fail(cx, E_FORBIDDEN,
                    "Another Annotary process uses this data folder. Stop it first.");
    if (lock_within(st->lock_fd, LOCK_SH, LOCK_WAIT_MS) < 0)
        return fail(cx, E_BUSY, "The data folder is being upgraded or restored. Try again later.");
    return 0;
}

/* Uploads that nobody came back for. */
static void reap_spool(struct store *st)
{
    char *path = talloc_asprintf(NULL, "%s/spool", st->dir);
    DIR *d = opendir(path);
    struct dirent *e;
    struct stat s;

    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.' && fstatat(dirfd(d), e->d_name, &s, 0) == 0 && S_ISREG(s.st_mode) &&
            clock_now() / 1000 - s.st_mtime > SPOOL_KEEP_S)
            unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
    talloc_free(path);
}

/* ---- the database ---- */

static int backup_before(struct ctx *cx, struct store *st, int have)
{
    char *to = talloc_asprintf(cx->mem, "%s/backups/before-%d.db", st->dir, have + 1);

    if (unlink(to) != 0 && errno != ENOENT)
        return fail(cx, E_IO, "An old backup cannot be replaced: %s.", strerror(errno));
    return store_backup(cx, st, to, NULL, NULL);
}

static int upgrade(struct ctx *cx, struct store *st, bool alone)
{
    int last = migrations[nmigrations - 1].n, rc;

    if ((rc = migrate_have(cx, st->writer, &st->schema)) < 0)
        return rc;
    if (st->schema < last && !alone)
        return fail(cx, E_FORBIDDEN, "The database must be brought up to date, but another "
                    "Annotary process uses it. Stop all of them, then start again.");
    if (st->schema > 0 && st->schema < last && !st->pg &&
        (rc = backup_before(cx, st, st->schema)) < 0)
        return rc;
    if (st->schema == last)
        return 0;
    return migrate_run(cx, st->writer, migrations, nmigrations, &st->schema);
}

static int open_database(struct ctx *cx, struct store *st, const struct store_opts *o, bool alone)
{
    struct stat s;
    int fd, rc;

    if (st->pg) {
        if ((rc = pg_open(cx, st->address, false, &st->writer)) < 0)
            return rc;
        rc = upgrade(cx, st, true);
        st->writer->drv->close(st->writer);
        st->writer = NULL;
        return rc;
    }
    if (!o->create && stat(st->path, &s) != 0)
        return fail(cx, E_NOTFOUND, "There is no database in this data folder.");
    /* Private from its first moment; the log takes the mode of the database.  Only when it is new:
     * to open and close the file of a live database by hand would drop its locks. */
    fd = open(st->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    if ((rc = lite_open(cx, st->path, false, &st->writer)) < 0 || (rc = upgrade(cx, st, alone)) < 0)
        return rc;
    st->writer->st = st;
    return 0;
}

static int clock_act(struct ctx *cx, void *arg)
{
    (void)arg;
    return migrate_clock(cx);
}

static int start(struct ctx *cx, struct store *st, const struct store_opts *o)
{
    int cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
    int readers = o->readers ? o->readers : cores > 2 ? 2 * cores : 4;
    int rc;

    st->queue = queue_new();
    st->readers = pool_new(st, readers, true);
    if (st->pg) {
        st->writers = pool_new(st, st->pg_workers, false);
        st->workers = talloc_zero_array(st, pthread_t, (unsigned)st->pg_workers);
    } else {
        if (st->server && (rc = checkpoint_start(cx, st->path, &st->checkpointer)) < 0)
            return rc;
        if (!st->server)
            sqlite3_wal_autocheckpoint(lite_handle(st->writer), 4000);
        if (pthread_create(&st->writer_thread, NULL, writer_main, st) != 0)
            return fail(cx, E_BUSY, "No thread could be started.");
        st->writer_runs = true;
    }
    atomic_store(&st->clock_stored, clock_now());
    return act_run(st, cx, ACT_HOUSE, clock_act, NULL);
}

int store_open(struct ctx *cx, const struct store_opts *o, struct store **out)
{
    struct store *st;
    bool alone = false;
    int rc;

    if (o->database && strncmp(o->database, "postgresql://", 13) != 0 &&
        strncmp(o->database, "postgres://", 11) != 0)
        return fail_at(cx, E_INVALID, "database", "The address must begin with postgresql://.");
    if ((rc = folder(cx, o)) < 0)
        return rc;
    st = talloc_zero(NULL, struct store);
    st->dir = talloc_strdup(st, o->data);
    st->path = talloc_asprintf(st, "%s/annotary.db", o->data);
    st->address = talloc_strdup(st, o->database ? o->database : "");
    st->pg = o->database != NULL;
    st->server = o->server;
    st->pg_workers = o->pg_workers ? o->pg_workers : 32;
    st->lock_fd = -1;
    pthread_mutex_init(&st->writing, NULL);
    pthread_mutex_init(&st->workers_lock, NULL);
    pthread_mutex_init(&st->stats_lock, NULL);
    if ((rc = lock(cx, st, o->exclusive, &alone)) < 0 ||
        (rc = open_database(cx, st, o, alone)) < 0 || (rc = start(cx, st, o)) < 0) {
        store_close(st);
        return rc;
    }
    if (alone && !o->exclusive)
        flock(st->lock_fd, LOCK_SH);
    if (st->server)
        reap_spool(st);
    *out = st;
    return 0;
}

void store_close(struct store *st)
{
    if (!st)
        return;
    if (st->queue) {
        struct ctx *cx = ctx_new(NULL);

        if (st->pg || st->writer_runs)
            (void)act_run(st, cx, ACT_HOUSE, clock_act, NULL);
        ctx_free(cx);
        queue_close(st->queue);
    }
    if (st->writer_runs)
        pthread_join(st->writer_thread, NULL);
    for (int i = 0; i < st->nworkers; i++)
        pthread_join(st->workers[i], NULL);
    if (st->pg && st->queue)
        (void)worker_main(st);      /* what is left, had no thread been to be had */
    checkpoint_stop(st->checkpointer);
    pool_free(st->readers);
    pool_free(st->writers);
    if (st->writer)                 /* last: SQLite empties the log when the last connection goes */
        st->writer->drv->close(st->writer);
    queue_free(st->queue);
    if (st->lock_fd >= 0)
        close(st->lock_fd);
    pthread_mutex_destroy(&st->writing);
    pthread_mutex_destroy(&st->workers_lock);
    pthread_mutex_destroy(&st->stats_lock);
    talloc_free(st);
}

const char *store_dir(const struct store *st)
{
    return st->dir;
}

bool store_is_pg(const struct store *st)
{
    return st->pg;
}

int store_schema(const struct store *st)
{
    return st->schema;
}
