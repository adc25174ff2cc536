/*
 * task_list.c -- tasks read: one, a page, a map of a whole result; see task.h.
 *
 * A list is asked in two steps: first the keys of a page, over the narrow rows
 * of slots or along the index that has the order; then the rows of those keys.
 */
#include "domain/task.h"

#include "core/str.h"
#include "domain/project.h"
#include "domain/task_set.h"
#include "store/db.h"

#define COLUMNS                                                                                    \
    "t.id, t.project_id, t.inner_id, t.import_id, t.version, t.created_ms, t.updated_ms,"          \
    " t.unique_id, t.file_name, s.lane, s.ord, s.priority, s.required, s.answered, s.leased,"      \
    " s.open, s.skipped, s.surplus, s.cancelled, s.settle_ms,"                                     \
    " (SELECT COUNT(*) FROM annotation a WHERE a.project_id = t.project_id AND a.task_id = t.id"   \
    "  AND a.withdrawn_ms IS NULL),"                                                               \
    " (SELECT COUNT(*) FROM prediction p WHERE p.project_id = t.project_id AND p.task_id = t.id)," \
    " (SELECT g.value FROM agreement g WHERE g.project_id = t.project_id AND g.task_id = t.id)"

/* Tasks of an import become visible with its publication; few imports are ever unpublished. */
#define VISIBLE                                                                                    \
    " (t.import_id = 0 OR t.import_id NOT IN (SELECT id FROM import WHERE project_id = "           \
    "t.project_id"                                                                                 \
    " AND state <> 'done'))"

static void read_row(struct rows *q, struct task *t)
{
    *t = (struct task){
        .id = rows_int(q, 0),
        .project = rows_int(q, 1),
        .inner_id = rows_int(q, 2),
        .import = rows_int(q, 3),
        .version = rows_int(q, 4),
        .created = rows_int(q, 5),
        .updated = rows_int(q, 6),
        .unique_id = rows_text_keep(q, 7),
        .file_name = rows_text_keep(q, 8),
        .slot = {rows_int(q, 0), rows_int(q, 9), rows_int(q, 10), rows_int(q, 11), rows_int(q, 12),
                 rows_int(q, 13), rows_int(q, 14), rows_int(q, 15), rows_int(q, 16),
                 rows_int(q, 17), rows_int(q, 18), rows_int(q, 19)},
        .annotations = rows_int(q, 20),
        .predictions = rows_int(q, 21),
        .agreement = rows_null(q, 22) ? -1 : rows_num(q, 22),
    };
}

int task_get(struct ctx *cx, int64_t id, struct task *out)
{
    struct rows *q;
    int rc = db_query(cx, &q,
                      "SELECT " COLUMNS " FROM task t JOIN slot s ON s.project_id = t.project_id"
                      " AND s.task_id = t.id WHERE t.id = ? AND" VISIBLE,
                      "i", id);

    if (rc < 0)
        return rc;
    if ((rc = rows_next(q)) <= 0)
        return rc < 0 ? rc : fail(cx, E_NOTFOUND, "There is no such task.");
    read_row(q, out);
    rows_end(q);
    return 0;
}

#define FILTER_VALS 64

/* One statement in the making. */
struct question {
    struct ctx *cx;
    struct buf sql;
    struct db_val v[FILTER_VALS];
    int n;
    const struct task_sort *sort;
    const char *key;            /* SQL of what it is sorted by; NULL: the id alone */
    bool alone;                 /* the index of the order is all that is read */
};

static const struct task_filter no_filter;

int task_patience(struct ctx *cx)
{
    return db_patience(cx, (int)LIMIT_LIST_MS);
}

static void put_int(struct question *q, int64_t i)
{
    q->v[q->n++] = (struct db_val){.type = 'i', .i = i};
}

static bool by_word(const struct task_sort *s)
{
    return s->by == SORT_FIELD_WORD || s->by == SORT_WORD;
}

static const char *key_sql(struct ctx *cx, const struct task_sort *s)
{
    switch (s->by) {
    case SORT_ID:
        break;
    case SORT_FIELD_NUM:
        return "o.num";
    case SORT_FIELD_WORD:
        return "o.word";
    case SORT_AGREEMENT:
        return "o.value";
    case SORT_NUMBER:           /* never NULL, so that keys can be compared */
        return talloc_asprintf(cx->mem, "COALESCE(%s, -1e300)", s->sql);
    case SORT_WORD:
        return talloc_asprintf(cx->mem, "COALESCE(%s, '')", s->sql);
    }
    return NULL;
}

/*
 * Where the order is that of an index, a page is read along it; of a whole
 * result the filter comes first, and what is left is sorted.  SQLite is told so
 * in words (CROSS JOIN), for it has not counted its rows.
 */
static void put_from(struct question *q, int64_t project, const struct task_filter *f, bool t)
{
    const struct task_sort *s = q->sort;
    bool field = s->by == SORT_FIELD_NUM || s->by == SORT_FIELD_WORD;
    bool other = field || s->by == SORT_AGREEMENT, sorts = f->whole && (f->where || f->state);
    const char *o = !field ? "agreement o" : "task_field o";
    const char *along = !field ? "{lite: INDEXED BY agreement_value}"
                      : s->by == SORT_FIELD_NUM ? "{lite: INDEXED BY task_field_num}"
                                                : "{lite: INDEXED BY task_field_word}";

    q->alone = other && f->whole && !sorts && !t && !f->task;
    if (q->alone)               /* the index alone answers */
        buf_addf(&q->sql, " FROM %s%s", o, along);
    else if (other && sorts)
        buf_addf(&q->sql, " FROM slot s{lite: CROSS} JOIN %s", o);
    else if (other)
        buf_addf(&q->sql, " FROM %s%s{lite: CROSS} JOIN slot s", o, along);
    else
        buf_adds(&q->sql, " FROM slot s");
    if (other && !q->alone)
        buf_adds(&q->sql, " ON s.project_id = o.project_id AND s.task_id = o.task_id");
    if (t || f->task)
        buf_adds(&q->sql, "{lite: CROSS} JOIN task t ON t.id = s.task_id");
    buf_adds(&q->sql, q->alone ? " WHERE" : " WHERE s.project_id = ?");
    if (!q->alone)
        put_int(q, project);
    if (!other)
        return;
    buf_adds(&q->sql, q->alone ? " o.project_id = ?" : " AND o.project_id = ?");
    put_int(q, project);
    if (field) {
        buf_addf(&q->sql, " AND o.field = ? AND %s IS NOT NULL", q->key);
        q->v[q->n++] = (struct db_val){.type = 't', .p = s->field};
    }
}

/* Is there an import of which rows stand here and may not be seen?  Hardly ever: then nothing need
 * be asked of each task. */
static int any_hidden(struct ctx *cx, int64_t project)
{
    int64_t one;

    return db_int(cx, &one, "SELECT 1 FROM import WHERE project_id = ? AND first_task > 0"
                            " AND state NOT IN ('done', 'swept') LIMIT 1", "i", project);
}

static int put_where(struct question *q, int64_t project, const struct task_filter *f)
{
    int hidden = any_hidden(q->cx, project);

    if (hidden < 0)
        return hidden;
    put_from(q, project, f, hidden > 0);
    if (hidden) {
        buf_adds(&q->sql, " AND (t.import_id = 0 OR t.import_id NOT IN (SELECT id FROM import"
                          " WHERE project_id = ? AND state <> 'done'))");
        put_int(q, project);
    }
    if (f->state)
        buf_adds(&q->sql, strcmp(f->state, "open") == 0 ? " AND s.answered < s.required"
                     : strcmp(f->state, "answered") == 0 ? " AND s.answered + s.surplus > 0"
                                                   : " AND s.answered >= s.required");
    if (f->where) {
        if (f->nvals > FILTER_VALS - q->n - 8)
            return fail(q->cx, E_TOOBIG, "The filter has too many values.");
        buf_addf(&q->sql, " AND (%s)", f->where);
        for (int i = 0; i < f->nvals; i++)
            q->v[q->n++] = f->vals[i];
    }
    return q->sql.rc;
}

/* Behind a key, or not behind it. */
static void put_bound(struct question *q, const struct task_key *k, bool upto)
{
    const char *sign = q->sort->down ? upto ? ">=" : "<" : upto ? "<=" : ">";

    if (!k)
        return;
    if (!q->key) {
        buf_addf(&q->sql, " AND s.task_id %s ?", sign);
    } else {
        buf_addf(&q->sql, " AND (%s, %s) %s (?, ?)", q->key,
                 q->sort->by < SORT_NUMBER ? "o.task_id" : "s.task_id", sign);
        if (by_word(q->sort))
            q->v[q->n++] = (struct db_val){.type = 't', .p = k->word ? k->word : ""};
        else
            q->v[q->n++] = (struct db_val){.type = 'd', .d = k->num};
    }
    put_int(q, k->id);
}

/* Few are sorted rather than looked for in the order of the slots: the sign takes it away. */
static void put_order(struct question *q, bool few)
{
    const char *down = q->sort->down ? " DESC" : "";

    if (q->key)
        buf_addf(&q->sql, "%s%s, %s%s", q->key, down,
                 q->sort->by < SORT_NUMBER ? "o.task_id" : "s.task_id", down);
    else
        buf_addf(&q->sql, "%ss.task_id%s", few ? "{lite:+}" : "", down);
}

static void begin(struct ctx *cx, struct question *q, const struct task_filter *f)
{
    *q = (struct question){.cx = cx, .sort = &f->sort, .key = key_sql(cx, &f->sort)};
    buf_init(&q->sql, cx, 262144);
}

static int ask(struct question *q, struct rows **rows)
{
    return q->sql.rc < 0 ? q->sql.rc
                         : db_query_vals(q->cx, rows, db_dynamic(q->cx, q->sql.s), q->v, q->n);
}

static struct task_key read_key(struct question *q, struct rows *r)
{
    struct task_key k = {.id = rows_int(r, 0)};

    if (q->key && by_word(q->sort))
        k.word = rows_text_keep(r, 1);
    else if (q->key)
        k.num = rows_num(r, 1);
    return k;
}

static int keys(struct ctx *cx, int64_t project, const struct task_filter *f,
                const struct task_key *after, const struct task_key *upto, int limit,
                struct task_key **out, int *n)
{
    struct question q;
    struct rows *r;
    int rc;

    begin(cx, &q, f);
    buf_addf(&q.sql, "SELECT s.task_id%s%s", q.key ? ", " : "", q.key ? q.key : "");
    if ((rc = put_where(&q, project, f)) < 0)
        return rc;
    put_bound(&q, after, false);
    put_bound(&q, upto, true);
    buf_adds(&q.sql, " ORDER BY ");
    put_order(&q, f->few);
    buf_adds(&q.sql, " LIMIT ? OFFSET ?");
    put_int(&q, limit);
    put_int(&q, f->offset);
    *out = NEW_N(cx, struct task_key, limit);
    *n = 0;
    if ((rc = ask(&q, &r)) < 0)
        return rc;
    while ((rc = rows_next(r)) > 0)
        (*out)[(*n)++] = read_key(&q, r);
    return rc;
}

static int page_limit(int limit)
{
    return limit < 1 || limit > LIMIT_PAGE_ROWS ? (int)LIMIT_PAGE_ROWS : limit;
}

int task_keys(struct ctx *cx, int64_t project, const struct task_filter *f,
              const struct task_key *after, const struct task_key *upto, int limit,
              struct task_key **out, int *n)
{
    return keys(cx, project, f ? f : &no_filter, after, upto, page_limit(limit), out, n);
}

static int compare_tasks(const void *a, const void *b)
{
    int64_t x = ((const struct task *)a)->id, y = ((const struct task *)b)->id;

    return (x > y) - (x < y);
}

int task_rows(struct ctx *cx, int64_t project, const struct task_key *key, int nkeys,
              struct task **out, int *n)
{
    int64_t *id = NEW_N(cx, int64_t, nkeys + 1);
    struct task *got = NEW_N(cx, struct task, nkeys + 1);
    const struct tasks *set;
    struct rows *q;
    int have = 0, rc;

    *out = NEW_N(cx, struct task, nkeys + 1);
    *n = 0;
    if (nkeys == 0)
        return 0;
    for (int i = 0; i < nkeys; i++)
        id[i] = key[i].id;
    set = tasks_of(cx, id, nkeys);
    rc = db_query(cx, &q,
                  "SELECT " COLUMNS " FROM slot s JOIN task t ON t.id = s.task_id"
                  " WHERE s.project_id = ? AND " TASK_ONE_OF("s.task_id"),
                  "it", project, TASK_IDS(set));
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        read_row(q, &got[have++]);
    qsort(got, (size_t)have, sizeof *got, compare_tasks);
    for (int i = 0; i < nkeys && rc >= 0; i++) {
        const struct task *t = bsearch(&(struct task){.id = id[i]}, got, (size_t)have, sizeof *got,
                                       compare_tasks);

        if (t)
            (*out)[(*n)++] = *t;
    }
    return rc;
}

int task_list(struct ctx *cx, int64_t project, const struct task_filter *f, int64_t after,
              int limit, struct task **out, int *n)
{
    struct task_key *key, from = {.id = after};
    int nkeys, rc = task_keys(cx, project, f, after ? &from : NULL, NULL, limit, &key, &nkeys);

    return rc < 0 ? rc : task_rows(cx, project, key, nkeys, out, n);
}

static bool is_everything(const struct task_filter *f)
{
    return !f->where && !f->state;
}

int task_total(struct ctx *cx, int64_t project, const struct task_filter *f, int64_t *total)
{
    struct task_filter plain = f ? *f : no_filter;
    struct project p;
    struct question q;
    struct rows *r;
    int rc;

    if (is_everything(&plain)) {        /* the counter knows */
        if ((rc = project_get(cx, project, &p)) < 0)
            return rc;
        *total = p.count.tasks;
        return 0;
    }
    plain.sort = (struct task_sort){0};
    begin(cx, &q, &plain);
    buf_adds(&q.sql, "SELECT COUNT(*)");
    if ((rc = put_where(&q, project, &plain)) < 0 || (rc = ask(&q, &r)) < 0)
        return rc;
    if ((rc = rows_next(r)) > 0)
        *total = rows_int(r, 0);
    rows_end(r);
    return rc < 0 ? rc : 0;
}

/* On PostgreSQL the walk stays in the server: a million keys need not travel to be counted. */
static int ask_map(struct question *q, int64_t project, const struct task_filter *f, int64_t step,
                   struct rows **r)
{
    const char *key = q->key ? q->key : "s.task_id";
    int rc;

    buf_addf(&q->sql, "{pg:SELECT id, k, n FROM (}SELECT %s AS id, %s AS k",
             q->sort->by == SORT_ID || q->sort->by >= SORT_NUMBER ? "s.task_id" : "o.task_id", key);
    buf_adds(&q->sql, "{pg:, ROW_NUMBER() OVER (ORDER BY ");
    if (db_is_pg(q->cx))
        put_order(q, false);
    buf_adds(&q->sql, ") AS n}");
    if ((rc = put_where(q, project, f)) < 0)
        return rc;
    if (db_is_pg(q->cx)) {
        buf_adds(&q->sql, ") y WHERE MOD(n, ?) = 0 ORDER BY n");
        put_int(q, step);
    } else {
        buf_adds(&q->sql, " ORDER BY ");
        put_order(q, false);
    }
    return ask(q, r);
}

int task_map(struct ctx *cx, int64_t project, const struct task_filter *f, int64_t *step,
             struct task_key **out, int *n, int64_t *total)
{
    const struct task_filter *g = f ? f : &no_filter;
    struct question q;
    struct rows *r;
    int64_t seen = 0;
    int rc;

    *out = NEW_N(cx, struct task_key, TASK_MARKS);
    *n = 0;
    if (db_is_pg(cx) || is_everything(g)) {
        if ((rc = task_total(cx, project, g, total)) < 0)
            return rc;
        while (*total / *step > TASK_MARKS)
            *step *= 2;
    }
    begin(cx, &q, g);
    if ((rc = ask_map(&q, project, g, *step, &r)) < 0)
        return rc;
    while ((rc = rows_next(r)) > 0) {
        if (!db_is_pg(cx) && ++seen % *step)
            continue;
        if (*n == TASK_MARKS) {         /* twice as wide from here on */
            for (int i = 1; i < TASK_MARKS; i += 2)
                (*out)[i / 2] = (*out)[i];
            *n /= 2;
            *step *= 2;
            if (seen % *step)
                continue;
        }
        (*out)[(*n)++] = read_key(&q, r);
    }
    if (!db_is_pg(cx))
        *total = seen;
    return rc;
}
