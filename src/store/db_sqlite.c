/*
 * db_sqlite.c -- the SQLite driver.
 *
 * One connection a thread at a time (NOMUTEX).  Write-ahead log, FULL
 * synchronous: COMMIT returns after the fsync.  The log is moved into the
 * database by store/checkpoint.c, never inside a commit.
 *
 * Statements are prepared once for each connection and found by the address of
 * their text.  A statement asked again while its rows are being read gets a
 * second handle.
 */
#include "core/clock.h"
#include "core/log.h"
#include "core/regex.h"
#include "store/addrmap.h"
#include "store/driver.h"
#include "store/sqltext.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <unistd.h>

#define BUSY_US 5000000
#define BUSY_STEP_US 300
#define WRITER_CACHE_KIB 16384      /* a batch of 256 acts does not spill */
#define READER_CACHE_KIB 4096
#define READER_MMAP (256LL << 20)   /* never in the writer: a bad page would be SIGBUS */

struct handle {
    sqlite3_stmt *stmt;
    struct handle *next;            /* more handles of the same text */
    const char *sql;
    char *was;                      /* what the text said: an address must keep its text */
    bool busy, once;
};

struct lite {
    struct db db;                   /* first */
    sqlite3 *h;
    struct addrmap statements;      /* of struct handle */
    int64_t waits_since_us;
    int64_t until_us;               /* of the statement at work; 0: no end */
};

static struct lite *lite(struct db *db)
{
    return (struct lite *)(void *)db;
}

struct sqlite3 *lite_handle(struct db *db)
{
    return lite(db)->h;
}

/* What SQLite says, as one of our codes.  The log gets its words; the person gets ours. */
static int trouble(struct ctx *cx, struct lite *l, const char *sql)
{
    int full = sqlite3_extended_errcode(l->h);

    switch (full) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return fail(cx, E_EXISTS, "This exists already.");
    case SQLITE_IOERR_NOMEM:
        return fail(cx, E_BUSY, "Out of memory. Try again later.");
    }
    switch (full & 0xff) {
    case SQLITE_INTERRUPT:
        if (l->db.patience_ms)
            return db_ran_long(cx);
        /* fall through */
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(cx, E_BUSY, "The database is busy. Try again in a moment.");
    case SQLITE_NOMEM:
        return fail(cx, E_BUSY, "Out of memory. Try again later.");
    case SQLITE_FULL:
        return fail(cx, E_FULL, "The disk is full. Nothing was stored.");
    case SQLITE_TOOBIG:
        return fail(cx, E_TOOBIG, "This is larger than the database takes.");
    }
    log_error("sqlite code=%d says=\"%s\" at=\"%.80s\"", full, sqlite3_errmsg(l->h), sql);
    switch (full & 0xff) {
    case SQLITE_IOERR:
        return fail(cx, E_IO, "The disk reported an error.");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return fail(cx, E_INTERNAL, "The database file is damaged. Restore a backup.");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return fail(cx, E_INTERNAL, "The database file cannot be opened or written.");
    }
    return fail(cx, E_INTERNAL, "The database refused a statement. Nothing was stored.");
}

/* ---- statements ---- */

static int handle_new(struct ctx *cx, struct lite *l, const char *sql, struct handle **out)
{
    struct handle *s;
    char *text = sqltext(l, sql, false);
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v3(l->h, text, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);

    talloc_free(text);
    if (rc != SQLITE_OK)
        return trouble(cx, l, sql);
    s = talloc_zero(l, struct handle);
    s->stmt = stmt;
    s->sql = sql;
    *out = s;
    return 0;
}

static int handle_take(struct ctx *cx, struct lite *l, const char *sql, struct handle **out)
{
    struct handle *kept, *s = NULL;
    int rc;

    if (strncmp(sql, ONCE, sizeof ONCE - 1) == 0) {
        if ((rc = handle_new(cx, l, sql, &s)) < 0)
            return rc;
        s->once = true;
    } else {
        kept = addrmap_get(&l->statements, sql);
        assert(!kept || strcmp(kept->was, sql) == 0);
        for (s = kept; s && s->busy; s = s->next)
            ;
        if (!s) {
            if ((rc = handle_new(cx, l, sql, &s)) < 0)
                return rc;
            if (kept) {
                s->next = kept->next;
                kept->next = s;
            } else {
                s->was = talloc_strdup(s, sql);
                addrmap_put(&l->statements, l, sql, s);
            }
        }
    }
    s->busy = true;
    *out = s;
    return 0;
}

static int handle_give(struct handle *s)
{
    int rc = sqlite3_reset(s->stmt);

    s->busy = false;
    if (s->once) {
        sqlite3_finalize(s->stmt);
        talloc_free(s);
    }
    return rc;
}

static int bind(struct ctx *cx, struct lite *l, struct handle *s, const struct value *v, int n,
                bool lasting)
{
    sqlite3_destructor_type keep = lasting ? SQLITE_TRANSIENT : SQLITE_STATIC;
    int rc = SQLITE_OK;

    if (sqlite3_bind_parameter_count(s->stmt) != n) {
        log_error("%d values for \"%.80s\"", n, s->sql);
        assert(false && "as many values as marks");
    }
    for (int i = 0; i < n && rc == SQLITE_OK; i++) {
        if (v[i].kind == 'i')
            rc = sqlite3_bind_int64(s->stmt, i + 1, v[i].i);
        else if (v[i].kind == 'd')
            rc = sqlite3_bind_double(s->stmt, i + 1, v[i].d);
        else if (!v[i].p)
            rc = sqlite3_bind_null(s->stmt, i + 1);
        else if (v[i].kind == 't')
            rc = sqlite3_bind_text64(s->stmt, i + 1, v[i].p, v[i].n, keep, SQLITE_UTF8);
        else
            rc = sqlite3_bind_blob64(s->stmt, i + 1, v[i].p, v[i].n, keep);
    }
    return rc == SQLITE_OK ? 0 : trouble(cx, l, s->sql);
}

static int lite_run(struct ctx *cx, struct db *db, const char *sql, const struct value *v, int n)
{
    struct lite *l = lite(db);
    struct handle *s;
    int64_t before = sqlite3_total_changes64(l->h);
    int rc;

    if ((rc = handle_take(cx, l, sql, &s)) < 0)
        return rc;
    if ((rc = bind(cx, l, s, v, n, false)) == 0) {
        int step;

        while ((step = sqlite3_step(s->stmt)) == SQLITE_ROW)
            ;
        if (step != SQLITE_DONE)
            rc = trouble(cx, l, sql);
    }
    handle_give(s);
    return rc < 0 ? rc : (int)(sqlite3_total_changes64(l->h) - before);
}

static int lite_query(struct ctx *cx, struct db *db, const char *sql, const struct value *v, int n,
                      bool lasting, struct rows *q)
{
    struct lite *l = lite(db);
    struct handle *s;
    int rc;

    if ((rc = handle_take(cx, l, sql, &s)) < 0)
        return rc;
    if ((rc = bind(cx, l, s, v, n, lasting)) < 0) {
        handle_give(s);
        return rc;
    }
    q->handle = s;
    return 0;
}

static int lite_next(struct rows *q)
{
    struct handle *s = q->handle;
    int step = sqlite3_step(s->stmt);

    if (step == SQLITE_ROW)
        return 1;
    return step == SQLITE_DONE ? 0 : trouble(q->cx, lite(q->db), s->sql);
}

static void lite_end(struct rows *q)
{
    handle_give(q->handle);
}

static sqlite3_stmt *stmt(struct rows *q)
{
    return ((struct handle *)q->handle)->stmt;
}

static bool lite_null(struct rows *q, int col)
{
    assert(col < sqlite3_column_count(stmt(q)));
    return sqlite3_column_type(stmt(q), col) == SQLITE_NULL;
}

static int64_t lite_int(struct rows *q, int col)
{
    return sqlite3_column_int64(stmt(q), col);
}

static double lite_num(struct rows *q, int col)
{
    return sqlite3_column_double(stmt(q), col);
}

static const char *lite_text(struct rows *q, int col)
{
    const char *s = (const char *)sqlite3_column_text(stmt(q), col);

    return s ? s : "";
}

static const void *lite_blob(struct rows *q, int col, size_t *n)
{
    const void *p = sqlite3_column_blob(stmt(q), col);

    *n = (size_t)sqlite3_column_bytes(stmt(q), col);
    return p ? p : "";          /* an empty value is not NULL */
}

static int64_t lite_changes(struct db *db)
{
    return sqlite3_total_changes64(lite(db)->h);
}

static int lite_script(struct ctx *cx, struct db *db, const char *sql)
{
    struct lite *l = lite(db);
    char *text = sqltext(l, sql, false);
    int rc = sqlite3_exec(l->h, text, NULL, NULL, NULL);

    talloc_free(text);
    return rc == SQLITE_OK ? 0 : trouble(cx, l, sql);
}

#define PATIENCE_STEPS 20000        /* of the virtual machine, between two looks at the clock */

static int long_enough(void *arg)
{
    const struct lite *l = arg;

    return l->until_us && clock_mono_us() > l->until_us;
}

static int lite_patience(struct ctx *cx, struct db *db, int ms)
{
    struct lite *l = lite(db);

    (void)cx;
    l->until_us = ms ? clock_mono_us() + ms * 1000LL : 0;
    sqlite3_progress_handler(l->h, ms ? PATIENCE_STEPS : 0, ms ? long_enough : NULL, l);
    return 0;
}

/* ---- transactions ---- */

static int lite_begin(struct ctx *cx, struct db *db, enum act_kind kind)
{
    if (db->patience_ms) {
        db->patience_ms = 0;
        lite_patience(cx, db, 0);
    }
    int rc = lite_run(cx, db, kind == ACT_READ ? "BEGIN" : "BEGIN IMMEDIATE", NULL, 0);

    return rc < 0 ? rc : 0;
}

static int lite_commit(struct ctx *cx, struct db *db)
{
    int rc = lite_run(cx, db, "COMMIT", NULL, 0);

    return rc < 0 ? rc : 0;
}

static bool lite_in_transaction(struct db *db)
{
    return !sqlite3_get_autocommit(lite(db)->h);
}

static void lite_rollback(struct db *db)
{
    if (lite_in_transaction(db))
        sqlite3_exec(lite(db)->h, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- regex_finds(text, pattern): as PostgreSQL's ~, in linear time ---- */

static void free_pattern(void *re)
{
    talloc_free(re);
}

static void finds(sqlite3_context *sq, int n, sqlite3_value **v)
{
    struct regex *re = sqlite3_get_auxdata(sq, 1);
    const char *why, *text = (const char *)sqlite3_value_text(v[0]);

    (void)n;
    if (!text)                          /* NULL finds nothing */
        return;
    if (!re) {
        re = regex_new(NULL, (const char *)sqlite3_value_text(v[1]), &why);
        if (!re) {
            sqlite3_result_error(sq, why, -1);
            return;
        }
        sqlite3_set_auxdata(sq, 1, re, free_pattern);
        re = sqlite3_get_auxdata(sq, 1);
        if (!re)
            return;
    }
    sqlite3_result_int(sq, regex_finds(re, text, (size_t)sqlite3_value_bytes(v[0])));
}

/* ---- opening ---- */

static void lite_close(struct db *db)
{
    struct lite *l = lite(db);

    for (uint32_t i = 0; i < l->statements.cap; i++)
        for (struct handle *s = l->statements.slot[i].value; s; s = s->next)
            sqlite3_finalize(s->stmt);
    if (sqlite3_close(l->h) != SQLITE_OK)
        log_error("a connection to the database was closed with statements open");
    talloc_free(l);
}

static const struct driver driver = {
    .close = lite_close, .script = lite_script, .run = lite_run, .query = lite_query,
    .next = lite_next, .end = lite_end, .is_null = lite_null, .col_int = lite_int,
    .col_num = lite_num, .col_text = lite_text, .col_blob = lite_blob, .changes = lite_changes,
    .patience = lite_patience,
    .begin = lite_begin, .commit = lite_commit, .rollback = lite_rollback,
    .in_transaction = lite_in_transaction,
};

/*
 * ANNOTARY_TEST_SYNC=normal weakens the fsync on purpose: the power-cut test
 * runs once with it and must then lose rows, or else that test is blind.
 */
static const char *synchronous(void)
{
    const char *s = getenv("ANNOTARY_TEST_SYNC");

    return s && strcmp(s, "normal") == 0 ? "NORMAL" : "FULL";
}

static int pragmas(struct ctx *cx, struct lite *l)
{
    char text[400];

    if (l->db.readonly)
        snprintf(text, sizeof text,
                 "PRAGMA cache_size=-%d; PRAGMA mmap_size=%lld; PRAGMA foreign_keys=ON;"
                 "PRAGMA query_only=ON;", READER_CACHE_KIB, READER_MMAP);
    else
        snprintf(text, sizeof text,
                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=%s; PRAGMA wal_autocheckpoint=0;"
                 "PRAGMA cache_size=-%d; PRAGMA mmap_size=0; PRAGMA foreign_keys=ON;",
                 synchronous(), WRITER_CACHE_KIB);
    return sqlite3_exec(l->h, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : trouble(cx, l, text);
}

/*
 * A quota used up is a full disk, certain and curable; SQLite takes it for an
 * I/O error, after which we would have to stop.  So its write calls go through
 * here and learn the other word.
 */
typedef ssize_t write_fn(int fd, const void *p, size_t n, off_t at);
static write_fn *plain_pwrite, *plain_pwrite64;

static ssize_t said_full(ssize_t n)
{
    if (n < 0 && errno == EDQUOT)
        errno = ENOSPC;
    return n;
}

static ssize_t our_pwrite(int fd, const void *p, size_t n, off_t at)
{
    return said_full(plain_pwrite(fd, p, n, at));
}

static ssize_t our_pwrite64(int fd, const void *p, size_t n, off_t at)
{
    return said_full(plain_pwrite64(fd, p, n, at));
}

static void stand_between(void)
{
    /* before SQLite wakes: nobody asks how much memory it has, and counting takes a lock a call */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

    if (!vfs || vfs->iVersion < 3)
        return;
    plain_pwrite = (write_fn *)vfs->xGetSystemCall(vfs, "pwrite");
    plain_pwrite64 = (write_fn *)vfs->xGetSystemCall(vfs, "pwrite64");
    if (plain_pwrite)
        vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)our_pwrite);
    if (plain_pwrite64)
        vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)our_pwrite64);
}

/*
 * Another process holds the lock.  SQLite's own waiting sleeps up to 100 ms at
 * a time and would starve beside a writer that is never idle for so long;
 * short steps find the gap between two of its batches.
 */
static int wait_a_little(void *arg, int times)
{
    struct lite *l = arg;
    int64_t now = clock_mono_us();

    if (times == 0)
        l->waits_since_us = now;
    if (now - l->waits_since_us > BUSY_US)
        return 0;
    usleep(BUSY_STEP_US);
    return 1;
}

int lite_open(struct ctx *cx, const char *path, bool readonly, struct db **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct lite *l = talloc_zero(NULL, struct lite);
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (readonly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    int rc = 0;

    pthread_once(&once, stand_between);
    l->db.drv = &driver;
    l->db.readonly = readonly;
    if (sqlite3_open_v2(path, &l->h, flags, NULL) != SQLITE_OK) {
        rc = l->h ? trouble(cx, l, "open") : fail(cx, E_BUSY, "Out of memory. Try again later.");
    } else {
        sqlite3_busy_handler(l->h, wait_a_little, l);
        sqlite3_create_function(l->h, "regex_finds", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                finds, NULL, NULL);
        rc = pragmas(cx, l);
    }
    if (rc < 0) {
        sqlite3_close(l->h);
        talloc_free(l);
        return rc;
    }
    *out = &l->db;
    return 0;
}
