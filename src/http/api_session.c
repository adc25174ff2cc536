/*
 * api_session.c -- coming in: log-in, log-out, set-up, an invitation, a new password.
 *
 * Hashing takes 0.1 s: `in` functions do it on the worker, between a read act
 * and the write act, as domain/session.h describes.
 */
#include "core/id.h"
#include "domain/invite.h"
#include "domain/org.h"
#include "domain/password.h"
#include "domain/session.h"
#include "domain/user.h"
#include "http/act.h"
#include "http/api.h"
#include "http/auth.h"
#include "http/field.h"
#include "http/reply.h"
#include "http/shape.h"
#include "http/ui.h"

#define FORM_COOKIE "csrftoken"

struct entry {
    const char *email, *password, *fresh, *name, *org, *token;
    struct login login;
    struct setup setup;
    bool ok;
    char *hash;
};

/* {person, org, csrf}: what a page needs to know about who is there. */
static int reply_session(struct rq *r, int status, const char *csrf)
{
    struct user u;
    struct org o;
    int rc;

    if ((rc = user_get(r->cx, r->cx->who.person, &u)) < 0 || (rc = org_get(r->cx, u.org, &o)) < 0)
        return rc;
    reply_json(r, status, json_pack("{s:o, s:{s:I, s:s}, s:s}", "person", shape_person(&u),
                                    "org", "id", (json_int_t)o.id, "name", o.name,
                                    "csrf", csrf ? csrf : ""));
    r->reply.secret = true;
    return 0;
}

int session_show(struct rq *r)
{
    return reply_session(r, 200, r->csrf);
}

/* ---- log in and out -------------------------------------------------------------------- */

static int look_login(struct ctx *cx, void *arg)
{
    struct entry *e = arg;

    return session_look(cx, e->email, &e->login);
}

int session_in(struct rq *r)
{
    struct entry *e = NEW(r->cx, struct entry);
    struct field f;
    int rc;

    r->arg = e;
    if ((rc = auth_same_origin(r, false)) < 0 || (rc = field_body(r, &f)) < 0)
        return rc;
    field_need(&f, "email");
    field_need(&f, "password");
    field_str(&f, "email", &e->email);
    field_str(&f, "password", &e->password);
    if (f.rc < 0 || (rc = act_look(r, look_login, e)) < 0)
        return f.rc < 0 ? f.rc : rc;
    return password_verify(r->cx, e->login.pass_hash, e->password, &e->ok, &e->hash);
}

static int refused(struct rq *r)
{
    return reply_error(r,
                       session_refusal(r->cx)); /* the act itself stands: it counted the failure */
}

/* 1 when a session was opened; 0 when that was refused and answered. */
static int log_in(struct rq *r, struct session *s)
{
    struct entry *e = r->arg;
    int rc;

    if (!e->ok)
        return (rc = session_refuse(r->cx, &e->login)) < 0 ? rc : refused(r);
    if ((rc = session_open(r->cx, &e->login, e->hash, auth_session_cookie(r), s)) < 0)
        return rc;
    if (s->refused)
        return refused(r);
    r->cx->who = s->who;
    return 1;
}

int session_log_in(struct rq *r)
{
    struct session s;
    int rc = log_in(r, &s);

    if (rc <= 0 || (rc = reply_session(r, 201, s.csrf)) < 0)
        return rc;
    auth_set_session(r, s.cookie);
    return 0;
}

/*
 * Label Studio's form, as its old client fills it in: GET for the cookie, POST with the same value
 * in a field, and then GET /api/current-user/token.  Our own page uses /api/session.
 */
int login_page(struct rq *r)
{
    char token[SESSION_CHARS + 1];
    int rc = ui_route.act(r);

    id_base62(token, SESSION_CHARS);
    reply_header(r, "Set-Cookie", FORM_COOKIE "=%s; Path=/user/login; HttpOnly; SameSite=Strict%s",
                 token, r->https ? "; Secure" : "");
    return rc;
}

int login_in(struct rq *r)
{
    const char *have = auth_cookie(r, FORM_COOKIE), *sent = NULL;
    struct field f;
    int rc;

    if (field_body(r, &f) < 0)
        return f.rc;
    field_need(&f, "email");
    field_need(&f, "password");
    field_str(&f, "csrfmiddlewaretoken", &sent);
    if (f.rc < 0)
        return f.rc;
    if (!have || !sent || strlen(have) != SESSION_CHARS || strlen(sent) != SESSION_CHARS ||
        !id_same(have, sent, SESSION_CHARS))
        return fail(r->cx, E_FORBIDDEN, "The page is out of date: reload it and try again.");
    if ((rc = session_in(r)) == 0)
        ((struct entry *)r->arg)->login.by_form = true;
    return rc;
}

int login_act(struct rq *r)
{
    struct session s;
    int rc = log_in(r, &s);

    if (rc <= 0)
        return rc;
    reply_empty(r, 302);
    reply_header(r, "Location", "/");
    auth_set_session(r, s.cookie);
    r->reply.secret = true;
    return 0;
}

int session_log_out(struct rq *r)
{
    int rc = r->cred.kind == CRED_SESSION ? session_close(r->cx, r->cred.text) : 0;

    if (rc < 0)
        return rc;
    reply_empty(r, 204);
    auth_set_session(r, "");
    r->touch = false;
    return 0;
}

/* ---- the first administrator ----------------------------------------------------------- */

int setup_show(struct rq *r)
{
    const char *token = query_str(r, "token");
    int rc = setup_open(r->cx);

    if (rc < 0)
        return rc;
    if (rc > 0 && token && (rc = setup_check(r->cx, token)) < 0)
        return rc;
    return reply_json(r, 200, json_pack("{s:b}", "open", rc >= 0 && setup_open(r->cx) > 0));
}

static int look_setup(struct ctx *cx, void *arg)
{
    struct entry *e = arg;

    return setup_check(cx, e->token);
}

/* A password fit for this person, hashed. */
static int make_hash(struct rq *r, struct entry *e)
{
    const char *about[3] = { e->email ? e->email : e->name, e->email ? e->name : NULL,
                             e->email && e->name ? e->org : NULL };
    int rc = password_check(r->cx, e->password, about);

    return rc < 0 ? rc : password_hash(r->cx, e->password, &e->hash);
}

int setup_in(struct rq *r)
{
    struct entry *e = NEW(r->cx, struct entry);
    struct field f;
    int rc;

    r->arg = e;
    e->name = "";
    if ((rc = field_body(r, &f)) < 0)
        return rc;
    field_need(&f, "token");
    field_need(&f, "org");
    field_need(&f, "email");
    field_need(&f, "password");
    field_str(&f, "token", &e->token);
    field_str(&f, "org", &e->org);
    field_str(&f, "name", &e->name);
    field_str(&f, "email", &e->email);
    field_str(&f, "password", &e->password);
    if (f.rc < 0 || (rc = act_look(r, look_setup, e)) < 0)
        return f.rc < 0 ? f.rc : rc;
    if (!*e->name)
        e->name = e->email;
    return make_hash(r, e);
}

int setup_act(struct rq *r)
{
    struct entry *e = r->arg;
    struct setup s = { .org = e->org, .name = e->name, .email = e->email, .pass_hash = e->hash };
    int64_t person;
    int rc = setup_finish(r->cx, e->token, &s, &person);

    return rc < 0 ? rc
                  : reply_json(r, 201, json_pack("{s:{s:I}}", "person", "id", (json_int_t)person));
}

/* ---- an invitation, from the side of the invited ---------------------------------------- */

int invitation_show(struct rq *r)
{
    struct invite i;
    int rc = invite_look(r->cx, r->part[0], &i);

    if (rc < 0)
        return rc;
    return reply_json(r, 200,
                      json_pack("{s:s, s:s?, s:s, s:s?, s:o}", "org", i.org_name, "project",
                                i.project ? i.project_title : NULL, "role", role_name(i.role),
                                "email", *i.email ? i.email : NULL, "expires_at",
                                json_time(i.ends)));
}

static int look_invitation(struct ctx *cx, void *arg)
{
    struct entry *e = arg;
    struct invite i;
    int rc = invite_look(cx, e->token, &i);

    if (rc >= 0 && !e->email && *i.email)
        e->email = i.email;
    if (rc >= 0)
        e->org = i.org_name;
    return rc;
}

int invitation_in(struct rq *r)
{
    struct entry *e = NEW(r->cx, struct entry);
    struct field f;
    int rc;

    r->arg = e;
    e->token = r->part[0];
    e->name = "";
    if ((rc = field_body(r, &f)) < 0)
        return rc;
    field_need(&f, "password");
    field_str(&f, "name", &e->name);
    field_str(&f, "email", &e->email);
    field_str(&f, "password", &e->password);
    if (f.rc < 0 || (rc = act_look(r, look_invitation, e)) < 0)
        return f.rc < 0 ? f.rc : rc;
    if (!e->email)
        return fail_at(r->cx, E_INVALID, "email", "This field is required.");
    if (!*e->name)
        e->name = e->email;
    return make_hash(r, e);
}

int invitation_accept(struct rq *r)
{
    struct entry *e = r->arg;
    struct invite_person p = { .name = e->name, .email = e->email, .pass_hash = e->hash };
    int64_t person;
    int rc = invite_accept(r->cx, e->token, &p, &person);

    return rc < 0 ? rc
                  : reply_json(r, 201, json_pack("{s:{s:I}}", "person", "id", (json_int_t)person));
}

int invitation_join(struct rq *r)
{
    struct invite i;
    int rc = invite_join(r->cx, r->part[0], &i);

    if (rc < 0)
        return rc;
    return reply_json(r, 200, json_pack("{s:o, s:s}", "project",
                                        i.project ? json_integer(i.project) : json_null(),
                                        "role", role_name(i.role)));
}

/* ---- a new password -------------------------------------------------------------------- */

struct own {
    struct rq *r;
    struct entry *e;
};

static int look_own(struct ctx *cx, void *arg)
{
    struct own *o = arg;
    struct user u;
    int rc;

    if ((rc = auth_identify(o->r)) < 0)
        return rc;
    if (cx->who.kind != WHO_PERSON)
        return fail(cx, E_UNAUTH, "Please log in.");
    if ((rc = user_get(cx, cx->who.person, &u)) < 0)
        return rc;
    o->e->name = u.name;
    o->e->email = u.email;
    return session_look(cx, u.email, &o->e->login);
}

int account_password_in(struct rq *r)
{
    struct entry *e = NEW(r->cx, struct entry);
    struct own own = { r, e };
    struct field f;
    int rc;

    r->arg = e;
    if ((rc = field_body(r, &f)) < 0)
        return rc;
    field_need(&f, "old");
    field_need(&f, "password");
    field_str(&f, "old", &e->fresh);
    field_str(&f, "password", &e->password);
    if (f.rc < 0 || (rc = act_look(r, look_own, &own)) < 0)
        return f.rc < 0 ? f.rc : rc;
    rc = password_verify(r->cx, e->login.pass_hash, e->fresh, &e->ok, NULL);
    return rc < 0 || !e->ok ? rc : make_hash(r, e);
}

int account_password(struct rq *r)
{
    struct entry *e = r->arg;
    const char *cookie = r->cred.kind == CRED_SESSION ? r->cred.text : NULL;
    int rc;

    if (!e->ok) {
        if ((rc = session_refuse(r->cx, &e->login)) < 0)
            return rc;
        return reply_error(r, fail_at(r->cx, E_INVALID, "old", "This is not your password."));
    }
    rc = user_password(r->cx, r->cx->who.person, e->login.pass_hash, e->hash, cookie);
    return rc < 0 ? rc : reply_session(r, 200, r->csrf);
}
