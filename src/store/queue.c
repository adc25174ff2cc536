/* queue.c -- see queue.h. */
#include "store/queue.h"
#include "core/clock.h"

#include <assert.h>
#include <pthread.h>

/* Persons with acts under way: open addressing.  All that may wait or be worked on fit in half. */
#define PERSONS 8192

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t came;
    struct act *first, **last;
    int n, under_way;                   /* under_way: persons' acts not yet done */
    int64_t bytes;
    bool closed;
    struct {
        int64_t person;                 /* 0: free */
        int n;
    } persons[PERSONS];
};

struct queue *queue_new(void)
{
    struct queue *q = talloc_zero(NULL, struct queue);
    pthread_condattr_t attr;

    q->last = &q->first;
    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&q->came, &attr);
    pthread_condattr_destroy(&attr);
    return q;
}

void queue_free(struct queue *q)
{
    if (!q)
        return;
    assert(!q->first);
    pthread_cond_destroy(&q->came);
    pthread_mutex_destroy(&q->lock);
    talloc_free(q);
}

/* ---- persons ---- */

static uint32_t home(int64_t person)
{
    return (uint32_t)(((uint64_t)person * UINT64_C(0x9E3779B97F4A7C15)) >> 40) % PERSONS;
}

static uint32_t place(const struct queue *q, int64_t person)
{
    uint32_t i = home(person);

    while (q->persons[i].person && q->persons[i].person != person)
        i = (i + 1) % PERSONS;
    return i;
}

/* Free slot i and move back those that stand behind it only because it was taken. */
static void vacate(struct queue *q, uint32_t i)
{
    uint32_t j = i;

    for (;;) {
        uint32_t strayed;           /* how far j's person stands from its home */

        q->persons[i].person = 0;
        q->persons[i].n = 0;
        do {
            j = (j + 1) % PERSONS;
            if (!q->persons[j].person)
                return;
            strayed = (j + PERSONS - home(q->persons[j].person)) % PERSONS;
        } while (strayed < (j + PERSONS - i) % PERSONS);
        q->persons[i] = q->persons[j];
        i = j;
    }
}

static int64_t person_of(const struct act *a)
{
    return a->cx->who.kind == WHO_PERSON ? a->cx->who.person : 0;
}

/* ---- in and out ---- */

static int refuse(struct queue *q, struct act *a, int64_t now)
{
    int64_t person = person_of(a);
    int64_t oldest_us = q->first ? now - q->first->queued_us : 0;

    if (q->n >= LIMIT_QUEUE_ACTS || q->bytes + (int64_t)a->bytes > LIMIT_QUEUE_BYTES ||
        q->under_way >= PERSONS / 2 || oldest_us > LIMIT_QUEUE_MS * 1000)
        return fail(a->cx, E_BUSY, "The server is busy. Try again in a moment.");
    if (person && q->persons[place(q, person)].n >= LIMIT_PERSON_ACTS)
        return fail(a->cx, E_TOOMANY, "You have %d requests waiting. Try again in a moment.",
                    (int)LIMIT_PERSON_ACTS);
    return 0;
}

int queue_push(struct queue *q, struct act *a, bool bounded)
{
    int64_t now = clock_mono_us(), person = person_of(a);
    int rc = 0;

    pthread_mutex_lock(&q->lock);
    if (q->closed)
        rc = fail(a->cx, E_BUSY, "The server is stopping. Try again in a moment.");
    else if (bounded)
        rc = refuse(q, a, now);
    if (rc == 0) {
        a->queued_us = now;
        a->person = person;
        a->next = NULL;
        a->expires = bounded;
        *q->last = a;
        q->last = &a->next;
        q->n++;
        q->bytes += (int64_t)a->bytes;
        if (person) {
            uint32_t i = place(q, person);

            q->persons[i].person = person;
            q->persons[i].n++;
            q->under_way++;
        }
        pthread_cond_signal(&q->came);
    }
    pthread_mutex_unlock(&q->lock);
    return rc;
}

struct act *queue_take(struct queue *q, int max, int timeout_ms)
{
    struct act *list, *a, **end = &list;
    struct timespec until;
    int late = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += timeout_ms % 1000 * 1000000L;
    until.tv_sec += timeout_ms / 1000 + until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&q->lock);
    while (!q->first && !q->closed && late == 0)
        late = timeout_ms < 0 ? pthread_cond_wait(&q->came, &q->lock)
                              : pthread_cond_timedwait(&q->came, &q->lock, &until);
    for (; max > 0 && (a = q->first); max--) {
        q->first = a->next;
        q->n--;
        q->bytes -= (int64_t)a->bytes;
        *end = a;
        end = &a->next;
    }
    *end = NULL;
    if (!q->first)
        q->last = &q->first;
    pthread_mutex_unlock(&q->lock);
    return list;
}

void queue_done(struct queue *q, const struct act *a)
{
    int64_t person = a->person;     /* as it was counted: the act may know its caller by now */
    uint32_t i;

    if (!person)
        return;
    pthread_mutex_lock(&q->lock);
    i = place(q, person);
    assert(q->persons[i].n > 0);
    q->under_way--;
    if (--q->persons[i].n == 0)
        vacate(q, i);
    pthread_mutex_unlock(&q->lock);
}

void queue_close(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_cond_broadcast(&q->came);
    pthread_mutex_unlock(&q->lock);
}

int queue_waiting(struct queue *q)
{
    int n;

    pthread_mutex_lock(&q->lock);
    n = q->n;
    pthread_mutex_unlock(&q->lock);
    return n;
}

bool queue_closed(struct queue *q)
{
    bool closed;

    pthread_mutex_lock(&q->lock);
    closed = q->closed;
    pthread_mutex_unlock(&q->lock);
    return closed;
}
