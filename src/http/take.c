/*
 * take.c -- a request comes in: head, body, over to a worker.
 *
 * libmicrohttpd lets us answer only before the body or after it.  A refused
 * body is therefore read and forgotten, as far as that is reasonable, so that
 * the client hears why instead of a reset.
 */
#include "http/inside.h"
#include "core/clock.h"
#include "core/id.h"
#include "http/act.h"
#include "http/reply.h"
#include "http/stream.h"
#include "http/ui.h"
#include "http/upload.h"

#include <unistd.h>

static struct rq *begin(struct server *s, struct MHD_Connection *conn, const char *method)
{
    struct ctx *cx = ctx_new(NULL);
    struct rq *r = NEW(cx, struct rq);

    r->cx = cx;
    r->in = NEW(cx, struct inside);
    r->in->rq = r;
    r->in->conn = conn;
    r->in->peer = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    r->in->begun_us = clock_mono_us();
    r->server = s;
    r->run = s->run;
    r->method = method_parse(method);
    r->path = "/";
    id_base62(r->request_id, 16);
    reply_reset(r);
    atomic_fetch_add(&s->open, 1);
    return r;
}

void take_end(struct rq *r)
{
    struct server *s = r->server;

    if (r->upload)
        upload_forget(r);
    s->bodies -= (int64_t)r->in->cap;
    if (r->in->pipe)
        pipe_abandon(r->in->pipe);
    if (r->reply.fd >= 0)
        close(r->reply.fd);
    atomic_fetch_sub(&s->open, 1);
    ctx_free(r->cx);
}

/* Who is at the other end, as far as we believe it. */
static void origin(struct rq *r)
{
    const struct connection *c = r->in->peer;
    const char *via = r->head[RH_FORWARDED_FOR], *last;

    r->cx->who.ip = talloc_strdup(r->cx->mem, c->ip);
    if (!c->proxy)
        return;
    r->https = r->head[RH_FORWARDED_PROTO] && str_same_nocase(r->head[RH_FORWARDED_PROTO], "https");
    if (via && strlen(via) < 1000) {
        last = strrchr(via, ',');
        r->cx->who.ip = str_trim(r->cx, last ? last + 1 : via);
    }
}

static int64_t announced(const struct rq *r)
{
    int64_t n;

    return r->head[RH_CONTENT_LENGTH] && str_int(r->head[RH_CONTENT_LENGTH], &n) ? n : 0;
}

static int64_t body_limit(const struct rq *r)
{
    return r->route->body ? r->route->body : UNEXPECTED_BODY;
}

/* The floor: 1 KiB/s after a grace. */
static void body_deadline(struct rq *r)
{
    int64_t spent = (clock_mono_us() - r->in->begun_us) / 1000;
    int64_t left = r->server->opts.body_grace_ms +
                   (r->in->got + r->in->dropped) * 1000 / 1024 - spent;

    reaper_set(r->server->reaper, r->in->peer->fd, left > 0 ? left : 0);
}

/* Answer with what stands in r->reply: now, or when a modest body has gone by. */
static enum MHD_Result refuse(struct rq *r, bool body)
{
    if (body && announced(r) <= DROP_BYTES && !r->in->peer->long_line) {
        r->in->stage = STAGE_DROP;
        body_deadline(r);
        return MHD_YES;
    }
    if (body)
        reply_header(r, "Connection", "close");
    return give(r);
}

static int find(struct rq *r, const char **allow)
{
    int rc = router_find(r->server->router, r, allow);

    if (rc == E_NOTFOUND && (r->method == M_GET || r->method == M_HEAD) && ui_serves(r->path)) {
        r->route = &ui_route;
        return 0;
    }
    if (rc == E_METHOD)
        return fail(r->cx, rc, "This address does not take that method. It takes %s.", *allow);
    return rc < 0 ? fail(r->cx, rc, "Not found.") : 0;
}

static int check(struct rq *r, bool body, const char **allow)
{
    int64_t n = announced(r);
    int rc;

    if (atomic_load(&r->server->stop))
        return fail(r->cx, E_BUSY, "The server is being stopped.");
    if ((rc = find(r, allow)) < 0)
        return rc;
    if (n > body_limit(r))
        return fail(r->cx, E_TOOBIG, "The body is larger than %lld bytes.",
                    (long long)body_limit(r));
    if (body && r->route->kind != ROUTE_UPLOAD && r->server->bodies + n > LIMIT_BODIES_BYTES)
        return fail(r->cx, E_BUSY, "Too much is being sent at once. Try again in a moment.");
    return 0;
}

static enum MHD_Result first(struct server *s, struct MHD_Connection *conn, const char *url,
                             const char *method, const char *version, void **state)
{
    struct rq *r = begin(s, conn, method);
    const char *allow = NULL;
    bool body = false;
    int rc;

    *state = r;
    rc = strict_headers(r, &body);
    if (rc >= 0 && strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        rc = fail(r->cx, E_INVALID, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
    if (rc < 0) {                       /* where such a request ends is anybody's guess: close */
        reply_error(r, rc);
        reply_header(r, "Connection", "close");
        return give(r);
    }
    origin(r);
    rc = strict_path(r, url);
    if (rc >= 0)
        rc = check(r, body, &allow);
    if (rc < 0) {
        reply_error(r, rc);
        if (allow)
            reply_header(r, "Allow", "%s", allow);
        return refuse(r, body);
    }
    r->on = r->route->on;
    if (r->route->kind == ROUTE_UPLOAD)
        upload_new(r);
    if (body)
        body_deadline(r);
    return MHD_YES;
}

/* ---- the body -------------------------------------------------------------------------- */

static enum MHD_Result drop(struct rq *r, size_t *ndata)
{
    r->in->dropped += (int64_t)*ndata;
    *ndata = 0;
    if (r->in->dropped > DROP_BYTES)
        return MHD_NO;
    body_deadline(r);
    return MHD_YES;
}

static enum MHD_Result too_big(struct rq *r, size_t *ndata, int rc)
{
    reply_error(r, rc);
    r->in->stage = STAGE_DROP;
    return drop(r, ndata);
}

static void grow(struct rq *r, size_t need)
{
    struct inside *in = r->in;
    int64_t n = announced(r);
    size_t cap = in->cap ? in->cap * 2 : 4096;

    while (cap < need)
        cap *= 2;
    if (n > 0 && (size_t)n + 1 >= need && cap > (size_t)n + 1)
        cap = (size_t)n + 1;
    in->body = talloc_realloc(r->cx->mem, in->body, char, (unsigned)cap);
    r->server->bodies += (int64_t)(cap - in->cap);
    in->cap = cap;
}

/* Give the connection to a worker until the chunk is written. */
static enum MHD_Result away_chunk(struct rq *r)
{
    r->in->stage = STAGE_CHUNK;
    r->server->away++;
    r->in->item.fn = act_chunk;
    work_push(r->server->work, WORK_CHORE, &r->in->item);
    inside_suspend(r);
    return MHD_YES;
}

static enum MHD_Result more(struct rq *r, const char *data, size_t *ndata)
{
    struct inside *in = r->in;
    size_t n = *ndata;

    if (in->stage == STAGE_CHUNK)       /* suspended, yet MHD goes on to the next HTTP chunk: */
        return MHD_YES;                 /* nothing of it is taken, so it comes again later */
    if (in->stage != STAGE_BODY)
        return drop(r, ndata);
    if (in->got + (int64_t)n > body_limit(r))
        return too_big(r, ndata, fail(r->cx, E_TOOBIG, "The body is larger than %lld bytes.",
                                      (long long)body_limit(r)));
    if (r->upload) {
        n = upload_take(r->upload, data, n);
    } else if (r->route->body) {
        if (in->got + (int64_t)n + 1 > (int64_t)in->cap) {
            if (r->server->bodies > LIMIT_BODIES_BYTES)
                return too_big(r, ndata, fail(r->cx, E_BUSY, "Too much is being sent at once. "
                                                             "Try again in a moment."));
            grow(r, (size_t)in->got + n + 1);
        }
        memcpy(in->body + in->got, data, n);
        in->body[(size_t)in->got + n] = 0;
    }
    in->got += (int64_t)n;
    *ndata -= n;
    body_deadline(r);
    return r->upload && upload_full(r->upload) ? away_chunk(r) : MHD_YES;
}

/* ---- over to a worker ------------------------------------------------------------------ */

static bool is_write(const struct rq *r)
{
    return r->route->kind >= ROUTE_WRITE;
}

static int room(struct rq *r)
{
    struct server *s = r->server;

    if (!is_write(r))
        return 0;
    if (atomic_load(&s->writes) >= (int)LIMIT_QUEUE_ACTS ||
        atomic_load(&s->write_bytes) + (long long)r->nbody > LIMIT_QUEUE_BYTES)
        return E_BUSY;
    return 0;
}

static enum MHD_Result dispatch(struct rq *r)
{
    struct server *s = r->server;

    r->body = r->in->body;
    r->nbody = r->in->body ? (size_t)r->in->got : 0;
    if (r->route->kind == ROUTE_LOOP) {
        r->route->act(r);
        return give(r);
    }
    r->in->item.fn = act_begin;
    if (room(r) < 0 ||
        !work_push(s->work, is_write(r) ? WORK_WRITE : WORK_READ, &r->in->item)) {
        fail(r->cx, E_BUSY, "The server has more to do than it can hold. Try again in a moment.");
        reply_error(r, E_BUSY);
        atomic_fetch_add(&s->refused, 1);
        return give(r);
    }
    r->in->stage = STAGE_AWAY;
    s->away++;
    inside_suspend(r);
    return MHD_YES;
}

enum MHD_Result take(void *cls, struct MHD_Connection *conn, const char *url, const char *method,
                     const char *version, const char *data, size_t *ndata, void **state)
{
    struct rq *r = *state;

    if (!r)
        return first(cls, conn, url, method, version, state);
    if (*ndata > 0)
        return more(r, data, ndata);
    switch (r->in->stage) {
    case STAGE_BODY:
        return dispatch(r);
    case STAGE_DROP:
    case STAGE_READY:
        return give(r);
    default:
        return MHD_YES;
    }
}
