/* guide.c -- see guide.h. */
#include "domain/guide.h"

#include "store/db.h"

int guide_add(struct ctx *cx, int64_t project, int64_t n, const char *text)
{
    int rc = db_run(cx,
                    "INSERT INTO guide(project_id, n, body, created_by, created_ms)"
                    " VALUES(?, ?, ?, ?, ?)",
                    "iitoi", project, n, text, cx->who.person, cx->now);

    return rc < 0 ? rc : 0;
}

int guide_get(struct ctx *cx, int64_t project, int64_t n, struct guide *out)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT n, created_ms, body FROM guide WHERE project_id = ? AND n = ?", "ii",
                      project, n);

    if (rc < 0 || (rc = rows_next(q)) < 0)
        return rc;
    if (rc == 0)
        return fail(cx, E_NOTFOUND, "There is no version %lld of these guidelines.", (long long)n);
    *out = (struct guide){.n = rows_int(q, 0), .created = rows_int(q, 1),
                          .text = rows_text_keep(q, 2)};
    rows_end(q);
    return 0;
}

int guide_list(struct ctx *cx, int64_t project, struct guide **out, int *n)
{
    struct rows *q;
    int rc;

    *n = 0;
    *out = NEW_N(cx, struct guide, GUIDE_VERSIONS);
    rc = db_query(cx, &q,
                  "SELECT n, created_ms FROM guide WHERE project_id = ? ORDER BY n DESC LIMIT ?",
                  "ii", project, (int64_t)GUIDE_VERSIONS);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        (*out)[(*n)++] = (struct guide){.n = rows_int(q, 0), .created = rows_int(q, 1)};
    return rc;
}
