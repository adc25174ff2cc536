/* saying.c -- see saying.h. */
#include "domain/saying.h"

#include <uthash.h>

#include "core/json.h"
#include "domain/task_set.h"
#include "store/db.h"
#include "store/vault.h"

/* What is added to one sum: of a label (n is tasks, answers, agreed), or of a pair (n[0]). */
struct saying_step {
    char *key;                  /* control TAB label, or control TAB label TAB label */
    const char *control, *a, *b;        /* b NULL: of a label */
    int64_t n[3];
    UT_hash_handle hh;
};

static struct saying_step *step(struct saying_change *c, const char *control, const char *a,
                                const char *b)
{
    struct ctx *cx = c->cx;
    char *key = b ? talloc_asprintf(cx->mem, "%s\t%s\t%s", control, a, b)
                  : talloc_asprintf(cx->mem, "%s\t%s", control, a);
    struct saying_step *s;

    HASH_FIND_STR(c->steps, key, s);
    if (s)
        return s;
    s = NEW(cx, struct saying_step);
    *s = (struct saying_step){.key = key,
                              .control = talloc_strdup(cx->mem, control),
                              .a = talloc_strdup(cx->mem, a),
                              .b = b ? talloc_strdup(cx->mem, b) : NULL};
    HASH_ADD_KEYPTR(hh, c->steps, s->key, strlen(s->key), s);
    return s;
}

static const char *word(const json_t *row, size_t i)
{
    const char *s = json_string_value(json_array_get(row, i));

    return s ? s : "";
}

static int64_t number(const json_t *row, size_t i)
{
    return json_integer_value(json_array_get(row, i));
}

static int add(struct saying_change *c, const char *parts, size_t n, int sign)
{
    json_t *rows, *row;
    size_t i;
    int rc = json_stored(c->cx, parts, n, &rows);

    if (rc < 0)
        return rc;
    json_array_foreach(rows, i, row) {
        bool pair = json_is_string(json_array_get(row, 2));
        struct saying_step *s = step(c, word(row, 0), word(row, 1), pair ? word(row, 2) : NULL);

        for (size_t k = 0; k < (pair ? 1 : 3); k++)
            s->n[k] += sign * number(row, (pair ? 3 : 2) + k);
    }
    return 0;
}

void saying_begin(struct saying_change *c, struct ctx *cx, int64_t project)
{
    *c = (struct saying_change){.cx = cx, .project = project};
}

/* The parts of a row, opened. */
static int open_parts(struct ctx *cx, struct rows *q, int col, int64_t project, const char **parts,
                      size_t *n)
{
    size_t size;
    const void *sealed = rows_blob(q, col, &size);

    return vault_open(cx, project, talloc_memdup(cx->mem, sealed, (unsigned)size), size, parts, n);
}

int saying_count(struct saying_change *c, int64_t at, const struct tasks *tasks, int sign)
{
    struct rows *q;
    int rc = db_query(c->cx, &q,
                      "SELECT parts FROM label_part WHERE project_id = ? AND " IN_TASKS, "iiit",
                      at, TASKS(tasks));

    while (rc >= 0 && (rc = rows_next(q)) > 0) {
        const char *parts;
        size_t n;

        if ((rc = open_parts(c->cx, q, 0, c->project, &parts, &n)) >= 0)
            rc = add(c, parts, n, sign);
    }
    return rc < 0 ? rc : 0;
}

int saying_forget(struct saying_change *c, const struct tasks *tasks)
{
    int rc = saying_count(c, c->project, tasks, -1);

    if (rc < 0)
        return rc;
    rc = db_run(c->cx, "DELETE FROM label_part WHERE project_id = ? AND " IN_TASKS, "iiit",
                c->project, TASKS(tasks));
    return rc < 0 ? rc : 0;
}

int saying_put(struct saying_change *c, int64_t task, const char *parts)
{
    struct sealed sealed = vault_seal(c->cx, c->project, parts, strlen(parts));
    int rc = db_run(c->cx, "INSERT INTO label_part(project_id, task_id, parts) VALUES(?, ?, ?)",
                    "iib", c->project, task, sealed.p, sealed.n);

    return rc < 0 ? rc : add(c, parts, strlen(parts), 1);
}

static int in_order(const struct saying_step *x, const struct saying_step *y)
{
    return strcmp(x->key, y->key);
}

static int write_step(struct saying_change *c, const struct saying_step *s)
{
    if (s->b)
        return db_run(c->cx,
                      "INSERT INTO label_pair_sum(project_id, control, a_label, b_label, pairs)"
                      " VALUES(?, ?, ?, ?, ?)"
                      " ON CONFLICT(project_id, control, a_label, b_label) DO UPDATE SET"
                      " pairs = label_pair_sum.pairs + excluded.pairs",
                      "ittti", c->project, s->control, s->a, s->b, s->n[0]);
    return db_run(c->cx,
                  "INSERT INTO label_sum(project_id, control, label, tasks, answers, agreed)"
                  " VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(project_id, control, label) DO UPDATE SET"
                  " tasks = label_sum.tasks + excluded.tasks,"
                  " answers = label_sum.answers + excluded.answers,"
                  " agreed = label_sum.agreed + excluded.agreed",
                  "ittiii", c->project, s->control, s->a, s->n[0], s->n[1], s->n[2]);
}

int saying_end(struct saying_change *c)
{
    int rc = 0;

    HASH_SORT(c->steps, in_order);
    for (struct saying_step *s = c->steps; s && rc >= 0; s = s->hh.next)
        if (s->n[0] || s->n[1] || s->n[2])
            rc = write_step(c, s);
    HASH_CLEAR(hh, c->steps);
    return rc < 0 ? rc : 0;
}

/* ---- reading ---- */

int saying_kept(struct ctx *cx, int64_t project, int64_t task, const char **out)
{
    struct rows *q;
    size_t n;
    int rc = db_query(cx, &q, "SELECT parts FROM label_part WHERE project_id = ? AND task_id = ?",
                      "ii", project, task);

    *out = NULL;
    if (rc < 0 || (rc = rows_next(q)) <= 0)
        return rc;
    if ((rc = open_parts(cx, q, 0, project, out, &n)) < 0)
        return rc;
    *out = talloc_strndup(cx->mem, *out, n);
    rows_end(q);
    return 0;
}

int saying_labels(struct ctx *cx, int64_t project, struct label_sum **out, int *n)
{
    struct rows *q;
    int rc;

    *out = NEW_N(cx, struct label_sum, LIMIT_PAGE_ROWS);
    *n = 0;
    rc = db_query(cx, &q,
                  "SELECT s.control, s.label, s.tasks, s.answers, s.agreed,"
                  " CAST(COALESCE((SELECT SUM(p.pairs) FROM label_pair_sum p"
                  "  WHERE p.project_id = s.project_id AND p.control = s.control"
                  "  AND p.a_label = s.label AND p.b_label = s.label), 0) AS BIGINT),"
                  " CAST(COALESCE((SELECT SUM(p.pairs) FROM label_pair_sum p"
                  "  WHERE p.project_id = s.project_id AND p.control = s.control"
                  "  AND p.a_label <> p.b_label"
                  "  AND (p.a_label = s.label OR p.b_label = s.label)), 0) AS BIGINT)"
                  " FROM label_sum s WHERE s.project_id = ? AND (s.answers > 0 OR s.agreed > 0)"
                  " ORDER BY s.control, s.answers DESC, s.label LIMIT ?",
                  "ii", project, LIMIT_PAGE_ROWS);
    while (rc >= 0 && (rc = rows_next(q)) > 0)
        (*out)[(*n)++] = (struct label_sum){
            rows_text_keep(q, 0), rows_text_keep(q, 1), rows_int(q, 2), rows_int(q, 3),
            rows_int(q, 4),       rows_int(q, 5),       rows_int(q, 6)};
    return rc;
}

int saying_pairs(struct ctx *cx, int64_t project, const char *control, struct label_pair **out,
                 int *n)
{
    int64_t most = 10 * LIMIT_PAGE_ROWS;
    struct rows *q;
    int rc;

    *out = NEW_N(cx, struct label_pair, most);
    *n = 0;
    rc = db_query(cx, &q,
                  "SELECT a_label, b_label, pairs FROM label_pair_sum WHERE project_id = ?"
                  " AND control = ? AND pairs > 0 ORDER BY pairs DESC, a_label, b_label LIMIT ?",
                  "iti", project, control, most);
    while (rc >= 0 && (rc = rows_next(q)) > 0)
        (*out)[(*n)++] =
            (struct label_pair){rows_text_keep(q, 0), rows_text_keep(q, 1), rows_int(q, 2)};
    return rc;
}

/* Take the sums away from what the parts add up to: what is left is wrong. */
static int take_sums(struct saying_change *c)
{
    struct rows *q;
    int rc = db_query(c->cx, &q,
                      "SELECT control, label, tasks, answers, agreed FROM label_sum"
                      " WHERE project_id = ?", "i", c->project);

    while (rc >= 0 && (rc = rows_next(q)) > 0) {
        struct saying_step *s = step(c, rows_text_keep(q, 0), rows_text_keep(q, 1), NULL);

        for (int k = 0; k < 3; k++)
            s->n[k] -= rows_int(q, 2 + k);
    }
    if (rc < 0)
        return rc;
    rc = db_query(c->cx, &q,
                  "SELECT control, a_label, b_label, pairs FROM label_pair_sum"
                  " WHERE project_id = ?", "i", c->project);
    while (rc >= 0 && (rc = rows_next(q)) > 0)
        step(c, rows_text_keep(q, 0), rows_text_keep(q, 1), rows_text_keep(q, 2))->n[0] -=
            rows_int(q, 3);
    return rc;
}

int saying_verify(struct ctx *cx, int64_t project, int64_t *wrong)
{
    struct saying_change c;
    struct rows *q;
    int rc;

    *wrong = 0;
    saying_begin(&c, cx, project);
    rc = db_query(cx, &q, "SELECT parts FROM label_part WHERE project_id = ?", "i", project);
    while (rc >= 0 && (rc = rows_next(q)) > 0) {
        const char *parts;
        size_t n;

        if ((rc = open_parts(cx, q, 0, project, &parts, &n)) >= 0)
            rc = add(&c, parts, n, 1);
    }
    if (rc >= 0)
        rc = take_sums(&c);
    for (struct saying_step *s = c.steps; s; s = s->hh.next)
        *wrong += s->n[0] || s->n[1] || s->n[2];
    HASH_CLEAR(hh, c.steps);
    return rc < 0 ? rc : 0;
}
