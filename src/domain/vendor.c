/* vendor.c -- see vendor.h. */
#include "domain/vendor.h"
#include "domain/access.h"
#include "domain/audit.h"
#include "domain/org.h"
#include "domain/page.h"
#include "store/db.h"

#define INHOUSE_NAME "In-house"

int vendor_make_inhouse(struct ctx *cx, int64_t org)
{
    int rc = db_run(cx,
                    "INSERT INTO vendor (org_id, name, inhouse, created_ms) VALUES (?, ?, 1, ?)",
                    "iti", org, INHOUSE_NAME, cx->now);

    return rc < 0 ? rc : 0;
}

int vendor_add(struct ctx *cx, int64_t org, const char *name, int64_t *id)
{
    const char *clean;
    int rc = org_settle(cx, &org, MAY_MANAGE);

    if (rc < 0 || (rc = name_check(cx, "name", name, &clean)) < 0)
        return rc;
    rc = db_int(cx, id,
                "INSERT INTO vendor (org_id, name, inhouse, created_ms) VALUES (?, ?, 0, ?)"
                " ON CONFLICT (org_id, name) DO NOTHING RETURNING id",
                "iti", org, clean, cx->now);
    if (rc < 0)
        return rc;
    if (rc == 0)
        return fail_at(cx, E_EXISTS, "name", "There is a vendor of this name already.");
    return audit(cx, 0, "vendor.add", *id, "{\"org\":%lld}", (long long)org);
}

int vendor_list(struct ctx *cx, int64_t org, int64_t after, int limit, struct vendor **out, int *n)
{
    struct rows *q;
    int cap = page_rows(limit), rc;

    *n = 0;
    *out = NEW_N(cx, struct vendor, cap);
    if ((rc = org_settle(cx, &org, MAY_READ)) < 0)
        return rc;
    rc = db_query(cx, &q,
                  "SELECT id, name, inhouse, created_ms FROM vendor WHERE org_id = ? AND id > ?"
                  " ORDER BY id LIMIT ?",
                  "iii", org, after, (int64_t)cap);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        (*out)[(*n)++] = (struct vendor){.id = rows_int(q, 0), .org = org,
                                         .name = rows_text_keep(q, 1),
                                         .inhouse = rows_int(q, 2) != 0,
                                         .created = rows_int(q, 3)};
    return rc;
}

int vendor_inhouse(struct ctx *cx, int64_t org, int64_t *id)
{
    int rc = db_int(cx, id, "SELECT MIN(id) FROM vendor WHERE org_id = ? AND inhouse = 1", "i",
                    org);

    if (rc == 0)
        return fail(cx, E_INTERNAL, "organisation %lld has no in-house vendor", (long long)org);
    return rc < 0 ? rc : 0;
}

int vendor_settle(struct ctx *cx, int64_t org, int64_t *id)
{
    int64_t found;
    int rc;

    if (*id == 0)
        return vendor_inhouse(cx, org, id);
    rc = db_int(cx, &found, "SELECT id FROM vendor WHERE id = ? AND org_id = ?", "ii", *id, org);
    if (rc == 0)
        return fail_at(cx, E_INVALID, "vendor", "There is no vendor %lld.", (long long)*id);
    return rc < 0 ? rc : 0;
}
