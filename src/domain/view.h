/*
 * view.h -- a saved way to look at the tasks of a project.
 *
 * Its data is the caller's JSON (Label Studio's keys: title, filters, ordering,
 * hiddenColumns …), kept as sent; only the filters and the order must be ones
 * that filter.h knows.  A view is shared, or seen by the person who made it
 * alone; nobody else may know that it exists.
 *
 * Owns table: view.
 */
#ifndef DOMAIN_VIEW_H
#define DOMAIN_VIEW_H

#include <jansson.h>

#include "core/ctx.h"
#include "domain/access.h"

struct view {
    int64_t id, project, person, ord, created, updated;
    bool shared;
    const char *data;           /* a JSON object */
};

struct view_edit {
    const json_t *data;         /* NULL: as it is */
    int shared;                 /* -1: as it is */
};

/* Those of the project that the caller sees, in their order; at most LIMIT_VIEWS. */
int view_list(struct ctx *cx, int64_t project, struct view **out, int *n);
int view_get(struct ctx *cx, int64_t id, struct view *out);     /* E_NOTFOUND */

/*
 * E_INVALID  the data is no object, or its filters are none
 * E_TOOBIG   longer than LIMIT_VIEW_BYTES, or one view more than LIMIT_VIEWS
 */
int view_add(struct ctx *cx, int64_t project, const struct view_edit *e, int64_t *id);
int view_set(struct ctx *cx, int64_t id, const struct view_edit *e);
int view_delete(struct ctx *cx, int64_t id);
int view_reset(struct ctx *cx, int64_t project);        /* all that the caller sees */

/* These first, in this order; unknown ids and other projects' are passed over. */
int view_order(struct ctx *cx, int64_t project, const int64_t *id, int n);

#endif
