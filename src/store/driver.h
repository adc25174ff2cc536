/*
 * driver.h -- inside the store: a connection, and what a database must know how to do.
 *
 * db.c turns the variable arguments of db.h into an array of values and calls
 * one of the two drivers.  A connection belongs to one thread at a time.
 *
 * After a statement has failed, PostgreSQL refuses all others until the act
 * ends or an inner savepoint is undone.  `spoilt` makes SQLite behave the same,
 * so that an act which swallows an error is found on either.
 */
#ifndef STORE_DRIVER_H
#define STORE_DRIVER_H

#include "store/act.h"
#include "store/db.h"

#define VALUES_MAX 128              /* marks in one statement */
#define ONCE "/*once*/"             /* a text that begins so is prepared, used and forgotten */

struct value {
    char kind;                      /* 'i' 'd' 't' 'b', or 'n' for NULL */
    int64_t i;
    double d;
    const void *p;
    size_t n;
};

struct rows {
    struct db *db;                  /* NULL once ended */
    struct ctx *cx;
    struct rows *next, **at;        /* in db->open */
    void *handle;                   /* SQLite: struct handle; PostgreSQL: PGresult */
    int row;                        /* PostgreSQL */
};

struct driver {
    void (*close)(struct db *db);
    /* Plain text, maybe many statements, no values. */
    int (*script)(struct ctx *cx, struct db *db, const char *sql);
    int (*run)(struct ctx *cx, struct db *db, const char *sql, const struct value *v, int n);
    /* `lasting`: the values must be copied, for rows are read after the call. */
    int (*query)(struct ctx *cx, struct db *db, const char *sql, const struct value *v, int n,
                 bool lasting, struct rows *q);
    int (*next)(struct rows *q);
    void (*end)(struct rows *q);
    bool (*is_null)(struct rows *q, int col);
    int64_t (*col_int)(struct rows *q, int col);
    double (*col_num)(struct rows *q, int col);
    const char *(*col_text)(struct rows *q, int col);
    const void *(*col_blob)(struct rows *q, int col, size_t *n);
    int64_t (*changes)(struct db *db);      /* rows changed since the connection was opened */
    int (*patience)(struct ctx *cx, struct db *db, int ms);    /* see db_patience */

    int (*begin)(struct ctx *cx, struct db *db, enum act_kind kind);
    /* 0; E_BUSY, E_FULL, E_RETRY, E_INTERNAL: certainly not stored; E_IO: nobody knows. */
    int (*commit)(struct ctx *cx, struct db *db);
    void (*rollback)(struct db *db);
    bool (*in_transaction)(struct db *db);
};

struct db {
    const struct driver *drv;
    struct store *st;               /* whose connection; NULL while the store is being opened */
    struct rows *open;              /* queries not yet read to the end */
    int depth;                      /* inner savepoints */
    int64_t undone;                 /* changes taken back by inner savepoints */
    int64_t at_save[8];             /* changes() when each inner savepoint began */
    bool pg, readonly, lost;        /* lost: the connection is of no further use */
    bool spoilt;                    /* a statement failed in this transaction */
    int patience_ms;                /* 0: this act's statements may take their time */
};

int lite_open(struct ctx *cx, const char *path, bool readonly, struct db **out);
int pg_open(struct ctx *cx, const char *address, bool readonly, struct db **out);

/* The text of a savepoint command; `what` is "SAVEPOINT", "RELEASE" or "ROLLBACK TO". */
void rows_end_all(struct db *db);
int db_ran_long(struct ctx *cx);            /* the failure of a statement past db_patience */
int64_t db_changed(struct db *db);          /* changes() less what was undone */

/* For the writer's checkpoints (db_sqlite.c). */
struct sqlite3;
struct sqlite3 *lite_handle(struct db *db);

#endif
