/*
 * sink.c -- see sink.h.
 *
 * Bytes gather in one buffer of SINK_BYTES before they go on: formats write
 * in crumbs, and a crumb must not cost a system call.
 */
#include "formats/sink.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SINK_BYTES (64 * 1024)
#define NAME_BYTES 200

enum sink_kind { SINK_STREAM, SINK_ZIP, SINK_FOLDER };

struct sink {
    struct ctx *cx;
    void *mem;                  /* cx->mem as it was when the sink was made */
    enum sink_kind kind;
    sink_write *write;
    void *arg;
    const char *folder, *spool;
    int fd;                     /* the open file of a folder, or -1 */
    struct archive *zip;
    bool is_open;
    int entries;
    int rc;                     /* of the callback below libarchive */
    size_t n;
    char buf[SINK_BYTES];
};

static int sink_free(struct sink *s)
{
    if (s->fd >= 0)
        close(s->fd);
    if (s->zip)
        archive_write_free(s->zip);
    return 0;
}

static struct sink *make(struct ctx *cx, enum sink_kind kind)
{
    struct sink *s = NEW(cx, struct sink);

    s->cx = cx;
    s->mem = cx->mem;
    s->kind = kind;
    s->fd = -1;
    talloc_set_destructor(s, sink_free);
    return s;
}

struct sink *sink_stream(struct ctx *cx, sink_write *write, void *arg)
{
    struct sink *s = make(cx, SINK_STREAM);

    s->write = write;
    s->arg = arg;
    return s;
}

/*
 * The callback runs on the memory of whoever made the sink: what it keeps
 * there must outlive the task that is being written just now.
 */
static int call(struct sink *s, const void *data, size_t n)
{
    void *mem = s->cx->mem;
    int rc;

    s->cx->mem = s->mem;
    rc = s->write(s->cx, s->arg, data, n);
    s->cx->mem = mem;
    return rc;
}

static la_ssize_t zip_write(struct archive *a, void *arg, const void *data, size_t n)
{
    struct sink *s = arg;

    if (s->rc == 0)
        s->rc = call(s, data, n);
    if (s->rc < 0) {
        archive_set_error(a, EIO, "refused");
        return -1;
    }
    return (la_ssize_t)n;
}

struct sink *sink_zip(struct ctx *cx, sink_write *write, void *arg)
{
    struct sink *s = make(cx, SINK_ZIP);

    s->write = write;
    s->arg = arg;
    s->zip = archive_write_new();
    if (!s->zip || archive_write_set_format_zip(s->zip) != ARCHIVE_OK ||
        archive_write_set_options(s->zip, "zip:compression=deflate") != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(s->zip, 1) != ARCHIVE_OK ||
        archive_write_open(s->zip, s, NULL, zip_write, NULL) != ARCHIVE_OK)
        s->rc = fail(cx, E_INTERNAL, "A zip file could not be started.");
    return s;
}

struct sink *sink_folder(struct ctx *cx, const char *path)
{
    struct sink *s = make(cx, SINK_FOLDER);

    s->folder = talloc_strdup(s, path);
    s->spool = s->folder;
    return s;
}

void sink_spool_in(struct sink *s, const char *folder)
{
    s->spool = talloc_strdup(s, folder);
}

static int trouble(struct ctx *cx, int err)
{
    if (err == ENOSPC || err == EDQUOT)
        return fail(cx, E_FULL, "The disk is full.");
    return fail(cx, E_IO, "The output could not be written: %s.", strerror(err));
}

int sink_spool(struct sink *s, FILE **out)
{
    const char *dir = s->spool ? s->spool : getenv("TMPDIR");
    int fd = open(dir && *dir ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    *out = fd >= 0 ? fdopen(fd, "w+b") : tmpfile();     /* not every file system has O_TMPFILE */
    if (!*out)
        return trouble(s->cx, errno);
    return 0;
}

/* Relative, below here, no empty part and no "..". */
static bool name_is_safe(const char *name)
{
    const char *p = name;

    if (*name == 0 || *name == '/')
        return false;
    while (*p) {
        size_t n = strcspn(p, "/");

        if (n == 0 || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
            return false;
        p += n;
        if (*p == '/' && *++p == 0)
            return false;
    }
    return true;
}

static int folder_begin(struct sink *s, const char *name)
{
    char *path = talloc_asprintf(s, "%s/%s", s->folder, name);
    char *slash = path + strlen(s->folder);

    while ((slash = strchr(slash + 1, '/'))) {
        *slash = 0;
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            return trouble(s->cx, errno);
        *slash = '/';
    }
    s->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    talloc_free(path);
    return s->fd < 0 ? trouble(s->cx, errno) : 0;
}

static int zip_begin(struct sink *s, const char *name)
{
    struct archive_entry *e = archive_entry_new();
    int rc;

    archive_entry_set_pathname_utf8(e, name);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_mtime(e, 315532800, 0);       /* 1980, the zip epoch: same in, same out */
    rc = archive_write_header(s->zip, e);
    archive_entry_free(e);
    if (rc < ARCHIVE_WARN)
        return s->rc < 0 ? s->rc : fail(s->cx, E_IO, "The zip file could not be written.");
    return 0;
}

int sink_begin(struct sink *s, const char *name)
{
    if (s->is_open)
        sink_end(s);
    if (s->rc < 0)
        return s->rc;
    if (!name_is_safe(name))
        return fail(s->cx, E_INVALID, "\"%s\" is no name for a file of an export.", name);
    if (s->kind == SINK_STREAM && s->entries > 0)
        return s->rc = fail(s->cx, E_INVALID,
                            "This format has several files; one stream cannot hold them.");
    if (s->kind == SINK_FOLDER)
        s->rc = folder_begin(s, name);
    else if (s->kind == SINK_ZIP)
        s->rc = zip_begin(s, name);
    s->entries++;
    s->is_open = s->rc == 0;
    return s->rc;
}

static int fd_write(struct sink *s, const char *p, size_t n)
{
    while (n) {
        ssize_t k = write(s->fd, p, n);

        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return trouble(s->cx, k < 0 ? errno : EIO);
        p += k;
        n -= (size_t)k;
    }
    return 0;
}

static int pass_on(struct sink *s, const char *p, size_t n)
{
    if (n == 0 || s->rc < 0)
        return s->rc;
    if (s->kind == SINK_STREAM) {
        s->rc = call(s, p, n);
    } else if (s->kind == SINK_FOLDER) {
        s->rc = fd_write(s, p, n);
    } else if (archive_write_data(s->zip, p, n) != (la_ssize_t)n && s->rc == 0) {
        s->rc = fail(s->cx, E_IO, "The zip file could not be written.");
    }
    return s->rc;
}

int sink_put(struct sink *s, const void *data, size_t n)
{
    if (s->rc < 0)
        return s->rc;
    if (n > SINK_BYTES - s->n) {
        if (pass_on(s, s->buf, s->n) < 0)
            return s->rc;
        s->n = 0;
        if (n >= SINK_BYTES)
            return pass_on(s, data, n);
    }
    if (n)
        memcpy(s->buf + s->n, data, n);
    s->n += n;
    return 0;
}

int sink_puts(struct sink *s, const char *text)
{
    return sink_put(s, text, strlen(text));
}

int sink_end(struct sink *s)
{
    if (!s->is_open)
        return s->rc;
    pass_on(s, s->buf, s->n);
    s->n = 0;
    s->is_open = false;
    if (s->fd >= 0) {
        if (close(s->fd) < 0 && s->rc == 0)
            s->rc = trouble(s->cx, errno);
        s->fd = -1;
    }
    return s->rc;
}

/* One sync for the whole folder: thousands of small files cannot wait for one each. */
static int folder_sync(struct sink *s)
{
    int fd = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

    if (fd < 0 || (syncfs(fd) < 0 && errno != ENOSYS))
        rc = trouble(s->cx, errno);
    if (fd >= 0)
        close(fd);
    return rc;
}

int sink_close(struct sink *s)
{
    sink_end(s);
    if (s->kind == SINK_FOLDER && s->rc == 0)
        s->rc = folder_sync(s);
    if (s->zip) {
        int closed = s->rc == 0 ? archive_write_close(s->zip) : ARCHIVE_OK;

        archive_write_free(s->zip);
        s->zip = NULL;
        if (closed != ARCHIVE_OK && s->rc == 0)
            s->rc = fail(s->cx, E_IO, "The zip file could not be finished.");
    }
    return s->rc;
}

const char *sink_name(struct ctx *cx, const char *text)
{
    size_t n = strlen(text);
    char *out;

    if (n > NAME_BYTES)
        for (n = NAME_BYTES; n && ((unsigned char)text[n] & 0xc0) == 0x80; n--)
            ;       /* not in the middle of a character */
    out = talloc_strndup(cx->mem, text, n);
    for (char *p = out; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f || strchr("/\\:*?\"<>|", *p))
            *p = '_';
    if (n == 0 || strcmp(out, ".") == 0 || strcmp(out, "..") == 0)
        return "_";
    return out;
}
