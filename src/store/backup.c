/* backup.c -- an online copy of the database, and the check of one.  See store.h. */
#include "core/log.h"
#include "store/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sqlite3.h>
#include <unistd.h>

#define PAGES_A_STEP 2000

static int sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC), rc;

    if (fd < 0)
        return -1;
    rc = fsync(fd);
    close(fd);
    return rc;
}

/* Copy while the source holds one snapshot, so that writers do not make it start again. */
static int copy(struct ctx *cx, sqlite3 *from, sqlite3 *to,
                void (*progress)(void *arg, int64_t done, int64_t total), void *arg)
{
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
    int step;

    if (!b)
        return fail(cx, E_IO, "The copy cannot be begun.");
    while ((step = sqlite3_backup_step(b, PAGES_A_STEP)) == SQLITE_OK)
        if (progress) {
            int total = sqlite3_backup_pagecount(b);

            progress(arg, total - sqlite3_backup_remaining(b), total);
        }
    if (step == SQLITE_DONE && progress)
        progress(arg, sqlite3_backup_pagecount(b), sqlite3_backup_pagecount(b));
    sqlite3_backup_finish(b);
    if (step == SQLITE_DONE)
        return 0;
    log_error("backup: sqlite code=%d", step);
    return step == SQLITE_FULL ? fail(cx, E_FULL, "The disk is full. There is no copy.")
                               : fail(cx, E_IO, "The copy failed. There is no copy.");
}

static int copy_to(struct ctx *cx, struct db *from, const char *path,
                   void (*progress)(void *arg, int64_t done, int64_t total), void *arg)
{
    sqlite3 *to = NULL;
    char *folder = dirname(talloc_strdup(cx->mem, path));
    int rc;

    if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        rc = fail(cx, E_IO, "The new file cannot be opened.");
    else
        rc = copy(cx, lite_handle(from), to, progress, arg);
    /* One file, without a log beside it. */
    if (rc == 0 && sqlite3_exec(to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL) != SQLITE_OK)
        rc = fail(cx, E_IO, "The copy could not be finished.");
    if (sqlite3_close(to) != SQLITE_OK && rc == 0)
        rc = fail(cx, E_IO, "The copy could not be finished.");
    if (rc == 0 && (sync_path(path, O_RDWR) < 0 || sync_path(folder, O_RDONLY | O_DIRECTORY) < 0))
        rc = fail(cx, E_IO, "The copy could not be brought to disk: %s.", strerror(errno));
    return rc;
}

int store_backup(struct ctx *cx, struct store *st, const char *path,
                 void (*progress)(void *arg, int64_t done, int64_t total), void *arg)
{
    struct db *from;
    int fd, rc;

    if (st->pg)
        return fail(cx, E_INVALID, "This data stands in PostgreSQL: copy it with pg_dump.");
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return fail(cx, E_EXISTS, "There is a file of that name already.");
    if (fd < 0)
        return fail(cx, E_INVALID, "The new file cannot be made: %s.", strerror(errno));
    close(fd);
    if ((rc = lite_open(cx, st->path, true, &from)) == 0) {
        if (sqlite3_exec(lite_handle(from), "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL,
                         NULL) != SQLITE_OK)
            rc = fail(cx, E_BUSY, "The database is busy. Try again in a moment.");
        else
            rc = copy_to(cx, from, path, progress, arg);
        from->drv->rollback(from);
        from->drv->close(from);
    }
    if (rc < 0)
        unlink(path);
    return rc;
}

static int check(struct ctx *cx, void *arg)
{
    struct rows *q;
    int rc;

    (void)arg;
    if ((rc = db_query(cx, &q, "PRAGMA integrity_check(1)", "")) < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        if (strcmp(rows_text(q, 0), "ok") != 0)
            return fail(cx, E_INVALID, "The database file is damaged: %s.", rows_text(q, 0));
    if (rc < 0 || (rc = db_query(cx, &q, "PRAGMA foreign_key_check", "")) < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        return fail(cx, E_INVALID, "A row of table %s names a row of %s that is not there.",
                    rows_text(q, 0), rows_text(q, 2));
    return rc;
}

static int check_pg(struct ctx *cx, void *arg)
{
    int64_t n;
    int rc = db_int(cx, &n, "SELECT count(*) FROM setting", "");

    (void)arg;
    return rc < 0 ? rc : 0;         /* PostgreSQL has amcheck and checksums of its own */
}

int store_check(struct ctx *cx, struct store *st)
{
    return act_run(st, cx, ACT_READ, st->pg ? check_pg : check, NULL);
}
