/*
 * guide.h -- every wording of a project's guidelines.
 *
 * The present one stands in the project; each change adds a version here, so
 * that an answer made under version 3 can be read beside version 3, and a
 * person is shown what changed since they read.  A version is never edited.
 *
 * Owns table: guide.
 */
#ifndef DOMAIN_GUIDE_H
#define DOMAIN_GUIDE_H

#include "core/ctx.h"

#define GUIDE_VERSIONS 50               /* listed: the newest */

struct guide {
    int64_t n, created;
    const char *text;           /* NULL in a list */
};

/* Part of an act of the project's: no audit row of its own. */
int guide_add(struct ctx *cx, int64_t project, int64_t n, const char *text);

int guide_get(struct ctx *cx, int64_t project, int64_t n, struct guide *out);      /* E_NOTFOUND */

/* Newest first, without their texts, at most GUIDE_VERSIONS. */
int guide_list(struct ctx *cx, int64_t project, struct guide **out, int *n);

#endif
