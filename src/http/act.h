/*
 * act.h -- the one-way street of a request, from a worker on:
 *
 *     credentials → decode → [ identify → CSRF → authorise → act → answer → keep ] → done
 *                              └──────────── inside one act ─────────────────┘
 *
 * Reads run on the worker; writes go to the store's writer and come back after
 * their commit.  A write with an Idempotency-Key finds or keeps its answer
 * inside the same act (domain/idem.h).
 */
#ifndef HTTP_ACT_H
#define HTTP_ACT_H

#include "http/rq.h"
#include "http/work.h"

void act_begin(struct work_item *item);     /* the whole request */
void act_chunk(struct work_item *item);     /* a chunk of an upload */

/* For `in` functions: a read act of their own, before the route's act.  0 or E_*. */
int act_look(struct rq *r, int (*fn)(struct ctx *cx, void *arg), void *arg);

#endif
