/*
 * auth.h -- who is calling.
 *
 *   cookie    `__Host-annotary` over https, `annotary_session` over plain http on this machine
 *   header    Authorization: Token …, Authorization: Bearer …, or X-API-Key
 *
 * A header wins over a cookie.  One function for all of them, run inside the
 * act, so that a revoked key or an ended session is seen by the very next act.
 *
 * A request with a cookie that may change state must prove that our own page
 * sent it: X-CSRF-Token as the session says, and Sec-Fetch-Site same-origin or
 * an Origin that names our host (E_FORBIDDEN).
 */
#ifndef HTTP_AUTH_H
#define HTTP_AUTH_H

#include "http/rq.h"

/* On a worker: what credentials the request brings.  Never fails. */
void auth_read(struct rq *r);

/* Inside the act: fill cx->who and r->csrf.  Without credentials: WHO_NOBODY.
 * E_UNAUTH   what was brought is wrong or over; on a PUBLIC route it then counts as nothing
 * E_FORBIDDEN a state change from a page that is not ours */
int auth_identify(struct rq *r);

/* Where the request came from, as the browser says: our own page, or nothing said. */
int auth_same_origin(struct rq *r, bool must_say);

const char *auth_cookie(struct rq *r, const char *name);     /* value of a cookie, or NULL */
const char *auth_session_cookie(struct rq *r);               /* of the session, or NULL */
void auth_set_session(struct rq *r, const char *value);      /* "" forgets it */

/* Note that the session or key was used: inside a write act, or (after a read) as an act of its
 * own. */
int auth_touch(struct rq *r);
void auth_touch_later(struct rq *r);

#endif
