/* test_store_life.c -- opening, upgrading, queueing, crashing.  Both databases. */
#include "unit.h"
#include "unit_store.h"

#include "core/clock.h"
#include "store/act.h"
#include "store/checkpoint.h"
#include "store/db.h"
#include "store/driver.h"
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
    int rc = db_run(cx, "INSERT INTO setting (name, value) VALUES (?, ?)", "tt", (const char *)arg,
                    "x");

    return rc < 0 ? rc : 0;
}

static int put_many(struct ctx *cx, void *arg)
{
    int rc = 0;

    /* 20,000 rows: enough to keep the log busy */
    for (int i = 0; i < 20000 && rc >= 0; i++)
        rc = db_run(cx,
                    "INSERT INTO throttle (name, fails, since_ms, until_ms) VALUES (?, 0, 0, 0)",
                    "t",
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
    assert_string_equal(sqltext(cx->mem, "x{lite: L ? '}'}{pg: P {bytes} ?} ?", true),
                        "x P BYTEA $1 $2");
    assert_string_equal(sqltext(cx->mem, "x{lite: L ? '}'}{pg: P {bytes} ?} ?", false),
                        "x L ? '}' ?");
    assert_string_equal(sqltext(cx->mem, "'it''s {' {id}", false),
                        "'it''s {' INTEGER PRIMARY KEY AUTOINCREMENT");
    assert_string_equal(sqltext(cx->mem, "", true), "");
}

static int house(struct ctx *cx, act_fn *fn, void *arg)
{
    return act_run(us.st, cx, ACT_HOUSE, fn, arg);
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
    if (!unit_pg()) {
        assert_ok(stat(talloc_asprintf(cx->mem, "%s/annotary.db-wal", us.dir), &s));
        assert_int_equal(s.st_mode & 0777, 0600);
    }
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
    return db_run(cx, "UPDATE setting SET value = ? WHERE name = 'clock_high'", "t",
                  (char *)arg) == 1
               ? 0 : E_INTERNAL;
}

static void the_clock_never_runs_behind_what_the_database_has_seen(void **state)
{
    struct ctx *cx = *state;
    int64_t ahead = clock_now() + 3600 * 1000;

    assert_ok(act_run(us.st, cx, ACT_HOUSE, set_clock, talloc_asprintf(cx->mem, "%lld",
                                                                       (long long)ahead)));
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

    assert_ok(act_run(us.st, cx, ACT_HOUSE, set_schema, "9999"));
    store_close(us.st);
    us.st = NULL;
    assert_int_equal(store_open(cx, &us.opts, &st), E_FORBIDDEN);
    assert_says(cx, "written by a newer version (schema 9999)");
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
        {2,
         "CREATE TABLE two (id {id}, b {bytes}); INSERT INTO two (b) VALUES (NULL); SELECT wrong;"},
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
            "{lite:INSERT INTO two (n) WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL "
            "SELECT n + 1 FROM c WHERE n < 100000000) SELECT n FROM c;}{pg:SELECT pg_sleep(1.5);}"},
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
    s->a = (struct act){.fn = fn, .arg = arg, .kind = ACT_HOUSE, .cx = ctx_new(s),
                        .done = sent_done,
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
        snprintf(s[i]->name, sizeof s[i]->name, "s%d",
                 i == 99 ? 0 : i);    /* the last one is a double */
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
        assert_true(s[5]->a.started_us >= s[5]->a.queued_us);
        assert_true(s[5]->a.ended_us >= s[5]->a.started_us);
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
                a[i].person = 0;        /* was not taken in: is not counted */
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
                if (act_run(st, own, ACT_HOUSE, put, talloc_asprintf(own->mem, "k%d-%d", round,
                                                                     i)) != 0)
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

/* ---- a command beside the server ---- */

static int put_next(struct ctx *cx, void *arg)
{
    int64_t *n = arg;

    ++*n;
    return put(cx, talloc_asprintf(cx->mem, "p%d-%lld", getpid(), (long long)*n));
}

static void two_processes_that_never_stop_writing_both_get_on(void **state)
{
    struct ctx *cx = *state;
    int64_t n = 0;
    int status;
    pid_t pid;

    store_close(us.st);
    fflush(NULL);
    pid = fork();
    {
        struct ctx *own = ctx_new(NULL);
        struct store *st;
        int64_t until = clock_mono_us() + 1500000;
        int rc = store_open(own, &us.opts, &st);

        while (rc == 0 && clock_mono_us() < until) {
            struct ctx *one = ctx_new(own);

            rc = act_run(st, one, ACT_HOUSE, put_next, &n);
            ctx_free(one);
        }
        if (pid == 0)
            _exit(rc == 0 && n > 20 ? 0 : 1);
        assert_ok(rc);
        us.st = st;
        ctx_free(own);
    }
    assert_true(n > 20);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_true(counted(cx, us.st) > n + 20);
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

/* ---- PostgreSQL goes away ---- */

static int kill_me(struct ctx *cx, void *arg)
{
    int64_t n;

    (void)arg;
    return db_int(cx, &n,
                  "SELECT CASE WHEN pg_terminate_backend(pg_backend_pid()) THEN 1 ELSE 0 END",
                  "") < 0 ? E_BUSY : 0;
}

static int kill_others(struct ctx *cx, void *arg)
{
    int64_t n;

    (void)arg;
    return db_int(cx, &n, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                  "WHERE application_name = 'annotary' AND pid <> pg_backend_pid()",
                      "") < 0 ? E_BUSY : 0;
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

/* ---- a deadlock is repeated ---- */

struct crossing {
    const char *first, *second;
    uint64_t chance[8];
    int runs, rc;
};

static int cross(struct ctx *cx, void *arg)
{
    struct crossing *c = arg;
    int rc;

    c->chance[c->runs++ % 8] = rng_next(&cx->rng);
    rc = db_run(cx, "UPDATE setting SET value = 'y' WHERE name = ?", "t", c->first);
    usleep(100 * 1000);
    if (rc >= 0)
        rc = db_run(cx, "UPDATE setting SET value = 'z' WHERE name = ?", "t", c->second);
    return rc < 0 ? rc : 0;
}

static void *cross_thread(void *arg)
{
    struct crossing *c = arg;
    struct ctx *cx = ctx_new(NULL);

    c->rc = act_run(us.st, cx, ACT_HOUSE, cross, c);
    ctx_free(cx);
    return NULL;
}

static void a_deadlock_is_repeated_with_the_same_chance(void **state)
{
    struct crossing c[2] = {{.first = "a", .second = "b"}, {.first = "b", .second = "a"}};
    pthread_t t[2];

    assert_ok(house(*state, put, "a"));
    assert_ok(house(*state, put, "b"));
    for (int i = 0; i < 2; i++)
        assert_ok(pthread_create(&t[i], NULL, cross_thread, &c[i]));
    for (int i = 0; i < 2; i++)
        assert_ok(pthread_join(t[i], NULL));
    assert_ok(c[0].rc);
    assert_ok(c[1].rc);
    assert_int_equal(c[0].runs + c[1].runs > 2, unit_pg());
    for (int i = 0; i < 2; i++)
        for (int r = 1; r < c[i].runs; r++)
            assert_true(c[i].chance[r] == c[i].chance[0]);
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
        STORE(two_processes_that_never_stop_writing_both_get_on),
        PLACE(the_checkpointer_keeps_the_log_small),
        STORE(a_connection_that_breaks_is_replaced),
        STORE(a_deadlock_is_repeated_with_the_same_chance),
        STORE(the_clock_never_runs_behind_what_the_database_has_seen),
                /* last: it moves the clock */
    };

    return cmocka_run_group_tests_name("store_life", tests, NULL, NULL);
}
