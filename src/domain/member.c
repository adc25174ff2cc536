/* member.c -- see member.h. */
#include "domain/member.h"
#include "domain/access.h"
#include "domain/audit.h"
#include "domain/page.h"
#include "domain/session.h"
#include "domain/token.h"
#include "domain/vendor.h"
#include "store/db.h"

static int project_org(struct ctx *cx, int64_t project, int64_t *org)
{
    int rc = db_int(cx, org, "SELECT org_id FROM project WHERE id = ?", "i", project);

    if (rc == 0)
        return fail(cx, E_NOTFOUND, "There is no project %lld.", (long long)project);
    return rc < 0 ? rc : 0;
}

int member_make(struct ctx *cx, int64_t project, int64_t person, int role, int64_t vendor)
{
    int64_t org;
    int rc;

    if ((rc = project_org(cx, project, &org)) < 0 || (rc = vendor_settle(cx, org, &vendor)) < 0)
        return rc;
    rc = db_run(cx,
                "INSERT INTO member (project_id, person_id, role, vendor_id, created_ms)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (project_id, person_id) DO UPDATE"
                " SET role = excluded.role, vendor_id = excluded.vendor_id, ended_ms = NULL",
                "iiiii", project, person, (int64_t)role, vendor, cx->now);
    return rc < 0 ? rc : 0;
}

static int role_check(struct ctx *cx, int role)
{
    if (role >= ROLE_ANNOTATOR && role <= ROLE_OWNER)
        return 0;
    return fail_at(cx, E_INVALID, "role",
                   "The role is one of annotator, reviewer, auditor, manager, owner.");
}

static int outranked(struct ctx *cx)
{
    return fail(cx, E_FORBIDDEN, "You cannot grant or change a role larger than your own.");
}

/* --- reading ------------------------------------------------------------------------------- */

#define COLUMNS                                                                                    \
    "SELECT m.project_id, m.person_id, m.role, m.vendor_id, m.created_ms, m.ended_ms, u.name,"     \
    " u.email, v.name, u.active FROM member m JOIN person u ON u.id = m.person_id"                 \
    " JOIN vendor v ON v.id = m.vendor_id "

static void read_member(struct rows *q, struct member *m)
{
    *m = (struct member){.project = rows_int(q, 0), .person = rows_int(q, 1),
                         .role = (int)rows_int(q, 2), .vendor = rows_int(q, 3),
                         .created = rows_int(q, 4), .ended = rows_int(q, 5),
                         .name = rows_text_keep(q, 6),
                         .email = rows_null(q, 7) ? "" : rows_text_keep(q, 7),
                         .vendor_name = rows_text_keep(q, 8), .active = rows_int(q, 9) != 0};
}

int member_list(struct ctx *cx, int64_t project, bool ended, int64_t after, int limit,
                struct member **out, int *n)
{
    struct access a;
    struct rows *q;
    int cap = page_rows(limit), rc;

    *n = 0;
    *out = NEW_N(cx, struct member, cap);
    if ((rc = access_check(cx, ON_PROJECT, project, MAY_READ, &a)) < 0)
        return rc;
    rc = db_query(cx, &q,
                  COLUMNS "WHERE m.project_id = ? AND m.person_id > ?"
                          " AND (? = 1 OR m.ended_ms IS NULL) AND (? = 1 OR m.person_id = ?)"
                          " ORDER BY m.person_id LIMIT ?",
                  "iiiiii", project, after, (int64_t)ended, (int64_t)a.core, cx->who.person,
                  (int64_t)cap);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        read_member(q, &(*out)[(*n)++]);
    return rc;
}

static int nobody(struct ctx *cx, int64_t person)
{
    return fail(cx, E_NOTFOUND, "Person %lld is not a member of this project.", (long long)person);
}

/* A living membership, whoever asks. */
static int find(struct ctx *cx, int64_t project, int64_t person, struct member *out)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      COLUMNS "WHERE m.project_id = ? AND m.person_id = ? AND m.ended_ms IS NULL",
                      "ii", project, person);

    if (rc < 0 || (rc = rows_next(q)) < 0)
        return rc;
    if (rc == 0)
        return nobody(cx, person);
    read_member(q, out);
    rows_end(q);
    return 0;
}

int member_get(struct ctx *cx, int64_t project, int64_t person, struct member *out)
{
    struct access a;
    int rc = access_check(cx, ON_PROJECT, project, MAY_READ, &a);

    if (rc < 0)
        return rc;
    if (!a.core && person != cx->who.person)
        return nobody(cx, person);
    return find(cx, project, person, out);
}

/* --- changing ------------------------------------------------------------------------------ */

int member_add(struct ctx *cx, int64_t project, int64_t person, int role, int64_t vendor)
{
    struct access a;
    int64_t found, org;
    int rc;

    if ((rc = access_check(cx, ON_PROJECT, project, MAY_MANAGE, &a)) < 0 ||
        (rc = role_check(cx, role)) < 0)
        return rc;
    if (role > a.role)
        return outranked(cx);
    if ((rc = project_org(cx, project, &org)) < 0)
        return rc;
    rc = db_int(cx, &found,
                "SELECT id FROM person WHERE id = ? AND org_id = ? AND kind = 'person'", "ii",
                person, org);
    if (rc == 0)
        return fail_at(cx, E_NOTFOUND, "person", "There is no person %lld.", (long long)person);
    if (rc < 0)
        return rc;
    rc = db_int(cx, &found,
                "SELECT role FROM member WHERE project_id = ? AND person_id = ?"
                " AND ended_ms IS NULL",
                "ii", project, person);
    if (rc > 0)
        return fail_at(cx, E_EXISTS, "person", "Person %lld is a member already.",
                       (long long)person);
    if (rc < 0 || (rc = member_make(cx, project, person, role, vendor)) < 0)
        return rc;
    return audit(cx, project, "member.add", person, "{\"role\":\"%s\"}", role_name(role));
}

/* See the invariant in member.h.  The project's row is locked so that two owners go one by one. */
static int keeps_an_owner(struct ctx *cx, const struct member *m)
{
    int64_t id;
    int rc;

    if (m->role != ROLE_OWNER)
        return 0;
    rc = db_int(cx, &id, "SELECT id FROM project WHERE id = ?{pg: FOR UPDATE}", "i", m->project);
    if (rc < 0)
        return rc;
    rc = db_int(cx, &id,
                "SELECT u.id FROM member m JOIN person u ON u.id = m.person_id"
                " WHERE m.project_id = ? AND m.role = ? AND m.ended_ms IS NULL AND u.active = 1"
                " AND u.id <> ? LIMIT 1",
                "iii", m->project, (int64_t)ROLE_OWNER, m->person);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = db_int(cx, &id,
                "SELECT u.id FROM person u JOIN project p ON p.org_id = u.org_id"
                " WHERE p.id = ? AND u.org_role = ? AND u.active = 1 AND u.kind = 'person' LIMIT 1",
                "ii", m->project, (int64_t)ROLE_OWNER);
    if (rc == 0)
        return fail_at(cx, E_INVALID, "role",
                       "This is the last owner of the project. Make somebody else an owner first.");
    return rc < 0 ? rc : 0;
}

int member_set(struct ctx *cx, int64_t project, int64_t person, int role, int64_t vendor)
{
    struct access a;
    struct member m;
    int64_t org;
    int rc;

    if ((rc = access_check(cx, ON_PROJECT, project, MAY_MANAGE, &a)) < 0 ||
        (rc = find(cx, project, person, &m)) < 0)
        return rc;
    if (role == 0)
        role = m.role;
    if (vendor == 0)
        vendor = m.vendor;
    if ((rc = role_check(cx, role)) < 0)
        return rc;
    if (role > a.role || m.role > a.role)
        return outranked(cx);
    if (role != ROLE_OWNER && (rc = keeps_an_owner(cx, &m)) < 0)
        return rc;
    if ((rc = project_org(cx, project, &org)) < 0 || (rc = vendor_settle(cx, org, &vendor)) < 0)
        return rc;
    rc = db_run(cx,
                "UPDATE member SET role = ?, vendor_id = ? WHERE project_id = ? AND person_id = ?",
                "iiii", (int64_t)role, vendor, project, person);
    if (rc < 0 || (role != m.role && (rc = session_end_all(cx, person, NULL)) < 0))
        return rc;
    return audit(cx, project, "member.set", person, "{\"role\":\"%s\",\"vendor\":%lld}",
                 role_name(role), (long long)vendor);
}

int member_end(struct ctx *cx, int64_t project, int64_t person)
{
    bool self = cx->who.kind == WHO_PERSON && person == cx->who.person;
    struct access a;
    struct member m;
    int rc;

    rc = access_check(cx, ON_PROJECT, project, self ? MAY_READ : MAY_MANAGE, &a);
    if (rc < 0 || (self && (rc = access_scope(cx, SCOPE_WRITE)) < 0) ||
        (rc = find(cx, project, person, &m)) < 0)
        return rc;
    if (m.role > a.role)
        return outranked(cx);
    if ((rc = keeps_an_owner(cx, &m)) < 0)
        return rc;
    rc = db_run(cx, "UPDATE member SET ended_ms = ? WHERE project_id = ? AND person_id = ?", "iii",
                cx->now, project, person);
    return rc < 0 ? rc : audit(cx, project, "member.end", person, NULL);
}
