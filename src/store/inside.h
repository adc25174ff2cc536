/*
 * inside.h -- the parts of an open store, for the files of this room only.
 */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/act.h"
#include "store/checkpoint.h"
#include "store/driver.h"
#include "store/pool.h"
#include "store/queue.h"
#include "store/store.h"

struct store {
    char *dir, *path, *address;     /* path of annotary.db; address only on PostgreSQL */
    bool pg, server;
    int lock_fd;
    int schema;
    int pg_workers;

    struct pool *readers;
    struct pool *writers;           /* PostgreSQL: connections of act_run and of the workers */
    struct queue *queue;            /* acts on their way to the writer or the workers */

    /* SQLite: the one writing connection.  The lock is held for a whole batch. */
    pthread_mutex_t writing;
    struct db *writer;
    pthread_t writer_thread;
    bool writer_runs;
    _Atomic int64_t version;        /* PRAGMA data_version as last seen */
    struct checkpointer *checkpointer;

    /* PostgreSQL: threads of act_send, started when there is work for them. */
    pthread_mutex_t workers_lock;
    pthread_t *workers;
    int nworkers;
    _Atomic int workers_idle;

    _Atomic int64_t clock_stored;   /* when setting 'clock_high' was last written */
    pthread_mutex_t stats_lock;
    struct act_stats stats;
};

/* One act in the open transaction of `db`: run, check the invariants.  Rolls nothing back. */
int act_step(struct db *db, struct ctx *cx, enum act_kind kind, act_fn *fn, void *arg);
void act_counted(struct store *st, int64_t acts, int64_t commit_us, int64_t fn_us);

void *writer_main(void *store);             /* writer.c: the thread of SQLite */
void *worker_main(void *store);             /* worker.c: a thread of act_send on PostgreSQL */
int worker_run(struct store *st, struct ctx *cx, enum act_kind kind, act_fn *fn, void *arg);
void worker_wanted(struct store *st);       /* something was queued */

/* Keep setting 'clock_high' at most a minute behind: in an open transaction that will commit. */
void clock_keep(struct store *st, struct ctx *cx, struct db *db);

/* The fate of a write is unknown: say so and end with code 74, at once. */
void store_die(const char *what) __attribute__((noreturn));

#endif
