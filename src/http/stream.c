/*
 * stream.c -- see stream.h.
 *
 * A request is on the completion list at most once: `posted` says that a note
 * is under way, and is cleared by the loop before it looks into the pipe.
 */
#include "http/stream.h"
#include "core/log.h"
#include "http/inside.h"
#include "http/reply.h"

#include <pthread.h>

struct piece {
    struct piece *next;
    size_t n, sent;
    char bytes[STREAM_PIECE];
};

struct pipe {
    struct rq *r;
    pthread_mutex_t lock;
    pthread_cond_t room;
    struct piece *first, **end, *now;
    int n;
    bool begun, ended, abandoned, posted;
    int rc;
};

static int pipe_free(struct pipe *p)
{
    pthread_cond_destroy(&p->room);
    pthread_mutex_destroy(&p->lock);
    return 0;
}

/* Put the current piece into the pipe; wait while that is full. */
static int hand_over(struct pipe *p)
{
    bool post = false, gone;

    pthread_mutex_lock(&p->lock);
    while (p->n >= STREAM_PIECES && !p->abandoned)
        pthread_cond_wait(&p->room, &p->lock);
    gone = p->abandoned;
    if (!gone) {
        *p->end = p->now;
        p->end = &p->now->next;
        p->now = NULL;
        p->n++;
        p->begun = true;
        post = !p->posted;
        p->posted = true;
    }
    pthread_mutex_unlock(&p->lock);
    if (post)
        inside_done(p->r);
    return gone ? E_BUSY : 0;
}

int pipe_write(struct ctx *cx, void *pipe, const void *data, size_t n)
{
    struct pipe *p = pipe;
    const char *s = data;

    while (n > 0) {
        size_t k;

        if (!p->now)            /* a piece hangs on nothing: two threads pass it on */
            p->now = talloc_zero(NULL, struct piece);
        k = STREAM_PIECE - p->now->n < n ? STREAM_PIECE - p->now->n : n;
        memcpy(p->now->bytes + p->now->n, s, k);
        p->now->n += k;
        s += k;
        n -= k;
        if (p->now->n == STREAM_PIECE && hand_over(p) < 0)
            return fail(cx, E_BUSY, "The client has gone away.");
    }
    return 0;
}

static void produce(struct work_item *item)
{
    struct inside *in = (struct inside *)(void *)((char *)item - offsetof(struct inside, item));
    struct rq *r = in->rq;
    struct pipe *p = in->pipe;
    struct ctx *cx = ctx_new(NULL);
    bool post, early;
    int rc;

    cx->who = r->cx->who;
    rc = r->reply.produce(r, cx, p);
    if (rc >= 0 && p->now)
        rc = hand_over(p);
    early = rc < 0 && !p->begun;
    if (early) {                /* nothing was sent yet: a proper error */
        r->cx->why = cx->why ? talloc_strdup(r->cx->mem, cx->why) : NULL;
        reply_error(r, rc);
    } else if (rc < 0 && rc != E_BUSY) {
        log_error("request=%s stream cut off: %s", r->request_id, cx->why ? cx->why : err_name(rc));
    }
    ctx_free(cx);
    talloc_free(p->now);
    pthread_mutex_lock(&p->lock);
    p->now = NULL;
    p->rc = rc;
    p->ended = true;
    post = !p->posted;
    p->posted = true;
    pthread_mutex_unlock(&p->lock);
    if (post)
        inside_done(r);
}

bool pipe_start(struct rq *r)
{
    struct pipe *p = NEW(r->cx, struct pipe);

    p->r = r;
    p->end = &p->first;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->room, NULL);
    talloc_set_destructor(p, pipe_free);
    r->in->pipe = p;
    r->in->item.fn = produce;
    if (work_push(r->server->slow, WORK_READ, &r->in->item))
        return true;
    r->in->pipe = NULL;
    return false;
}

bool pipe_taken(struct pipe *p)
{
    bool ended;

    pthread_mutex_lock(&p->lock);
    p->posted = false;
    ended = p->ended;
    pthread_mutex_unlock(&p->lock);
    return ended;
}

void pipe_abandon(struct pipe *p)
{
    struct piece *one;

    pthread_mutex_lock(&p->lock);
    p->abandoned = true;
    while ((one = p->first)) {
        p->first = one->next;
        talloc_free(one);
    }
    p->end = &p->first;
    p->n = 0;
    pthread_cond_signal(&p->room);
    pthread_mutex_unlock(&p->lock);
}

ssize_t pipe_read(struct pipe *p, char *to, size_t max, bool *fresh)
{
    struct piece *one;
    ssize_t n;

    pthread_mutex_lock(&p->lock);
    one = p->first;
    if (!one) {
        n = !p->ended ? 0 : p->rc < 0 ? -2 : -1;
        pthread_mutex_unlock(&p->lock);
        return n;
    }
    pthread_mutex_unlock(&p->lock);         /* only the loop takes out: `one` stays the first */
    *fresh = one->sent == 0;
    n = (ssize_t)(one->n - one->sent < max ? one->n - one->sent : max);
    memcpy(to, one->bytes + one->sent, (size_t)n);
    one->sent += (size_t)n;
    if (one->sent < one->n)
        return n;
    pthread_mutex_lock(&p->lock);
    p->first = one->next;
    if (!p->first)
        p->end = &p->first;
    p->n--;
    pthread_cond_signal(&p->room);
    pthread_mutex_unlock(&p->lock);
    talloc_free(one);
    return n;
}
