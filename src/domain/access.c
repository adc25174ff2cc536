/*
 * access.c -- see access.h.
 *
 * One query finds the project of an object, the caller's membership there and
 * the vendor.  The LEFT JOIN keeps projects in which the caller is nobody, so
 * that an owner of the organisation is found by the same statement.
 */
#include "domain/access.h"
#include "domain/page.h"
#include "domain/token.h"
#include "store/db.h"

/* What stands between "which object" and "may they". */
struct place {
    int64_t project, org, vendor, holder;
    int role;               /* in the project */
};

#define PLACE(holder, from)                                                                        \
    "SELECT p.id, p.org_id, COALESCE(m.role, 0), COALESCE(m.vendor_id,"                            \
    " (SELECT MIN(v.id) FROM vendor v WHERE v.org_id = p.org_id AND v.inhouse = 1)), " holder      \
    " FROM " from " LEFT JOIN member m ON m.project_id = p.id AND m.person_id = ?"                 \
    " AND m.ended_ms IS NULL"
#define VIA(table) table " x JOIN project p ON p.id = x.project_id AND p.deleted_ms IS NULL"

static const char *const place_sql[] = {
    [ON_PROJECT] = PLACE("0", "project p") " WHERE p.id = ? AND p.deleted_ms IS NULL",
    [ON_TASK] = PLACE("0", VIA("task")) " WHERE x.id = ?",
    [ON_ANNOTATION] = PLACE("0", VIA("annotation")) " WHERE x.id = ?",
    [ON_PREDICTION] = PLACE("0", VIA("prediction")) " WHERE x.id = ?",
    [ON_LEASE] = PLACE("x.person_id", VIA("lease")) " WHERE x.id = ?",
    [ON_JOB] = PLACE("0", VIA("job")) " WHERE x.id = ?",
    [ON_IMPORT] = PLACE("0", VIA("import")) " WHERE x.id = ?",
    [ON_VIEW] = PLACE("0", VIA("view")) " WHERE x.id = ?",
    [ON_COMMENT] = PLACE("0", VIA("comment")) " WHERE x.id = ?",
    [ON_UPLOAD] = PLACE("0", VIA("file_upload")) " WHERE x.id = ?",
};

static const char *const object_words[] = {
    [ON_PROJECT] = "project", [ON_TASK] = "task",   [ON_ANNOTATION] = "annotation",
    [ON_PREDICTION] = "prediction", [ON_LEASE] = "lease", [ON_JOB] = "job",
    [ON_IMPORT] = "import", [ON_COMMENT] = "comment", [ON_UPLOAD] = "uploaded file",
    [ON_VIEW] = "view",
};

/* Whoever was at work on a task that is in the bin is told so (bin.h: its number is below zero). */
static int is_deleted(struct ctx *cx, enum object on, int64_t lease)
{
    int64_t one;

    return on != ON_LEASE ? 0
         : db_int(cx, &one, "SELECT 1 FROM lease WHERE id = ? AND project_id < 0"
                            " AND person_id = ?", "ii", lease, cx->who.person);
}

static int not_found(struct ctx *cx, enum object on, int64_t id)
{
    int gone = is_deleted(cx, on, id);

    if (gone < 0)
        return gone;
    if (gone)
        return fail(cx, E_NOTFOUND, "This task was deleted."
                                    " If the deletion is undone, it comes back with your draft.");
    return fail(cx, E_NOTFOUND, "There is no %s %lld.", object_words[on], (long long)id);
}

/* The table of access.h, one row a level. */
static bool allows(enum level level, int role)
{
    switch (level) {
    case MAY_PUBLIC:
        return true;
    case MAY_LOGIN:
    case MAY_READ:
        return role != ROLE_NONE;
    case MAY_WORK:
        return role != ROLE_NONE && role != ROLE_AUDITOR;
    case MAY_REVIEW:
        return role == ROLE_REVIEWER || role >= ROLE_MANAGER;
    case MAY_AUDIT:
        return role >= ROLE_AUDITOR;
    case MAY_MANAGE:
        return role >= ROLE_MANAGER;
    case MAY_OWN:
        return role == ROLE_OWNER;
    case MAY_SEE:
        return role >= ROLE_REVIEWER;
    }
    return false;
}

static uint32_t scope_of(enum level level)
{
    switch (level) {
    case MAY_MANAGE:
    case MAY_OWN:
        return SCOPE_MANAGE;
    case MAY_WORK:
    case MAY_REVIEW:
        return SCOPE_WRITE;
    default:
        return SCOPE_READ;
    }
}

int access_scope(struct ctx *cx, uint32_t need)
{
    if (cx->who.kind != WHO_PERSON || (cx->who.scopes & need) == need)
        return 0;
    return fail(cx, E_FORBIDDEN, "This key may not do that: it lacks the scope \"%s\".",
                need & SCOPE_MANAGE & ~cx->who.scopes ? "manage"
                : need & SCOPE_WRITE & ~cx->who.scopes ? "write" : "read");
}

/* Only owner, manager and auditor mean something on the organisation. */
static int role_in_org(const struct ctx *cx)
{
    return cx->who.org_role >= ROLE_AUDITOR ? cx->who.org_role : ROLE_NONE;
}

static int too_small(struct ctx *cx, int role)
{
    if (role == ROLE_NONE)
        return fail(cx, E_FORBIDDEN, "You have no role in the organisation that allows this.");
    return fail(cx, E_FORBIDDEN, "Your role (%s) does not allow this.", role_name(role));
}

static int on_org(struct ctx *cx, enum level level, struct access *out)
{
    int role = cx->who.kind == WHO_SYSTEM ? ROLE_OWNER : role_in_org(cx);
    int rc;

    if (level == MAY_WORK || level == MAY_REVIEW || !allows(level, role)) {
        if (cx->who.kind != WHO_SYSTEM && level != MAY_LOGIN)
            return too_small(cx, role);
    }
    out->role = role;
    out->core = role >= ROLE_AUDITOR;
    if (cx->who.org != 0) {
        rc = db_int(cx, &out->vendor,
                    "SELECT MIN(id) FROM vendor WHERE org_id = ? AND inhouse = 1", "i",
                    cx->who.org);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int find_place(struct ctx *cx, enum object on, int64_t id, struct place *pl)
{
    struct rows *q;
    int rc = db_query(cx, &q, place_sql[on], "ii", cx->who.person, id);

    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) < 0)
        return rc;
    if (rc == 0)
        return not_found(cx, on, id);
    *pl = (struct place){.project = rows_int(q, 0), .org = rows_int(q, 1),
                         .role = (int)rows_int(q, 2), .vendor = rows_int(q, 3),
                         .holder = rows_int(q, 4)};
    rows_end(q);
    return 0;
}

int access_check(struct ctx *cx, enum object on, int64_t id, enum level level, struct access *out)
{
    struct access unused;
    struct place pl = {0};
    int rc;

    if (!out)
        out = &unused;
    *out = (struct access){0};
    if (level == MAY_PUBLIC)
        return 0;
    if (cx->who.kind == WHO_NOBODY)
        return fail(cx, E_UNAUTH, "Log in first.");
    if ((rc = access_scope(cx, scope_of(level))) < 0)
        return rc;
    if (on == ON_NOTHING || on == ON_ORG)
        return on_org(cx, level, out);
    if ((rc = find_place(cx, on, id, &pl)) < 0)
        return rc;

    bool system = cx->who.kind == WHO_SYSTEM;
    int org_role = system ? ROLE_OWNER
                   : pl.org == cx->who.org ? role_in_org(cx) : ROLE_NONE;
    int role = system || pl.org == cx->who.org ? pl.role : ROLE_NONE;

    out->project = pl.project;
    out->vendor = pl.vendor;
    out->role = role > org_role ? role : org_role;
    out->core = out->role >= ROLE_AUDITOR;
    if (out->role == ROLE_NONE)
        return not_found(cx, on, id);
    if (on == ON_LEASE && level == MAY_WORK && !system && pl.holder != cx->who.person)
        return not_found(cx, on, id);
    /* Either role is enough: an auditor of the organisation may also annotate in one project. */
    if (!allows(level, role) && !allows(level, org_role))
        return too_small(cx, out->role);
    return 0;
}

int access_projects(struct ctx *cx, int64_t after, int limit, int64_t **out, int *n)
{
    struct rows *q;
    int cap = page_rows(limit), rc;

    *n = 0;
    *out = NEW_N(cx, int64_t, cap);
    if (cx->who.kind == WHO_NOBODY)
        return fail(cx, E_UNAUTH, "Log in first.");
    rc = db_query(cx, &q,
                  "SELECT p.id FROM project p WHERE p.id > ? AND " ACCESS_SEES
                  " ORDER BY p.id LIMIT ?",
                  "i" ACCESS_SEES_FMT "i", after, ACCESS_SEES_ARGS(cx), (int64_t)cap);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        (*out)[(*n)++] = rows_int(q, 0);
    return rc;
}

static const char *const role_words[] = {
    [ROLE_NONE] = "none", [ROLE_ANNOTATOR] = "annotator", [ROLE_REVIEWER] = "reviewer",
    [ROLE_AUDITOR] = "auditor", [ROLE_MANAGER] = "manager", [ROLE_OWNER] = "owner",
};

const char *role_name(int role)
{
    return role < ROLE_NONE || role > ROLE_OWNER ? "none" : role_words[role];
}

int role_parse(const char *name)
{
    for (int r = ROLE_ANNOTATOR; name && r <= ROLE_OWNER; r++)
        if (!strcmp(role_words[r], name))
            return r;
    return ROLE_NONE;
}
