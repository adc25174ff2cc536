/*
 * org.h -- organisations, and the very first step of an installation.
 *
 * An organisation owns its people, projects and data; nobody sees anything of
 * another one.  It is born together with its in-house vendor: the own staff is
 * a supplier of people like any other (vendor.h).
 *
 * Set-up: while no owner exists anywhere, each start of the server makes a new
 * one-time token and prints it in a link.  Only its SHA-256 is stored; the
 * token before it is void.  Whoever brings it names the organisation and
 * becomes its owner; from then on set-up answers E_FORBIDDEN.
 *
 *     READ   setup_check(token)               is the link good?
 *     –      password_check, password_hash    outside any act: it takes 0.1 s
 *     WRITE  setup_finish(…)
 *
 * Owns table: org.
 */
#ifndef DOMAIN_ORG_H
#define DOMAIN_ORG_H

#include "core/ctx.h"
#include "domain/access.h"

struct org {
    int64_t id, created;
    const char *name;
};

/* HOUSE: *token on cx->mem, or NULL when an owner exists already. */
int setup_begin(struct ctx *cx, char **token);

/* READ.  1 while set-up is open (no owner yet), else 0. */
int setup_open(struct ctx *cx);

/* READ.  E_FORBIDDEN  the link is wrong, was replaced by a newer one, or set-up is over */
int setup_check(struct ctx *cx, const char *token);

struct setup {
    const char *org, *name, *email;
    const char *pass_hash;          /* from password_hash */
};

/*
 * WRITE, audit 'setup.finish': the organisation, its in-house vendor, its owner.
 * E_FORBIDDEN as setup_check
 * E_INVALID   a name or the e-mail address is wrong (fields: org, name, email)
 */
int setup_finish(struct ctx *cx, const char *token, const struct setup *in, int64_t *person);

/*
 * WRITE, audit 'org.add'; with its in-house vendor.  Only for the machine itself (WHO_SYSTEM).
 * E_FORBIDDEN a person asked      E_INVALID the name is empty or too long
 */
int org_add(struct ctx *cx, const char *name, int64_t *id);

/* By id after `after`.  A person sees their own organisation only. */
int org_list(struct ctx *cx, int64_t after, int limit, struct org **out, int *n);

/* E_NOTFOUND  no such organisation, or not the caller's */
int org_get(struct ctx *cx, int64_t id, struct org *out);

/*
 * Settle an organisation given by a caller, and check the level there: 0 becomes their own.
 * E_NOTFOUND another one's, or none; E_FORBIDDEN, E_UNAUTH as access.h
 */
int org_settle(struct ctx *cx, int64_t *org, enum level level);

/* A name fit to be stored: trimmed, 1 … LIMIT_NAME_BYTES bytes of UTF-8, no control characters.
 * `path` names the field of the complaint.  E_INVALID */
int name_check(struct ctx *cx, const char *path, const char *name, const char **clean);

#endif
