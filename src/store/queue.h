/*
 * queue.h -- acts waiting for the writer, first come first served, bounded.
 *
 * Counted against the bounds: how many wait (LIMIT_QUEUE_ACTS), the bytes of
 * their bodies (LIMIT_QUEUE_BYTES), how long the oldest has waited
 * (LIMIT_QUEUE_MS), and how many one person has under way
 * (LIMIT_PERSON_ACTS: from the push until queue_done).
 */
#ifndef STORE_QUEUE_H
#define STORE_QUEUE_H

#include "store/act.h"

struct queue;

struct queue *queue_new(void);
void queue_free(struct queue *q);

/*
 * E_BUSY     closed; or, with `bounded`, too many, too large or too slow
 * E_TOOMANY  with `bounded`: this person has enough under way
 */
int queue_push(struct queue *q, struct act *a, bool bounded);

/* Wait, then take up to `max` in order, linked by `next`.  NULL: closed and empty; or `timeout_ms`
 * passed (never when it is < 0). */
struct act *queue_take(struct queue *q, int max, int timeout_ms);

/* Before an act is answered: it no longer counts for its person. */
void queue_done(struct queue *q, const struct act *a);

void queue_close(struct queue *q);      /* nothing more comes in; what waits is still taken */
int queue_waiting(struct queue *q);
bool queue_closed(struct queue *q);

#endif
