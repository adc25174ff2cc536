/*
 * exposure.h -- the one door through which task content leaves.
 *
 * Two kinds of reader.  A party (the in-house team, every vendor) gets a row
 * for each item, written at the grant of the lease that serves it, before a
 * byte leaves; later looks check the row and write nothing.  The core team
 * (owner, manager, auditor with content, scripts, exports) gets one audit row
 * for each act: exposure_open counts into cx->looked, and whoever runs the act
 * must have exposure_log's row on disk before it sends the answer (run_read in
 * domain/run does).
 *
 * Owns tables: exposure, look.
 */
#ifndef DOMAIN_EXPOSURE_H
#define DOMAIN_EXPOSURE_H

#include "core/ctx.h"
#include "domain/access.h"

struct content {
    int64_t task, version;
    const char *data, *meta;    /* JSON; meta may be NULL */
    size_t ndata, nmeta;
};

/* At the grant of a lease, inside its act: reserve and count. */
int exposure_grant(struct ctx *cx, const struct access *a, int64_t task, int64_t lease);

/*
 * The plain content.  For a core reader it is counted into cx->looked; for a
 * party a look row must exist.
 * E_NOTFOUND  no such task in a->project, or this person was never lent it
 */
int exposure_open(struct ctx *cx, const struct access *a, int64_t task, struct content *out);

/*
 * The same for a page of an export: the contents of tasks first … last of the
 * project, in the order of their ids, at most `limit`.  Core readers only.
 * E_FORBIDDEN  a party
 */
int exposure_open_range(struct ctx *cx, const struct access *a, int64_t first, int64_t last,
                        int limit, struct content **out, int *n);

/*
 * A whole uploaded file, which holds the data of many tasks: about to leave.
 * E_FORBIDDEN  a party
 */
int exposure_file(struct ctx *cx, const struct access *a, int64_t bytes);

/* The WRITE act that a core reader's READ act owes: one audit row with count and bytes. */
int exposure_log(struct ctx *cx, const char *act);

struct look {
    int64_t person, task, party, lease, first, bytes;
};
int exposure_report(struct ctx *cx, int64_t project, int64_t after_task, int limit,
                    struct look **out, int *n);

#endif
