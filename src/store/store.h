/*
 * store.h -- a data folder and its database, open.
 *
 * The folder holds: annotary.db (SQLite; absent with --database), annotary.lock,
 * blobs/ (content-addressed files), spool/ (uploads on their way), backups/.
 * store_open makes the folder (mode 0700) when it is missing and `create` says
 * so, takes a shared lock on annotary.lock (an exclusive one with `exclusive`),
 * migrates when needed (exclusive lock; on SQLite after an automatic backup to
 * backups/before-N.db), and refuses a database that is newer than the program.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "core/ctx.h"

struct store;

struct store_opts {
    const char *data;           /* the data folder */
    const char *database;       /* NULL: SQLite in the folder; else a postgresql:// address */
    bool create;                /* make the folder and the tables when missing */
    bool exclusive;             /* refuse (E_FORBIDDEN) while another process has it open */
    bool server;                /* also start the checkpointer; reap the spool */
    int readers;                /* read connections; 0 = max(4, 2 × cores) */
    int pg_workers;             /* threads of act_send on PostgreSQL; 0 = 32 */
};

int store_open(struct ctx *cx, const struct store_opts *o, struct store **out);

/* Finish what is queued, then close.  Nothing is lost. */
void store_close(struct store *st);

const char *store_dir(const struct store *st);
bool store_is_pg(const struct store *st);
int store_schema(const struct store *st);           /* number of the last migration */

/* Changes when another process has written: caches ask before they trust.  On PostgreSQL it
 * differs at every call. */
int64_t store_version(struct store *st);

/* An online copy (SQLite backup API; on PostgreSQL E_INVALID naming pg_dump) to a new file. */
int store_backup(struct ctx *cx, struct store *st, const char *path,
                 void (*progress)(void *arg, int64_t done, int64_t total), void *arg);

/* integrity_check and foreign keys; 0 or E_INVALID with the first finding as sentence. */
int store_check(struct ctx *cx, struct store *st);

#endif
