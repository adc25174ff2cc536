/* migrate.c -- see migrate.h. */
#include "store/migrate.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/str.h"
#include "store/driver.h"

#include <assert.h>

static int have_now(struct ctx *cx, int *have)
{
    int64_t there = 0, n = 0;
    int rc;

    rc = db_int(cx, &there,
                "{lite:SELECT count(*) FROM sqlite_schema WHERE name = 'setting'}"
                "{pg:SELECT count(*) FROM pg_class WHERE oid = to_regclass('setting')}", "");
    if (rc >= 0 && there)
        rc = db_int(cx, &n, "SELECT CAST(value AS BIGINT) FROM setting WHERE name = 'schema'", "");
    if (rc < 0)
        return rc;
    *have = (int)n;
    return 0;
}

int migrate_have(struct ctx *cx, struct db *db, int *have)
{
    int rc;

    if ((rc = db->drv->begin(cx, db, ACT_READ)) < 0)
        return rc;
    db->spoilt = false;
    cx->db = db;
    rc = have_now(cx, have);
    cx->db = NULL;
    db->drv->rollback(db);
    return rc;
}

/* Inside the transaction. */
static int steps(struct ctx *cx, const struct migration *m, int n, int *have)
{
    int last = m[n - 1].n, rc;

    /* On PostgreSQL another node may do the same: one after the other, however long it takes. */
    if (cx->db->pg && ((rc = db_run(cx, "SET LOCAL statement_timeout = 0", "")) < 0 ||
                       (rc = db_run(cx, "SELECT pg_advisory_xact_lock(742001)", "")) < 0))
        return rc;
    if ((rc = have_now(cx, have)) < 0)
        return rc;
    if (*have > last)
        return fail(cx, E_FORBIDDEN, "This database was written by a newer version (schema %d); "
                    "this program knows up to %d.", *have, last);
    for (int i = 0; i < n; i++) {
        assert(m[i].n == i + 1);
        if (m[i].n <= *have)
            continue;
        if ((rc = cx->db->drv->script(cx, cx->db, m[i].sql)) < 0)
            return rc;
        if (*have > 0)
            log_info("schema step=%d", m[i].n);
    }
    if (*have == last)
        return 0;
    rc = db_run(cx, "INSERT INTO setting (name, value) VALUES ('schema', ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value", "t",
                talloc_asprintf(cx->mem, "%d", last));
    *have = last;
    return rc < 0 ? rc : 0;
}

int migrate_run(struct ctx *cx, struct db *db, const struct migration *m, int n, int *have)
{
    int rc;

    if ((rc = db->drv->begin(cx, db, ACT_HOUSE)) < 0)
        return rc;
    db->spoilt = false;
    cx->db = db;
    rc = steps(cx, m, n, have);
    cx->db = NULL;
    if (rc == 0)
        return db->drv->commit(cx, db);
    db->drv->rollback(db);
    return rc;
}

int migrate_clock(struct ctx *cx)
{
    char *high = NULL;
    int64_t ms;
    int rc;

    rc = db_text(cx, &high, "SELECT value FROM setting WHERE name = 'clock_high'", "");
    if (rc < 0)
        return rc;
    if (high && str_int(high, &ms))
        clock_raise(ms);
    rc = db_run(cx, "INSERT INTO setting (name, value) VALUES ('clock_high', ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value", "t",
                talloc_asprintf(cx->mem, "%lld", (long long)clock_now()));
    return rc < 0 ? rc : 0;
}
