/* work.c -- see work.h. */
#include "http/work.h"
#include "core/ctx.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>

struct lane {
    struct work_item *first, **end;
    int n;
};

struct work {
    pthread_mutex_t lock;
    pthread_cond_t some;
    struct lane lanes[WORK_LANES];
    int limit, turn, most, nthreads, idle;
    bool stop;
    pthread_t *threads;
};

/* The next item: the lanes take turns.  Called with the lock held. */
static struct work_item *take(struct work *w)
{
    for (int i = 1; i <= WORK_LANES; i++) {
        int which = (w->turn + i) % WORK_LANES;
        struct lane *l = &w->lanes[which];
        struct work_item *item = l->first;

        if (!item)
            continue;
        l->first = item->next;
        if (!l->first)
            l->end = &l->first;
        l->n--;
        w->turn = which;
        return item;
    }
    return NULL;
}

static void *worker(void *arg)
{
    struct work *w = arg;
    struct work_item *item;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!(item = take(w)) && !w->stop) {
            w->idle++;
            pthread_cond_wait(&w->some, &w->lock);
            w->idle--;
        }
        if (!item)
            break;
        pthread_mutex_unlock(&w->lock);
        item->fn(item);
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct work *work_new(void *parent, int threads, int limit)
{
    struct work *w = talloc_zero(parent, struct work);

    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->some, NULL);
    for (int i = 0; i < WORK_LANES; i++)
        w->lanes[i].end = &w->lanes[i].first;
    w->limit = limit;
    w->most = threads;
    w->threads = talloc_zero_array(w, pthread_t, (unsigned)threads);
    return w;
}

/* Called with the lock held.  Signals are the main thread's business. */
static void hire(struct work *w)
{
    sigset_t all, old;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    rc = pthread_create(&w->threads[w->nthreads], NULL, worker, w);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    assert(rc == 0 || w->nthreads > 0);         /* with one of them the work goes on */
    w->nthreads += rc == 0;
}

bool work_push(struct work *w, enum work_lane lane, struct work_item *item)
{
    struct lane *l = &w->lanes[lane];
    bool room, wake;

    pthread_mutex_lock(&w->lock);
    room = lane == WORK_CHORE || l->n < w->limit;
    if (room) {
        item->next = NULL;
        *l->end = item;
        l->end = &item->next;
        l->n++;
    }
    wake = room && w->idle > 0;
    if (room && !wake && w->nthreads < w->most)
        hire(w);
    pthread_mutex_unlock(&w->lock);
    if (wake)
        pthread_cond_signal(&w->some);
    return room;
}

int work_waiting(struct work *w, enum work_lane lane)
{
    int n;

    pthread_mutex_lock(&w->lock);
    n = w->lanes[lane].n;
    pthread_mutex_unlock(&w->lock);
    return n;
}

void work_stop(struct work *w)
{
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_mutex_unlock(&w->lock);
    pthread_cond_broadcast(&w->some);
    for (int i = 0; i < w->nthreads; i++)
        pthread_join(w->threads[i], NULL);
    pthread_cond_destroy(&w->some);
    pthread_mutex_destroy(&w->lock);
    talloc_free(w);
}
