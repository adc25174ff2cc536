/*
 * invite.h -- the only way in for a new person: a link that works once.
 *
 * A link is good for seven days and for one use.  It may be bound to an e-mail
 * address; then only that address can use it.  With a project it makes a
 * membership there; without one, a role in the organisation (ROLE_NONE: just a
 * person).  Only the SHA-256 of the token is stored; the link is shown once.
 *
 * Nobody can invite to a larger role than their own.
 *
 *     READ   invite_look(token)               what the page shows
 *     –      password_check, password_hash
 *     WRITE  invite_accept(token, &new)       a new person
 *            invite_join(token)               a person who is logged in
 *
 * Owns table: invitation.
 */
#ifndef DOMAIN_INVITE_H
#define DOMAIN_INVITE_H

#include "core/ctx.h"

#define INVITE_MS       (7 * 24 * 3600 * 1000LL)
#define INVITES_OPEN    1000        /* living ones of an organisation */

struct invite {
    int64_t id, org, project, vendor, created_by, created, ends;
    int64_t used, used_by;      /* used without used_by: revoked */
    int role;
    const char *email;          /* "" when not bound */
    const char *org_name, *project_title;   /* only from invite_look */
    const char *token;          /* only from invite_add */
};

struct invite_new {
    int64_t org;                /* 0: the caller's own; used only without a project */
    int64_t project;            /* 0: into the organisation */
    int role;
    int64_t vendor;             /* 0: in-house */
    const char *email;          /* NULL or "": anybody who has the link */
};

/*
 * WRITE, audit 'invite.add'.  Managers and owners of the project; of the organisation without one.
 * E_INVALID   role, vendor, email     E_TOOMANY  INVITES_OPEN     E_FORBIDDEN  a larger role
 * than one's own
 */
int invite_add(struct ctx *cx, const struct invite_new *in, struct invite *out);

/* READ, no log-in needed.  E_NOTFOUND  wrong, used, revoked or over: one sentence for all */
int invite_look(struct ctx *cx, const char *token, struct invite *out);

struct invite_person {
    const char *name, *email;   /* email may be NULL when the link is bound to one */
    const char *pass_hash;      /* from password_hash */
};

/* WRITE, audit 'invite.accept'.  E_NOTFOUND as invite_look; E_INVALID; E_EXISTS  log in, then
 * use the link */
int invite_accept(struct ctx *cx, const char *token, const struct invite_person *in,
                  int64_t *person);

/* WRITE, audit 'invite.join': membership for cx->who.  E_NOTFOUND also for another organisation and
 * another e-mail.  E_EXISTS  already a member with this role or a larger one (the link stays
 * good) */
int invite_join(struct ctx *cx, const char *token, struct invite *out);

/* READ, by id after `after`, all states.  project 0: those into the organisation. */
int invite_list(struct ctx *cx, int64_t org, int64_t project, int64_t after, int limit,
                struct invite **out, int *n);

/* WRITE, audit 'invite.revoke'.  Revoking twice is no error; a used one is E_EXISTS.  E_NOTFOUND */
int invite_revoke(struct ctx *cx, int64_t id);

#endif
