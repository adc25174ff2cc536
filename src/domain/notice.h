/*
 * notice.h -- what a person is told of when they come back.
 *
 * A notice is written in the act of what it tells, so neither is there without
 * the other, and costs that act one insert.  It says ids and counts, never
 * task data and never what somebody wrote.  It is shown for as long as its
 * reader may see the project; of each person the newest NOTICE_KEPT stay.
 *
 *   kind             about                                   told to
 *   import.done      {"import", "name", "tasks"}             who began the import
 *   import.failed    {"import", "job", "name", "errors"}     who began the import
 *   job.done         {"job", "job_kind"}                     who wanted the job
 *   job.failed       {"job", "job_kind"}                     who wanted the job
 *   project.finished {"tasks"}                               its owners and managers
 *   comment.new      {"task", "comment"}                     its reviewers, managers, owners: an
 *                                                            annotator began a thread
 *   comment.reply    {"task", "comment"}                     the others in the thread
 *
 * Owns table: notice.
 */
#ifndef DOMAIN_NOTICE_H
#define DOMAIN_NOTICE_H

#include "core/ctx.h"

#define NOTICE_KEPT 200

struct notice {
    int64_t id, project, created, read;     /* read: 0 = not yet */
    const char *title;                      /* of the project */
    const char *kind, *about;
};

/* Inside an act.  A person of 0 (the system, a command) is told nothing. */
int notice_tell(struct ctx *cx, int64_t person, int64_t project, const char *kind,
                const char *about);
/* Everybody with one of these roles in the project but the one who acts. */
int notice_tell_roles(struct ctx *cx, int64_t project, int least_role, bool reviewers,
                      const char *kind, const char *about);

/* Those of cx->who.person, newest first; before = 0 from the newest. */
int notice_list(struct ctx *cx, int64_t before, int limit, struct notice **out, int *n);
int notice_unread(struct ctx *cx, int64_t *n);      /* at most 100 are counted */

/* WRITE, audit 'notice.read': everything up to this one has been seen. */
int notice_read(struct ctx *cx, int64_t upto);

#endif
