/*
 * failio.c -- LD_PRELOAD: the n-th call on the data folder fails.
 *
 *   FAILIO_DIR   only files under this folder count
 *   FAILIO_CTL   a file with a struct ctl, mapped by the test too: it arms and disarms while we run
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

enum { SHORT = -1 };            /* as an error: half of the bytes are written, which is no error */

/* The test knows this as eight little integers. */
struct ctl {
    _Atomic int32_t armed;
    _Atomic int32_t error;      /* errno, or SHORT */
    _Atomic int32_t n;          /* the n-th call from now on fails */
    _Atomic int32_t forever;    /* and all after it */
    _Atomic int32_t count;      /* calls since armed */
    _Atomic int32_t fired;      /* how often it failed */
    _Atomic int32_t call;       /* what failed first: a letter */
    _Atomic int32_t syncs;      /* how many syncs failed */
};

static struct ctl *ctl;
static char dir[4096];
static size_t ndir;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_rename)(const char *, const char *);
static int (*real_open)(const char *, int, ...);

#define REAL(name) real_##name = (__typeof__(real_##name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void)
{
    const char *d = getenv("FAILIO_DIR"), *c = getenv("FAILIO_CTL");
    int fd;

    REAL(pwrite);
    REAL(write);
    REAL(ftruncate);
    REAL(fsync);
    REAL(fdatasync);
    REAL(rename);
    REAL(open);
    if (!d || !c || !realpath(d, dir) || (fd = real_open(c, O_RDWR)) < 0)
        return;
    ctl = mmap(NULL, sizeof *ctl, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (ctl == MAP_FAILED)
        abort();
    close(fd);
    ndir = strlen(dir);
}

static bool inside(const char *path)
{
    return strncmp(path, dir, ndir) == 0 && (path[ndir] == '/' || !path[ndir]);
}

static bool ours(int fd)
{
    char link[64], path[4096];
    ssize_t n;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof path - 1);
    if (n <= 0)
        return false;
    path[n] = 0;
    return inside(path);
}

static bool our_name(const char *name)
{
    char path[4096], *slash;

    if (strlen(name) >= sizeof path)
        return false;
    strcpy(path, name);
    slash = strrchr(path, '/');
    if (slash)
        *slash = 0;
    char *folder = realpath(slash ? path : ".", NULL);
    bool in = folder && inside(folder);

    free(folder);
    return in;
}

/* The error of this call, 0 for none. */
static int trouble(char call)
{
    int n = atomic_fetch_add(&ctl->count, 1) + 1, at = atomic_load(&ctl->n);

    if (n != at && !(n > at && atomic_load(&ctl->forever)))
        return 0;
    if (atomic_fetch_add(&ctl->fired, 1) == 0)
        atomic_store(&ctl->call, call);
    if (call == 's')
        atomic_fetch_add(&ctl->syncs, 1);
    return atomic_load(&ctl->error);
}

#define ARMED (ndir && atomic_load(&ctl->armed))

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    int e = ARMED && ours(fd) ? trouble('w') : 0;

    if (e == SHORT)
        return real_pwrite(fd, p, n > 1 ? n / 2 : n, at);
    if (e) {
        errno = e;
        return -1;
    }
    return real_pwrite(fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
    return pwrite(fd, p, n, at);
}

ssize_t write(int fd, const void *p, size_t n)
{
    int e = ARMED && ours(fd) ? trouble('w') : 0;

    if (e == SHORT)
        return real_write(fd, p, n > 1 ? n / 2 : n);
    if (e) {
        errno = e;
        return -1;
    }
    return real_write(fd, p, n);
}

static bool refused(bool mine, char call)
{
    int e = mine ? trouble(call) : 0;

    if (e > 0)
        errno = e;
    return e > 0;
}

int ftruncate(int fd, off_t size)
{
    return refused(ARMED && ours(fd), 't') ? -1 : real_ftruncate(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return ftruncate(fd, size);
}

int fsync(int fd)
{
    return refused(ARMED && ours(fd), 's') ? -1 : real_fsync(fd);
}

int fdatasync(int fd)
{
    return refused(ARMED && ours(fd), 's') ? -1 : real_fdatasync(fd);
}

int rename(const char *from, const char *to)
{
    return refused(ARMED && our_name(to), 'r') ? -1 : real_rename(from, to);
}

int open(const char *name, int flags, ...)
{
    va_list ap;
    mode_t mode;

    va_start(ap, flags);
    mode = flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(ap, int) : 0;
    va_end(ap);
    return refused(ARMED && our_name(name), 'o') ? -1 : real_open(name, flags, mode);
}

int open64(const char *name, int flags, ...)
{
    va_list ap;
    mode_t mode;

    va_start(ap, flags);
    mode = flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(ap, int) : 0;
    va_end(ap);
    return open(name, flags, mode);
}
