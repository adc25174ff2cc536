/* notice.c -- see notice.h. */
#include "domain/notice.h"

#include "domain/access.h"
#include "domain/audit.h"
#include "store/db.h"

#define COUNTED 100

static int forget_old(struct ctx *cx, int64_t person)
{
    int rc = db_run(cx,
                    "DELETE FROM notice WHERE person_id = ? AND id <= (SELECT id FROM notice"
                    " WHERE person_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                    "iii", person, person, (int64_t)NOTICE_KEPT);

    return rc < 0 ? rc : 0;
}

int notice_tell(struct ctx *cx, int64_t person, int64_t project, const char *kind,
                const char *about)
{
    int rc;

    if (person == 0)
        return 0;
    rc = db_run(cx,
                "INSERT INTO notice(person_id, project_id, kind, about, created_ms)"
                " VALUES(?, ?, ?, ?, ?)",
                "iitti", person, project, kind, about, cx->now);
    return rc < 0 ? rc : forget_old(cx, person);
}

int notice_tell_roles(struct ctx *cx, int64_t project, int least_role, bool reviewers,
                      const char *kind, const char *about)
{
    int rc = db_run(cx,
                    "INSERT INTO notice(person_id, project_id, kind, about, created_ms)"
                    " SELECT person_id, project_id, ?, ?, ? FROM member WHERE project_id = ?"
                    " AND ended_ms IS NULL AND (role >= ? OR role = ?) AND person_id <> ?",
                    "ttiiiii", kind, about, cx->now, project, (int64_t)least_role,
                    (int64_t)(reviewers ? ROLE_REVIEWER : least_role), cx->who.person);

    return rc < 0 ? rc : 0;
}

/* Only of projects that its reader may still see. */
#define SEEN                                                                                       \
    " FROM notice n JOIN project p ON p.id = n.project_id WHERE n.person_id = ?"                   \
    " AND p.deleted_ms IS NULL AND ((p.org_id = ? AND ? >= 3) OR EXISTS(SELECT 1 FROM member m"    \
    " WHERE m.project_id = n.project_id AND m.person_id = n.person_id AND m.ended_ms IS NULL))"

_Static_assert(ROLE_AUDITOR == 3, "SEEN says 3: a role on the organisation holds in its projects");

int notice_list(struct ctx *cx, int64_t before, int limit, struct notice **out, int *n)
{
    struct rows *q;
    int rc;

    if (limit < 1 || limit > NOTICE_KEPT)
        limit = NOTICE_KEPT;
    *out = NEW_N(cx, struct notice, limit);
    *n = 0;
    rc = db_query(cx, &q,
                  "SELECT n.id, n.project_id, p.title, n.kind, n.about, n.created_ms,"
                  " n.read_ms" SEEN
                  " AND n.id < ? ORDER BY n.id DESC LIMIT ?",
                  "iiiii", cx->who.person, cx->who.org, (int64_t)cx->who.org_role,
                  before ? before : INT64_MAX, (int64_t)limit);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        (*out)[(*n)++] = (struct notice){
            .id = rows_int(q, 0),
            .project = rows_int(q, 1),
            .title = rows_text_keep(q, 2),
            .kind = rows_text_keep(q, 3),
            .about = rows_text_keep(q, 4),
            .created = rows_int(q, 5),
            .read = rows_int(q, 6),
        };
    return rc;
}

int notice_unread(struct ctx *cx, int64_t *n)
{
    int rc = db_int(cx, n,
                    "SELECT COUNT(*) FROM (SELECT n.id" SEEN " AND n.read_ms IS NULL LIMIT ?) x",
                    "iiii", cx->who.person, cx->who.org, (int64_t)cx->who.org_role,
                    (int64_t)COUNTED);

    return rc < 0 ? rc : 0;
}

int notice_read(struct ctx *cx, int64_t upto)
{
    int rc = db_run(cx,
                    "UPDATE notice SET read_ms = ? WHERE person_id = ? AND id <= ?"
                    " AND read_ms IS NULL",
                    "iii", cx->now, cx->who.person, upto);

    return rc < 0 ? rc : audit(cx, 0, "notice.read", upto, NULL);
}
