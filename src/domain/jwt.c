/*
 * jwt.c -- the JSON Web Tokens of token.h: HS256 and nothing else.
 *
 * The header is compared as a value, never obeyed: a token that names another
 * algorithm, or none, is refused before its signature is looked at.
 */
#include "core/id.h"
#include "core/json.h"
#include "core/str.h"
#include "domain/token.h"

#include <sodium.h>

#define JWT_MAX 2048
#define SIG_CHARS 43            /* 32 bytes in base64url without padding */

static char *encode(struct ctx *cx, const void *p, size_t n)
{
    size_t room = sodium_base64_encoded_len(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *s = talloc_size(cx->mem, room);

    return sodium_bin2base64(s, room, p, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static bool decode(struct ctx *cx, const char *s, size_t n, char **out, size_t *nout)
{
    const char *end;

    *out = talloc_zero_size(cx->mem, n + 1);
    return sodium_base642bin((uint8_t *)*out, n, s, n, NULL, nout, &end,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           end == s + n;
}

char *jwt_make(struct ctx *cx, const uint8_t key[32], const char *type, const struct jwt_claims *c)
{
    static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    uint8_t sig[ID_SHA256_BYTES];
    char *claims = talloc_asprintf(cx->mem,
                                   "{\"token_type\":\"%s\",\"exp\":%lld,\"iat\":%lld,"
                                   "\"jti\":\"%s\",\"sub\":\"%lld\",\"user_id\":%lld}",
                                   type, (long long)c->exp, (long long)c->iat, c->jti,
                                   (long long)c->person, (long long)c->person);
    char *body = talloc_asprintf(cx->mem, "%s.%s", encode(cx, header, sizeof header - 1),
                                 encode(cx, claims, strlen(claims)));

    id_hmac_sha256(sig, key, 32, body, strlen(body));
    return talloc_asprintf(cx->mem, "%s.%s", body, encode(cx, sig, sizeof sig));
}

static int bad(struct ctx *cx)
{
    fail_clear(cx);
    return fail(cx, E_UNAUTH, "This token is not valid.");
}

/* One part as a JSON object. */
static json_t *part(struct ctx *cx, const char *s, size_t n)
{
    json_t *v;
    char *text;
    size_t ntext;

    if (!decode(cx, s, n, &text, &ntext) || json_read(cx, text, ntext, &v) < 0 ||
        !json_is_object(v))
        return NULL;
    return v;
}

int jwt_check(struct ctx *cx, const uint8_t key[32], const char *type, const char *text,
              struct jwt_claims *claims)
{
    uint8_t want[ID_SHA256_BYTES];
    char *sig;
    size_t nsig, n = text ? strnlen(text, JWT_MAX + 1) : 0;
    const char *dot = n && n <= JWT_MAX ? strchr(text, '.') : NULL;
    const char *dot2 = dot ? strchr(dot + 1, '.') : NULL;

    if (!dot2 || strchr(dot2 + 1, '.') || strlen(dot2 + 1) != SIG_CHARS)
        return bad(cx);
    json_t *h = part(cx, text, (size_t)(dot - text));
    if (!h || strcmp(json_str(h, "alg", ""), "HS256") != 0 ||
        strcmp(json_str(h, "typ", "JWT"), "JWT") != 0 || json_object_get(h, "crit"))
        return bad(cx);
    id_hmac_sha256(want, key, 32, text, (size_t)(dot2 - text));
    if (!decode(cx, dot2 + 1, SIG_CHARS, &sig, &nsig) || nsig != sizeof want ||
        !id_same(sig, want, sizeof want))
        return bad(cx);
    json_t *c = part(cx, dot + 1, (size_t)(dot2 - dot - 1));
    if (!c || strcmp(json_str(c, "token_type", ""), type) != 0)
        return bad(cx);
    *claims = (struct jwt_claims){.exp = json_int(c, "exp", 0), .iat = json_int(c, "iat", 0),
                                  .jti = talloc_strdup(cx->mem, json_str(c, "jti", ""))};
    if (!str_int(json_str(c, "sub", ""), &claims->person) || claims->person <= 0 ||
        !*claims->jti || claims->exp <= cx->now / 1000)
        return bad(cx);
    return 0;
}
