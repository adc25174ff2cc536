/* reader.c -- see reader.h. */
#include "formats/source.h"
#include "media/pyramid.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW_BYTES (64 * 1024)
#define GUESS_BYTES (32 * 1024)

static const struct {
    const char *word;
    const struct source *source;
} kinds[] = {
    [SOURCE_GUESS] = {"guess", NULL},
    [SOURCE_JSON] = {"json", &source_json},
    [SOURCE_JSONL] = {"jsonl", &source_jsonl},
    [SOURCE_CSV] = {"csv", &source_csv},
    [SOURCE_TSV] = {"tsv", &source_tsv},
    [SOURCE_TEXT] = {"txt", &source_text},
    [SOURCE_ARCHIVE] = {"archive", &source_archive},
    [SOURCE_FOLDER] = {"folder", &source_folder},
    [SOURCE_FILE] = {"file", &source_file},
};

const char *source_word(enum source_kind kind)
{
    return kinds[kind].word;
}

bool source_find(const char *word, enum source_kind *out)
{
    for (size_t i = SOURCE_JSON; i < sizeof kinds / sizeof *kinds; i++)
        if (str_same_nocase(kinds[i].word, word)) {
            *out = (enum source_kind)i;
            return true;
        }
    return false;
}

/* ---- the window ---- */

int64_t input_need(struct reader *r, size_t want)
{
    struct input *in = &r->in;

    while (in->n - in->at < want && !in->is_end) {
        size_t k;

        if (in->at > 0 && (in->n == in->cap || in->at == in->n)) {
            memmove(in->buf, in->buf + in->at, in->n - in->at);
            in->n -= in->at;
            in->at = 0;
        }
        if (in->n == in->cap) {
            size_t cap = in->cap ? 2 * in->cap : WINDOW_BYTES;

            in->buf = talloc_realloc(r, in->buf, char, (unsigned)cap);
            if (!in->buf)
                return fail(r->cx, E_BUSY, "Out of memory. Try again later.");
            in->cap = cap;
        }
        k = fread(in->buf + in->n, 1, in->cap - in->n, in->f);
        in->n += k;
        in->done += (int64_t)k;
        if (k == 0) {
            in->is_end = true;
            if (ferror(in->f))
                return fail(r->cx, E_IO, "The file could not be read to its end.");
        }
    }
    return (int64_t)(in->n - in->at);
}

/* Bytes of the line that begins at in->at including its end; 0 when more input is needed. */
static size_t line_length(struct input *in, size_t searched)
{
    const char *from = in->buf + in->at + searched, *end = in->buf + in->n;
    const char *nl = memchr(from, '\n', (size_t)(end - from));
    const char *stop = nl ? nl : end;
    const char *cr = memchr(from, '\r', (size_t)(stop - from));

    if (cr && cr + 1 < end)
        return (size_t)(cr + 1 - (in->buf + in->at)) + (cr[1] == '\n');
    if (cr && in->is_end)
        return (size_t)(cr + 1 - (in->buf + in->at));
    if (nl)
        return (size_t)(nl + 1 - (in->buf + in->at));
    return in->is_end ? in->n - in->at : 0;
}

/* Drop bytes up to the end of an endless line. */
static int skip_line(struct reader *r)
{
    struct input *in = &r->in;
    size_t n;

    for (;;) {
        if (input_need(r, 2) < 0)
            return E_IO;
        if (in->at == in->n)
            return 0;
        if ((n = line_length(in, 0)) > 0) {
            in->at += n;
            return 0;
        }
        in->at = in->n - 1;     /* keep one byte: it may be the '\r' of "\r\n" */
    }
}

int input_line(struct reader *r, const char **s, size_t *n)
{
    struct input *in = &r->in;
    size_t searched = 0, len = 0;

    if (in->at == in->n || !(len = line_length(in, 0))) {
        for (;;) {
            size_t have = in->n - in->at;
            int64_t got = input_need(r, have + 1);

            if (got < 0)
                return (int)got;
            if (got == 0)
                return 0;
            if ((len = line_length(in, searched)) > 0)
                break;
            searched = (size_t)got - 1;
            if (got > LIMIT_ROW_BYTES) {
                in->line++;
                return skip_line(r) < 0 ? E_IO : E_TOOBIG;
            }
        }
    }
    *s = in->buf + in->at;
    *n = len;
    in->at += len;
    in->line++;
    if (len > (size_t)LIMIT_ROW_BYTES)
        return E_TOOBIG;
    return 1;
}

/* ---- rows ---- */

int row_bad(struct reader *r, struct row *row, int code, const char *why)
{
    row->why = why ? why : r->rx->why ? r->rx->why : "This row cannot be read.";
    row->code = code;
    return 1;
}

/* Sentences of json_scan count lines inside the row; people count them in the file. */
static const char *replace_place(struct reader *r, const char *why, int64_t line, int64_t column)
{
    const char *at = why ? strstr(why, " at line ") : NULL;
    long long l, c;

    if (!at || sscanf(at, " at line %lld, column %lld", &l, &c) != 2)
        return why;
    return talloc_asprintf(r->rx->mem, "%.*s at line %lld, column %lld.", (int)(at - why), why,
                           (long long)line + l - 1, l == 1 ? (long long)column + c - 1 : c);
}

/*
 * The scanner accepts what the parser behind it does not: "\u0000", lone
 * surrogates, numbers without a 64-bit form.  Rows without a backslash-u, a
 * long run of digits or an exponent cannot hold any of these.
 */
static bool is_doubtful(const char *s, size_t n)
{
    const char *p = s, *end = s + n;
    size_t digits = 0;

    while (p < end) {
        if (*p == '"') {
            const char *after = walk_skip(p, end);

            while (p < after && (p = memchr(p, '\\', (size_t)(after - p)))) {
                if (p + 1 < after && p[1] == 'u')
                    return true;
                p += 2;
            }
            p = after;
            digits = 0;
            continue;
        }
        if (*p >= '0' && *p <= '9') {
            if (++digits > 17)
                return true;
        } else {
            if (digits && (*p == 'e' || *p == 'E'))
                return true;
            digits = 0;
        }
        p++;
    }
    return false;
}

int row_object(struct reader *r, struct row *row, const char *s, size_t n, int64_t line,
               int64_t column)
{
    struct ctx *rx = r->rx;
    struct task_parts p;
    json_t *v;
    int rc;

    while (n && strchr(" \t\r\n", s[n - 1]))
        n--;
    if ((rc = json_scan(rx, s, n, NULL, NULL, NULL)) < 0 ||
        (is_doubtful(s, n) && (rc = json_stored(rx, s, n, &v)) < 0))
        return row_bad(r, row, rc, replace_place(r, rx->why, line, column));
    row->object = (struct bytes){s, n};
    if ((rc = task_parts(rx, row->object, &p)) < 0)
        return row_bad(r, row, rc, NULL);
    row->data = p.data;
    row->annotations = p.annotations;
    row->predictions = p.predictions;
    row->meta = p.meta;
    row->id = bytes_int(p.id, 0);
    row->unique_id = bytes_kind(p.unique_id, '"') ? p.unique_id : (struct bytes){0};
    return 1;
}

int row_field(struct reader *r, struct row *row, const char *field, const char *s, size_t n)
{
    struct buf b;

    buf_init(&b, r->rx, (size_t)LIMIT_TASK_BYTES);
    buf_addc(&b, '{');
    buf_add_json(&b, field, strlen(field));
    buf_addc(&b, ':');
    buf_add_json(&b, s, n);
    buf_addc(&b, '}');
    if (b.rc < 0)
        return row_bad(r, row, E_TOOBIG, "The text is too large for one task.");
    row->object = row->data = (struct bytes){b.s, b.n};
    return 1;
}

int reader_next(struct reader *r, struct row *row)
{
    int rc;

    *row = (struct row){0};
    if (r->is_over)
        return 0;
    talloc_free_children(r->rx->mem);
    fail_clear(r->rx);
    rc = r->source->next(r, row);
    if (rc <= 0)
        r->is_over = true;
    return rc;
}

/* ---- opening ---- */

static bool begins(const struct input *in, const char *magic, size_t n)
{
    return in->n - in->at >= n && memcmp(in->buf + in->at, magic, n) == 0;
}

/* One complete object on the first line and another one below: lines. */
static bool looks_like_lines(struct reader *r)
{
    const char *s = r->in.buf + r->in.at, *end = r->in.buf + r->in.n;
    const char *nl = memchr(s, '\n', (size_t)(end - s));
    bool ok;

    if (!nl)
        return false;
    ok = json_scan(r->rx, s, (size_t)(nl - s), NULL, NULL, NULL) == 0;
    fail_clear(r->rx);
    for (; ok && nl < end && strchr(" \t\r\n", *nl); nl++)
        ;
    return ok && nl < end && *nl == '{';
}

static enum source_kind guess(struct reader *r, const char *name)
{
    struct input *in = &r->in;
    size_t i = in->at, nl;
    char *lower = str_lower(r->rx, name ? name : "");

    if (sniff_archive(in->buf + in->at, in->n - in->at))
        return SOURCE_ARCHIVE;
    if (sniff_picture(in->buf + in->at, in->n - in->at) ||
        dzi_sniff(in->buf + in->at, in->n - in->at))
        return SOURCE_FILE;
    if (str_ends(lower, ".jsonl") || str_ends(lower, ".ndjson"))
        return SOURCE_JSONL;
    if (str_ends(lower, ".csv"))
        return SOURCE_CSV;
    if (str_ends(lower, ".tsv"))
        return SOURCE_TSV;
    if (str_ends(lower, ".txt"))
        return SOURCE_TEXT;
    while (i < in->n && strchr(" \t\r\n", in->buf[i]))
        i++;
    if (i < in->n && in->buf[i] == '[')
        return SOURCE_JSON;
    if (i < in->n && in->buf[i] == '{')
        return looks_like_lines(r) ? SOURCE_JSONL : SOURCE_JSON;
    if (str_ends(lower, ".json"))
        return SOURCE_JSON;
    for (nl = in->at; nl < in->n && in->buf[nl] != '\n'; nl++)
        if (in->buf[nl] == '\t')
            return SOURCE_TSV;
    return memchr(in->buf + in->at, ',', nl - in->at) ? SOURCE_CSV : SOURCE_TEXT;
}

static int reader_free(struct reader *r)
{
    if (r->source && r->source->close)
        r->source->close(r);
    if (r->in.f)
        fclose(r->in.f);
    return 0;
}

static struct reader *make(struct ctx *cx, FILE *f)
{
    struct reader *r = NEW(cx, struct reader);

    r->cx = cx;
    r->rx = ctx_new(r);
    r->rx->now = cx->now;
    r->in.f = f;
    r->image_field = "image";
    r->text_field = "text";
    r->in.line = 1;
    r->in.total = -1;
    talloc_set_destructor(r, reader_free);
    return r;
}

static int begin(struct reader *r, enum source_kind kind, const char *name)
{
    struct input *in = &r->in;
    struct stat st;
    int64_t got;

    if (fstat(fileno(in->f), &st) == 0 && S_ISREG(st.st_mode))
        in->total = st.st_size;
    if ((got = input_need(r, GUESS_BYTES)) < 0)
        return (int)got;
    if (begins(in, "\xff\xfe", 2) || begins(in, "\xfe\xff", 2))
        return fail(r->cx, E_INVALID, "The file is UTF-16. Save it as UTF-8.");
    if (begins(in, "\xef\xbb\xbf", 3))
        in->at += 3;
    r->kind = kind == SOURCE_GUESS ? guess(r, name) : kind;
    r->path = talloc_strdup(r, name ? name : "");
    r->source = kinds[r->kind].source;
    return r->source->open(r);
}

int reader_open_file(struct ctx *cx, enum source_kind kind, const char *name, FILE *f,
                     struct reader **out)
{
    *out = make(cx, f);
    return begin(*out, kind, name);
}

int reader_open(struct ctx *cx, enum source_kind kind, const char *path, struct reader **out)
{
    struct stat st;
    struct reader *r;
    FILE *f;

    *out = NULL;
    if (stat(path, &st) < 0)
        return fail(cx, E_NOTFOUND, "There is no such file to read.");
    if (S_ISDIR(st.st_mode)) {
        r = *out = make(cx, NULL);
        r->path = talloc_strdup(r, path);
        r->kind = SOURCE_FOLDER;
        r->source = &source_folder;
        return r->source->open(r);
    }
    if (!(f = fopen(path, "rbe")))
        return fail(cx, E_IO, "The file could not be opened: %s.", strerror(errno));
    return reader_open_file(cx, kind, path, f, out);
}

void reader_on_file(struct reader *r, reader_file *take, void *arg)
{
    r->take = take;
    r->take_arg = arg;
}

void reader_on_tiles(struct reader *r, reader_tiles_begin *first, reader_tiles_write *put,
                     reader_tiles_end *last)
{
    r->tiles_begin = first;
    r->tiles_write = put;
    r->tiles_end = last;
}

void reader_fields(struct reader *r, const char *image, const char *text)
{
    r->image_field = talloc_strdup(r, image);
    r->text_field = talloc_strdup(r, text);
}

enum source_kind reader_kind(const struct reader *r)
{
    return r->kind;
}

int64_t reader_done(const struct reader *r)
{
    return r->in.done - (int64_t)(r->in.n - r->in.at);
}

int64_t reader_total(const struct reader *r)
{
    return r->in.total;
}

void reader_close(struct reader *r)
{
    talloc_free(r);
}
