/* blob.c -- see blob.h. */
#include "store/blob.h"
#include "core/log.h"
#include "store/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_CHARS 24               /* of a file under spool/ */

struct blob_writer {
    struct ctx *cx;
    struct store *st;
    char *name;                     /* under spool/; NULL once renamed or removed */
    int fd;                         /* -1 once closed */
    int rc;                         /* the first failure, for good */
    int64_t bytes, most;
    crypto_hash_sha256_state sha;
};

static int no_disk(struct ctx *cx)
{
    if (errno == ENOSPC || errno == EDQUOT)
        return fail(cx, E_FULL, "The disk is full. Nothing was stored.");
    log_error("blob: %s", strerror(errno));
    return fail(cx, E_BUSY, "The disk could not be used. Try again in a moment.");
}

/* An fsync that fails may have lost what an earlier one promised: nobody may go on. */
static void sync_or_die(int fd)
{
    if (fsync(fd) != 0)
        store_die("sync of a stored file");
}

static void sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        store_die("sync of a folder");
    sync_or_die(fd);
    close(fd);
}

/* ---- spool ---- */

static bool plain_name(const char *name)
{
    size_t n = strspn(name, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    return n > 0 && n <= 64 && name[n] == 0;
}

const char *spool_path(struct ctx *cx, struct store *st, const char *name)
{
    if (!plain_name(name))
        return NULL;
    return talloc_asprintf(cx->mem, "%s/spool/%s", st->dir, name);
}

int spool_create(struct ctx *cx, struct store *st, char **name, int *fd)
{
    char fresh[NAME_CHARS + 1];

    id_base62(fresh, NAME_CHARS);
    *fd = open(spool_path(cx, st, fresh), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (*fd < 0)
        return no_disk(cx);
    *name = talloc_strdup(cx->mem, fresh);
    return 0;
}

int spool_open(struct ctx *cx, struct store *st, const char *name, int *fd)
{
    const char *path = spool_path(cx, st, name);

    *fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (*fd < 0 && path && errno != ENOENT)
        return no_disk(cx);             /* it may well be there: try again */
    if (*fd < 0)
        return fail(cx, E_NOTFOUND, "The uploaded file is no longer there. Upload it again.");
    return 0;
}

void spool_remove(struct store *st, const char *name)
{
    struct ctx *cx = ctx_new(NULL);
    const char *path = spool_path(cx, st, name);

    if (path && unlink(path) != 0 && errno != ENOENT)
        log_warn("an uploaded file cannot be removed: %s", strerror(errno));
    ctx_free(cx);
}

/* ---- blobs ---- */

static int let_go(struct blob_writer *w)
{
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
    if (w->name)
        spool_remove(w->st, w->name);
    w->name = NULL;
    return 0;
}

int blob_begin(struct ctx *cx, struct store *st, struct blob_writer **out)
{
    struct blob_writer *w = NEW(cx, struct blob_writer);
    int rc;

    w->cx = cx;
    w->st = st;
    w->most = LIMIT_BLOB_BYTES;
    if ((rc = spool_create(cx, st, &w->name, &w->fd)) < 0)
        return rc;
    crypto_hash_sha256_init(&w->sha);
    talloc_set_destructor(w, let_go);
    *out = w;
    return 0;
}

void blob_allow(struct blob_writer *w, int64_t bytes)
{
    w->most = bytes;
}

int blob_written(const struct blob_writer *w, int64_t *bytes)
{
    *bytes = w->bytes;
    return w->fd;
}

int blob_write(struct blob_writer *w, const void *p, size_t n)
{
    const char *from = p;

    if (w->rc < 0)
        return w->rc;
    if (n > (size_t)(w->most - w->bytes))
        return w->rc = fail(w->cx, E_TOOBIG, "A file may have at most %lld MiB.",
                            (long long)(w->most >> 20));
    crypto_hash_sha256_update(&w->sha, p, n);
    w->bytes += (int64_t)n;
    while (n > 0) {
        ssize_t done = write(w->fd, from, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return w->rc = no_disk(w->cx);
        from += done;
        n -= (size_t)done;
    }
    return 0;
}

static bool hash_name(const char *hash)
{
    return strspn(hash, "0123456789abcdef") == 64 && hash[64] == 0;
}

static char *blob_path(struct ctx *cx, struct store *st, const char *hash)
{
    return talloc_asprintf(cx->mem, "%s/blobs/%.2s/%s", st->dir, hash, hash + 2);
}

/* Into place: a file of the same name has the same bytes, so replacing it changes nothing. */
static int place(struct blob_writer *w, const char *hash)
{
    char *folder = talloc_asprintf(w->cx->mem, "%s/blobs/%.2s", w->st->dir, hash);

    if (mkdir(folder, 0700) == 0)
        sync_folder(talloc_asprintf(w->cx->mem, "%s/blobs", w->st->dir));
    else if (errno != EEXIST)
        return no_disk(w->cx);
    if (rename(spool_path(w->cx, w->st, w->name), blob_path(w->cx, w->st, hash)) != 0)
        return no_disk(w->cx);
    w->name = NULL;
    sync_folder(folder);
    return 0;
}

int blob_commit(struct blob_writer *w, char hash[ID_SHA256_HEX], int64_t *bytes)
{
    uint8_t digest[ID_SHA256_BYTES];
    int rc = w->rc;

    if (rc == 0) {
        crypto_hash_sha256_final(&w->sha, digest);
        id_hex(hash, digest, sizeof digest);
        *bytes = w->bytes;
        sync_or_die(w->fd);
        rc = place(w, hash);
    }
    talloc_free(w);
    return rc;
}

void blob_abort(struct blob_writer *w)
{
    talloc_free(w);
}

int blob_adopt(struct ctx *cx, struct store *st, const char *name, char hash[ID_SHA256_HEX],
               int64_t *bytes)
{
    return blob_adopt_large(cx, st, name, LIMIT_BLOB_BYTES, hash, bytes);
}

int blob_adopt_large(struct ctx *cx, struct store *st, const char *name, int64_t most,
                     char hash[ID_SHA256_HEX], int64_t *bytes)
{
    struct blob_writer *w = NEW(cx, struct blob_writer);
    uint8_t buf[65536];
    ssize_t k;
    int rc;

    w->cx = cx;
    w->st = st;
    if ((rc = spool_open(cx, st, name, &w->fd)) < 0)
        return rc;
    w->name = talloc_strdup(cx->mem, name);
    crypto_hash_sha256_init(&w->sha);
    talloc_set_destructor(w, let_go);
    while ((k = read(w->fd, buf, sizeof buf)) > 0) {
        crypto_hash_sha256_update(&w->sha, buf, (unsigned long long)k);
        w->bytes += k;
    }
    if (k < 0 || futimens(w->fd, NULL) != 0)        /* its age counts from now: blob_remove */
        w->rc = no_disk(cx);
    else if (w->bytes > most)
        w->rc = fail(cx, E_TOOBIG, "A file may have at most %lld MiB.", (long long)(most >> 20));
    return blob_commit(w, hash, bytes);
}

static bool is_older(const char *path, int64_t since_ms)
{
    struct stat s;

    return lstat(path, &s) == 0 && s.st_mtime < since_ms / 1000;
}

/*
 * Taken aside, looked at, and only then removed: if the same bytes were placed
 * in between, it was that file which was taken aside, and it goes back.
 */
bool blob_remove(struct ctx *cx, struct store *st, const char *hash, int64_t since_ms)
{
    char aside[NAME_CHARS + 1], *path;
    const char *to;

    if (!hash_name(hash))
        return true;
    path = blob_path(cx, st, hash);
    if (access(path, F_OK) != 0)
        return errno == ENOENT;
    if (!is_older(path, since_ms))
        return false;
    id_base62(aside, NAME_CHARS);
    to = spool_path(cx, st, aside);
    if (rename(path, to) != 0)
        return errno == ENOENT;
    if (is_older(to, since_ms)) {
        spool_remove(st, aside);
        return true;
    }
    if (rename(to, path) != 0)
        log_error("blob: %s", strerror(errno));
    return false;
}

int blob_open(struct ctx *cx, struct store *st, const char *hash, int *fd, int64_t *bytes)
{
    bool named = hash_name(hash);
    struct stat s;

    *fd = named ? open(blob_path(cx, st, hash), O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (*fd < 0 && named && errno != ENOENT)
        return no_disk(cx);
    if (*fd < 0)
        return fail(cx, E_NOTFOUND, "There is no such file.");
    if (fstat(*fd, &s) != 0 || !S_ISREG(s.st_mode)) {
        close(*fd);
        *fd = -1;
        return fail(cx, E_NOTFOUND, "There is no such file.");
    }
    *bytes = s.st_size;
    return 0;
}
