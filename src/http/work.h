/*
 * work.h -- threads that do what the loop must not: decode, hash, read.
 *
 * Two bounded lanes, reads and writes, each up to LIMIT_WORKER_QUEUE, served
 * by turns so that neither starves the other; and a lane of chores (a chunk of
 * an upload, a piece of a stream), which is bounded by the number of
 * connections, because each has at most one.
 *
 * Threads are started when there is work and nobody idle, up to the number given.
 */
#ifndef HTTP_WORK_H
#define HTTP_WORK_H

#include <stdbool.h>

enum work_lane { WORK_READ, WORK_WRITE, WORK_CHORE, WORK_LANES };

struct work_item {
    void (*fn)(struct work_item *);
    struct work_item *next;
};

struct work;

struct work *work_new(void *parent, int threads, int limit);
bool work_push(struct work *w, enum work_lane lane, struct work_item *item);    /* false: full */
int work_waiting(struct work *w, enum work_lane lane);
void work_stop(struct work *w);         /* finish what waits, end the threads */

#endif
