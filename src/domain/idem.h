/*
 * idem.h -- the same request twice is one request.
 *
 * An Idempotency-Key belongs to one principal and is kept for seven days.  The
 * row is written in the transaction of the act itself, so that after a crash a
 * repeat finds either both or neither.  Only answers below 400 are kept: an act
 * that was refused stored nothing, and may be tried again.
 *
 * Owns table: idem.
 */
#ifndef DOMAIN_IDEM_H
#define DOMAIN_IDEM_H

#include "core/ctx.h"

#define IDEM_KEEP_MS (7LL * 24 * 3600 * 1000)
#define IDEM_KEY_MAX 200

/* 1 and the stored answer; 0 when the key is new; E_KEYREUSE when the body differs; E_INVALID for a
 * key that is empty, too long or not printable ASCII. */
int idem_find(struct ctx *cx, const char *key, const uint8_t body_hash[32], int *status,
              const char **body, size_t *n);
int idem_keep(struct ctx *cx, const char *key, const uint8_t body_hash[32], int status,
              const char *body, size_t n);
int idem_sweep(struct ctx *cx);         /* HOUSE: forget what is older, at most a slice of rows */

#endif
