/* db.c -- see db.h: variable arguments in, one of two drivers below. */
#include "store/db.h"
#include "store/driver.h"

#include <assert.h>
#include <pthread.h>
#include <stdarg.h>

#define DYNAMIC_KEPT 512            /* interned texts; more are prepared for one use */

static int values(struct value v[VALUES_MAX], const char *fmt, va_list ap)
{
    int n = 0;

    for (; *fmt; fmt++, n++) {
        assert(n < VALUES_MAX);
        v[n] = (struct value){.kind = *fmt};
        switch (*fmt) {
        case 'i':
            v[n].i = va_arg(ap, int64_t);
            break;
        case 'o':
            v[n].i = va_arg(ap, int64_t);
            v[n].kind = v[n].i ? 'i' : 'n';
            break;
        case 'z':
            v[n].i = va_arg(ap, int) != 0;
            v[n].kind = 'i';
            break;
        case 'd':
            v[n].d = va_arg(ap, double);
            break;
        case 't':
            v[n].p = va_arg(ap, const char *);
            v[n].n = v[n].p ? strlen(v[n].p) : 0;
            break;
        case 'b':
            v[n].p = va_arg(ap, const void *);
            v[n].n = va_arg(ap, size_t);
            break;
        default:
            assert(*fmt == 'n' && "an unknown letter in a format of values");
        }
    }
    return n;
}

/* An act may not go on after a statement failed: see driver.h. */
static int ready(struct ctx *cx)
{
    assert(cx->db && "a statement outside an act");
    if (cx->db->spoilt)
        return fail(cx, E_INTERNAL, "Something went wrong earlier in the same step.");
    return 0;
}

static int spoil(struct db *db, int rc)
{
    if (rc < 0)
        db->spoilt = true;
    return rc;
}

int db_run(struct ctx *cx, const char *sql, const char *fmt, ...)
{
    struct value v[VALUES_MAX];
    va_list ap;
    int n, rc;

    if ((rc = ready(cx)) < 0)
        return rc;
    va_start(ap, fmt);
    n = values(v, fmt, ap);
    va_end(ap);
    return spoil(cx->db, cx->db->drv->run(cx, cx->db, sql, v, n));
}

/* Ask, and stand on the first row: 1, or 0 when there is none.  finish() must follow unless < 0. */
static int first(struct ctx *cx, struct rows *q, const char *sql, const char *fmt, va_list ap)
{
    struct value v[VALUES_MAX];
    int rc, n;

    if ((rc = ready(cx)) < 0)
        return rc;
    n = values(v, fmt, ap);
    *q = (struct rows){.cx = cx, .db = cx->db};
    if ((rc = cx->db->drv->query(cx, cx->db, sql, v, n, false, q)) == 0) {
        rc = cx->db->drv->next(q);
        if (rc < 0)
            cx->db->drv->end(q);
    }
    return spoil(cx->db, rc);
}

/* Run to the end, so that an INSERT … RETURNING has checked all it must. */
static int finish(struct rows *q, int found)
{
    struct db *db = q->db;
    int rc = found;

    while (rc > 0)
        rc = db->drv->next(q);
    db->drv->end(q);
    return spoil(db, rc < 0 ? rc : found);
}

int db_int(struct ctx *cx, int64_t *out, const char *sql, const char *fmt, ...)
{
    struct rows q;
    va_list ap;
    int rc;
    bool null = true;

    va_start(ap, fmt);
    rc = first(cx, &q, sql, fmt, ap);
    va_end(ap);
    if (rc < 0)
        return rc;
    if (rc > 0 && !(null = q.db->drv->is_null(&q, 0)))
        *out = q.db->drv->col_int(&q, 0);
    rc = finish(&q, rc);
    return rc > 0 && null ? 0 : rc;
}

int db_text(struct ctx *cx, char **out, const char *sql, const char *fmt, ...)
{
    struct rows q;
    va_list ap;
    int rc;
    bool null = true;

    va_start(ap, fmt);
    rc = first(cx, &q, sql, fmt, ap);
    va_end(ap);
    if (rc < 0)
        return rc;
    if (rc > 0 && !(null = q.db->drv->is_null(&q, 0)))
        *out = rows_text_keep(&q, 0);
    rc = finish(&q, rc);
    return rc > 0 && null ? 0 : rc;
}

static int rows_freed(struct rows *q)
{
    rows_end(q);
    return 0;
}

static int ask(struct ctx *cx, struct rows **out, const char *sql, const struct value *v, int n)
{
    struct db *db = cx->db;
    struct rows *q = NEW(cx, struct rows);
    int rc;

    q->cx = cx;
    q->db = db;
    if ((rc = db->drv->query(cx, db, sql, v, n, true, q)) < 0) {
        q->db = NULL;
        return spoil(db, rc);
    }
    q->next = db->open;
    q->at = &db->open;
    if (db->open)
        db->open->at = &q->next;
    db->open = q;
    talloc_set_destructor(q, rows_freed);
    *out = q;
    return 0;
}

int db_query(struct ctx *cx, struct rows **out, const char *sql, const char *fmt, ...)
{
    struct value v[VALUES_MAX];
    va_list ap;
    int n, rc;

    if ((rc = ready(cx)) < 0)
        return rc;
    va_start(ap, fmt);
    n = values(v, fmt, ap);
    va_end(ap);
    return ask(cx, out, sql, v, n);
}

/* NULL text and bytes keep their kind: what is prepared for a column serves all its rows. */
static void values_of(struct value *v, const struct db_val *val, int n)
{
    assert(n <= VALUES_MAX);
    for (int i = 0; i < n; i++) {
        const struct db_val *x = &val[i];
        bool null = x->type == 'n' || (x->type == 'o' && !x->i);

        v[i] = (struct value){.kind = strchr("oz", x->type) ? 'i' : x->type,
                              .i = x->type == 'z' ? x->i != 0 : x->i, .d = x->d, .p = x->p,
                              .n = x->type == 't' && x->p ? strlen(x->p) : x->n};
        if (null)
            v[i].kind = 'n';
    }
}

int db_query_vals(struct ctx *cx, struct rows **out, const char *sql, const struct db_val *val,
                  int n)
{
    struct value v[VALUES_MAX];
    int rc;

    if ((rc = ready(cx)) < 0)
        return rc;
    values_of(v, val, n);
    return ask(cx, out, sql, v, n);
}

/* ---- many rows ---- */

static int run_vals(struct ctx *cx, const char *sql, const struct db_val *val, int n)
{
    struct value v[VALUES_MAX];
    int rc;

    if ((rc = ready(cx)) < 0)
        return rc;
    values_of(v, val, n);
    return spoil(cx->db, cx->db->drv->run(cx, cx->db, sql, v, n));
}

int batch_row(struct ctx *cx, struct db_batch *b, struct db_val **v)
{
    int rc = 0;

    assert(b->cols * b->rows <= DB_BATCH_VALUES);
    if (b->n == b->rows) {
        rc = run_vals(cx, b->many, b->v, b->rows * b->cols);
        b->n = 0;
    }
    *v = &b->v[b->n++ * b->cols];
    return rc < 0 ? rc : 0;
}

int batch_end(struct ctx *cx, struct db_batch *b)
{
    int rc = 0;

    if (b->n == b->rows)
        rc = run_vals(cx, b->many, b->v, b->rows * b->cols);
    else
        for (int i = 0; i < b->n && rc >= 0; i++)
            rc = run_vals(cx, b->one, &b->v[i * b->cols], b->cols);
    b->n = 0;
    return rc < 0 ? rc : 0;
}

/* SQLite keeps the largest id ever given in a row of its own; PostgreSQL has a sequence. */
static int take_lite(struct ctx *cx, const char *table, int n, int64_t *ids)
{
    int64_t last;
    int rc = db_int(cx, &last, "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?"
                    " RETURNING seq", "it", (int64_t)n, table);

    if (rc < 0)
        return rc;
    if (rc == 0) {
        last = n;
        if ((rc = db_run(cx, "INSERT INTO sqlite_sequence(name, seq) VALUES(?, ?)", "ti", table,
                         last)) < 0)
            return rc;
    }
    for (int i = 0; i < n; i++)
        ids[i] = last - n + 1 + i;
    return 0;
}

static int take_pg(struct ctx *cx, const char *table, int n, int64_t *ids)
{
    struct rows *q;
    int i = 0, rc = db_query(cx, &q,
                             "{pg:SELECT nextval(pg_get_serial_sequence(?, 'id'))"
                             " FROM generate_series(1, ?)}{lite:SELECT ?, ?}",
                             "ti", table, (int64_t)n);

    if (rc < 0)
        return rc;
    while (i < n && (rc = rows_next(q)) > 0)
        ids[i++] = rows_int(q, 0);
    rows_end(q);
    return rc < 0 ? rc : 0;
}

int db_take_ids(struct ctx *cx, const char *table, int n, int64_t *ids)
{
    return db_is_pg(cx) ? take_pg(cx, table, n, ids) : take_lite(cx, table, n, ids);
}

int rows_next(struct rows *q)
{
    struct db *db = q->db;
    int rc;

    if (!db)
        return 0;
    if (db->spoilt)
        return fail(q->cx, E_INTERNAL, "Something went wrong earlier in the same step.");
    rc = db->drv->next(q);
    if (rc <= 0)
        rows_end(q);
    return spoil(db, rc);
}

void rows_end(struct rows *q)
{
    if (!q->db)
        return;
    q->db->drv->end(q);
    *q->at = q->next;
    if (q->next)
        q->next->at = q->at;
    q->db = NULL;
}

void rows_end_all(struct db *db)
{
    while (db->open)
        rows_end(db->open);
}

/* The columns of a query that has ended are as if NULL. */
bool rows_null(struct rows *q, int col)
{
    return !q->db || q->db->drv->is_null(q, col);
}

int64_t rows_int(struct rows *q, int col)
{
    return rows_null(q, col) ? 0 : q->db->drv->col_int(q, col);
}

double rows_num(struct rows *q, int col)
{
    return rows_null(q, col) ? 0 : q->db->drv->col_num(q, col);
}

const char *rows_text(struct rows *q, int col)
{
    return rows_null(q, col) ? "" : q->db->drv->col_text(q, col);
}

const void *rows_blob(struct rows *q, int col, size_t *n)
{
    *n = 0;
    return rows_null(q, col) ? NULL : q->db->drv->col_blob(q, col, n);
}

char *rows_text_keep(struct rows *q, int col)
{
    size_t n;
    const void *p;
    char *s;

    if (rows_null(q, col))
        return NULL;
    p = q->db->drv->col_blob(q, col, &n);
    s = talloc_array(q->cx->mem, char, (unsigned)n + 1);
    if (n)
        memcpy(s, p, n);
    s[n] = 0;
    return s;
}

/* ---- texts made at run time ---- */

static struct interned {
    struct interned *next;
    char text[];
} *interned[256];
static int ninterned;
static pthread_mutex_t interned_lock = PTHREAD_MUTEX_INITIALIZER;

const char *db_dynamic(struct ctx *cx, const char *sql)
{
    size_t n = strlen(sql);
    uint32_t h = 2166136261u;
    struct interned *t;

    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)sql[i]) * 16777619u;
    pthread_mutex_lock(&interned_lock);
    for (t = interned[h & 255]; t; t = t->next)
        if (strcmp(t->text, sql) == 0)
            break;
    if (!t && ninterned < DYNAMIC_KEPT) {
        t = talloc_size(NULL, sizeof *t + n + 1);
        memcpy(t->text, sql, n + 1);
        t->next = interned[h & 255];
        interned[h & 255] = t;
        ninterned++;
    }
    pthread_mutex_unlock(&interned_lock);
    return t ? t->text : talloc_asprintf(cx->mem, ONCE "%s", sql);
}

/* ---- inner savepoints ---- */

int64_t db_changed(struct db *db)
{
    return db->drv->changes(db) - db->undone;
}

int db_save(struct ctx *cx)
{
    struct db *db = cx->db;
    int rc = db_run(cx, "SAVEPOINT deeper", "");

    if (rc < 0)
        return rc;
    assert(db->depth < (int)(sizeof db->at_save / sizeof *db->at_save));
    db->at_save[db->depth++] = db_changed(db);
    return 0;
}

int db_keep(struct ctx *cx)
{
    int rc = db_run(cx, "RELEASE SAVEPOINT deeper", "");

    if (rc < 0)
        return rc;
    assert(cx->db->depth > 0);
    cx->db->depth--;
    return 0;
}

int db_undo(struct ctx *cx)
{
    struct db *db = cx->db;
    int rc;

    assert(db->depth > 0);
    db->spoilt = false;
    if ((rc = db_run(cx, "ROLLBACK TO SAVEPOINT deeper", "")) < 0 ||
        (rc = db_run(cx, "RELEASE SAVEPOINT deeper", "")) < 0)
        return rc;
    db->undone += db_changed(db) - db->at_save[--db->depth];
    return 0;
}

int db_patience(struct ctx *cx, int ms)
{
    cx->db->patience_ms = ms;
    return cx->db->drv->patience(cx, cx->db, ms);
}

int db_ran_long(struct ctx *cx)
{
    return fail(cx, E_TOOBIG, "This would take longer than %d s on a project of this size. Narrow "
                              "it by a condition on a field of the data, or sort by id.",
                (cx->db->patience_ms + 999) / 1000);
}

bool db_is_pg(const struct ctx *cx)
{
    assert(cx->db);
    return cx->db->pg;
}
