/* session.c -- see session.h. */
#include "domain/session.h"
#include "core/id.h"
#include "domain/access.h"
#include "domain/audit.h"
#include "domain/throttle.h"
#include "domain/token.h"
#include "domain/user.h"
#include "store/db.h"

#define SLICE 500

struct digest {
    uint8_t b[ID_SHA256_BYTES];
};

/* The digest of a cookie; false when it cannot be one of ours. */
static bool digest_of(const char *cookie, struct digest *d)
{
    if (!cookie || strnlen(cookie, SESSION_CHARS + 1) != SESSION_CHARS)
        return false;
    id_sha256(d->b, cookie, SESSION_CHARS);
    return true;
}

/* --- log-in -------------------------------------------------------------------------------- */

int session_look(struct ctx *cx, const char *email, struct login *out)
{
    const char *clean;
    struct rows *q;
    int rc;

    *out = (struct login){.email = talloc_strndup(cx->mem, email ? email : "", EMAIL_MAX)};
    if (email && strlen(email) <= EMAIL_MAX && email_check(cx, email, &clean) == 0)
        out->email = clean;
    fail_clear(cx);     /* what is no address is simply nobody */
    if ((rc = throttle_ask(cx, out->email, NULL)) < 0)
        return rc;
    rc = db_query(cx, &q,
                  "SELECT id, org_id, pass_hash, name FROM person WHERE email = ? AND active = 1"
                  " AND kind = 'person' AND pass_hash IS NOT NULL",
                  "t", out->email);
    if (rc < 0 || (rc = rows_next(q)) <= 0)
        return rc;
    out->person = rows_int(q, 0);
    out->org = rows_int(q, 1);
    out->pass_hash = rows_text_keep(q, 2);
    out->name = rows_text_keep(q, 3);
    rows_end(q);
    return 0;
}

int session_refusal(struct ctx *cx)
{
    return fail(cx, E_UNAUTH, "The e-mail address or the password is wrong.");
}

/* Nobody is logged in, but the row belongs to the organisation of the account that was tried. */
int session_refuse(struct ctx *cx, const struct login *l)
{
    struct who as = {.kind = WHO_NOBODY, .org = l->org};
    int rc = throttle_fail(cx, l->email);

    return rc < 0 ? rc : audit_as(cx, &as, 0, "session.refused", l->person, NULL);
}

/* Owners and managers, of the organisation or of any project, have shorter sessions. */
#define IS_STRICT(person)                                                                          \
    "CASE WHEN p.org_role >= 4 OR EXISTS (SELECT 1 FROM member m WHERE m.person_id = " person      \
    " AND m.role >= 4 AND m.ended_ms IS NULL) THEN 1 ELSE 0 END"

/*
 * 1 and what the new session needs to know, or 0: not this person, not any more.  The person's row
 * is held until the end of the act, so that stopping them or a new password comes before (and is
 * seen here) or after (and ends this session).
 */
static int still_may(struct ctx *cx, const struct login *l, int *org_role, bool *strict)
{
    struct rows *q;
    int rc;

    if (l->person == 0 || !l->pass_hash)
        return 0;
    rc = db_query(cx, &q,
                  "SELECT p.org_role, " IS_STRICT("p.id") " FROM person p WHERE p.id = ?"
                  " AND p.active = 1 AND p.kind = 'person' AND p.pass_hash = ?{pg: FOR SHARE OF p}",
                  "it", l->person, l->pass_hash);
    if (rc < 0 || (rc = rows_next(q)) <= 0)
        return rc;
    *org_role = (int)rows_int(q, 0);
    *strict = rows_int(q, 1) != 0;
    rows_end(q);
    return 1;
}

int session_open(struct ctx *cx, const struct login *l, const char *rehash, const char *old_cookie,
                 struct session *out)
{
    struct digest d, old;
    bool strict = false;
    int org_role = 0, rc;

    *out = (struct session){.person = l->person};
    /* Asked again: of many guesses sent at once, those after the fifth do not count as tries. */
    rc = throttle_ask(cx, l->email, NULL);
    if (rc == 0)
        rc = still_may(cx, l, &org_role, &strict);
    if (rc == 0 || rc == E_TOOMANY) {
        fail_clear(cx);
        out->refused = true;
        return session_refuse(cx, l);
    }
    if (rc < 0)
        return rc;
    id_base62(out->cookie, SESSION_CHARS);
    id_base62(out->csrf, SESSION_CHARS);
    out->ends = cx->now + (strict ? SESSION_STRICT_LONGEST_MS : SESSION_LONGEST_MS);
    digest_of(out->cookie, &d);
    if ((rc = throttle_pass(cx, l->email)) < 0 ||
        (rehash && (rc = user_rehash(cx, l->person, l->pass_hash, rehash)) < 0))
        return rc;
    if (digest_of(old_cookie, &old) &&
        (rc = db_run(cx, "DELETE FROM session WHERE hash = ?", "b", old.b, sizeof old.b)) < 0)
        return rc;
    rc = db_run(cx,
                "INSERT INTO session (hash, person_id, csrf, created_ms, seen_ms, ends_ms)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                "bitiii", d.b, sizeof d.b, l->person, out->csrf, cx->now, cx->now, out->ends);
    if (rc < 0 || (l->by_form && (rc = token_of_login(cx, l->person, out->cookie, out->ends)) < 0))
        return rc;
    out->who = (struct who){.kind = WHO_PERSON, .person = l->person, .org = l->org,
                            .org_role = org_role, .scopes = ~0u, .ip = cx->who.ip};
    return audit_as(cx, &out->who, 0, "session.open", l->person, NULL);
}

/* --- every request ------------------------------------------------------------------------- */

static int over(struct ctx *cx)
{
    return fail(cx, E_UNAUTH, "Your session is over. Log in again.");
}

int session_find(struct ctx *cx, const char *cookie, struct session *out)
{
    struct digest d;
    struct rows *q;
    int rc;

    *out = (struct session){0};
    if (!digest_of(cookie, &d))
        return over(cx);
    rc = db_query(cx, &q,
                  "SELECT s.person_id, s.csrf, s.created_ms, s.seen_ms, s.ends_ms, p.org_id,"
                  " p.org_role, " IS_STRICT("s.person_id")
                  " FROM session s JOIN person p ON p.id = s.person_id"
                  " WHERE s.hash = ? AND p.active = 1",
                  "b", d.b, sizeof d.b);
    if (rc < 0 || (rc = rows_next(q)) < 0)
        return rc;
    if (rc == 0)
        return over(cx);
    bool strict = rows_int(q, 7) != 0;
    int64_t seen = rows_int(q, 3), ends = rows_int(q, 4);
    int64_t longest = rows_int(q, 2) + (strict ? SESSION_STRICT_LONGEST_MS : SESSION_LONGEST_MS);
    int64_t idle = seen + (strict ? SESSION_STRICT_IDLE_MS : SESSION_IDLE_MS);

    /* Who became a manager since log-in is held to a manager's limits. */
    if (longest < ends)
        ends = longest;
    if (cx->now >= ends || cx->now >= idle) {
        rows_end(q);
        return over(cx);
    }
    out->person = rows_int(q, 0);
    out->ends = ends;
    out->touch = cx->now - seen >= SESSION_TOUCH_MS;
    snprintf(out->csrf, sizeof out->csrf, "%s", rows_text(q, 1));
    out->who = (struct who){.kind = WHO_PERSON, .person = out->person, .org = rows_int(q, 5),
                            .org_role = (int)rows_int(q, 6), .scopes = ~0u, .ip = cx->who.ip};
    cx->who = out->who;
    rows_end(q);
    return 0;
}

int session_touch(struct ctx *cx, const char *cookie)
{
    struct digest d;

    if (!digest_of(cookie, &d))
        return 0;
    int rc = db_run(cx, "UPDATE session SET seen_ms = ? WHERE hash = ? AND seen_ms <= ?", "ibi",
                    cx->now, d.b, sizeof d.b, cx->now - SESSION_TOUCH_MS);

    return rc < 0 ? rc : 0;
}

/* --- the end ------------------------------------------------------------------------------- */

int session_close(struct ctx *cx, const char *cookie)
{
    struct digest d;
    int rc;

    /* Nothing there, nothing changed: then there is nothing to audit either. */
    if (!digest_of(cookie, &d))
        return 0;
    rc = db_run(cx, "DELETE FROM session WHERE hash = ?", "b", d.b, sizeof d.b);
    if (rc <= 0 || (rc = token_end_logins(cx, cx->who.person, cookie)) < 0)
        return rc;
    return audit(cx, 0, "session.close", cx->who.person, NULL);
}

int session_end_all(struct ctx *cx, int64_t person, const char *keep_cookie)
{
    struct digest keep = {{0}};     /* the digest of no cookie */
    int rc;

    digest_of(keep_cookie, &keep);
    rc = db_run(cx, "DELETE FROM session WHERE person_id = ? AND hash <> ?", "ib", person, keep.b,
                sizeof keep.b);
    return rc < 0 ? rc : token_end_logins(cx, person, NULL);
}

int session_sweep(struct ctx *cx)
{
    return db_run(cx,
                  "DELETE FROM session WHERE hash IN (SELECT hash FROM session"
                  " WHERE ends_ms <= ? OR seen_ms <= ? LIMIT ?)",
                  "iii", cx->now, cx->now - SESSION_IDLE_MS, (int64_t)SLICE);
}
