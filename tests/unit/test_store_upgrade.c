/* test_store_upgrade.c -- a program that knows one step more than its database (own steps). */
#include "unit.h"
#include "unit_store.h"

#include "store/act.h"
#include "store/db.h"
#include "store/driver.h"
#include "store/migrate.h"

const struct migration migrations[] = {
    {1, "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);"
        "CREATE TABLE fruit (id {id}, name TEXT);"
        "INSERT INTO fruit (name) VALUES ('apple');"},
    {2, "ALTER TABLE fruit ADD COLUMN sweet BIGINT NOT NULL DEFAULT 1;"},
};
const int nmigrations = 2;

static int sweetness(struct ctx *cx, void *arg)
{
    int rc = db_int(cx, arg, "SELECT sweet FROM fruit WHERE name = 'apple'", "");

    return rc < 0 ? rc : 0;
}

static void old_database(struct ctx *cx, struct unit_store *us)
{
    struct db *db;
    int have;

    unit_store_place(us);
    if (unit_pg())
        assert_ok(pg_open(cx, us->database, false, &db));
    else
        assert_ok(lite_open(cx, talloc_asprintf(cx->mem, "%s/annotary.db", us->dir), false, &db));
    assert_ok(migrate_run(cx, db, migrations, 1, &have));
    assert_int_equal(have, 1);
    db->drv->close(db);
}

static void an_upgrade_makes_a_backup_first_and_keeps_the_rows(void **state)
{
    struct ctx *cx = *state;
    struct unit_store us;
    int64_t sweet = 0;
    struct db *db;
    int have;

    old_database(cx, &us);
    us.opts.create = false;
    if (!unit_pg())
        us.opts.exclusive = true;
    assert_ok(store_open(cx, &us.opts, &us.st));
    assert_int_equal(store_schema(us.st), 2);
    assert_ok(act_run(us.st, cx, ACT_READ, sweetness, &sweet));
    assert_int_equal(sweet, 1);
    if (!unit_pg()) {
        char *copy = talloc_asprintf(cx->mem, "%s/backups/before-2.db", us.dir);

        assert_ok(lite_open(cx, copy, true, &db));
        assert_ok(migrate_have(cx, db, &have));
        assert_int_equal(have, 1);
        db->drv->close(db);
    }
    unit_store_close(&us);
}

static void an_upgrade_is_refused_while_another_process_is_at_work(void **state)
{
    struct ctx *cx = *state;
    struct unit_store us;
    struct store *st = NULL;
    char *lock;
    FILE *f;

    if (unit_pg())
        skip();
    old_database(cx, &us);
    lock = talloc_asprintf(cx->mem, "%s/annotary.lock", us.dir);
    f = popen(talloc_asprintf(cx->mem, "flock -s %s sh -c 'echo held; sleep 1'", lock), "r");
    assert_non_null(f);
    assert_int_equal(fgetc(f), 'h');
    assert_int_equal(store_open(cx, &us.opts, &st), E_FORBIDDEN);
    assert_says(cx, "Stop all of them");
    pclose(f);
    assert_ok(store_open(cx, &us.opts, &us.st));
    unit_store_close(&us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(an_upgrade_makes_a_backup_first_and_keeps_the_rows),
        UNIT(an_upgrade_is_refused_while_another_process_is_at_work),
    };

    return cmocka_run_group_tests_name("store_upgrade", tests, NULL, NULL);
}
