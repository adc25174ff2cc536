/*
 * pool.h -- connections lent to threads, opened when first needed.
 */
#ifndef STORE_POOL_H
#define STORE_POOL_H

#include "store/act.h"

struct pool;
struct store;

struct pool *pool_new(struct store *st, int max, bool readonly);
void pool_free(struct pool *p);             /* all must have been given back */

/* E_BUSY when none came free within LIMIT_QUEUE_MS; or what opening one says. */
int pool_take(struct ctx *cx, struct pool *p, struct db **db);

/* The same, in a transaction begun.  A connection that died while it was idle is replaced. */
int pool_begin(struct ctx *cx, struct pool *p, enum act_kind kind, struct db **db);

void pool_give(struct pool *p, struct db *db);      /* one that was lost is closed */

#endif
