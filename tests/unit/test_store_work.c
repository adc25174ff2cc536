/* test_store_work.c -- files by their digest, the spool, and jobs.  Both databases. */
#include "unit.h"
#include "unit_store.h"

#include "store/act.h"
#include "store/blob.h"
#include "store/job.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE(a_blob_is_whole_or_not_there),
        STORE(a_blob_has_a_largest_size),
        STORE(a_spool_file_is_found_by_its_name_only),
        STORE(a_job_is_claimed_once_and_says_how_far_it_is),
        STORE(a_job_that_fails_waits_longer_each_time_and_then_gives_up),
        STORE(a_job_whose_worker_dies_again_and_again_is_given_up),
        STORE(one_job_of_a_name_waits_at_a_time),
        STORE(two_workers_never_claim_the_same_job),
    };

    return cmocka_run_group_tests_name("store_work", tests, NULL, NULL);
}
