/* auth.c -- see auth.h. */
#include "http/auth.h"
#include "core/id.h"
#include "domain/run.h"
#include "domain/session.h"
#include "domain/token.h"
#include "http/reply.h"
#include "http/route.h"

#define COOKIE_TLS "__Host-annotary"
#define COOKIE_PLAIN "annotary_session"

const char *auth_cookie(struct rq *r, const char *name)
{
    const char *p = r->head[RH_COOKIE];
    size_t n = strlen(name);

    while (p && *p) {
        p += strspn(p, " \t;");
        if (strncmp(p, name, n) == 0 && p[n] == '=')
            return talloc_strndup(r->cx->mem, p + n + 1, strcspn(p + n + 1, "; \t"));
        p = strchr(p, ';');
    }
    return NULL;
}

const char *auth_session_cookie(struct rq *r)
{
    return auth_cookie(r, r->https ? COOKIE_TLS : COOKIE_PLAIN);
}

void auth_set_session(struct rq *r, const char *value)
{
    reply_header(r, "Set-Cookie", "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s",
                 r->https ? COOKIE_TLS : COOKIE_PLAIN, value, r->https ? "; Secure" : "",
                 *value ? "" : "; Max-Age=0");
}

void auth_read(struct rq *r)
{
    const char *h = r->head[RH_AUTHORIZATION];

    if (h && *h) {
        r->cred.kind = CRED_TOKEN;
        r->cred.text = h;
    } else if (r->head[RH_API_KEY] && *r->head[RH_API_KEY]) {
        r->cred.kind = CRED_TOKEN;
        r->cred.text = r->head[RH_API_KEY];
    } else if ((h = auth_session_cookie(r)) && *h) {
        r->cred.kind = CRED_SESSION;
        r->cred.text = h;
    }
}

static bool is_safe(const struct rq *r)
{
    return r->method == M_GET || r->method == M_HEAD;
}

int auth_same_origin(struct rq *r, bool must_say)
{
    const char *site = r->head[RH_SEC_FETCH_SITE], *from = r->head[RH_ORIGIN];
    const char *host = r->head[RH_HOST];
    const char *scheme = r->https ? "https://" : "http://";
    bool said = site || from;

    if (site && strcmp(site, "same-origin") != 0)
        return fail(r->cx, E_FORBIDDEN, "This request came from a page of another site.");
    if (from &&
        (!host || !str_starts(from, scheme) || !str_same_nocase(from + strlen(scheme), host)))
        return fail(r->cx, E_FORBIDDEN, "This request came from a page of another site.");
    if (must_say && !said)
        return fail(r->cx, E_FORBIDDEN,
                    "The browser did not say which page this request came from.");
    return 0;
}

static int check_csrf(struct rq *r)
{
    const char *sent = r->head[RH_CSRF];
    size_t n = r->csrf ? strlen(r->csrf) : 0;
    int rc = auth_same_origin(r, true);

    if (rc < 0)
        return rc;
    if (!sent || n == 0 || strlen(sent) != n || !id_same(sent, r->csrf, n))
        return fail(r->cx, E_FORBIDDEN, "The page is out of date: reload it and try again.");
    return 0;
}

static int by_session(struct rq *r)
{
    struct session s;
    int rc = session_find(r->cx, r->cred.text, &s);

    if (rc < 0)
        return rc;
    r->csrf = talloc_strdup(r->cx->mem, s.csrf);
    r->touch = s.touch;
    return is_safe(r) ? 0 : check_csrf(r);
}

int auth_identify(struct rq *r)
{
    const char *ip = r->cx->who.ip;
    int rc = 0;

    r->cx->who = (struct who){ .kind = WHO_NOBODY, .ip = ip };
    r->csrf = NULL;
    r->touch = false;
    if (r->cred.kind == CRED_SESSION)
        rc = by_session(r);
    else if (r->cred.kind == CRED_TOKEN)
        rc = token_find(r->cx, r->cred.text, &r->touch);
    else if (!is_safe(r))
        rc = auth_same_origin(r, false);
    if (rc < 0 && r->route->level == MAY_PUBLIC &&
        (rc == E_UNAUTH || r->cred.kind == CRED_SESSION)) {
        fail_clear(r->cx);
        r->cx->who = (struct who){ .kind = WHO_NOBODY, .ip = ip };
        r->csrf = NULL;
        r->touch = false;
        return is_safe(r) ? 0 : auth_same_origin(r, false);
    }
    return rc;
}

int auth_touch(struct rq *r)
{
    if (!r->touch)
        return 0;
    return r->cred.kind == CRED_SESSION ? session_touch(r->cx, r->cred.text)
                                        : token_touch(r->cx, r->cx->who.token);
}

/* ---- the note after a read, in a context of its own -------------------------------------- */

struct note {
    struct run_write write;
    const char *cookie;
    int64_t token;
};

static int note_act(struct ctx *cx, void *arg)
{
    struct note *n = arg;

    return n->cookie ? session_touch(cx, n->cookie) : token_touch(cx, n->token);
}

static void note_done(struct run_write *w)
{
    ctx_free(w->cx);
}

void auth_touch_later(struct rq *r)
{
    struct ctx *cx;
    struct note *n;

    if (!r->touch)
        return;
    cx = ctx_new(NULL);
    n = NEW(cx, struct note);
    cx->who = r->cx->who;
    cx->who.ip = "";
    if (r->cred.kind == CRED_SESSION)
        n->cookie = talloc_strdup(cx->mem, r->cred.text);
    n->token = r->cx->who.token;
    n->write = (struct run_write){ .fn = note_act, .arg = n, .cx = cx, .house = true,
                                   .done = note_done };
    if (run_send(r->run, &n->write) < 0) /* the writer is busy: the next request will say so */
        ctx_free(cx);
}
