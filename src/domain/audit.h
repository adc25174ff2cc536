/*
 * audit.h -- what happened.
 *
 * Every act that changes state appends exactly one row, in its own savepoint;
 * store/act asserts it.  The detail is JSON with ids, counts and digests; it
 * never holds payload.  An import of a million rows is one row with the count
 * and the digest of the file.
 *
 * Owns table: audit.
 */
#ifndef DOMAIN_AUDIT_H
#define DOMAIN_AUDIT_H

#include "core/ctx.h"

/*
 * Append the row of this act: audit(cx, project, "lease.claim", lease, "{\"task\":%lld}", …).
 * `detail` is a printf format that must yield a JSON object; NULL is "{}".
 * Text goes in with %s only when it came from buf_add_json or is a plain word.
 */
int audit(struct ctx *cx, int64_t project, const char *act, int64_t object, const char *detail, ...)
    __attribute__((format(printf, 5, 6)));

/*
 * The same for an act in which the person shows who they are (log-in, invitation, set-up): an act
 * may not change cx->who, so the row is told on whose behalf it stands.
 */
int audit_as(struct ctx *cx, const struct who *as, int64_t project, const char *act, int64_t object,
             const char *detail, ...) __attribute__((format(printf, 6, 7)));

struct audit_row {
    int64_t id, at, project, person, object;
    const char *act, *detail;
};

/* Newest last; by cursor.  project 0: the organisation of cx->who. */
int audit_list(struct ctx *cx, int64_t project, int64_t after, int limit, struct audit_row **out,
               int *n);

/* SHA-256 over all rows in order, with ids renumbered from 1 by table and first sight: two
 * databases that saw the same acts at the same times have the same root.  Hex on cx->mem. */
int audit_root(struct ctx *cx, char **hex);

#endif
