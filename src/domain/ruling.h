/*
 * ruling.h -- one person decides what a task's answer is where the others differ.
 *
 * A ruling is an annotation of the judge, of origin "ruling", ground truth and
 * never counted: no answer of the others is touched, and how far they agree
 * stays what it was.  Consensus takes it over any method, with confidence 1,
 * and so do exports of consensus.  "Nobody is right" is a ruling without an
 * answer: the task has no consensus and is left out of such exports.
 *
 * The judge sees answers without names, numbered in an order of their own for
 * each task, and is none of those who answered.  A judge of a party sees only
 * what is disputed or was ruled on, through the exposure door.
 *
 * Owns table: ruling.
 */
#ifndef DOMAIN_RULING_H
#define DOMAIN_RULING_H

#include <jansson.h>

#include "core/ctx.h"
#include "domain/access.h"
#include "domain/annotation.h"
#include "domain/opinion.h"

struct tasks;                   /* task_set.h */

#define RULING_REASON_BYTES 2000
#define RULING_SEEN 17          /* of the text that says what the judge saw */

struct ruling {
    int64_t task, annotation, person, made;     /* annotation 0: nobody is right */
    const char *kind;           /* "pick" "edit" "bad" */
    const char *reason;
};

/* READ.  1 when somebody ruled on the task and the ruling's answer still stands, else 0. */
int ruling_of(struct ctx *cx, int64_t project, int64_t task, struct ruling *out);

/* What a judge looks at. */
struct dispute_view {
    struct annotation *answer;  /* in the order of their numbers, 1 is the first */
    int n;
    double *pair;               /* [n * n], as in opinion.h; NULL for fewer than two */
    double agreement;           /* -1: fewer than two answers */
    bool ruled;
    struct ruling ruling;
    const char *result;         /* of the ruling; NULL */
    size_t nresult;
    int64_t others;             /* members who could still answer */
    char seen[RULING_SEEN];     /* changes with any answer and with any ruling */
};

/*
 * WRITE, audit 'dispute.open'.  The answers of a complete task, blind; a judge
 * of a party is let through the exposure door.
 * E_FORBIDDEN  the caller gave one of the answers
 * E_NOTFOUND   a party's judge, and the task is neither disputed nor ruled on
 * E_STALE      the task waits for answers
 */
int ruling_open(struct ctx *cx, const struct access *a, int64_t task, struct dispute_view *out);

struct ruling_new {
    int pick;                   /* the number of an answer taken as it is; 0: `result` */
    bool bad;                   /* nobody is right */
    struct annotation_new answer;
    const char *reason;         /* may be NULL */
    const char *seen;           /* of the view it rests on */
};

/*
 * WRITE, audit 'ruling.set'.  In place of an earlier ruling, if there is one.
 * E_CHANGED    an answer changed or somebody ruled since `seen`
 * E_INVALID    the answer does not fit the config; no such number; the reason is too long
 * and as ruling_open.
 */
int ruling_set(struct ctx *cx, const struct access *a, int64_t task, const struct ruling_new *new);

/* WRITE, audit 'ruling.undo'.  E_NOTFOUND: nobody ruled. */
int ruling_undo(struct ctx *cx, const struct access *a, int64_t task);

/*
 * WRITE, audit 'ruling.more'.  The task wants one answer more than it has.
 * E_INVALID   nobody is left who could give it
 * E_CHANGED   as ruling_set     E_STALE  somebody ruled: take that back first
 */
int ruling_more(struct ctx *cx, const struct access *a, int64_t task, const char *seen);

/* Part of a larger act: the answer of a ruling was deleted. */
int ruling_drop(struct ctx *cx, int64_t project, int64_t task);

int ruling_forget(struct ctx *cx, int64_t project, const struct tasks *tasks);

/* Pure, on `config`: what was agreed gives way to what was ruled.  `result` NULL: nothing is
 * agreed. */
int ruling_apply(struct ctx *cx, const struct label_config *config, const json_t *result, int n,
                 struct opinions *o);

#endif
