/* reaper.c -- see reaper.h. */
#include "http/reaper.h"
#include "core/clock.h"
#include "core/ctx.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#define TICK_MS 250
#define NEVER INT64_MAX

struct reaper {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    int64_t *ends_us;           /* by descriptor; 0: not ours */
    int max, highest;
    int64_t cuts;
    bool stop;
};

/* Called with the lock held. */
static void cut(struct reaper *r, int64_t now_us)
{
    for (int fd = 0; fd <= r->highest; fd++) {
        if (r->ends_us[fd] == 0 || r->ends_us[fd] > now_us)
            continue;
        shutdown(fd, SHUT_RDWR);
        r->ends_us[fd] = NEVER;
        r->cuts++;
    }
}

static void *run(void *arg)
{
    struct reaper *r = arg;

    pthread_mutex_lock(&r->lock);
    while (!r->stop) {
        struct timespec at;

        clock_gettime(CLOCK_REALTIME, &at);
        at.tv_nsec += TICK_MS * 1000000L;
        if (at.tv_nsec >= 1000000000L) {
            at.tv_sec++;
            at.tv_nsec -= 1000000000L;
        }
        pthread_cond_timedwait(&r->wake, &r->lock, &at);
        cut(r, clock_mono_us());
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

struct reaper *reaper_new(void *parent, int max_fds)
{
    struct reaper *r = talloc_zero(parent, struct reaper);
    sigset_t all, old;
    int rc;

    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->wake, NULL);
    r->max = max_fds;
    r->ends_us = talloc_zero_array(r, int64_t, (unsigned)max_fds);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    rc = pthread_create(&r->thread, NULL, run, r);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    assert(rc == 0);
    return r;
}

bool reaper_has_room(const struct reaper *r, int fd)
{
    return fd >= 0 && fd < r->max;
}

void reaper_set(struct reaper *r, int fd, int64_t in_ms)
{
    pthread_mutex_lock(&r->lock);
    r->ends_us[fd] = in_ms < 0 ? NEVER : clock_mono_us() + in_ms * 1000;
    if (fd > r->highest)
        r->highest = fd;
    pthread_mutex_unlock(&r->lock);
}

void reaper_clear(struct reaper *r, int fd)
{
    pthread_mutex_lock(&r->lock);
    r->ends_us[fd] = 0;
    pthread_mutex_unlock(&r->lock);
}

void reaper_cut_all(struct reaper *r)
{
    pthread_mutex_lock(&r->lock);
    for (int fd = 0; fd <= r->highest; fd++) {
        if (r->ends_us[fd])
            shutdown(fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&r->lock);
}

int64_t reaper_cuts(struct reaper *r)
{
    int64_t n;

    pthread_mutex_lock(&r->lock);
    n = r->cuts;
    pthread_mutex_unlock(&r->lock);
    return n;
}

void reaper_stop(struct reaper *r)
{
    pthread_mutex_lock(&r->lock);
    r->stop = true;
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    pthread_cond_destroy(&r->wake);
    pthread_mutex_destroy(&r->lock);
    talloc_free(r);
}
