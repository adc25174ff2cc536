/*
 * migrate.h -- bringing the tables up to date.
 *
 * The steps are src/store/migrations/NNN.sql, built into the program.  All
 * missing steps run in one transaction: after a crash the schema is the old
 * one or the new one.  The number of the last step stands in setting 'schema'.
 *
 * Owns table: setting.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "core/ctx.h"

struct migration {
    int n;
    const char *sql;
};

extern const struct migration migrations[];     /* 1, 2, 3 … */
extern const int nmigrations;

/* Number of the last step the database has seen; 0 for an empty one. */
int migrate_have(struct ctx *cx, struct db *db, int *have);

/*
 * Run the steps after *have, and set it.  Safe against another process that does the same.
 * E_FORBIDDEN  the database was written by a newer program
 */
int migrate_run(struct ctx *cx, struct db *db, const struct migration *m, int n, int *have);

/* Raise our clock to the largest time this database has seen (setting 'clock_high'); store ours. */
int migrate_clock(struct ctx *cx);              /* inside a HOUSE act */

#endif
