/*
 * test_store_fault.c -- what happens when the disk says no (SQLite).
 *
 * The program's own pwrite64, fdatasync and fsync stand before the C
 * library's, and fail from the n-th call on, once or for ever.  Each case runs
 * in a child, which tells its parent what was acknowledged; the parent then
 * opens the folder with a healthy disk and counts.
 */
#include "unit.h"
#include "unit_store.h"

#include "store/act.h"
#include "store/blob.h"
#include "store/db.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/wait.h>

enum { ON_WRITE = 1, ON_SYNC = 2 };

static _Atomic int armed, fail_on, fail_errno, fail_after, fail_times;

static bool now_fails(int on)
{
    if (!atomic_load(&armed) || atomic_load(&fail_on) != on)
        return false;
    if (atomic_fetch_sub(&fail_after, 1) > 0)
        return false;
    if (atomic_fetch_sub(&fail_times, 1) <= 0)
        return false;
    errno = atomic_load(&fail_errno);
    return true;
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
    static ssize_t (*real)(int, const void *, size_t, off64_t);

    if (!real)
        real = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    return now_fails(ON_WRITE) ? -1 : real(fd, p, n, at);
}

int fdatasync(int fd)
{
    static int (*real)(int);

    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return now_fails(ON_SYNC) ? -1 : real(fd);
}

int fsync(int fd)
{
    static int (*real)(int);

    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return now_fails(ON_SYNC) ? -1 : real(fd);
}

/* ---- a child that writes, and what it said ---- */

struct said {
    int row, rc;
};

static int put(struct ctx *cx, void *arg)
{
    int rc = db_run(cx, "INSERT INTO setting (name, value) VALUES (?, ?)", "tt", (const char *)arg,
                    talloc_asprintf(cx->mem, "%06000d", 1));

    return rc < 0 ? rc : 0;
}

#define ROWS 12

static void child(const struct store_opts *o, int out)
{
    struct ctx *cx = ctx_new(NULL);
    struct store *st;

    if (!freopen("/dev/null", "w", stderr) || store_open(cx, o, &st) != 0)
        _exit(1);
    atomic_store(&armed, 1);
    for (int i = 0; i < ROWS; i++) {
        struct said s = {.row = i};

        s.rc = act_run(st, cx, ACT_HOUSE, put, talloc_asprintf(cx->mem, "row%d", i));
        if (write(out, &s, sizeof s) != sizeof s)
            _exit(2);
    }
    _exit(0);
}

static int there(struct ctx *cx, void *arg)
{
    int64_t n = 0;
    int rc = db_int(cx, &n, "SELECT count(*) FROM setting WHERE name = ?", "t", (const char *)arg);

    return rc < 0 ? rc : n == 1 ? 0 : E_NOTFOUND;
}

struct tally {
    int acked, refused, code;
    int last_rc;
};

/* Run one case and check: acknowledged rows are there, refused ones are not. */
static struct tally one_case(struct ctx *cx, int on, int err, int after, int times)
{
    struct tally t = {0};
    struct unit_store us;
    int fd[2], status, rcs[ROWS];
    struct said s;
    pid_t pid;

    unit_store_open(&us, cx);
    store_close(us.st);
    assert_ok(pipe(fd));
    atomic_store(&fail_on, on);
    atomic_store(&fail_errno, err);
    atomic_store(&fail_after, after);
    atomic_store(&fail_times, times);
    fflush(NULL);
    if ((pid = fork()) == 0) {
        close(fd[0]);
        child(&us.opts, fd[1]);
    }
    close(fd[1]);
    for (int i = 0; i < ROWS; i++)
        rcs[i] = 1;                     /* no answer */
    while (read(fd[0], &s, sizeof s) == sizeof s) {
        rcs[s.row] = s.rc;
        if (s.rc == 0)
            t.acked++;
        else
            t.refused++;
        t.last_rc = s.rc;
    }
    close(fd[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    t.code = WEXITSTATUS(status);
    assert_ok(store_open(cx, &us.opts, &us.st));
    assert_ok(store_check(cx, us.st));
    for (int i = 0; i < ROWS; i++) {
        int rc = act_run(us.st, cx, ACT_READ, there, talloc_asprintf(cx->mem, "row%d", i));

        if (rcs[i] <= 0)
            assert_int_equal(rc, rcs[i] == 0 ? 0 : E_NOTFOUND);
    }
    unit_store_close(&us);
    return t;
}

static void an_fsync_that_fails_ends_the_program_with_74_and_answers_nobody(void **state)
{
    for (int n = 0; n < 6; n++) {
        struct tally t = one_case(*state, ON_SYNC, EIO, n, 1);

        assert_int_equal(t.code, 74);
        assert_int_equal(t.refused, 0);
        assert_true(t.acked <= n);
    }
}

static void a_full_disk_refuses_and_goes_on_when_there_is_room_again(void **state)
{
    for (int n = 0; n < 24; n++) {
        struct tally t = one_case(*state, ON_WRITE, n % 2 ? ENOSPC : EDQUOT, n, 1);

        assert_int_equal(t.code, 0);
        assert_int_equal(t.acked + t.refused, ROWS);
        assert_true(t.refused <= 1);
        assert_int_equal(t.last_rc == 0 || t.last_rc == E_FULL, 1);
    }
    for (int n = 0; n < 24; n += 5) {
        struct tally t = one_case(*state, ON_WRITE, ENOSPC, n, 1000000);

        assert_int_equal(t.code, 0);
        assert_int_equal(t.acked + t.refused, ROWS);
        assert_true(t.refused > 0);
        assert_int_equal(t.last_rc, E_FULL);
    }
}

static void a_write_error_ends_the_program_with_74(void **state)
{
    for (int n = 0; n < 12; n++) {
        struct tally t = one_case(*state, ON_WRITE, EIO, n, 1);

        assert_int_equal(t.code, 74);
        assert_int_equal(t.refused, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(an_fsync_that_fails_ends_the_program_with_74_and_answers_nobody),
        UNIT(a_full_disk_refuses_and_goes_on_when_there_is_room_again),
        UNIT(a_write_error_ends_the_program_with_74),
    };

    return cmocka_run_group_tests_name("store_fault", tests, NULL, NULL);
}
