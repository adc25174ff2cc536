/* user.c -- see user.h. */
#include "domain/user.h"
#include "core/json.h"
#include "core/str.h"
#include "domain/access.h"
#include "domain/audit.h"
#include "domain/org.h"
#include "domain/page.h"
#include "domain/session.h"
#include "domain/token.h"
#include "store/db.h"

#define PREFS_MAX 65536

static bool is_domain_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           (unsigned char)c >= 0x80;
}

/* Enough to catch a typing error; whether the address exists, only a letter can tell. */
static bool looks_like_email(const char *s)
{
    const char *at = strrchr(s, '@');

    if (!at || at == s || at - s > 64 || strchr(s, '@') != at || !at[1])
        return false;
    for (const char *p = s; p < at; p++)
        if ((unsigned char)*p <= 0x20 || *p == 0x7f || strchr("\"(),:;<>[\\]", *p))
            return false;
    if (s[0] == '.' || at[-1] == '.' || strstr(s, "..") || at[1] == '.' || at[1] == '-')
        return false;
    for (const char *p = at + 1; *p; p++)
        if (!is_domain_char(*p))
            return false;
    return s[strlen(s) - 1] != '.' && s[strlen(s) - 1] != '-';
}

int email_check(struct ctx *cx, const char *email, const char **clean)
{
    char *s = email ? str_lower(cx, str_trim(cx, email)) : NULL;

    if (!s || !*s)
        return fail_at(cx, E_INVALID, "email", "An e-mail address is needed.");
    if (strlen(s) > EMAIL_MAX)
        return fail_at(cx, E_INVALID, "email", "An e-mail address has at most %d characters.",
                       EMAIL_MAX);
    if (!utf8_valid(s, strlen(s)) || !looks_like_email(s))
        return fail_at(cx, E_INVALID, "email", "This is not an e-mail address.");
    *clean = s;
    return 0;
}

static int org_role_check(struct ctx *cx, int role)
{
    if (role == ROLE_NONE || role == ROLE_AUDITOR || role == ROLE_MANAGER || role == ROLE_OWNER)
        return 0;
    return fail_at(cx, E_INVALID, "org_role",
                   "In an organisation one is owner, manager, auditor, or none of these.");
}

int user_make(struct ctx *cx, const struct user_new *in, int64_t *id)
{
    const char *email, *name;
    int rc;

    if ((rc = email_check(cx, in->email, &email)) < 0 ||
        (rc = name_check(cx, "name", in->name, &name)) < 0 ||
        (rc = org_role_check(cx, in->org_role)) < 0)
        return rc;
    rc = db_int(cx, id,
                "INSERT INTO person (org_id, kind, email, name, pass_hash, org_role, created_ms)"
                " VALUES (?, 'person', ?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING RETURNING id",
                "itttii", in->org, email, name, in->pass_hash, (int64_t)in->org_role, cx->now);
    if (rc == 0)
        return fail_at(cx, E_EXISTS, "email", "Somebody with this e-mail address is here already.");
    return rc < 0 ? rc : 0;
}

int user_add(struct ctx *cx, const struct user_new *in, int64_t *id)
{
    struct user_new u = *in;
    int rc = org_settle(cx, &u.org, MAY_OWN);

    if (rc < 0 || (rc = user_make(cx, &u, id)) < 0)
        return rc;
    return audit(cx, 0, "user.add", *id, "{\"org\":%lld,\"role\":\"%s\"}", (long long)u.org,
                 role_name(u.org_role));
}

/* --- reading ------------------------------------------------------------------------------- */

#define COLUMNS                                                                                    \
    "SELECT p.id, p.org_id, p.created_ms, p.name, p.email, p.prefs, p.org_role, p.external_of,"    \
    " p.active FROM person p "

/* Oneself; everybody of one's organisation as one of its readers; everybody for the machine. */
#define SEEN " AND (? = 1 OR (p.org_id = ? AND (? = 1 OR p.id = ?)))"
#define SEEN_FMT "iiii"
#define SEEN_ARGS(cx)                                                                              \
    (int64_t)((cx)->who.kind == WHO_SYSTEM), (cx)->who.org,                                        \
        (int64_t)((cx)->who.org_role >= ROLE_AUDITOR), (cx)->who.person

static void read_user(struct rows *q, struct user *u)
{
    *u = (struct user){.id = rows_int(q, 0), .org = rows_int(q, 1), .created = rows_int(q, 2),
                       .name = rows_text_keep(q, 3),
                       .email = rows_null(q, 4) ? "" : rows_text_keep(q, 4),
                       .prefs = rows_text_keep(q, 5), .org_role = (int)rows_int(q, 6),
                       .external_of = rows_int(q, 7), .active = rows_int(q, 8) != 0};
}

static int one_user(struct ctx *cx, struct rows *q, struct user *out)
{
    int rc = rows_next(q);

    if (rc == 0)
        return fail(cx, E_NOTFOUND, "There is no such person.");
    if (rc < 0)
        return rc;
    read_user(q, out);
    rows_end(q);
    return 0;
}

int user_get(struct ctx *cx, int64_t id, struct user *out)
{
    struct rows *q;
    int rc = access_check(cx, ON_NOTHING, 0, MAY_LOGIN, NULL);

    if (rc < 0)
        return rc;
    rc = db_query(cx, &q, COLUMNS "WHERE p.id = ?" SEEN, "i" SEEN_FMT, id, SEEN_ARGS(cx));
    return rc < 0 ? rc : one_user(cx, q, out);
}

int user_by_email(struct ctx *cx, const char *email, struct user *out)
{
    struct rows *q;
    const char *clean;
    int rc;

    if ((rc = access_check(cx, ON_NOTHING, 0, MAY_LOGIN, NULL)) < 0 ||
        (rc = email_check(cx, email, &clean)) < 0)
        return rc;
    rc = db_query(cx, &q, COLUMNS "WHERE p.email = ?" SEEN, "t" SEEN_FMT, clean, SEEN_ARGS(cx));
    return rc < 0 ? rc : one_user(cx, q, out);
}

int user_list(struct ctx *cx, int64_t org, int64_t after, int limit, struct user **out, int *n)
{
    struct rows *q;
    int cap = page_rows(limit), rc;

    *n = 0;
    *out = NEW_N(cx, struct user, cap);
    if ((rc = org_settle(cx, &org, MAY_READ)) < 0)
        return rc;
    rc = db_query(cx, &q,
                  COLUMNS "WHERE p.org_id = ? AND p.kind = 'person' AND p.id > ? ORDER BY p.id"
                          " LIMIT ?",
                  "iii", org, after, (int64_t)cap);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        read_user(q, &(*out)[(*n)++]);
    return rc;
}

/* --- changing ------------------------------------------------------------------------------ */

/*
 * Would the organisation lose its last active owner?  Locking its row first
 * makes two owners who remove each other at once go one after the other.
 */
static int keeps_an_owner(struct ctx *cx, const struct user *u)
{
    int64_t id;
    int rc;

    if (u->org_role != ROLE_OWNER || !u->active)
        return 0;
    if ((rc = db_int(cx, &id, "SELECT id FROM org WHERE id = ?{pg: FOR UPDATE}", "i", u->org)) < 0)
        return rc;
    rc = db_int(cx, &id,
                "SELECT id FROM person WHERE org_id = ? AND org_role = ? AND active = 1 AND id <> ?"
                " AND kind = 'person' LIMIT 1",
                "iii", u->org, (int64_t)ROLE_OWNER, u->id);
    if (rc == 0)
        return fail_at(cx, E_INVALID, "org_role",
                       "This is the last owner. Make somebody else an owner first.");
    return rc < 0 ? rc : 0;
}

static int check_set(struct ctx *cx, const struct user_set *in, const char **name)
{
    json_t *v;
    int rc;

    if (in->name && (rc = name_check(cx, "name", in->name, name)) < 0)
        return rc;
    if (in->org_role >= 0 && (rc = org_role_check(cx, in->org_role)) < 0)
        return rc;
    if (in->prefs) {
        if (strlen(in->prefs) > PREFS_MAX)
            return fail_at(cx, E_INVALID, "prefs", "Preferences may have at most %d bytes.",
                           PREFS_MAX);
        if ((rc = json_read(cx, in->prefs, strlen(in->prefs), &v)) < 0)
            return rc;
        if (!json_is_object(v))
            return fail_at(cx, E_INVALID, "prefs", "Preferences must be a JSON object.");
    }
    return 0;
}

int user_set(struct ctx *cx, int64_t id, const struct user_set *in)
{
    const char *name = NULL;
    struct user u;
    int rc;

    /* user_get says E_NOTFOUND where the caller may not know that there is such a person. */
    if ((rc = access_scope(cx, SCOPE_WRITE)) < 0 || (rc = user_get(cx, id, &u)) < 0)
        return rc;
    bool self = cx->who.kind == WHO_PERSON && id == cx->who.person;
    bool rights = in->active >= 0 || in->org_role >= 0;
    if ((!self || rights) && (rc = access_check(cx, ON_ORG, 0, MAY_OWN, NULL)) < 0)
        return rc;
    if ((rc = check_set(cx, in, &name)) < 0)
        return rc;
    int role = in->org_role < 0 ? u.org_role : in->org_role;
    bool active = in->active < 0 ? u.active : in->active != 0;
    if ((role != ROLE_OWNER || !active) && (rc = keeps_an_owner(cx, &u)) < 0)
        return rc;
    /* Only what was asked for is written: somebody else may be changing the rest. */
    rc = db_run(cx,
                "UPDATE person SET name = COALESCE(?, name), prefs = COALESCE(?, prefs),"
                " org_role = CASE WHEN ? >= 0 THEN ? ELSE org_role END,"
                " active = CASE WHEN ? >= 0 THEN ? ELSE active END WHERE id = ?",
                "ttiiiii", name, in->prefs, (int64_t)in->org_role, (int64_t)in->org_role,
                (int64_t)in->active, (int64_t)(in->active > 0), id);
    if (rc < 0)
        return rc;
    if ((role != u.org_role || active != u.active) &&
        (rc = session_end_all(cx, id, NULL)) < 0)
        return rc;
    return audit(cx, 0, "user.set", id, "{\"org\":%lld,\"role\":\"%s\",\"active\":%s}",
                 (long long)u.org, role_name(role), active ? "true" : "false");
}

int user_password(struct ctx *cx, int64_t person, const char *seen_hash, const char *new_hash,
                  const char *keep_cookie)
{
    struct user u;
    int rc = user_get(cx, person, &u);

    if (rc < 0)
        return rc;
    bool system = cx->who.kind == WHO_SYSTEM;
    if (!system && (person != cx->who.person || !seen_hash))
        return fail(cx, E_FORBIDDEN, "Only the person themself can change a password.");
    if (cx->who.token != 0)
        return fail(cx, E_FORBIDDEN, "A password cannot be changed with a key. Log in.");
    /* The old hash is part of the WHERE: of two who change it at once, one is told. */
    rc = db_run(cx,
                "UPDATE person SET pass_hash = ? WHERE id = ? AND kind = 'person'"
                " AND (? = 1 OR pass_hash = ?)",
                "tiit", new_hash, person, (int64_t)(seen_hash == NULL), seen_hash);
    if (rc == 0)
        return fail(cx, E_CHANGED, "The password was changed meanwhile. Try again.");
    if (rc < 0 || (rc = session_end_all(cx, person, keep_cookie)) < 0)
        return rc;
    return audit(cx, 0, "user.password", person, "{\"org\":%lld}", (long long)u.org);
}

int user_rehash(struct ctx *cx, int64_t person, const char *old_hash, const char *new_hash)
{
    int rc = db_run(cx, "UPDATE person SET pass_hash = ? WHERE id = ? AND pass_hash = ?", "tit",
                    new_hash, person, old_hash);

    return rc < 0 ? rc : 0;
}

int user_grant(struct ctx *cx, int64_t person, int org_role)
{
    int rc = db_run(cx, "UPDATE person SET org_role = ? WHERE id = ? AND kind = 'person'", "ii",
                    (int64_t)org_role, person);

    return rc < 0 ? rc : session_end_all(cx, person, NULL);
}

/* --- authors ------------------------------------------------------------------------------- */

int user_external(struct ctx *cx, int64_t project, const char *name, int64_t *id)
{
    static const char find[] = "SELECT id FROM person WHERE external_of = ? AND name = ?";
    const char *clean;
    int rc = name_check(cx, "completed_by", name, &clean);

    if (rc < 0 || (rc = db_int(cx, id, find, "it", project, clean)) < 0)
        return rc;
    if (rc > 0)
        return 0;
    rc = db_run(cx,
                "INSERT INTO person (org_id, kind, name, external_of, created_ms)"
                " SELECT p.org_id, 'external', ?, p.id, ? FROM project p WHERE p.id = ?"
                " ON CONFLICT (external_of, name) DO NOTHING",
                "tii", clean, cx->now, project);
    if (rc < 0 || (rc = db_int(cx, id, find, "it", project, clean)) < 0)
        return rc;
    return rc > 0 ? 0 : fail(cx, E_NOTFOUND, "There is no project %lld.", (long long)project);
}

int user_lookup(struct ctx *cx, int64_t project, int64_t id, const char *email, int64_t *out)
{
    if (email && *email)
        return db_int(cx, out,
                      "SELECT u.id FROM person u JOIN project p ON p.org_id = u.org_id"
                      " WHERE p.id = ? AND u.email = ?",
                      "it", project, str_lower(cx, str_trim(cx, email)));
    return db_int(cx, out,
                  "SELECT u.id FROM person u JOIN project p ON p.org_id = u.org_id"
                  " WHERE p.id = ? AND u.id = ? AND (u.kind = 'person' OR u.external_of = p.id)",
                  "ii", project, id);
}
