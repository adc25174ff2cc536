/*
 * vendor.h -- suppliers of people.  The in-house team is one, made with the organisation.
 *
 * A vendor is an attribute of a membership: it says whose person somebody is in
 * that project.  No member learns that another vendor exists; the list is for
 * owners, managers and auditors of the organisation.
 *
 * Owns table: vendor.
 */
#ifndef DOMAIN_VENDOR_H
#define DOMAIN_VENDOR_H

#include "core/ctx.h"

struct vendor {
    int64_t id, org, created;
    const char *name;
    bool inhouse;
};

/* Part of the act that makes the organisation: no audit row of its own. */
int vendor_make_inhouse(struct ctx *cx, int64_t org);

/*
 * WRITE, audit 'vendor.add'.  org 0: the caller's own.  Owners and managers of the organisation.
 * E_INVALID the name      E_EXISTS a vendor of that name      E_FORBIDDEN, E_NOTFOUND as access.h
 */
int vendor_add(struct ctx *cx, int64_t org, const char *name, int64_t *id);

/* READ, by id after `after`.  Owners, managers, auditors of the organisation. */
int vendor_list(struct ctx *cx, int64_t org, int64_t after, int limit, struct vendor **out, int *n);

/* The in-house vendor of an organisation.  E_INTERNAL when it has none: that cannot be. */
int vendor_inhouse(struct ctx *cx, int64_t org, int64_t *id);

/* Settle a vendor id given by a caller: 0 becomes the in-house team.
 * E_INVALID (field "vendor") when it is not of this organisation. */
int vendor_settle(struct ctx *cx, int64_t org, int64_t *id);

#endif
