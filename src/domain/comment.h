/*
 * comment.h -- what people say about a task, or about one region of an answer.
 *
 * A thread belongs to whoever began it.  Its owner and everybody who may see
 * the answers of others (reviewer, auditor, manager, owner) read and answer
 * it; another annotator does not learn that it exists.  So a remark never
 * carries one annotator's work to another.  An annotator begins threads only
 * on tasks they were lent.
 *
 * Owns table: comment.
 */
#ifndef DOMAIN_COMMENT_H
#define DOMAIN_COMMENT_H

#include "core/ctx.h"
#include "domain/access.h"

struct tasks;                   /* task_set.h */

struct comment {
    int64_t id, project, task, annotation, parent, owner, person;
    int64_t created, updated, resolved, resolved_by;
    const char *region;         /* NULL: about the whole */
    const char *text;
    const char *author;         /* name of the person; NULL where the caller may not know it */
};

struct comment_new {
    const char *text, *region;
    int64_t annotation, parent;         /* 0: none */
};

struct comment_edit {
    const char *text;           /* NULL: as it was; else only by its author */
    int resolved;               /* -1: as it was; of a thread */
};

/*
 * E_INVALID  no text, too long, or a parent or an answer of another task
 * E_NOTFOUND an annotator who was never lent the task, or a thread they may not see
 * E_TOOMANY  the task has LIMIT_TASK_COMMENTS
 */
int comment_add(struct ctx *cx, const struct access *a, int64_t task,
                const struct comment_new *new, struct comment *out);

/* Of a task, oldest first: those the caller may see. */
int comment_list(struct ctx *cx, const struct access *a, int64_t task, struct comment **out,
                 int *n);

/* E_NOTFOUND: there is none that the caller may see. */
int comment_get(struct ctx *cx, const struct access *a, int64_t id, struct comment *out);

/* E_FORBIDDEN: the words are another person's. */
int comment_set(struct ctx *cx, const struct access *a, int64_t id, const struct comment_edit *e,
                struct comment *out);

/* Its author, or a manager; with a thread's first comment go the others. */
int comment_delete(struct ctx *cx, const struct access *a, int64_t id);

int comment_forget(struct ctx *cx, int64_t project, const struct tasks *tasks);

#endif
