/*
 * powercut.c -- LD_PRELOAD: the power goes at the n-th operation on the data folder.
 *
 *   POWERCUT_DIR   only files under this folder count
 *   POWERCUT_AT    n: the power goes instead of the n-th operation; 0: never
 *   POWERCUT_SEED  what survives is drawn from this
 *
 * Until a file is synced, each write to it is only in the cache.  At the cut the
 * file goes back to what was synced last, and of the writes since then each is
 * kept, dropped, torn at a sector of 512 bytes, or leaves zeros in its place: a
 * disk may write in any order.  A file that was made, renamed or removed is so
 * only after its folder was synced.  Then the process ends at once.
 *
 * Not modelled: mkdir, and the -shm file, which SQLite makes anew (removed at the cut).
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define SECTOR 512
#define REAL(name) real_##name = (__typeof__(real_##name))dlsym(RTLD_NEXT, #name)

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);
static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char dir[4096];
static size_t ndir;
static long at, ops, graves;
static uint64_t chance;

/* Something that is not on disk yet. */
struct change {
    enum { WRITE, SIZE, MADE, REMOVED, RENAMED } kind;
    dev_t dev;                  /* of a write: the file */
    ino_t ino;
    char *path, *other;         /* the file now; RENAMED: what it was called before */
    char *grave;                /* a second name of what was removed or replaced */
    off_t off, size;            /* size: before */
    size_t n, nold;
    char *old, *new;
    struct change *next, *prev;
} ends = {.next = &ends, .prev = &ends};

static uint64_t draw(uint64_t below)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance % below;
}

__attribute__((constructor)) static void begin(void)
{
    const char *d = getenv("POWERCUT_DIR"), *n = getenv("POWERCUT_AT"),
               *s = getenv("POWERCUT_SEED");

    REAL(pwrite);
    REAL(write);
    REAL(ftruncate);
    REAL(unlink);
    REAL(rename);
    REAL(open);
    REAL(close);
    at = n ? atol(n) : 0;
    chance = (s ? strtoull(s, NULL, 10) : 1) * 2654435761u + 88172645463325252ull;
    for (int i = 0; i < 8; i++)
        draw(2);
    if (d && realpath(d, dir))
        ndir = strlen(dir);
}

static bool inside(const char *path)
{
    size_t n = strlen(path);

    return ndir && strncmp(path, dir, ndir) == 0 && (path[ndir] == '/' || !path[ndir]) &&
           !(n > 4 && strcmp(path + n - 4, "-shm") == 0);
}

/* The name behind a descriptor, when it is ours. */
static bool ours(int fd, char path[4096])
{
    char link[64];
    ssize_t n;

    if (!ndir)
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, 4095);
    if (n <= 0)
        return false;
    path[n] = 0;
    return inside(path);
}

static bool our_name(const char *name, char path[4096])
{
    char copy[4096], folder[4096], last[4096];

    if (!ndir || strlen(name) > 4000)
        return false;
    snprintf(copy, sizeof copy, "%s", name);
    if (!realpath(dirname(copy), folder))
        return false;
    snprintf(copy, sizeof copy, "%s", name);
    snprintf(last, sizeof last, "%s", basename(copy));
    if (strlen(folder) + strlen(last) + 2 > 4096)
        return false;
    strcpy(path, folder);
    strcat(path, "/");
    strcat(path, last);
    return inside(path);
}

static struct change *add(int kind, const char *path)
{
    struct change *c = calloc(1, sizeof *c);

    c->kind = kind;
    c->path = strdup(path);
    c->prev = ends.prev;
    c->next = &ends;
    c->prev->next = c->next->prev = c;
    return c;
}

static void drop(struct change *c)
{
    c->prev->next = c->next;
    c->next->prev = c->prev;
    if (c->grave)
        real_unlink(c->grave);
    free(c->path);
    free(c->other);
    free(c->grave);
    free(c->old);
    free(c->new);
    free(c);
}

/* ---- the cut ---- */

static void put(const char *path, const void *p, size_t n, off_t off)
{
    int fd = real_open(path, O_WRONLY);

    if (fd >= 0 && real_pwrite(fd, p, n, off) != (ssize_t)n)
        abort();
    if (fd >= 0)
        real_close(fd);
}

static void put_size(const char *path, off_t size)
{
    int fd = real_open(path, O_WRONLY);

    if (fd >= 0 && real_ftruncate(fd, size) != 0)
        abort();
    if (fd >= 0)
        real_close(fd);
}

static void take_back(struct change *c)
{
    if (c->kind == WRITE) {
        put(c->path, c->old, c->nold, c->off);
        put_size(c->path, c->size);
    } else if (c->kind == SIZE) {
        put_size(c->path, c->size);
        put(c->path, c->old, c->nold, c->off);
    }
}

/* What the disk made of one write: all of it, nothing, some sectors, or zeros. */
static void land(struct change *c, int mode)
{
    uint64_t what = mode == 0 ? 1 : mode == 1 ? draw(2) : draw(4);

    if (c->kind == SIZE) {
        if (what != 1)
            put_size(c->path, c->off);
    } else if (what == 0) {
        put(c->path, c->new, c->n, c->off);
    } else if (what == 2) {
        for (size_t i = 0; i < c->n; i += SECTOR)
            if (draw(2))
                put(c->path, c->new + i, c->n - i < SECTOR ? c->n - i : SECTOR, c->off + (off_t)i);
    } else if (what == 3) {
        memset(c->new, 0, c->n);
        put(c->path, c->new, c->n, c->off);
    }
}

static void rename_writes(const char *from, const char *to)
{
    for (struct change *c = ends.next; c != &ends; c = c->next) {
        if ((c->kind == WRITE || c->kind == SIZE) && strcmp(c->path, from) == 0) {
            free(c->path);
            c->path = strdup(to);
        }
    }
}

/* The folder forgets, newest first: files come back, go back or were never there. */
static void forget_names(int mode)
{
    for (struct change *c = ends.prev; c != &ends; c = c->prev) {
        if (c->kind < MADE || (mode != 0 && draw(2)))
            continue;
        if (c->kind == MADE) {
            real_unlink(c->path);
        } else if (c->kind == REMOVED) {
            real_rename(c->grave, c->path);
        } else {
            real_rename(c->path, c->other);
            if (c->grave)
                real_rename(c->grave, c->path);
            rename_writes(c->path, c->other);
        }
    }
}

static void sweep(void)
{
    char path[4400];
    DIR *d = opendir(dir);

    for (struct dirent *e; d && (e = readdir(d));) {
        size_t n = strlen(e->d_name);

        if (strncmp(e->d_name, ".grave-", 7) != 0 &&
            !(n > 4 && strcmp(e->d_name + n - 4, "-shm") == 0))
            continue;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        real_unlink(path);
    }
}

static void cut(void)
{
    int mode =
        (int)draw(4); /* 0: everything unsynced goes; 1: whole writes; else sectors and zeros */

    for (struct change *c = ends.prev; c != &ends; c = c->prev)
        take_back(c);
    for (struct change *c = ends.next; c != &ends; c = c->next)
        if (c->kind <= SIZE)
            land(c, mode);
    forget_names(mode);
    sweep();
    _exit(99);
}

/* One operation on the data folder; called with the lock. */
static void tick(void)
{
    if (at && ++ops == at)
        cut();
}

/* ---- writes ---- */

static void remember(int fd, const char *path, const void *p, size_t n, off_t off)
{
    struct change *c = add(WRITE, path);
    struct stat s;
    ssize_t got;

    fstat(fd, &s);
    c->dev = s.st_dev;
    c->ino = s.st_ino;
    c->size = s.st_size;
    c->off = off;
    c->n = n;
    c->new = malloc(n ? n : 1);
    memcpy(c->new, p, n);
    c->old = malloc(n ? n : 1);
    /* Through this descriptor: to open and close the file anew would drop SQLite's locks. */
    got = pread(fd, c->old, n, off);
    if (got < 0) {                              /* it is for writing only, and so not SQLite's */
        int again = real_open(path, O_RDONLY);

        got = again >= 0 ? pread(again, c->old, n, off) : 0;
        if (again >= 0)
            real_close(again);
    }
    c->nold = got > 0 ? (size_t)got : 0;
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t off)
{
    char path[4096];
    ssize_t rc;

    if (!ours(fd, path))
        return real_pwrite(fd, p, n, off);
    pthread_mutex_lock(&lock);
    tick();
    remember(fd, path, p, n, off);
    rc = real_pwrite(fd, p, n, off);
    pthread_mutex_unlock(&lock);
    return rc;
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t off)
{
    return pwrite(fd, p, n, off);
}

ssize_t write(int fd, const void *p, size_t n)
{
    char path[4096];
    ssize_t rc;

    if (!ours(fd, path))
        return real_write(fd, p, n);
    pthread_mutex_lock(&lock);
    tick();
    remember(fd, path, p, n, lseek(fd, 0, SEEK_CUR));
    rc = real_write(fd, p, n);
    pthread_mutex_unlock(&lock);
    return rc;
}

ssize_t pwritev(int fd, const struct iovec *v, int n, off_t off)
{
    ssize_t sum = 0;

    for (int i = 0; i < n; i++) {
        ssize_t rc = pwrite(fd, v[i].iov_base, v[i].iov_len, off + sum);

        if (rc < 0)
            return sum ? sum : rc;
        sum += rc;
    }
    return sum;
}

ssize_t pwritev64(int fd, const struct iovec *v, int n, off64_t off)
{
    return pwritev(fd, v, n, off);
}

int ftruncate(int fd, off_t size)
{
    char path[4096];
    struct change *c;
    struct stat s;
    int rc;

    if (!ours(fd, path))
        return real_ftruncate(fd, size);
    pthread_mutex_lock(&lock);
    tick();
    c = add(SIZE, path);
    fstat(fd, &s);
    c->dev = s.st_dev;
    c->ino = s.st_ino;
    c->size = s.st_size;
    c->off = size;
    if (s.st_size > size) {
        c->old = malloc((size_t)(s.st_size - size));
        ssize_t got = pread(fd, c->old, (size_t)(s.st_size - size), size);
        c->nold = got > 0 ? (size_t)got : 0;
    }
    rc = real_ftruncate(fd, size);
    pthread_mutex_unlock(&lock);
    return rc;
}

int ftruncate64(int fd, off64_t size)
{
    return ftruncate(fd, size);
}

/* ---- syncs: what was written is now on disk ---- */

static bool in_folder(const char *path, const char *folder)
{
    size_t n = strlen(folder);

    return strncmp(path, folder, n) == 0 && path[n] == '/' && !strchr(path + n + 1, '/');
}

static int synced(int fd, const char *path)
{
    struct stat s;

    pthread_mutex_lock(&lock);
    tick();
    fstat(fd, &s);
    for (struct change *c = ends.next, *next; c != &ends; c = next) {
        next = c->next;
        if (c->kind <= SIZE ? c->dev == s.st_dev && c->ino == s.st_ino
                            : S_ISDIR(s.st_mode) && in_folder(c->path, path))
            drop(c);
    }
    pthread_mutex_unlock(&lock);
    return 0;
}

int fsync(int fd)
{
    static int (*real)(int);
    char path[4096];

    if (ours(fd, path))
        return synced(fd, path);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return real(fd);
}

int fdatasync(int fd)
{
    return fsync(fd);
}

/* ---- names ---- */

static char *bury(const char *path)
{
    char grave[4400];

    snprintf(grave, sizeof grave, "%s/.grave-%ld", dir, ++graves);
    return link(path, grave) == 0 ? strdup(grave) : NULL;
}

int unlink(const char *name)
{
    char path[4096];
    struct change *c;
    char *grave;
    int rc;

    if (!our_name(name, path))
        return real_unlink(name);
    pthread_mutex_lock(&lock);
    tick();
    grave = bury(path);
    rc = real_unlink(path);
    if (grave) {
        c = add(REMOVED, path);
        c->grave = grave;
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

int rename(const char *from, const char *to)
{
    char a[4096], b[4096];
    struct change *c;
    char *grave;
    int rc;

    if (!our_name(from, a) || !our_name(to, b))
        return real_rename(from, to);
    pthread_mutex_lock(&lock);
    tick();
    grave = bury(b);
    rc = real_rename(a, b);
    if (rc == 0) {
        rename_writes(a, b);
        c = add(RENAMED, b);
        c->other = strdup(a);
        c->grave = grave;
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

int open(const char *name, int flags, ...)
{
    char path[4096];
    struct stat s;
    bool fresh;
    va_list ap;
    mode_t mode;
    int fd;

    va_start(ap, flags);
    mode = flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(ap, int) : 0;
    va_end(ap);
    if (!(flags & O_CREAT) || !our_name(name, path))
        return real_open(name, flags, mode);
    pthread_mutex_lock(&lock);
    fresh = stat(path, &s) != 0;
    if (fresh)
        tick();
    fd = real_open(name, flags, mode);
    if (fd >= 0 && fresh)
        add(MADE, path);
    pthread_mutex_unlock(&lock);
    return fd;
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
