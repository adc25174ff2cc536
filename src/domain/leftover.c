/* leftover.c -- see leftover.h. */
#include "domain/leftover.h"

#include "core/id.h"
#include "domain/run.h"
#include "store/blob.h"
#include "store/db.h"

#define SLICE 64

int leftover_note(struct ctx *cx, const char *hash)
{
    int rc = db_run(cx,
                    "INSERT INTO leftover(hash, since_ms) VALUES(?, ?)"
                    " ON CONFLICT(hash) DO UPDATE SET since_ms = excluded.since_ms",
                    "ti", hash, cx->now);

    return rc < 0 ? rc : 0;
}

struct slice {
    struct store *st;
    char *hash[SLICE];
    int n;
};

static int find(struct ctx *cx, void *arg)
{
    struct slice *s = arg;
    struct rows *q;
    int rc = db_query(cx, &q, "SELECT hash FROM leftover WHERE since_ms < ? ORDER BY hash LIMIT ?",
                      "ii", cx->now - LEFTOVER_MS, (int64_t)SLICE);

    s->n = 0;
    if (rc < 0)
        return rc;
    while ((rc = rows_next(q)) > 0)
        s->hash[s->n++] = rows_text_keep(q, 0);
    return rc;
}

/* One that was placed again a moment ago is noted anew: its row may still be on its way. */
static int let_go(struct ctx *cx, struct store *st, const char *hash)
{
    int64_t named;
    int rc = db_int(cx, &named,
                    "SELECT (SELECT COUNT(*) FROM media WHERE hash = ?)"
                    " + (SELECT COUNT(*) FROM file_upload WHERE hash = ?)", "tt", hash, hash);

    if (rc < 0)
        return rc;
    if (!named && !blob_remove(cx, st, hash, cx->now - LEFTOVER_MS))
        return leftover_note(cx, hash);
    rc = db_run(cx, "DELETE FROM leftover WHERE hash = ?", "t", hash);
    return rc < 0 ? rc : 0;
}

static int sweep(struct ctx *cx, void *arg)
{
    struct slice *s = arg;
    int rc = 0;

    for (int i = 0; i < s->n && rc >= 0; i++)
        rc = let_go(cx, s->st, s->hash[i]);
    return rc;
}

int leftover_sweep(struct run *run, struct ctx *cx)
{
    struct slice s = {.st = run_store(run)};
    int rc;

    do {
        struct ctx *slice = ctx_new(cx->mem);

        if ((rc = run_read(run, slice, find, &s)) == 0 && s.n)
            rc = run_wait(run, slice, true, sweep, &s);
        ctx_free(slice);
    } while (rc == 0 && s.n == SLICE);
    return rc;
}
