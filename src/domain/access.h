/*
 * access.h -- who may.
 *
 * A route (and a command) declares two words: what its id names (an object)
 * and what the caller must be able to do there (a level).  access_check turns
 * the id into a project, finds the caller's role there and says yes or no.
 * It is the first statement of every act, inside its transaction.
 *
 *     level     on a project                              on the organisation
 *     PUBLIC    anybody                                   anybody
 *     LOGIN     anybody logged in                         the same
 *     READ      any member, and owner/manager/auditor     owner, manager, auditor
 *               of the organisation
 *     WORK      annotator, reviewer, manager, owner       –
 *     REVIEW    reviewer, manager, owner                  –
 *     AUDIT     auditor, manager, owner                   owner, manager, auditor
 *     MANAGE    manager, owner                            owner, manager
 *     OWN       owner                                     owner
 *     SEE       reviewer, auditor, manager, owner         owner, manager, auditor
 *
 * A role on the organisation holds in all its projects (not as annotator:
 * owners and managers may WORK, auditors may not).  Another organisation's
 * things, and projects of one's own organisation in which one has no role, are
 * E_NOTFOUND: one may not know that they exist.  A member whose role is too
 * small gets E_FORBIDDEN.  WHO_SYSTEM may do everything.
 */
#ifndef DOMAIN_ACCESS_H
#define DOMAIN_ACCESS_H

#include "core/ctx.h"

/* Numbers are stored; do not renumber. */
enum role {
    ROLE_NONE = 0,
    ROLE_ANNOTATOR = 1,
    ROLE_REVIEWER = 2,
    ROLE_AUDITOR = 3,
    ROLE_MANAGER = 4,
    ROLE_OWNER = 5,
};

enum object {
    ON_NOTHING,
    ON_ORG,             /* the caller's own organisation; the id is not used */
    ON_PROJECT,
    ON_TASK,
    ON_ANNOTATION,
    ON_PREDICTION,
    ON_LEASE,           /* WORK: only the holder; others E_NOTFOUND */
    ON_JOB,
    ON_IMPORT,
    ON_VIEW,            /* whose is decided in domain/view */
    ON_COMMENT,         /* of which thread is decided in domain/comment */
    ON_UPLOAD,          /* a file upload */
};

enum level {
    MAY_PUBLIC,
    MAY_LOGIN,
    MAY_READ,
    MAY_WORK,
    MAY_REVIEW,
    MAY_AUDIT,
    MAY_MANAGE,
    MAY_OWN,
    MAY_SEE,            /* the answers of others: everybody there but annotators */
};

/* What the caller is in a place.  Filled by access_check. */
struct access {
    int64_t project;        /* 0 on the organisation */
    int role;               /* the larger of the role in the project and in the organisation */
    int64_t vendor;         /* of the membership; the in-house team for roles of the organisation */
    bool core;              /* owner, manager or auditor: a core reader (domain.md §13) */
};

/*
 * E_UNAUTH    nobody is logged in
 * E_FORBIDDEN the role is too small
 * E_NOTFOUND  the object does not exist, or the caller may not know that it does
 */
int access_check(struct ctx *cx, enum object on, int64_t id, enum level level, struct access *out);

/*
 * A key (domain/token.h) has scopes.  access_check asks MANAGE and OWN routes for SCOPE_MANAGE,
 * WORK and REVIEW routes for SCOPE_WRITE, the rest for SCOPE_READ.  A route that changes something
 * at a smaller level asks here for SCOPE_WRITE as well.  Sessions and the machine have all.
 * E_FORBIDDEN
 */
int access_scope(struct ctx *cx, uint32_t need);

/*
 * Which projects may the caller see?  A piece of SQL about `project p`, for the WHERE clause of a
 * list, its format and its values:
 *
 *     "SELECT … FROM project p WHERE p.id > ? AND " ACCESS_SEES " ORDER BY p.id LIMIT ?"
 *     "i" ACCESS_SEES_FMT "i", after, ACCESS_SEES_ARGS(cx), limit
 *
 * It leaves deleted projects out.
 */
#define ACCESS_SEES                                                                                \
    "(p.deleted_ms IS NULL AND (? = 1 OR (p.org_id = ? AND (? = 1 OR EXISTS (SELECT 1 FROM "       \
    "member am"                                                                                    \
    " WHERE am.project_id = p.id AND am.person_id = ? AND am.ended_ms IS NULL)))))"
#define ACCESS_SEES_FMT "iiii"
#define ACCESS_SEES_ARGS(cx) \
    (int64_t)((cx)->who.kind == WHO_SYSTEM), (cx)->who.org, \
    (int64_t)((cx)->who.org_role >= ROLE_AUDITOR), (cx)->who.person

/* READ.  Ids of those projects after `after`, on cx->mem. */
int access_projects(struct ctx *cx, int64_t after, int limit, int64_t **out, int *n);

const char *role_name(int role);            /* "owner", …, "none" */
int role_parse(const char *name);           /* ROLE_NONE when unknown */

#endif
