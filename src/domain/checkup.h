/*
 * checkup.h -- is what is stored true to the rules?  For `annotary doctor`.
 *
 * Each check is a sentence and a question that counts the rows that break it;
 * the slots of each project are recomputed from leases and answers.  A finding
 * is a mistake of the program or a hand in the database; nothing is repaired.
 *
 * Reads everything, owns nothing.
 */
#ifndef DOMAIN_CHECKUP_H
#define DOMAIN_CHECKUP_H

#include "core/ctx.h"

struct checkup {
    const char *what;           /* "every organisation has one in-house vendor" */
    int64_t wrong;              /* rows that break it */
};

/* READ, for the machine itself.  All checks, also those that found nothing.  E_FORBIDDEN */
int checkup_rules(struct ctx *cx, struct checkup **out, int *n);

/* READ.  How many rows the large tables have: `what` is the table, `wrong` the count. */
int checkup_counts(struct ctx *cx, struct checkup **out, int *n);

#endif
