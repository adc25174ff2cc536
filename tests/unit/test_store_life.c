/* test_store_life.c -- opening, upgrading, queueing, crashing; files and jobs.  Both databases. */
#include "unit.h"
#include "unit_store.h"

#include "core/clock.h"
#include "store/act.h"
#include "store/blob.h"
#include "store/checkpoint.h"
#include "store/db.h"
#include "store/driver.h"
#include "store/job.h"
#include "store/migrate.h"
#include "store/queue.h"
#include "store/sqltext.h"

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct unit_store us;

static int setup(void **state)
{
    unit_setup(state);
    unit_store_open(&us, *state);
    return 0;
}

static int teardown(void **state)
{
    unit_store_close(&us);
    return unit_teardown(state);
}

static int setup_place(void **state)
{
    unit_setup(state);
    unit_store_place(&us);
    return 0;
}

#define STORE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define PLACE(f) cmocka_unit_test_setup_teardown(f, setup_place, teardown)

static int put(struct ctx *cx, void *arg)
{
    int rc = db_run(cx, "INSERT INTO setting (name, value) VALUES (?, ?)", "tt", (const char *)arg, "x");

    return rc < 0 ? rc : 0;
}

static int put_many(struct ctx *cx, void *arg)
{
    int rc = 0;

    /* 20,000 rows: enough to keep the log busy */
    for (int i = 0; i < 20000 && rc >= 0; i++)
        rc = db_run(cx, "INSERT INTO throttle (name, fails, since_ms, until_ms) VALUES (?, 0, 0, 0)", "t",
                    talloc_asprintf(cx->mem, "%s-%d-%0200d", (const char *)arg, i, i));
    return rc < 0 ? rc : 0;
}

static int count(struct ctx *cx, void *arg)
{
    int rc = db_int(cx, arg, "SELECT count(*) FROM setting WHERE value = 'x'", "");

    return rc < 0 ? rc : 0;
}

static int64_t counted(struct ctx *cx, struct store *st)
{
    int64_t n = -1;

    assert_ok(act_run(st, cx, ACT_READ, count, &n));
    return n;
}

/* ---- SQL in two dialects ---- */

static void one_text_becomes_two_dialects(void **state)
{
    struct ctx *cx = *state;

    assert_string_equal(sqltext(cx->mem, "a = ? AND b = '?{x}' -- isn't ?\n AND c = ?", true),
                        "a = $1 AND b = '?{x}' -- isn't ?\n AND c = $2");
    assert_string_equal(sqltext(cx->mem, "a = ?", false), "a = ?");
    assert_string_equal(sqltext(cx->mem, "x{lite: L ? '}'}{pg: P {bytes} ?} ?", true), "x P BYTEA $1 $2");
    assert_string_equal(sqltext(cx->mem, "x{lite: L ? '}'}{pg: P {bytes} ?} ?", false), "x L ? '}' ?");
    assert_string_equal(sqltext(cx->mem, "'it''s {' {id}", false),
                        "'it''s {' INTEGER PRIMARY KEY AUTOINCREMENT");
    assert_string_equal(sqltext(cx->mem, "", true), "");
}

/* ---- opening ---- */

static void a_store_closed_and_opened_again_has_what_was_stored(void **state)
{
    struct ctx *cx = *state;
    struct stat s;

    assert_ok(act_run(us.st, cx, ACT_HOUSE, put, "one"));
    store_close(us.st);
    us.opts.create = false;
    assert_ok(store_open(cx, &us.opts, &us.st));
    assert_int_equal(counted(cx, us.st), 1);
    assert_int_equal(store_schema(us.st), nmigrations);
    assert_true(store_is_pg(us.st) == unit_pg());
    assert_ok(store_check(cx, us.st));
    assert_ok(stat(us.dir, &s));
    assert_int_equal(s.st_mode & 0777, 0700);
}

static void a_missing_folder_is_not_made_unless_asked(void **state)
{
    struct ctx *cx = *state;
    struct store_opts o = {.data = "/tmp/annotary-unit-none"};
    struct store *st;

    assert_int_equal(store_open(cx, &o, &st), E_NOTFOUND);
    o.data = us.dir;
    if (!unit_pg())
        assert_int_equal(store_open(cx, &o, &st), E_NOTFOUND);
    o.data = "/proc/annotary";
    o.create = true;
    assert_true(store_open(cx, &o, &st) < 0);
    o = us.opts;
    o.database = "mysql://x";
    assert_int_equal(store_open(cx, &o, &st), E_INVALID);
    o.database = "postgresql:///x?host=/tmp/annotary-unit-none";
    assert_int_equal(store_open(cx, &o, &st), E_BUSY);
}

static void whoever_wants_the_folder_alone_is_refused_while_it_is_open(void **state)
{
    struct ctx *cx = *state;
    struct store_opts o = us.opts;
    struct store *st;

    o.exclusive = true;
    assert_int_equal(store_open(cx, &o, &st), E_FORBIDDEN);
    assert_says(cx, "Stop it first");
    o.exclusive = false;
    assert_ok(store_open(cx, &o, &st));        /* a second ordinary process is welcome */
    assert_ok(act_run(st, cx, ACT_HOUSE, put, "two"));
    assert_int_equal(counted(cx, us.st), 1);
    store_close(st);
    store_close(us.st);
    o.exclusive = true;
    assert_ok(store_open(cx, &o, &us.st));
}

static void what_another_process_writes_changes_the_version(void **state)
{
    struct ctx *cx = *state;
    struct store *other;
    int64_t v = store_version(us.st);

    assert_ok(act_run(us.st, cx, ACT_HOUSE, put, "mine"));
    if (!unit_pg())
        assert_int_equal(store_version(us.st), v);     /* what we write ourselves does not */
    assert_ok(store_open(cx, &us.opts, &other));
    v = store_version(us.st);
    assert_ok(act_run(other, cx, ACT_HOUSE, put, "theirs"));
    assert_int_not_equal(store_version(us.st), v);
    store_close(other);
}

static int set_clock(struct ctx *cx, void *arg)
{
    return db_run(cx, "UPDATE setting SET value = ? WHERE name = 'clock_high'", "t", (char *)arg) == 1
               ? 0 : E_INTERNAL;
}

static void the_clock_never_runs_behind_what_the_database_has_seen(void **state)
{
    struct ctx *cx = *state;
    int64_t ahead = clock_now() + 3600 * 1000;

    assert_ok(act_run(us.st, cx, ACT_HOUSE, set_clock, talloc_asprintf(cx->mem, "%lld", (long long)ahead)));
    /* The store that closes keeps the larger time too. */
    store_close(us.st);
    assert_true(clock_now() >= ahead);
    assert_ok(store_open(cx, &us.opts, &us.st));
    assert_true(clock_now() >= ahead);
}

/* ---- upgrading ---- */

static int set_schema(struct ctx *cx, void *arg)
{
    return db_run(cx, "UPDATE setting SET value = ? WHERE name = 'schema'", "t", (char *)arg) == 1
               ? 0 : E_INTERNAL;
}

static void a_database_of_a_newer_version_is_refused(void **state)
{
    struct ctx *cx = *state;
    struct store *st;

    assert_ok(act_run(us.st, cx, ACT_HOUSE, set_schema, "7"));
    store_close(us.st);
    us.st = NULL;
    assert_int_equal(store_open(cx, &us.opts, &st), E_FORBIDDEN);
    assert_says(cx, "written by a newer version (schema 7)");
}

static struct db *raw(struct ctx *cx)
{
    struct db *db;

    if (unit_pg())
        assert_ok(pg_open(cx, us.database, false, &db));
    else
        assert_ok(lite_open(cx, talloc_asprintf(cx->mem, "%s/raw.db", us.dir), false, &db));
    return db;
}

static void a_step_that_fails_leaves_the_old_schema(void **state)
{
    struct ctx *cx = *state;
    struct db *db = raw(cx);
    struct migration m[] = {
        {1, "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);"},
        {2, "CREATE TABLE two (id {id}, b {bytes}); INSERT INTO two (b) VALUES (NULL); SELECT wrong;"},
        {3, "CREATE TABLE three (id {id})"},
    };
    int have = -1;

    assert_ok(migrate_run(cx, db, m, 1, &have));
    assert_int_equal(have, 1);
    assert_int_equal(migrate_run(cx, db, m, 3, &have), E_INTERNAL);
    assert_ok(migrate_have(cx, db, &have));
    assert_int_equal(have, 1);
    m[1].sql = "CREATE TABLE two (id {id}, b {bytes}); INSERT INTO two (b) VALUES (NULL);";
    assert_ok(migrate_run(cx, db, m, 3, &have));
    assert_int_equal(have, 3);
    assert_ok(migrate_run(cx, db, m, 3, &have));
    assert_int_equal(migrate_run(cx, db, m, 2, &have), E_FORBIDDEN);
    db->drv->close(db);
}

static void a_step_killed_half_way_leaves_the_old_schema(void **state)
{
    struct ctx *cx = *state;
    struct migration m[] = {
        {1, "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);"},
        {2, "CREATE TABLE two (id {id}, n BIGINT);"
            "{lite:INSERT INTO two (n) WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c "
            "WHERE n < 100000000) SELECT n FROM c;}{pg:SELECT pg_sleep(1.5);}"},
    };
    struct db *db = raw(cx);
    int have = -1, status;
    pid_t pid;

    assert_ok(migrate_run(cx, db, m, 1, &have));
    db->drv->close(db);
    if ((pid = fork()) == 0) {
        struct ctx *own = ctx_new(NULL);

        db = raw(own);
        (void)migrate_run(own, db, m, 2, &have);
        _exit(1);
    }
    usleep(400 * 1000);
    assert_ok(kill(pid, SIGKILL));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    db = raw(cx);
    assert_ok(migrate_have(cx, db, &have));
    assert_int_equal(have, 1);
    m[1].sql = "CREATE TABLE two (id {id}, n BIGINT)";
    assert_ok(migrate_run(cx, db, m, 2, &have));
    db->drv->close(db);
}

/* ---- backup ---- */

static void *writes_meanwhile(void *arg)
{
    struct ctx *cx = ctx_new(NULL);
    _Atomic bool *stop = arg;

    for (int i = 0; !atomic_load(stop); i++)
        if (act_run(us.st, cx, ACT_HOUSE, put, talloc_asprintf(cx->mem, "w%d", i)) != 0)
            abort();
    ctx_free(cx);
    return NULL;
}

static void a_backup_under_writes_is_a_whole_database(void **state)
{
    struct ctx *cx = *state;
    char *path = talloc_asprintf(cx->mem, "%s/copy/annotary.db", us.dir);
    struct store_opts o = {.data = talloc_asprintf(cx->mem, "%s/copy", us.dir)};
    _Atomic bool stop = false;
    struct store *st;
    pthread_t t;

    if (unit_pg()) {
        assert_int_equal(store_backup(cx, us.st, path, NULL, NULL), E_INVALID);
        assert_says(cx, "pg_dump");
        return;
    }
    assert_ok(mkdir(o.data, 0700));
    assert_ok(act_run(us.st, cx, ACT_HOUSE, put_many, "a"));
    assert_ok(act_run(us.st, cx, ACT_HOUSE, put, "before"));
    assert_ok(pthread_create(&t, NULL, writes_meanwhile, &stop));
    assert_ok(store_backup(cx, us.st, path, NULL, NULL));
    atomic_store(&stop, true);
    assert_ok(pthread_join(t, NULL));
    assert_int_equal(store_backup(cx, us.st, path, NULL, NULL), E_EXISTS);
    assert_ok(store_open(cx, &o, &st));
    assert_ok(store_check(cx, st));
    assert_true(counted(cx, st) >= 1);
    store_close(st);
}

/* ---- sending acts ---- */

struct sent {
    struct act a;
    sem_t *done;
    char name[24];
};

static void sent_done(struct act *a)
{
    struct sent *s = a->owner;

    sem_post(s->done);
}

static int wait_here(struct ctx *cx, void *arg)
{
    (void)cx;
    while (sem_wait(arg) != 0)
        ;
    return 0;
}

static struct sent *prepare_act(void *mem, act_fn *fn, void *arg, sem_t *done)
{
    struct sent *s = talloc_zero(mem, struct sent);

    s->done = done;
    s->a = (struct act){.fn = fn, .arg = arg, .kind = ACT_HOUSE, .cx = ctx_new(s), .done = sent_done,
                        .owner = s};
    return s;
}

static void acts_that_wait_share_one_commit(void **state)
{
    struct ctx *cx = *state;
    struct act_stats before, after;
    sem_t gate, done;
    struct sent *s[100], *first;

    sem_init(&gate, 0, 0);
    sem_init(&done, 0, 0);
    act_stats(us.st, &before);
    first = prepare_act(cx, wait_here, &gate, &done);
    assert_ok(act_send(us.st, &first->a));
    usleep(50 * 1000);
    for (int i = 0; i < 100; i++) {
        s[i] = prepare_act(cx, put, NULL, &done);
        snprintf(s[i]->name, sizeof s[i]->name, "s%d", i == 99 ? 0 : i);    /* the last one is a double */
        s[i]->a.arg = s[i]->name;
        assert_ok(act_send(us.st, &s[i]->a));
    }
    sem_post(&gate);
    for (int i = 0; i < 101; i++)
        while (sem_wait(&done) != 0)
            ;
    act_stats(us.st, &after);
    for (int i = 0; i < 99; i++)
        assert_true(s[i]->a.rc == 0 || (unit_pg() && s[i]->a.rc == E_EXISTS));
    assert_true((s[0]->a.rc == 0) != (s[99]->a.rc == 0));
    assert_int_equal(counted(cx, us.st), 99);
    if (!unit_pg()) {
        assert_int_equal(after.batches - before.batches, 2);
        assert_int_equal(after.largest_batch, 100);
        assert_int_equal(s[99]->a.rc, E_EXISTS);
        assert_true(s[5]->a.started_us >= s[5]->a.queued_us && s[5]->a.ended_us >= s[5]->a.started_us);
    }
    sem_destroy(&gate);
    sem_destroy(&done);
}

static int nothing(struct ctx *cx, void *arg)
{
    (void)cx;
    (void)arg;
    return 0;
}

static void the_queue_is_bounded_by_acts_bytes_and_persons(void **state)
{
    struct ctx *cx = *state;
    struct queue *q = queue_new();
    struct act *a = NEW_N(cx, struct act, LIMIT_QUEUE_ACTS + 10), *list;
    struct ctx *person = ctx_new(cx);
    int n = 0;

    person->who.kind = WHO_PERSON;
    person->who.person = 5;
    for (int64_t i = 0; i < LIMIT_QUEUE_ACTS + 10; i++)
        a[i] = (struct act){.fn = nothing, .cx = cx};
    for (int64_t i = 0; i < LIMIT_PERSON_ACTS + 1; i++)
        a[i].cx = person;
    for (int64_t i = 0; i < LIMIT_PERSON_ACTS; i++)
        assert_ok(queue_push(q, &a[i], true));
    assert_int_equal(queue_push(q, &a[LIMIT_PERSON_ACTS], true), E_TOOMANY);
    for (int64_t i = LIMIT_PERSON_ACTS + 1; i <= LIMIT_QUEUE_ACTS; i++)
        assert_ok(queue_push(q, &a[i], true));
    assert_int_equal(queue_push(q, &a[LIMIT_QUEUE_ACTS + 1], true), E_BUSY);
    assert_ok(queue_push(q, &a[LIMIT_QUEUE_ACTS + 1], false));     /* act_run is not refused */
    list = queue_take(q, 1, -1);
    assert_ptr_equal(list, &a[0]);
    /* Taken, but not done: it still counts for its person. */
    assert_int_equal(queue_push(q, &a[LIMIT_PERSON_ACTS], true), E_BUSY);
    while ((list = queue_take(q, 100, 0)))
        for (; list; list = list->next)
            n++;
    assert_int_equal(n, LIMIT_QUEUE_ACTS);
    assert_int_equal(queue_push(q, &a[LIMIT_PERSON_ACTS], true), E_TOOMANY);
    queue_done(q, &a[0]);
    assert_ok(queue_push(q, &a[LIMIT_PERSON_ACTS], true));
    a[20].bytes = (size_t)LIMIT_QUEUE_BYTES;
    assert_ok(queue_push(q, &a[20], true));
    a[21].bytes = 1;
    assert_int_equal(queue_push(q, &a[21], true), E_BUSY);
    queue_close(q);
    assert_int_equal(queue_push(q, &a[22], false), E_BUSY);
    assert_non_null(queue_take(q, 100, -1));
    assert_null(queue_take(q, 100, -1));
    queue_free(q);
}

static void thousands_of_persons_come_and_go(void **state)
{
    struct ctx *cx = *state;
    struct queue *q = queue_new();
    enum { N = 900 };
    struct act *a = NEW_N(cx, struct act, N);

    for (int round = 0; round < 30; round++) {
        for (int i = 0; i < N; i++) {
            if (!a[i].cx)
                a[i] = (struct act){.fn = nothing, .cx = ctx_new(cx)};
            a[i].cx->who.kind = WHO_PERSON;
            a[i].cx->who.person = 1 + (int64_t)rng_below(&cx->rng, 1 << (4 + round / 2));
            if (queue_push(q, &a[i], true) < 0)
                a[i].cx->who.kind = WHO_NOBODY;
        }
        while (queue_take(q, N, 0))
            ;
        for (int i = 0; i < N; i++)
            queue_done(q, &a[i]);
    }
    /* All gone: everybody may come again, eight times. */
    for (int i = 0; i < 8; i++) {
        a[i].cx->who.kind = WHO_PERSON;
        a[i].cx->who.person = 3;
        assert_ok(queue_push(q, &a[i], true));
    }
    while (queue_take(q, N, 0))
        ;
    queue_free(q);
}

/* ---- crash ---- */

static void what_was_acknowledged_survives_kill_9(void **state)
{
    struct ctx *cx = *state;

    for (int round = 0; round < 5; round++) {
        int acked[2], status, n = 0, got;
        pid_t pid;

        assert_ok(pipe(acked));
        if ((pid = fork()) == 0) {
            struct ctx *own = ctx_new(NULL);
            struct store *st;

            close(acked[0]);
            if (store_open(own, &us.opts, &st) != 0)
                _exit(1);
            for (int i = 0;; i++) {
                if (act_run(st, own, ACT_HOUSE, put, talloc_asprintf(own->mem, "k%d-%d", round, i)) != 0)
                    _exit(2);
                if (write(acked[1], &i, sizeof i) != sizeof i)
                    _exit(3);
            }
        }
        close(acked[1]);
        while (n < 20 + round * 7 && read(acked[0], &got, sizeof got) == sizeof got)
            n++;
        assert_ok(kill(pid, SIGKILL));
        while (read(acked[0], &got, sizeof got) == sizeof got)
            n++;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        close(acked[0]);
        assert_true(n >= 20);
        assert_ok(store_open(cx, &us.opts, &us.st));
        assert_true(counted(cx, us.st) >= n);
        assert_ok(store_check(cx, us.st));
        store_close(us.st);
        us.st = NULL;
    }
}

/* ---- the log is moved into the database ---- */

static void the_checkpointer_keeps_the_log_small(void **state)
{
    struct ctx *cx = *state;
    struct stat s;
    char *wal = talloc_asprintf(cx->mem, "%s/annotary.db-wal", us.dir);

    if (unit_pg())
        skip();
    us.opts.server = true;
    assert_ok(store_open(cx, &us.opts, &us.st));
    for (int i = 0; i < 30; i++) {
        struct ctx *own = ctx_new(cx);

        assert_ok(act_run(us.st, own, ACT_HOUSE, put_many, talloc_asprintf(own->mem, "%d", i)));
        ctx_free(own);
    }
    assert_ok(stat(wal, &s));
    assert_true(s.st_size > 32 << 20);
    assert_true(s.st_size < 200 << 20);        /* far below what was written */
}

/* ---- blobs and the spool ---- */

static void a_blob_is_whole_or_not_there(void **state)
{
    struct ctx *cx = *state;
    struct blob_writer *w;
    char hash[ID_SHA256_HEX], want[ID_SHA256_HEX], back[6];
    int64_t bytes;
    int fd;

    for (int twice = 0; twice < 2; twice++) {
        assert_ok(blob_begin(cx, us.st, &w));
        assert_ok(blob_write(w, "hel", 3));
        assert_ok(blob_write(w, "lo", 2));
        assert_ok(blob_commit(w, hash, &bytes));
        id_sha256_hex(want, "hello", 5);
        assert_string_equal(hash, want);
        assert_int_equal(bytes, 5);
    }
    assert_ok(blob_open(cx, us.st, hash, &fd, &bytes));
    assert_int_equal(bytes, 5);
    assert_int_equal(read(fd, back, 6), 5);
    assert_memory_equal(back, "hello", 5);
    close(fd);
    assert_ok(blob_begin(cx, us.st, &w));
    assert_ok(blob_write(w, "gone", 4));
    blob_abort(w);
    id_sha256_hex(hash, "gone", 4);
    assert_int_equal(blob_open(cx, us.st, hash, &fd, &bytes), E_NOTFOUND);
    assert_int_equal(blob_open(cx, us.st, "../../../../etc/passwd", &fd, &bytes), E_NOTFOUND);
    assert_int_equal(blob_open(cx, us.st, "", &fd, &bytes), E_NOTFOUND);
    want[3] = 'G';
    assert_int_equal(blob_open(cx, us.st, want, &fd, &bytes), E_NOTFOUND);
}

static void a_blob_has_a_largest_size(void **state)
{
    struct ctx *cx = *state;
    struct blob_writer *w;
    char hash[ID_SHA256_HEX];
    int64_t bytes;

    assert_ok(blob_begin(cx, us.st, &w));
    assert_int_equal(blob_write(w, "x", (size_t)LIMIT_BLOB_BYTES + 1), E_TOOBIG);
    assert_int_equal(blob_write(w, "x", 1), E_TOOBIG);
    assert_int_equal(blob_commit(w, hash, &bytes), E_TOOBIG);
}

static void a_spool_file_is_found_by_its_name_only(void **state)
{
    struct ctx *cx = *state;
    char *name, *folder = talloc_asprintf(cx->mem, "%s/spool", us.dir);
    struct stat s;
    int fd;

    assert_ok(spool_create(cx, us.st, &name, &fd));
    assert_ok(fstat(fd, &s));
    assert_int_equal(s.st_mode & 0777, 0600);
    close(fd);
    assert_ok(spool_open(cx, us.st, name, &fd));
    close(fd);
    spool_remove(us.st, name);
    spool_remove(us.st, name);
    assert_int_equal(spool_open(cx, us.st, name, &fd), E_NOTFOUND);
    assert_int_equal(spool_open(cx, us.st, "../annotary.db", &fd), E_NOTFOUND);
    assert_int_equal(spool_open(cx, us.st, "", &fd), E_NOTFOUND);
    assert_null(spool_path(cx, us.st, "a/b"));
    assert_ok(rmdir(folder));           /* nothing is left behind by the tests above */
    assert_ok(mkdir(folder, 0700));
}

/* ---- jobs ---- */

struct job_test {
    struct job job;
    int64_t id, due;
    const char *key;
    int rc;
};

static int add_job(struct ctx *cx, void *arg)
{
    struct job_test *t = arg;

    return job_add(cx, 1, "test", t->key, "{\"n\":1}", t->due, &t->id);
}

static int claim_job(struct ctx *cx, void *arg)
{
    struct job_test *t = arg;

    t->rc = job_claim(cx, &t->job);
    return t->rc < 0 ? t->rc : 0;
}

static int retry_job(struct ctx *cx, void *arg)
{
    return job_retry(cx, ((struct job_test *)arg)->id, "{\"error\":\"No.\"}");
}

static int progress_job(struct ctx *cx, void *arg)
{
    return job_progress(cx, ((struct job_test *)arg)->id, 3, 10);
}

static int end_job(struct ctx *cx, void *arg)
{
    return job_end(cx, ((struct job_test *)arg)->id, false, "{}");
}

static int cancel_job(struct ctx *cx, void *arg)
{
    return job_cancel(cx, ((struct job_test *)arg)->id);
}

static int get_job(struct ctx *cx, void *arg)
{
    struct job_test *t = arg;

    return job_get(cx, t->id, &t->job);
}

static int list_jobs(struct ctx *cx, void *arg)
{
    struct job *list;
    int n;

    assert_ok(job_list(cx, 1, 0, 0, &list, &n));
    assert_int_equal(n, *(int *)arg);
    for (int i = 1; i < n; i++)
        assert_true(list[i].id > list[i - 1].id);
    return 0;
}

static int house(struct ctx *cx, act_fn *fn, void *arg)
{
    return act_run(us.st, cx, ACT_HOUSE, fn, arg);
}

static void a_job_is_claimed_once_and_says_how_far_it_is(void **state)
{
    struct ctx *cx = *state;
    struct job_test t = {.due = cx->now + 10}, other = {0};

    assert_ok(house(cx, add_job, &t));
    assert_ok(house(cx, claim_job, &other));
    assert_int_equal(other.rc, 0);              /* not due yet */
    cx->now += 10;
    assert_ok(house(cx, claim_job, &other));
    assert_int_equal(other.rc, 1);
    assert_true(other.job.id == t.id);
    assert_string_equal(other.job.state, "running");
    assert_string_equal(other.job.arg, "{\"n\":1}");
    assert_ok(house(cx, claim_job, &other));
    assert_int_equal(other.rc, 0);
    cx->now += JOB_CLAIM_MS / 2;
    assert_ok(house(cx, progress_job, &t));     /* renews the claim */
    cx->now += JOB_CLAIM_MS / 2 + 1;
    assert_ok(house(cx, claim_job, &other));
    assert_int_equal(other.rc, 0);
    cx->now += JOB_CLAIM_MS / 2;
    assert_ok(house(cx, claim_job, &other));    /* not renewed: another takes it up */
    assert_int_equal(other.rc, 1);
    assert_int_equal(other.job.attempts, 2);
    assert_int_equal(other.job.done, 3);
    assert_ok(house(cx, end_job, &t));
    assert_int_equal(house(cx, end_job, &t), E_CHANGED);
    assert_ok(house(cx, get_job, &t));
    assert_string_equal(t.job.state, "done");
    t.id = 999;
    assert_int_equal(house(cx, get_job, &t), E_NOTFOUND);
}

static void a_job_that_fails_waits_longer_each_time_and_then_gives_up(void **state)
{
    static const int64_t waits[] = {1, 4, 16, 64, 256, 1024, 3600, 3600, 3600};
    struct ctx *cx = *state;
    struct job_test t = {.due = cx->now};

    assert_ok(house(cx, add_job, &t));
    for (int i = 0; i < 9; i++) {
        assert_ok(house(cx, claim_job, &t));
        assert_int_equal(t.rc, 1);
        assert_ok(house(cx, retry_job, &t));
        assert_ok(house(cx, get_job, &t));
        assert_string_equal(t.job.state, "waiting");
        assert_int_equal(t.job.due - cx->now, waits[i] * 1000);
        cx->now = t.job.due;
    }
    assert_ok(house(cx, claim_job, &t));
    assert_int_equal(t.rc, 1);
    assert_ok(house(cx, retry_job, &t));
    assert_ok(house(cx, get_job, &t));
    assert_string_equal(t.job.state, "failed");
    assert_string_equal(t.job.report, "{\"error\":\"No.\"}");
}

static void a_job_whose_worker_dies_again_and_again_is_given_up(void **state)
{
    struct ctx *cx = *state;
    struct job_test t = {.due = cx->now};

    assert_ok(house(cx, add_job, &t));
    for (int i = 0; i < JOB_ATTEMPTS; i++) {
        assert_ok(house(cx, claim_job, &t));
        assert_int_equal(t.rc, 1);
        cx->now += JOB_CLAIM_MS + 1;
    }
    assert_ok(house(cx, claim_job, &t));
    assert_int_equal(t.rc, 0);
    assert_ok(house(cx, get_job, &t));
    assert_string_equal(t.job.state, "failed");
}

static void one_job_of_a_name_waits_at_a_time(void **state)
{
    struct ctx *cx = *state;
    struct job_test a = {.due = cx->now, .key = "k"}, b = {.due = cx->now + 500, .key = "k"};
    int two = 2;

    assert_ok(house(cx, add_job, &a));
    assert_ok(house(cx, add_job, &b));
    assert_true(a.id == b.id);
    assert_ok(house(cx, get_job, &a));
    assert_int_equal(a.job.due, cx->now + 500);
    cx->now += 500;
    assert_ok(house(cx, claim_job, &a));
    assert_int_equal(a.rc, 1);
    assert_ok(house(cx, add_job, &b));          /* the first one runs: a new one may wait */
    assert_true(a.id != b.id);
    assert_ok(house(cx, retry_job, &a));        /* the one that waits will do its work */
    assert_ok(house(cx, get_job, &a));
    assert_string_equal(a.job.state, "cancelled");
    assert_ok(house(cx, cancel_job, &b));
    assert_int_equal(house(cx, cancel_job, &b), E_CHANGED);
    assert_ok(house(cx, list_jobs, &two));
}

static _Atomic int claimed[200];

static void *claims(void *arg)
{
    struct ctx *cx = ctx_new(NULL);
    struct job_test t = {0};

    (void)arg;
    cx->now += 1000;
    do {
        if (act_run(us.st, cx, ACT_HOUSE, claim_job, &t) != 0)
            abort();
        if (t.rc == 1)
            atomic_fetch_add(&claimed[t.job.id % 200], 1);
    } while (t.rc == 1);
    ctx_free(cx);
    return NULL;
}

static void two_workers_never_claim_the_same_job(void **state)
{
    struct ctx *cx = *state;
    pthread_t w[8];

    for (int i = 0; i < 100; i++) {
        struct job_test t = {.due = cx->now};

        assert_ok(house(cx, add_job, &t));
    }
    memset((void *)claimed, 0, sizeof claimed);
    for (int i = 0; i < 8; i++)
        assert_ok(pthread_create(&w[i], NULL, claims, NULL));
    for (int i = 0; i < 8; i++)
        assert_ok(pthread_join(w[i], NULL));
    for (int i = 0, n = 0; i < 200; i++) {
        assert_true(atomic_load(&claimed[i]) <= 1);
        n += atomic_load(&claimed[i]);
        if (i == 199)
            assert_int_equal(n, 100);
    }
}

/* ---- PostgreSQL goes away ---- */

static int kill_me(struct ctx *cx, void *arg)
{
    int64_t n;

    (void)arg;
    return db_int(cx, &n, "SELECT CASE WHEN pg_terminate_backend(pg_backend_pid()) THEN 1 ELSE 0 END",
                  "") < 0 ? E_BUSY : 0;
}

static int kill_others(struct ctx *cx, void *arg)
{
    int64_t n;

    (void)arg;
    return db_int(cx, &n, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                  "WHERE application_name = 'annotary' AND pid <> pg_backend_pid()", "") < 0 ? E_BUSY : 0;
}

static void a_connection_that_breaks_is_replaced(void **state)
{
    struct ctx *cx = *state;

    if (!unit_pg())
        skip();
    assert_ok(house(cx, put, "a"));
    assert_int_equal(house(cx, kill_me, NULL), E_BUSY);
    assert_ok(house(cx, put, "b"));
    assert_int_equal(counted(cx, us.st), 2);
    assert_ok(house(cx, kill_others, NULL));
    assert_int_equal(counted(cx, us.st), 2);
    assert_int_equal(house(cx, put, "b"), E_EXISTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(one_text_becomes_two_dialects),
        STORE(a_store_closed_and_opened_again_has_what_was_stored),
        PLACE(a_missing_folder_is_not_made_unless_asked),
        STORE(whoever_wants_the_folder_alone_is_refused_while_it_is_open),
        STORE(what_another_process_writes_changes_the_version),
        STORE(a_database_of_a_newer_version_is_refused),
        PLACE(a_step_that_fails_leaves_the_old_schema),
        PLACE(a_step_killed_half_way_leaves_the_old_schema),
        STORE(a_backup_under_writes_is_a_whole_database),
        STORE(acts_that_wait_share_one_commit),
        UNIT(the_queue_is_bounded_by_acts_bytes_and_persons),
        UNIT(thousands_of_persons_come_and_go),
        PLACE(what_was_acknowledged_survives_kill_9),
        PLACE(the_checkpointer_keeps_the_log_small),
        STORE(a_blob_is_whole_or_not_there),
        STORE(a_blob_has_a_largest_size),
        STORE(a_spool_file_is_found_by_its_name_only),
        STORE(a_job_is_claimed_once_and_says_how_far_it_is),
        STORE(a_job_that_fails_waits_longer_each_time_and_then_gives_up),
        STORE(a_job_whose_worker_dies_again_and_again_is_given_up),
        STORE(one_job_of_a_name_waits_at_a_time),
        STORE(two_workers_never_claim_the_same_job),
        STORE(a_connection_that_breaks_is_replaced),
        STORE(the_clock_never_runs_behind_what_the_database_has_seen),     /* last: it moves the clock */
    };

    return cmocka_run_group_tests_name("store_life", tests, NULL, NULL);
}
