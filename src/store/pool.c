/* pool.c -- see pool.h. */
#include "store/pool.h"
#include "store/inside.h"

#include <assert.h>

struct pool {
    struct store *st;
    pthread_mutex_t lock;
    pthread_cond_t given;
    int max, open, nidle;
    bool readonly;
    struct db *idle[];              /* a stack: the warmest connection is used next */
};

struct pool *pool_new(struct store *st, int max, bool readonly)
{
    struct pool *p = talloc_zero_size(NULL, sizeof *p + sizeof p->idle[0] * (size_t)max);
    pthread_condattr_t attr;

    p->st = st;
    p->max = max;
    p->readonly = readonly;
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&p->given, &attr);
    pthread_condattr_destroy(&attr);
    return p;
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    assert(p->nidle == p->open);
    for (int i = 0; i < p->nidle; i++)
        p->idle[i]->drv->close(p->idle[i]);
    pthread_cond_destroy(&p->given);
    pthread_mutex_destroy(&p->lock);
    talloc_free(p);
}

static int open_one(struct ctx *cx, struct pool *p, struct db **db)
{
    int rc;

    if (p->st->pg)
        rc = pg_open(cx, p->st->address, p->readonly, db);
    else
        rc = lite_open(cx, p->st->path, p->readonly, db);
    if (rc < 0) {
        pthread_mutex_lock(&p->lock);
        p->open--;
        pthread_cond_signal(&p->given);
        pthread_mutex_unlock(&p->lock);
        return rc;
    }
    (*db)->st = p->st;
    return 0;
}

int pool_take(struct ctx *cx, struct pool *p, struct db **db)
{
    struct timespec until;
    bool make = false, none = false;
    int late = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += LIMIT_QUEUE_MS / 1000;
    pthread_mutex_lock(&p->lock);
    while (p->nidle == 0 && p->open == p->max && late == 0)
        late = pthread_cond_timedwait(&p->given, &p->lock, &until);
    if (p->nidle > 0)
        *db = p->idle[--p->nidle];
    else if (p->open < p->max)
        make = ++p->open;
    else
        none = true;
    pthread_mutex_unlock(&p->lock);
    if (make)
        return open_one(cx, p, db);
    return none ? fail(cx, E_BUSY, "The server is busy. Try again in a moment.") : 0;
}

int pool_begin(struct ctx *cx, struct pool *p, enum act_kind kind, struct db **db)
{
    int rc = E_BUSY;

    for (int tries = 0; tries <= p->max; tries++) {
        bool dead;

        if ((rc = pool_take(cx, p, db)) < 0)
            return rc;
        if ((rc = (*db)->drv->begin(cx, *db, kind)) == 0)
            return 0;
        dead = (*db)->lost;
        pool_give(p, *db);
        if (!dead)
            return rc;
    }
    return rc;
}

void pool_give(struct pool *p, struct db *db)
{
    bool lost = db->lost;

    if (lost)
        db->drv->close(db);
    pthread_mutex_lock(&p->lock);
    if (lost)
        p->open--;
    else
        p->idle[p->nidle++] = db;
    pthread_cond_signal(&p->given);
    pthread_mutex_unlock(&p->lock);
}
