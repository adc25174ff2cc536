/* org.c -- see org.h. */
#include "domain/org.h"
#include "core/id.h"
#include "core/str.h"
#include "domain/access.h"
#include "domain/audit.h"
#include "domain/page.h"
#include "domain/setting.h"
#include "domain/user.h"
#include "domain/vendor.h"
#include "store/db.h"

#define SETUP_CHARS 43

int name_check(struct ctx *cx, const char *path, const char *name, const char **clean)
{
    char *s = name ? str_trim(cx, name) : NULL;
    size_t n = s ? strlen(s) : 0;

    if (n == 0)
        return fail_at(cx, E_INVALID, path, "This may not be empty.");
    if (n > (size_t)LIMIT_NAME_BYTES)
        return fail_at(cx, E_INVALID, path, "This may have at most %d bytes.",
                       (int)LIMIT_NAME_BYTES);
    if (!utf8_valid(s, n))
        return fail_at(cx, E_INVALID, path, "This is not valid UTF-8.");
    for (size_t i = 0, k; i < n; i += k) {
        uint32_t cp = 0;

        k = utf8_decode(s + i, n - i, &cp);
        /* Controls, and the invisible marks that turn text around: a name must look like itself. */
        if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x202a && cp <= 0x202e) ||
            (cp >= 0x2066 && cp <= 0x2069) || cp == 0x2028 || cp == 0x2029)
            return fail_at(cx, E_INVALID, path, "This holds a control character.");
    }
    *clean = s;
    return 0;
}

/* --- set-up -------------------------------------------------------------------------------- */

int setup_open(struct ctx *cx)
{
    int64_t id;
    int rc = db_int(cx, &id,
                    "SELECT id FROM person WHERE org_role = ? AND kind = 'person' AND active = 1"
                    " LIMIT 1",
                    "i", (int64_t)ROLE_OWNER);

    return rc < 0 ? rc : rc == 0;
}

static char *digest(struct ctx *cx, const char *token)
{
    char *hex = talloc_size(cx->mem, ID_SHA256_HEX);

    id_sha256_hex(hex, token, strlen(token));
    return hex;
}

int setup_begin(struct ctx *cx, char **token)
{
    int rc = setup_open(cx);

    *token = NULL;
    if (rc < 0)
        return rc;
    if (rc == 0)
        return (rc = setting_drop(cx, "setup.token")) < 0 ? rc : 0;
    char *t = talloc_size(cx->mem, SETUP_CHARS + 1);
    id_base62(t, SETUP_CHARS);
    if ((rc = setting_put(cx, "setup.token", digest(cx, t))) < 0)
        return rc;
    *token = t;
    return 0;
}

static int not_this_link(struct ctx *cx)
{
    return fail(cx, E_FORBIDDEN,
                "This set-up link is not valid. Use the newest one that the server printed.");
}

int setup_check(struct ctx *cx, const char *token)
{
    char *stored, *mine;
    int rc = setup_open(cx);

    if (rc < 0)
        return rc;
    if (rc == 0 || !token || strlen(token) != SETUP_CHARS)
        return not_this_link(cx);
    if ((rc = setting_get(cx, "setup.token", &stored)) < 0)
        return rc;
    mine = digest(cx, token);
    if (rc == 0 || strlen(stored) != strlen(mine) || !id_same(stored, mine, strlen(mine)))
        return not_this_link(cx);
    return 0;
}

/* The organisation and its in-house vendor; the audit row is the caller's. */
static int org_make(struct ctx *cx, const char *path, const char *name, int64_t *id)
{
    const char *clean;
    int rc = name_check(cx, path, name, &clean);

    if (rc < 0)
        return rc;
    rc = db_int(cx, id, "INSERT INTO org (name, created_ms) VALUES (?, ?) RETURNING id", "ti",
                clean, cx->now);
    return rc < 0 ? rc : vendor_make_inhouse(cx, *id);
}

int setup_finish(struct ctx *cx, const char *token, const struct setup *in, int64_t *person)
{
    int64_t org;
    int rc = setup_check(cx, token);

    if (rc < 0)
        return rc;
    /* Of two who bring the same link at once, one takes the row. */
    if ((rc = setting_take(cx, "setup.token", digest(cx, token))) < 0)
        return rc;
    if (rc == 0)
        return not_this_link(cx);
    if ((rc = org_make(cx, "org", in->org, &org)) < 0)
        return rc;
    struct user_new u = {.org = org, .email = in->email, .name = in->name,
                         .org_role = ROLE_OWNER, .pass_hash = in->pass_hash};
    if ((rc = user_make(cx, &u, person)) < 0)
        return rc;
    struct who as = {.kind = WHO_PERSON, .person = *person, .org = org};
    return audit_as(cx, &as, 0, "setup.finish", *person, "{\"org\":%lld}", (long long)org);
}

/* --- organisations ------------------------------------------------------------------------- */

int org_add(struct ctx *cx, const char *name, int64_t *id)
{
    int rc;

    if (cx->who.kind != WHO_SYSTEM)
        return fail(cx, E_FORBIDDEN, "Organisations are made on the server's command line.");
    if ((rc = org_make(cx, "name", name, id)) < 0)
        return rc;
    return audit(cx, 0, "org.add", *id, NULL);
}

int org_list(struct ctx *cx, int64_t after, int limit, struct org **out, int *n)
{
    struct rows *q;
    int cap = page_rows(limit), rc;

    *n = 0;
    *out = NEW_N(cx, struct org, cap);
    if ((rc = access_check(cx, ON_NOTHING, 0, MAY_LOGIN, NULL)) < 0)
        return rc;
    rc = db_query(cx, &q,
                  "SELECT id, name, created_ms FROM org WHERE id > ? AND (? = 1 OR id = ?)"
                  " ORDER BY id LIMIT ?",
                  "iiii", after, (int64_t)(cx->who.kind == WHO_SYSTEM), cx->who.org, (int64_t)cap);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        (*out)[(*n)++] = (struct org){.id = rows_int(q, 0), .name = rows_text_keep(q, 1),
                                      .created = rows_int(q, 2)};
    return rc;
}

int org_get(struct ctx *cx, int64_t id, struct org *out)
{
    struct org *o;
    int n, rc = org_list(cx, id - 1, 1, &o, &n);

    if (rc < 0)
        return rc;
    if (n == 0 || o->id != id)
        return fail(cx, E_NOTFOUND, "There is no organisation %lld.", (long long)id);
    *out = *o;
    return 0;
}

int org_settle(struct ctx *cx, int64_t *org, enum level level)
{
    struct org o;
    int rc = access_check(cx, ON_ORG, 0, level, NULL);

    if (rc < 0)
        return rc;
    if (*org == 0)
        *org = cx->who.org;
    /* Also says E_NOTFOUND for another organisation than the caller's. */
    return org_get(cx, *org, &o);
}
