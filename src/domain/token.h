/*
 * token.h -- keys for scripts.
 *
 * Two kinds, one table:
 *
 *   api      `anno_<id>_<32 base62>_<6 base62>`, sent as `Authorization: Token …`
 *            (or `Bearer …`, or X-API-Key).  The last part is the CRC-32 of all before it, so
 *            that a typing error is told from a revoked key without a look
 *            into the table.  Stored: SHA-256 of the 32 characters.
 *   refresh  Label Studio's personal access token: a JWT (HS256 with the
 *            server's secret) that is exchanged for an access JWT of five
 *            minutes, sent as `Authorization: Bearer …`.  Stored: SHA-256 of
 *            its jti.  Revoking it also stops the access tokens made from it.
 *
 * A key is shown once, when it is made.  It may do what its person may, within
 * its scopes, until it ends (at most a year) or is revoked.  Making and
 * revoking keys with a key needs SCOPE_MANAGE.
 *
 * For secret scanners: anno_[0-9]{1,19}_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}
 *
 * Owns table: token.
 */
#ifndef DOMAIN_TOKEN_H
#define DOMAIN_TOKEN_H

#include "core/ctx.h"

/* Bits of who.scopes.  access_check asks for MANAGE, WRITE or READ by the level of the route. */
#define SCOPE_READ      1u
#define SCOPE_WRITE     2u
#define SCOPE_MANAGE    4u
#define SCOPE_ALL       7u

#define TOKEN_LONGEST_MS    (365 * 24 * 3600 * 1000LL)
#define TOKEN_ACCESS_MS     (5 * 60 * 1000LL)
#define TOKENS_PER_PERSON   100         /* living ones */

struct token {
    int64_t id, person, created, ends;
    int64_t revoked, used;      /* 0: never */
    const char *kind, *name;
    uint32_t scopes;
    const char *text;           /* the key itself: only right after it was made, else NULL */
};

struct token_new {
    int64_t person;             /* 0: the caller; another one only for the machine itself */
    const char *name;
    uint32_t scopes;            /* 0: all */
    int64_t ends;               /* unix milliseconds; 0: in a year */
};

/*
 * WRITE, audit 'token.add'.  A key made with a key has no more scopes than that one.
 * E_INVALID   name, scopes, or an end that is past or more than a year away
 * E_TOOMANY   TOKENS_PER_PERSON
 * E_FORBIDDEN for somebody else
 */
int token_add(struct ctx *cx, const struct token_new *in, struct token *out);

/* WRITE, audit 'token.add': a refresh JWT for the caller (or in->person), out->text.  As
 * token_add. */
int token_add_refresh(struct ctx *cx, const struct token_new *in, struct token *out);

/* READ.  Keys of the caller (person 0) that are not revoked, by id after `after`; of another person
 * for the machine and for owners of the organisation. */
int token_list(struct ctx *cx, int64_t person, int64_t after, int limit, struct token **out,
               int *n);

/* WRITE, audit 'token.revoke'.  One's own, or as an owner of the organisation.  Revoking
 * twice is no error.  E_NOTFOUND */
int token_revoke(struct ctx *cx, int64_t id);

/* WRITE, audit 'token.reset': revoke all api keys named `name` of the caller and make one. */
int token_reset(struct ctx *cx, const char *name, struct token *out);

/*
 * The key of a log-in by Label Studio's form, whose old client asks for a key with the cookie it
 * got.  Its secret is made from the cookie and the server's secret, so nothing that can be read
 * back is stored, and it ends with the session.  A person has at most LOGIN_KEYS of them: one more
 * ends the oldest.
 *
 * token_of_login and token_end_logins are parts of a larger act: no audit row.
 */
#define LOGIN_KEYS 20

int token_of_login(struct ctx *cx, int64_t person, const char *cookie, int64_t ends);
int token_end_logins(struct ctx *cx, int64_t person, const char *cookie); /* NULL: all of them */

/* READ.  The key that belongs to this cookie, or NULL. */
int token_of_session(struct ctx *cx, const char *cookie, const char **text);

/*
 * READ.  The value of an Authorization header ("Token …", "Bearer …", or the bare key).  Fills
 * cx->who (ip stays).  E_UNAUTH, with one sentence for every reason but a mistyped key.
 * *touch (may be NULL): it is time for token_touch(cx, cx->who.token).
 */
int token_find(struct ctx *cx, const char *header, bool *touch);

/* HOUSE: the key was used just now; at most once a minute. */
int token_touch(struct ctx *cx, int64_t id);

/* READ.  An access JWT for a refresh JWT.  E_UNAUTH  forged, over, revoked, or not a refresh
 * token */
int token_exchange(struct ctx *cx, const char *refresh, char **access);

/* WRITE, audit 'token.revoke'.  E_UNAUTH as token_exchange; a second time is E_NOTFOUND. */
int token_blacklist(struct ctx *cx, const char *refresh);

/* WRITE, audit 'token.rotate': the old refresh JWT is revoked, a new one made.  E_UNAUTH */
int token_rotate(struct ctx *cx, const char *refresh, struct token *out);

/*
 * The JWT underneath, pure: HS256 and nothing else.  jwt_check fills *claims (on cx->mem) or says
 * E_UNAUTH: three parts, exactly the header alg HS256, signature right (compared in constant
 * time), exp in the future, token_type as wanted.
 */
struct jwt_claims {
    int64_t person, exp, iat;           /* exp and iat in seconds */
    const char *jti;
};
char *jwt_make(struct ctx *cx, const uint8_t key[32], const char *type, const struct jwt_claims *c);
int jwt_check(struct ctx *cx, const uint8_t key[32], const char *type, const char *text,
              struct jwt_claims *claims);

#endif
