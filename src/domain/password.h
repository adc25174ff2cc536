/*
 * password.h -- passwords, hashed with Argon2id (64 MiB, 3 passes, 1 lane).
 *
 * One hash takes about 0.1 s and 64 MiB, so at most PASSWORD_AT_ONCE run in the
 * process and PASSWORD_QUEUE wait.  Nothing here touches the database: call it
 * on a worker, between acts, never inside one.
 *
 * A password of an unknown person costs as much time as that of a known one:
 * password_verify with hash NULL works on a dummy and says no.
 */
#ifndef DOMAIN_PASSWORD_H
#define DOMAIN_PASSWORD_H

#include "core/ctx.h"

#define PASSWORD_MIN        12      /* characters */
#define PASSWORD_MAX        128
#define PASSWORD_AT_ONCE    2
#define PASSWORD_QUEUE      32

/*
 * Fit to be used by this person?  `about` are up to three words that must not be the password
 * (e-mail, name, organisation); NULL ends them early.
 * E_INVALID (field "password"): too short, too long, not UTF-8, common, or about the person
 */
int password_check(struct ctx *cx, const char *password, const char *const about[3]);

/* *hash on cx->mem.  E_BUSY: the queue is full. */
int password_hash(struct ctx *cx, const char *password, char **hash);

/*
 * *ok says whether it is the right one.  *rehash (may be NULL) receives a new hash when the stored
 * one was made with weaker settings and the password is right, else NULL.  E_BUSY
 */
int password_verify(struct ctx *cx, const char *hash, const char *password, bool *ok,
                    char **rehash);

/* Is it in the list of common passwords, or made by one of the usual recipes? */
bool password_common(struct ctx *cx, const char *password);

#endif
