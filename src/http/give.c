/*
 * give.c -- the answer goes out: bytes, a file, or a stream in pieces.
 *
 * A stream has at most two pieces in memory: the one being sent, and the one a
 * worker makes meanwhile.  A client slower than the worker holds nothing but
 * its own connection.
 */
#include "http/inside.h"
#include "core/clock.h"
#include "core/log.h"
#include "http/reply.h"

#define PIECE_BYTES (64 * 1024 * 1024)      /* the most one piece may hold */
#define BLOCK_BYTES (64 * 1024)             /* handed to the socket at a time */

static const char page_policy[] =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; "
    "worker-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types annotary dompurify";

static int64_t send_ms(int64_t bytes)
{
    return 30000 + bytes * 1000 / (10 * 1024);
}

/* ---- streams --------------------------------------------------------------------------- */

static void make_piece(struct work_item *item)
{
    struct inside *in = (struct inside *)(void *)((char *)item - offsetof(struct inside, item));
    struct rq *r = in->rq;
    struct piece *p;
    struct ctx *cx = ctx_new(NULL);

    p = NEW(cx, struct piece);
    p->cx = cx;
    cx->who = r->cx->who;
    buf_init(&p->text, cx, PIECE_BYTES);
    in->stream_rc = r->reply.next(r, cx, &p->text);
    if (in->stream_rc >= 0 && p->text.rc < 0)
        in->stream_rc = p->text.rc;
    if (in->stream_rc < 0)
        log_error("request=%s stream cut off: %s", r->request_id, cx->why ? cx->why : "");
    in->made = p;
    inside_done(r);
}

static void order_piece(struct rq *r)
{
    r->in->making = true;
    r->server->away++;
    r->in->item.fn = make_piece;
    work_push(r->server->work, WORK_CHORE, &r->in->item);
}

void give_back(struct rq *r)
{
    r->in->making = false;
    r->in->last = r->in->stream_rc <= 0;
    if (!r->in->dead)
        reaper_set(r->server->reaper, r->in->peer->fd, send_ms((int64_t)r->in->made->text.n));
}

static ssize_t read_piece(void *cls, uint64_t pos, char *to, size_t max)
{
    struct rq *r = cls;
    struct inside *in = r->in;
    struct piece *p;
    size_t n;

    (void)pos;
    for (;;) {
        p = in->sending;
        if (p && p->sent < p->text.n)
            break;
        if (p)
            ctx_free(p->cx);
        in->sending = NULL;
        if (in->making) {
            inside_suspend(r);
            return 0;
        }
        if (!in->made)
            return in->stream_rc < 0 ? MHD_CONTENT_READER_END_WITH_ERROR
                                     : MHD_CONTENT_READER_END_OF_STREAM;
        in->sending = in->made;
        in->made = NULL;
        if (!in->last)
            order_piece(r);
    }
    n = p->text.n - p->sent < max ? p->text.n - p->sent : max;
    memcpy(to, p->text.s + p->sent, n);
    p->sent += n;
    return (ssize_t)n;
}

/* ---- the response ---------------------------------------------------------------------- */

static void policy(struct rq *r, struct MHD_Response *m)
{
    MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(m, "X-Request-Id", r->request_id);
    MHD_add_response_header(m, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(m, "Cross-Origin-Resource-Policy", "same-origin");
    if (r->reply.page) {
        MHD_add_response_header(m, "Content-Security-Policy", page_policy);
        MHD_add_response_header(m, "Cross-Origin-Opener-Policy", "same-origin");
        MHD_add_response_header(m, "Permissions-Policy",
                                "camera=(), microphone=(self), geolocation=(), payment=()");
    } else if (!r->reply.cached) {
        MHD_add_response_header(m, "Content-Security-Policy", "default-src 'none'; sandbox");
    }
    if (!r->reply.cached)
        MHD_add_response_header(m, "Cache-Control", "no-store");
    if (r->https)
        MHD_add_response_header(m, "Strict-Transport-Security", "max-age=31536000");
}

static struct MHD_Response *build(struct rq *r)
{
    struct reply *a = &r->reply;
    struct MHD_Response *m;

    if (a->kind == REPLY_FILE) {
        m = MHD_create_response_from_fd64((uint64_t)a->size, a->fd);
        if (m)
            a->fd = -1;                 /* closed with the response */
    } else if (a->kind == REPLY_STREAM && r->method != M_HEAD) {
        m = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_piece, r, NULL);
        order_piece(r);
    } else {
        m = MHD_create_response_from_buffer(a->kind == REPLY_BYTES ? a->n : 0,
                                            (void *)(uintptr_t)(a->body ? a->body : ""),
                                            MHD_RESPMEM_PERSISTENT);
    }
    return m;
}

enum MHD_Result give(struct rq *r)
{
    struct reply *a = &r->reply;
    struct MHD_Response *m = build(r);
    enum MHD_Result ok;

    r->in->stage = STAGE_GIVEN;
    if (!m)
        return MHD_NO;
    if (a->type)
        MHD_add_response_header(m, "Content-Type", a->type);
    for (struct reply_header *h = a->headers; h; h = h->next)
        MHD_add_response_header(m, h->name, h->value);
    policy(r, m);
    if (atomic_load(&r->server->stop))
        MHD_add_response_header(m, "Connection", "close");
    ok = MHD_queue_response(r->in->conn, (unsigned)a->status, m);
    MHD_destroy_response(m);
    atomic_fetch_add(&r->server->requests, 1);
    reaper_set(r->server->reaper, r->in->peer->fd,
               send_ms(a->kind == REPLY_BYTES ? (int64_t)a->n : a->kind == REPLY_FILE ? a->size : 0));
    return ok;
}
