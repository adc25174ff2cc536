/* convert.c -- see convert.h. */
#include "formats/convert.h"
#include "core/id.h"
#include "formats/format.h"
#include "formats/reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BAD_ROWS_SHOWN 10
#define TELL_EVERY 1000

/* Where the output is made, and what becomes of it. */
struct place {
    const char *final;          /* path of the file or folder as it shall stand */
    const char *temp;           /* path it is made at, beside it */
    bool is_folder;             /* the sink is a folder */
    bool is_zip;
    bool is_direct;             /* a device or a pipe: written straight, never replaced */
    bool merge;                 /* the folder has files: move ours into it one by one */
    FILE *file;                 /* of a stream or zip */
};

static bool same_ending(struct ctx *cx, const char *path, const char *ext)
{
    return str_ends(str_lower(cx, path), ext);
}

static bool looks_like_file(struct ctx *cx, const struct format *f, const char *out)
{
    if (f->has_files)
        return same_ending(cx, out, ".zip");
    return same_ending(cx, out, f->ext) || same_ending(cx, out, strrchr(f->file, '.')) ||
           same_ending(cx, out, ".txt");
}

/* 1 when the folder holds anything, 0 when it is empty, < 0 when it cannot be read. */
static int has_files(struct ctx *cx, const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *d;
    int found = 0;

    if (!dir)
        return fail(cx, E_IO, "The output folder could not be read: %s.", strerror(errno));
    while (!found && (d = readdir(dir)))
        found = strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
    closedir(dir);
    return found;
}

static char *without_slash(struct ctx *cx, const char *path)
{
    char *s = talloc_strdup(cx->mem, path);
    size_t n = strlen(s);

    while (n > 1 && s[n - 1] == '/')
        s[--n] = 0;
    return s;
}

static const char *beside(struct ctx *cx, const char *path)
{
    char id[13];

    id_base62(id, 12);
    return talloc_asprintf(cx->mem, "%s.part-%s", path, id);
}

static int open_place(struct ctx *cx, struct place *p)
{
    int fd;

    if (p->is_folder) {
        if (mkdir(p->temp, 0755) < 0)
            return fail(cx, E_IO, "The output folder could not be made: %s.", strerror(errno));
        return 0;
    }
    fd = p->is_direct ? open(p->final, O_WRONLY | O_CLOEXEC)
                      : open(p->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 || !(p->file = fdopen(fd, "wb"))) {
        if (fd >= 0)
            close(fd);
        return fail(cx, E_IO, "The output file could not be made: %s.", strerror(errno));
    }
    return 0;
}

static int choose_place(struct ctx *cx, const struct format *f, const char *out, bool force,
                        struct place *p)
{
    char *path = without_slash(cx, out);
    struct stat st;
    bool exists = stat(path, &st) == 0;
    int full;

    *p = (struct place){.final = path};
    if (!*path)
        return fail(cx, E_INVALID, "The output needs a name.");
    if (exists && S_ISDIR(st.st_mode)) {
        if ((full = has_files(cx, path)) < 0)
            return full;
        if (full && !force)
            return fail(cx, E_EXISTS, "The output folder is not empty. Choose another one, or "
                        "use --force to replace files of the same name.");
        p->is_folder = true;
        p->merge = full > 0;
    } else if (exists && f->has_files && !same_ending(cx, path, ".zip")) {
        return fail(cx, E_INVALID, "%s writes several files: the output must be "
                    "a folder or a .zip.", f->name);
    } else {
        p->is_folder = !exists && !(looks_like_file(cx, f, path) && path[strlen(path) - 1] != '/' &&
                                    strlen(path) == strlen(out));
        p->is_zip = !p->is_folder && f->has_files;
    }
    p->is_direct = exists && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
    p->temp = beside(cx, path);
    return open_place(cx, p);
}

static int to_file(struct ctx *cx, void *arg, const void *data, size_t n)
{
    if (fwrite(data, 1, n, arg) == n)
        return 0;
    return errno == ENOSPC ? fail(cx, E_FULL, "The disk is full.")
                           : fail(cx, E_IO, "The output could not be written: %s.",
                                  strerror(errno));
}

/* Take away what is at `path`, a folder with all below it; only ever our own temporary one. */
static void remove_tree(struct ctx *cx, const char *path, int depth)
{
    DIR *dir = depth < 4 ? opendir(path) : NULL;
    struct dirent *d;

    while (dir && (d = readdir(dir))) {
        char *below = talloc_asprintf(cx->mem, "%s/%s", path, d->d_name);
        struct stat st;

        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0 || lstat(below, &st) < 0)
            continue;
        if (S_ISDIR(st.st_mode))
            remove_tree(cx, below, depth + 1);
        else
            unlink(below);
        talloc_free(below);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

/* Move all files of `from` to the same names below `to`. */
static int move_tree(struct ctx *cx, const char *from, const char *to, int depth)
{
    DIR *dir = opendir(from);
    struct dirent *d;
    int rc = 0;

    if (!dir)
        return fail(cx, E_IO, "The output could not be moved to its place.");
    while (rc == 0 && (d = readdir(dir))) {
        char *a = talloc_asprintf(cx->mem, "%s/%s", from, d->d_name);
        char *b = talloc_asprintf(cx->mem, "%s/%s", to, d->d_name);
        struct stat st;

        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        if (lstat(a, &st) == 0 && S_ISDIR(st.st_mode) && depth < 4) {
            if (mkdir(b, 0755) < 0 && errno != EEXIST)
                rc = fail(cx, E_IO, "The output folder could not be made: %s.", strerror(errno));
            else
                rc = move_tree(cx, a, b, depth + 1);
        } else if (rename(a, b) < 0) {
            rc = fail(cx, E_IO, "The output could not be moved to its place: %s.", strerror(errno));
        }
        talloc_free(a);
        talloc_free(b);
    }
    closedir(dir);
    return rc;
}

/* Make what was written durable and let it appear; or take it away after a failure. */
static int settle(struct ctx *cx, struct place *p, int rc)
{
    if (p->file) {
        if (rc == 0 && (fflush(p->file) != 0 || (!p->is_direct && fsync(fileno(p->file)) < 0)))
            rc = fail(cx, errno == ENOSPC ? E_FULL : E_IO, "The output could not be written: %s.",
                      strerror(errno));
        fclose(p->file);
    }
    if (p->is_direct)
        return rc;
    if (rc == 0 && p->merge)
        rc = move_tree(cx, p->temp, p->final, 0);
    else if (rc == 0 && rename(p->temp, p->final) < 0)
        rc = fail(cx, E_IO, "The output could not be put in its place: %s.", strerror(errno));
    if (rc < 0 && !p->is_folder)
        unlink(p->temp);
    if (p->is_folder && (rc < 0 || p->merge))
        remove_tree(cx, p->temp, 0);
    return rc;
}

/* ---- reading ---- */

static int read_config(struct ctx *cx, const char *path, const struct schema **out)
{
    FILE *f = fopen(path, "rbe");
    struct label_config *c;
    struct buf b;
    char block[16384];
    size_t k;
    int rc;

    if (!f)
        return fail(cx, E_NOTFOUND, "The labelling config could not be opened: %s.",
                    strerror(errno));
    buf_init(&b, cx, (size_t)LIMIT_CONFIG_BYTES);
    buf_adds(&b, "");
    while ((k = fread(block, 1, sizeof block, f)) > 0 && buf_add(&b, block, k) == 0)
        ;
    fclose(f);
    if (b.rc < 0)
        return fail(cx, E_TOOBIG, "The labelling config is larger than %lld bytes.",
                    (long long)LIMIT_CONFIG_BYTES);
    if ((rc = label_parse(cx, b.s, b.n, &c)) < 0)
        return fail(cx, rc, "The labelling config cannot be used. %s", cx->why ? cx->why : "");
    *out = schema_make(cx, c, b.s, b.n);
    return 0;
}

struct run {
    struct ctx *cx;
    struct reader *reader;
    struct writer *writer;
    const struct convert_progress *progress;
    struct buf *summary;
    int64_t tasks, bad;
};

static void note_bad(struct run *u, const struct row *row, const char *why)
{
    if (u->bad++ < BAD_ROWS_SHOWN)
        buf_addf(u->summary, "%s %lld: %s\n", row->name ? "File" : "Line",
                 (long long)row->line, why);
    else if (u->bad == BAD_ROWS_SHOWN + 1)
        buf_adds(u->summary, "…\n");
}

/* One row on memory of its own. */
static int take_row(struct run *u, const struct row *row)
{
    struct ctx *cx = u->cx;
    void *mem = cx->mem;
    struct export_task task;
    int rc;

    if (row->why) {
        note_bad(u, row, row->why);
        return 0;
    }
    cx->mem = talloc_new(mem);
    rc = task_read(cx, row->object, &task);
    if (rc < 0) {
        note_bad(u, row, cx->why);
        fail_clear(cx);
        rc = 0;
    } else if ((rc = writer_task(u->writer, &task)) == 0) {
        u->tasks++;
    }
    if (rc == 0)
        talloc_free(cx->mem);       /* after a failure cx->why may stand in it */
    cx->mem = mem;
    return rc;
}

static int run_all(struct run *u)
{
    struct row row;
    int rc;

    while ((rc = reader_next(u->reader, &row)) > 0) {
        if ((rc = take_row(u, &row)) < 0)
            return rc;
        if (u->progress && (u->tasks + u->bad) % TELL_EVERY == 0)
            u->progress->tell(u->progress->arg, u->tasks, reader_done(u->reader),
                              reader_total(u->reader));
    }
    if (rc == 0)
        rc = writer_close(u->writer);
    return rc;
}

static int convert_into(struct run *u, const struct format *f, const struct schema *schema,
                        struct place *p)
{
    struct sink *sink;
    int rc;

    if (p->is_folder)
        sink = sink_folder(u->cx, p->temp);
    else if (p->is_zip)
        sink = sink_zip(u->cx, to_file, p->file);
    else
        sink = sink_stream(u->cx, to_file, p->file);
    if ((rc = writer_open(u->cx, f, schema, sink, &u->writer)) == 0)
        rc = run_all(u);
    if (rc == 0)
        buf_addf(u->summary, "%lld tasks, %lld answers", (long long)u->tasks,
                 (long long)u->writer->answers);
    if (rc == 0 && u->writer->regions)
        buf_addf(u->summary, ", %lld regions", (long long)u->writer->regions);
    if (rc == 0 && u->writer->left_out)
        buf_addf(u->summary, ", %lld left out because %s has no form for them",
                 (long long)u->writer->left_out, f->name);
    talloc_free(sink);          /* closes what is open, before the rename */
    return rc;
}

int convert_with(struct ctx *cx, const char *config, const char *input, const char *format,
                 const char *out, bool force, const struct convert_progress *progress,
                 struct buf *summary)
{
    struct run u = {.cx = cx, .progress = progress, .summary = summary};
    const struct format *f = format_find(format);
    const struct schema *schema = NULL;
    struct place place;
    int rc;

    if (!f)
        return fail(cx, E_INVALID, "There is no format \"%s\". Known are %s.", format,
                    format_names(cx));
    if ((rc = read_config(cx, config, &schema)) < 0 ||
        (rc = reader_open(cx, SOURCE_GUESS, input, &u.reader)) < 0)
        return rc;
    if ((rc = choose_place(cx, f, out, force, &place)) == 0) {
        rc = convert_into(&u, f, schema, &place);
        rc = settle(cx, &place, rc);
    }
    reader_close(u.reader);
    if (rc < 0)
        return rc;
    if (u.bad)
        buf_addf(summary, ", %lld bad rows left out", (long long)u.bad);
    buf_adds(summary, ".\n");
    return u.bad > INT32_MAX ? INT32_MAX : (int)u.bad;
}

int convert(struct ctx *cx, const char *config, const char *input, const char *format,
            const char *out, bool force, struct buf *summary)
{
    return convert_with(cx, config, input, format, out, force, NULL, summary);
}
