/*
 * throttle.h -- slowing down those who guess, without locking out those who know.
 *
 * Three counters, all by name in one table (names are digests, so that a
 * password typed into the wrong field is not stored):
 *
 *   account + address   after 5 failures 1 minute, doubling with each further
 *                       failure up to 1 hour; forgotten after 24 quiet hours
 *   address             30 attempts a minute
 *   account             20 failures within an hour from all addresses together
 *                       make it "hot": then the first counter bites after 1
 *                       failure instead of 5
 *
 * The choice: no counter that an outsider can drive ever refuses an address
 * that has not failed itself.  A flood from elsewhere costs the owner of an
 * account four free typing errors, never the way in.
 *
 * Owns table: throttle.
 */
#ifndef DOMAIN_THROTTLE_H
#define DOMAIN_THROTTLE_H

#include "core/ctx.h"

#define THROTTLE_FREE           5
#define THROTTLE_FREE_HOT       1
#define THROTTLE_FIRST_MS       (60 * 1000LL)
#define THROTTLE_LONGEST_MS     (3600 * 1000LL)
#define THROTTLE_FORGET_MS      (24 * 3600 * 1000LL)
#define THROTTLE_IP_PER_MINUTE  30
#define THROTTLE_HOT_FAILS      20
#define THROTTLE_HOT_MS         (3600 * 1000LL)

/* READ.  May cx->who.ip try `email` now?  *wait_ms (may be NULL): how long to wait.
 * E_TOOMANY with the number of seconds in the sentence */
int throttle_ask(struct ctx *cx, const char *email, int64_t *wait_ms);

/* Parts of the log-in acts (session.h): no audit row. */
int throttle_fail(struct ctx *cx, const char *email);
int throttle_pass(struct ctx *cx, const char *email);

/* HOUSE: forget what no longer matters, at most a slice of rows. */
int throttle_sweep(struct ctx *cx);

#endif
