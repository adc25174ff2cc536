/* test_store.c -- acts, statements and the vault, on SQLite and (DB=pg) on PostgreSQL. */
#include "unit.h"
#include "unit_store.h"

#include "core/clock.h"
#include "store/act.h"
#include "store/db.h"
#include "store/job.h"
#include "store/vault.h"

#include <pthread.h>
#include <signal.h>
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

#define STORE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* ---- small acts ---- */

static int audit_row(struct ctx *cx)
{
    int rc = db_run(cx, "INSERT INTO audit (at_ms, act, detail) VALUES (?, 'test', '{}')", "i",
                    cx->now);

    cx->audits++;
    return rc < 0 ? rc : 0;
}

static int org_add(struct ctx *cx, void *arg)
{
    int64_t id = 0;
    int rc = db_int(cx, &id, "INSERT INTO org (name, created_ms) VALUES (?, ?) RETURNING id", "ti",
                    (const char *)arg, cx->now);

    if (rc < 0)
        return rc;
    assert_int_equal(rc, 1);
    assert_true(id > 0);
    return audit_row(cx);
}

static int count_orgs(struct ctx *cx, void *arg)
{
    return db_int(cx, arg, "SELECT count(*) FROM org", "") < 0 ? E_INTERNAL : 0;
}

static int64_t orgs(struct ctx *cx)
{
    int64_t n = -1;

    assert_ok(act_run(us.st, cx, ACT_READ, count_orgs, &n));
    return n;
}

static int add_then_fail(struct ctx *cx, void *arg)
{
    int rc = org_add(cx, arg);

    return rc < 0 ? rc : fail(cx, E_INVALID, "No.");
}

static void an_act_that_fails_leaves_nothing_behind(void **state)
{
    struct ctx *cx = *state;

    assert_ok(act_run(us.st, cx, ACT_WRITE, org_add, "one"));
    assert_int_equal(act_run(us.st, cx, ACT_WRITE, add_then_fail, "two"), E_INVALID);
    assert_says(cx, "No.");
    assert_int_equal(orgs(cx), 1);
    assert_null(cx->db);
}

/* ---- every kind of value ---- */

static int kinds(struct ctx *cx, void *arg)
{
    struct rows *q;
    size_t n;

    (void)arg;
    assert_true(db_run(cx, "CREATE TABLE kinds (i BIGINT, o BIGINT, z BIGINT, d DOUBLE PRECISION, "
                       "t TEXT, b {lite:BLOB}{pg:BYTEA}, x TEXT)", "") >= 0);
    assert_int_equal(db_run(cx, "INSERT INTO kinds VALUES (?, ?, ?, ?, ?, ?, ?)", "iozdtbn",
                            INT64_MIN, (int64_t)0, true, -0.1, "naïve 'quote' ?", "a\0b",
                            (size_t)3), 1);
    assert_int_equal(db_run(cx, "INSERT INTO kinds VALUES (?, ?, ?, ?, ?, ?, ?)", "iozdtbt",
                            INT64_MAX, (int64_t)7, false, 1e300, NULL, NULL, (size_t)0, ""), 1);
    assert_ok(db_query(cx, &q, "SELECT i, o, z, d, t, b, x FROM kinds ORDER BY i", ""));
    assert_int_equal(rows_next(q), 1);
    assert_true(rows_int(q, 0) == INT64_MIN);
    assert_true(rows_null(q, 1));
    assert_int_equal(rows_int(q, 2), 1);
    assert_true(rows_num(q, 3) == -0.1);
    assert_string_equal(rows_text(q, 4), "naïve 'quote' ?");
    assert_memory_equal(rows_blob(q, 5, &n), "a\0b", 3);
    assert_int_equal(n, 3);
    assert_true(rows_null(q, 6));
    assert_int_equal(rows_next(q), 1);
    assert_true(rows_int(q, 0) == INT64_MAX);
    assert_int_equal(rows_int(q, 1), 7);
    assert_true(rows_num(q, 3) == 1e300);
    assert_string_equal(rows_text(q, 4), "");
    assert_null(rows_text_keep(q, 4));
    assert_null(rows_blob(q, 5, &n));
    assert_string_equal(rows_text_keep(q, 6), "");
    assert_int_equal(rows_next(q), 0);
    assert_int_equal(rows_next(q), 0);
    return fail(cx, E_INVALID, "Undo the table.");
}

static void every_kind_of_value_comes_back_as_it_went_in(void **state)
{
    assert_int_equal(act_run(us.st, *state, ACT_HOUSE, kinds, NULL), E_INVALID);
}

/* ---- sums, counts, means ---- */

static int sums(struct ctx *cx, void *arg)
{
    int64_t n = 0;
    struct rows *q;

    (void)arg;
    for (int i = 0; i < 5; i++)
        assert_int_equal(db_run(cx, "INSERT INTO setting (name, value) VALUES (?, ?)", "tt",
                                talloc_asprintf(cx->mem, "n%d", i),
                                talloc_asprintf(cx->mem, "%d", i * 10001)), 1);
    assert_int_equal(db_int(cx, &n,
                            "SELECT sum(CAST(value AS BIGINT)) FROM setting WHERE name LIKE ?",
                            "t", "n%"), 1);
    assert_int_equal(n, 100010);
    assert_ok(db_query(cx, &q, "SELECT avg(CAST(value AS BIGINT)), -sum(CAST(value AS BIGINT)) "
                       "FROM setting WHERE name LIKE ?", "t", "n%"));
    assert_int_equal(rows_next(q), 1);
    assert_true(rows_num(q, 0) == 20002.0);
    assert_true(rows_num(q, 1) == -100010.0);
    rows_end(q);
    assert_int_equal(db_int(cx, &n,
                            "SELECT sum(CAST(value AS BIGINT)) FROM setting WHERE name = ?", "t",
                            "nobody"), 0);
    assert_int_equal(db_run(cx, "UPDATE setting SET value = 'x' WHERE name LIKE ?", "t", "n%"), 5);
    assert_int_equal(db_run(cx, "DELETE FROM setting WHERE name LIKE ?", "t", "n%"), 5);
    return 0;
}

static void sums_counts_and_changed_rows_are_right(void **state)
{
    assert_ok(act_run(us.st, *state, ACT_HOUSE, sums, NULL));
}

/* ---- the same text while its rows are read ---- */

static int again(struct ctx *cx, int depth)
{
    struct rows *q;
    int rc, n = 0;

    if ((rc = db_query(cx, &q, "SELECT name FROM setting ORDER BY name", "")) < 0)
        return rc;
    while ((rc = rows_next(q)) > 0) {
        char *was = rows_text_keep(q, 0);

        if (depth > 0)
            assert_int_equal(again(cx, depth - 1), 2);
        assert_string_equal(rows_text(q, 0), was);
        n++;
    }
    return rc < 0 ? rc : n;
}

static int again_act(struct ctx *cx, void *arg)
{
    (void)arg;
    assert_int_equal(again(cx, 3), 2);
    return 0;
}

static void a_statement_can_be_asked_while_its_rows_are_read(void **state)
{
    assert_ok(act_run(us.st, *state, ACT_READ, again_act, NULL));
    assert_ok(act_run(us.st, *state, ACT_READ, again_act, NULL));
}

static int left_open(struct ctx *cx, void *arg)
{
    struct rows *q;

    (void)arg;
    assert_ok(db_query(cx, &q, "SELECT name FROM setting", ""));
    assert_int_equal(rows_next(q), 1);
    return 0;
}

static void a_query_left_open_ends_with_its_act(void **state)
{
    struct ctx *cx = *state;

    for (int i = 0; i < 10; i++) {
        assert_ok(act_run(us.st, cx, ACT_READ, left_open, NULL));
        assert_ok(act_run(us.st, cx, ACT_HOUSE, left_open, NULL));
    }
    assert_ok(act_run(us.st, cx, ACT_WRITE, org_add, "x"));
    assert_int_equal(orgs(cx), 1);
}

static int dynamic(struct ctx *cx, void *arg)
{
    const char *a = db_dynamic(cx, talloc_strdup(cx->mem, "SELECT 41 + 1"));
    int64_t n;

    (void)arg;
    assert_ptr_equal(a, db_dynamic(cx, talloc_strdup(cx->mem, "SELECT 41 + 1")));
    for (int i = 0; i < 2000; i++) {        /* more than are kept */
        const char *sql = db_dynamic(cx, talloc_asprintf(cx->mem, "SELECT %d + ?", i));

        assert_int_equal(db_int(cx, &n, sql, "i", (int64_t)1), 1);
        assert_int_equal(n, i + 1);
    }
    return 0;
}

static void texts_made_at_run_time_are_kept_up_to_a_limit(void **state)
{
    assert_ok(act_run(us.st, *state, ACT_READ, dynamic, NULL));
}

/* ---- trouble ---- */

static int twice(struct ctx *cx, void *arg)
{
    int rc;

    (void)arg;
    rc = db_run(cx, "INSERT INTO setting (name, value) VALUES ('one', 'a')", "");
    assert_int_equal(rc, 1);
    rc = db_run(cx, "INSERT INTO setting (name, value) VALUES ('one', 'b')", "");
    assert_int_equal(rc, E_EXISTS);
    return rc;
}

static int twice_forgiven(struct ctx *cx, void *arg)
{
    int64_t n;

    (void)arg;
    assert_int_equal(db_run(cx, "INSERT INTO setting (name, value) VALUES ('one', 'a')", ""), 1);
    assert_ok(db_save(cx));
    assert_int_equal(db_run(cx, "INSERT INTO setting (name, value) VALUES ('two', 'a')", ""), 1);
    assert_int_equal(db_run(cx, "INSERT INTO setting (name, value) VALUES ('one', 'b')", ""),
                     E_EXISTS);
    /* Until the savepoint is undone, nothing works: as on PostgreSQL. */
    assert_true(db_int(cx, &n, "SELECT 1", "") < 0);
    assert_ok(db_undo(cx));
    assert_ok(db_save(cx));
    assert_int_equal(db_run(cx, "INSERT INTO setting (name, value) VALUES ('three', 'a')", ""), 1);
    assert_ok(db_keep(cx));
    assert_int_equal(db_int(cx, &n,
                            "SELECT count(*) FROM setting WHERE name IN ('one', 'two', 'three')",
                            ""), 1);
    assert_int_equal(n, 2);
    return 0;
}

static int save_and_undo(struct ctx *cx, void *arg)
{
    (void)arg;
    assert_ok(db_save(cx));
    assert_int_equal(db_run(cx, "INSERT INTO setting (name, value) VALUES ('five', 'a')", ""), 1);
    assert_ok(db_undo(cx));
    return 0;
}

static void a_unique_key_violated_is_exists_and_can_be_undone(void **state)
{
    struct ctx *cx = *state;

    assert_int_equal(act_run(us.st, cx, ACT_HOUSE, twice, NULL), E_EXISTS);
    assert_ok(act_run(us.st, cx, ACT_HOUSE, twice_forgiven, NULL));
    /* What was undone counts as no change: no audit row is owed. */
    assert_ok(act_run(us.st, cx, ACT_WRITE, save_and_undo, NULL));
}

static int no_such_table(struct ctx *cx, void *arg)
{
    (void)arg;
    return db_run(cx, "INSERT INTO nowhere VALUES (1)", "");
}

static int read_that_writes(struct ctx *cx, void *arg)
{
    (void)arg;
    return db_run(cx, "INSERT INTO setting (name, value) VALUES ('r', 'a')", "");
}

static void wrong_statements_fail_in_words_without_sql(void **state)
{
    struct ctx *cx = *state;

    assert_int_equal(act_run(us.st, cx, ACT_HOUSE, no_such_table, NULL), E_INTERNAL);
    assert_null(strstr(cx->why, "nowhere"));
    assert_true(act_run(us.st, cx, ACT_READ, read_that_writes, NULL) < 0);
    assert_ok(act_run(us.st, cx, ACT_WRITE, org_add, "after"));
}

/* ---- invariants: the program stops ---- */

static int change_without_audit(struct ctx *cx, void *arg)
{
    (void)arg;
    return db_run(cx, "INSERT INTO setting (name, value) VALUES ('q', 'a')",
                  "") < 0 ? E_INTERNAL : 0;
}

static int two_audits(struct ctx *cx, void *arg)
{
    (void)arg;
    return audit_row(cx) < 0 || audit_row(cx) < 0 ? E_INTERNAL : 0;
}

static int swallow(struct ctx *cx, void *arg)
{
    twice(cx, arg);
    return 0;
}

static int inner(struct ctx *cx, void *arg)
{
    (void)arg;
    return act_run(us.st, cx, ACT_READ, count_orgs, NULL);
}

static int signal_of(act_fn *fn, enum act_kind kind)
{
    struct unit_store mine;
    int status;
    pid_t pid;

    unit_store_place(&mine);
    fflush(NULL);
    if ((pid = fork()) == 0) {
        struct ctx *cx = ctx_new(NULL);

        signal(SIGABRT, SIG_DFL);
        if (!freopen("/dev/null", "w", stderr))
            _exit(2);
        if (store_open(cx, &mine.opts, &mine.st) < 0)
            _exit(3);
        us.st = mine.st;
        act_run(mine.st, cx, kind, fn, "x");
        store_close(mine.st);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    unit_store_close(&mine);
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static void a_change_without_exactly_one_audit_row_stops_the_program(void **state)
{
    (void)state;
    assert_int_equal(signal_of(org_add, ACT_WRITE), 0);
    assert_int_equal(signal_of(change_without_audit, ACT_HOUSE), 0);
    assert_int_equal(signal_of(change_without_audit, ACT_WRITE), SIGABRT);
    assert_int_equal(signal_of(two_audits, ACT_WRITE), SIGABRT);
    assert_int_equal(signal_of(org_add, ACT_HOUSE), SIGABRT);
    assert_int_equal(signal_of(swallow, ACT_HOUSE), SIGABRT);
    assert_int_equal(signal_of(inner, ACT_HOUSE), SIGABRT);
}

/* ---- vault ---- */

static void what_the_vault_seals_it_opens(void **state)
{
    struct ctx *cx = *state;
    struct sealed s = vault_seal(cx, 1, "{\"a\":1}", 7);
    const char *p;
    size_t n;

    assert_ok(vault_open(cx, 1, s.p, s.n, &p, &n));
    assert_int_equal(n, 7);
    assert_memory_equal(p, "{\"a\":1}", 7);
    s = vault_seal(cx, 1, "", 0);
    assert_ok(vault_open(cx, 1, s.p, s.n, &p, &n));
    assert_int_equal(n, 0);
    assert_int_equal(vault_open(cx, 1, "\2abc", 4, &p, &n), E_INTERNAL);
    assert_int_equal(vault_open(cx, 1, "", 0, &p, &n), E_INTERNAL);
}

/* ---- many at once ---- */

#define THREADS 64
#define ROUNDS 20

static void *hammer(void *arg)
{
    struct ctx *cx = ctx_new(NULL);

    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t n;

        if (act_run(us.st, cx, ACT_WRITE, org_add, "h") != 0 ||
            act_run(us.st, cx, ACT_WRITE, add_then_fail, "f") != E_INVALID ||
            act_run(us.st, cx, ACT_READ, count_orgs, &n) != 0 || n < i + 1) {
            fprintf(stderr, "hammer: %s\n", cx->why);
            abort();
        }
    }
    ctx_free(cx);
    return NULL;
}

static void many_threads_share_commits_and_see_their_own_writes(void **state)
{
    pthread_t t[THREADS];
    struct act_stats s;

    for (int i = 0; i < THREADS; i++)
        assert_ok(pthread_create(&t[i], NULL, hammer, NULL));
    for (int i = 0; i < THREADS; i++)
        assert_ok(pthread_join(t[i], NULL));
    assert_int_equal(orgs(*state), THREADS * ROUNDS);
    act_stats(us.st, &s);
    if (!unit_pg()) {
        assert_true(s.largest_batch > 1);
        assert_true(s.batches < s.acts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE(an_act_that_fails_leaves_nothing_behind),
        STORE(every_kind_of_value_comes_back_as_it_went_in),
        STORE(sums_counts_and_changed_rows_are_right),
        STORE(a_statement_can_be_asked_while_its_rows_are_read),
        STORE(a_query_left_open_ends_with_its_act),
        STORE(texts_made_at_run_time_are_kept_up_to_a_limit),
        STORE(a_unique_key_violated_is_exists_and_can_be_undone),
        STORE(wrong_statements_fail_in_words_without_sql),
        UNIT(a_change_without_exactly_one_audit_row_stops_the_program),
        UNIT(what_the_vault_seals_it_opens),
        STORE(many_threads_share_commits_and_see_their_own_writes),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
