/*
 * run.h -- how the doors run an act.
 *
 * http may not see the store: nobody can write a handler that reads a table
 * around the rules.  This is the one slit in that wall: run a function inside
 * an act, queue one for the writer, keep bytes on their way in a spool file.
 *
 * A struct run wraps an open store and is as long-lived.  All functions may be
 * called from any thread unless they say otherwise.
 */
#ifndef DOMAIN_RUN_H
#define DOMAIN_RUN_H

#include "core/ctx.h"
#include "core/id.h"

struct run;
struct store;

/* One act on its way to the writer.  The caller owns it and keeps it until `done`. */
struct run_write {
    int (*fn)(struct ctx *cx, void *arg);
    void *arg;
    struct ctx *cx;
    bool house; /* ACT_HOUSE: changes nothing that anybody outside can see */
    size_t bytes;                       /* of the request's body */
    void (*done)(struct run_write *w);  /* after COMMIT, on a thread of the store; must not block */
    void *owner;                        /* the caller's own */
    int rc;
    int64_t queued_us, started_us, ended_us;
    struct act *act;                    /* run.c's own */
};

struct run *run_new(void *parent, struct store *st);

/* The store behind it, for the domain's own files (job workers, import); http does not know the
 * type. */
struct store *run_store(struct run *run);

/*
 * Run and wait, on this thread.  Never from inside an act.  A read in which a
 * core reader opened task content is followed by the audit row it owes
 * (exposure.h); the answer may only be given when both succeeded.
 */
int run_read(struct run *run, struct ctx *cx, int (*fn)(struct ctx *, void *), void *arg);
int run_wait(struct run *run, struct ctx *cx, bool house, int (*fn)(struct ctx *, void *),
             void *arg);

/* Queue and return at once.  E_BUSY or E_TOOMANY: nothing was queued and `done` is not called. */
int run_send(struct run *run, struct run_write *w);

/* What the store has done since it was opened. */
struct run_stats {
    int64_t acts, batches, largest_batch;       /* committed */
    int64_t commit_us, fn_us;                   /* time inside COMMIT, and inside act functions */
};
void run_stats(struct run *run, struct run_stats *out);

/* A file of bytes on their way in; removed by the caller when done.  `name` on cx->mem. */
int run_spool(struct ctx *cx, struct run *run, char **name, int *fd);
void run_spool_remove(struct run *run, const char *name);

/* A spool file becomes a stored file; it leaves the spool in any case.  E_TOOBIG, E_FULL */
int run_keep(struct ctx *cx, struct run *run, const char *name, char hash[ID_SHA256_HEX],
             int64_t *bytes);

/* A stored file by its digest: an open descriptor and its size.  E_NOTFOUND. */
int run_blob(struct ctx *cx, struct run *run, const char *hash, int *fd, int64_t *bytes);

/* What happens later, as a person may look at it; inside an act. */
struct run_job {
    int64_t id, project, done, total, created, ended;
    const char *kind, *state;   /* waiting running done failed cancelled */
    const char *arg, *report;   /* JSON, the kind's own; "" when none */
    bool stopping;              /* it runs still, and ends as soon as what it did is whole */
};
int run_job_get(struct ctx *cx, int64_t id, struct run_job *out);      /* E_NOTFOUND */
int run_job_list(struct ctx *cx, int64_t project, int64_t after, int limit, struct run_job **out,
                 int *n);

int run_job_newest(struct ctx *cx, int64_t project, int64_t before, int limit, struct run_job **out,
                   int *n);

/* A job of this kind can be stopped while it runs. */
bool run_job_stops(const char *kind);

/* WRITE, audit 'job.stop': one that waits is over at once, one that runs as soon as what it did is
 * whole.  E_CHANGED: it has ended, or is of a kind that comes to its end by itself. */
int run_job_cancel(struct ctx *cx, int64_t id);

#endif
