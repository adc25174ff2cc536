/*
 * tally.h -- how much is done, when and by whom.
 *
 * An answer that was given here (not imported, no ruling) counts in the
 * half-hour in which it was first stored and for its author, until it is taken
 * back or deleted; a skip counts for ever, also when its task goes.  Half-hours
 * because a day begins at another moment for every reader.  Reading costs as
 * much as there are half-hours asked for, or people, however many answers.
 *
 * Owns tables: pace, worker_count, skip_count.
 */
#ifndef DOMAIN_TALLY_H
#define DOMAIN_TALLY_H

#include "core/ctx.h"

struct tasks;                   /* task_set.h */

#define TALLY_HALF_MS (30 * 60 * 1000)

/*
 * Part of a larger act, after the project's counters (the order of locks in
 * lane.h): `answers` more by `person` at `at`, and so much active time.
 */
int tally_answer(struct ctx *cx, int64_t project, int64_t person, int64_t at, int64_t answers,
                 int64_t active_ms);
int tally_skip(struct ctx *cx, int64_t project, const char *reason);     /* by the caller, now */

/* Is this an answer that counts here?  By annotation.origin. */
bool tally_counts(const char *origin);

/* The answers of tasks that go or come back: looked up where their rows stand, and counted out (-1)
 * or in (1) at the end of the act. */
struct tally_gone;
int tally_gather(struct ctx *cx, int64_t project, const struct tasks *tasks,
                 struct tally_gone **out);
int tally_count(struct ctx *cx, int64_t project, const struct tally_gone *gone, int sign);

struct pace {
    int64_t half, answers, skips, active_ms;
};
struct worker_count {
    int64_t person, answers, skips, active_ms, last;
};
struct skip_count {
    const char *reason;
    int64_t skips;
};

/* READ: since a moment, oldest first. */
int tally_pace(struct ctx *cx, int64_t project, int64_t since, struct pace **out, int *n);

/* READ: those with the most answers first, at most LIMIT_PAGE_ROWS. */
int tally_people(struct ctx *cx, int64_t project, struct worker_count **out, int *n);

/* READ: the most frequent first, at most 20. */
int tally_skips(struct ctx *cx, int64_t project, struct skip_count **out, int *n);

/* READ: the number of half-hours and people whose answers differ from what is stored. */
int tally_verify(struct ctx *cx, int64_t project, int64_t *wrong);

#endif
