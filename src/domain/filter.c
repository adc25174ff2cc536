/* filter.c -- see filter.h. */
#include "domain/filter.h"

#include "core/clock.h"
#include "core/json.h"
#include "core/regex.h"
#include "core/str.h"
#include "domain/task_data.h"
#include "store/db.h"

#define FILTER_VALS 48          /* values of one filter; the statement around it needs a few more */
#define IDS_MAX 10000           /* tasks named one by one */
#define PATTERN_BYTES 256
#define RARE_TASKS 50000 /* a condition that fewer fulfil is answered as a list from its index */

enum column_kind { NUMBER, DATE, WORD, FLAG, PEOPLE, REFUSED };

#define ANNOTATIONS                                                                                \
    " FROM annotation a WHERE a.project_id = s.project_id AND a.task_id = s.task_id"               \
    " AND a.withdrawn_ms IS NULL"
#define PREDICTIONS                                                                                \
    " FROM prediction p WHERE p.project_id = s.project_id AND p.task_id = s.task_id"

static const char sealed[] = "Results are sealed and cannot be searched. Filter by the data, the "
                             "counts or the agreement, or export and search there.";

/* What may be asked for.  The SQL is ours; nothing of the question gets into it. */
static const struct column {
    const char *name;
    enum column_kind kind;
    const char *sql;            /* REFUSED: why */
    bool task;                  /* stands in the row of the task, not of its slot */
} columns[] = {
    {"id", NUMBER, "s.task_id", false},
    {"inner_id", NUMBER, "t.inner_id", true},
    {"created_at", DATE, "t.created_ms", true},
    {"updated_at", DATE, "t.updated_ms", true},
    {"completed_at", DATE,
     "(CASE WHEN s.answered >= s.required THEN (SELECT MAX(a.created_ms)" ANNOTATIONS ") END)",
     false},
    {"total_annotations", NUMBER, "(SELECT COUNT(*)" ANNOTATIONS " AND a.was_cancelled = 0)",
     false},
    {"cancelled_annotations", NUMBER, "(SELECT COUNT(*)" ANNOTATIONS " AND a.was_cancelled = 1)",
     false},
    {"total_predictions", NUMBER, "(SELECT COUNT(*)" PREDICTIONS ")", false},
    {"predictions_score", NUMBER, "(SELECT AVG(p.score)" PREDICTIONS ")", false},
    {"predictions_model_versions", WORD, "(SELECT MAX(p.model_version)" PREDICTIONS ")", false},
    {"agreement", NUMBER,
     "(SELECT g.value * 100 FROM agreement g WHERE g.project_id = s.project_id AND g.task_id = "
     "s.task_id)", false},
    {"avg_lead_time", NUMBER, "(SELECT AVG(a.lead_ms) / 1000.0" ANNOTATIONS ")", false},
    {"ground_truth", FLAG, "(SELECT MAX(a.ground_truth)" ANNOTATIONS ")", false},
    {"is_labeled", FLAG, "(CASE WHEN s.answered >= s.required THEN 1 ELSE 0 END)", false},
    {"state", WORD,
     "(CASE WHEN s.answered >= s.required THEN 'settled' WHEN s.answered + s.leased > 0 THEN"
     " 'started' ELSE 'waiting' END)", false},
    {"answered", NUMBER, "s.answered", false},
    {"skipped", NUMBER, "s.skipped", false},
    {"file_upload", WORD, "t.file_name", true},
    {"annotators", PEOPLE, "(SELECT 1" ANNOTATIONS " AND a.person_id", false},
    {"comment_count", NUMBER,
     "(SELECT COUNT(*) FROM comment c WHERE c.project_id = s.project_id AND c.task_id = s.task_id)",
     false},
    {"overlap", NUMBER, "s.required", false},
    {"priority", NUMBER, "s.priority", false},
    {"annotations_results", REFUSED, sealed, false},
    {"predictions_results", REFUSED, sealed, false},
    {"reviewers", REFUSED, "There are no reviewers of single tasks to filter by.", false},
};

struct made {
    struct ctx *cx;
    struct buf sql;
    struct db_val *v;
    int n;
    int64_t project;
    bool few, any;              /* see task_filter; conditions are joined by "or" */
    bool whole;                 /* all that fulfil it are wanted, not a page */
    bool task;                  /* a column of the task itself is asked for */
    const char *path;           /* of the item at hand, for complaints */
};

static int bind(struct made *m, struct db_val v)
{
    if (m->n == FILTER_VALS)
        return fail(m->cx, E_TOOBIG, "The filter holds more than %d values.", FILTER_VALS);
    m->v[m->n++] = v;
    return 0;
}

static int bind_int(struct made *m, int64_t i)
{
    return bind(m, (struct db_val){.type = 'i', .i = i});
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
        return bind_int(m, ms);
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

/* ---- one comparison, without its negation ------------------------------------------------ */

static const char *comparison(const char *op)
{
    static const char *const table[][2] = {
        {"equal", " = ?"},  {"less", " < ?"},           {"greater", " > ?"},
        {"less_or_equal", " <= ?"}, {"greater_or_equal", " >= ?"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i][0], op) == 0)
            return table[i][1];
    return NULL;
}

/* x IN (…): a list of numbers or of words. */
static int in_list(struct made *m, const char *sql, enum column_kind kind, const json_t *v)
{
    size_t i;
    json_t *one;
    int rc;

    if (!json_is_array(v) || json_array_size(v) == 0)
        return wrong(m, "A list is wanted.");
    buf_addf(&m->sql, "%s IN (", sql);
    json_array_foreach((json_t *)v, i, one) {
        buf_adds(&m->sql, i ? ", ?" : "?");
        if (kind == WORD && !json_is_string(one))
            return wrong(m, "A list of words is wanted.");
        rc = kind == WORD ? bind_text(m, json_string_value(one)) : bind_number(m, kind, one);
        if (rc < 0)
            return rc;
    }
    return buf_addc(&m->sql, ')');
}

static int numeric(struct made *m, const char *sql, enum column_kind kind, const char *op,
                   const json_t *v)
{
    const char *cmp = comparison(op);
    int rc;

    if (cmp) {
        buf_addf(&m->sql, "%s%s", sql, cmp);
        return bind_number(m, kind, v);
    }
    if (strcmp(op, "in_list") == 0)
        return in_list(m, sql, kind, v);
    if (strcmp(op, "in") != 0)
        return wrong(m, "This operator does not fit a number.");
    buf_addf(&m->sql, "%s BETWEEN ? AND ?", sql);
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

static int pattern(struct made *m, const char *sql, const char *s)
{
    const char *why;

    if (strlen(s) > PATTERN_BYTES)
        return fail_at(m->cx, E_INVALID, m->path, "A pattern has at most %d bytes.", PATTERN_BYTES);
    if (!regex_new(m->cx->mem, s, &why))
        return wrong(m, why);
    buf_addf(&m->sql, "{lite:regex_finds(%s, ?)}{pg:%s ~ ?}", sql, sql);
    return bind_text(m, s);
}

static int words(struct made *m, const char *sql, const char *op, const json_t *v)
{
    const char *s = json_string_value(v), *cmp = comparison(op);

    if (strcmp(op, "in_list") == 0 || (strcmp(op, "contains") == 0 && json_is_array(v)))
        return in_list(m, sql, WORD, v);
    if (!s)
        return wrong(m, "A text is wanted.");
    if (strlen(s) > 4000)
        return wrong(m, "The text is too long to filter by.");
    if (strcmp(op, "contains") == 0) {
        buf_addf(&m->sql, "LOWER(%s) LIKE ? ESCAPE '\\'", sql);
        return bind_text(m, like(m->cx, str_lower(m->cx, s)));
    }
    if (strcmp(op, "regex") == 0)
        return pattern(m, sql, s);
    if (!cmp)
        return wrong(m, "This operator does not fit a text.");
    buf_addf(&m->sql, "%s%s", sql, cmp);
    return bind_text(m, s);
}

static int people(struct made *m, const char *sql, const char *op, const json_t *v)
{
    size_t i, n = json_is_array(v) ? json_array_size(v) : 1;

    if (strcmp(op, "contains") != 0 && strcmp(op, "equal") != 0 && strcmp(op, "in_list") != 0)
        return wrong(m, "This operator does not fit a list of people.");
    if (n == 0)
        return wrong(m, "The id of a person is wanted.");
    buf_addf(&m->sql, "EXISTS %s IN (", sql);
    for (i = 0; i < n; i++) {
        const json_t *one = json_is_array(v) ? json_array_get(v, i) : v;
        int64_t id = json_integer_value(one);
        int rc;

        if (!json_is_integer(one) && !(json_is_string(one) && str_int(json_string_value(one), &id)))
            return wrong(m, "The id of a person is wanted.");
        buf_adds(&m->sql, i ? ", ?" : "?");
        if ((rc = bind_int(m, id)) < 0)
            return rc;
    }
    return buf_adds(&m->sql, "))");
}

static bool truth(const json_t *v)
{
    return json_is_true(v) ||
           (json_is_string(v) && str_same_nocase(json_string_value(v), "true")) ||
           (json_is_integer(v) && json_integer_value(v) != 0);
}

/* "not_equal" is equal turned round; one that has no such opposite is left as it is. */
static const char *without_not(const char *op, bool *not)
{
    *not = str_starts(op, "not_");
    return *not ? op + 4 : op;
}

static int one_column(struct made *m, const struct column *c, const char *op, const json_t *v)
{
    bool not;
    int rc;

    if (c->kind == REFUSED)
        return wrong(m, c->sql);
    m->task |= c->task;
    if (strcmp(op, "empty") == 0) {
        if (c->kind == PEOPLE)
            return buf_addf(&m->sql, "%sEXISTS (SELECT 1" ANNOTATIONS ")", truth(v) ? "NOT " : "");
        return buf_addf(&m->sql, "%s IS%s NULL", c->sql, truth(v) ? "" : " NOT");
    }
    op = without_not(op, &not);
    if (c->kind == FLAG) {
        if (strcmp(op, "equal") != 0)
            return wrong(m, "This operator does not fit a yes or no.");
        return buf_addf(&m->sql, "COALESCE(%s, 0) = %d", c->sql, truth(v) != not);
    }
    buf_adds(&m->sql, not ? "NOT COALESCE(" : "");
    rc = c->kind == PEOPLE ? people(m, c->sql, op, v)
       : c->kind == WORD ? words(m, c->sql, op, v) : numeric(m, c->sql, c->kind, op, v);
    if (not)
        buf_adds(&m->sql, ", FALSE)");
    return rc < 0 ? rc : m->sql.rc;
}

/* ---- fields of the task data ------------------------------------------------------------ */

/* Is the condition that stands in `sql` from `from` on fulfilled by few?  Asked of its index. */
static int is_rare(struct made *m, const char *condition, int first, bool *rare)
{
    struct db_val v[FILTER_VALS];
    const char *sql;
    struct rows *q;
    int rc, n = 0;

    *rare = true;
    if (m->whole || !m->cx->db)         /* no matter, or nobody to ask */
        return 0;
    for (int i = first; i < m->n; i++)
        v[n++] = m->v[i];
    v[n++] = (struct db_val){.type = 'i', .i = RARE_TASKS + 1};
    sql = talloc_asprintf(m->cx->mem,
                          "SELECT COUNT(*) FROM (SELECT 1 AS x FROM task_field f WHERE"
                          " f.project_id = ? AND f.field = ? AND %s LIMIT ?) y", condition);
    rc = db_query_vals(m->cx, &q, db_dynamic(m->cx, sql), v, n);
    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) > 0)
        *rare = rows_int(q, 0) <= RARE_TASKS;
    rows_end(q);
    return rc < 0 ? rc : 0;
}

/* Which of its two indexes a field is sorted by: numbers, if there are any. */
static int sort_field(struct ctx *cx, int64_t project, const char *field, struct task_sort *out)
{
    int64_t any;
    int rc = cx->db ? db_int(cx, &any, "SELECT 1 FROM task_field WHERE project_id = ? AND field = ?"
                                       " AND num IS NOT NULL LIMIT 1", "it", project, field) : 0;

    if (rc < 0)
        return rc;
    out->by = rc ? SORT_FIELD_NUM : SORT_FIELD_WORD;
    out->field = talloc_strdup(cx->mem, field);
    return 0;
}

/*
 * A field of the task data: rows of task_field, by name.  What few tasks
 * fulfil becomes a list of ids read from the index, whatever the number of
 * tasks; what many fulfil is asked task by task, so that the first page is
 * soon full (the whole is a list always: it is read to its end anyway).  The
 * parts of texts stand in no index: always task by task.
 *
 * "unsorted" is ours: an order by this field leaves the task out.
 */
static int data_field(struct made *m, const char *name, const char *type, const char *op,
                      const json_t *v)
{
    bool number = strcmp(type, "Number") == 0, left = strcmp(op, "unsorted") == 0;
    bool empty = left || strcmp(op, "empty") == 0, not, part, rare;
    struct task_sort sort = {.by = SORT_FIELD_NUM};
    struct buf whole = m->sql;
    int first = m->n, rc;
    const char *condition;

    op = without_not(op, &not);
    part = strcmp(op, "contains") == 0 || strcmp(op, "regex") == 0;
    if (!number && !part && !empty && json_is_string(v) &&
        strlen(json_string_value(v)) > FIELD_WORD_BYTES)
        return fail_at(m->cx, E_INVALID, m->path, "Of a text over %d bytes only the beginning is "
                       "kept; use contains with at most that much of it.", FIELD_WORD_BYTES);
    if ((left && (rc = sort_field(m->cx, m->project, name, &sort)) < 0) ||
        (rc = bind_int(m, m->project)) < 0 || (rc = bind_text(m, name)) < 0)
        return rc;
    buf_init(&m->sql, m->cx, 32768);
    if (left)
        buf_adds(&m->sql, sort.by == SORT_FIELD_NUM ? "f.num IS NOT NULL" : "f.word IS NOT NULL");
    if (empty)
        not = truth(v);
    else if (strcmp(type, "Boolean") == 0)
        rc = words(m, "f.word", op, json_keep(m->cx, json_string(truth(v) ? "true" : "false")));
    else
        rc = number ? numeric(m, "f.num", NUMBER, op, v)
                    : words(m, part ? "COALESCE(f.word, f.head)" : "f.word", op, v);
    condition = m->sql.s ? m->sql.s : "1 = 1";
    if (rc < 0 || (rc = m->sql.rc) < 0)
        return rc;
    m->sql = whole;
    rare = false;
    if (!part && !empty && (rc = is_rare(m, condition, first, &rare)) < 0)
        return rc;
    m->few |= rare && !not && !m->any && !m->whole;
    return buf_addf(&m->sql, "%s%s (SELECT %s FROM task_field f WHERE f.project_id = ?"
                             " AND f.field = ? AND %s%s)",
                    rare ? "s.task_id " : "",
                    rare ? not ? "NOT IN" : "IN" : not ? "NOT EXISTS" : "EXISTS",
                    rare ? "f.task_id" : "1", condition,
                    rare ? "" : " AND f.task_id = s.task_id");
}

/* The number of a task, or a part of any of its fields. */
static int search(struct made *m, const json_t *v)
{
    const char *s = json_string_value(v);
    int64_t number;
    int rc;

    if (!s || !*s)
        return wrong(m, "A text is wanted.");
    if (str_int(s, &number)) {
        m->task = true;
        buf_adds(&m->sql, "t.inner_id = ? OR s.task_id = ? OR ");
        if ((rc = bind_int(m, number)) < 0 || (rc = bind_int(m, number)) < 0)
            return rc;
    }
    buf_adds(&m->sql, "EXISTS (SELECT 1 FROM task_field f WHERE f.project_id = s.project_id"
                      " AND f.task_id = s.task_id AND ");
    if ((rc = words(m, "COALESCE(f.word, f.head)", "contains", v)) < 0)
        return rc;
    return buf_addc(&m->sql, ')');
}

/* ---- the whole question ----------------------------------------------------------------- */

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
    if (strcmp(name, "search") == 0)
        return search(m, v);
    if (!(c = find(name)))
        return wrong(m, "There is no such column to filter by.");
    return one_column(m, c, op, v);
}

/* The items of one list, in a bracket of their own: "or" does not reach beyond them. */
static int conditions(struct made *m, const json_t *filters, const char *list, bool any)
{
    const json_t *items = json_object_get(filters, list);
    size_t i;
    json_t *it;
    int rc;

    if (json_array_size(items) > (size_t)LIMIT_FILTER_ITEMS)
        return fail_at(m->cx, E_TOOBIG, "filters.items", "A filter has at most %lld conditions.",
                       (long long)LIMIT_FILTER_ITEMS);
    json_array_foreach((json_t *)items, i, it) {
        m->path = talloc_asprintf(m->cx->mem, "filters.%s[%zu]", list, i);
        buf_adds(&m->sql, i ? any ? " OR (" : " AND (" : m->sql.n ? " AND ((" : "((");
        if ((rc = item(m, it)) < 0)
            return rc;
        buf_addc(&m->sql, ')');
    }
    return i ? buf_addc(&m->sql, ')') : 0;
}

static int selection(struct made *m, const json_t *sel)
{
    bool all = json_flag(sel, "all", true);
    const json_t *ids = json_object_get(sel, all ? "excluded" : "included");
    size_t i;
    json_t *id;

    if (!json_is_object(sel) || (all && json_array_size(ids) == 0))
        return 0;
    if (json_array_size(ids) > IDS_MAX)
        return fail_at(m->cx, E_TOOBIG, "selectedItems", "At most %d tasks are named one by one; "
                       "choose more by a filter.", IDS_MAX);
    buf_addf(&m->sql, "%s s.task_id %s (0", m->sql.n ? " AND" : "", all ? "NOT IN" : "IN");
    json_array_foreach((json_t *)ids, i, id)
        if (json_is_integer(id))
            buf_addf(&m->sql, ",%lld", (long long)json_integer_value(id));
    return buf_addc(&m->sql, ')');
}

static int ordering(struct made *m, const json_t *list, struct task_sort *out)
{
    struct ctx *cx = m->cx;
    const char *s = json_string_value(json_array_get(list, 0));
    const struct column *c;

    if (!s)
        return 0;
    out->down = *s == '-';
    s = plain_name(s + out->down);
    if (str_starts(s, "data."))
        return sort_field(cx, m->project, s + 5, out);
    if (strcmp(s, "agreement") == 0) {
        out->by = SORT_AGREEMENT;
        return 0;
    }
    if (!(c = find(s)) || c->kind == PEOPLE || c->kind == REFUSED)
        return fail_at(cx, E_INVALID, "ordering[0]", "There is no such column to sort by.");
    m->task |= c->task;
    if (strcmp(s, "id") == 0)
        return 0;
    out->by = c->kind == WORD ? SORT_WORD : SORT_NUMBER;
    out->sql = c->sql;
    return 0;
}

int filter_compile(struct ctx *cx, int64_t project, const json_t *query, bool whole,
                   struct task_filter *out)
{
    struct made m = {.cx = cx, .project = project, .whole = whole,
                     .v = NEW_N(cx, struct db_val, FILTER_VALS)};
    const json_t *filters;
    int rc;

    *out = (struct task_filter){0};
    buf_init(&m.sql, cx, 262144);
    if (!json_is_object(query))
        return fail_at(cx, E_INVALID, "query", "The query is a JSON object.");
    filters = json_object_get(query, "filters");
    m.any = strcmp(json_str(filters, "conjunction", "and"), "or") == 0;
    /* `also` is ours: what must hold beside them, whatever joins the items. */
    if ((rc = conditions(&m, filters, "items", m.any)) < 0 ||
        (rc = conditions(&m, filters, "also", false)) < 0 ||
        (rc = selection(&m, json_object_get(query, "selectedItems"))) < 0 ||
        (rc = ordering(&m, json_object_get(query, "ordering"), &out->sort)) < 0)
        return rc;
    out->where = m.sql.n ? m.sql.s : NULL;
    out->vals = m.v;
    out->nvals = m.n;
    out->task = m.task;
    out->whole = whole;
    out->few = m.few;
    return m.sql.rc;
}
