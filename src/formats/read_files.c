/*
 * read_files.c -- pictures and texts: archives and folders of them, or one by itself.
 *
 * A picture goes, as a stream, to the callback, which stores it somewhere and
 * returns an address: {"image": address}.  A text file is one task:
 * {"text": …}.  What a file is, its first bytes say.  Pictures in tiles are
 * many files and one task: read_tiles.h.
 *
 * Nothing is ever opened or written by a name out of an archive; names are
 * words for people.  Only zip, tar and gzip are enabled.  While it is
 * unpacked, an archive is held to LIMIT_ARCHIVE_BYTES, _FILES and _RATIO.  An
 * archive inside an archive is a bad row; links and devices are bad rows.
 */
#include "formats/read_tiles.h"
#include "media/pyramid.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_BYTES 4096
#define NAME_SHOWN 200
#define DEPTH_MAX 32

/* ---- one file becomes a row ---- */

static const char *shown_name(struct reader *r, const char *name)
{
    size_t n = name ? strlen(name) : 0;
    char *s;

    if (n == 0 || !utf8_valid(name, n))
        return "(a name that is not UTF-8)";
    if (n > NAME_SHOWN) {
        name += n - NAME_SHOWN;
        while (((unsigned char)*name & 0xc0) == 0x80)
            name++;
    }
    s = talloc_strdup(r->rx->mem, name);
    for (char *p = s; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    return s;
}

/* The head that was sniffed at, then the rest. */
struct replay {
    const char *head;
    size_t n;
    struct file_in *rest;
};

static int64_t replay_read(struct file_in *f, void *buf, size_t n)
{
    struct replay *p = f->arg;

    if (p->n == 0)
        return p->rest->read(p->rest, buf, n);
    if (n > p->n)
        n = p->n;
    memcpy(buf, p->head, n);
    p->head += n;
    p->n -= n;
    return (int64_t)n;
}

static int picture_row(struct reader *r, struct row *row, struct file_in *f)
{
    const char *address;

    if (!r->take)
        return row_bad(r, row, E_INVALID, "Pictures cannot be stored here.");
    address = r->take(r->rx, r->take_arg, f);
    if (!address)
        return row_bad(r, row, E_INVALID, r->rx->why);
    return row_field(r, row, r->image_field, address, strlen(address));
}

static int text_row(struct reader *r, struct row *row, struct file_in *f)
{
    char block[HEAD_BYTES];
    struct buf b;
    int64_t k;

    buf_init(&b, r->rx, (size_t)LIMIT_TASK_BYTES);
    while ((k = f->read(f, block, sizeof block)) > 0)
        if (buf_add(&b, block, (size_t)k) < 0)
            return row_bad(r, row, E_TOOBIG, "The text is too large for one task.");
    if (k < 0)
        return row_bad(r, row, E_INVALID, r->rx->why);
    if (b.n >= 3 && memcmp(b.s, "\xef\xbb\xbf", 3) == 0) {
        b.s += 3;
        b.n -= 3;
    }
    if (b.n == 0)
        return row_bad(r, row, E_INVALID, "The file is empty.");
    if (!utf8_valid(b.s, b.n) || memchr(b.s, 0, b.n))
        return row_bad(r, row, E_INVALID, "The file is neither a picture nor UTF-8 text.");
    return row_field(r, row, r->text_field, b.s, b.n);
}

int row_file(struct reader *r, struct row *row, struct file_in *f, const char *head, size_t n)
{
    struct replay p = {head, n, f};
    struct file_in whole = {.name = row->name, .size = f->size, .read = replay_read, .arg = &p};

    if (sniff_archive(head, n))
        return row_bad(r, row, E_INVALID, "An archive inside an archive is not opened.");
    whole.type = sniff_picture(head, n);
    if (!whole.type && dzi_sniff(head, n))
        return row_bad(r, row, E_INVALID,
                       "A .dzi file alone is no picture: its tiles, in the folder beside it, "
                       "belong to it. Import a zip of both.");
    return whole.type ? picture_row(r, row, &whole) : text_row(r, row, &whole);
}

/* ---- archives ---- */

struct packed {
    struct archive *a;
    int64_t files, bytes, packed;
    int rc;                     /* a broken limit: nothing more is read */
};

static int packed_free(struct packed *p)
{
    if (p->a)
        archive_read_free(p->a);
    return 0;
}

static int archive_open(struct reader *r)
{
    struct packed *p = talloc_zero(r, struct packed);
    int fd = fileno(r->in.f);

    talloc_set_destructor(p, packed_free);
    r->state = p;
    if (lseek(fd, 0, SEEK_SET) != 0)
        return fail(r->cx, E_INVALID, "An archive must come as a file, not as a stream.");
    r->in.at = r->in.n = 0;
    r->in.done = 0;
    p->packed = r->in.total;
    p->a = archive_read_new();
    archive_read_support_format_zip(p->a);
    archive_read_support_format_tar(p->a);
    archive_read_support_filter_gzip(p->a);
    if (archive_read_open_fd(p->a, fd, 65536) != ARCHIVE_OK)
        return fail(r->cx, E_INVALID, "This is no zip, tar or tar.gz archive that can be read.");
    return 0;
}

static int limits_hold(struct reader *r, struct packed *p)
{
    if (p->files > LIMIT_ARCHIVE_FILES)
        return p->rc = fail(r->cx, E_TOOBIG, "The archive holds more than %lld files.",
                            (long long)LIMIT_ARCHIVE_FILES);
    if (p->bytes > LIMIT_ARCHIVE_BYTES)
        return p->rc = fail(r->cx, E_TOOBIG, "The archive is larger than %lld bytes when unpacked.",
                            (long long)LIMIT_ARCHIVE_BYTES);
    if (p->bytes > HEAD_BYTES * 16 && p->bytes / LIMIT_ARCHIVE_RATIO > p->packed)
        return p->rc = fail(r->cx, E_TOOBIG,
                            "The archive unpacks to more than %lld times its size.",
                            (long long)LIMIT_ARCHIVE_RATIO);
    return 0;
}

static int64_t entry_read(struct file_in *f, void *buf, size_t n)
{
    struct reader *r = f->arg;
    struct packed *p = r->state;
    la_ssize_t k;

    if (p->rc < 0)
        return p->rc;
    k = archive_read_data(p->a, buf, n);
    if (k < 0)
        return fail(r->rx, E_INVALID, "The archive is damaged here, or the file is encrypted.");
    p->bytes += k;
    if (limits_hold(r, p) < 0) {
        r->rx->why = r->cx->why;
        return p->rc;
    }
    return k;
}

/* As many bytes as the head wants, or all there are. */
static int64_t read_head(struct file_in *f, char *head)
{
    int64_t n = 0, k = 0;

    while (n < HEAD_BYTES && (k = f->read(f, head + n, (size_t)(HEAD_BYTES - n))) > 0)
        n += k;
    return k < 0 ? k : n;
}

/* 0: it gave no row. */
static int entry_row(struct reader *r, struct row *row, struct archive_entry *e, const char *path)
{
    struct packed *p = r->state;
    struct file_in f = {.name = row->name, .size = -1, .read = entry_read, .arg = r};
    char head[HEAD_BYTES];
    int64_t n;

    if (archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e))
        return row_bad(r, row, E_INVALID, "Only plain files are taken from an archive.");
    if (archive_entry_size_is_set(e))
        f.size = archive_entry_size(e);
    if ((n = read_head(&f, head)) < 0)
        return p->rc < 0 ? p->rc : row_bad(r, row, E_INVALID, NULL);
    switch (tiles_take(r, row, path, &f, head, (size_t)n)) {
    case TILES_TAKEN:
        return p->rc;
    case TILES_ROW:
        break;
    case TILES_OTHER:
        row_file(r, row, &f, head, (size_t)n);
    }
    return p->rc < 0 ? p->rc : 1;
}

/*
 * What a row left unread of its file.  A zip steps over it, but a tar.gz must
 * unpack it to find the next file: that counts like any other byte.
 */
static int drain(struct reader *r, struct packed *p)
{
    char block[16384];
    la_ssize_t k;

    if (p->files == 0 || (archive_format(p->a) & ARCHIVE_FORMAT_BASE_MASK) != ARCHIVE_FORMAT_TAR)
        return 0;
    while ((k = archive_read_data(p->a, block, sizeof block)) > 0) {
        p->bytes += k;
        if (limits_hold(r, p) < 0)
            return p->rc;
    }
    return 0;
}

static int archive_next(struct reader *r, struct row *row)
{
    struct packed *p = r->state;
    struct archive_entry *e;
    const char *path;
    int rc;

    for (;;) {
        if ((rc = drain(r, p)) < 0)
            return rc;
        rc = archive_read_next_header(p->a, &e);
        if (rc == ARCHIVE_EOF && p->files == 0)
            return fail(r->cx, E_INVALID, "The archive holds no files.");
        if (rc == ARCHIVE_EOF)
            return tiles_rest(r, row);
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
            return fail(r->cx, E_INVALID, "The archive is damaged, or it is of a kind that is "
                        "not read: zip, tar and tar.gz are.");
        r->in.done = archive_filter_bytes(p->a, -1);
        p->files++;
        if ((rc = limits_hold(r, p)) < 0)
            return rc;
        if (archive_entry_filetype(e) == AE_IFDIR)
            continue;
        path = archive_entry_pathname_utf8(e) ? archive_entry_pathname_utf8(e)
                                              : archive_entry_pathname(e);
        row->line = p->files;
        row->name = shown_name(r, path);
        if ((rc = entry_row(r, row, e, path && utf8_valid(path, strlen(path)) ? path : "")) != 0)
            return rc;
    }
}

const struct source source_archive = {archive_open, archive_next, NULL};

/* ---- folders ---- */

struct walk_state {
    char **names;               /* sorted paths below the root */
    int64_t n, cap, at;
    int root;                   /* descriptor of the folder */
};

static int walk_free(struct walk_state *st)
{
    if (st->root >= 0)
        close(st->root);
    return 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list(struct reader *r, int fd, const char *prefix, int depth)
{
    struct walk_state *st = r->state;
    DIR *dir = fdopendir(fd);
    struct dirent *d;
    int rc = 0;

    if (!dir) {
        close(fd);
        return fail(r->cx, E_IO, "The folder could not be read.");
    }
    while (rc == 0 && (d = readdir(dir))) {
        char *name = talloc_asprintf(st, "%s%s", prefix, d->d_name);
        struct stat s;

        if (d->d_name[0] == '.' || fstatat(fd, d->d_name, &s, AT_SYMLINK_NOFOLLOW) < 0)
            continue;           /* hidden files, . and .. */
        if (S_ISDIR(s.st_mode) && depth < DEPTH_MAX) {
            int sub = openat(fd, d->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

            if (sub >= 0)
                rc = list(r, sub, talloc_asprintf(st, "%s/", name), depth + 1);
        } else if (S_ISREG(s.st_mode)) {
            if (st->n == LIMIT_ARCHIVE_FILES)
                rc = fail(r->cx, E_TOOBIG, "The folder holds more than %lld files.",
                          (long long)LIMIT_ARCHIVE_FILES);
            if (st->n == st->cap) {
                st->cap = st->cap ? 2 * st->cap : 256;
                st->names = talloc_realloc(st, st->names, char *, (unsigned)st->cap);
            }
            if (rc == 0)
                st->names[st->n++] = name;
        }
    }
    closedir(dir);
    return rc;
}

static int folder_open(struct reader *r)
{
    struct walk_state *st = talloc_zero(r, struct walk_state);
    int rc, fd;

    st->root = open(r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    talloc_set_destructor(st, walk_free);
    r->state = st;
    fd = st->root < 0 ? -1 : openat(st->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(r->cx, E_IO, "The folder could not be opened: %s.", strerror(errno));
    if ((rc = list(r, fd, "", 0)) < 0)
        return rc;
    if (st->n == 0)
        return fail(r->cx, E_INVALID, "The folder holds no files.");
    qsort(st->names, (size_t)st->n, sizeof *st->names, by_text);
    return 0;
}

static int64_t file_read(struct file_in *f, void *buf, size_t n)
{
    struct reader *r = f->arg;
    ssize_t k;

    do {
        k = read((int)r->in.line, buf, n);
    } while (k < 0 && errno == EINTR);
    if (k < 0)
        return fail(r->rx, E_IO, "The file could not be read.");
    r->in.done += k;
    return k;
}

/* 0: it gave no row. */
static int path_row(struct reader *r, struct row *row, const char *path)
{
    struct walk_state *st = r->state;
    struct file_in f = {.name = row->name, .size = -1, .read = file_read, .arg = r};
    char head[HEAD_BYTES];
    struct stat s;
    int64_t n;
    int fd = openat(st->root, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK), rc = 1;

    if (fd < 0)
        return row_bad(r, row, E_IO, "The file could not be opened.");
    r->in.line = fd;            /* a folder has no lines: the slot holds the open file */
    if (fstat(fd, &s) == 0)
        f.size = s.st_size;
    n = read_head(&f, head);
    if (n < 0) {
        row_bad(r, row, E_IO, NULL);
    } else {
        enum tiles_said said = tiles_take(r, row, path, &f, head, (size_t)n);

        if (said == TILES_OTHER)
            row_file(r, row, &f, head, (size_t)n);
        rc = said != TILES_TAKEN;
    }
    close(fd);
    return rc;
}

static int folder_next(struct reader *r, struct row *row)
{
    struct walk_state *st = r->state;
    int rc = 0;

    while (rc == 0 && st->at < st->n) {
        const char *path = st->names[st->at++];

        row->line = st->at;
        row->name = shown_name(r, path);
        rc = path_row(r, row, path);
    }
    return rc ? rc : tiles_rest(r, row);
}

const struct source source_folder = {folder_open, folder_next, NULL};

/* ---- one file ---- */

static int64_t window_read(struct file_in *f, void *buf, size_t n)
{
    struct reader *r = f->arg;
    int64_t have = input_need(r, 1);

    if (have < 0)
        return fail(r->rx, E_IO, "The file could not be read.");
    if (n > (size_t)have)
        n = (size_t)have;
    memcpy(buf, r->in.buf + r->in.at, n);
    r->in.at += n;
    return (int64_t)n;
}

static int file_open(struct reader *r)
{
    (void)r;
    return 0;
}

static int file_next(struct reader *r, struct row *row)
{
    const char *slash = strrchr(r->path, '/');
    struct file_in f = {.size = r->in.total, .read = window_read, .arg = r};
    char head[HEAD_BYTES];
    int64_t n;

    r->is_over = true;          /* it is one row */
    row->line = 1;
    row->name = f.name = shown_name(r, slash ? slash + 1 : r->path);
    if ((n = read_head(&f, head)) < 0)
        return row_bad(r, row, E_IO, NULL);
    return row_file(r, row, &f, head, (size_t)n);
}

const struct source source_file = {file_open, file_next, NULL};
