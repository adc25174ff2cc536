/*
 * user.h -- people.
 *
 * A person belongs to one organisation.  The e-mail address is the name they
 * log in with: lower case, unique in the installation.  An external author is
 * somebody who gave answers elsewhere and came in with an import: a name in one
 * project, who cannot log in.
 *
 * People are not deleted: their answers stay theirs.  `active = 0` ends every
 * session and makes every token useless at once.
 *
 * Invariant: an organisation that has an active owner keeps one.
 *
 * Changing a password takes four steps, because hashing is slow and the writer is not for waiting:
 *
 *     READ   session_look(own e-mail)             also the throttle
 *     –      password_verify(old), password_check(new), password_hash(new)
 *     WRITE  user_password(…)                     or session_refuse when the old one was wrong
 *
 * Owns table: person.
 */
#ifndef DOMAIN_USER_H
#define DOMAIN_USER_H

#include "core/ctx.h"

#define EMAIL_MAX 254

struct user {
    int64_t id, org, created;
    const char *name;
    const char *email;          /* "" for an external author */
    const char *prefs;          /* JSON object: what the browser remembers for this person */
    int org_role;               /* enum role */
    int64_t external_of;        /* project of an external author, else 0 */
    bool active;
};

/* Check, trim and lower-case.  E_INVALID (field "email") */
int email_check(struct ctx *cx, const char *email, const char **clean);

struct user_new {
    int64_t org;                /* 0: the caller's own */
    const char *email, *name;
    int org_role;
    const char *pass_hash;      /* NULL: no password yet */
};

/* Part of a larger act (set-up, invitation): checks the fields, no audit row.
 * E_INVALID   E_EXISTS (field "email") */
int user_make(struct ctx *cx, const struct user_new *in, int64_t *id);

/*
 * WRITE, audit 'user.add'.  The machine itself, or an owner of the organisation.
 * E_INVALID   E_EXISTS (field "email")   E_FORBIDDEN, E_NOTFOUND as access.h
 */
int user_add(struct ctx *cx, const struct user_new *in, int64_t *id);

/* READ.  Oneself, and for owners, managers and auditors everybody of the organisation.
 * E_NOTFOUND */
int user_get(struct ctx *cx, int64_t id, struct user *out);

/* READ.  People (no external authors) by id after `after`; org 0: the caller's own. */
int user_list(struct ctx *cx, int64_t org, int64_t after, int limit, struct user **out, int *n);

/* READ.  A person of the organisation by e-mail; the same rule as user_get.  E_NOTFOUND */
int user_by_email(struct ctx *cx, const char *email, struct user *out);

struct user_set {
    const char *name;           /* NULL: leave */
    const char *prefs;          /* NULL: leave; else a JSON object of at most 64 KiB */
    int active, org_role;       /* -1: leave */
};

/*
 * WRITE, audit 'user.set'.  Name and prefs: oneself or an owner of the organisation.  `active` and
 * `org_role`: an owner.  A change of either ends the person's sessions.
 * E_INVALID    a field; or the last owner would go
 * E_FORBIDDEN, E_NOTFOUND
 */
int user_set(struct ctx *cx, int64_t id, const struct user_set *in);

/*
 * WRITE, audit 'user.password'.  `seen_hash` is the hash the old password was verified against (of
 * session_look).  The person themself; the machine may pass seen_hash NULL and set it without the
 * old one.  Ends all sessions of the person but the one whose cookie is given (NULL: all).
 * E_CHANGED    somebody changed the password meanwhile
 */
int user_password(struct ctx *cx, int64_t person, const char *seen_hash, const char *new_hash,
                  const char *keep_cookie);

/* Part of an invitation's act: a role in the organisation; ends the sessions.  No audit. */
int user_grant(struct ctx *cx, int64_t person, int org_role);

/* Part of the log-in act: the same password, hashed with today's settings.  Nothing happens when it
 * was changed meanwhile.  No audit. */
int user_rehash(struct ctx *cx, int64_t person, const char *old_hash, const char *new_hash);

/* Part of an import's act: the external author `name` of `project`, made when missing.  No
 * audit. */
int user_external(struct ctx *cx, int64_t project, const char *name, int64_t *id);

/*
 * Who is meant by Label Studio's completed_by: an id or an e-mail of a person of the project's
 * organisation.  1 and *id, or 0 when nobody is.  E-mail wins when both are given; pass 0 or NULL
 * for what is absent.
 */
int user_lookup(struct ctx *cx, int64_t project, int64_t id, const char *email, int64_t *out);

#endif
