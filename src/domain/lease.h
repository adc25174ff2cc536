/*
 * lease.h -- lending a task to one person for a while.
 *
 * A task wants `overlap` opinions.  Before someone gives one they hold a
 * lease, so two people are never asked for the same last opinion.  A lease
 * that is neither finished nor renewed runs out; the next claim in the project
 * puts its task into the returned lane.
 *
 * There is one row for each (task, person), for ever (I2).  It carries an
 * epoch: 1 at the grant, +1 each time the same person is granted it again;
 * whoever writes with an old one wrote too late.
 *
 * The one invariant (I3), kept by the conditional updates of lane.c:
 *
 *     answers counted + leases active  <=  required
 *
 * Owns table: lease.
 */
#ifndef DOMAIN_LEASE_H
#define DOMAIN_LEASE_H

#include "core/ctx.h"

struct tasks;                   /* task_set.h */
#include "domain/access.h"

#define LEASE_TTL_MS (300 * 1000)       /* renewed by a 30 s heartbeat */
#define LEASES_PER_PERSON 3             /* the one on screen, two prefetched */
#define LEASE_SWEEP 64                  /* expired leases put back by one claim */
#define LEASE_RESTART_MS (60 * 1000) /* every live lease has at least this long after a restart */

struct lease {
    int64_t id, project, task, person, vendor;
    const char *state;          /* active submitted skipped expired released withdrawn */
    int64_t epoch;              /* fencing: compared inside every later write */
    int64_t granted, ends;      /* unix milliseconds; over AT `ends` */
    int64_t active_ms;
    bool fresh;                 /* granted by this very call */
};

/*
 * Lend the caller tasks of the project until they hold `want` leases.  Leases
 * they already hold come first, oldest first, so a page reload never takes
 * another.  Writes exposure and look rows of what is lent.
 *
 * Returns 0 with *n = 0 when nothing is left; *why is then "none" or "paused".
 * E_TOOMANY   want > LEASES_PER_PERSON
 */
int lease_claim(struct ctx *cx, const struct access *a, int want, struct lease *out, int *n,
                const char **why);

/* Lend one named task (a manager's script, a link): E_NOTFOUND when no slot is open for the caller.
 */
int lease_take(struct ctx *cx, const struct access *a, int64_t task, struct lease *out);

/*
 * All of these compare the epoch and the holder (cx->who.person).
 * E_NOTFOUND  no such lease of yours
 * E_STALE     an old epoch, or the lease has ended
 */
int lease_beat(struct ctx *cx, int64_t lease, int64_t epoch, int64_t *ends);
int lease_skip(struct ctx *cx, int64_t lease, int64_t epoch, const char *reason, const char *note);
int lease_release(struct ctx *cx, int64_t lease, int64_t epoch);    /* not held: no error */

int lease_get(struct ctx *cx, int64_t lease, struct lease *out);    /* E_NOTFOUND */
int lease_lock(struct ctx *cx, int64_t lease,
               struct lease *out); /* in an act that will change it */
int lease_mine(struct ctx *cx, int64_t project, int64_t task,
               struct lease *out); /* 1 found, 0 none */
int lease_state(struct ctx *cx, int64_t lease, const char *state, int64_t active_ms);

/* Put back up to LEASE_SWEEP leases that ran out.  Returns how many. */
int lease_expire(struct ctx *cx, int64_t project);

/* HOUSE, at start: nobody loses a lease to the server's own downtime. */
int lease_after_restart(struct ctx *cx);

/* A withdrawn answer's lease lives again, of the next epoch. */
int lease_revive(struct ctx *cx, int64_t lease);

/* An answer given without a lease of ours still makes the task theirs: 1 marked, 0 they had it. */
int lease_imported(struct ctx *cx, int64_t project, int64_t task, int64_t person, int64_t vendor);

int lease_forget(struct ctx *cx, int64_t project, const struct tasks *tasks);
int lease_hold(struct ctx *cx, int64_t project, const struct tasks *tasks); /* as slot_lock */

#endif
