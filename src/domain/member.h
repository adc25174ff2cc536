/*
 * member.h -- who works in a project, as what, and whose person they are there.
 *
 * A membership has a role and a vendor (the in-house team by default).  It is
 * ended, never deleted, and can begin again.  A change of role ends the
 * person's sessions: the next one starts with the rights of the new role.
 *
 * Nobody grants or takes a role larger than their own.
 * Invariant: a project that has an owner keeps one, unless its organisation
 * has an active owner (who owns all its projects).
 *
 * Owns table: member.
 */
#ifndef DOMAIN_MEMBER_H
#define DOMAIN_MEMBER_H

#include "core/ctx.h"

struct member {
    int64_t project, person, vendor, created;
    int64_t ended;              /* 0: still there */
    int role;                   /* enum role */
    const char *name, *email, *vendor_name;
    bool active;                /* the person may log in */
};

/*
 * Part of a larger act (project_add, an invitation, the demo): no check, no
 * audit.  vendor 0: in-house.  Begins an ended membership again.
 */
int member_make(struct ctx *cx, int64_t project, int64_t person, int role, int64_t vendor);

/*
 * WRITE, audit 'member.add'.  Managers and owners of the project.
 * E_INVALID   role or vendor      E_EXISTS  a member already
 * E_NOTFOUND  the project, or a person of another organisation (field "person")
 * E_FORBIDDEN
 */
int member_add(struct ctx *cx, int64_t project, int64_t person, int role, int64_t vendor);

/*
 * READ, by person id after `after`.  Managers, owners and auditors see everybody; other members
 * only themselves (a vendor's people must not learn of another's).  Ended ones only with `ended`.
 */
int member_list(struct ctx *cx, int64_t project, bool ended, int64_t after, int limit,
                struct member **out, int *n);

/* READ.  The same rule.  E_NOTFOUND */
int member_get(struct ctx *cx, int64_t project, int64_t person, struct member *out);

/* WRITE, audit 'member.set'.  role 0 and vendor 0: leave.  E_INVALID  the last owner;
 * E_NOTFOUND; E_FORBIDDEN */
int member_set(struct ctx *cx, int64_t project, int64_t person, int role, int64_t vendor);

/* WRITE, audit 'member.end'.  Managers and owners; anybody may leave.  E_INVALID  the last
 * owner; E_NOTFOUND; E_FORBIDDEN */
int member_end(struct ctx *cx, int64_t project, int64_t person);

#endif
