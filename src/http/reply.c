/* reply.c -- see reply.h. */
#include "http/reply.h"
#include "core/clock.h"

#include <assert.h>
#include <stdarg.h>
#include <unistd.h>

void reply_reset(struct rq *r)
{
    if (r->reply.kind == REPLY_FILE && r->reply.fd >= 0)
        close(r->reply.fd);
    r->reply = (struct reply){ .fd = -1 };
}

int reply_bytes(struct rq *r, int status, const char *type, const char *body, size_t n)
{
    r->reply.status = status;
    r->reply.kind = REPLY_BYTES;
    r->reply.type = type;
    r->reply.body = body;
    r->reply.n = n;
    return 0;
}

int reply_text(struct rq *r, int status, const char *text)
{
    return reply_bytes(r, status, "text/plain; charset=utf-8", text, strlen(text));
}

int reply_empty(struct rq *r, int status)
{
    return reply_bytes(r, status, NULL, "", 0);
}

int reply_json(struct rq *r, int status, json_t *v)
{
    char *s = json_text(r->cx, v);

    json_decref(v);
    return reply_bytes(r, status, "application/json", s, strlen(s));
}

int reply_file(struct rq *r, const char *type, int fd, int64_t size)
{
    return reply_file_part(r, type, fd, 0, size);
}

int reply_file_part(struct rq *r, const char *type, int fd, int64_t at, int64_t size)
{
    r->reply.status = 200;
    r->reply.kind = REPLY_FILE;
    r->reply.type = type;
    r->reply.fd = fd;
    r->reply.at = at;
    r->reply.size = size;
    return 0;
}

int reply_stream(struct rq *r, const char *type, produce_fn *produce)
{
    r->reply.status = 200;
    r->reply.kind = REPLY_STREAM;
    r->reply.type = type;
    r->reply.produce = produce;
    return 0;
}

static json_t *fields_object(struct rq *r, bool lists)
{
    json_t *o = json_object();

    for (struct field_error *f = r->cx->fields; f; f = f->next) {
        bool place = str_starts(f->path, "line ");      /* of a labelling config */
        const char *path = place ? "label_config" : f->path;
        json_t *why = !place || strncasecmp(f->why, "line ", 5) == 0 ? json_string(f->why)
                             : json_sprintf("L%s: %s", f->path + 1, f->why);
        json_t *have = json_object_get(o, path);

        if (lists && have)
            json_array_insert_new(have, 0, why);        /* the list is newest first */
        else if (lists)
            json_object_set_new(o, path, json_pack("[o]", why));
        else
            json_object_set_new(o, path, why);
    }
    return o;
}

int reply_error(struct rq *r, int code)
{
    int status = err_status(code);
    bool ours = code == E_INTERNAL || code == E_IO;
    const char *why = r->cx->why;
    json_t *o, *lists;

    if (code == E_NOTFOUND && !why)
        why = "Not found.";
    if (ours)           /* what went wrong inside is for the log, with the request's id */
        why = "Something went wrong on the server. Nothing was stored.";
    if (!why)
        why = err_word(code);
    o = json_pack("{s:s, s:s}", "detail", why, "code", err_name(code));
    if (r->cx->fields && !ours) {
        lists = fields_object(r, true);
        json_object_set_new(o, "fields", fields_object(r, false));
        if (json_object_get(lists, "label_config"))
            json_object_set(o, "label_config", json_object_get(lists, "label_config"));
        json_object_set_new(o, "validation_errors", lists);
    }
    json_object_set_new(o, "request_id", json_string(r->request_id));
    reply_reset(r);
    reply_json(r, status, o);
    if (status == 503 || status == 429)
        reply_header(r, "Retry-After", "%d", 1 + (int)rng_below(&r->cx->rng, 3));
    if (status == 401)
        reply_header(r, "WWW-Authenticate", "Token");
    return 0;
}

void reply_header(struct rq *r, const char *name, const char *fmt, ...)
{
    struct reply_header *h = NEW(r->cx, struct reply_header), **end = &r->reply.headers;
    va_list ap;

    va_start(ap, fmt);
    h->name = name;
    h->value = talloc_vasprintf(r->cx->mem, fmt, ap);
    va_end(ap);
    assert(!strpbrk(h->value, "\r\n"));
    while (*end)
        end = &(*end)->next;
    *end = h;
}

void reply_attachment(struct rq *r, const char *file_name)
{
    char *plain = talloc_strdup(r->cx->mem, file_name);
    struct buf utf;

    buf_init(&utf, r->cx, 4096);
    for (char *p = plain; *p; p++) {
        unsigned char c = (unsigned char)*p;

        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
            strchr("-_.~", c)) {
            buf_addc(&utf, (char)c);
        } else {
            buf_addf(&utf, "%%%02X", c);
            if (c < 0x20 || c > 0x7e || strchr("\"\\/;%", c))
                *p = '_';
        }
    }
    reply_header(r, "Content-Disposition", "attachment; filename=\"%s\"; filename*=UTF-8''%s",
                 plain, utf.s && utf.rc == 0 ? utf.s : "download");
}

json_t *reply_page(struct rq *r, int64_t count, int page, int page_size, json_t *results)
{
    json_t *o = json_pack("{s:I}", "count", (json_int_t)count);
    const char *host = r->head[RH_HOST] ? r->head[RH_HOST] : "localhost";

    for (int side = 1; side >= -1; side -= 2) {
        bool there = side > 0 ? (int64_t)page * page_size < count : page > 1;

        json_object_set_new(o, side > 0 ? "next" : "previous",
                            there ? json_sprintf("%s://%s%s?page=%d&page_size=%d",
                                                 r->https ? "https" : "http", host, r->path,
                                                 page + side, page_size)
                                  : json_null());
    }
    json_object_set_new(o, "results", results);
    return o;
}

json_t *json_time(int64_t ms)
{
    char iso[CLOCK_ISO_SIZE];

    return ms > 0 ? json_string(clock_iso(iso, ms)) : json_null();
}
