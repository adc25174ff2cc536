/*
 * annotation.h -- what somebody answered, and every revision of it.
 *
 * A submitted answer is never changed: an edit is a new revision, and writers
 * say which one they saw (If-Match; E_CHANGED with nothing overwritten).  The
 * bytes of `result` are kept exactly as they were sent.
 *
 * An answer is counted when it took a slot; it is surplus when it came too
 * late for one: kept, listed, never part of consensus or overlap.
 *
 * Invariants: I1 counted answers of a task <= required; I2 one counted answer
 * of one person a task.
 *
 * Owns tables: annotation, revision.
 */
#ifndef DOMAIN_ANNOTATION_H
#define DOMAIN_ANNOTATION_H

#include <jansson.h>

#include "core/ctx.h"

struct tasks;                   /* task_set.h */
#include "domain/access.h"

#define ANNOTATION_UNDO_MS (60 * 1000)          /* the author may take it back */
#define ANNOTATION_SETTLE_MS (10 * 1000) /* consensus starts this long after the last answer */

struct annotation {
    int64_t id, project, task, person, vendor, lease;
    int64_t n;                  /* newest revision */
    bool counted, late, was_cancelled, ground_truth;
    const char *origin;         /* human import api ruling */
    const char *unique_id;      /* NULL: none */
    int64_t lead_ms, parent_prediction, parent_annotation, created, updated, withdrawn;
    const char *result;         /* of revision n */
    size_t nresult;
    const char *author;         /* name or e-mail of the person, for lists */
};

struct annotation_new {
    const char *result;         /* the bytes as sent, and the same parsed */
    size_t nresult;
    const json_t *parsed;
    const char *unique_id;
    int64_t active_ms;
    int64_t parent_prediction, parent_annotation;   /* 0: none */
    bool was_cancelled, ground_truth;
    int64_t person;             /* author when not the caller (a manager's script); 0: the caller */
    const char *origin;         /* NULL: "human" with a lease, else "api" */
};

/*
 * Submit through a lease.  Live and of the right epoch: counted.  Expired or
 * given back, but the slot still free and the epoch unchanged: counted, late.
 * Otherwise surplus.  A repeat with the same unique_id answers the first result.
 *
 * E_INVALID  the result does not fit the config (fields: result[i].…); nothing is stored
 * E_NOTFOUND no such lease of the caller
 * E_STALE    the lease was already answered with another unique_id
 */
int annotation_submit(struct ctx *cx, int64_t lease, int64_t epoch,
                      const struct annotation_new *new, struct annotation *out);

/*
 * Without a lease: Label Studio's client, scripts.  The author's own active
 * lease is used when there is one; else, for a caller who manages the project,
 * a slot is claimed and answered in one go if one is open for the author, else
 * the answer is surplus.  A plain annotator without a lease: E_FORBIDDEN.
 */
int annotation_add(struct ctx *cx, const struct access *a, int64_t task,
                   const struct annotation_new *new, struct annotation *out);

/* Parts of an act on many tasks: no audit row.  *made is false where it was there already. */
int annotation_accept(struct ctx *cx, const struct access *a, int64_t task,
                      const struct annotation_new *new, bool *made);
int annotation_remove(struct ctx *cx, int64_t id);      /* as annotation_delete */

/* A new revision.  seen = 0: no If-Match was given (managers' scripts only). */
struct annotation_edit {
    const char *result;         /* NULL: as it was */
    size_t nresult;
    const json_t *parsed;
    int64_t active_ms;          /* -1: as it was */
    int was_cancelled, ground_truth;        /* -1: as it was */
    const char *reason;
};
int annotation_set(struct ctx *cx, const struct access *a, int64_t id, int64_t seen,
                   const struct annotation_edit *e, struct annotation *out);

/* The author takes it back within ANNOTATION_UNDO_MS; the lease lives again and the answer is its
 * draft. E_STALE: too late, or the task is settled. */
int annotation_withdraw(struct ctx *cx, int64_t id, int64_t *lease, int64_t *epoch);

/* A manager removes it: hidden, its slot reopened.  Revisions stay. */
int annotation_delete(struct ctx *cx, int64_t id);

/*
 * Part of a ruling (ruling.h): the caller's answer as ground truth, checked and
 * stored, never counted; and the same hidden again.  No audit row of its own.
 * E_INVALID  the result does not fit the config
 */
int annotation_rule(struct ctx *cx, const struct access *a, int64_t task,
                    const struct annotation_new *new, int64_t *id);
int annotation_unrule(struct ctx *cx, int64_t id);

/* Part of an import: the row, its revision and the mark that the task is theirs.  No check, no
 * slot, no audit.  created 0: now. */
int annotation_import(struct ctx *cx, int64_t project, int64_t task, int64_t import, int64_t person,
                      int64_t vendor, bool counted, const struct annotation_new *new,
                      int64_t config_n, int64_t created, int64_t *id);

int annotation_get(struct ctx *cx, int64_t id, struct annotation *out);        /* E_NOTFOUND */

/* Of a task, oldest first, without withdrawn ones and those of an unpublished import.  Blind: for
 * an annotator only their own (access decides). */
int annotation_list(struct ctx *cx, const struct access *a, int64_t task, struct annotation **out,
                    int *n);

/* Of tasks first … last, for exports: by task, then oldest first.  Core readers only (the caller
 * checks). */
int annotation_range(struct ctx *cx, int64_t project, int64_t first, int64_t last,
                     struct annotation **out, int *n);

struct revision {
    int64_t n, parent, person, config_n, active_ms, created;
    const char *reason, *result;
    size_t nresult;
};
int annotation_revisions(struct ctx *cx, int64_t id, struct revision **out, int *n);

/* Own work in a project, newest first, for the annotator's history. */
int annotation_own(struct ctx *cx, int64_t project, int limit, struct annotation **out, int *n);

/* After any change of a task's slot: move the project's counters from `was` to what is, and have
 * the task settled when it has just got all it wants (its consensus forgotten when it wants more
 * again). */
struct slot;
int annotation_recount(struct ctx *cx, int64_t project, int64_t task, const struct slot *was);

/* With its task: every answer and revision of it. */
int annotation_forget(struct ctx *cx, int64_t project, const struct tasks *tasks);

#endif
