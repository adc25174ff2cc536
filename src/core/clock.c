/* clock.c -- see clock.h. */
#include "core/clock.h"
#include "core/banned.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic int64_t base_ms;     /* wall clock minus boot time, at first use or raised */

static int64_t boot_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t wall_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * ANNOTARY_TEST_CLOCK=FILE: eight bytes, the time in milliseconds, which stands
 * still until a test writes another.  Two servers can so be given the same day.
 */
static const volatile int64_t *held;

static void look_for_held(void)
{
    const char *path = getenv("ANNOTARY_TEST_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *p;

    if (fd < 0)
        return;
    p = mmap(NULL, sizeof *held, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (p != MAP_FAILED)
        held = p;
}

int64_t clock_now(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int64_t base = atomic_load(&base_ms);

    pthread_once(&once, look_for_held);
    if (held)
        return *held;
    if (base == 0) {
        int64_t fresh = wall_ms() - boot_us() / 1000;

        if (atomic_compare_exchange_strong(&base_ms, &base, fresh))
            base = fresh;
    }
    return base + boot_us() / 1000;
}

int64_t clock_mono_us(void)
{
    return boot_us();
}

void clock_raise(int64_t at_least_ms)
{
    int64_t lag = at_least_ms - clock_now();

    if (lag > 0)
        atomic_fetch_add(&base_ms, lag);
}

const char *clock_iso(char buf[CLOCK_ISO_SIZE], int64_t ms)
{
    time_t s = (time_t)(ms / 1000);
    int rest = (int)(ms % 1000);
    struct tm t;

    if (rest < 0) {
        rest += 1000;
        s--;
    }
    gmtime_r(&s, &t);
    snprintf(buf, CLOCK_ISO_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03d000Z",
             (t.tm_year + 1900) % 10000, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec,
             rest);
    return buf;
}

int64_t clock_parse(const char *iso)
{
    struct tm t = {0};
    int n = 0, sign = 0, oh = 0, om = 0;
    double frac = 0;

    if (sscanf(iso, "%4d-%2d-%2d%n", &t.tm_year, &t.tm_mon, &t.tm_mday, &n) != 3)
        return -1;
    iso += n;
    if (*iso == 'T' || *iso == ' ') {
        if (sscanf(iso + 1, "%2d:%2d%n", &t.tm_hour, &t.tm_min, &n) != 2)
            return -1;
        iso += 1 + n;
        if (*iso == ':' && sscanf(iso + 1, "%2d%n", &t.tm_sec, &n) == 1)
            iso += 1 + n;
        if (*iso == '.') {
            char *end;

            frac = strtod(iso, &end);
            iso = end;
        }
    }
    if (*iso == '+' || *iso == '-') {
        sign = *iso == '+' ? 1 : -1;
        if (sscanf(iso + 1, "%2d:%2d", &oh, &om) < 1)
            return -1;
    } else if (*iso != 'Z' && *iso != 0) {
        return -1;
    }
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    return ((int64_t)timegm(&t) - sign * (oh * 3600 + om * 60)) * 1000 +
           (int64_t)(frac * 1000 + .5);
}
