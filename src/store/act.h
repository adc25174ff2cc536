/*
 * act.h -- the only way to touch the database.
 *
 * An act is one function that runs whole or not at all.
 *
 *   ACT_READ   a snapshot on a read-only connection; at most about a second.
 *   ACT_WRITE  changes state and appends exactly one audit row.
 *   ACT_HOUSE  housekeeping that no one outside can see: a slice of an import
 *              that is not published yet, the claim and progress of a job, a
 *              "last used" time.  It appends no audit row.
 *
 * On SQLite, WRITE and HOUSE acts run on the one writer thread: BEGIN
 * IMMEDIATE; each act in its own savepoint; COMMIT with one fsync; only then
 * is anybody told.  Natural batching: whatever waits when the writer is free,
 * up to LIMIT_BATCH_ACTS.  On PostgreSQL an act runs on the calling thread's
 * connection (act_run) or on a pool thread (act_send), in a transaction of its
 * own, and is repeated up to three times on E_RETRY.
 *
 * Invariants, asserted at release of the savepoint:
 *   - a WRITE act that succeeded has cx->audits == 1 (or 0 and changed no row);
 *   - a HOUSE act has cx->audits == 0; an act that failed left nothing behind.
 *
 * An act function may run more than once (E_RETRY): it must not change
 * anything outside the database but its own `arg`, and must reset that first.
 *
 * COMMIT that fails for certain (busy, full): every act of the batch answers
 * E_BUSY or E_FULL.  Any other COMMIT or fsync error: the fate is unknown, no
 * one is answered, the process ends with code 74 within a second.
 */
#ifndef STORE_ACT_H
#define STORE_ACT_H

#include "core/ctx.h"

struct store;

enum act_kind { ACT_READ, ACT_WRITE, ACT_HOUSE };

typedef int act_fn(struct ctx *cx, void *arg);

struct act {
    act_fn *fn;
    void *arg;
    enum act_kind kind;
    struct ctx *cx;
    size_t bytes;                       /* of the request's body, for LIMIT_QUEUE_BYTES */
    void (*done)(struct act *);         /* after COMMIT, on a thread of the store; must not block */
    void *owner;                        /* the caller's own */
    int rc;                             /* what fn said, or what happened to the batch */
    int64_t queued_us, started_us, ended_us;    /* clock_mono_us; for traces and the benches */
    struct act *next;                   /* the store's own */
    int64_t person;                     /* the store's own: who waits (fn may change cx->who) */
    bool expires;                       /* the store's own: unexecuted after LIMIT_QUEUE_MS */
};

/* Run and wait.  For commands, jobs and reads on a worker.  Never from inside an act. */
int act_run(struct store *st, struct ctx *cx, enum act_kind kind, act_fn *fn, void *arg);

/*
 * Queue a WRITE or HOUSE act and return at once; `done` is called later.
 * E_BUSY    the queue is full, or the oldest act has waited too long: nothing was queued
 * E_TOOMANY this person has LIMIT_PERSON_ACTS acts waiting already
 */
int act_send(struct store *st, struct act *a);

struct act_stats {
    int64_t acts, batches;              /* committed since start */
    int64_t largest_batch;
    int64_t commit_us_sum;              /* time inside COMMIT */
    int64_t fn_us_sum;                  /* time inside act functions */
};
void act_stats(struct store *st, struct act_stats *out);

#endif
