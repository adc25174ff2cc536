/*
 * lane.h -- the queues of a project: what is still wanted, and in which order.
 *
 * Each task has one slot: it wants `required` answers, has `answered`, and
 * `leased` are being given right now.  open = required - answered - leased is
 * kept beside them and changes only here, by conditional updates.
 *
 * A slot stands in exactly one lane at one place (ord), and places only grow:
 *
 *   fresh lanes     one for each staged import and priority, and one "live"
 *                   lane for each priority for tasks that come alone.  Random
 *                   order is a fixed permutation of an import's places.
 *   people's lanes  one for each set of people tasks were assigned to: only they
 *                   see it, and look at it before the fresh lanes.  What comes
 *                   back from there goes to its own end.
 *   returned lane   lane 0, looked at first: what comes back (an expired lease,
 *                   a skip, a raised overlap) gets the next arrival number.
 *
 * So a person needs only one mark a lane, which moves forward: behind it is
 * nothing they can take.  Finding the next task is one look into an index of
 * open slots behind the mark, whatever the size of the project and however
 * much this person has done; a lane where nothing is open and nothing will
 * come is marked drained and never looked at again.
 *
 * Invariants:  answered + leased <= required      (also a CHECK of the table)
 *              open = required - answered - leased
 *              a slot behind a person's mark in its lane is none they may take
 *
 * Owns tables: lane, lane_person, slot, place.  Reads: lease.
 */
#ifndef DOMAIN_LANE_H
#define DOMAIN_LANE_H

#include "core/ctx.h"

struct tasks;                   /* task_set.h */

#define LANE_RETURNED 0

struct slot {
    int64_t task, lane, ord, priority, required, answered, leased, open, skipped, surplus,
        cancelled, settle;
};

/* The returned lane of a new project. */
int lane_begin(struct ctx *cx, int64_t project);

/* One task that came alone goes to the end of the live lane of its priority. */
int lane_append(struct ctx *cx, int64_t project, int64_t task, int64_t priority, int64_t required);

/* A lane for `import` at `priority`, hidden until lane_publish(import).  Places in it start at 1.
 */
int lane_stage(struct ctx *cx, int64_t project, int64_t import, int64_t priority, int64_t *lane);

/* What stands in a lane: `required` answers wanted, `answered` of them there already. */
struct placed {
    int64_t task, ord, required, answered;
};
int lane_place(struct ctx *cx, int64_t project, int64_t lane, int64_t priority,
               const struct placed *p, int n);
int lane_drop(struct ctx *cx, int64_t project, int64_t import); /* of an import that failed */
int lane_publish(struct ctx *cx, int64_t project, int64_t import);     /* O(lanes), not O(tasks) */

/* The lane of a set of people (ids, sorted), made when there is none yet. */
int lane_for_people(struct ctx *cx, int64_t project, const int64_t *person, int n, int64_t *lane);
int lane_is_for_people(struct ctx *cx, int64_t project, int64_t lane);      /* 1 or 0 */
int lane_admits(struct ctx *cx, int64_t project, int64_t task);     /* the caller: 1 or 0 */

/* Place i of n: i itself, or a fixed random permutation of 0 … n-1 chosen by seed. */
int64_t lane_shuffle(int64_t i, int64_t n, uint64_t seed);

/*
 * The first open slot that cx->who.person may take; 1 and *task, or 0.
 * A task they hold, answered or skipped is passed for ever.  *moved tells
 * whether a mark was written.
 */
int lane_next(struct ctx *cx, int64_t project, int64_t *task, bool *moved);

/*
 * On PostgreSQL acts run side by side, and what two of them change they lock in
 * one order, so that they wait for each other but never in a circle:
 *
 *     the member's row, leases, slots by task, what hangs on the task, the project's counters,
     the sums of agreement
 *
 * An act that will change several slots, or a slot after the counters, holds
 * them from its beginning.
 */
int slot_lock(struct ctx *cx, int64_t project, const struct tasks *tasks);  
int slot_hold(struct ctx *cx, int64_t project, int64_t task, struct slot *out); /* and reads it */

/* Changes of one slot; each returns 1 when it applied, 0 when the slot did not allow it. */
int slot_lease(struct ctx *cx, int64_t project, int64_t task);             /* open -> leased */
int slot_answer(struct ctx *cx, int64_t project, int64_t task);            /* leased -> answered */
int slot_answer_open(struct ctx *cx, int64_t project, int64_t task);       /* open -> answered */
int slot_give_back(struct ctx *cx, int64_t project, int64_t task); /* leased -> open, returned */
int slot_reopen(struct ctx *cx, int64_t project, int64_t task);    /* answered -> open, returned */
int slot_take_again(struct ctx *cx, int64_t project, int64_t task);        /* answered -> leased */
int slot_ignore(struct ctx *cx, int64_t project, int64_t task); /* leased -> wanted no more */
int slot_require(struct ctx *cx, int64_t project, int64_t task, int64_t required);
/* To the end of a lane; lane 0: of the live lane of its priority.  prioritise: 0 when it has it. */
int slot_move(struct ctx *cx, int64_t project, int64_t task, int64_t lane, int64_t priority);
int slot_prioritise(struct ctx *cx, int64_t project, int64_t task, int64_t priority);
/* One that comes back from the bin and wants answers: to the end of its lane, as in slot_give_back,
 * or of the live lane of its priority. */
int slot_again(struct ctx *cx, int64_t project, const struct slot *was);
int slot_tally(struct ctx *cx, int64_t project, int64_t task, int skipped, int surplus,
               int cancelled);
int slot_settle_at(struct ctx *cx, int64_t project, int64_t task, int64_t due);    /* 0: settled */
/* Those of the tasks that have all they want are due once more; returns how many they are. */
int slot_settle_again(struct ctx *cx, int64_t project, const struct tasks *tasks, int64_t due);
int slot_get(struct ctx *cx, int64_t project, int64_t task, struct slot *out);     /* E_NOTFOUND */
int slot_delete(struct ctx *cx, int64_t project, const struct tasks *tasks); 

/* Recompute open from its parts and leased/answered from their tables: the number of slots that
 * differ. */
int slot_verify(struct ctx *cx, int64_t project, int64_t *wrong);

#endif
