/*
 * db.h -- one thin interface to two real databases.
 *
 * SQL stands in the domain file that owns the table and is written once, for
 * SQLite, with `?` for each value.  The PostgreSQL driver numbers the marks.
 * Where the two must differ, the text says so in place:
 *
 *     {lite:…}    only on SQLite          {pg:…}    only on PostgreSQL
 *
 * Values are bound by a format, one letter each:
 *     i  int64_t            d  double           z  bool (an integer 0 or 1)
 *     t  const char *       (NULL binds NULL)
 *     b  const void *, size_t                   (NULL pointer binds NULL)
 *     o  int64_t, 0 binds NULL                  (an optional id)
 *     n  nothing: binds NULL
 *
 * Prepared statements are kept by the connection, keyed by the address of the
 * SQL text: pass string literals, or text that lives as long as the program.
 * SQL assembled at run time goes through db_dynamic() first, which interns it.
 *
 * All functions fail with the driver's trouble mapped to E_BUSY, E_RETRY
 * (serialization), E_FULL, E_EXISTS (a unique key), E_IO or E_INTERNAL.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "core/ctx.h"

struct db;
struct rows;

/* Run a statement that answers nothing.  Returns the number of rows changed. */
int db_run(struct ctx *cx, const char *sql, const char *fmt, ...);

/* First column of the first row, as an integer: 1 and *out; 0: no row, or it is NULL. */
int db_int(struct ctx *cx, int64_t *out, const char *sql, const char *fmt, ...);

/* The same as text or bytes on cx->mem. */
int db_text(struct ctx *cx, char **out, const char *sql, const char *fmt, ...);

/*
 * Ask for rows.  *q lives on cx->mem; read it to the end, or rows_end() it.
 *
 *     if ((rc = db_query(cx, &q, "SELECT …", "i", id)) < 0) return rc;
 *     while ((rc = rows_next(q)) > 0) … rows_int(q, 0) …
 *     if (rc < 0) return rc;
 *
 * Another statement may run between two rows.  On SQLite a row's text and
 * bytes stay valid until the next rows_next; rows_text_keep copies to cx->mem.
 */
int db_query(struct ctx *cx, struct rows **q, const char *sql, const char *fmt, ...);

/* The same with values in an array, for statements built from parts (see db_dynamic). */
struct db_val {
    char type;                  /* a letter of the format */
    int64_t i;                  /* i z o */
    double d;                   /* d */
    const void *p;              /* t b */
    size_t n;                   /* b */
};
int db_query_vals(struct ctx *cx, struct rows **q, const char *sql, const struct db_val *v, int n);

/*
 * Rows for one INSERT, `rows` of them a statement: an import spends more on
 * statements than on rows.
 *
 *     static const char one[] = "INSERT INTO t(a, b) VALUES (?, ?)";
 *     static const char many[] = "INSERT INTO t(a, b) VALUES " DB_ROWS_8("(?, ?)");
 *     struct db_batch b = {one, many, .cols = 2, .rows = 8};
 *
 *     for (…) { if ((rc = batch_row(cx, &b, &v)) < 0) return rc; v[0] = db_i(7); … }
 *     return batch_end(cx, &b);
 *
 * Values are read at the latest in batch_end; the types of a column stay the same.
 */
#define DB_ROWS_8(row) row "," row "," row "," row "," row "," row "," row "," row
#define DB_ROWS_16(row) DB_ROWS_8(row) "," DB_ROWS_8(row)
#define DB_BATCH_VALUES 128

struct db_batch {
    const char *one, *many;
    int cols, rows;
    int n;                      /* rows waiting */
    struct db_val v[DB_BATCH_VALUES];
};
int batch_row(struct ctx *cx, struct db_batch *b, struct db_val **v);
int batch_end(struct ctx *cx, struct db_batch *b);

static inline struct db_val db_i(int64_t i) { return (struct db_val){.type = 'i', .i = i}; }
static inline struct db_val db_d(double d) { return (struct db_val){.type = 'd', .d = d}; }
static inline struct db_val db_t(const char *s) { return (struct db_val){.type = 't', .p = s}; }
static inline struct db_val db_b(const void *p, size_t n)
{
    return (struct db_val){.type = 'b', .p = p, .n = n};
}

/* Take n ids of a table whose key counts by itself: in order, and nobody else's. */
int db_take_ids(struct ctx *cx, const char *table, int n, int64_t *ids);

int rows_next(struct rows *q);                      /* 1 a row, 0 the end, < 0 trouble */
void rows_end(struct rows *q);                      /* early; no harm when already at the end */
bool rows_null(struct rows *q, int col);
int64_t rows_int(struct rows *q, int col);          /* 0 for NULL */
double rows_num(struct rows *q, int col);
const char *rows_text(struct rows *q, int col);     /* "" for NULL; NUL-terminated */
const void *rows_blob(struct rows *q, int col, size_t *n);
char *rows_text_keep(struct rows *q, int col);      /* NULL for NULL; on cx->mem */

/* Interned for the life of the program: for the few statements built from parts. */
const char *db_dynamic(struct ctx *cx, const char *sql);

/* An inner savepoint of the running act: for "try this, else undo just this". */
int db_save(struct ctx *cx);
int db_keep(struct ctx *cx);
int db_undo(struct ctx *cx);

bool db_is_pg(const struct ctx *cx);

/*
 * READ acts only: how long what follows in this act may work (each statement on
 * PostgreSQL, together on SQLite), for questions whose cost grows with what
 * they read.  Past it a statement fails with E_TOOBIG and a sentence about
 * narrowing the question.  Ends with the act.
 */
int db_patience(struct ctx *cx, int ms);

#endif
