/*
 * unit_store.h -- a store of its own for a test.
 *
 * DB=sqlite (or unset): a data folder under /tmp, removed at the end.
 * DB=pg: the same, and a schema of its own in the database at ANNOTARY_TEST_PG
 * (tests/pg.sh with COMMAND sets both).
 *
 *     struct unit_store us;
 *     unit_store_open(&us, cx);  … us.st …  unit_store_close(&us);
 */
#ifndef UNIT_STORE_H
#define UNIT_STORE_H

#include <ftw.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/id.h"
#include "store/store.h"

struct unit_store {
    struct store *st;
    char dir[64], database[600], schema[32];
    struct store_opts opts;
};

static inline bool unit_pg(void)
{
    const char *db = getenv("DB");

    return db && strcmp(db, "pg") == 0;
}

static inline void unit_pg_do(const char *verb, const char *schema, const char *tail)
{
    PGconn *c = PQconnectdb(getenv("ANNOTARY_TEST_PG"));
    char sql[128];
    PGresult *r;

    snprintf(sql, sizeof sql, "SET client_min_messages = error; %s %s %s", verb, schema, tail);
    r = PQexec(c, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        fprintf(stderr, "%s", PQerrorMessage(c));
    assert_int_equal(PQresultStatus(r), PGRES_COMMAND_OK);
    PQclear(r);
    PQfinish(c);
}

/* A folder (and a schema), nothing opened yet: us->opts is what store_open wants. */
static inline void unit_store_place(struct unit_store *us)
{
    memset(us, 0, sizeof *us);
    snprintf(us->dir, sizeof us->dir, "/tmp/annotary-unit-XXXXXX");
    assert_non_null(mkdtemp(us->dir));
    us->opts = (struct store_opts){.data = us->dir, .create = true, .readers = 4, .pg_workers = 8};
    if (unit_pg()) {
        const char *url = getenv("ANNOTARY_TEST_PG");
        char name[17];

        assert_non_null(url);
        id_random(name, 8);
        id_hex(us->schema + 2, name, 8);
        us->schema[0] = 't';
        us->schema[1] = '_';
        unit_pg_do("CREATE SCHEMA", us->schema, "");
        snprintf(us->database, sizeof us->database, "%s%coptions=-csearch_path%%3D%s", url,
                 strchr(url, '?') ? '&' : '?', us->schema);
        us->opts.database = us->database;
    }
}

static inline void unit_store_open(struct unit_store *us, struct ctx *cx)
{
    int rc;

    unit_store_place(us);
    rc = store_open(cx, &us->opts, &us->st);
    if (rc < 0)
        fprintf(stderr, "store_open: %s\n", cx->why);
    assert_int_equal(rc, 0);
}

static inline int unit_remove_(const char *path, const struct stat *s, int kind, struct FTW *f)
{
    (void)s;
    (void)kind;
    (void)f;
    return remove(path);
}

static inline void unit_store_close(struct unit_store *us)
{
    store_close(us->st);
    us->st = NULL;
    nftw(us->dir, unit_remove_, 16, FTW_DEPTH | FTW_PHYS);
    if (us->schema[0])
        unit_pg_do("DROP SCHEMA", us->schema, "CASCADE");
}

#endif
