/* token.c -- see token.h.  The JWT underneath is in jwt.c. */
#include "domain/token.h"
#include "core/id.h"
#include "core/str.h"
#include "domain/access.h"
#include "domain/audit.h"
#include "domain/org.h"
#include "domain/page.h"
#include "domain/setting.h"
#include "store/db.h"

#include <zlib.h>

#define SECRET_CHARS 32
#define CRC_CHARS 6
#define JTI_CHARS 43
#define TOUCH_MS (60 * 1000LL)

/* --- the text of an api key ---------------------------------------------------------------- */

/* CRC-32 in base62, six digits. */
static void crc_of(char out[CRC_CHARS + 1], const char *s, size_t n)
{
    static const char set[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned long crc = crc32(crc32(0, NULL, 0), (const unsigned char *)s, (unsigned)n);

    for (int i = CRC_CHARS - 1; i >= 0; i--, crc /= 62)
        out[i] = set[crc % 62];
    out[CRC_CHARS] = 0;
}

static char *key_text(struct ctx *cx, int64_t id, const char *secret)
{
    char *s = talloc_asprintf(cx->mem, "anno_%lld_%s", (long long)id, secret), crc[CRC_CHARS + 1];

    crc_of(crc, s, strlen(s));
    return talloc_asprintf(cx->mem, "%s_%s", s, crc);
}

/* Take a key apart.  False when it is not whole: mistyped, cut off, or never ours. */
static bool key_parse(const char *s, int64_t *id, const char **secret)
{
    char crc[CRC_CHARS + 1];
    size_t n = strnlen(s, 80), digits;

    if (n >= 80 || !str_starts(s, "anno_"))
        return false;
    digits = strspn(s + 5, "0123456789");
    if (digits < 1 || digits > 18 || n != 5 + digits + 1 + SECRET_CHARS + 1 + CRC_CHARS)
        return false;
    if (s[5 + digits] != '_' || s[n - CRC_CHARS - 1] != '_')
        return false;
    crc_of(crc, s, n - CRC_CHARS - 1);
    if (memcmp(crc, s + n - CRC_CHARS, CRC_CHARS) != 0)
        return false;
    *id = 0;
    for (size_t i = 0; i < digits; i++)
        *id = *id * 10 + (s[5 + i] - '0');
    *secret = s + 5 + digits + 1;
    return true;
}

/* --- making -------------------------------------------------------------------------------- */

/* Whose key, and may the caller make it?  Fills what the caller left open. */
static int settle(struct ctx *cx, const struct token_new *in, struct token *t)
{
    int64_t alive;
    int rc;

    if ((rc = access_check(cx, ON_NOTHING, 0, MAY_LOGIN, NULL)) < 0 ||
        (rc = access_scope(cx, SCOPE_MANAGE)) < 0 ||
        (rc = name_check(cx, "name", in->name, &t->name)) < 0)
        return rc;
    t->person = in->person ? in->person : cx->who.person;
    if (cx->who.kind != WHO_SYSTEM && t->person != cx->who.person)
        return fail(cx, E_FORBIDDEN, "A key can only be made by its owner.");
    if (in->scopes & ~SCOPE_ALL)
        return fail_at(cx, E_INVALID, "scopes", "Scopes are read, write and manage.");
    uint32_t most = cx->who.kind == WHO_SYSTEM ? SCOPE_ALL : cx->who.scopes & SCOPE_ALL;
    t->scopes = in->scopes ? in->scopes : most;
    if (t->scopes & ~most)
        return fail(cx, E_FORBIDDEN, "A key made with a key has no more scopes than that one.");
    t->created = cx->now;
    t->ends = in->ends ? in->ends : cx->now + TOKEN_LONGEST_MS;
    if (t->ends <= cx->now || t->ends > cx->now + TOKEN_LONGEST_MS)
        return fail_at(cx, E_INVALID, "ends", "A key ends in the future, at most a year from now.");
    rc = db_int(cx, &alive,
                "SELECT COUNT(*) FROM token WHERE person_id = ? AND revoked_ms IS NULL"
                " AND ends_ms > ?",
                "ii", t->person, cx->now);
    if (rc < 0)
        return rc;
    if (alive >= TOKENS_PER_PERSON)
        return fail(cx, E_TOOMANY, "A person has at most %d keys. Revoke one first.",
                    TOKENS_PER_PERSON);
    rc = db_int(cx, &alive, "SELECT id FROM person WHERE id = ? AND kind = 'person' AND active = 1",
                "i", t->person);
    if (rc == 0)
        return fail(cx, E_NOTFOUND, "There is no person %lld.", (long long)t->person);
    return rc < 0 ? rc : 0;
}

static int store_key(struct ctx *cx, struct token *t, const char *secret)
{
    uint8_t hash[ID_SHA256_BYTES];

    id_sha256(hash, secret, strlen(secret));
    int rc = db_int(cx, &t->id,
                    "INSERT INTO token (person_id, kind, name, hash, scopes, created_ms, ends_ms)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                    "ittbiii", t->person, t->kind, t->name, hash, sizeof hash, (int64_t)t->scopes,
                    t->created, t->ends);

    return rc < 0 ? rc : 0;
}

/* A new api key or refresh token with its text; no check, no audit. */
static int make_key(struct ctx *cx, const char *kind, struct token *t)
{
    char secret[JTI_CHARS + 1];
    uint8_t key[SECRET_BYTES];
    int rc;

    t->kind = kind;
    if (!strcmp(kind, "api")) {
        id_base62(secret, SECRET_CHARS);
        if ((rc = store_key(cx, t, secret)) < 0)
            return rc;
        t->text = key_text(cx, t->id, secret);
        return 0;
    }
    id_base62(secret, JTI_CHARS);
    if ((rc = secret_get(cx, "jwt", key)) < 0 || (rc = store_key(cx, t, secret)) < 0)
        return rc;
    struct jwt_claims c = {.person = t->person, .iat = cx->now / 1000, .exp = t->ends / 1000,
                           .jti = secret};
    t->text = jwt_make(cx, key, "refresh", &c);
    return 0;
}

static int audit_key(struct ctx *cx, const struct who *as, const char *act, const struct token *t)
{
    return audit_as(cx, as, 0, act, t->id, "{\"person\":%lld,\"kind\":\"%s\",\"scopes\":%u}",
                    (long long)t->person, t->kind, t->scopes);
}

static int add(struct ctx *cx, const struct token_new *in, const char *kind, struct token *out)
{
    int rc;

    *out = (struct token){0};
    if ((rc = settle(cx, in, out)) < 0 || (rc = make_key(cx, kind, out)) < 0)
        return rc;
    return audit_key(cx, &cx->who, "token.add", out);
}

int token_add(struct ctx *cx, const struct token_new *in, struct token *out)
{
    return add(cx, in, "api", out);
}

int token_add_refresh(struct ctx *cx, const struct token_new *in, struct token *out)
{
    return add(cx, in, "refresh", out);
}

/* --- listing and revoking ------------------------------------------------------------------ */

#define COLUMNS                                                                                    \
    "SELECT t.id, t.person_id, t.kind, t.name, t.scopes, t.created_ms, t.ends_ms, t.revoked_ms,"   \
    " t.used_ms FROM token t "

static void read_token(struct rows *q, struct token *t)
{
    *t = (struct token){.id = rows_int(q, 0), .person = rows_int(q, 1),
                        .kind = rows_text_keep(q, 2), .name = rows_text_keep(q, 3),
                        .scopes = (uint32_t)rows_int(q, 4), .created = rows_int(q, 5),
                        .ends = rows_int(q, 6), .revoked = rows_int(q, 7), .used = rows_int(q, 8)};
}

/* One's own keys, everybody's in the organisation for its owners, all for the machine. */
static int may_touch_keys_of(struct ctx *cx, int64_t person)
{
    int64_t org;
    int rc;

    if (cx->who.kind == WHO_SYSTEM || (cx->who.kind == WHO_PERSON && person == cx->who.person))
        return 0;
    if ((rc = access_check(cx, ON_ORG, 0, MAY_OWN, NULL)) < 0)
        return rc;
    rc = db_int(cx, &org, "SELECT org_id FROM person WHERE id = ?", "i", person);
    if (rc < 0)
        return rc;
    return rc > 0 && org == cx->who.org ? 0 : E_NOTFOUND;
}

int token_list(struct ctx *cx, int64_t person, int64_t after, int limit, struct token **out,
               int *n)
{
    struct rows *q;
    int cap = page_rows(limit), rc;

    *n = 0;
    *out = NEW_N(cx, struct token, cap);
    if ((rc = access_check(cx, ON_NOTHING, 0, MAY_LOGIN, NULL)) < 0)
        return rc;
    if (person == 0)
        person = cx->who.person;
    if ((rc = may_touch_keys_of(cx, person)) < 0)
        return rc == E_NOTFOUND ? fail(cx, rc, "There is no person %lld.", (long long)person) : rc;
    rc = db_query(cx, &q,
                  COLUMNS "WHERE t.person_id = ? AND t.id > ? AND t.revoked_ms IS NULL"
                          " ORDER BY t.id LIMIT ?",
                  "iii", person, after, (int64_t)cap);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        read_token(q, &(*out)[(*n)++]);
    return rc;
}

static int no_such_key(struct ctx *cx, int64_t id)
{
    return fail(cx, E_NOTFOUND, "There is no key %lld.", (long long)id);
}

int token_revoke(struct ctx *cx, int64_t id)
{
    struct token t;
    struct rows *q;
    int rc;

    if ((rc = access_check(cx, ON_NOTHING, 0, MAY_LOGIN, NULL)) < 0 ||
        (rc = access_scope(cx, SCOPE_MANAGE)) < 0 ||
        (rc = db_query(cx, &q, COLUMNS "WHERE t.id = ?", "i", id)) < 0 || (rc = rows_next(q)) < 0)
        return rc;
    if (rc == 0)
        return no_such_key(cx, id);
    read_token(q, &t);
    rows_end(q);
    /* Somebody else's key is as unknown as one that is not there. */
    if ((rc = may_touch_keys_of(cx, t.person)) < 0)
        return rc == E_NOTFOUND || rc == E_FORBIDDEN ? no_such_key(cx, id) : rc;
    rc = db_run(cx, "UPDATE token SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL", "ii",
                cx->now, id);
    return rc <= 0 ? rc : audit_key(cx, &cx->who, "token.revoke", &t);
}

int token_reset(struct ctx *cx, const char *name, struct token *out)
{
    struct token_new in = {.name = name};
    int rc;

    *out = (struct token){0};
    if ((rc = access_check(cx, ON_NOTHING, 0, MAY_LOGIN, NULL)) < 0)
        return rc;
    rc = db_run(cx,
                "UPDATE token SET revoked_ms = ? WHERE person_id = ? AND kind = 'api' AND name = ?"
                " AND revoked_ms IS NULL",
                "iit", cx->now, cx->who.person, name);
    if (rc < 0 || (rc = settle(cx, &in, out)) < 0 || (rc = make_key(cx, "api", out)) < 0)
        return rc;
    return audit_key(cx, &cx->who, "token.reset", out);
}

/* --- the key of a log-in by form ------------------------------------------------------------ */

#define LOGIN_NAME "log-in form"

static int login_secret(struct ctx *cx, const char *cookie, char out[SECRET_CHARS + 1])
{
    static const char set[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    uint8_t key[SECRET_BYTES], mac[ID_SHA256_BYTES];
    char *text = talloc_asprintf(cx->mem, "log-in form\n%s", cookie);
    int rc = secret_get(cx, "jwt", key);

    _Static_assert(SECRET_CHARS <= ID_SHA256_BYTES, "a byte of the digest for each character");
    id_hmac_sha256(mac, key, sizeof key, text, strlen(text));
    for (int i = 0; i < SECRET_CHARS; i++)
        out[i] = set[mac[i] % 62];
    out[SECRET_CHARS] = 0;
    return rc;
}

int token_of_login(struct ctx *cx, int64_t person, const char *cookie, int64_t ends)
{
    struct token t = {.person = person, .kind = "api", .name = LOGIN_NAME, .scopes = SCOPE_ALL,
                      .created = cx->now, .ends = ends};
    char secret[SECRET_CHARS + 1];
    int rc;

    rc = db_run(cx,
                "UPDATE token SET revoked_ms = ? WHERE person_id = ? AND kind = 'api'"
                " AND name = '" LOGIN_NAME "' AND revoked_ms IS NULL AND id NOT IN"
                " (SELECT id FROM token WHERE person_id = ? AND kind = 'api'"
                " AND name = '" LOGIN_NAME "' AND revoked_ms IS NULL ORDER BY id DESC LIMIT ?)",
                "iiii", cx->now, person, person, (int64_t)LOGIN_KEYS - 1);
    if (rc < 0 || (rc = login_secret(cx, cookie, secret)) < 0)
        return rc;
    return store_key(cx, &t, secret);
}

int token_of_session(struct ctx *cx, const char *cookie, const char **text)
{
    uint8_t hash[ID_SHA256_BYTES];
    char secret[SECRET_CHARS + 1];
    int64_t id;
    int rc = login_secret(cx, cookie, secret);

    *text = NULL;
    if (rc < 0)
        return rc;
    id_sha256(hash, secret, SECRET_CHARS);
    rc = db_int(cx, &id, "SELECT id FROM token WHERE hash = ? AND revoked_ms IS NULL", "b", hash,
                sizeof hash);
    if (rc > 0)
        *text = key_text(cx, id, secret);
    return rc < 0 ? rc : 0;
}

int token_end_logins(struct ctx *cx, int64_t person, const char *cookie)
{
    uint8_t hash[ID_SHA256_BYTES] = {0};
    char secret[SECRET_CHARS + 1];
    int rc = 0;

    if (cookie && (rc = login_secret(cx, cookie, secret)) == 0)
        id_sha256(hash, secret, SECRET_CHARS);
    if (rc < 0)
        return rc;
    rc = db_run(cx,
                "UPDATE token SET revoked_ms = ? WHERE person_id = ? AND kind = 'api'"
                " AND name = '" LOGIN_NAME "' AND revoked_ms IS NULL AND (? = 1 OR hash = ?)",
                "iiib", cx->now, person, (int64_t)(cookie == NULL), hash, sizeof hash);
    return rc < 0 ? rc : 0;
}

/* --- every request ------------------------------------------------------------------------- */

static int unknown(struct ctx *cx)
{
    fail_clear(cx);
    return fail(cx, E_UNAUTH, "This key is not valid, or not any more.");
}

/* The living key that `where` names; fills cx->who. */
#define FIND(where)                                                                                \
    "SELECT t.id, t.person_id, t.hash, t.scopes, COALESCE(t.used_ms, 0), p.org_id, p.org_role,"    \
    " t.kind FROM token t JOIN person p ON p.id = t.person_id"                                     \
    " WHERE " where " AND t.revoked_ms IS NULL AND t.ends_ms > ? AND p.active = 1"

static struct who holder_of(struct ctx *cx, struct rows *q)
{
    return (struct who){.kind = WHO_PERSON, .person = rows_int(q, 1), .org = rows_int(q, 5),
                        .token = rows_int(q, 0), .org_role = (int)rows_int(q, 6),
                        .scopes = (uint32_t)rows_int(q, 3), .ip = cx->who.ip};
}

static int become(struct ctx *cx, struct rows *q, bool *touch)
{
    if (touch)
        *touch = cx->now - rows_int(q, 4) >= TOUCH_MS;
    cx->who = holder_of(cx, q);
    rows_end(q);
    return 0;
}

static int find_api(struct ctx *cx, const char *text, bool *touch)
{
    uint8_t mine[ID_SHA256_BYTES];
    const char *secret;
    struct rows *q;
    int64_t id;
    size_t n;
    int rc;

    if (!key_parse(text, &id, &secret))
        return fail(cx, E_UNAUTH, "This key is mistyped or cut off: its check digits are wrong.");
    id_sha256(mine, secret, SECRET_CHARS);
    rc = db_query(cx, &q, FIND("t.id = ?"), "ii", id, cx->now);
    if (rc < 0 || (rc = rows_next(q)) < 0)
        return rc;
    if (rc == 0)
        return unknown(cx);
    const void *stored = rows_blob(q, 2, &n);
    if (n != sizeof mine || !id_same(stored, mine, n) || strcmp(rows_text(q, 7), "api") != 0) {
        rows_end(q);
        return unknown(cx);
    }
    return become(cx, q, touch);
}

/* The row behind a JWT of type `type`: signature and claims first, then the table. */
static int find_jwt(struct ctx *cx, const char *type, const char *text, struct jwt_claims *c,
                    struct rows **q)
{
    uint8_t key[SECRET_BYTES], hash[ID_SHA256_BYTES];
    int rc;

    if (!text || !strchr(text, '.'))
        return unknown(cx);
    if ((rc = secret_get(cx, "jwt", key)) < 0)
        return rc;
    if (jwt_check(cx, key, type, text, c) < 0)
        return unknown(cx);
    id_sha256(hash, c->jti, strlen(c->jti));
    rc = db_query(cx, q, FIND("t.hash = ?"), "bi", hash, sizeof hash, cx->now);
    if (rc < 0 || (rc = rows_next(*q)) < 0)
        return rc;
    if (rc == 0)
        return unknown(cx);
    if (strcmp(rows_text(*q, 7), "refresh") != 0 || rows_int(*q, 1) != c->person) {
        rows_end(*q);
        return unknown(cx);
    }
    return 0;
}

int token_find(struct ctx *cx, const char *header, bool *touch)
{
    struct jwt_claims c;
    struct rows *q;
    int rc;

    if (touch)
        *touch = false;
    if (!header)
        return unknown(cx);
    if (!strncasecmp(header, "Token ", 6))
        header += 6;
    else if (!strncasecmp(header, "Bearer ", 7))
        header += 7;
    header += strspn(header, " ");
    if (str_starts(header, "anno_"))
        return find_api(cx, header, touch);
    if ((rc = find_jwt(cx, "access", header, &c, &q)) < 0)
        return rc;
    return become(cx, q, touch);
}

int token_touch(struct ctx *cx, int64_t id)
{
    int rc = db_run(cx,
                    "UPDATE token SET used_ms = ? WHERE id = ?"
                    " AND (used_ms IS NULL OR used_ms <= ?)",
                    "iii", cx->now, id, cx->now - TOUCH_MS);

    return rc < 0 ? rc : 0;
}

/* --- Label Studio's personal access token --------------------------------------------------- */

int token_exchange(struct ctx *cx, const char *refresh, char **access)
{
    uint8_t key[SECRET_BYTES];
    struct jwt_claims c;
    struct rows *q;
    int rc = find_jwt(cx, "refresh", refresh, &c, &q);

    if (rc < 0)
        return rc;
    rows_end(q);
    if ((rc = secret_get(cx, "jwt", key)) < 0)
        return rc;
    struct jwt_claims a = {.person = c.person, .jti = c.jti, .iat = cx->now / 1000,
                           .exp = (cx->now + TOKEN_ACCESS_MS) / 1000};
    if (a.exp > c.exp)
        a.exp = c.exp;
    *access = jwt_make(cx, key, "access", &a);
    return 0;
}

/* The holder of a refresh token may always give it up; on whose behalf is known from it. */
static int revoke_refresh(struct ctx *cx, const char *refresh, struct token *t,
                          struct who *holder)
{
    struct jwt_claims c;
    struct rows *q;
    int rc = find_jwt(cx, "refresh", refresh, &c, &q);

    if (rc < 0)
        return rc;
    *t = (struct token){.id = rows_int(q, 0), .person = rows_int(q, 1), .kind = "refresh",
                        .scopes = (uint32_t)rows_int(q, 3), .ends = c.exp * 1000};
    *holder = holder_of(cx, q);
    rows_end(q);
    rc = db_run(cx, "UPDATE token SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL", "ii",
                cx->now, t->id);
    if (rc == 0)
        return unknown(cx);
    return rc < 0 ? rc : 0;
}

/* A good signature on a row that is revoked already: Label Studio's client expects 404 then. */
static bool was_revoked(struct ctx *cx, const char *refresh)
{
    uint8_t key[SECRET_BYTES], hash[ID_SHA256_BYTES];
    struct jwt_claims c;
    int64_t id;

    if (secret_get(cx, "jwt", key) < 0 || jwt_check(cx, key, "refresh", refresh, &c) < 0)
        return false;
    id_sha256(hash, c.jti, strlen(c.jti));
    return db_int(cx, &id, "SELECT id FROM token WHERE hash = ? AND revoked_ms IS NOT NULL", "b",
                  hash, sizeof hash) > 0;
}

int token_blacklist(struct ctx *cx, const char *refresh)
{
    struct who holder;
    struct token t;
    int rc = revoke_refresh(cx, refresh, &t, &holder);

    if (rc == E_UNAUTH && was_revoked(cx, refresh)) {
        fail_clear(cx);
        return fail(cx, E_NOTFOUND, "This token was revoked already.");
    }
    if (rc == E_UNAUTH)
        return unknown(cx);
    return rc < 0 ? rc : audit_key(cx, &holder, "token.revoke", &t);
}

int token_rotate(struct ctx *cx, const char *refresh, struct token *out)
{
    struct who holder;
    struct token old;
    char *name;
    int rc;

    *out = (struct token){0};
    if ((rc = revoke_refresh(cx, refresh, &old, &holder)) < 0 ||
        (rc = db_text(cx, &name, "SELECT name FROM token WHERE id = ?", "i", old.id)) < 0)
        return rc;
    *out = (struct token){.person = old.person, .name = name, .scopes = old.scopes,
                          .created = cx->now, .ends = cx->now + TOKEN_LONGEST_MS};
    if ((rc = make_key(cx, "refresh", out)) < 0)
        return rc;
    return audit_as(cx, &holder, 0, "token.rotate", out->id, "{\"person\":%lld,\"token\":%lld}",
                    (long long)out->person, (long long)old.id);
}
