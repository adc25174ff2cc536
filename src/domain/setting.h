/*
 * setting.h -- what the server keeps to itself: its secrets and its set-up link.
 *
 * The table is made by store/migrate, which owns the rows named 'schema.*'.
 * This file owns the rows named 'secret.*' and 'setup.*', and nothing else may
 * read them: no list, no export and no audit detail shows a value from here.
 *
 * Writes the rows 'secret.*' and 'setup.*' of table setting.
 */
#ifndef DOMAIN_SETTING_H
#define DOMAIN_SETTING_H

#include "core/ctx.h"

#define SECRET_BYTES 32

/* 1 and the value on cx->mem, or 0 when there is none. */
int setting_get(struct ctx *cx, const char *name, char **value);
int setting_put(struct ctx *cx, const char *name, const char *value);
int setting_drop(struct ctx *cx, const char *name);

/* Drop the row if it has this value: 1 when it was there, else 0.  Of several who try, one gets 1.
 */
int setting_take(struct ctx *cx, const char *name, const char *value);

/*
 * HOUSE, at start: make the server's secrets where they are missing.  A secret
 * that exists is never changed by this.
 */
int secret_ready(struct ctx *cx);

/* READ: the bytes of 'secret.NAME'.  E_INTERNAL when secret_ready has not run. */
int secret_get(struct ctx *cx, const char *name, uint8_t out[SECRET_BYTES]);

#endif
