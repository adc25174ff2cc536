/* give.c -- the answer goes out: bytes, a file, or a stream in pieces. */
#include "http/inside.h"
#include "http/reply.h"
#include "http/stream.h"

#define BLOCK_BYTES (64 * 1024)             /* handed to the socket at a time */

static const char page_policy[] =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob: data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types annotary dompurify";

static int64_t send_ms(int64_t bytes)
{
    return 30000 + bytes * 1000 / (10 * 1024);
}

/* The loop asks for more of a stream. */
static ssize_t read_piece(void *cls, uint64_t pos, char *to, size_t max)
{
    struct rq *r = cls;
    bool fresh = false;
    ssize_t n = pipe_read(r->in->pipe, to, max, &fresh);

    (void)pos;
    if (fresh)
        reaper_set(r->server->reaper, r->in->peer->fd, send_ms(STREAM_PIECE));
    if (n == 0)
        inside_suspend(r);
    return n >= 0    ? n
           : n == -1 ? MHD_CONTENT_READER_END_OF_STREAM
                     : MHD_CONTENT_READER_END_WITH_ERROR;
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
        m = MHD_create_response_from_fd_at_offset64((uint64_t)a->size, a->fd, (uint64_t)a->at);
        if (m)
            a->fd = -1;                 /* closed with the response */
    } else if (a->kind == REPLY_STREAM && r->method != M_HEAD) {
        m = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_piece, r, NULL);
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
               send_ms(a->kind == REPLY_BYTES  ? (int64_t)a->n
                       : a->kind == REPLY_FILE ? a->size
                                               : 0));
    return ok;
}
