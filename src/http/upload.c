/*
 * upload.c -- see upload.h.
 *
 * Multipart is cut by hand: look for CRLF "--" boundary; keep back as many
 * bytes as the delimiter is long, since it may be split between two chunks.
 */
#include "http/upload.h"
#include "domain/run.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <unistd.h>

enum where { PREAMBLE, HEADERS, DATA, EPILOGUE };

struct upload {
    char *in;                   /* collected by the loop */
    size_t n;
    char *work;                 /* what is not cut yet, then the chunk */
    size_t nwork;
    char *mark;                 /* CRLF--boundary, NULL: the body is one file */
    size_t nmark;
    enum where where;
    struct part *parts, **end, *now;
    struct buf value;           /* of the form field under way */
    int nparts, fd;
    bool begun;
    crypto_hash_sha256_state hash;
};

static char *parameter(struct ctx *cx, const char *header, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = strchr(header, ';'); p; p = strchr(p, ';')) {
        const char *v;

        p += 1 + strspn(p + 1, " \t");
        if (strncasecmp(p, name, n) != 0 || p[n] != '=')
            continue;
        v = p + n + 1;
        if (*v == '"') {
            const char *q = v + 1;

            while (*q && *q != '"')
                q += q[0] == '\\' && q[1] ? 2 : 1;
            return *q ? talloc_strndup(cx->mem, v + 1, (size_t)(q - v - 1)) : NULL;
        }
        return talloc_strndup(cx->mem, v, strcspn(v, "; \t"));
    }
    return NULL;
}

void upload_new(struct rq *r)
{
    struct upload *u = NEW(r->cx, struct upload);
    const char *type = r->head[RH_CONTENT_TYPE];

    u->fd = -1;
    u->end = &u->parts;
    crypto_hash_sha256_init(&u->hash);
    if (type && strncasecmp(type, "multipart/form-data", 19) == 0) {
        char *boundary = parameter(r->cx, type, "boundary");

        u->mark = talloc_asprintf(r->cx->mem, "\r\n--%s", boundary ? boundary : "");
        u->nmark = strlen(u->mark);
    }
    r->upload = u;
}

size_t upload_take(struct upload *u, const char *data, size_t n)
{
    size_t room = UPLOAD_CHUNK - u->n;

    if (!u->in)
        u->in = talloc_array(u, char, UPLOAD_CHUNK);
    if (n > room)
        n = room;
    memcpy(u->in + u->n, data, n);
    u->n += n;
    return n;
}

bool upload_full(const struct upload *u)
{
    return u->n == UPLOAD_CHUNK;
}

/* ---- parts ----------------------------------------------------------------------------- */

static int part_begin(struct rq *r, bool file, const char *name, const char *file_name,
                      const char *type)
{
    struct upload *u = r->upload;
    struct part *p = NEW(r->cx, struct part);
    char *spool;
    int rc;

    if (++u->nparts > LIMIT_UPLOAD_PARTS)
        return fail(r->cx, E_TOOBIG, "The upload has more than %d parts.",
                    (int)LIMIT_UPLOAD_PARTS);
    p->name = name;
    p->file_name = file_name ? file_name : "";
    p->type = type ? type : "";
    if (file) {
        if ((rc = run_spool(r->cx, r->run, &spool, &u->fd)) < 0)
            return rc;
        p->spool = spool;
    } else {
        buf_init(&u->value, r->cx, UPLOAD_FIELD);
    }
    *u->end = p;
    u->end = &p->next;
    u->now = p;
    return 0;
}

static int part_data(struct rq *r, const char *s, size_t n)
{
    struct upload *u = r->upload;

    u->now->bytes += (int64_t)n;
    if (!u->now->spool)
        return buf_add(&u->value, s, n) < 0
                   ? fail(r->cx, E_TOOBIG, "The form field %s is larger than %d bytes.",
                          u->now->name, UPLOAD_FIELD)
                   : 0;
    while (n > 0) {
        ssize_t k = write(u->fd, s, n);

        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return fail(r->cx, errno == ENOSPC || errno == EDQUOT ? E_FULL : E_BUSY,
                        "The upload could not be stored.");
        s += k;
        n -= (size_t)k;
    }
    return 0;
}

static void part_close(struct upload *u)
{
    if (!u->now)
        return;
    if (u->fd >= 0)
        close(u->fd);
    u->fd = -1;
    if (!u->now->spool)
        u->now->value = u->value.s ? u->value.s : "";
    u->now = NULL;
}

/* The header lines of a part, up to the empty one.  `s` is NUL-terminated there. */
static int part_headers(struct rq *r, const char *s)
{
    char *name = NULL, *file = NULL, *type = NULL;

    while (*s) {
        size_t n = strcspn(s, "\r\n");
        char *line = talloc_strndup(r->cx->mem, s, n);

        if (strncasecmp(line, "Content-Disposition:", 20) == 0) {
            name = parameter(r->cx, line, "name");
            file = parameter(r->cx, line, "filename");
        } else if (strncasecmp(line, "Content-Type:", 13) == 0) {
            type = str_trim(r->cx, line + 13);
        }
        s += n;
        s += strspn(s, "\r\n");
    }
    if (!name || !utf8_valid(name, strlen(name)) || (file && !utf8_valid(file, strlen(file))))
        return fail(r->cx, E_INVALID,
                    "A part of the upload has no name, or one that is not UTF-8.");
    return part_begin(r, file != NULL, name, file, type);
}

/* ---- cutting --------------------------------------------------------------------------- */

static void eat(struct upload *u, size_t n)
{
    memmove(u->work, u->work + n, u->nwork - n);
    u->nwork -= n;
}

/* After a delimiter: CRLF begins a part, "--" ends them all.  1 moved on, 0 more bytes wanted. */
static int after_mark(struct rq *r)
{
    struct upload *u = r->upload;

    if (u->nwork < 2)
        return 0;
    if (memcmp(u->work, "--", 2) == 0) {
        u->where = EPILOGUE;
    } else if (memcmp(u->work, "\r\n", 2) == 0) {
        u->where = HEADERS;             /* the CRLF stays: an empty header block ends at once */
        return 1;
    } else {
        return fail(r->cx, E_INVALID, "The multipart body is malformed after a boundary.");
    }
    eat(u, 2);
    return 1;
}

/* 1 moved on, 0 more bytes wanted. */
static int cut_headers(struct rq *r)
{
    struct upload *u = r->upload;
    char *end = memmem(u->work, u->nwork, "\r\n\r\n", 4);
    char *text;
    int rc;

    if (!end)
        return u->nwork > 16384
                   ? fail(r->cx, E_INVALID, "A part of the upload has too long a header.") : 0;
    text = talloc_strndup(r->cx->mem, u->work + 2,
                          end < u->work + 2 ? 0 : (size_t)(end - u->work - 2));
    eat(u, (size_t)(end - u->work) + 4);
    u->where = DATA;
    rc = part_headers(r, text);
    return rc < 0 ? rc : 1;
}

static int cut_data(struct rq *r)
{
    struct upload *u = r->upload;
    char *mark = memmem(u->work, u->nwork, u->mark, u->nmark);
    size_t n = mark ? (size_t)(mark - u->work) : u->nwork > u->nmark ? u->nwork - u->nmark : 0;
    int rc = 0;

    if (n > 0 && u->now)
        rc = part_data(r, u->work, n);
    eat(u, n);
    if (rc < 0 || !mark)
        return rc;
    if (u->nwork < u->nmark + 2)
        return 0;                       /* what follows the delimiter is not here yet */
    part_close(u);
    eat(u, u->nmark);
    rc = after_mark(r);
    return rc < 0 ? rc : 1;
}

static int cut(struct rq *r)
{
    struct upload *u = r->upload;
    int rc = 1;

    while (rc > 0 && u->where != EPILOGUE)
        rc = u->where == HEADERS ? cut_headers(r) : cut_data(r);
    if (u->where == EPILOGUE)
        u->nwork = 0;
    return rc < 0 ? rc : 0;
}

static int begin(struct rq *r)
{
    struct upload *u = r->upload;

    u->begun = true;
    if (!u->mark)
        return part_begin(r, true, "file", r->head[RH_FILE_NAME], r->head[RH_CONTENT_TYPE]);
    if (u->nmark < 5 || u->nmark > 4 + 70)
        return fail(r->cx, E_INVALID, "The multipart body has no usable boundary.");
    u->work = talloc_array(u, char, UPLOAD_CHUNK + 32768);
    memcpy(u->work, "\r\n", 2);         /* the first delimiter may stand at the very start */
    u->nwork = 2;
    return 0;
}

int upload_flush(struct rq *r)
{
    struct upload *u = r->upload;
    size_t n = u->n;
    int rc;

    if (!u->begun && (rc = begin(r)) < 0)
        return rc;
    if (n == 0)
        return 0;
    u->n = 0;
    crypto_hash_sha256_update(&u->hash, (const unsigned char *)u->in, n);
    if (!u->mark)
        return part_data(r, u->in, n);
    assert(u->nwork + n <= UPLOAD_CHUNK + 32768);
    memcpy(u->work + u->nwork, u->in, n);
    u->nwork += n;
    return cut(r);
}

int upload_end(struct rq *r)
{
    struct upload *u = r->upload;
    int rc = upload_flush(r);

    if (rc >= 0 && u->mark && u->where != EPILOGUE)
        rc = fail(r->cx, E_INVALID, "The multipart body has no end.");
    part_close(u);
    if (rc < 0)
        return rc;
    r->parts = u->parts;
    return 0;
}

void upload_forget(struct rq *r)
{
    part_close(r->upload);
    for (struct part *p = r->upload->parts; p; p = p->next) {
        if (p->spool)
            run_spool_remove(r->run, p->spool);
        p->spool = NULL;
    }
}

void upload_digest(struct upload *u, uint8_t out[32])
{
    crypto_hash_sha256_state copy = u->hash;

    crypto_hash_sha256_final(&copy, out);
}

struct part *upload_part(struct rq *r, const char *name)
{
    struct part *p = r->parts;

    while (p && strcmp(p->name, name) != 0)
        p = p->next;
    return p;
}

struct part *upload_file(struct rq *r)
{
    struct part *p = r->parts;

    while (p && !p->spool)
        p = p->next;
    return p;
}

char *upload_keep(struct part *p)
{
    char *name = (char *)(uintptr_t)p->spool;

    p->spool = NULL;
    return name;
}
