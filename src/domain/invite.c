/* invite.c -- see invite.h. */
#include "domain/invite.h"
#include "core/id.h"
#include "core/str.h"
#include "domain/access.h"
#include "domain/audit.h"
#include "domain/member.h"
#include "domain/org.h"
#include "domain/page.h"
#include "domain/token.h"
#include "domain/user.h"
#include "domain/vendor.h"
#include "store/db.h"

#define INVITE_CHARS 43

/* May the caller invite there, and to that role?  Settles the organisation. */
static int settle_place(struct ctx *cx, struct invite *v)
{
    struct access a;
    bool project = v->project != 0;
    int rc;

    rc = project ? access_check(cx, ON_PROJECT, v->project, MAY_MANAGE, &a)
                 : access_check(cx, ON_ORG, 0, MAY_MANAGE, &a);
    if (rc < 0)
        return rc;
    if (project)
        rc = db_int(cx, &v->org, "SELECT org_id FROM project WHERE id = ?", "i", v->project);
    else
        rc = org_settle(cx, &v->org, MAY_MANAGE);
    if (rc < 0)
        return rc;
    bool known = v->role >= ROLE_NONE && v->role <= ROLE_OWNER &&
                 (project ? v->role != ROLE_NONE
                          : v->role == ROLE_NONE || v->role >= ROLE_AUDITOR);
    if (!known)
        return fail_at(cx, E_INVALID, "role", project
                       ? "The role is one of annotator, reviewer, auditor, manager, owner."
                       : "In an organisation one is owner, manager, auditor, or none of these.");
    if (v->role > a.role)
        return fail(cx, E_FORBIDDEN, "You cannot invite to a role larger than your own.");
    return 0;
}

int invite_add(struct ctx *cx, const struct invite_new *in, struct invite *out)
{
    uint8_t hash[ID_SHA256_BYTES];
    char *token;
    int64_t open;
    int rc;

    *out = (struct invite){.org = in->org, .project = in->project, .role = in->role,
                           .vendor = in->vendor, .email = "", .created = cx->now,
                           .created_by = cx->who.person, .ends = cx->now + INVITE_MS};
    if ((rc = settle_place(cx, out)) < 0 ||
        (in->email && *in->email && (rc = email_check(cx, in->email, &out->email)) < 0) ||
        (rc = vendor_settle(cx, out->org, &out->vendor)) < 0)
        return rc;
    rc = db_int(cx, &open,
                "SELECT COUNT(*) FROM invitation WHERE org_id = ? AND used_ms IS NULL"
                " AND ends_ms > ?",
                "ii", out->org, cx->now);
    if (rc < 0)
        return rc;
    if (open >= INVITES_OPEN)
        return fail(cx, E_TOOMANY, "There are %d open invitations. Revoke some first.",
                    INVITES_OPEN);
    token = talloc_size(cx->mem, INVITE_CHARS + 1);
    id_base62(token, INVITE_CHARS);
    id_sha256(hash, token, INVITE_CHARS);
    rc = db_int(cx, &out->id,
                "INSERT INTO invitation (org_id, project_id, role, vendor_id, email, hash,"
                " created_by, created_ms, ends_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                "ioiitbiii", out->org, out->project, (int64_t)out->role, out->vendor,
                *out->email ? out->email : NULL, hash, sizeof hash, out->created_by, cx->now,
                out->ends);
    if (rc < 0)
        return rc;
    out->token = token;
    return audit(cx, out->project, "invite.add", out->id, "{\"role\":\"%s\",\"bound\":%s}",
                 role_name(out->role), *out->email ? "true" : "false");
}

/* --- the link ------------------------------------------------------------------------------ */

static int no_such_link(struct ctx *cx)
{
    return fail(cx, E_NOTFOUND,
                "This invitation does not exist, was used, or is over. Ask for a new one.");
}

int invite_look(struct ctx *cx, const char *token, struct invite *out)
{
    uint8_t hash[ID_SHA256_BYTES];
    struct rows *q;
    int rc;

    *out = (struct invite){0};
    if (!token || strnlen(token, INVITE_CHARS + 1) != INVITE_CHARS)
        return no_such_link(cx);
    id_sha256(hash, token, INVITE_CHARS);
    rc = db_query(cx, &q,
                  "SELECT i.id, i.org_id, i.project_id, i.vendor_id, i.role, i.email, i.created_by,"
                  " i.created_ms, i.ends_ms, o.name, p.title FROM invitation i"
                  " JOIN org o ON o.id = i.org_id LEFT JOIN project p ON p.id = i.project_id"
                  " WHERE i.hash = ? AND i.used_ms IS NULL AND i.ends_ms > ?"
                  " AND p.deleted_ms IS NULL",
                  "bi", hash, sizeof hash, cx->now);
    if (rc < 0 || (rc = rows_next(q)) < 0)
        return rc;
    if (rc == 0)
        return no_such_link(cx);
    *out = (struct invite){.id = rows_int(q, 0), .org = rows_int(q, 1), .project = rows_int(q, 2),
                           .vendor = rows_int(q, 3), .role = (int)rows_int(q, 4),
                           .email = rows_null(q, 5) ? "" : rows_text_keep(q, 5),
                           .created_by = rows_int(q, 6), .created = rows_int(q, 7),
                           .ends = rows_int(q, 8), .org_name = rows_text_keep(q, 9),
                           .project_title = rows_null(q, 10) ? NULL : rows_text_keep(q, 10)};
    rows_end(q);
    return 0;
}

/* The rule of "one use": of all who try, one changes the row. */
static int use(struct ctx *cx, const struct invite *v, int64_t person)
{
    int rc = db_run(cx,
                    "UPDATE invitation SET used_ms = ?, used_by = ?"
                    " WHERE id = ? AND used_ms IS NULL AND ends_ms > ?",
                    "iiii", cx->now, person, v->id, cx->now);

    if (rc == 0)
        return no_such_link(cx);
    return rc < 0 ? rc : 0;
}

int invite_accept(struct ctx *cx, const char *token, const struct invite_person *in,
                  int64_t *person)
{
    const char *email = in->email;
    struct invite v;
    int rc = invite_look(cx, token, &v);

    if (rc < 0)
        return rc;
    if (!in->pass_hash)
        return fail_at(cx, E_INVALID, "password", "A password is needed.");
    if (*v.email) {
        if (email && *email && (rc = email_check(cx, email, &email)) < 0)
            return rc;
        if (email && *email && strcmp(email, v.email) != 0)
            return fail_at(cx, E_INVALID, "email", "This invitation is for another address.");
        email = v.email;
    }
    struct user_new u = {.org = v.org, .email = email, .name = in->name,
                         .org_role = v.project ? ROLE_NONE : v.role, .pass_hash = in->pass_hash};
    if ((rc = user_make(cx, &u, person)) < 0 || (rc = use(cx, &v, *person)) < 0)
        return rc;
    if (v.project && (rc = member_make(cx, v.project, *person, v.role, v.vendor)) < 0)
        return rc;
    struct who as = {.kind = WHO_PERSON, .person = *person, .org = v.org};
    return audit_as(cx, &as, v.project, "invite.accept", v.id, "{\"person\":%lld,\"role\":\"%s\"}",
                 (long long)*person, role_name(v.role));
}

int invite_join(struct ctx *cx, const char *token, struct invite *out)
{
    struct user me;
    int64_t role = 0;
    int rc;

    if ((rc = access_check(cx, ON_NOTHING, 0, MAY_LOGIN, NULL)) < 0 ||
        (rc = access_scope(cx, SCOPE_MANAGE)) < 0 || (rc = user_get(cx, cx->who.person, &me)) < 0 ||
        (rc = invite_look(cx, token, out)) < 0)
        return rc;
    if (out->org != me.org || (*out->email && strcmp(out->email, me.email) != 0))
        return no_such_link(cx);
    if (out->project) {
        rc = db_int(cx, &role,
                    "SELECT role FROM member WHERE project_id = ? AND person_id = ?"
                    " AND ended_ms IS NULL",
                    "ii", out->project, me.id);
        if (rc < 0)
            return rc;
    } else {
        role = me.org_role;
    }
    if ((rc > 0 || !out->project) && role >= out->role)
        return fail(cx, E_EXISTS, "You have this role already, or a larger one.");
    if ((rc = use(cx, out, me.id)) < 0)
        return rc;
    rc = out->project ? member_make(cx, out->project, me.id, out->role, out->vendor)
                      : user_grant(cx, me.id, out->role);
    if (rc < 0)
        return rc;
    return audit(cx, out->project, "invite.join", out->id, "{\"person\":%lld,\"role\":\"%s\"}",
                 (long long)me.id, role_name(out->role));
}

/* --- the list ------------------------------------------------------------------------------ */

int invite_list(struct ctx *cx, int64_t org, int64_t project, int64_t after, int limit,
                struct invite **out, int *n)
{
    struct rows *q;
    int cap = page_rows(limit), rc;

    *n = 0;
    *out = NEW_N(cx, struct invite, cap);
    rc = project ? access_check(cx, ON_PROJECT, project, MAY_MANAGE, NULL)
                 : org_settle(cx, &org, MAY_MANAGE);
    if (rc < 0)
        return rc;
    rc = db_query(cx, &q,
                  "SELECT id, org_id, project_id, vendor_id, role, email, created_by, created_ms,"
                  " ends_ms, used_ms, used_by FROM invitation"
                  " WHERE ((? = 0 AND project_id IS NULL AND org_id = ?) OR project_id = ?)"
                  " AND id > ? ORDER BY id LIMIT ?",
                  "iiiii", project, org, project, after, (int64_t)cap);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        (*out)[(*n)++] = (struct invite){
            .id = rows_int(q, 0), .org = rows_int(q, 1), .project = rows_int(q, 2),
            .vendor = rows_int(q, 3), .role = (int)rows_int(q, 4),
            .email = rows_null(q, 5) ? "" : rows_text_keep(q, 5), .created_by = rows_int(q, 6),
            .created = rows_int(q, 7), .ends = rows_int(q, 8), .used = rows_int(q, 9),
            .used_by = rows_int(q, 10)};
    return rc;
}

int invite_revoke(struct ctx *cx, int64_t id)
{
    int64_t project, org, used_by;
    struct rows *q;
    int rc;

    if ((rc = access_check(cx, ON_NOTHING, 0, MAY_LOGIN, NULL)) < 0 ||
        (rc = db_query(cx, &q, "SELECT project_id, org_id, used_by FROM invitation WHERE id = ?",
                       "i", id)) < 0 ||
        (rc = rows_next(q)) < 0)
        return rc;
    if (rc == 0)
        return fail(cx, E_NOTFOUND, "There is no invitation %lld.", (long long)id);
    project = rows_int(q, 0);
    org = rows_int(q, 1);
    used_by = rows_int(q, 2);
    rows_end(q);
    rc = project ? access_check(cx, ON_PROJECT, project, MAY_MANAGE, NULL)
                 : org_settle(cx, &org, MAY_MANAGE);
    if (rc == E_NOTFOUND)
        return fail(cx, E_NOTFOUND, "There is no invitation %lld.", (long long)id);
    if (rc < 0)
        return rc;
    if (used_by)
        return fail(cx, E_EXISTS, "This invitation was used; end the membership instead.");
    rc = db_run(cx, "UPDATE invitation SET used_ms = ? WHERE id = ? AND used_ms IS NULL", "ii",
                cx->now, id);
    return rc <= 0 ? rc : audit(cx, project, "invite.revoke", id, NULL);
}
