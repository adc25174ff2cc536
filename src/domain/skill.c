/* skill.c -- see skill.h. */
#include "domain/skill.h"

#include <inttypes.h>

#include "core/str.h"
#include "domain/audit.h"
#include "domain/fit.h"
#include "domain/project.h"
#include "store/db.h"

static const char *digest_text(struct ctx *cx, const struct fit *fit)
{
    return talloc_asprintf(cx->mem, "%016" PRIx64, fit->digest);
}

int skill_stale(struct ctx *cx, int64_t project, const struct fits *f)
{
    struct rows *q;
    int same = 0, kept = 0, rc;

    rc = db_query(cx, &q, "SELECT control, method, digest FROM fit WHERE project_id = ?", "i",
                  project);
    if (rc < 0)
        return rc;
    for (; (rc = rows_next(q)) > 0; kept++)
        for (int i = 0; i < f->n; i++)
            same += strcmp(rows_text(q, 0), f->of[i].control) == 0 &&
                    strcmp(rows_text(q, 1), f->of[i].method.info->id) == 0 &&
                    strcmp(rows_text(q, 2), digest_text(cx, &f->of[i])) == 0;
    return rc < 0 ? rc : same != kept || same != f->n;
}

int skill_basis(struct ctx *cx, int64_t project, const char **out)
{
    struct project p;
    struct rows *q;
    struct buf b;
    int rc;

    buf_init(&b, cx, (size_t)LIMIT_BODY_BYTES);
    if ((rc = project_get(cx, project, &p)) < 0)
        return rc;
    buf_addf(&b, "%lld %s %s", (long long)p.config_n, p.method, p.methods);
    rc = db_query(cx, &q,
                  "SELECT control, digest, computed_ms FROM fit WHERE project_id = ?"
                  " ORDER BY control", "i", project);
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        buf_addf(&b, " %s %s %lld", rows_text(q, 0), rows_text(q, 1), (long long)rows_int(q, 2));
    *out = b.s;
    return rc < 0 ? rc : b.rc;
}

static int put(struct ctx *cx, int64_t project, const struct fit *fit)
{
    int rc = db_run(cx,
                    "INSERT INTO fit(project_id, control, method, digest, unit, votes, note,"
                    " computed_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                    "ittttiti", project, fit->control, fit->method.info->id,
                    digest_text(cx, fit), fit->unit, fit->votes, fit->note, cx->now);

    for (int i = 0; i < fit->nskill && rc >= 0; i++) {
        const struct fit_skill *s = &fit->skill[i];

        rc = db_run(cx,
                    "INSERT INTO worker_skill(project_id, control, person_id, n, skill, lo, hi)"
                    " VALUES(?, ?, ?, ?, ?, ?, ?)",
                    "itiiddd", project, fit->control, s->person, s->n, s->skill, s->lo, s->hi);
    }
    return rc;
}

int skill_store(struct ctx *cx, int64_t project, const struct fits *f)
{
    int rc = db_run(cx, "DELETE FROM worker_skill WHERE project_id = ?", "i", project);

    if (rc >= 0)
        rc = db_run(cx, "DELETE FROM fit WHERE project_id = ?", "i", project);
    for (int i = 0; i < f->n && rc >= 0; i++)
        rc = put(cx, project, &f->of[i]);
    return rc < 0 ? rc : audit(cx, project, "consensus.fit", project, "{\"controls\":%d}", f->n);
}

static int read_people(struct ctx *cx, int64_t project, struct skill_table *t)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT person_id, n, skill, lo, hi FROM worker_skill WHERE project_id = ?"
                      " AND control = ? ORDER BY n DESC, person_id LIMIT ?",
                      "iti", project, t->control, (int64_t)LIMIT_PAGE_ROWS);

    if (rc < 0)
        return rc;
    t->of = NEW_N(cx, struct skill, LIMIT_PAGE_ROWS);
    while ((rc = rows_next(q)) > 0)
        t->of[t->n++] = (struct skill){rows_int(q, 0), rows_int(q, 1), rows_num(q, 2),
                                       rows_num(q, 3), rows_num(q, 4)};
    return rc;
}

int skill_tables(struct ctx *cx, int64_t project, struct skill_table **out, int *n)
{
    struct rows *q;
    int cap = 8, rc;

    rc = db_query(cx, &q,
                  "SELECT control, method, unit, note, votes, computed_ms FROM fit"
                  " WHERE project_id = ? ORDER BY control", "i", project);
    if (rc < 0)
        return rc;
    *out = NEW_N(cx, struct skill_table, cap);
    for (*n = 0; (rc = rows_next(q)) > 0; (*n)++) {
        if (*n == cap)
            *out = talloc_realloc(cx->mem, *out, struct skill_table, (unsigned)(cap *= 2));
        (*out)[*n] = (struct skill_table){.control = rows_text_keep(q, 0),
                                          .method = rows_text_keep(q, 1),
                                          .unit = rows_text_keep(q, 2),
                                          .note = rows_text_keep(q, 3),
                                          .votes = rows_int(q, 4),
                                          .computed = rows_int(q, 5)};
    }
    for (int i = 0; i < *n && rc >= 0; i++)
        rc = read_people(cx, project, &(*out)[i]);
    return rc;
}
