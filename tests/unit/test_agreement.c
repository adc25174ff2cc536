/* test_agreement.c -- sums of agreement follow the rows, whatever comes and goes. */
#include "unit.h"
#include "unit_store.h"

#include <math.h>

#include "domain/agreement.h"
#include "domain/tally.h"
#include "domain/task_set.h"
#include "store/act.h"
#include "store/db.h"
#include "store/driver.h"
#include "store/migrate.h"

#define PROJECT 7
#define PEOPLE 5
#define MANY 300

static struct unit_store us;

struct step {
    int64_t task[20];
    int n;
    struct rng *rng;
    int64_t wrong;
    struct agreement_summary sum;
    struct agreement_pair *pair;
    int npair;
    struct pace *pace;
    int npace;
    int64_t due;
    const char *sql;
};

static double some_value(struct rng *rng)
{
    static const double edge[] = {0, 1, 0.1, 0.3, 0.7, 1.0 / 3, 0.999999999};
    uint64_t k = rng_below(rng, 14);

    return k < 7 ? edge[k] : (double)rng_below(rng, 1000001) / 1e6;
}

/* These tasks are settled anew: their rows go, and some come back. */
static int settle(struct ctx *cx, void *arg)
{
    struct step *s = arg;
    struct agreement_change c;
    int rc;

    agreement_begin(&c, cx, PROJECT);
    if ((rc = agreement_forget(&c, tasks_of(cx, s->task, s->n))) < 0)
        return rc;
    for (int i = 0; i < s->n && rc >= 0; i++) {
        int n = 2 + (int)rng_below(s->rng, PEOPLE - 1);
        int64_t person[PEOPLE];
        double pair[PEOPLE * PEOPLE];

        if (rng_below(s->rng, 4) == 0)
            continue;
        for (int k = 0; k < n; k++)
            person[k] = 11 + (k * 3 + (int)s->task[i]) % PEOPLE;
        for (int k = 0; k < n * n; k++)
            pair[k] = some_value(s->rng);
        const struct agreed a = {some_value(s->rng), (int64_t)rng_below(s->rng, 1000000000),
                                 rng_below(s->rng, 3) == 0};

        rc = agreement_put(&c, s->task[i], &a, person, pair, n);
    }
    return rc < 0 ? rc : agreement_end(&c);
}

/* Somebody rules on a task, or takes a ruling back; of a task without agreement nothing changes. */
static int judge(struct ctx *cx, void *arg)
{
    struct step *s = arg;

    for (int i = 0; i < s->n; i++) {
        int rc = agreement_rule(cx, PROJECT, s->task[i], rng_below(s->rng, 2));

        if (rc < 0)
            return rc;
    }
    return 0;
}

static int look(struct ctx *cx, void *arg)
{
    struct step *s = arg;
    int rc;

    if ((rc = agreement_verify(cx, PROJECT, &s->wrong)) < 0 ||
        (rc = agreement_sum(cx, PROJECT, &s->sum)) < 0)
        return rc;
    return agreement_pairs(cx, PROJECT, &s->pair, &s->npair);
}

static int run_sql(struct ctx *cx, void *arg)
{
    return db_run(cx, ((struct step *)arg)->sql, "");
}

static int from_rows(struct ctx *cx, void *arg)
{
    struct step *s = arg;
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT COUNT(*), COALESCE(AVG(value), -1) FROM agreement"
                              " WHERE project_id = ?", "i", (int64_t)PROJECT);

    if (rc < 0 || (rc = rows_next(q)) < 0)
        return rc;
    s->sum.tasks = rows_int(q, 0);
    s->sum.mean = rows_num(q, 1);
    return 0;
}

static void sums_follow_the_rows_whatever_comes_and_goes(void **state)
{
    struct ctx *cx = *state;
    struct rng rng = {5};
    struct step s = {.rng = &rng}, t = {.rng = &rng};

    unit_store_open(&us, cx);
    for (int round = 0; round < 60; round++) {
        int64_t first = 1 + (int64_t)rng_below(&rng, MANY);

        s.n = 1 + (int)rng_below(&rng, 20);
        for (int i = 0; i < s.n; i++)
            s.task[i] = first + i;
        assert_ok(act_run(us.st, cx, ACT_HOUSE, settle, &s));
        assert_ok(act_run(us.st, cx, ACT_HOUSE, judge, &s));
        assert_ok(act_run(us.st, cx, ACT_READ, look, &s));
        assert_int_equal(s.wrong, 0);
    }
    assert_ok(act_run(us.st, cx, ACT_READ, from_rows, &t));
    assert_true(t.sum.tasks > 50);
    assert_int_equal(s.sum.tasks, t.sum.tasks);
    assert_true(fabs(s.sum.mean - t.sum.mean) < 1e-8);
    assert_int_equal(s.npair, PEOPLE * (PEOPLE - 1) / 2);
    int64_t binned = 0, below = 0;
    for (int i = 0; i < 10; i++) {
        binned += s.sum.histogram[i];
        below += i < 8 ? s.sum.histogram[i] : 0;
    }
    assert_int_equal(binned, s.sum.tasks);
    assert_int_equal(s.sum.disputed + s.sum.ruled, below);
    assert_true(s.sum.disputed > 0 && s.sum.ruled > 0);

    t.sql = "UPDATE agreement_pair_sum SET billionths = billionths + 1000000 WHERE a_person = 11";
    assert_true(act_run(us.st, cx, ACT_HOUSE, run_sql, &t) >= 0);
    t.sql = "UPDATE agreement_sum SET tasks = tasks + 1 WHERE tenth = 9";
    assert_true(act_run(us.st, cx, ACT_HOUSE, run_sql, &t) >= 0);
    assert_ok(act_run(us.st, cx, ACT_READ, look, &s));
    assert_int_equal(s.wrong, PEOPLE);          /* four pairs of one person, and a tenth */
    unit_store_close(&us);
}

static int look_at_tally(struct ctx *cx, void *arg)
{
    struct step *s = arg;
    int rc;

    if ((rc = tally_verify(cx, PROJECT, &s->wrong)) < 0 ||
        (rc = tally_pace(cx, PROJECT, 0, &s->pace, &s->npace)) < 0)
        return rc;
    rc = db_int(cx, &s->due, "SELECT COUNT(*) FROM slot WHERE settle_ms > 0", "");
    return rc < 0 ? rc : 0;
}

static void an_upgrade_adds_up_what_was_there(void **state)
{
    struct ctx *cx = *state;
    struct step s = {0};
    struct db *db;
    int have;

    unit_store_place(&us);
    if (unit_pg())
        assert_ok(pg_open(cx, us.database, false, &db));
    else
        assert_ok(lite_open(cx, talloc_asprintf(cx->mem, "%s/annotary.db", us.dir), false, &db));
    assert_ok(migrate_run(cx, db, migrations, 1, &have));
    assert_ok(db->drv->script(cx, db,
        "INSERT INTO agreement(project_id, task_id, value, pairs, computed_ms)"
        " VALUES(7, 1, 1, 1, 0), (7, 2, 0.25, 1, 0), (7, 3, 0.95, 1, 0), (8, 4, 0.5, 1, 0);"
        "INSERT INTO agreement_pair(project_id, task_id, a_person, b_person, value)"
        " VALUES(7, 1, 11, 12, 1), (7, 2, 11, 12, 0.25), (7, 3, 12, 13, 0.95),"
        " (8, 4, 11, 12, 0.5);"
        "INSERT INTO annotation(project_id, task_id, person_id, n, counted, origin, lead_ms,"
        " created_ms, updated_ms, withdrawn_ms) VALUES(7, 1, 11, 1, 1, 'human', 500, 9000000, 0,"
        " NULL), (7, 1, 12, 1, 1, 'api', 700, 9000001, 0, NULL), (7, 2, 11, 1, 1, 'import', 9,"
        " 9000000, 0, NULL), (7, 2, 12, 1, 1, 'human', 9, 9000000, 0, 9000005);"
        "INSERT INTO slot(project_id, task_id, lane, ord, required, answered, open)"
        " VALUES(7, 1, 0, 1, 2, 2, 0), (7, 2, 0, 2, 2, 1, 1);"
        "INSERT INTO org(name, created_ms) VALUES('old', 0);"
        "INSERT INTO project(id, org_id, title, index_key, created_ms, updated_ms)"
        " SELECT 7, MIN(id), 'old', CAST('k' AS {bytes}), 0, 0 FROM org;"));
    db->drv->close(db);
    assert_ok(store_open(cx, &us.opts, &us.st));
    assert_int_equal(store_schema(us.st), nmigrations);
    assert_ok(act_run(us.st, cx, ACT_READ, look, &s));
    assert_int_equal(s.wrong, 0);
    assert_int_equal(s.sum.tasks, 3);
    assert_int_equal(s.sum.histogram[2], 1);
    assert_int_equal(s.sum.histogram[9], 2);
    assert_true(fabs(s.sum.mean - 2.2 / 3) < 1e-9);
    assert_int_equal(s.npair, 2);
    assert_int_equal(s.pair[0].n, 2);
    assert_true(fabs(s.pair[0].mean - 0.625) < 1e-9);
    assert_int_equal(s.sum.disputed, 1);
    assert_ok(act_run(us.st, cx, ACT_READ, look_at_tally, &s));
    assert_int_equal(s.wrong, 0);
    assert_int_equal(s.npace, 1);
    assert_int_equal(s.pace[0].half, 5);
    assert_int_equal(s.pace[0].answers, 2);
    assert_int_equal(s.pace[0].active_ms, 1200);
    assert_int_equal(s.due, 1);                 /* the complete task is settled once more */
    unit_store_close(&us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(sums_follow_the_rows_whatever_comes_and_goes),
        UNIT(an_upgrade_adds_up_what_was_there),
    };

    return cmocka_run_group_tests_name("agreement", tests, NULL, NULL);
}
