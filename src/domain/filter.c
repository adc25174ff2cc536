/* filter.c -- see filter.h. */
#include "domain/filter.h"

#include "core/clock.h"
#include "core/json.h"
#include "core/str.h"
#include "store/db.h"

#define FILTER_VALS 48          /* values of one filter; the statement around it needs a few more */

enum column_kind { NUMBER, DATE, WORD, FLAG, PEOPLE };

#define ANNOTATIONS                                                                                \
    " FROM annotation a WHERE a.project_id = t.project_id AND a.task_id = t.id"                    \
    " AND a.withdrawn_ms IS NULL"

/* What may be asked for.  The SQL is ours; nothing of the question gets into it. */
static const struct column {
    const char *name;
    enum column_kind kind;
    const char *sql;
} columns[] = {
    {"id", NUMBER, "t.id"},
    {"inner_id", NUMBER, "t.inner_id"},
    {"created_at", DATE, "t.created_ms"},
    {"updated_at", DATE, "t.updated_ms"},
    {"completed_at", DATE,
     "(CASE WHEN s.answered >= s.required THEN (SELECT MAX(a.created_ms)" ANNOTATIONS ") END)"},
    {"total_annotations", NUMBER, "(SELECT COUNT(*)" ANNOTATIONS " AND a.was_cancelled = 0)"},
    {"cancelled_annotations", NUMBER, "(SELECT COUNT(*)" ANNOTATIONS " AND a.was_cancelled = 1)"},
    {"total_predictions", NUMBER,
     "(SELECT COUNT(*) FROM prediction p WHERE p.project_id = t.project_id AND p.task_id = t.id)"},
    {"predictions_score", NUMBER,
     "(SELECT AVG(p.score) FROM prediction p WHERE p.project_id = t.project_id AND p.task_id = "
     "t.id)"},
    {"predictions_model_versions", WORD,
     "(SELECT MAX(p.model_version) FROM prediction p WHERE p.project_id = t.project_id"
     " AND p.task_id = t.id)"},
    {"agreement", NUMBER,
     "(SELECT g.value * 100 FROM agreement g WHERE g.project_id = t.project_id AND g.task_id = "
     "t.id)"},
    {"avg_lead_time", NUMBER, "(SELECT AVG(a.lead_ms) / 1000.0" ANNOTATIONS ")"},
    {"ground_truth", FLAG, "(SELECT MAX(a.ground_truth)" ANNOTATIONS ")"},
    {"is_labeled", FLAG, "(CASE WHEN s.answered >= s.required THEN 1 ELSE 0 END)"},
    {"file_upload", WORD, "t.file_name"},
    {"annotators", PEOPLE, "(SELECT 1" ANNOTATIONS " AND a.person_id"},
    {"overlap", NUMBER, "s.required"},
    {"priority", NUMBER, "s.priority"},
};

struct made {
    struct ctx *cx;
    struct buf sql;
    struct db_val *v;
    int n;
    int64_t project;
    const char *path;           /* of the item at hand, for complaints */
};

static int bind(struct made *m, struct db_val v)
{
    if (m->n == FILTER_VALS)
        return fail(m->cx, E_TOOBIG, "The filter holds more than %d values.", FILTER_VALS);
    m->v[m->n++] = v;
    return 0;
}

static int bind_text(struct made *m, const char *s)
{
    return bind(m, (struct db_val){.type = 't', .p = s});
}

static int wrong(struct made *m, const char *what)
{
    return fail_at(m->cx, E_INVALID, m->path, "%s", what);
}

/* A number, or a date as milliseconds. */
static int bind_number(struct made *m, enum column_kind kind, const json_t *v)
{
    int64_t ms;

    if (kind == DATE) {
        if (!json_is_string(v) || (ms = clock_parse(json_string_value(v))) < 0)
            return wrong(m, "A date looks like 2026-01-31T12:00:00Z.");
        return bind(m, (struct db_val){.type = 'i', .i = ms});
    }
    if (json_is_string(v)) {
        char *end;
        double d = strtod(json_string_value(v), &end);

        if (end == json_string_value(v) || *end)
            return wrong(m, "A number is wanted.");
        return bind(m, (struct db_val){.type = 'd', .d = d});
    }
    if (!json_is_number(v))
        return wrong(m, "A number is wanted.");
    return bind(m, (struct db_val){.type = 'd', .d = json_number_value(v)});
}

static const char *comparison(const char *op)
{
    static const char *const table[][2] = {
        {"equal", " = ?"},         {"not_equal", " <> ?"},       {"less", " < ?"},
        {"greater", " > ?"},       {"less_or_equal", " <= ?"},   {"greater_or_equal", " >= ?"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i][0], op) == 0)
            return table[i][1];
    return NULL;
}

static int numeric(struct made *m, const char *sql, enum column_kind kind, const char *op,
                   const json_t *v)
{
    const char *cmp = comparison(op);
    bool between = strcmp(op, "in") == 0, outside = strcmp(op, "not_in") == 0;
    int rc;

    if (cmp) {
        buf_addf(&m->sql, "%s%s", sql, cmp);
        return bind_number(m, kind, v);
    }
    if (!between && !outside)
        return wrong(m, "This operator does not fit a number.");
    buf_addf(&m->sql, "%s%s BETWEEN ? AND ?", sql, outside ? " NOT" : "");
    if ((rc = bind_number(m, kind, json_object_get(v, "min"))) < 0)
        return rc;
    return bind_number(m, kind, json_object_get(v, "max"));
}

/* Part of a word, literally: the pattern's own signs are escaped. */
static const char *like(struct ctx *cx, const char *s)
{
    struct buf b;

    buf_init(&b, cx, 4096);
    buf_addc(&b, '%');
    for (; *s; s++) {
        if (strchr("%_\\", *s))
            buf_addc(&b, '\\');
        buf_addc(&b, *s);
    }
    buf_addc(&b, '%');
    return b.s;
}

static int words(struct made *m, const char *sql, const char *op, const json_t *v)
{
    const char *s = json_string_value(v), *cmp = comparison(op);
    size_t i;
    json_t *one;
    int rc = 0;

    if (strcmp(op, "in_list") == 0 || strcmp(op, "not_in_list") == 0) {
        if (!json_is_array(v) || json_array_size(v) == 0)
            return wrong(m, "A list of words is wanted.");
        buf_addf(&m->sql, "%s%s IN (", sql, *op == 'n' ? " NOT" : "");
        json_array_foreach((json_t *)v, i, one) {
            buf_adds(&m->sql, i ? ", ?" : "?");
            if (!json_is_string(one))
                return wrong(m, "A list of words is wanted.");
            if ((rc = bind_text(m, json_string_value(one))) < 0)
                return rc;
        }
        return buf_addc(&m->sql, ')');
    }
    if (!s)
        return wrong(m, "A text is wanted.");
    if (strcmp(op, "contains") == 0 || strcmp(op, "not_contains") == 0) {
        buf_addf(&m->sql, "COALESCE(LOWER(%s), '')%s LIKE ? ESCAPE '\\'", sql,
                 *op == 'n' ? " NOT" : "");
        return bind_text(m, like(m->cx, str_lower(m->cx, s)));
    }
    if (strcmp(op, "regex") == 0)
        return wrong(m, "Regular expressions are not offered in filters; use contains.");
    if (!cmp)
        return wrong(m, "This operator does not fit a text.");
    buf_addf(&m->sql, "%s%s", sql, cmp);
    return bind_text(m, s);
}

static int people(struct made *m, const char *sql, const char *op, const json_t *v)
{
    bool without = strncmp(op, "not_", 4) == 0;
    size_t i, n = json_is_array(v) ? json_array_size(v) : 1;

    if (!strstr(op, "contains") && !strstr(op, "equal") && !strstr(op, "in_list"))
        return wrong(m, "This operator does not fit a list of people.");
    buf_addf(&m->sql, "%sEXISTS %s IN (", without ? "NOT " : "", sql);
    for (i = 0; i < n; i++) {
        const json_t *one = json_is_array(v) ? json_array_get(v, i) : v;
        int64_t id = json_integer_value(one);
        int rc;

        if (json_is_string(one) && !str_int(json_string_value(one), &id))
            return wrong(m, "The id of a person is wanted.");
        buf_adds(&m->sql, i ? ", ?" : "?");
        if ((rc = bind(m, (struct db_val){.type = 'i', .i = id})) < 0)
            return rc;
    }
    return buf_adds(&m->sql, "))");
}

static bool truth(const json_t *v)
{
    return json_is_true(v) || (json_is_string(v) && str_same_nocase(json_string_value(v), "true"));
}

static int one_column(struct made *m, const struct column *c, const char *op, const json_t *v)
{
    if (strcmp(op, "empty") == 0) {
        if (c->kind == PEOPLE)
            return buf_addf(&m->sql, "%sEXISTS (SELECT 1" ANNOTATIONS ")", truth(v) ? "NOT " : "");
        return buf_addf(&m->sql, "%s IS%s NULL", c->sql, truth(v) ? "" : " NOT");
    }
    switch (c->kind) {
    case NUMBER:
    case DATE:
        return numeric(m, c->sql, c->kind, op, v);
    case WORD:
        return words(m, c->sql, op, v);
    case FLAG:
        buf_addf(&m->sql, "COALESCE(%s, 0) = %d", c->sql,
                 truth(v) == (strcmp(op, "not_equal") != 0));
        return m->sql.rc;
    case PEOPLE:
        return people(m, c->sql, op, v);
    }
    return E_INTERNAL;
}

/*
 * A field of the task data: rows of task_field, by name.  As a list of ids, so
 * that a rare value is found through its index, whatever the number of tasks.
 */
static int data_field(struct made *m, const char *name, const char *type, const char *op,
                      const json_t *v)
{
    bool number = strcmp(type, "Number") == 0, empty = strcmp(op, "empty") == 0;
    bool part = strstr(op, "contains") != NULL;
    int rc;

    buf_addf(&m->sql, "t.id %sIN (SELECT f.task_id FROM task_field f WHERE f.project_id = ?"
                      " AND f.field = ?",
             empty && truth(v) ? "NOT " : "");
    if ((rc = bind(m, (struct db_val){.type = 'i', .i = m->project})) < 0 ||
        (rc = bind_text(m, name)) < 0)
        return rc;
    if (!empty) {
        buf_adds(&m->sql, " AND ");
        rc = number ? numeric(m, "f.num", NUMBER, op, v)
                    : words(m, part ? "COALESCE(f.word, f.head)" : "f.word", op, v);
    }
    buf_addc(&m->sql, ')');
    return rc < 0 ? rc : m->sql.rc;
}

/* "filter:tasks:data.x" or "tasks:id" without what stands before. */
static const char *plain_name(const char *s)
{
    if (str_starts(s, "filter:"))
        s += 7;
    return str_starts(s, "tasks:") ? s + 6 : s;
}

static const struct column *find(const char *name)
{
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (strcmp(columns[i].name, name) == 0)
            return &columns[i];
    return NULL;
}

static int item(struct made *m, const json_t *it)
{
    const char *name = json_str(it, "filter", NULL), *op = json_str(it, "operator", NULL);
    const json_t *v = json_object_get(it, "value");
    const struct column *c;

    if (!name || !op)
        return wrong(m, "A condition has a filter and an operator.");
    name = plain_name(name);
    if (str_starts(name, "data."))
        return data_field(m, name + 5, json_str(it, "type", "String"), op, v);
    if (!(c = find(name)))
        return wrong(m, "There is no such column to filter by.");
    return one_column(m, c, op, v);
}

static int conditions(struct made *m, const json_t *filters)
{
    const json_t *items = json_object_get(filters, "items");
    bool any = strcmp(json_str(filters, "conjunction", "and"), "or") == 0;
    size_t i;
    json_t *it;
    int rc;

    if (json_array_size(items) > (size_t)LIMIT_FILTER_ITEMS)
        return fail_at(m->cx, E_TOOBIG, "filters.items", "A filter has at most %lld conditions.",
                       (long long)LIMIT_FILTER_ITEMS);
    json_array_foreach((json_t *)items, i, it) {
        m->path = talloc_asprintf(m->cx->mem, "filters.items[%zu]", i);
        buf_adds(&m->sql, m->sql.n == 0 ? "(" : i == 0 ? " AND (" : any ? " OR (" : " AND (");
        if ((rc = item(m, it)) < 0)
            return rc;
        buf_addc(&m->sql, ')');
    }
    return m->sql.rc;
}

static int selection(struct made *m, const json_t *sel)
{
    bool all = json_flag(sel, "all", true);
    const json_t *ids = json_object_get(sel, all ? "excluded" : "included");
    size_t i;
    json_t *id;

    if (!json_is_object(sel) || (all && json_array_size(ids) == 0))
        return 0;
    buf_addf(&m->sql, "%s t.id %s (0", m->sql.n ? " AND" : "", all ? "NOT IN" : "IN");
    json_array_foreach((json_t *)ids, i, id)
        if (json_is_integer(id))
            buf_addf(&m->sql, ",%lld", (long long)json_integer_value(id));
    return buf_addc(&m->sql, ')');
}

static int ordering(struct ctx *cx, const json_t *list, const char **out)
{
    const char *s = json_string_value(json_array_get(list, 0));
    const struct column *c;
    bool down;

    *out = NULL;
    if (!s)
        return 0;
    down = *s == '-';
    s = plain_name(s + down);
    if (!(c = find(s)) || c->kind == PEOPLE)
        return fail_at(cx, E_INVALID, "ordering[0]", "There is no such column to sort by.");
    *out = talloc_asprintf(cx->mem, "%s%s, t.id", c->sql, down ? " DESC" : "");
    return 0;
}

int filter_compile(struct ctx *cx, int64_t project, const json_t *query, struct task_filter *out)
{
    struct made m = {.cx = cx, .project = project, .v = NEW_N(cx, struct db_val, FILTER_VALS)};
    int rc;

    *out = (struct task_filter){0};
    buf_init(&m.sql, cx, 32768);
    if (!json_is_object(query))
        return fail_at(cx, E_INVALID, "query", "The query is a JSON object.");
    if ((rc = conditions(&m, json_object_get(query, "filters"))) < 0)
        return rc;
    if (m.sql.n) {              /* "or" must not reach beyond its items */
        const char *inner = m.sql.s;

        buf_init(&m.sql, cx, 65536);
        buf_addf(&m.sql, "(%s)", inner);
    }
    if ((rc = selection(&m, json_object_get(query, "selectedItems"))) < 0 ||
        (rc = ordering(cx, json_object_get(query, "ordering"), &out->order)) < 0)
        return rc;
    out->where = m.sql.n ? m.sql.s : NULL;
    out->vals = m.v;
    out->nvals = m.n;
    return m.sql.rc;
}
