/*
 * session.h -- who is at the browser.
 *
 * A session is 256 random bits in a cookie; the table holds their SHA-256.  It
 * ends 12 idle hours after the last request or 7 days after log-in; for owners
 * and managers (of the organisation or of any project) after 1 idle hour or 12
 * hours.  Each log-in makes a new one and drops the one the browser brought;
 * a change of role or password ends the person's sessions.
 *
 * Log-in has three steps, because a password takes 0.1 s to check:
 *
 *     READ   session_look(email, &l)              throttle, stored hash
 *     –      password_verify(cx, l.pass_hash, typed, &ok, &rehash)
 *     WRITE  ok ? session_open(…) : session_refuse(…)
 *
 * and the answer of the handler is `return session_refusal(cx)` when it was not
 * ok: an act that fails is rolled back, but a refusal must be counted and
 * audited, so the act itself succeeds.  session_open too may find that the
 * person has been stopped, or that too many failures came in, meanwhile:
 * out->refused, same answer.
 *
 * Owns table: session.
 */
#ifndef DOMAIN_SESSION_H
#define DOMAIN_SESSION_H

#include "core/ctx.h"

#define SESSION_IDLE_MS             (12 * 3600 * 1000LL)
#define SESSION_LONGEST_MS          (7 * 24 * 3600 * 1000LL)
#define SESSION_STRICT_IDLE_MS      (3600 * 1000LL)
#define SESSION_STRICT_LONGEST_MS   (12 * 3600 * 1000LL)
#define SESSION_TOUCH_MS            (60 * 1000LL)
#define SESSION_CHARS               43          /* base62: 256 bits */

struct login {
    const char *email;          /* cleaned; what was typed when it is no address */
    int64_t person, org;        /* 0: nobody of that address may log in */
    const char *pass_hash;      /* NULL then: password_verify works on its dummy */
    const char *name;
    bool by_form;               /* Label Studio's: the session gets a key (token_of_login) */
};

struct session {
    char cookie[SESSION_CHARS + 1];     /* only from session_open */
    char csrf[SESSION_CHARS + 1];
    int64_t person;
    int64_t ends;               /* absolute end, unix milliseconds */
    struct who who;             /* for cx->who, after the act */
    bool refused;               /* session_open: nothing was opened */
    bool touch;                 /* session_find: it is time for session_touch */
};

/* READ.  Never says whether there is such a person.  E_TOOMANY  wait first */
int session_look(struct ctx *cx, const char *email, struct login *out);

/*
 * WRITE, audit 'session.open' (or 'session.refused' when out->refused).  The caller does
 * cx->who = out->who afterwards.  `rehash` as password_verify gave it, or NULL; `old_cookie` is
 * what the browser brought, or NULL.
 */
int session_open(struct ctx *cx, const struct login *l, const char *rehash, const char *old_cookie,
                 struct session *out);

/* WRITE, audit 'session.refused': counts the failure; returns 0. */
int session_refuse(struct ctx *cx, const struct login *l);

/* E_UNAUTH with the one sentence that is the same for every reason. */
int session_refusal(struct ctx *cx);

/* READ.  Fills cx->who (ip stays).  E_UNAUTH  no such session, or it is over, or the person
 * is not active */
int session_find(struct ctx *cx, const char *cookie, struct session *out);

/* HOUSE, when session_find said so: the session was used just now. */
int session_touch(struct ctx *cx, const char *cookie);

/* WRITE, audit 'session.close'.  Log out; closing what is over is no error. */
int session_close(struct ctx *cx, const char *cookie);

/* Part of a larger act: end all sessions of a person but one (NULL: all), and the keys that came
 * with log-ins by form. */
int session_end_all(struct ctx *cx, int64_t person, const char *keep_cookie);

/* HOUSE: forget sessions that are over, at most a slice of rows. */
int session_sweep(struct ctx *cx);

#endif
